"""What is played, for whoever looks at it from another process: copied into a file in memory while somebody does.

The audio thread copies the frames that it plays, all five columns of the ring, into a ring of the file's own; it
neither waits nor allocates for that, and where nobody looks it reads one reference. Whoever looks maps the file and
reads behind it. Nobody may rely on reading every frame: one that comes late goes on from what is there.
"""

from __future__ import annotations

import mmap
import os
import threading
import time
from collections.abc import Hashable
from contextlib import suppress
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from auralis_cli.dsp.playback_mix import copy_frames
from auralis_cli.errors import NoPlayerError, UsageError
from auralis_cli.player.ports import Clock
from auralis_cli.player.ring import COLUMNS
from auralis_cli.quick_dataclasses import dataclass

# Longer than any device is late, at 96 kHz; at higher rates less, of what is drawn at most 40 ms anyway.
TAP_FRAMES = 1 << 18
_MAGIC = 0x5041_5441  # "ATAP"
_VERSION = 1
# Words of the header, of eight bytes each: whole numbers, then floats.
_IS_TAP, _LAYOUT, _CAPACITY, _WRITTEN, _RATE_HZ, _ANCHOR_FRAME = range(6)
_ANCHOR_S, _DELAY_S = 0, 1
_WHOLE, _FLOATS = 6, 2
_HEADER_BYTES = 8 * (_WHOLE + _FLOATS)
_FRAME_BYTES = 4 * COLUMNS


class TapRing:
    """The file's memory, as the audio thread writes it: counters are stored after the samples that they speak of."""

    def __init__(self, memory: mmap.mmap, clock: Clock) -> None:
        self._clock = clock
        self._whole = np.frombuffer(memory, np.int64, _WHOLE)
        self._floats = np.frombuffer(memory, np.float64, _FLOATS, offset=8 * _WHOLE)
        self._samples = np.frombuffer(memory, np.float32, offset=_HEADER_BYTES).reshape(-1, COLUMNS)
        self._whole[_CAPACITY] = len(self._samples)
        self._whole[_IS_TAP], self._whole[_LAYOUT] = _MAGIC, _VERSION
        self._written = 0
        # Compiles what the audio thread runs, so it never does.
        copy_frames(np.zeros((1, COLUMNS), np.float32), 0, self._samples, 0, 0)

    def rendering(self, delay_s: float) -> None:
        """What is copied next is heard `delay_s` from now."""
        self._whole[_ANCHOR_FRAME] = self._written
        self._floats[_ANCHOR_S] = self._clock()
        self._floats[_DELAY_S] = delay_s

    def copy(self, frames: int, source: NDArray[np.float32], read: int, rate_hz: int) -> None:
        """Copies `frames` frames from frame `read` of a ring on."""
        copy_frames(source, read, self._samples, self._written, frames)
        self._written += frames
        self._whole[_RATE_HZ] = rate_hz
        self._whole[_WRITTEN] = self._written


class SoundTap:
    """Opened by whoever looks, closed once nobody does. `ring` is read by the audio thread, which is told nothing."""

    def __init__(self, path: Path | None = None, clock: Clock = time.monotonic, frames: int = TAP_FRAMES) -> None:
        """The file at `path`, in a folder of the user's own; None where there is none to be."""
        self._path, self._clock, self._frames = path, clock, frames
        # Guards the two below; the audio thread knows nothing of it.
        self._opening = threading.Lock()
        self._holders: set[Hashable] = set()
        self.ring: TapRing | None = None

    def open(self, holder: Hashable) -> Path:
        """The file, which is written from now on until `holder` releases it; UsageError where none can be made."""
        with self._opening:
            if self._path is None:
                raise UsageError("tap", "this player has no place for it")
            if self.ring is None:
                self.ring = TapRing(_made(self._path, _HEADER_BYTES + self._frames * _FRAME_BYTES), self._clock)
            self._holders.add(holder)
            return self._path

    def release(self, holder: Hashable) -> None:
        """That one looks no more; one that never did is fine."""
        with self._opening:
            self._holders.discard(holder)
            if not self._holders:
                self._close()

    def close(self) -> None:
        """Nobody looks any more, nor will; closing twice is fine."""
        with self._opening:
            self._holders.clear()
            self._close()
            self._path = None

    def _close(self) -> None:
        # The memory goes with the last who reads or writes it.
        if self.ring is not None and self._path is not None:
            self.ring = None
            # In a folder that cannot be changed any more it stays, and is taken away by the next that can.
            with suppress(OSError):
                self._path.unlink()


