"""Onsets of notes and strokes, from how the spectrum grows, at 11 025 Hz.

Hann windows of 1024, hop 256; the power in 36 bands, its fourth root (no logarithm, no floor: a gain
changes every figure by the same factor); flux is what the bands gain within two hops.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from auralis_cli.dsp._jit import kernel
from auralis_cli.dsp.processor import check_block
from auralis_cli.dsp.segments import Series

ONSET_RATE_HZ = 11_025
HOP_FRAMES = 256
_WINDOW = 1024
_BATCH = 16
_LINE = _WINDOW + HOP_FRAMES * (_BATCH - 1)
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
        self._window = np.asarray(0.5 - 0.5 * np.cos(2.0 * np.pi * np.arange(_WINDOW) / _WINDOW), np.float32)
        self._edges = _band_edges()
        self.reset()

    def reset(self) -> None:
        """Forgets everything heard so far."""
        self._line = np.zeros(_LINE, np.float32)
        self._filled = 0
        self._past = np.zeros((_FLUX_HOPS, len(self._edges) - 1))
        self._hops = 0
        self._series = Series(2, np.float32)

    def process(self, block: NDArray[np.float32]) -> None:
        """Looks at `block`, float32 `(frames, 1)`."""
        check_block(block, 1)
        done = 0
        while done < len(block):
            take = min(_LINE - self._filled, len(block) - done)
            self._line[self._filled : self._filled + take] = block[done : done + take, 0]
            self._filled += take
            done += take
            if self._filled == _LINE:
                self._analyse(_BATCH)

    def flush(self) -> None:
        """Ends the stream; an incomplete last window is left out, unless it is the only one."""
        if self._filled >= _WINDOW:
            self._analyse((self._filled - _WINDOW) // HOP_FRAMES + 1)
        elif self._hops == 0 and self._filled:
            self._line[self._filled :] = 0.0
            self._filled = _WINDOW
            self._analyse(1)

    def _analyse(self, hops: int) -> None:
        windows = np.lib.stride_tricks.sliding_window_view(self._line, _WINDOW)[: hops * HOP_FRAMES : HOP_FRAMES]
        with np.errstate(invalid="ignore"):  # NaN and Inf come out as NaN
            spectra = np.fft.rfft(windows * self._window)
        rows = np.empty((hops, 2), np.float32)
        _flux(spectra.view(np.float32), self._edges, self._past, self._hops, rows)
        self._series.append(rows)
        self._hops += hops
        keep = self._filled - hops * HOP_FRAMES
        self._line[:keep] = self._line[self._filled - keep : self._filled].copy()
        self._filled = keep

    def flux(self) -> NDArray[np.float64]:
        """Flux per hop."""
        return self._series.column(0)

    def bands(self) -> NDArray[np.float64]:
        """Sum over the bands per hop, in the unit of the flux."""
        return self._series.column(1)

    def onset_hops(self) -> NDArray[np.int64]:
        """The hops in which something begins, ascending."""
        flux, bands = self.flux(), self.bands()
        picked = np.empty(len(flux), np.int64)
        return picked[: _pick(flux, bands, np.exp(-HOP_FRAMES / ONSET_RATE_HZ / _PAST_S), picked)]


def _band_edges() -> NDArray[np.int64]:
    """Edges of 36 bands of bins 3 … 512, as even in logarithm as whole bins allow."""
    edges = _EDGES.copy()
    for i in range(1, len(edges)):
        edges[i] = max(edges[i], edges[i - 1] + 1)
    return edges


@kernel
def _flux(spectra, edges, past, hops_before, rows):  # type: ignore[no-untyped-def]
    count = edges.shape[0] - 1
    bands = np.empty(count)
    for hop in range(spectra.shape[0]):
        spectrum = spectra[hop]
        older = past[(hops_before + hop) % 2]
        grown, total = 0.0, 0.0
        for band in range(count):
            power = 0.0
            for k in range(edges[band], edges[band + 1]):
                re, im = np.float64(spectrum[2 * k]), np.float64(spectrum[2 * k + 1])
                power += re * re + im * im
            bands[band] = np.sqrt(np.sqrt(power / (edges[band + 1] - edges[band])))
            grown += max(0.0, bands[band] - older[band])
            total += bands[band]
        older[:] = bands
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
