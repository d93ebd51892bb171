"""Signals at 11 025 Hz, and a meter that has heard them."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from auralis_cli.dsp.harmony import HARMONY_RATE_HZ, HarmonyMeter

Wave = NDArray[np.float64]
_SCALE = (0, 2, 4, 5, 7, 9, 11, 12)


def place(seconds: float) -> Wave:
    return np.arange(int(seconds * HARMONY_RATE_HZ)) / HARMONY_RATE_HZ


def sine(frequency_hz: float, seconds: float = 20.0) -> Wave:
    return 0.5 * np.sin(2 * np.pi * frequency_hz * place(seconds))


def noise(seconds: float = 20.0, seed: int = 0) -> Wave:
    return 0.1 * np.random.default_rng(seed).standard_normal(len(place(seconds)))


def glide(seconds: float = 20.0, octaves_per_second: float = 0.15) -> Wave:
    """Ever higher by the same interval, from 100 Hz."""
    rate = octaves_per_second * np.log(2.0)
    phase = 2 * np.pi * 100.0 * np.expm1(rate * place(seconds)) / rate
    return np.asarray(0.5 * np.sin(phase), np.float64)


def scale(notes_per_second: float, seconds: float = 20.0) -> Wave:
    """A major scale, over and over, each note with four harmonics."""
    note = place(1.0 / notes_per_second)
    fade = np.minimum(1.0, np.minimum(note, note[::-1]) / 0.01)
    overtones = (1.0, 1 / 2, 1 / 3, 1 / 4)
    notes = [fade * _with_harmonics(220.0 * 2.0 ** (step / 12), note, overtones) for step in _SCALE]
    return 0.2 * np.resize(np.concatenate(notes), len(place(seconds)))


def tune(seconds: float, seed: int) -> Wave:
    """Random notes of random lengths, three at a time, over some noise: as unlike another one as two pieces are."""
    random = np.random.default_rng(seed)
    wave = 0.005 * random.standard_normal(len(place(seconds)))
    for _ in range(int(8 * seconds)):
        note = place(random.uniform(0.2, 0.8))
        start = int(random.integers(0, max(1, len(wave) - len(note))))
        frequency_hz = 110.0 * 2.0 ** (random.integers(0, 40) / 12)
        sound = _with_harmonics(frequency_hz, note, random.uniform(0.1, 1.0, 6) / np.arange(1, 7)) * np.exp(-4.0 * note)
        end = min(len(wave), start + len(note))
        wave[start:end] += 0.1 * sound[: end - start]
    return wave


def _with_harmonics(frequency_hz: float, time_s: Wave, amplitudes: Iterable[float]) -> Wave:
    wave = np.zeros(len(time_s))
    for harmonic, amplitude in enumerate(amplitudes, 1):
        wave += amplitude * np.sin(2 * np.pi * harmonic * frequency_hz * time_s)
    return wave


def heard(wave: Wave, cut: int = 0) -> HarmonyMeter:
    """A meter at the end of `wave`."""
    meter = HarmonyMeter()
    line = np.ascontiguousarray(wave, np.float32)[:, None]
    cut = cut or max(1, len(line))
    for start in range(0, len(line), cut):
        meter.process(line[start : start + cut])
    meter.flush()
    return meter
