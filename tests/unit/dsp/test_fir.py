from __future__ import annotations

import math

import numpy as np
import pytest
from numpy.typing import NDArray

from auralis_cli.dsp.fir import LinearPhaseFir, default_taps, design_linear_phase

RATE_HZ = 44_100
POINTS_HZ = np.array([30.0, 80.0, 300.0, 1_000.0, 4_000.0, 12_000.0])
TONE_DB = np.array([-3.0, 2.5, -2.0, 0.0, 1.5, 2.5])
SIDE_DB = np.array([-6.0, -6.0, 0.0, 0.0, 1.0, 1.0])


DENSE_HZ = 20.0 * 2.0 ** (np.arange(121) / 12)


def smooth_db(frequency_hz: NDArray[np.float64]) -> NDArray[np.float64]:
    """Moves as broad as mastering makes them: half an octave of sigma."""
    bumps = {70.0: 2.0, 300.0: -2.5, 3_000.0: 1.5, 9_000.0: 2.5}
    moves = [gain_db * np.exp(-2.0 * np.log2(frequency_hz / at_hz) ** 2) for at_hz, gain_db in bumps.items()]
    total: NDArray[np.float64] = np.sum(moves, axis=0)
    return total


def noise(frames: int, channels: int, seed: int = 1) -> NDArray[np.float32]:
    audio: NDArray[np.float32] = (0.2 * np.random.default_rng(seed).standard_normal((frames, channels))).astype(
        np.float32
    )
    return audio


def render(fir: LinearPhaseFir, audio: NDArray[np.float32], block_frames: int | None = None) -> NDArray[np.float32]:
    step = block_frames or max(1, len(audio))
    pieces = [fir.process(audio[start : start + step]) for start in range(0, len(audio), step)]
    return np.concatenate([*pieces, fir.flush()])[fir.latency_frames :]


