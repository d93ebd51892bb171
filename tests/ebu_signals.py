"""The test signals of EBU Tech 3341 and 3342, made as the documents describe them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Audio = NDArray[np.float32]
# A stretch of tone: seconds, peak level per channel in dBFS (−inf for silence).
Stretch = tuple[float, float]

SILENCE = -np.inf


def tones(stretches: list[Stretch], rate_hz: int, channel_offsets_db: tuple[float, ...] = (0.0, 0.0)) -> Audio:
    """1 kHz in phase on all channels, one stretch after the other, phase-continuous."""
    ends = np.cumsum([round(seconds * rate_hz) for seconds, _ in stretches])
    second = np.sin(2.0 * np.pi * 1000.0 * np.arange(rate_hz) / rate_hz)
    wave = np.resize(second, int(ends[-1])).astype(np.float32)
    for end, previous, (_, level_db) in zip(ends, [0, *ends[:-1]], stretches, strict=True):
        wave[previous:end] *= np.float32(10.0 ** (level_db / 20.0))
    gains = 10.0 ** (np.array(channel_offsets_db) / 20.0)
    return np.ascontiguousarray(wave[:, None] * gains.astype(np.float32))


def _faded(wave: NDArray[np.float64], rate_hz: int) -> Audio:
    ramp = np.linspace(0.0, 1.0, round(0.01 * rate_hz))
    wave[: len(ramp)] *= ramp
    wave[-len(ramp) :] *= ramp[::-1]
    return np.ascontiguousarray(np.repeat(wave[:, None], 2, axis=1), np.float32)


def steady_peak(divisor: int, phase_degrees: float, amplitude: float, rate_hz: int) -> Audio:
    """Cases 15–19: half a second of rate/divisor, starting at a phase that hides its peaks between samples."""
    place = np.arange(rate_hz // 2)
    return _faded(amplitude * np.sin(2.0 * np.pi * place / divisor + np.radians(phase_degrees)), rate_hz)


def spliced_peak(offset: int, rate_hz: int) -> Audio:
    """Cases 20–23: rate/6 at 0.5 with one period of rate/4 at 1.0, cut out of a 4-fold rate at an offset."""
    slow = 0.5 * np.sin(2.0 * np.pi * np.arange(24 * (rate_hz // 24)) / 24)
    fast = np.sin(2.0 * np.pi * np.arange(16) / 16)
    wave = np.concatenate((slow, fast, slow))
    place = np.arange(-256, 257)
    low_pass = np.sinc(place * 0.25 * 0.9)
    padded = np.convolve(wave, low_pass / low_pass.sum(), mode="same")
    return _faded(padded[offset::4].copy(), rate_hz)
