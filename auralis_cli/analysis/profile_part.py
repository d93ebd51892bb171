"""How a track sounds, as it is compared with another: the part of it that no other meter knows."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from auralis_cli.dsp.gated_spectrum import GatedSpectrum
from auralis_cli.model.measurements import Measurements
from auralis_cli.model.sound_profile import POINTS_PER_OCTAVE, PROFILE_FREQUENCIES_HZ, SoundProfile

# Fine enough for a resonance, wide enough that no note of one song is found in another's curve.
_SMOOTHING_OCTAVES = 0.10
_FREQUENCIES_HZ = np.array(PROFILE_FREQUENCIES_HZ)
_HALF_STEP = 2.0 ** (0.5 / POINTS_PER_OCTAVE)


class ProfilePart:
    """What of a profile no other meter knows: the spectrum, and what is told by it."""

    def __init__(self, sample_rate_hz: int, channels: int) -> None:
        edges_hz = np.concatenate((_FREQUENCIES_HZ / _HALF_STEP, _FREQUENCIES_HZ[-1:] * _HALF_STEP))
        self._sample_rate_hz = sample_rate_hz
        self._spectrum = GatedSpectrum(edges_hz, sample_rate_hz, channels)

    def add(self, block: NDArray[np.float32]) -> None:
        """Looks at the next block, float32 `(frames, channels)`."""
        self._spectrum.process(block)

    def result(self, measured: Measurements) -> SoundProfile:
        """Ends the track, of which all else was `measured`."""
        self._spectrum.flush()
        widths_hz = _FREQUENCIES_HZ * (_HALF_STEP - 1.0 / _HALF_STEP)
        whole = self._sample_rate_hz / 2.0 >= _FREQUENCIES_HZ * _HALF_STEP
        mid, side, shared = (
            _smoothed(np.where(whole, powers / widths_hz, np.nan)) for powers in self._spectrum.band_powers()
        )
        whole_mid, whole_side, common = self._spectrum.whole_powers()
        both = whole_mid + whole_side
        leaning = shared / np.maximum(np.sqrt(mid * side), 1e-300)
        return SoundProfile(
            duration_s=measured.duration_s,
            sample_rate_hz=measured.sample_rate_hz,
            channels=measured.channels,
            mid_db=_levels_db(mid),
            side_db=_levels_db(side),
            leaning=tuple(np.round(np.clip(leaning, -1.0, 1.0), 4).tolist()),
            cutoff_hz=self._spectrum.cutoff_hz(),
            integrated_lufs=measured.integrated_lufs,
            true_peak_dbtp=measured.true_peak_dbtp,
            plr_db=measured.plr_db,
            crest_db=measured.sample_peak_dbfs - _db(both),
            lra_lu=measured.lra_lu,
            width_db=_ratio_db(whole_side, whole_mid),
            balance_db=_ratio_db(both + 2.0 * common, both - 2.0 * common),
        )


def _levels_db(density: NDArray[np.float64]) -> tuple[float, ...]:
    with np.errstate(divide="ignore"):
        return tuple(np.round(10.0 * np.log10(density), 3).tolist())


def _smoothed(density: NDArray[np.float64]) -> NDArray[np.float64]:
    """Gaussian smoothing of power over log frequency; what is NaN is beyond the end, and counts for nothing."""
    reach = math.ceil(4.0 * _SMOOTHING_OCTAVES * POINTS_PER_OCTAVE)
    steps = np.arange(-reach, reach + 1) / (_SMOOTHING_OCTAVES * POINTS_PER_OCTAVE)
    kernel = np.exp(-0.5 * steps**2)
    known = np.isfinite(density)
    total = np.convolve(np.where(known, density, 0.0), kernel, "same")
    return np.where(known, total / np.maximum(np.convolve(known.astype(float), kernel, "same"), 1e-12), 0.0)


def _db(power: float) -> float:
    return 10.0 * math.log10(power) if power > 0.0 else -math.inf


def _ratio_db(one: float, other: float) -> float:
    """±inf where one of them is nothing but rounding, 0 where both are."""
    floor = 1e-12 * max(abs(one), abs(other))
    if one <= floor or other <= floor:
        return 0.0 if floor == 0.0 else -math.inf if one < other else math.inf
    return 10.0 * math.log10(one / other)
