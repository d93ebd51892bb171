"""Sounds in which one thing varies: what each dimension of the fingerprint is meant to follow, and nothing else."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Audio = NDArray[np.float32]
RATE_HZ = 44_100
_BANDS_HZ = (40.0, 120.0, 350.0, 1_000.0, 3_000.0, 6_000.0, 12_000.0)


@dataclass(frozen=True, slots=True)
class Cause:
    """How a dimension is varied: `sound` of each of `settings`, and what it should then read where that is known."""

    settings: tuple[float, ...]
    sound: Callable[[float], Audio]
    # None: the values must only rise (`rising`) or fall in the order of the settings.
    reads: Callable[[float], float] | None = None
    tolerance: float = 0.02
    rising: bool = True


def seconds(length_s: float) -> NDArray[np.float64]:
    return np.arange(round(length_s * RATE_HZ)) / RATE_HZ


def tone(frequency_hz: float, length_s: float = 4.0) -> NDArray[np.float64]:
    return np.sin(2 * np.pi * frequency_hz * seconds(length_s))


def noise(length_s: float = 4.0, seed: int = 0) -> NDArray[np.float64]:
    return np.random.default_rng(seed).standard_normal(round(length_s * RATE_HZ)) * 0.1


def mono(wave: NDArray[np.float64]) -> Audio:
    return np.ascontiguousarray(wave[:, None], np.float32)


def in_band(band: int) -> Callable[[float], Audio]:
    """A tone in each band, that of one at another level."""

    def sound(level: float) -> Audio:
        gains = [level if other == band else 1.0 for other in range(len(_BANDS_HZ))]
        return mono(0.05 * np.sum([gain * tone(hz) for gain, hz in zip(gains, _BANDS_HZ, strict=True)], axis=0))

    return sound


def share(level: float) -> float:
    """Of a tone at that level among six others."""
    return level**2 / (level**2 + 6.0)


def pulsed(duty: float) -> Audio:
    """A tone that sounds so much of every tenth of a second, at the same RMS."""
    return mono(0.1 / math.sqrt(duty) * tone(1_000.0) * (seconds(4.0) % 0.1 < 0.1 * duty))


def clicks(tempo_bpm: float, jitter_s: float = 0.0, length_s: float = 24.0) -> Audio:
    wave = np.zeros(round(length_s * RATE_HZ))
    beats = np.arange(0.1, length_s - 0.2, 60.0 / tempo_bpm)
    late = np.random.default_rng(3).standard_normal(len(beats)) * jitter_s
    wave[np.round(np.clip(beats + late, 0.0, length_s - 0.1) * RATE_HZ).astype(int)] = 0.5
    return mono(wave)


def notes(per_second: float, length_s: float = 12.0) -> Audio:
    """Decaying tones, of four pitches in turn."""
    length = round(RATE_HZ / per_second)
    place = np.arange(length)
    pitches = (220.0, 330.0, 262.0, 440.0)
    one = [np.sin(2 * np.pi * hz * place / RATE_HZ) * np.exp(-place / (0.4 * length)) for hz in pitches]
    return mono(np.resize(np.concatenate(one), round(length_s * RATE_HZ)) * 0.3)


def held(changes_per_second: float) -> Audio:
    """One tone after the other, of pitches that do not come again soon, without a break."""
    place = seconds(12.0)
    steps = (place * changes_per_second).astype(int) * 5 % 23
    return mono(0.2 * np.sin(2 * np.pi * np.cumsum(220.0 * 2.0 ** (steps / 12.0)) / RATE_HZ))


def classes(count: float) -> Audio:
    """So many pitch classes at a time, spread over three octaves."""
    steps = [(7 * index) % 12 + 12 * (index % 3) for index in range(round(count))]
    return mono(0.05 * np.sum([tone(220.0 * 2.0 ** (step / 12.0)) for step in steps], axis=0))


def alternating(change: float, of_level: Callable[[NDArray[np.float64]], NDArray[np.float64]]) -> Audio:
    """Ten seconds of tone; every other one so much of `change` in dB."""
    gains = 10.0 ** (change * of_level(np.arange(10.0)) / 20.0)
    return mono(0.02 * tone(1_000.0, 10.0) * np.repeat(gains, RATE_HZ))


def uneven_crest(spread_db: float) -> Audio:
    """Ten seconds of the same RMS, whose crests are spread over so many dB, evenly."""
    crests = 6.0 + spread_db * np.arange(10) / 9.0
    duties = np.repeat(10.0 ** (-crests / 10.0), RATE_HZ)
    return mono(0.05 / np.sqrt(duties) * tone(1_000.0, 10.0) * (seconds(10.0) % 0.1 < 0.1 * duties))


def uneven_peaks(spread: float) -> Audio:
    """Ten seconds of quiet tone with a click in each, which differ by so much either way."""
    wave = 0.01 * tone(1_000.0, 10.0)
    wave[RATE_HZ // 2 :: RATE_HZ] += 0.4 * (1.0 + spread * np.linspace(-1.0, 1.0, 10))
    return mono(wave)


def wide(side: float) -> Audio:
    middle, aside = noise(), noise(seed=1)
    return np.ascontiguousarray(np.stack([middle + side * aside, middle - side * aside], axis=1), np.float32)


def correlated(amount: float) -> Audio:
    left = noise()
    right = amount * left + math.sqrt(1.0 - amount**2) * noise(seed=1)
    return np.ascontiguousarray(np.stack([left, right], axis=1), np.float32)


def paused(share_of_silence: float) -> Audio:
    return mono(0.2 * tone(440.0, 8.0) * (seconds(8.0) % 4.0 >= 4.0 * share_of_silence))


def even_spread(width: float) -> float:
    """(P90 − P10)/2.563 of ten values spread evenly over `width`."""
    return float(np.subtract(*np.percentile(np.linspace(0.0, width, 10), (90, 10)))) / 2.563


_LEVELS = (0.25, 0.5, 1.0, 2.0, 4.0)
CAUSES: dict[str, Cause] = {
    "sub_bass_pct": Cause(_LEVELS, in_band(0), share),
    "bass_pct": Cause(_LEVELS, in_band(1), share),
    "low_mid_pct": Cause(_LEVELS, in_band(2), share),
    "mid_pct": Cause(_LEVELS, in_band(3), share),
    "upper_mid_pct": Cause(_LEVELS, in_band(4), share),
    "presence_pct": Cause(_LEVELS, in_band(5), share),
    "air_pct": Cause(_LEVELS, in_band(6), share),
    "lufs": Cause(
        (0.01, 0.1, 0.5), lambda gain: mono(gain * tone(997.0)), lambda gain: 20 * math.log10(gain) - 3.01, 0.03
    ),
    "crest_db": Cause((0.05, 0.1, 0.25, 0.5), pulsed, lambda duty: 3.01 - 10 * math.log10(duty), 0.1),
    "bass_mid_ratio": Cause(
        (-20.0, -6.0, 0.0, 12.0),
        lambda db: mono(0.05 * (10 ** (db / 20) * tone(100.0) + tone(1_000.0))),
        lambda db: db,
        0.2,
    ),
    "tempo_bpm": Cause((64.0, 80.0, 97.3, 120.0, 150.0), clicks, lambda bpm: bpm, 0.3),
    "rhythm_stability": Cause((0.0, 0.01, 0.02, 0.04, 0.08), lambda late_s: clicks(100.0, late_s), rising=False),
    "transient_density": Cause((1.0, 2.0, 4.0, 8.0), notes, lambda rate: rate, 0.7),
    "silence_ratio": Cause((0.0, 0.25, 0.5, 0.75), paused, lambda silent: silent, 0.01),
    "spectral_centroid": Cause((200.0, 500.0, 2_000.0, 8_000.0), lambda hz: mono(0.2 * tone(hz)), lambda hz: hz, 30.0),
    "spectral_rolloff": Cause(
        (500.0, 2_000.0, 8_000.0), lambda hz: mono(0.1 * (tone(300.0) + tone(hz))), lambda hz: hz, 15.0
    ),
    "spectral_flatness": Cause((0.0, 0.03, 0.1, 0.3, 3.0), lambda loud: mono(0.1 * tone(440.0) + loud * noise())),
    "harmonic_ratio": Cause(
        (0.0, 0.1, 0.3, 1.0),
        lambda loud: np.asarray(
            mono(0.01 * (tone(330.0, 24.0) + tone(550.0, 24.0))) + loud * clicks(300.0), np.float32
        ),
        rising=False,
    ),
    "pitch_stability": Cause((0.0, 0.5, 1.0, 2.0, 4.0), held, rising=False),
    "chroma_energy": Cause((1.0, 2.0, 3.0, 4.0, 6.0), classes, lambda count: 1.0 / count, 0.03),
    "dynamic_range_variation": Cause(
        (0.0, 3.0, 6.0, 9.0), uneven_crest, lambda width: even_spread(width) / (even_spread(width) + 6.0), 0.02
    ),
    "loudness_variation_std": Cause(
        (0.0, 3.0, 9.0, 18.0), lambda width: alternating(width, lambda k: k / 9.0), even_spread, 0.05
    ),
    "peak_consistency": Cause(
        (0.0, 0.2, 0.5, 0.9), uneven_peaks, lambda spread: 1.0 / (1.0 + even_spread(2.0 * spread)), 0.02
    ),
    "stereo_width": Cause((0.0, 0.3, 1.0, 3.0), wide, lambda side: side**2 / (1.0 + side**2), 0.01),
    "phase_correlation": Cause((-1.0, -0.5, 0.0, 0.6, 1.0), correlated, lambda amount: amount, 0.01),
}
