"""Offsets, constant or drifting, go; what can be heard stays where it was."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from auralis_cli.dsp.dc import OffsetRemoval

RATE = 44_100
Audio = NDArray[np.float32]


def without_offset(audio: Audio, window_ms: float = 80.0, rate: int = RATE) -> Audio:
    stage = OffsetRemoval(window_ms, rate, audio.shape[1])
    return np.concatenate((stage.process(audio), stage.flush()))[stage.latency_frames :]


def tone(frequency_hz: float, seconds: float = 4.0, rate: int = RATE) -> Audio:
    wave = 0.25 * np.sin(2 * np.pi * frequency_hz * np.arange(round(seconds * rate)) / rate)
    return np.ascontiguousarray(wave[:, None], np.float32)


def test_a_constant_offset_is_gone_to_below_minus_100_db() -> None:
    audio = np.full((4 * RATE, 2), [0.3, -0.1], np.float32)
    middle = without_offset(audio)[RATE : 3 * RATE]
    assert np.abs(middle).max() < 0.3e-5


def test_a_drifting_offset_is_followed() -> None:
    drift = (0.2 * np.sin(2 * np.pi * 0.2 * np.arange(10 * RATE) / RATE))[:, None].astype(np.float32)
    assert np.abs(without_offset(drift)[RATE : 9 * RATE]).max() < 0.2 * 10 ** (-40 / 20)


@pytest.mark.parametrize("rate", [8_000, 44_100, 96_000])
@pytest.mark.parametrize("frequency_hz", [17.0, 20.0, 30.0, 55.0, 440.0, 3_000.0])
def test_what_can_be_heard_keeps_level_and_phase(frequency_hz: float, rate: int) -> None:
    audio = tone(frequency_hz, rate=rate)
    middle = slice(rate, 3 * rate)
    out = without_offset(audio, rate=rate)
    # ±0.1 dB of the tone, phase included: what differs is at most 1.2 %.
    assert np.abs(out[middle] - audio[middle]).max() < 0.25 * 0.0117


def test_it_agrees_with_three_means_written_out() -> None:
    rng = np.random.default_rng(0)
    audio = (0.1 * rng.standard_normal((4_000, 1)) + 0.2).astype(np.float32)
    length = 2 * round(0.01 * RATE / 2) + 1
    mean = np.concatenate((np.zeros(2_000), audio[:, 0].astype(np.float64), np.zeros(2_000)))
    for _ in range(3):
        mean = np.convolve(mean, np.ones(length) / length, "same")
    expected = audio[:, 0] - mean[2_000:6_000]
    assert np.abs(without_offset(audio, 10.0)[:, 0] - expected).max() < 1e-6


def test_a_window_out_of_range_is_refused() -> None:
    for window_ms in (0.0, -1.0, float("nan"), 5_000.0):
        with pytest.raises(ValueError, match="window_ms"):
            OffsetRemoval(window_ms, RATE, 2)
