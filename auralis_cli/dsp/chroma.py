"""Which pitch classes a spectrum holds: its peaks by pitch, 36 to the octave, and how few classes they fill.

Three places to the semitone leave the tuning open: twelve classes are made of them at three tunings a third
of a semitone apart, and the one that fits best counts, so that nothing depends on A being 440 Hz.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from auralis_cli.dsp._jit import kernel

PLACES_PER_OCTAVE = 36
LOWEST_HZ = 55.0
_HIGHEST_HZ = 5_000.0
# Peaks more than 50 dB below the strongest are left out.
_WEAKEST = 1e-5
PLACES = int(PLACES_PER_OCTAVE * np.log2(_HIGHEST_HZ / LOWEST_HZ)) + 1
_TUNINGS = 3


class PitchPeaks:
    """Amplitudes of the spectral peaks of a window by their pitch; place j lies at 55 Hz · 2^(j/36)."""

    def __init__(self, bin_hz: float) -> None:
        if not 0.0 < bin_hz < LOWEST_HZ / 2.0:
            raise ValueError(f"bin_hz must lie between 0 and {LOWEST_HZ / 2.0:g}, not {bin_hz}")
        # Bins looked at are those whose neighbours lie within the spectrum as well.
        self._first = int(np.ceil(LOWEST_HZ / bin_hz))
        self.bins = int(_HIGHEST_HZ / bin_hz) + 2
        bins = np.maximum(1.0, np.arange(self.bins))
        self._places = PLACES_PER_OCTAVE * np.log2(bins * bin_hz / LOWEST_HZ)

    def amplitudes(self, powers: NDArray[np.float64]) -> NDArray[np.float64]:
        """Amplitudes, `(windows, places)`, of power spectra, `(windows, bins)`."""
        if powers.ndim != 2 or powers.shape[1] < self.bins:
            raise ValueError(f"powers must be (windows, at least {self.bins}), not {powers.shape}")
        amplitudes = np.zeros((len(powers), PLACES))
        _peaks_by_pitch(powers[:, : self.bins], self._first, self._places, amplitudes)
        return amplitudes


class Chroma:
    """How much of a stream's tones lies in few pitch classes; windows count by the amplitude of their peaks."""

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """Forgets everything heard so far."""
        # Σ w · Σp² at each tuning, Σ w.
        self._sums = np.zeros(_TUNINGS + 1)

    def add(self, amplitudes: NDArray[np.float64]) -> None:
        """Looks at windows of `PitchPeaks.amplitudes`."""
        _add_classes(amplitudes, self._sums)

    def energy(self) -> float:
        """Mean Σp² of the twelve classes: 1 where there is one alone, 1/12 where all are even, 0 without peaks."""
        weight = float(self._sums[_TUNINGS])
        return 0.0 if weight == 0.0 else float(self._sums[:_TUNINGS].max()) / weight


@kernel
def _strongest(powers):  # type: ignore[no-untyped-def]
    """The largest of `powers`, compared as integers, which is vectorised; NaN is above all."""
    bits = powers.view(np.int64)
    top = np.int64(0)
    for i in range(bits.shape[0]):
        top = bits[i] if bits[i] > top else top
    return np.array([top], np.int64).view(np.float64)[0]


@kernel
def _peaks_by_pitch(powers, first, places, amplitudes):  # type: ignore[no-untyped-def]
    count = powers.shape[1]
    sizes, is_peak = np.empty(count), np.zeros(count, np.uint8)
    for window in range(powers.shape[0]):
        power, into = powers[window], amplitudes[window]
        least = _WEAKEST * _strongest(power[first : count - 1])
        for k in range(count):
            sizes[k] = np.sqrt(power[k])
        for k in range(first, count - 1):
            is_peak[k] = (power[k] > power[k - 1]) & (power[k] >= power[k + 1]) & (power[k] >= least)
        for k in range(first, count - 1):
            if is_peak[k] == 0:
                continue
            below, here, above = sizes[k - 1], sizes[k], sizes[k + 1]
            # The vertex of a parabola, from −½ to ½ of a bin.
            beside = 0.5 * (above - below) / (2.0 * here - above - below)
            # log₂(k + x) up to x³ from the table, which is within 1/5000 of a place.
            part = beside / k
            place = places[k] + PLACES_PER_OCTAVE / np.log(2.0) * (part - 0.5 * part * part) + 0.5
            # Written so that what is not a number is in no place.
            if place >= 0.0 and place < into.shape[0]:
                into[int(place)] += here


@kernel
def _add_classes(amplitudes, sums):  # type: ignore[no-untyped-def]
    octave = np.empty(PLACES_PER_OCTAVE)
    for window in range(amplitudes.shape[0]):
        octave[:] = 0.0
        for place in range(amplitudes.shape[1]):
            octave[place % PLACES_PER_OCTAVE] += amplitudes[window, place]
        whole = octave.sum()
        if whole == 0.0:
            continue
        sums[_TUNINGS] += whole
        for tuning in range(_TUNINGS):
            squares = 0.0
            for low in range(tuning, PLACES_PER_OCTAVE, 3):
                share = octave[low] + octave[(low + 1) % PLACES_PER_OCTAVE] + octave[(low + 2) % PLACES_PER_OCTAVE]
                squares += share * share
            # Σ w · Σp², p being shares of the whole, w the whole.
            sums[tuning] += squares / whole
