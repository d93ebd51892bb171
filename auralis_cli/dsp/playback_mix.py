"""What the audio callback does to samples: columns chosen, feeds crossed, gains ramped, all to the sample.

A frame has five columns: original left and right, mastered left and right, and the ratio of the mastered's level to
the original's. Every gain is a ramp that eases in and out (its slope has no corner), so that nothing clicks; once it
has arrived it is exactly what was aimed for, so that samples at unity pass bit for bit.
"""

from __future__ import annotations

from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from auralis_cli.dsp._jit import kernel


class Ramp(IntEnum):
    """What is ramped; rows of the mix's state."""

    VOLUME = 0
    # 0 while nothing is let through: paused, cut, waiting.
    TRANSPORT = 1
    # 0 the original, 1 the mastered.
    MASTERED = 2
    # 1 while the louder of the two is lowered to the other.
    COMPARED = 3
    # From the outgoing feed, 0, to the incoming, 1.
    CROSSING = 4
    # What is left of the last sample after an underrun.
    TAIL = 5


_VOLUME, _TRANSPORT, _MASTERED, _COMPARED, _CROSSING, _TAIL = (int(ramp) for ramp in Ramp)
_START, _TARGET, _DONE, _LENGTH = range(4)
_MATCH = 4


class PlaybackMix:
    """The ramps and the kernel that follows them. Made, and thereby compiled, before the stream starts.

    For one thread, and in it free of locks and of allocations of audio.
    """

    def __init__(self) -> None:
        self._ramps = np.zeros((len(Ramp), 4))
        self._last = np.zeros(2, np.float32)
        self.jump(Ramp.VOLUME, 1.0)
        self.jump(Ramp.CROSSING, 1.0)
        nothing, ring = np.zeros((1, 2), np.float32), np.zeros((1, 5), np.float32)
        self.mix(nothing, 0, 0, ring, 0)
        self.rest(nothing, 0, 0)
        self.value(Ramp.VOLUME)

    def value(self, ramp: Ramp) -> float:
        """Where it is."""
        return float(_value(self._ramps, int(ramp)))

    def left(self, ramp: Ramp) -> int:
        """Frames until it has arrived."""
        return int(self._ramps[ramp, _LENGTH] - self._ramps[ramp, _DONE])

    def aim(self, ramp: Ramp, target: float, frames: int) -> None:
        """From where it is to `target` within `frames` frames; nothing changes where it goes there already."""
        state = self._ramps[ramp]
        if state[_TARGET] != target:
            state[_START] = self.value(ramp)
            state[_TARGET] = target
            state[_DONE] = 0.0
            state[_LENGTH] = max(frames, 1)

    def jump(self, ramp: Ramp, value: float) -> None:
        """There at once: for what is not heard."""
        state = self._ramps[ramp]
        state[_START] = state[_TARGET] = value
        state[_DONE] = state[_LENGTH] = 0.0

    def mix(
        self,
        out: NDArray[np.float32],
        start: int,
        frames: int,
        ring: NDArray[np.float32],
        read: int,
        outgoing: NDArray[np.float32] | None = None,
        outgoing_read: int = 0,
    ) -> None:
        """Fills `out[start : start + frames]` from frame `read` of `ring` on, crossed with `outgoing` where given."""
        other = ring if outgoing is None else outgoing
        _mix(out, start, frames, ring, read, other, outgoing_read, self._ramps, self._last)

    def rest(self, out: NDArray[np.float32], start: int, frames: int) -> None:
        """Fills it with silence, after what is left of the last sample."""
        _rest(out, start, frames, self._ramps, self._last)


def copy_frames(source: NDArray[np.float32], read: int, target: NDArray[np.float32], written: int, frames: int) -> None:
    """Copies `frames` frames from frame `read` of one ring to frame `written` of another, at most as long as either."""
    if source.shape[1] != target.shape[1] or frames > min(len(source), len(target)):
        raise ValueError(f"{frames} frames do not go from {source.shape} into {target.shape}")
    _copy(source, read, target, written, frames)


@kernel
def _copy(source, read, target, written, frames):  # type: ignore[no-untyped-def]  # pragma: no cover
    origin, at = read % max(len(source), 1), written % max(len(target), 1)
    for _ in range(frames):
        for column in range(source.shape[1]):
            target[at, column] = source[origin, column]
        origin = origin + 1 if origin + 1 < len(source) else 0
        at = at + 1 if at + 1 < len(target) else 0


@kernel
def _value(ramps, row):  # type: ignore[no-untyped-def]  # pragma: no cover
    if ramps[row, _DONE] >= ramps[row, _LENGTH]:
        return ramps[row, _TARGET]
    part = ramps[row, _DONE] / ramps[row, _LENGTH]
    eased = part * part * (3.0 - 2.0 * part)
    return ramps[row, _START] + (ramps[row, _TARGET] - ramps[row, _START]) * eased


@kernel
def _step(ramps, row):  # type: ignore[no-untyped-def]  # pragma: no cover
    if ramps[row, _DONE] < ramps[row, _LENGTH]:
        ramps[row, _DONE] += 1.0
    return _value(ramps, row)


@kernel
def _chosen(ring, at, channel, mastered, compared):  # type: ignore[no-untyped-def]  # pragma: no cover
    """The original, the mastered or what lies between; a column that is not heard is not touched."""
    match = ring[at, _MATCH]
    sample = 0.0
    if mastered < 1.0:
        gain = 1.0 if compared == 0.0 or match >= 1.0 else 1.0 + compared * (match - 1.0)
        sample = ring[at, channel] * (gain * (1.0 - mastered))
    if mastered > 0.0:
        gain = 1.0 if compared == 0.0 or match <= 1.0 else 1.0 + compared * (1.0 / match - 1.0)
        if mastered < 1.0:
            sample += ring[at, 2 + channel] * (gain * mastered)
        else:
            sample = ring[at, 2 + channel] * gain
    return sample


@kernel
def _mix(out, start, frames, ring, read, outgoing, outgoing_read, ramps, last):  # type: ignore[no-untyped-def]  # pragma: no cover
    at = read % len(ring)
    outgoing_at = outgoing_read % len(outgoing)
    for i in range(start, start + frames):
        gain = _step(ramps, _VOLUME) * _step(ramps, _TRANSPORT)
        mastered = _step(ramps, _MASTERED)
        compared = _step(ramps, _COMPARED)
        crossing = _step(ramps, _CROSSING)
        for channel in range(2):
            sample = _chosen(ring, at, channel, mastered, compared)
            if crossing < 1.0:
                left = _chosen(outgoing, outgoing_at, channel, mastered, compared)
                sample = crossing * sample + (1.0 - crossing) * left
            last[channel] = np.float32(sample * gain)
            out[i, channel] = last[channel]
        at = at + 1 if at + 1 < len(ring) else 0
        outgoing_at = outgoing_at + 1 if outgoing_at + 1 < len(outgoing) else 0


@kernel
def _rest(out, start, frames, ramps, last):  # type: ignore[no-untyped-def]  # pragma: no cover
    for i in range(start, start + frames):
        tail = _step(ramps, _TAIL)
        for channel in range(2):
            out[i, channel] = np.float32(last[channel] * tail) if tail > 0.0 else np.float32(0.0)
