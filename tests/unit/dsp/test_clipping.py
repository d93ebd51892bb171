"""Flat tops: clipping is counted where it stands, slow waves and lone peaks are not."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from auralis_cli.dsp.channels import ChannelDifference
from auralis_cli.dsp.clipping import FlatTopMeter, FlatTops

Audio = NDArray[np.float32]
RATE = 48_000
WRONG_BLOCKS: list[Any] = [np.zeros((4, 2)), np.zeros((4, 1), np.float32), np.zeros((8, 2), np.float32)[::2]]


def sine(frequency_hz: float, seconds: float = 1.0, level: float = 1.0, phase: float = 0.0) -> NDArray[np.float64]:
    return level * np.sin(2 * np.pi * frequency_hz * np.arange(round(seconds * RATE)) / RATE + phase)


def stored(wave: NDArray[np.float64], bits: int = 16) -> Audio:
    """As a file of integers holds it, one column per row of `wave`."""
    steps = 2.0 ** (bits - 1)
    return np.ascontiguousarray((np.clip(np.round(wave * steps), -steps, steps - 1) / steps).T.astype(np.float32))


def tops(audio: Audio, cut: int = 0) -> tuple[FlatTops, ...]:
    meter = FlatTopMeter(audio.shape[1])
    cut = cut or max(1, len(audio))
    for start in range(0, len(audio), cut):
        meter.process(audio[start : start + cut])
    return meter.result()


@pytest.mark.parametrize("gain", [1.0, 0.7, 0.3, 0.1])
@pytest.mark.parametrize("frequency_hz", [60.0, 440.0, 997.0])
def test_every_flat_top_is_counted_where_it_is_even_turned_down(frequency_hz: float, gain: float) -> None:
    wave = sine(frequency_hz) * gain
    clipped = np.clip(wave, -0.7 * gain, 0.7 * gain)
    (top,) = tops(stored(clipped[None]))
    assert top.runs == pytest.approx(2 * frequency_hz, abs=1)
    assert top.level == pytest.approx(0.7 * gain, abs=1e-4)
    share = 1.0 - 2.0 * np.arcsin(0.7) / np.pi
    assert top.samples == pytest.approx(share * RATE, rel=0.05)
    assert top.longest_frames == pytest.approx(share * RATE / frequency_hz / 2, abs=1)


@pytest.mark.parametrize("bits", [16, 24])
@pytest.mark.parametrize("level", [1.0, 0.5, 0.06])
def test_no_sine_is_clipping(level: float, bits: int) -> None:
    # Slow waves have many equal neighbours at the top once rounded; some pitches repeat sample for sample.
    for frequency_hz in (20.0, 31.7, 50.0, 100.0, 161.0, 250.0, 1_000.0, 4_000.0, 6_000.0, 12_000.0):
        for phase in (0.0, 0.4, np.pi / 4):
            assert tops(stored(sine(frequency_hz, 0.5, level, phase)[None], bits))[0].runs == 0


def test_dithered_sines_and_noise_are_not_clipping() -> None:
    rng = np.random.default_rng(5)
    for frequency_hz in (30.0, 60.0, 100.0, 440.0):
        dither = (rng.random((2, RATE)) - rng.random((2, RATE))).sum(axis=0) / 32_768
        assert tops(stored((sine(frequency_hz, 1.0, 0.5) + dither)[None]))[0].runs == 0
    assert tops(stored(rng.standard_normal((1, RATE)) * 0.1))[0].runs == 0


def test_the_longest_run_is_found_with_its_place() -> None:
    rng = np.random.default_rng(1)
    wave = rng.uniform(-0.5, 0.5, (2, RATE))
    for start, length in ((1_000, 3), (20_000, 9), (30_000, 9), (40_000, 2)):
        wave[1, start : start + length] = -0.8
    left, right = tops(stored(wave))
    assert left.runs == 0
    assert (right.runs, right.samples, right.longest_frames, right.longest_frame) == (3, 21, 9, 20_000)


def test_a_louder_level_starts_anew() -> None:
    wave = np.zeros((1, 3_000))
    wave[0, 100:110] = 0.5
    wave[0, 2_000:2_004] = 0.9
    (top,) = tops(stored(wave))
    assert (top.runs, top.longest_frame) == (1, 2_000)
    wave[0, 2_500] = 0.95
    assert tops(stored(wave))[0].runs == 0


@pytest.mark.parametrize("cut", [1, 17, 509, 511, 512, 513, 9_999, 10_001])
def test_nothing_depends_on_how_the_stream_is_cut(cut: int) -> None:
    rng = np.random.default_rng(3)
    audio = stored(np.clip(rng.standard_normal((2, 10_000)) * 0.4, -0.6, 0.6))
    audio[5_100:5_140] = 0.6  # across a piece
    audio[-7:, 0] = 0.6
    assert tops(audio, cut) == tops(audio)
    assert tops(audio)[0].runs > 5


def test_a_reset_meter_counts_as_a_fresh_one() -> None:
    meter = FlatTopMeter(1)
    meter.process(stored(np.clip(sine(100.0), -0.9, 0.9)[None]))
    meter.reset()
    assert meter.result() == (FlatTops(0.0, 0, 0, 0, 0),)


def test_the_difference_of_two_channels_is_looked_for_until_it_is_enough() -> None:
    rng = np.random.default_rng(1)
    mono = rng.uniform(-0.5, 0.5, 5_000)
    same = stored(np.stack([mono, mono]))
    for cut in (1, 17, 5_000):
        meter = ChannelDifference(2, 1e-4)
        changed = same.copy()
        changed[4_000, 1] += np.float32(2.0**-15)
        for start in range(0, len(changed), cut):
            meter.process(changed[start : start + cut])
        assert meter.result() == 2.0**-15
        meter.process(np.array([[0.5, 0.4]], np.float32))
        assert meter.result() == np.inf
        meter.reset()
        assert meter.result() == 0.0
        meter.process(np.array([[0.5, np.nan]], np.float32))
        assert meter.result() == np.inf


@pytest.mark.invariant("S3-ENG-10")
@pytest.mark.invariant("S1-H-03")
def test_wrong_blocks_and_parameters_are_refused() -> None:
    for block in WRONG_BLOCKS:
        with pytest.raises(ValueError, match="block"):
            FlatTopMeter(2).process(block)
        with pytest.raises(ValueError, match="block"):
            ChannelDifference(2, 0.0).process(block)
    with pytest.raises(ValueError, match="channels"):
        FlatTopMeter(0)
    with pytest.raises(ValueError, match="channels"):
        ChannelDifference(1, 0.0)
    with pytest.raises(ValueError, match="enough"):
        ChannelDifference(2, -1.0)
