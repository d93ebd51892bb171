"""Whether the pitch that is heard stays: one pitch per window by summed harmonics, compared with that of 0.37 s before.

Windows three hops apart have no samples in common; neighbours share two thirds of theirs, and would agree in noise.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from auralis_cli.dsp._jit import kernel
from auralis_cli.dsp.chroma import LOWEST_HZ, PLACES, PLACES_PER_OCTAVE

_HIGHEST_HZ = 1_000.0
_CANDIDATES = int(PLACES_PER_OCTAVE * np.log2(_HIGHEST_HZ / LOWEST_HZ)) + 1
_HARMONICS = np.round(PLACES_PER_OCTAVE * np.log2(np.arange(1.0, 7.0))).astype(np.int64)
_PER_HARMONIC = 0.8
# Below this share of all peaks, no pitch explains what is heard.
_VOICED = 0.15
_HOPS_APART = 3
# Three places to the semitone.
_SAME_PLACES = 1
_UNVOICED = -1_000


class PitchStability:
    """Share of a stream, by the amplitude of its peaks, in which the pitch stays within a third of a semitone."""

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """Forgets everything heard so far."""
        self._before = np.full(_HOPS_APART, _UNVOICED, np.int64)
        self._hops = 0
        # Σ w of what stayed, Σ w.
        self._sums = np.zeros(2)

    def add(self, amplitudes: NDArray[np.float64]) -> None:
        """Looks at windows of `chroma.PitchPeaks.amplitudes`."""
        if amplitudes.ndim != 2 or amplitudes.shape[1] != PLACES:
            raise ValueError(f"amplitudes must be (windows, {PLACES}), not {amplitudes.shape}")
        _add_pitches(amplitudes, _HARMONICS, self._hops, self._before, self._sums)
        self._hops += len(amplitudes)

    def share(self) -> float:
        """The share so far; 0 where nothing is heard."""
        stayed, weight = self._sums.tolist()
        return 0.0 if weight == 0.0 else float(stayed / weight)


@kernel
def _pitch(amplitudes, whole, harmonics, near):  # type: ignore[no-untyped-def]
    """The place whose harmonics hold most, `_UNVOICED` where that is little of the `whole`."""
    last = amplitudes.shape[0] - 1
    for place in range(last + 1):
        beside = amplitudes[max(0, place - 1)] + amplitudes[min(last, place + 1)]
        near[place] = amplitudes[place] + 0.5 * beside
    best, most = _UNVOICED, _VOICED * whole
    for place in range(_CANDIDATES):
        held, weight = 0.0, 1.0
        for harmonic in harmonics:
            if place + harmonic <= last:
                held += weight * near[place + harmonic]
            weight *= _PER_HARMONIC
        if held > most:
            best, most = place, held
    return best


@kernel
def _add_pitches(amplitudes, harmonics, hops_before, before, sums):  # type: ignore[no-untyped-def]
    near = np.empty(amplitudes.shape[1])
    for window in range(amplitudes.shape[0]):
        hop = hops_before + window
        whole = amplitudes[window].sum()
        pitch = _pitch(amplitudes[window], whole, harmonics, near) if whole > 0.0 else _UNVOICED
        if hop >= _HOPS_APART:
            sums[1] += whole
            if pitch != _UNVOICED and abs(pitch - before[hop % _HOPS_APART]) <= _SAME_PLACES:
                sums[0] += whole
        before[hop % _HOPS_APART] = pitch
