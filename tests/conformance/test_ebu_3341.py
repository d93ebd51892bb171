"""EBU Tech 3341, table 1: cases 1–6 and 9–23 (7 and 8 need programme material that is not to be had).

A row: signal, what is read, expected, tolerance of the standard, and the value last read at 48 kHz.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from ebu_signals import SILENCE, Audio, Stretch, spliced_peak, steady_peak, tones
from numpy.typing import NDArray

from auralis_cli.dsp import loudness
from auralis_cli.dsp.loudness import WeightedEnergy, channel_weights
from auralis_cli.dsp.truepeak import TruePeakMeter

RATES = (44_100, 48_000, 96_000, 192_000)
# What may change between rates and over time without anyone having meant it.
DRIFT_LU = 0.01

Reading = Callable[[NDArray[np.float64], float], float]


def energies(audio: Audio, rate_hz: int) -> tuple[NDArray[np.float64], float]:
    return WeightedEnergy(rate_hz, channel_weights(audio.shape[1]), (rate_hz, 100)).process(audio), rate_hz / 100


def lowest_short_term(segments: NDArray[np.float64], frames: float) -> float:
    return float(loudness.short_term_lufs(segments, frames).min())


def lowest_momentary(segments: NDArray[np.float64], frames: float) -> float:
    sums = np.convolve(segments, np.ones(40), mode="valid")[60:]
    return loudness.mean_square_to_lufs(float(sums.min()) / (40 * frames))


FIVE_CHANNELS = (-28.0, -28.0, -24.0, -30.0, -30.0)
LOUDNESS: dict[str, tuple[list[Stretch], Reading, float, float]] = {
    "1 integrated": ([(20, -23)], loudness.integrated_lufs, -23.0, -22.9933),
    "1 momentary": ([(20, -23)], loudness.momentary_max_lufs, -23.0, -22.9933),
    "1 short-term": ([(20, -23)], loudness.short_term_max_lufs, -23.0, -22.9933),
    "2 integrated": ([(20, -33)], loudness.integrated_lufs, -33.0, -32.9933),
    "2 momentary": ([(20, -33)], loudness.momentary_max_lufs, -33.0, -32.9933),
    "2 short-term": ([(20, -33)], loudness.short_term_max_lufs, -33.0, -32.9933),
    "3": ([(10, -36), (60, -23), (10, -36)], loudness.integrated_lufs, -23.0, -23.0139),
    "4": ([(10, -72), (10, -36), (60, -23), (10, -36), (10, -72)], loudness.integrated_lufs, -23.0, -23.0139),
    "5": ([(20, -26), (20.1, -20), (20, -26)], loudness.integrated_lufs, -23.0, -22.9787),
    "9 highest": ([(1.34, -20), (1.66, -30)] * 5, loudness.short_term_max_lufs, -23.0, -22.9863),
    "9 lowest": ([(1.34, -20), (1.66, -30)] * 5, lowest_short_term, -23.0, -22.9863),
    "12 highest": ([(0.18, -20), (0.22, -30)] * 25, loudness.momentary_max_lufs, -23.0, -22.9604),
    "12 lowest": ([(0.18, -20), (0.22, -30)] * 25, lowest_momentary, -23.0, -22.9604),
}


@pytest.mark.parametrize("rate_hz", RATES)
@pytest.mark.parametrize("case", LOUDNESS)
def test_loudness_reads_what_the_table_says(case: str, rate_hz: int) -> None:
    stretches, reading, expected, last = LOUDNESS[case]
    measured = reading(*energies(tones(stretches, rate_hz), rate_hz))
    assert measured == pytest.approx(expected, abs=0.1)
    assert measured == pytest.approx(last, abs=DRIFT_LU)


@pytest.mark.parametrize("rate_hz", RATES)
def test_case_6_surround_channels_weigh_more(rate_hz: int) -> None:
    audio = tones([(20, 0)], rate_hz, FIVE_CHANNELS)
    measured = loudness.integrated_lufs(*energies(audio, rate_hz))
    assert measured == pytest.approx(-23.0, abs=0.1)
    assert measured == pytest.approx(-23.0163, abs=DRIFT_LU)


@pytest.mark.parametrize("rate_hz", RATES)
def test_case_10_short_term_maximum_does_not_depend_on_when_the_tone_starts(rate_hz: int) -> None:
    for i in range(20):
        audio = tones([(i * 0.15, SILENCE), (3, -23), (1, SILENCE)], rate_hz)
        assert loudness.short_term_max_lufs(*energies(audio, rate_hz)) == pytest.approx(-23.0, abs=0.1), i


@pytest.mark.parametrize("rate_hz", RATES)
def test_case_11_short_term_maximum_follows_every_tone_of_a_file(rate_hz: int) -> None:
    stretches = [
        stretch for i in range(20) for stretch in ((i * 0.15, SILENCE), (3.0, -38.0 + i), (3 - i * 0.15, SILENCE))
    ]
    segments, frames = energies(tones(stretches, rate_hz), rate_hz)
    for i in range(20):
        part = segments[600 * i : 600 * (i + 1)]
        assert loudness.short_term_max_lufs(part, frames) == pytest.approx(-38.0 + i, abs=0.1), i


@pytest.mark.parametrize("rate_hz", RATES)
def test_case_13_momentary_maximum_does_not_depend_on_when_the_tone_starts(rate_hz: int) -> None:
    for i in range(20):
        audio = tones([(i * 0.02, SILENCE), (0.4, -23), (1, SILENCE)], rate_hz)
        assert loudness.momentary_max_lufs(*energies(audio, rate_hz)) == pytest.approx(-23.0, abs=0.1), i


@pytest.mark.parametrize("rate_hz", RATES)
def test_case_14_momentary_maximum_follows_every_tone_of_a_file(rate_hz: int) -> None:
    stretches = [
        stretch for i in range(20) for stretch in ((i * 0.02, SILENCE), (0.4, -38.0 + i), (0.4 - i * 0.02, SILENCE))
    ]
    segments, frames = energies(tones(stretches, rate_hz), rate_hz)
    for i in range(20):
        part = segments[80 * i : 80 * (i + 1)]
        assert loudness.momentary_max_lufs(part, frames) == pytest.approx(-38.0 + i, abs=0.1), i


PEAKS: dict[str, tuple[Callable[[int], Audio], float, float]] = {
    "15": (lambda rate: steady_peak(4, 0.0, 0.5, rate), -6.0, -6.0206),
    "16": (lambda rate: steady_peak(4, 45.0, 0.5, rate), -6.0, -6.0208),
    "17": (lambda rate: steady_peak(6, 60.0, 0.5, rate), -6.0, -6.0124),
    "18": (lambda rate: steady_peak(8, 67.5, 0.5, rate), -6.0, -6.0205),
    "19": (lambda rate: steady_peak(4, 45.0, 1.41, rate), 3.0, 2.9841),
    "20": (lambda rate: spliced_peak(0, rate), 0.0, -0.1417),
    "21": (lambda rate: spliced_peak(1, rate), 0.0, -0.1383),
    "22": (lambda rate: spliced_peak(2, rate), 0.0, -0.1378),
    "23": (lambda rate: spliced_peak(3, rate), 0.0, -0.1383),
}


@pytest.mark.parametrize("rate_hz", RATES)
@pytest.mark.parametrize("case", PEAKS)
def test_true_peak_reads_what_the_table_says(case: str, rate_hz: int) -> None:
    signal, expected, last = PEAKS[case]
    meter = TruePeakMeter(2)
    meter.process(signal(rate_hz))
    measured = 20.0 * np.log10(meter.peak())
    assert expected - 0.4 <= measured <= expected + 0.2
    assert measured == pytest.approx(last, abs=0.01)
