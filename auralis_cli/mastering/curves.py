"""Small shapes the decisions are made of: clipped ramps, smooth steps, smoothing over time and over log frequency."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Curve = NDArray[np.float64]


def ramp(value: float, start: float, end: float) -> float:
    """0 at `start`, 1 at `end` (which may lie below), straight between, clipped."""
    return min(1.0, max(0.0, (value - start) / (end - start)))


def smoothstep(value: float, start: float, end: float) -> float:
    """Like `ramp`, with level ends (3t² − 2t³)."""
    t = ramp(value, start, end)
    return t * t * (3.0 - 2.0 * t)


def log_step(frequencies_hz: Curve, start_hz: float, end_hz: float) -> Curve:
    """`smoothstep` over log frequency."""
    t = np.clip(np.log(frequencies_hz / start_hz) / np.log(end_hz / start_hz), 0.0, 1.0)
    return np.asarray(t * t * (3.0 - 2.0 * t))


def smooth_neighbours(values: Curve, reach: int) -> Curve:
    """Each with `reach` neighbours to both sides, by a Hann window; beyond its ends `values` stays as it is there."""
    window = np.hanning(2 * reach + 3)[1:-1]
    return np.convolve(np.pad(values, reach, mode="edge"), window / window.sum(), mode="valid")


def smooth_octaves(frequencies_hz: Curve, curve_db: Curve, sigma_octaves: float) -> Curve:
    """Gaussian smoothing over log frequency; values that are not finite count for nothing."""
    octaves = np.log2(frequencies_hz)
    weights = np.exp(-0.5 * ((octaves[:, None] - octaves[None, :]) / sigma_octaves) ** 2)
    known = np.isfinite(curve_db)
    weights = weights * known
    total = weights.sum(axis=1)
    smoothed = weights @ np.where(known, curve_db, 0.0) / np.maximum(total, 1e-12)
    return np.where(total > 1e-9, smoothed, -np.inf)
