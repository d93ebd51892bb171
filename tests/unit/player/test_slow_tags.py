"""A player on a disk that takes 200 ms for each file's tags: it answers at once, and its sound goes on."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from controlled_player import RawClient, short_home
from player_fakes import FakeClock, FakeMemory, FakeOutputs, FakePlans, backwards
from session_bus import BUS_MISSING, has_session_bus, session_bus

from auralis_cli.audio.track_file import read_track_file
from auralis_cli.model.library import FileRecord
from auralis_cli.model.live_mastering import MasteringWish
from auralis_cli.model.playback import PlayableTrack
from auralis_cli.model.queue import QueueTrack
from auralis_cli.player.actions import PlayerActions
from auralis_cli.player.control import ControlServer
from auralis_cli.player.control_place import claim_name
from auralis_cli.player.mpris import BUS_NAME, Mpris
from auralis_cli.player.player import Player
from auralis_cli.player.world import PlayerWorld
from auralis_cli.services import track_lookup

SLOW_S = 0.2
ANSWERS_WITHIN_S = 0.05
RATE_HZ, BLOCK, TRACK_S = 44_100, 512, 0.5


class NoPlans(FakePlans):
    """Nothing is known of any track."""

    def ready(self, track: PlayableTrack, wish: MasteringWish) -> None:
        return None


class PlayedAloud:
    """A device that asks for a block whenever one was heard, and notes how long it waited for each."""

    def __init__(self) -> None:
        self.outputs = FakeOutputs(FakeClock())
        self.took_s: list[float] = []
        self.blocks: list[Any] = []
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        next_s = time.monotonic()
        while not self._ended.is_set():
            for output in self.outputs.open_ones:
                begun = time.monotonic()
                self.blocks.append(output.pull(BLOCK))
                self.took_s.append(time.monotonic() - begun)
            next_s += BLOCK / RATE_HZ
            self._ended.wait(max(0.0, next_s - time.monotonic()))

    def close(self) -> None:
        self._ended.set()
        self._thread.join(5)


@pytest.fixture
def songs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[QueueTrack]:
    """Short tracks without a silent sample; reading the tags of each takes its time."""
    for number in range(8):
        soundfile.write(tmp_path / f"{number}.wav", np.full((int(TRACK_S * RATE_HZ), 2), 0.5), RATE_HZ)

    def slow(*arguments: Any, **more: Any) -> FileRecord:
        threading.Event().wait(SLOW_S)
        return read_track_file(*arguments, **more)

    monkeypatch.setattr(track_lookup, "read_track_file", slow)
    return [QueueTrack(str(tmp_path / f"{number}.wav")) for number in range(8)]


@contextmanager
def played(aloud: PlayedAloud) -> Iterator[Player]:
    lookup = track_lookup.LibraryTrackLookup(None)
    world = PlayerWorld(lookup, NoPlans(), FakeMemory(), aloud.outputs, backwards)
    player = Player(world)
    player.start()
    try:
        yield player
    finally:
        player.close()
        aloud.close()


def slowest(ask: Callable[[], object], for_s: float) -> float:
    """The longest that one of many questions in a row took."""
    ends_at, took = time.monotonic() + for_s, [0.0]
    while (begun := time.monotonic()) < ends_at:
        ask()
        took.append(time.monotonic() - begun)
    return max(took)


@pytest.mark.alone
@pytest.mark.invariant("S1-L-05")
def test_the_socket_answers_and_the_sound_goes_on_while_tags_are_read(songs: list[QueueTrack]) -> None:
    """✗ tags are read while the player's lock is held."""
    aloud = PlayedAloud()
    with short_home() as environ, played(aloud) as player:
        claim = claim_name(environ=environ)
        assert claim is not None
        server = ControlServer(claim, PlayerActions(player, lambda: None))
        server.start()
        client = RawClient(claim.socket_path)
        # What is loaded once is loaded before anything is timed.
        assert client.ask("status")["ok"]["state"] == "stopped"
        player.set_queue(songs)
        at_first = slowest(lambda: client.ask("status"), 2 * SLOW_S)
        begun = len(aloud.blocks)
        later = slowest(lambda: client.ask("status"), 2.5 * TRACK_S)
        client.ask("next")
        after_next = slowest(lambda: client.ask("status"), 2 * SLOW_S)
        index = player.snapshot().queue_index
        client.close()
        server.close()
    assert max(at_first, later, after_next) < ANSWERS_WITHIN_S
    assert index >= 3
    # Track after track was looked up while the one before was heard: not a sample is missing in between.
    heard = np.concatenate(aloud.blocks[begun:])[: int(2.5 * TRACK_S * RATE_HZ * 0.9)]
    assert np.count_nonzero(heard) == heard.size
    assert max(aloud.took_s) < ANSWERS_WITHIN_S


@pytest.mark.alone
@pytest.mark.invariant("S1-L-05")
@pytest.mark.skipif(not has_session_bus(), reason=BUS_MISSING)
def test_desktops_are_answered_while_a_cover_is_read_from_tags(songs: list[QueueTrack]) -> None:
    """✗ the cover is read on the bus's loop."""
    from dbus_fast import Message
    from dbus_fast.aio import MessageBus

    looked: list[Path] = []

    def slow_cover(path: Path) -> str:
        looked.append(path)
        threading.Event().wait(SLOW_S)
        return "file:///cover.png"

    async def answers(address: str, for_s: float) -> list[float]:
        bus, took = await MessageBus(address).connect(), []
        ends_at = time.monotonic() + for_s
        while (begun := time.monotonic()) < ends_at:
            asked = Message(
                destination=BUS_NAME,
                path="/org/mpris/MediaPlayer2",
                interface="org.freedesktop.DBus.Properties",
                member="Get",
                signature="ss",
                body=["org.mpris.MediaPlayer2.Player", "PlaybackStatus"],
            )
            reply = await bus.call(asked)
            assert reply is not None
            if not reply.error_name:
                took.append(time.monotonic() - begun)
        bus.disconnect()
        return took

    aloud = PlayedAloud()
    with session_bus() as bus, played(aloud) as player:
        shown = Mpris(player, lambda _action, _arguments: None, bus.address, slow_cover)
        asyncio.run(answers(bus.address, 0.2))
        player.set_queue(songs)
        took = asyncio.run(answers(bus.address, 2.5 * TRACK_S))
        shown.close()
    assert len(looked) >= 2
    assert len(took) > 100
    assert max(took) < ANSWERS_WITHIN_S
