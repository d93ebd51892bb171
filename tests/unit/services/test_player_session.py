"""What a player is wired to is given back on every way out."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest
from controlled_player import short_home
from patience import until

from auralis_cli.db.store import Store
from auralis_cli.errors import CancelledError
from auralis_cli.model.live_mastering import MasteringWish
from auralis_cli.model.play_request import PlayRequest, PlayWishes
from auralis_cli.model.playback import PlayerSettings
from auralis_cli.model.player_choices import NormalizeMode
from auralis_cli.model.presets import PRESETS
from auralis_cli.model.queue import Queue, QueueEdit, QueueTrack
from auralis_cli.player.control_place import claim_name
from auralis_cli.services.player_session import PlayerPlaces, PlayerSession, open_player, settings_with

pytestmark = pytest.mark.usefixtures("patient_memory")
NOW = 1_700_000_000


def opened(library: Path, run: Callable[[PlayerSession], None], *, keeps: bool = True) -> None:
    """A player without tracks, which needs no device."""
    with short_home() as environ:
        claim = claim_name(environ=environ)
        assert claim is not None
        places = PlayerPlaces(library, PRESETS, environ, keeps, claim, lambda: None, lambda _line: None)
        with open_player(places, PlayRequest()) as session:
            session.begin()
            assert claim.socket_path.exists()
            run(session)


def left_over(before: set[int]) -> list[str]:
    return [thread.name for thread in threading.enumerate() if thread.ident not in before]


@pytest.mark.invariant("S4-D3.5")
@pytest.mark.parametrize("error", [None, CancelledError, KeyboardInterrupt, RuntimeError])
def test_whatever_ends_it_threads_and_files_are_given_back(error: type[BaseException] | None, tmp_path: Path) -> None:
    def run(_session: PlayerSession) -> None:
        if error is not None:
            raise error

    def once() -> None:
        with suppress(*([error] if error is not None else [])):
            opened(tmp_path / "library.db", run)

    # What is loaded once stays open.
    once()
    threads = {thread.ident or 0 for thread in threading.enumerate()}
    files = len(os.listdir("/proc/self/fd"))
    once()
    # One that was not given a processor is left behind at last, and ends by itself.
    until(lambda: left_over(threads) == [], "a thread goes on")
    # One of an earlier test may have been closed meanwhile.
    until(lambda: len(os.listdir("/proc/self/fd")) <= files, "a file stays open")


def test_what_is_begun_without_being_kept_leaves_the_library_as_it_was(tmp_path: Path) -> None:
    library = tmp_path / "library.db"
    opened(library, lambda session: session.player.add([QueueTrack("/m/a.flac")]), keeps=False)
    assert not library.exists()
    with Store.open(library, program="test", now=NOW) as store:
        store.queue.save(Queue().set([QueueTrack("/m/kept.flac")]), QueueEdit.SET, now=NOW)
    seen: list[int] = []

    def run(session: PlayerSession) -> None:
        seen.append(len(session.player.queue.items))
        session.player.add([QueueTrack("/m/a.flac")])

    opened(library, run, keeps=False)
    with Store.open(library, program="test", now=NOW) as store:
        assert [item.track.path for item in store.queue.load().items] == ["/m/kept.flac"]
    assert seen == [0]


def test_what_is_edited_is_there_for_the_next_one(tmp_path: Path) -> None:
    library = tmp_path / "library.db"
    queued = [QueueTrack("/m/a.flac"), QueueTrack(os.fsdecode(b"/m/\xff.flac"))]

    def first(session: PlayerSession) -> None:
        session.player.add(queued)
        session.player.set_volume(35.0)

    found: list[tuple[list[QueueTrack], float]] = []

    def second(session: PlayerSession) -> None:
        player = session.player
        player.stop()
        found.append(([item.track for item in player.queue.items], player.settings.volume))

    opened(library, first)
    opened(library, second)
    assert found == [(queued, 35.0)]


def test_what_is_not_wished_for_stays_as_it_was() -> None:
    kept = PlayerSettings(volume=40.0, is_enhanced=True, wish=MasteringWish("warm", 0.5), crossfade_s=2.0)
    assert settings_with(kept, PlayWishes(), PRESETS) == kept
    wished = settings_with(kept, PlayWishes(volume=0.0, is_enhanced=False, intensity=0.0, crossfade_s=0.0), PRESETS)
    assert wished == PlayerSettings(volume=0.0, wish=MasteringWish("warm", 0.0))
    assert settings_with(kept, PlayWishes(normalize=NormalizeMode.OFF), PRESETS).normalize is NormalizeMode.OFF
    leaning = PlayerSettings(wish=MasteringWish("warm", 0.5, tilt_db=1.0, width_db=-1.0))
    assert settings_with(leaning, PlayWishes(), PRESETS) == leaning
    assert settings_with(leaning, PlayWishes(tilt_db=0.0), PRESETS).wish == MasteringWish("warm", 0.5, width_db=-1.0)
    # One of the user's own that was taken out of the settings.
    gone = PlayerSettings(wish=MasteringWish("mine", 0.5))
    assert settings_with(gone, PlayWishes(), PRESETS).wish == MasteringWish("adaptive", 0.5)
