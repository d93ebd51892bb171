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
_BANDS_AT_ONCE = 4


def tone_profile(spectrum: LongTermSpectrum) -> ToneProfile:
    """Band powers of mid and side over windows within 10 dB of the mean, and how each band moves."""
    powers = spectrum.window_powers()
    gated = powers > _GATE_POWER * powers.mean() if len(powers) else np.zeros(0, bool)
    audible = powers > _AUDIBLE_POWER * powers.max() if len(powers) else np.zeros(0, bool)
    mid_db: tuple[float, ...] = ()
    side_db: tuple[float, ...] = ()
    spread_db: tuple[float, ...] = ()
    count = len(spectrum.centres_hz)
    # Some at a time: all of them would be the most memory that a long track takes.
    for start in range(0, count, _BANDS_AT_ONCE):
        bands = [spectrum.window_bands(band) for band in range(start, min(count, start + _BANDS_AT_ONCE))]
        mid_db += tuple(_mean_db(mid[gated]) for mid, _ in bands)
        side_db += tuple(_mean_db(side[gated]) for _, side in bands)
        spread_db += _spreads_db(np.array([(mid + side)[audible] for mid, side in bands]))
    return ToneProfile(spectrum.centres_hz, mid_db, side_db, spread_db, spectrum.cutoff_hz())


def _mean_db(powers: NDArray[np.float64]) -> float:
    mean = float(powers.mean()) if len(powers) else 0.0
    return 10.0 * float(np.log10(mean)) if mean > 0.0 else -np.inf


def _spreads_db(powers: NDArray[np.float64]) -> tuple[float, ...]:
    """95th − 10th percentile of the level of each row; one that is silent at times is taken as 1e-15 then."""
    if powers.size == 0:
        return (0.0,) * len(powers)
    low, high = np.percentile(np.maximum(powers, 1e-15), (10.0, 95.0), axis=1)
    return tuple((10.0 * np.log10(high / low)).tolist())
