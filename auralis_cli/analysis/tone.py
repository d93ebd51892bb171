"""The average spectrum of a track, over the windows that carry its sound."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from auralis_cli.dsp.spectrum import LongTermSpectrum
from auralis_cli.model.measurements import ToneProfile

# Windows that far below the mean power are pauses, fades and reverberation.
_GATE_POWER = 10.0 ** (-10.0 / 10.0)
# Windows that far below the loudest say nothing about how a band moves.
_AUDIBLE_POWER = 10.0 ** (-60.0 / 10.0)


def tone_profile(spectrum: LongTermSpectrum) -> ToneProfile:
    """Band powers of mid and side over windows within 10 dB of the mean, and how each band moves."""
    powers = spectrum.window_powers()
    gated = powers > _GATE_POWER * powers.mean() if len(powers) else np.zeros(0, bool)
    audible = powers > _AUDIBLE_POWER * powers.max() if len(powers) else np.zeros(0, bool)
    mid_db, side_db, spread_db = [], [], []
    # One after the other: all of them would be the most memory that a long track takes.
    for band in range(len(spectrum.centres_hz)):
        mid, side = spectrum.window_bands(band)
        mid_db.append(_mean_db(mid[gated]))
        side_db.append(_mean_db(side[gated]))
        spread_db.append(_spread_db((mid + side)[audible]))
    return ToneProfile(spectrum.centres_hz, tuple(mid_db), tuple(side_db), tuple(spread_db), spectrum.cutoff_hz())


def _mean_db(powers: NDArray[np.float64]) -> float:
    mean = float(powers.mean()) if len(powers) else 0.0
    return 10.0 * float(np.log10(mean)) if mean > 0.0 else -np.inf


def _spread_db(powers: NDArray[np.float64]) -> float:
    """95th − 10th percentile of the level; a band that is silent at times is taken as 1e-15 then."""
    if len(powers) == 0:
        return 0.0
    low, high = np.percentile(np.maximum(powers, 1e-15), (10.0, 95.0))
    return float(10.0 * np.log10(high / low))
