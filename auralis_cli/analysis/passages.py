"""How tone and level of a track go on over time, coarsely: one value a second for each octave."""

from __future__ import annotations

import numpy as np

from auralis_cli.dsp.spectrum import LongTermSpectrum
from auralis_cli.model.measurements import Passages

# Third-octave bands in one of ours.
_THIRDS = 3
_FLOOR_POWER = 1e-12


def passages_of(spectrum: LongTermSpectrum) -> Passages:
    """Mean powers of mid and side together over each second, by the windows that begin in it."""
    windows, centres_hz = spectrum.windows, spectrum.centres_hz
    # Third-octaves that make no whole octave are left out, at the top.
    bands = len(centres_hz) // _THIRDS
    seconds = (np.arange(windows) * spectrum.window_s).astype(np.int64)
    count = int(seconds[-1]) + 1 if windows else 0
    # Of every second at least one window begins: they last 93 ms.
    many = np.bincount(seconds, minlength=count)
    series = []
    for band in range(bands):
        powers = sum(sum(spectrum.window_bands(third)) for third in range(band * _THIRDS, (band + 1) * _THIRDS))
        means = np.bincount(seconds, weights=powers, minlength=count) / many if windows else np.zeros(0)
        levels = 20.0 * np.log10(np.maximum(np.where(np.isfinite(means), means, 0.0), _FLOOR_POWER))
        series.append(tuple(np.rint(levels).astype(np.int64).tolist()))
    frequencies = tuple(centres_hz[band * _THIRDS + 1] for band in range(bands))
    return Passages(frequencies, tuple(series))
