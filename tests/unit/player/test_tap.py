"""What is played can be looked at from outside: each frame as the ring had it, once it is heard, at no cost to it."""

from __future__ import annotations

import os
import stat
import threading
import tracemalloc
from pathlib import Path
from queue import SimpleQueue

import numpy as np
import pytest
from patience import PATIENCE_S
from sounding_feeds import RATE_HZ, feed_of

from auralis_cli.dsp.playback_mix import copy_frames
from auralis_cli.errors import NoPlayerError, UsageError
from auralis_cli.player.engine import Engine
from auralis_cli.player.tap import SoundTap, TapReader

FRAMES = 4_096


class Played:
    """An engine that plays noise, and its tap."""

    def __init__(self, folder: Path, frames: int = 6_000) -> None:
        self.now_s = 0.0
        self.sound = np.random.default_rng(3).standard_normal((frames, 5)).astype(np.float32)
        self.tap = SoundTap(folder / "player.tap", self.clock, FRAMES)
        self.engine = Engine(SimpleQueue(), self.clock, self.tap)
        self.engine.play(feed_of(self.sound))

    def clock(self) -> float:
        """As long as was rendered."""
        return self.now_s

    def render(self, frames: int, delay_s: float = 0.0) -> None:
        """One block, and the time that it takes to play it."""
        self.engine.render(np.zeros((frames, 2), np.float32), delay_s)
        self.now_s += frames / RATE_HZ


def test_whoever_looks_reads_all_five_columns_bit_for_bit(tmp_path: Path) -> None:
    played = Played(tmp_path)
    reader = TapReader(played.tap.open("one"), played.clock)
    read = []
    for _ in range(8):
        played.render(500)
        tapped = reader.read()
        assert not tapped.has_gap
        assert tapped.rate_hz == RATE_HZ
        read.append(tapped.frames)
    assert np.concatenate(read).tobytes() == played.sound[:4_000].tobytes()


def test_what_the_device_has_not_played_yet_is_not_read(tmp_path: Path) -> None:
    played = Played(tmp_path)
    reader = TapReader(played.tap.open("one"), played.clock)
    for _ in range(4):
        played.render(500, delay_s=1_000 / RATE_HZ)
    assert len(reader.read().frames) == pytest.approx(1_000, abs=1)


def test_one_that_comes_late_goes_on_from_what_is_there_and_is_told_so(tmp_path: Path) -> None:
    played = Played(tmp_path, frames=20_000)
    reader = TapReader(played.tap.open("one"), played.clock)
    for _ in range(20):
        played.render(1_000)
    tapped = reader.read()
    assert tapped.has_gap
    assert tapped.frames.tobytes() == played.sound[20_000 - len(tapped.frames) :].tobytes()


def test_what_was_written_over_while_it_was_read_is_none_of_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Kills: the place of the writer looked at before the copy only."""
    played = Played(tmp_path, frames=20_000)
    reader = TapReader(played.tap.open("one"), played.clock)
    played.render(2_000)
    is_first: list[bool] = []

    def slow_copy(*arguments: object) -> None:
        if is_first:
            is_first.clear()
            played.render(3_000)
        copy_frames(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr("auralis_cli.player.tap.copy_frames", slow_copy)
    is_first.append(True)
    tapped = reader.read()
    assert tapped.has_gap
    assert tapped.frames.tobytes() == played.sound[2_000 - len(tapped.frames) : 2_000].tobytes()


def test_the_file_is_its_owners_alone_and_goes_with_the_last_who_looks(tmp_path: Path) -> None:
    tap = SoundTap(tmp_path / "player.tap", frames=FRAMES)
    path = tap.open("one")
    assert tap.open("two") == path
    assert stat.S_IMODE(os.stat(path).st_mode) == 0o600
    tap.release("one")
    tap.release("never looked")
    assert path.exists()
    tap.release("two")
    assert not path.exists()
    assert tap.ring is None


def test_a_link_in_its_place_leads_nowhere(tmp_path: Path) -> None:
    victim = tmp_path / "victim"
    victim.write_bytes(b"mine")
    (tmp_path / "player.tap").symlink_to(victim)
    SoundTap(tmp_path / "player.tap", frames=FRAMES).open("one")
    assert victim.read_bytes() == b"mine"


def test_what_cannot_be_made_is_refused_and_the_music_plays_on(tmp_path: Path) -> None:
    played = Played(tmp_path / "missing")
    with pytest.raises(UsageError, match="cannot be made"):
        played.tap.open("one")
    played.render(500)
    assert played.engine.played() is not None


def test_one_that_was_closed_is_not_opened_again(tmp_path: Path) -> None:
    tap = SoundTap(tmp_path / "player.tap", frames=FRAMES)
    tap.open("one")
    tap.close()
    with pytest.raises(UsageError):
        tap.open("two")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("content", [b"", b"short", bytes(200), bytes(100_000)])
def test_what_is_no_tap_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "player.tap"
    path.write_bytes(content)
    with pytest.raises(NoPlayerError):
        TapReader(path)


def test_the_audio_thread_allocates_no_audio_and_takes_no_lock_while_it_is_looked_at(tmp_path: Path) -> None:
    """Kills: the lock of opening taken, or blocks copied, in the callback."""
    played = Played(tmp_path, frames=20_000)
    played.tap.open("one")
    played.render(512)
    out = np.zeros((512, 2), np.float32)
    rendered = threading.Event()

    def render() -> None:
        for _ in range(20):
            played.engine.render(out, 0.0)
        rendered.set()

    with played.tap._opening:
        thread = threading.Thread(target=render, daemon=True)
        tracemalloc.start()
        thread.start()
        was_done = rendered.wait(PATIENCE_S)
        _, peak_bytes = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    thread.join()
    assert was_done
    # One block of five columns alone has 10 kB.
    assert peak_bytes < 8_000
