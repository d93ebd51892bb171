"""What lasts against what strikes: medians of power in time and in frequency, 9 of each (HPSS).

A partial that lasts stands out against its neighbours in frequency, a stroke against its neighbours in time.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from auralis_cli.dsp._jit import kernel

_TAPS = 9
_HALF = _TAPS // 2
# The lowest bins are offset and rumble; the highest have no four neighbours above.
_LOWEST_BIN = 5


class HarmonicShare:
    """The share of amplitude that lasts, over a stream of power spectra at a steady hop.

    Before the stream and after it there is silence.
    """

    def __init__(self, bins: int) -> None:
        if bins < 2 * _LOWEST_BIN + _HALF:
            raise ValueError(f"bins must be at least {2 * _LOWEST_BIN + _HALF}, not {bins}")
        self._bins = bins
        self.reset()

    def reset(self) -> None:
        """Forgets everything heard so far."""
        self._ring = np.zeros((_TAPS, self._bins), np.float32)
        self._rows = 0
        # Per bin: Σ √P·H/(H + Q), Σ √P.
        self._sums = np.zeros((2, self._bins - 2 * _HALF - 1))

    def process(self, powers: NDArray[np.float32]) -> None:
        """Looks at `powers`, float32 `(hops, bins)`."""
        if powers.dtype != np.float32 or powers.ndim != 2 or powers.shape[1] != self._bins:
            raise ValueError(f"powers must be float32 (hops, {self._bins}), not {powers.dtype} {powers.shape}")
        _separate(powers, self._ring, self._rows, self._sums)
        self._rows += len(powers)

    def flush(self) -> None:
        """Ends the stream: the last hops are seen before silence."""
        self.process(np.zeros((_HALF, self._bins), np.float32))

    def ratio(self) -> float:
        """0 for strokes alone, 1 for what lasts; 0 for silence."""
        lasting, whole = self._sums.sum(axis=1).tolist()
        return lasting / whole if whole > 0.0 else 0.0


@kernel
def _median_of_9(a, b, c, d, e, f, g, h, i):  # type: ignore[no-untyped-def]
    """The median by exchanges without branches, which the compiler turns into vectors."""
    b, c = (b, c) if b < c else (c, b)
    e, f = (e, f) if e < f else (f, e)
    h, i = (h, i) if h < i else (i, h)
    a, b = (a, b) if a < b else (b, a)
    d, e = (d, e) if d < e else (e, d)
    g, h = (g, h) if g < h else (h, g)
    b, c = (b, c) if b < c else (c, b)
    e, f = (e, f) if e < f else (f, e)
    h, i = (h, i) if h < i else (i, h)
    d = d if a < d else a
    f = f if f < i else i
    e, h = (e, h) if e < h else (h, e)
    g = g if d < g else d
    e = e if b < e else b
    c = c if c < f else f
    e = e if e < h else h
    e, c = (e, c) if e < c else (c, e)
    e = e if g < e else g
    return e if e < c else c


@kernel
def _medians(a, b, c, d, e, f, g, h, i, into):  # type: ignore[no-untyped-def]
    for j in range(into.shape[0]):
        into[j] = _median_of_9(a[j], b[j], c[j], d[j], e[j], f[j], g[j], h[j], i[j])


@kernel
def _add_shares(middle, lasting, struck, sums):  # type: ignore[no-untyped-def]
    some, all_ = sums[0], sums[1]
    for j in range(middle.shape[0]):
        amplitude = np.sqrt(middle[j])
        both = lasting[j] + struck[j]
        some[j] += amplitude * lasting[j] / (both if both > 0.0 else np.float32(1.0))
        all_[j] += amplitude


@kernel
def _separate(powers, ring, before, sums):  # type: ignore[no-untyped-def]
    count = sums.shape[1]
    lasting, struck = np.empty(count, np.float32), np.empty(count, np.float32)
    for hop in range(powers.shape[0]):
        newest = (before + hop) % _TAPS
        row = ring[newest]
        for k in range(row.shape[0]):
            row[k] = powers[hop, k]
        _medians(
            ring[0][_LOWEST_BIN:], ring[1][_LOWEST_BIN:], ring[2][_LOWEST_BIN:], ring[3][_LOWEST_BIN:],
            ring[4][_LOWEST_BIN:], ring[5][_LOWEST_BIN:], ring[6][_LOWEST_BIN:], ring[7][_LOWEST_BIN:],
            ring[8][_LOWEST_BIN:], lasting,
        )  # fmt: skip
        m = ring[(newest + _TAPS - _HALF) % _TAPS][_LOWEST_BIN - _HALF :]
        _medians(m, m[1:], m[2:], m[3:], m[4:], m[5:], m[6:], m[7:], m[8:], struck)
        _add_shares(m[_HALF:][:count], lasting, struck, sums)
