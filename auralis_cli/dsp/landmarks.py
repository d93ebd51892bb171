"""Landmarks: 32 signs per hop of 0.124 s, by which the same recording is known again.

Amplitudes of 33 bands from 300 to 2000 Hz, each window of unit length, are smoothed over five hops; bit b says
whether the step from band b to band b + 1 falls more steeply than eight hops before. Nothing of that depends on
level, and codecs, rates and cuts change few signs. `landmark_matching` compares them.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from auralis_cli.dsp._jit import kernel
from auralis_cli.dsp.segments import Series

_BANDS = 33
_LOWEST_HZ, _HIGHEST_HZ = 300.0, 2_000.0
_SMOOTHING = 5
_LAG_HOPS = 8
# Hops before the first word is complete: its later window has its own smoothing behind it.
_FIRST = _SMOOTHING - 1 + _LAG_HOPS
# What is heard at all: of the loud windows of the track (50 dB), and in mean squares of full scale.
_HEARD_SHARE = 1e-5
_HEARD_POWER = 1e-12
_LOUD_PERCENTILE = 95.0
# Where next to nothing has changed (steady test tones), signs would be those of rounding.
_LEAST_CHANGE = 1e-3


class LandmarkWords:
    """Makes the words of a stream from the power spectra of its windows."""

    def __init__(self, bin_hz: float) -> None:
        edges = np.geomspace(_LOWEST_HZ, _HIGHEST_HZ, _BANDS + 1)
        self._edges = np.round(edges / bin_hz).astype(np.int64)
        if not (np.diff(self._edges) > 0).all():
            raise ValueError(f"bin_hz must leave every band a bin of its own, not {bin_hz}")
        weights = np.hanning(_SMOOTHING + 2)[1:-1]
        self._weights = weights / weights.sum()
        self.reset()

    def reset(self) -> None:
        """Forgets everything heard so far."""
        self._bands = np.zeros((_SMOOTHING, _BANDS))
        self._steps = np.zeros((_LAG_HOPS, _BANDS - 1))
        self._hops = 0
        self._words = bytearray()
        # Per hop: power in the bands, Σ |change of the steps|.
        self._heard = Series(2, np.float32)

    def add(self, powers: NDArray[np.float64]) -> None:
        """Looks at power spectra (mean squares), `(windows, bins)`."""
        if powers.ndim != 2 or powers.shape[1] < self._edges[-1]:
            raise ValueError(f"powers must be (windows, at least {self._edges[-1]}), not {powers.shape}")
        words = np.empty(len(powers), np.uint32)
        rows = np.empty((len(powers), 2), np.float32)
        _add_words(powers, self._edges, self._weights, self._hops, self._bands, self._steps, words, rows)
        new = max(0, self._hops + len(powers) - _FIRST) - max(0, self._hops - _FIRST)
        self._words += words[len(powers) - new :].astype("<u4").tobytes()
        self._heard.append(rows)
        self._hops += len(powers)

    def words(self) -> NDArray[np.uint32]:
        """The words so far, one per hop but the first twelve."""
        return np.frombuffer(bytes(self._words), "<u4").astype(np.uint32)

    def valid(self) -> NDArray[np.bool_]:
        """Per word, whether both its moments are heard and something changed between them."""
        count = max(0, self._hops - _FIRST)
        if count == 0:
            return np.empty(0, np.bool_)
        power, change = self._heard.column(0), self._heard.column(1)
        heard = power > max(_HEARD_POWER, _HEARD_SHARE * float(np.percentile(power, _LOUD_PERCENTILE)))
        middle = _SMOOTHING // 2
        earlier, later = heard[middle : middle + count], heard[middle + _LAG_HOPS : middle + _LAG_HOPS + count]
        return np.asarray(earlier & later & (change[_FIRST:] > _LEAST_CHANGE))


@kernel
def _add_words(powers, edges, weights, hops_before, bands, steps, words, rows):  # type: ignore[no-untyped-def]
    count = edges.shape[0] - 1
    smooth = np.empty(count)
    for window in range(powers.shape[0]):
        hop = hops_before + window
        newest = bands[hop % _SMOOTHING]
        whole = 0.0
        for band in range(count):
            power = 0.0
            for k in range(edges[band], edges[band + 1]):
                power += powers[window, k]
            newest[band] = np.sqrt(power)
            whole += power
        scale = 1.0 / np.sqrt(whole) if whole > 0.0 else 0.0
        for band in range(count):
            newest[band] *= scale
        smooth[:] = 0.0
        for age in range(_SMOOTHING):
            past = bands[(hop + 1 + age) % _SMOOTHING]
            for band in range(count):
                smooth[band] += weights[age] * past[band]
        before = steps[hop % _LAG_HOPS]
        word, change = np.uint32(0), 0.0
        for band in range(count - 1):
            step = smooth[band] - smooth[band + 1]
            if step > before[band]:
                word |= np.uint32(1) << np.uint32(band)
            change += abs(step - before[band])
            before[band] = step
        words[window] = word
        rows[window, 0] = whole
        rows[window, 1] = change
