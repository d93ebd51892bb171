"""Slow gain automation: a curve of gains in dB, drawn once, followed to the sample."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from auralis_cli.dsp._jit import kernel
from auralis_cli.dsp.processor import check_block, check_stream

_NEPER_PER_DB = math.log(10.0) / 20.0


class GainAutomation:
    """A `Processor` without latency: gain k holds at k · hop_s, linear in dB between, the last to the end."""

    latency_frames = 0

    def __init__(self, gains_db: NDArray[np.float64], hop_s: float, sample_rate_hz: int, channels: int) -> None:
        if gains_db.ndim != 1 or len(gains_db) == 0 or not np.isfinite(gains_db).all():
            raise ValueError("gains_db must be a series of finite values")
        if not 0.0 < hop_s < np.inf:
            raise ValueError(f"hop_s must be positive, not {hop_s}")
        check_stream(sample_rate_hz, channels)
        self._gains_db = np.ascontiguousarray(gains_db, np.float64)
        self._hops_per_frame = 1.0 / (hop_s * sample_rate_hz)
        self._channels = channels
        self._position = 0

    def reset(self) -> None:
        """Back to the first frame."""
        self._position = 0

    def begin_at(self, frame: int) -> None:
        """The next frame is number `frame` of the stream that the curve was drawn for."""
        if frame < 0:
            raise ValueError(f"frame must not be negative, not {frame}")
        self._position = frame

    def process(self, block: NDArray[np.float32]) -> NDArray[np.float32]:
        """`block` with its stretch of the curve applied."""
        check_block(block, self._channels)
        out = np.empty_like(block)
        _automate(block, self._gains_db, self._hops_per_frame, self._position, out)
        self._position += len(block)
        return out

    def flush(self) -> NDArray[np.float32]:
        """Nothing is held back."""
        return np.zeros((0, self._channels), np.float32)


@kernel
def _automate(block, gains_db, hops_per_frame, position, out):  # type: ignore[no-untyped-def]  # pragma: no cover
    frames, channels = block.shape
    last = len(gains_db) - 1
    for i in range(frames):
        place = (position + i) * hops_per_frame
        hop = min(int(place), last)
        level = gains_db[hop]
        if hop < last:
            level += (gains_db[hop + 1] - level) * (place - hop)
        gain = math.exp(level * _NEPER_PER_DB)
        for c in range(channels):
            out[i, c] = np.float32(block[i, c] * gain)
