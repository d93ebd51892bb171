"""The arithmetic from what meters gathered to the figures people read."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from auralis_cli.dsp import loudness
from auralis_cli.dsp.levels import Levels
from auralis_cli.model.measurements import Measurements
from auralis_cli.units import gain_to_db, power_to_db

# Below this BS.1770 has not one complete gating block.
MIN_LOUDNESS_S = 0.4
_NOISE_FLOOR_PERCENTILE = 0.10


def measurements_of(
    sample_rate_hz: int,
    levels: Levels,
    segments: NDArray[np.float64],
    channel_energies: tuple[float, ...],
    true_peak: float,
) -> Measurements:
    """`segments`: K-weighted energies per 10 ms; `channel_energies`: per channel, K-weighted; `true_peak` linear."""
    length = sample_rate_hz / loudness.SEGMENTS_PER_SECOND
    integrated = loudness.integrated_lufs(segments, length)
    short_term = loudness.short_term_lufs(segments, length)
    peak = max(levels.sample_peaks)
    true_peak_db = gain_to_db(true_peak)
    offsets = tuple(_finite(total / max(1, levels.frames)) for total in levels.sums)
    correlation, width = _stereo_image(levels)
    return Measurements(
        duration_s=levels.frames / sample_rate_hz,
        frames=levels.frames,
        sample_rate_hz=sample_rate_hz,
        channels=len(levels.sums),
        integrated_lufs=integrated,
        momentary_max_lufs=loudness.momentary_max_lufs(segments, length),
        short_term_max_lufs=loudness.short_term_max_lufs(segments, length),
        lra_lu=loudness.loudness_range_lu(short_term),
        true_peak_dbtp=true_peak_db,
        sample_peak_dbfs=gain_to_db(peak),
        plr_db=true_peak_db - integrated if integrated > -math.inf else -math.inf,
        crest_db=_crest_db(levels),
        dc_offset=max(offsets, key=abs),
        dc_offsets=offsets,
        clipping_runs=levels.clipping_runs,
        clipped_samples=levels.clipped_samples,
        correlation=correlation,
        width=width,
        balance_lu=_balance_lu(channel_energies),
        noise_floor_lufs=_noise_floor_lufs(short_term),
        first_non_finite_frame=levels.first_non_finite_frame,
        on_grid_bits=levels.on_grid_bits,
        too_short=levels.frames < MIN_LOUDNESS_S * sample_rate_hz,
        silent=levels.first_non_finite_frame is None and peak == 0.0,
    )


def _finite(value: float, otherwise: float = 0.0) -> float:
    return value if math.isfinite(value) else otherwise


def _crest_db(levels: Levels) -> float:
    power = sum(levels.square_sums) / max(1, levels.frames * len(levels.sums))
    return _finite(gain_to_db(max(levels.sample_peaks)) - power_to_db(power), -math.inf)


def _stereo_image(levels: Levels) -> tuple[float, float]:
    """Correlation and width of the first two channels; mono is its own other channel."""
    left, right, product = levels.square_sums[0], levels.square_sums[:2][-1], levels.product_sum
    total = left + right
    if not 0.0 < total < math.inf:
        return 1.0, 0.0
    # Twice mid and side energy; rounding may leave a side of mono just below 0.
    side = max(0.0, total - 2.0 * product)
    width = side / (2.0 * total)
    if left == 0.0 or right == 0.0:
        return 0.0, width
    return min(1.0, max(-1.0, product / math.sqrt(left * right))), width


def _balance_lu(channel_energies: tuple[float, ...]) -> float:
    left, right = channel_energies[0], channel_energies[:2][-1]
    if left == right:
        return 0.0
    return _finite(power_to_db(left) - power_to_db(right), math.copysign(math.inf, left - right))


def _noise_floor_lufs(short_term: NDArray[np.float64]) -> float:
    if len(short_term) == 0:
        return -math.inf
    return float(np.sort(short_term)[round(_NOISE_FLOOR_PERCENTILE * (len(short_term) - 1))])
