"""Removes what lies below hearing: constant and drifting offsets, by a linear-phase subtraction.

The offset is three running means in a row (a smooth window of 3 × 80 ms), subtracted from the signal
at its centre: −60 dB and more at 0 Hz, −5 dB at 5 Hz, within ±0.1 dB from 17 Hz up, no phase shift.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from auralis_cli.dsp._jit import kernel
from auralis_cli.dsp.processor import check_block, check_range, check_stream

_MEANS = 3


class OffsetRemoval:
    """A `Processor` for float32 `(frames, channels)`; `window_ms` is the length of one running mean."""

    def __init__(self, window_ms: float, sample_rate_hz: int, channels: int) -> None:
        check_stream(sample_rate_hz, channels)
        check_range("window_ms", window_ms, 10.0, 1000.0)
        # Odd, so that the centre of the window is a frame.
        self._length = 2 * round(window_ms / 1e3 * sample_rate_hz / 2) + 1
        self._channels = channels
        self.reset()

    @property
    def latency_frames(self) -> int:
        """Half of the three windows."""
        return _MEANS * (self._length // 2)

    def reset(self) -> None:
        """The state of a fresh filter."""
        self._lines = np.zeros((self._channels, _MEANS, self._length))
        self._sums = np.zeros((self._channels, _MEANS))
        self._delayed = np.zeros((self.latency_frames, self._channels), np.float32)
        self._positions = np.zeros(2, np.int64)  # in the lines, in the delay

    def process(self, block: NDArray[np.float32]) -> NDArray[np.float32]:
        """As many frames as went in, `latency_frames` late."""
        check_block(block, self._channels)
        out = np.empty_like(block)
        _subtract_means(block, self._lines, self._sums, self._delayed, self._positions, out)
        return out

    def flush(self) -> NDArray[np.float32]:
        """The last `latency_frames` frames."""
        return self.process(np.zeros((self.latency_frames, self._channels), np.float32))


@kernel
def _subtract_means(block, lines, sums, delayed, positions, out):  # type: ignore[no-untyped-def]  # pragma: no cover
    frames, channels = block.shape
    length = lines.shape[2]
    late = delayed.shape[0]
    scale = 1.0 / length
    start, start_late = positions
    for c in range(channels):
        line0, line1, line2 = lines[c, 0], lines[c, 1], lines[c, 2]
        sum0, sum1, sum2 = sums[c]
        position, place = start, start_late
        for i in range(frames):
            value = np.float64(block[i, c])
            sum0 += value - line0[position]
            line0[position] = value
            mean = sum0 * scale
            sum1 += mean - line1[position]
            line1[position] = mean
            mean = sum1 * scale
            sum2 += mean - line2[position]
            line2[position] = mean
            out[i, c] = np.float32(delayed[place, c] - sum2 * scale)
            delayed[place, c] = block[i, c]
            position = position + 1 if position + 1 < length else 0
            place = place + 1 if place + 1 < late else 0
        sums[c, 0], sums[c, 1], sums[c, 2] = sum0, sum1, sum2
    positions[0] = (start + frames) % length
    positions[1] = (start_late + frames) % late
