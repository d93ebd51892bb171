"""Flat tops at a channel's own maximum: clipping is seen even where the track was turned down afterwards.

A converter or a clipper leaves neighbouring samples at one level, with a corner before and after. A slow
wave, too, has neighbours that are equal once they are rounded, but goes in and out of them gently.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from auralis_cli.dsp._jit import kernel
from auralis_cli.dsp.processor import check_block
from auralis_cli.quick_dataclasses import dataclass

FLAT_RUN = 3
# Samples are at one level within 1e-4 of it and a step of 16 bit: dither, and +1 that cannot be stored.
SAME = 1e-4
STEP_16_BIT = 1.0 / 32_768
# The way in and out of a flat top, together; a slow wave's is at most 1.6e-3 of its height, and rounding.
CORNER = 2e-3
CORNER_STEPS = 8.0 * STEP_16_BIT
# Frames looked at together first; most hold nothing near the maximum.
_PIECE = 512


@dataclass(frozen=True, slots=True)
class FlatTops:
    """Flat tops of one channel at its maximum; `longest_frame` is where the longest (and first of these) begins."""

    level: float
    runs: int
    samples: int
    longest_frames: int
    longest_frame: int


class FlatTopMeter:
    """Counts runs of 3 or more samples at each channel's largest level so far; a larger one starts anew."""

    def __init__(self, channels: int) -> None:
        if channels < 1:
            raise ValueError(f"channels must be at least 1, not {channels}")
        self._channels = channels
        self.reset()

    def reset(self) -> None:
        """Forgets everything heard so far."""
        # Per channel: level, previous sample, step into the open run.
        self._levels = np.zeros((self._channels, 3))
        # Per channel: open run, runs, samples, longest run, its first frame.
        self._counts = np.zeros((self._channels, 5), np.int64)
        self._frames = 0

    def process(self, block: NDArray[np.float32]) -> None:
        """Looks at `block`, float32 `(frames, channels)`."""
        check_block(block, self._channels)
        _flat_tops(block, self._frames, self._levels, self._counts)
        self._frames += len(block)

    def result(self) -> tuple[FlatTops, ...]:
        """Per channel, as if the stream ended here; nothing is said of the way out of a last, open run."""
        levels, counts = self._levels.copy(), self._counts.copy()
        for channel in range(self._channels):
            _end_run(levels[channel], counts[channel], levels[channel, 2], self._frames)
        return tuple(
            FlatTops(level, runs, samples, longest, frame)
            for (level, _, _), (_, runs, samples, longest, frame) in zip(levels.tolist(), counts.tolist(), strict=True)
        )


@kernel
def _end_run(levels, counts, way_out, frame):  # type: ignore[no-untyped-def]
    """Ends the open run before `frame`; it counts if its corners are sharp."""
    run = counts[0]
    counts[0] = 0
    if run < FLAT_RUN or levels[2] + way_out < CORNER * levels[0] + CORNER_STEPS:
        return
    counts[1] += 1
    counts[2] += run
    if run > counts[3]:
        counts[3] = run
        counts[4] = frame - run


@kernel
def _nears(piece, level):  # type: ignore[no-untyped-def]
    """Whether any |sample| is above `level`; compared as integers, which is vectorised (see truepeak)."""
    bits = piece.reshape(-1).view(np.int32)
    top = np.int32(0)
    for i in range(bits.shape[0]):  # by index: iterating is not vectorised
        size = bits[i] & np.int32(0x7FFFFFFF)
        top = size if size > top else top
    return not np.array([top], np.int32).view(np.float32)[0] <= level


@kernel
def _look(piece, channel, first, levels, counts):  # type: ignore[no-untyped-def]
    """One channel of a piece, sample by sample."""
    level, before, way_in = levels
    for i in range(piece.shape[0]):
        value = np.float64(piece[i, channel])
        size = abs(value)
        slack = SAME * level + STEP_16_BIT
        if size > level + slack:
            counts[:] = 0
            counts[0] = 1
            level, way_in = size, abs(value - before)
        elif size >= level - slack and level > 0.0:
            if counts[0] > 0 and value * before < 0.0:
                levels[0], levels[2] = level, way_in
                _end_run(levels, counts, abs(value - before), first + i)
            if counts[0] == 0:
                way_in = abs(value - before)
            counts[0] += 1
        elif counts[0] > 0:
            levels[0], levels[2] = level, way_in
            _end_run(levels, counts, abs(value - before), first + i)
        before = value
    levels[0], levels[1], levels[2] = level, before, way_in


@kernel
def _flat_tops(block, first, levels, counts):  # type: ignore[no-untyped-def]
    done = 0
    while done < block.shape[0]:
        take = min(_PIECE, block.shape[0] - done)
        piece = block[done : done + take]
        lowest = levels[:, 0].min()
        if counts[:, 0].any() or lowest == 0.0 or _nears(piece, lowest - SAME * lowest - STEP_16_BIT):
            for channel in range(block.shape[1]):
                _look(piece, channel, first + done, levels[channel], counts[channel])
        else:
            for channel in range(block.shape[1]):
                levels[channel, 1] = piece[take - 1, channel]
        done += take
