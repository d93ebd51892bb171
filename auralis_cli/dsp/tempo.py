"""The beat, from how onsets repeat themselves.

Windows of 512 hops (11.9 s) of the flux, every 256; each less its moving mean, and what remains above
zero autocorrelated. The mean over windows, weighted by their flux, says how well every lag fits; a beat
is where the lag and its multiples fit, with a mild preference for 140 BPM. That preference, and how much less each
multiple counts, were chosen on a part of the pieces of known tempo (`tests/benchmarks/tempo_table.py`).
"""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from auralis_cli.quick_dataclasses import dataclass

Floats = NDArray[np.float64]

_WINDOW = 512
_WINDOW_HOP = 256
_MOVING_MEAN = 33
# Rows of a batch of transforms: their results stay small.
_BATCH = 32
# Two beats of the slowest tempo, some 3 s.
_FEWEST_HOPS = 130
# Less flux than this share of the bands is rounding, and has no beat.
_MIN_FLUX = 0.02
_TEMPI_BPM = np.geomspace(40.0, 240.0, 360)
_MULTIPLES = 4
_PREFERRED_BPM, _PREFERENCE_OCTAVES = 140.0, 1.0
_REFINING_MULTIPLES, _REFINING_SHARE = 8, 0.03
# Beyond, a window has too few pairs of hops.
_LONGEST_LAG = _WINDOW * 7 // 8
_SAME_TEMPO_OCTAVES = 0.08
_STEADY_SHARE = 0.04
_CONFIDENT_STABILITY = 0.25


@dataclass(frozen=True, slots=True)
class Beat:
    """`tempo_bpm` 0 where there is none; `stability` and `confidence` 0…1."""

    tempo_bpm: float
    stability: float
    confidence: float


NO_BEAT = Beat(0.0, 0.0, 0.0)


def find_beat(flux: Floats, bands: Floats, hops_per_second: float) -> Beat:
    """The beat of a whole track; `flux` and `bands` as `dsp.onset.OnsetDetector` returns them."""
    if len(flux) != len(bands):
        raise ValueError(f"flux and bands must be of one length, not {len(flux)} and {len(bands)}")
    if len(flux) < _FEWEST_HOPS or flux.sum() <= _MIN_FLUX * bands.sum():
        return NO_BEAT
    fit, weight = np.zeros(_WINDOW), 0.0
    for weights, rows in _correlations(flux):
        fit += weights @ rows
        weight += float(weights.sum())
    lags = 60.0 * hops_per_second / _TEMPI_BPM
    scores = _scores(fit, lags)
    best = int(scores.argmax())
    if weight <= 0.0 or scores[best] <= 0.0:
        return NO_BEAT
    lag = _refined(fit, float(lags[best]))
    stability = _stability(flux, lag)
    confidence = _lead(scores, best) * min(1.0, stability / _CONFIDENT_STABILITY)
    return Beat(min(240.0, max(40.0, 60.0 * hops_per_second / lag)), stability, confidence)


def _correlations(flux: Floats) -> Iterator[tuple[Floats, Floats]]:
    """Per window its weight and its autocorrelation, 1 at lag 0; some windows at a time."""
    if len(flux) < _WINDOW:
        yield _correlated(flux[None, :])
        return
    windows = np.lib.stride_tricks.sliding_window_view(flux, _WINDOW)[::_WINDOW_HOP]
    for start in range(0, len(windows), _BATCH):
        yield _correlated(windows[start : start + _BATCH])


def _correlated(windows: Floats) -> tuple[Floats, Floats]:
    length = windows.shape[1]
    half = _MOVING_MEAN // 2
    sums = np.cumsum(np.pad(windows, ((0, 0), (half + 1, half)), mode="edge"), axis=1)
    raised = np.maximum(0.0, windows - (sums[:, _MOVING_MEAN:] - sums[:, :-_MOVING_MEAN]) / _MOVING_MEAN)
    raised -= raised.mean(axis=1, keepdims=True)
    powers = np.abs(np.fft.rfft(raised, 2 * _WINDOW)) ** 2
    rows = np.fft.irfft(powers)[:, :_WINDOW]
    energy = rows[:, :1].copy()
    heard = energy[:, 0] > 0.0
    # A lag leaves fewer pairs the longer it is; beyond seven eighths there are too few.
    pairs = 1.0 - np.arange(_WINDOW) / length
    longest = length * 7 // 8
    rows[:, longest:] = 0.0
    rows[:, :longest] /= np.where(energy > 0.0, energy, 1.0) * pairs[:longest]
    return np.where(heard, windows.sum(axis=1), 0.0), rows


def _at(fit: Floats, lags: Floats) -> Floats:
    return np.interp(lags, np.arange(_WINDOW), fit)


def _scores(fit: Floats, lags: Floats) -> Floats:
    multiples = range(1, _MULTIPLES + 1)
    combed = sum((_at(fit, lags * multiple) / math.cbrt(multiple) for multiple in multiples), np.zeros(len(lags)))
    octaves = np.log2(_TEMPI_BPM / _PREFERRED_BPM) / _PREFERENCE_OCTAVES
    return combed * np.exp(-0.5 * octaves * octaves)


def _refined(fit: Floats, lag: float) -> float:
    """The lag whose multiples lie nearest to the peaks around them."""
    products, squares = 0.0, 0.0
    for multiple in range(1, _REFINING_MULTIPLES + 1):
        low = max(1, math.ceil(lag * multiple * (1.0 - _REFINING_SHARE)) - 1)
        high = math.floor(lag * multiple * (1.0 + _REFINING_SHARE)) + 1
        if high >= _LONGEST_LAG:
            break
        peak = low + int(fit[low : high + 1].argmax())
        left, top, right = fit[peak - 1 : peak + 2]
        if top <= 0.0 or left > top or right > top:
            continue
        bend = left - 2.0 * top + right
        place = peak + (0.5 * (left - right) / bend if bend < 0.0 else 0.0)
        products += multiple * place
        squares += multiple * multiple
    return float(products / squares) if squares else lag


def _stability(flux: Floats, lag: float) -> float:
    """How well onsets repeat at the beat, mean over windows: 1 where they do exactly."""
    low, high = lag * (1.0 - _STEADY_SHARE), lag * (1.0 + _STEADY_SHARE)
    near = np.concatenate(([low], np.arange(math.ceil(low), math.floor(high) + 1), [high]))
    whole = near.astype(np.int64)
    part = near - whole
    total, weight = 0.0, 0.0
    for weights, rows in _correlations(flux):
        at_beat = rows[:, whole] * (1.0 - part) + rows[:, np.minimum(whole + 1, _WINDOW - 1)] * part
        total += float(weights @ np.clip(at_beat.max(axis=1), 0.0, 1.0))
        weight += float(weights.sum())
    return total / weight


def _lead(scores: Floats, best: int) -> float:
    """How far the best tempo leads those that are not its halves and doubles, 0…1."""
    octaves = np.log2(_TEMPI_BPM / _TEMPI_BPM[best])
    rivals = np.abs(octaves - np.round(octaves)) > _SAME_TEMPO_OCTAVES
    return float(1.0 - max(0.0, scores[rivals].max(initial=0.0)) / scores[best])
