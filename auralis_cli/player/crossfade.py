"""Where tracks overlap: equal power at natural ends, never between two that follow each other in one album."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from typing import Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from auralis_cli.model.playback import PlayableTrack
from auralis_cli.player.normalization import CEILING_DBTP
from auralis_cli.player.ring import COLUMNS, MATCH
from auralis_cli.player.track_stream import is_read_on
from auralis_cli.quick_dataclasses import dataclass
from auralis_cli.units import db_to_gain

Block = NDArray[np.float32]
T = TypeVar("T")

# Of samples: what lies between those of music comes less than this much higher than they do.
_CEILING = db_to_gain(CEILING_DBTP)


def follow_in_album(before: PlayableTrack | None, after: PlayableTrack | None) -> bool:
    """Whether one track comes right after the other in an album (or in the file that holds both)."""
    if before is None or after is None:
        return False
    if is_read_on(before, after):
        return True
    if before.album_key is None or before.album_key != after.album_key or before.track is None or after.track is None:
        return False
    if (before.disc or 1) == (after.disc or 1):
        return after.track == before.track + 1
    return (after.disc or 1) == (before.disc or 1) + 1 and after.track == 1


def crossfaded(tail: Block, head: Block) -> Block:
    """Two blocks of one length as one that goes from the first to the second, their powers adding up to one.

    What is alike in both comes up to 3 dB louder so. Where a peak would rise above −1 dBFS, and above all of either
    side, the overlap is made as much less loud in its midst as that takes: at the most their gains add up to one.
    """
    frames = len(tail)
    angle = (np.arange(frames, dtype=np.float64) + 0.5) * (np.pi / 2 / max(1, frames))
    cosine, sine = np.cos(angle), np.sin(angle)
    out, into = cosine.astype(np.float32)[:, None], sine.astype(np.float32)[:, None]
    mixed = np.empty_like(tail)
    # All before the ratio is sound.
    mixed[:, :MATCH] = tail[:, :MATCH] * out + head[:, :MATCH] * into
    mixed[:, MATCH:] = tail[:, MATCH:] + (head[:, MATCH:] - tail[:, MATCH:]) * into**2
    ceiling = max(_CEILING, *(float(np.abs(side[:, :MATCH]).max(initial=0.0)) for side in (tail, head)))
    peaks = np.abs(mixed[:, :MATCH]).max(axis=1)
    high = np.flatnonzero(peaks > ceiling)
    if len(high):
        # 1 to √2, the sum of both gains: divided by it, no frame is higher than the higher of its two.
        gains = cosine + sine
        share = min(1.0, float((np.log(peaks[high] / ceiling) / np.log(gains[high])).max()))
        mixed[:, :MATCH] *= (gains**-share).astype(np.float32)[:, None]
    return mixed


@dataclass(frozen=True, slots=True)
class Begin(Generic[T]):
    """Between two blocks: the first frame of what is called `key` is the next one."""

    key: T


class Overlap(Generic[T]):
    """Puts tracks in a row, made of columns, and overlaps the last frames of one with the first of the next.

    An end that overlaps has to be known before it is heard, so once `keep` was called the last frames are kept back.
    What is kept grows by no more than half of what comes: the rest goes on meanwhile, and a track of any length has
    an end to overlap. Used by one thread.
    """

    def __init__(self) -> None:
        self._held: deque[Block] = deque()
        self._held_frames = self._longest = self._allowed = 0
        # An end that waits for as many frames of what overlaps with it, and what that is called.
        self._joining: tuple[Block, T] | None = None

    def keep(self, frames: int) -> None:
        """So much of the end of the track begun last may overlap."""
        self._longest = frames

    def begin(self, key: T, overlap_frames: int = 0) -> Iterator[Begin[T] | Block]:
        """The next track begins, before the end of the other one where they are to overlap."""
        self._longest = self._allowed = 0
        overlapping = min(overlap_frames, self._held_frames)
        yield from self._let_out(overlapping)
        if overlapping:
            self._joining = self._take(), key
        else:
            yield Begin(key)

    def put(self, block: Block) -> Iterator[Begin[T] | Block]:
        """More of the track begun last."""
        self._held.append(block)
        self._held_frames += len(block)
        if self._joining is not None:
            tail, key = self._joining
            if self._held_frames < len(tail):
                return
            yield from self._join(tail, key, len(tail))
        self._allowed = min(self._longest, self._allowed + len(block) // 2)
        yield from self._let_out(self._allowed)

    def end(self) -> Iterator[Begin[T] | Block]:
        """The track begun last has ended; one too short for the overlap has a shorter one."""
        if self._joining is not None:
            yield from self._join(*self._joining, self._held_frames // 2)

    def finish(self) -> Iterator[Block]:
        """All that is kept back: nothing overlaps with it."""
        return self._let_out(0)

    def _join(self, tail: Block, key: T, frames: int) -> Iterator[Begin[T] | Block]:
        """The end kept back and what is there of the next track, overlapping by `frames`."""
        self._joining = None
        head, alone = self._take(), len(tail) - frames
        if alone:
            yield tail[:alone]
        yield Begin(key)
        if frames:
            yield crossfaded(tail[alone:], head[:frames])
        if len(head) > frames:
            self._held.append(head[frames:])
            self._held_frames = len(head) - frames

    def _let_out(self, kept: int) -> Iterator[Block]:
        while self._held_frames > kept:
            block = self._held.popleft()
            count = min(len(block), self._held_frames - kept)
            if count < len(block):
                self._held.appendleft(block[count:])
            self._held_frames -= count
            yield block[:count]

    def _take(self) -> Block:
        blocks = (np.empty((0, COLUMNS), np.float32), *self._held)
        self._held.clear()
        self._held_frames = 0
        return np.concatenate(blocks)
