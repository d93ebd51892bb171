"""Onsets of notes and strokes, from how the spectrum grows, at 11 025 Hz; and how much lasts instead.

Hann windows of 1024, hop 256; the power in 36 bands, its fourth root (no logarithm, no floor: a gain
changes every figure by the same factor); flux is what the bands gain within two hops.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from auralis_cli.dsp._jit import kernel
from auralis_cli.dsp.hpss import HarmonicShare
from auralis_cli.dsp.segments import Series
from auralis_cli.dsp.sliding_spectra import SlidingSpectra

ONSET_RATE_HZ = 11_025
HOP_FRAMES = 256
HOPS_PER_SECOND = ONSET_RATE_HZ / HOP_FRAMES
_WINDOW = 1024
_BATCH = 32
_EDGES = np.round(np.geomspace(3, 512, 37)).astype(np.int64)
_FLUX_HOPS = 2
_NEIGHBOURS = 3
_MEAN_HOPS = 22
_OVER_MEAN = 1.6
_OVER_BANDS = 0.20
_OVER_PAST = 0.1
_PAST_S = 10.0


class OnsetDetector:
    """Finds onsets in a stream of one channel at 11 025 Hz.

    `flux()` and `bands()` give, per hop, the flux and the sum of the bands it is seen against.
    """

    def __init__(self) -> None:
        self._windows = SlidingSpectra(_WINDOW, HOP_FRAMES, _BATCH)
        self._edges = _band_edges()
        self._harmonic = HarmonicShare(_WINDOW // 2 + 1)
        self._powers = np.empty((_BATCH, _WINDOW // 2 + 1), np.float32)
        self.reset()

    def reset(self) -> None:
        """Forgets everything heard so far."""
        self._windows.reset()
        self._past = np.zeros((_FLUX_HOPS, len(self._edges) - 1))
        self._hops = 0
        self._series = Series(2, np.float32)
        self._harmonic.reset()

    def process(self, block: NDArray[np.float32]) -> None:
        """Looks at `block`, float32 `(frames, 1)`."""
        for spectra in self._windows.process(block):
            self._analyse(spectra)

    def flush(self) -> None:
        """Ends the stream; an incomplete last window is left out, unless it is the only one."""
        for spectra in self._windows.flush():
            self._analyse(spectra)
        self._harmonic.flush()

    def _analyse(self, spectra: NDArray[np.complex64]) -> None:
        rows, powers = np.empty((len(spectra), 2), np.float32), self._powers[: len(spectra)]
        _flux(spectra.view(np.float32), powers, self._edges, self._past, self._hops, rows)
        self._series.append(rows)
        self._hops += len(spectra)
        self._harmonic.process(powers)

    def flux(self) -> NDArray[np.float64]:
        """Flux per hop."""
        return self._series.column(0)

    def bands(self) -> NDArray[np.float64]:
        """Sum over the bands per hop, in the unit of the flux."""
        return self._series.column(1)

    def harmonic_ratio(self) -> float:
        """Share of amplitude that lasts (`dsp/hpss.py`)."""
        return self._harmonic.ratio()

    def onset_hops(self) -> NDArray[np.int64]:
        """The hops in which something begins, ascending."""
        flux, bands = self.flux(), self.bands()
        picked = np.empty(len(flux), np.int64)
        return picked[: _pick(flux, bands, np.exp(-1.0 / HOPS_PER_SECOND / _PAST_S), picked)]


def _band_edges() -> NDArray[np.int64]:
    """Edges of 36 bands of bins 3 … 512, as even in logarithm as whole bins allow."""
    edges = _EDGES.copy()
    for i in range(1, len(edges)):
        edges[i] = max(edges[i], edges[i - 1] + 1)
    return edges


@kernel
def _flux(spectra, powers, edges, past, hops_before, rows):  # type: ignore[no-untyped-def]
    count = edges.shape[0] - 1
    bands = np.empty(count)
    for hop in range(spectra.shape[0]):
        spectrum, power_of = spectra[hop], powers[hop]
        for k in range(power_of.shape[0]):
            re, im = spectrum[2 * k], spectrum[2 * k + 1]
            power_of[k] = re * re + im * im
        older = past[(hops_before + hop) % 2]
        grown, total = 0.0, 0.0
        for band in range(count):
            power = 0.0
            for k in range(edges[band], edges[band + 1]):
                power += np.float64(power_of[k])
            bands[band] = np.sqrt(np.sqrt(power / (edges[band + 1] - edges[band])))
            grown += max(0.0, bands[band] - older[band])
            total += bands[band]
        for band in range(count):  # by index: see `kernel`
            older[band] = bands[band]
        # The first two hops have nothing before them to have grown from.
        rows[hop, 0] = grown if hops_before + hop >= 2 else 0.0
        rows[hop, 1] = total


@kernel
def _pick(flux, bands, decay, picked):  # type: ignore[no-untyped-def]
    count, loudest = 0, 0.0
    hops = flux.shape[0]
    for t in range(hops):
        loudest = max(bands[t], loudest * decay)
        value = flux[t]
        if value <= _OVER_BANDS * bands[t] or bands[t] <= _OVER_PAST * loudest:
            continue
        low, high = max(0, t - _NEIGHBOURS), min(hops, t + _NEIGHBOURS + 1)
        # Of equal neighbours the first counts.
        if value < flux[t:high].max() or (t > low and value <= flux[low:t].max()):
            continue
        low, high = max(0, t - _MEAN_HOPS), min(hops, t + _MEAN_HOPS + 1)
        if value > _OVER_MEAN * flux[low:high].mean():
            picked[count] = t
            count += 1
    return count
