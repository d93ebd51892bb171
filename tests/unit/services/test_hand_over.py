"""One player for each user: the second one's tracks are played by the first."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator, Mapping
from functools import partial

import pytest
from controlled_player import Controlled, controlled, short_home

from auralis_cli.errors import CancelledError, NoPlayerError
from auralis_cli.model.play_request import DeviceWishes, PlayRequest, PlayWishes
from auralis_cli.model.playback import PlayerState
from auralis_cli.model.player_choices import NormalizeMode, RepeatMode
from auralis_cli.model.queue import QueueTrack, ShuffleMode
from auralis_cli.player.control_place import DEFAULT_NAME, ControlClaim, claim_name
from auralis_cli.services.hand_over import claim_or_reach, hand_over, reach
from auralis_cli.services.remote_player import RemotePlayer

FIRST = (QueueTrack("/m/a.flac"), QueueTrack("/m/b.flac"))
# One of a sheet, one of the library, one whose name is not UTF-8.
SECOND = (
    QueueTrack("/m/c.cue", 3),
    QueueTrack("/m/d.flac", 0, 7),
    QueueTrack(os.fsdecode(b"/m/caf\xe9\n.flac")),
)


def ignored() -> None:
    """Nothing to look around for."""


@pytest.fixture
def environ() -> Iterator[Mapping[str, str]]:
    with short_home() as made:
        yield made


@pytest.fixture
def running(environ: Mapping[str, str]) -> Iterator[Controlled]:
    with controlled(environ) as one:
        one.player.set_queue(FIRST)
        yield one


def handed(request: PlayRequest, environ: Mapping[str, str]) -> str:
    reached = claim_or_reach(environ, ignored)
    assert isinstance(reached, RemotePlayer)
    with reached as player:
        return hand_over(request, player)


@pytest.mark.invariant("S2-NEW-13")
def test_both_queues_are_in_the_one_player_and_the_second_is_played(
    running: Controlled, environ: Mapping[str, str]
) -> None:
    assert handed(PlayRequest(SECOND), environ) == "3 tracks handed to the player that runs"
    queue = running.player.queue
    assert tuple(item.track for item in queue.items) == FIRST + SECOND
    assert queue.index == len(FIRST)
    assert running.player.snapshot().state is PlayerState.PLAYING


def test_thousands_are_handed_over_in_order(running: Controlled, environ: Mapping[str, str]) -> None:
    many = tuple(QueueTrack(f"/music/some folder/{number:05d} - a title of some length.flac") for number in range(5000))
    handed(PlayRequest(many), environ)
    assert tuple(item.track for item in running.player.queue.items) == FIRST + many


def test_what_is_wished_for_holds_for_it_too(running: Controlled, environ: Mapping[str, str]) -> None:
    wishes = PlayWishes(35.0, True, "warm", 0.5, NormalizeMode.ALBUM, RepeatMode.ALL, 2.0, ShuffleMode.SMART)
    handed(PlayRequest(SECOND, wishes, DeviceWishes("hifi")), environ)
    now = running.player.snapshot()
    assert (now.volume, now.is_enhanced, now.wish.preset, now.wish.intensity) == (35.0, True, "warm", 0.5)
    assert (now.normalize, now.repeat, now.crossfade_s) == (NormalizeMode.ALBUM, RepeatMode.ALL, 2.0)
    assert (now.device, now.is_shuffled) == ("hifi", True)
    handed(PlayRequest(wishes=PlayWishes(tilt_db=1.5, width_db=-1.0, preferences=False)), environ)
    now = running.player.snapshot()
    assert (now.wish.tilt_db, now.wish.width_db, now.goes_by_taste) == (1.5, -1.0, False)


def test_without_tracks_it_plays_on(running: Controlled, environ: Mapping[str, str]) -> None:
    running.player.pause()
    assert handed(PlayRequest(), environ) == "the player that runs plays on"
    assert running.player.snapshot().state is PlayerState.PLAYING
    assert len(running.player.queue.items) == len(FIRST)


def test_where_none_runs_the_name_is_ours(environ: Mapping[str, str]) -> None:
    claim = claim_or_reach(environ, ignored)
    assert isinstance(claim, ControlClaim)
    claim.release()


@pytest.mark.invariant("S2-NEW-13")
@pytest.mark.parametrize("reached_by", [claim_or_reach, partial(reach, DEFAULT_NAME)])
def test_one_that_has_just_taken_the_name_is_waited_for(
    reached_by: Callable[[Mapping[str, str], Callable[[], None]], object], environ: Mapping[str, str]
) -> None:
    claim = claim_name(environ=environ)
    assert claim is not None
    made: list[Controlled] = []
    looked: list[None] = []

    def listens() -> None:
        assert claim is not None
        claim.release()
        made.append(Controlled(environ))

    def look_around() -> None:
        looked.append(None)
        if len(looked) == 2:
            thread = threading.Thread(target=listens)
            thread.start()
            thread.join()

    reached = reached_by(environ, look_around)
    assert isinstance(reached, RemotePlayer)
    reached.close()
    made[0].close()
    assert len(looked) == 2


def test_where_none_runs_none_is_waited_for(environ: Mapping[str, str]) -> None:
    with pytest.raises(NoPlayerError, match="no player runs"):
        reach(DEFAULT_NAME, environ, lambda: pytest.fail("it waits"))


def test_waiting_for_one_that_starts_can_be_cancelled(environ: Mapping[str, str]) -> None:
    claim = claim_name(environ=environ)
    assert claim is not None

    def cancelled() -> None:
        raise CancelledError

    with pytest.raises(CancelledError):
        claim_or_reach(environ, cancelled)
    claim.release()