@dataclass(frozen=True, slots=True)
class Tapped:
    """What was heard since the last time: float32 `(frames, 5)` at `rate_hz`."""

    frames: NDArray[np.float32]
    rate_hz: int
    # Whether frames between the last time and this one were missed.
    has_gap: bool


class TapReader:
    """Reads a tap from another process, as far as the device has played it. Raises NoPlayerError for what is none."""

    def __init__(self, path: Path, clock: Clock = time.monotonic) -> None:
        self._clock = clock
        try:
            with open(path, "rb") as file:
                memory = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        except (OSError, ValueError) as error:
            raise NoPlayerError("tap", f"cannot be read: {error}") from error
        if len(memory) <= _HEADER_BYTES:
            raise NoPlayerError("tap", "is none")
        self._whole = np.frombuffer(memory, np.int64, _WHOLE)
        self._floats = np.frombuffer(memory, np.float64, _FLOATS, offset=8 * _WHOLE)
        capacity = (len(memory) - _HEADER_BYTES) // _FRAME_BYTES
        self._samples = np.frombuffer(memory, np.float32, capacity * COLUMNS, offset=_HEADER_BYTES)
        self._samples = self._samples.reshape(-1, COLUMNS)
        if (self._whole[_IS_TAP], self._whole[_LAYOUT], self._whole[_CAPACITY]) != (_MAGIC, _VERSION, capacity):
            raise NoPlayerError("tap", "is of another version")
        self._read = 0
        self._read = self._heard()

    def read(self) -> Tapped:
        """What was heard since, copied; the newest half of the ring at most."""
        capacity = len(self._samples)
        rate_hz, end = int(self._whole[_RATE_HZ]), self._heard()
        begin = max(self._read, end - capacity // 2)
        has_gap = begin > self._read
        self._read = end
        frames = np.empty((end - begin, COLUMNS), np.float32)
        copy_frames(self._samples, begin, frames, 0, len(frames))
        # What was written over while it was copied is none of it.
        lost = min(max(int(self._whole[_WRITTEN]) - capacity - begin, 0), len(frames))
        return Tapped(frames[lost:], rate_hz, has_gap or lost > 0)

    def _heard(self) -> int:
        """One past the newest frame that the device has played; never backwards."""
        written, rate_hz = int(self._whole[_WRITTEN]), int(self._whole[_RATE_HZ])
        since_s = self._clock() - float(self._floats[_ANCHOR_S]) - float(self._floats[_DELAY_S])
        heard = int(self._whole[_ANCHOR_FRAME]) + int(since_s * rate_hz)
        return max(min(heard, written), self._read)


def _made(path: Path, size: int) -> mmap.mmap:
    """A file of its owner's alone, all of whose room is there: to write where none is would end the process."""
    try:
        # One that a player left behind when it was killed.
        path.unlink(missing_ok=True)
        flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC | os.O_NOFOLLOW
        with open(os.open(path, flags, 0o600), "w+b") as file:
            file.write(bytes(size))
            file.flush()
            return mmap.mmap(file.fileno(), size)
    except OSError as error:
        with suppress(OSError):
            path.unlink(missing_ok=True)
        raise UsageError(str(path), f"cannot be made: {error.strerror or error}") from error
