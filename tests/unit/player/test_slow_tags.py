"""A player on a disk that answers late where tags are read: it answers at once, and its sound goes on."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from controlled_player import RawClient, short_home
from patience import PATIENCE_S, until
from player_fakes import FakeClock, FakeMemory, FakeOutputs, FakePlans, backwards
from session_bus import BUS_MISSING, has_session_bus, session_bus

from auralis_cli.audio.track_file import read_track_file
from auralis_cli.model.library import FileRecord
from auralis_cli.model.live_mastering import MasteringWish
from auralis_cli.model.playback import PlayableTrack
from auralis_cli.model.queue import QueueTrack
from auralis_cli.player import mpris
from auralis_cli.player.actions import PlayerActions
from auralis_cli.player.control import ControlServer
from auralis_cli.player.control_place import claim_name
from auralis_cli.player.mpris import BUS_NAME, Mpris
from auralis_cli.player.player import Player
from auralis_cli.player.world import PlayerWorld
from auralis_cli.services import track_lookup

RATE_HZ, BLOCK = 44_100, 512
FRAMES = 40 * BLOCK


class NoPlans(FakePlans):
    """Nothing is known of any track."""

    def ready(self, track: PlayableTrack, wish: MasteringWish) -> None:
        return None


class SlowDisk:
    """Lets readers on one by one, as the test wants it; in the end all of them."""

    def __init__(self) -> None:
        # How many have come here so far.
        self.asked = 0
        self._let_on = threading.Semaphore(0)

    def read(self) -> None:
        self.asked += 1
        assert self._let_on.acquire(timeout=8 * PATIENCE_S)

    def wait_for(self, readers: int) -> None:
        """So many have come."""
        until(lambda: self.asked == readers)

    def let_on(self, readers: int = 1) -> None:
        self._let_on.release(readers)


@pytest.fixture
def disk() -> Iterator[SlowDisk]:
    one = SlowDisk()
    yield one
    one.let_on(1000)


@pytest.fixture
def songs(tmp_path: Path) -> list[QueueTrack]:
    """Short tracks without a silent sample."""
    for number in range(8):
        soundfile.write(tmp_path / f"{number}.wav", np.full((FRAMES, 2), 0.5), RATE_HZ)
    return [QueueTrack(str(tmp_path / f"{number}.wav")) for number in range(8)]


@contextmanager
def played(disk: SlowDisk) -> Iterator[tuple[Player, FakeOutputs]]:
    outputs = FakeOutputs(FakeClock())
    player = Player(PlayerWorld(track_lookup.LibraryTrackLookup(None), NoPlans(), FakeMemory(), outputs, backwards))
    player.start()
    try:
        yield player, outputs
    finally:
        disk.let_on(1000)
        player.close()


def wait_written(player: Player, frames: int) -> None:
    """So much of what plays is there to be heard."""
    feed = player._transport.sounding.newest
    assert feed is not None
    until(lambda: feed.ring.written == frames)


@pytest.mark.invariant("S1-L-05")
def test_the_socket_answers_and_the_sound_goes_on_while_tags_are_read(
    songs: list[QueueTrack], disk: SlowDisk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """✗ tags are read while the player's lock is held."""

    def slow(*arguments: Any, **more: Any) -> FileRecord:
        disk.read()
        return read_track_file(*arguments, **more)

    monkeypatch.setattr(track_lookup, "read_track_file", slow)
    with short_home() as environ, played(disk) as (player, outputs):
        claim = claim_name(environ=environ)
        assert claim is not None
        server = ControlServer(claim, PlayerActions(player, lambda: None), ends_within_s=PATIENCE_S)
        server.start()
        client = RawClient(claim.socket_path)
        player.set_queue(songs)
        disk.wait_for(1)
        # Nothing can be heard yet.
        assert client.ask("status")["ok"]["state"] == "loading"
        heard = []
        for number in range(3):
            disk.let_on()
            # Track after track is looked up while the one before is heard.
            disk.wait_for(number + 2)
            wait_written(player, (number + 1) * FRAMES)
            for _ in range(FRAMES // BLOCK):
                heard.append(outputs.open_ones[0].pull(BLOCK))
            assert client.ask("status")["ok"]["state"] == "playing"
            assert disk.asked == number + 2
        # Not a sample is missing in between.
        assert np.count_nonzero(np.concatenate(heard)) == 3 * FRAMES * 2
        assert client.ask("next") == {"id": 7, "ok": None}
        assert client.ask("status")["ok"]["queue_index"] == 3
        client.close()
        disk.let_on(1000)
        server.close()


@pytest.mark.invariant("S1-L-05")
@pytest.mark.skipif(not has_session_bus(), reason=BUS_MISSING)
def test_desktops_are_answered_while_a_cover_is_read_from_tags(
    songs: list[QueueTrack], disk: SlowDisk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """✗ the cover is read on the bus's loop."""
    from dbus_fast import Message
    from dbus_fast.aio import MessageBus

    def slow_cover(_path: Path) -> str:
        disk.read()
        return "file:///cover.png"

    async def answers(address: str, questions: int) -> list[Any]:
        bus, answered = await MessageBus(address).connect(), []
        for _ in range(questions):
            asked = Message(
                destination=BUS_NAME,
                path="/org/mpris/MediaPlayer2",
                interface="org.freedesktop.DBus.Properties",
                member="Get",
                signature="ss",
                body=["org.mpris.MediaPlayer2.Player", "PlaybackStatus"],
            )
            reply = await asyncio.wait_for(bus.call(asked), PATIENCE_S)
            assert reply is not None
            answered.append(None if reply.error_name else reply.body[0].value)
        bus.disconnect()
        return answered

    def is_shown(address: str) -> bool:
        return None not in asyncio.run(answers(address, 1))

    monkeypatch.setattr(mpris, "_PATIENCE_S", PATIENCE_S)
    with session_bus() as bus, played(disk) as (player, _):
        shown = Mpris(player, lambda _action, _arguments: None, bus.address, slow_cover)
        until(lambda: is_shown(bus.address))
        for number in range(2):
            player.set_queue(songs[number:], play=False)
            disk.wait_for(number + 1)
            assert asyncio.run(answers(bus.address, 100)) == ["Stopped"] * 100
            assert disk.asked == number + 1
        disk.let_on(1000)
        shown.close()
