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
    """What of a profile no other meter knows: the spectrum and the balance of left and right."""

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
        mid_db, side_db = (
            _smoothed_db(np.where(whole, powers / widths_hz, np.nan)) for powers in self._spectrum.band_powers()
        )
        return SoundProfile(
            duration_s=measured.duration_s,
            sample_rate_hz=measured.sample_rate_hz,
            channels=measured.channels,
            mid_db=mid_db,
            side_db=side_db,
            cutoff_hz=self._spectrum.cutoff_hz(),
            integrated_lufs=measured.integrated_lufs,
            true_peak_dbtp=measured.true_peak_dbtp,
            plr_db=measured.plr_db,
            crest_db=measured.crest_db,
            lra_lu=measured.lra_lu,
            width_db=_width_db(measured.width),
            balance_db=self._spectrum.left_over_right_db(),
        )


def _smoothed_db(density: NDArray[np.float64]) -> tuple[float, ...]:
    """Gaussian smoothing of power over log frequency; what is NaN is beyond the end, and counts for nothing."""
    reach = math.ceil(4.0 * _SMOOTHING_OCTAVES * POINTS_PER_OCTAVE)
    steps = np.arange(-reach, reach + 1) / (_SMOOTHING_OCTAVES * POINTS_PER_OCTAVE)
    kernel = np.exp(-0.5 * steps**2)
    known = np.isfinite(density)
    total = np.convolve(np.where(known, density, 0.0), kernel, "same")
    smoothed = np.where(known, total / np.maximum(np.convolve(known.astype(float), kernel, "same"), 1e-12), 0.0)
    with np.errstate(divide="ignore"):
        return tuple(np.round(10.0 * np.log10(smoothed), 3).tolist())


def _width_db(width: float) -> float:
    """Side over mid from side over both."""
    if not 0.0 < width < 1.0:
        return -math.inf if not width > 0.0 else math.inf
    return 10.0 * math.log10(width / (1.0 - width))
