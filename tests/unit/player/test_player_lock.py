"""One lock guards all that changes; it may be taken twice by one thread, and nobody is told while it is held."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import pytest
from patience import PATIENCE_S
from player_fakes import TRACK_S, PlayerRig, tracks

from auralis_cli.model.playback import PlayerState, Side
from auralis_cli.model.player_choices import NormalizeMode, RepeatMode
from auralis_cli.player.known_tracks import KnownTracks
from auralis_cli.player.play_counting import Hearings
from auralis_cli.player.play_queue import PlayQueue
from auralis_cli.player.single_flight import SingleFlight
from auralis_cli.player.sound_settings import SoundSettings
from auralis_cli.player.sounding import Sounding
from auralis_cli.player.telling import Subscribers
from auralis_cli.player.transport import Transport

GUARDED = (Transport, Sounding, PlayQueue, SoundSettings, KnownTracks, SingleFlight, Hearings, Subscribers)


@pytest.fixture
def guarded(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[PlayerRig, list[str]]]:
    """A player whose guarded objects note who touches them without the lock."""
    rig, touched = PlayerRig(), list[str]()
    lock: Any = rig.player._lock

    def watch(kind: type) -> None:
        def read(thing: object, name: str) -> Any:
            if not name.startswith("__") and not lock._is_owned():
                touched.append(f"{kind.__name__}.{name}")
            return object.__getattribute__(thing, name)

        monkeypatch.setattr(kind, "__getattribute__", read, raising=False)

    for kind in GUARDED:
        watch(kind)
    yield rig, touched
    monkeypatch.undo()


@pytest.mark.invariant("S1-H-01")
@pytest.mark.invariant("S4-D1.1")
def test_what_the_lock_guards_is_touched_by_nobody_without_it(guarded: tuple[PlayerRig, list[str]]) -> None:
    """✗ the state is read, or a report taken, without the lock."""
    rig, touched = guarded
    player = rig.player
    player.subscribe(lambda _: None)
    rig.files.broken = {4}
    player.set_queue(tracks(6))
    rig.play_for(0.2)
    assert (player.state, len(player.queue.items), player.settings.volume) == (PlayerState.PLAYING, 6, 100.0)
    for wish in (player.next, player.previous, player.pause, player.play, player.shuffle, player.unshuffle):
        wish()
        rig.play_for(0.1)
    player.enhance(on=True)
    player.compare(Side.MASTERED)
    player.normalize(NormalizeMode.TRACK)
    player.repeat(RepeatMode.ALL)
    player.consume(on=True)
    player.stop_after_current(on=False)
    player.crossfade(2.0)
    player.device("hall")
    player.seek(TRACK_S / 2)
    rig.play_for(TRACK_S * 2)
    rig.outputs.opened[-1].lost("was unplugged")
    rig.play_for(1.0)
    player.undo()
    player.redo()
    assert len(player.history.done) > 0
    player.close()
    assert sorted(set(touched)) == []


@pytest.mark.invariant("S1-C-01")
def test_a_thousand_hand_overs_end_in_bounded_time() -> None:
    """✗ the lock cannot be taken again by who holds it."""
    rig, done = PlayerRig(), threading.Event()
    rig.files.length_s = dict.fromkeys(range(1, 1001), 0.02)

    def play() -> None:
        rig.player.set_queue(tracks(1000))
        while rig.current < 1000:
            rig.turn()
            rig.pull(200)
            rig.player.subscribe(lambda snapshot: rig.player.set_volume(snapshot.volume))()
        done.set()

    threading.Thread(target=play, daemon=True).start()
    assert done.wait(4 * PATIENCE_S)


@pytest.mark.invariant("S4-D1.4")
def test_the_position_is_within_the_track_though_its_header_says_less_than_there_is() -> None:
    """✗ the position is what was counted."""
    rig = PlayerRig()
    rig.files.claimed_s[1] = 1.0
    rig.playing(2)
    seen = []
    for _ in range(int(TRACK_S * 100)):
        rig.turn()
        rig.pull()
        seen.append(rig.snapshot)
    assert all(0.0 <= snapshot.position_s <= (snapshot.duration_s or 0.0) for snapshot in seen)
    first = [snapshot.position_s for snapshot in seen if snapshot.queue_index == 0]
    assert max(first) == first[-1] == 1.0
    rig.player.stop()
    assert rig.snapshot.position_s == 0.0
