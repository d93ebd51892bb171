"""Loudness by BS.1770-4 once more, in float64 and on other ways than ours: filters by their spectra, gates by NumPy."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

# The analogue filters behind the standard's table, as EBU's own documents give them: frequency, Q, gain.
_SHELF_HZ, _SHELF_Q, _SHELF_DB = 1681.974450955533, 0.7071752369554196, 3.999843853973347
_HIGH_PASS_HZ, _HIGH_PASS_Q = 38.13547087602444, 0.5003270373238773
_WEIGHTS = {1: (1.0,), 2: (1.0, 1.0), 6: (1.0, 1.0, 1.0, 0.0, 1.41, 1.41)}

Waves = NDArray[np.floating]


def _response(rate_hz: int, frequency_hz: NDArray[np.float64]) -> NDArray[np.complex128]:
    z = np.exp(-2j * np.pi * frequency_hz / rate_hz)
    k = math.tan(math.pi * _SHELF_HZ / rate_hz)
    high = 10.0 ** (_SHELF_DB / 20.0)
    band = high**0.4996667741545416
    low = 1.0 + k / _SHELF_Q + k * k
    shelf = (
        (high + band * k / _SHELF_Q + k * k) + 2.0 * (k * k - high) * z + (high - band * k / _SHELF_Q + k * k) * z**2
    ) / (low + 2.0 * (k * k - 1.0) * z + (1.0 - k / _SHELF_Q + k * k) * z**2)
    k = math.tan(math.pi * _HIGH_PASS_HZ / rate_hz)
    low = 1.0 + k / _HIGH_PASS_Q + k * k
    below = 1.0 + 2.0 * (k * k - 1.0) / low * z + (1.0 - k / _HIGH_PASS_Q + k * k) / low * z**2
    return np.asarray(shelf * (1.0 - 2.0 * z + z**2) / below)


def blocks_of(wave: Waves, rate_hz: int) -> NDArray[np.float64]:
    """Mean squares of the blocks of 400 ms, one every 100 ms; `wave` is `(frames, channels)`."""
    size = 1 << (len(wave) + rate_hz).bit_length()
    response = _response(rate_hz, np.fft.rfftfreq(size, 1.0 / rate_hz).astype(np.float64))
    filtered = np.fft.irfft(np.fft.rfft(np.asarray(wave, np.float64), size, axis=0) * response[:, None], size, axis=0)
    power = (filtered[: len(wave)] ** 2) @ np.array(_WEIGHTS[wave.shape[1]])
    hop = rate_hz // 10
    starts = range(0, len(wave) - 4 * hop + 1, hop)
    return np.array([power[start : start + 4 * hop].mean() for start in starts])


def gated_lufs(blocks: Sequence[NDArray[np.float64]]) -> float:
    """The loudness of all these blocks as one programme."""
    powers = np.concatenate([np.asarray(some) for some in blocks]) if blocks else np.empty(0)
    with np.errstate(divide="ignore"):
        levels = -0.691 + 10.0 * np.log10(powers)
    heard = powers[levels > -70.0]
    if not len(heard):
        return -math.inf
    gate = -0.691 + 10.0 * math.log10(heard.mean()) - 10.0
    return float(-0.691 + 10.0 * math.log10(powers[(levels > -70.0) & (levels > gate)].mean()))