def convolved(signal: NDArray[np.float64], taps: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.convolve(signal, taps)[len(taps) // 2 :][: len(signal)] if len(signal) else signal


def reference(
    audio: NDArray[np.float32], mid_taps: NDArray[np.float64], side_taps: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Mid and side convolved directly."""
    left, right = audio.astype(np.float64).T
    mid, side = convolved((left + right) / 2, mid_taps), convolved((left - right) / 2, side_taps)
    return np.stack([mid + side, mid - side], axis=1)


def response_db(taps: NDArray[np.float64], frequency_hz: float, rate_hz: int = RATE_HZ) -> float:
    around = np.arange(len(taps)) - len(taps) // 2
    return 20 * math.log10(abs(float(np.sum(taps * np.cos(2 * np.pi * frequency_hz / rate_hz * around)))))


@pytest.mark.invariant("S4-D2.1")
@pytest.mark.invariant("S3-ENG-07")
@pytest.mark.parametrize("taps", [1, 5, 63, 255])
@pytest.mark.parametrize("block_frames", [None, 1, 17, 509])
def test_it_computes_the_convolution(taps: int, block_frames: int | None) -> None:
    mid = design_linear_phase(POINTS_HZ, TONE_DB, RATE_HZ, taps)
    side = design_linear_phase(POINTS_HZ, SIDE_DB, RATE_HZ, taps)
    audio = noise(5_000, 2)
    out = render(LinearPhaseFir(mid, side, 2), audio, block_frames)
    assert np.max(np.abs(out - reference(audio, mid, side))) < 1.2e-7  # the rounding of float32 results near 1


@pytest.mark.parametrize("channels", [1, 2, 5])
def test_without_side_taps_every_channel_is_filtered_alike(channels: int) -> None:
    taps = design_linear_phase(POINTS_HZ, TONE_DB, RATE_HZ, 255)
    audio = noise(5_000, channels)
    out = render(LinearPhaseFir(taps, None, channels), audio)
    for channel in range(channels):
        np.testing.assert_allclose(out[:, channel], convolved(audio[:, channel].astype(float), taps), atol=1.2e-7)


@pytest.mark.invariant("S4-D2.1")
@pytest.mark.invariant("S1-H-07")
def test_every_length_and_cut_gives_the_same_sound() -> None:
    mid = design_linear_phase(POINTS_HZ, TONE_DB, RATE_HZ, 7)
    side = design_linear_phase(POINTS_HZ, SIDE_DB, RATE_HZ, 7)
    fir, alone = LinearPhaseFir(mid, side, 2), LinearPhaseFir(mid, side, 2)
    audio = noise(200, 2)
    for frames in range(3 * 64 + 1):
        alone.reset()
        whole = render(alone, audio[:frames])
        assert len(whole) == frames
        np.testing.assert_allclose(whole, reference(audio[:frames], mid, side), atol=1.2e-7)
        for block_frames in {1, 17, max(1, frames - 1), frames + 1}:
            fir.reset()
            np.testing.assert_array_equal(render(fir, audio[:frames], block_frames), whole)


@pytest.mark.invariant("S3-ENG-07")
@pytest.mark.invariant("S1-M-04")
def test_a_flat_curve_nulls() -> None:
    flat = design_linear_phase(POINTS_HZ, np.zeros(6), RATE_HZ)
    unit = np.zeros(4_095)
    unit[2_047] = 1.0
    np.testing.assert_array_equal(flat, unit)
    audio = noise(100_000, 2)
    fir = LinearPhaseFir(flat, flat, 2)
    fir.process(noise(50_000, 2, seed=9))
    fir.reset()
    np.testing.assert_array_equal(render(fir, audio), audio)
    # A flat lift by 6 dB goes the long way, through the FFTs, and nulls against the input as well.
    lifted = design_linear_phase(POINTS_HZ, np.full(6, 6.0), RATE_HZ)
    out = render(LinearPhaseFir(lifted, lifted, 2), audio).astype(np.float64)
    rest = out - audio * 10 ** (6.0 / 20)
    assert 10 * np.log10(np.mean(rest**2)) < -140.0


def test_mid_is_deaf_to_side_and_side_to_mid() -> None:
    tone = design_linear_phase(POINTS_HZ, TONE_DB, RATE_HZ, 1_023)
    flat = design_linear_phase(POINTS_HZ, np.zeros(6), RATE_HZ, 1_023)
    mono = np.repeat(noise(20_000, 1), 2, axis=1)
    against = mono * np.array([1.0, -1.0], np.float32)
    np.testing.assert_array_equal(render(LinearPhaseFir(flat, tone, 2), mono), mono)
    np.testing.assert_array_equal(render(LinearPhaseFir(tone, flat, 2), against), against)
    both = render(LinearPhaseFir(tone, tone[::-1].copy(), 2), mono)
    np.testing.assert_array_equal(both[:, 0], both[:, 1], "mono stays mono")


@pytest.mark.invariant("S3-ENG-07")
@pytest.mark.parametrize("rate_hz", [44_100, 48_000, 96_000, 192_000])
def test_gains_at_the_points_are_met(rate_hz: int) -> None:
    taps = design_linear_phase(DENSE_HZ, smooth_db(DENSE_HZ), rate_hz)
    centres_hz = 1_000.0 * 2.0 ** (np.arange(-14, 13) / 3)  # 40 Hz to 16 kHz by thirds
    met = [response_db(taps, frequency_hz, rate_hz) for frequency_hz in centres_hz]
    np.testing.assert_allclose(met, smooth_db(centres_hz), atol=0.2)
    shelf = design_linear_phase(np.array([3_000.0, 6_000.0]), np.array([0.0, 3.0]), rate_hz)
    assert response_db(shelf, 1_000.0, rate_hz) == pytest.approx(0.0, abs=0.01)
    assert response_db(shelf, 4_243.0, rate_hz) == pytest.approx(1.5, abs=0.05)
    assert response_db(shelf, 10_000.0, rate_hz) == pytest.approx(3.0, abs=0.01)
    octave_wide_db = 3.0 * np.exp(-0.5 * (np.log2(DENSE_HZ / 60.0) / 0.5) ** 2)
    bump = design_linear_phase(DENSE_HZ, octave_wide_db, rate_hz)
    assert response_db(bump, 60.0, rate_hz) == pytest.approx(3.0, abs=0.27)


def test_a_tone_comes_out_with_the_curves_gain() -> None:
    taps = design_linear_phase(DENSE_HZ, smooth_db(DENSE_HZ), RATE_HZ)
    for frequency_hz, gain_db in ((70.0, 2.0), (300.0, -2.5), (9_000.0, 2.5)):
        wave = np.sin(2 * np.pi * frequency_hz * np.arange(RATE_HZ) / RATE_HZ)[:, None].astype(np.float32)
        out = render(LinearPhaseFir(taps, None, 1), wave)
        middle = slice(10_000, 10_000 + 22_050)
        assert 10 * np.log10(np.mean(out[middle] ** 2) / np.mean(wave[middle] ** 2)) == pytest.approx(gain_db, abs=0.2)


def test_an_impulse_stays_where_it_was() -> None:
    taps = design_linear_phase(POINTS_HZ, TONE_DB, RATE_HZ)
    audio = np.zeros((90_000, 2), np.float32)
    audio[40_000, 0] = 1.0
    fir = LinearPhaseFir(taps, taps[::-1].copy(), 2)
    out = render(fir, audio)
    assert int(np.argmax(np.abs(out[:, 0]))) == 40_000
    np.testing.assert_allclose(out[40_000 - 2_047 : 40_000 + 2_048, 0], taps, atol=1e-7)
    assert np.max(np.abs(out[:, 1])) < 1e-7


@pytest.mark.invariant("S1-M-02")
@pytest.mark.parametrize("rate_hz", [8_000, 11_025, 16_000, 22_050, 32_000, 44_100, 88_200, 176_400, 192_000])
def test_curves_are_sound_at_every_rate(rate_hz: int) -> None:
    taps = design_linear_phase(POINTS_HZ, TONE_DB, rate_hz)
    assert len(taps) % 2 == 1
    assert 0.085 <= (len(taps) + 1) / rate_hz < 0.175
    assert np.all(np.isfinite(taps))
    np.testing.assert_array_equal(taps, taps[::-1])
    assert response_db(taps, 1_000.0, rate_hz) == pytest.approx(0.0, abs=0.2)


def test_the_usual_rates_have_the_usual_lengths() -> None:
    lengths = {rate_hz: default_taps(rate_hz) for rate_hz in (44_100, 48_000, 88_200, 96_000, 192_000)}
    assert lengths == {44_100: 4_095, 48_000: 4_095, 88_200: 8_191, 96_000: 8_191, 192_000: 16_383}


@pytest.mark.invariant("S3-ENG-02")
@pytest.mark.invariant("S3-ENG-10")
@pytest.mark.parametrize(
    ("points_hz", "gains_db", "taps"),
    [
        ([100.0], [24.1], 63),
        ([100.0], [-25.0], 63),
        ([100.0], [math.nan], 63),
        ([100.0], [-math.inf], 63),
        ([0.0], [1.0], 63),
        ([math.nan], [1.0], 63),
        ([200.0, 100.0], [1.0, 1.0], 63),
        ([100.0, 100.0], [1.0, 2.0], 63),
        ([100.0, 200.0], [1.0], 63),
        ([], [], 63),
        ([100.0], [1.0], 64),
        ([100.0], [1.0], -1),
    ],
)
def test_a_wrong_curve_is_refused(points_hz: list[float], gains_db: list[float], taps: int) -> None:
    with pytest.raises(ValueError, match=r"frequencies_hz|gains_db|taps"):
        design_linear_phase(np.array(points_hz), np.array(gains_db), RATE_HZ, taps)


@pytest.mark.invariant("S3-ENG-10")
@pytest.mark.parametrize(
    ("mid", "side", "channels"),
    [
        (np.ones(4), None, 1),
        (np.ones(3, np.float32), None, 1),
        (np.array([1.0, 2.0, 3.0]), None, 1),
        (np.array([math.nan, 1.0, math.nan]), None, 1),
        (np.ones((3, 1)), None, 1),
        (np.ones(3), np.ones(5), 2),
        (np.ones(3), np.array([1.0, 2.0, 3.0]), 2),
        (np.ones(3), np.ones(3), 1),
        (np.ones(3), np.ones(3), 6),
    ],
)
def test_wrong_taps_are_refused(mid: NDArray[np.float64], side: NDArray[np.float64] | None, channels: int) -> None:
    with pytest.raises(ValueError, match="taps"):
        LinearPhaseFir(mid, side, channels)
