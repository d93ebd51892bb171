"""Track after track at one rate, without a seam: what is converted goes on across joins and is cut where they lie."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Iterator
from typing import Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from auralis_cli.audio.resample import Downsampler
from auralis_cli.quick_dataclasses import dataclass

Block = NDArray[np.float32]
T = TypeVar("T")

# What is converted before a frame that has to come out as if all before it had been.
_WARM_UP_S = 0.1


def converted_frames(frames: int, source_rate_hz: int, rate_hz: int) -> int:
    """`round(frames · ratio)`, halves up, in whole numbers: where a frame of the source lies at another rate."""
    return (2 * frames * rate_hz + source_rate_hz) // (2 * source_rate_hz)


def start_for(frame: int, source_rate_hz: int, rate_hz: int) -> tuple[int, int]:
    """A frame of the source to begin at, and the one it is at `rate_hz`, so that from `frame` on all is exact.

    Both are whole numbers for the same moment, far enough before `frame` for the converter to have warmed up.
    """
    if source_rate_hz == rate_hz:
        return frame, frame
    common = math.gcd(source_rate_hz, rate_hz)
    step = rate_hz // common
    count = max(0, frame - round(_WARM_UP_S * rate_hz)) // step
    return count * (source_rate_hz // common), count * step


@dataclass(frozen=True, slots=True)
class Piece(Generic[T]):
    """Some frames of one track at the wanted rate; maybe none."""

    key: T
    block: Block
    is_last: bool


@dataclass(slots=True)
class _Segment(Generic[T]):
    key: T
    channels: int
    # Where in the run it ends; None while it is being fed.
    end: int | None = None


class Splice(Generic[T]):
    """Converts tracks to one rate in a row and says which of the frames are whose.

    Tracks of equal rate go through one converter as if they were one stream, cut at `round(frames · ratio)` of all
    that went in before the join: nothing is lost, made up or filtered twice at it. Used by one thread.
    """

    def __init__(self, rate_hz: int) -> None:
        self._rate_hz = rate_hz
        self._source_rate_hz = 0
        self._converter: Downsampler | None = None
        self._segments: deque[_Segment[T]] = deque()
        self._read_frames = self._made_frames = 0

    def begin(self, key: T, source_rate_hz: int, channels: int) -> Iterator[Piece[T]]:
        """The next track begins; what is still to come of those of another rate comes first."""
        if source_rate_hz != self._source_rate_hz:
            yield from self.flush()
            self._source_rate_hz = source_rate_hz
        self._segments.append(_Segment(key, channels))

    def push(self, block: Block) -> Iterator[Piece[T]]:
        """More of the track begun last, float32 `(frames, 1 or 2)`."""
        self._read_frames += len(block)
        if self._source_rate_hz == self._rate_hz:
            return self._cut(block)
        if self._converter is None:
            self._converter = Downsampler(self._source_rate_hz, self._rate_hz, 2)
        # In two channels always, so that one converter serves mono and stereo in a row.
        return self._cut(self._converter.process(block if block.shape[1] == 2 else np.repeat(block, 2, axis=1)))

    def end(self) -> Iterator[Piece[T]]:
        """The track begun last has ended; its last frames may come only with what follows."""
        self._segments[-1].end = converted_frames(self._read_frames, self._source_rate_hz, self._rate_hz)
        return self._cut(np.empty((0, self._segments[-1].channels), np.float32))

    def flush(self) -> Iterator[Piece[T]]:
        """All that is still to come of the tracks that have ended."""
        if self._segments:
            rest = np.empty((0, 2), np.float32) if self._converter is None else self._converter.flush()
            yield from self._cut(self._fitted(rest))
        self._converter = None
        self._read_frames = self._made_frames = 0

    def _fitted(self, rest: Block) -> Block:
        """soxr may round the length the other way: one frame is cut, or the last one held."""
        total = converted_frames(self._read_frames, self._source_rate_hz, self._rate_hz)
        missing = total - self._made_frames - len(rest)
        if missing <= 0:
            return rest[: total - self._made_frames]
        last = rest[-1:] if len(rest) else np.zeros((1, rest.shape[1]), np.float32)
        return np.concatenate([rest, np.repeat(last, missing, axis=0)])

    def _cut(self, made: Block) -> Iterator[Piece[T]]:
        while self._segments:
            segment = self._segments[0]
            if segment.end is None:
                if len(made):
                    yield self._piece(segment, made, is_last=False)
                return
            count = segment.end - self._made_frames
            if count > len(made):
                if len(made):
                    yield self._piece(segment, made, is_last=False)
                return
            self._segments.popleft()
            yield self._piece(segment, made[:count], is_last=True)
            made = made[count:]

    def _piece(self, segment: _Segment[T], block: Block, *, is_last: bool) -> Piece[T]:
        self._made_frames += len(block)
        return Piece(segment.key, np.ascontiguousarray(block[:, : segment.channels]), is_last)
