from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from auralis_cli.dsp.dither import quantize

FRAMES = 200_000


def error_lsb(audio: NDArray[np.float32], bits: int, first_frame: int = 0) -> NDArray[np.float64]:
    scale = 2.0 ** (bits - 1)
    out = quantize(audio, bits, dither=True, first_frame=first_frame) / 2.0 ** (32 - bits)
    error: NDArray[np.float64] = out - audio.astype(np.float64) * scale
    return error


@pytest.mark.parametrize("bits", [8, 12, 16, 20, 24])
def test_without_dither_it_is_the_nearest_point_of_the_grid(bits: int) -> None:
    rng = np.random.default_rng(1)
    audio = rng.uniform(-1.2, 1.2, (10_000, 2)).astype(np.float32)
    scale = 2 ** (bits - 1)
    expected = np.clip(np.floor(audio.astype(np.float64) * scale + 0.5), -scale, scale - 1).astype(np.int64)
    np.testing.assert_array_equal(quantize(audio, bits, dither=False), expected << (32 - bits))


@pytest.mark.parametrize("bits", [8, 16, 24])
def test_samples_on_the_grid_come_back_exactly(bits: int) -> None:
    rng = np.random.default_rng(2)
    scale = 2 ** (bits - 1)
    numbers = rng.integers(-scale, scale, (10_000, 2))
    numbers[:2] = [[-scale, scale - 1], [0, -1]]
    out = quantize((numbers / scale).astype(np.float32), bits, dither=False)
    np.testing.assert_array_equal(out >> (32 - bits), numbers)


def test_values_beyond_full_scale_are_clamped() -> None:
    audio = np.array([[1.0, -1.0], [7.0, -7.0], [3e38, -3e38]], np.float32)
    for dither in (True, False):
        out = quantize(audio, 16, dither=dither) >> 16
        assert out[1:].tolist() == [[32_767, -32_768]] * 2
        assert 32_766 <= out[0, 0] <= 32_767
        assert -32_768 <= out[0, 1] <= -32_767


@pytest.mark.parametrize("level_lsb", [0.0001, 0.25, 0.5, 0.77, -3.3])
def test_mean_and_power_of_the_error_do_not_depend_on_the_signal(level_lsb: float) -> None:
    error = error_lsb(np.full((FRAMES, 2), level_lsb / 32_768, np.float32), 16)
    assert abs(np.mean(error)) < 4 * 0.5 / math.sqrt(2 * FRAMES)
    assert np.mean(error**2) == pytest.approx(0.25, rel=0.02)
    assert np.max(np.abs(error)) <= 1.5


def test_the_error_is_white_and_alike_in_no_two_channels() -> None:
    error = error_lsb(np.random.default_rng(3).uniform(-0.5, 0.5, (FRAMES, 3)).astype(np.float32), 16)
    bound = 5 / math.sqrt(FRAMES)
    for lag in (1, 2, 3, 7):
        for one in range(3):
            for other in range(3):
                assert abs(np.mean(error[lag:, one] * error[:-lag, other])) / 0.25 < bound
    correlation = np.corrcoef(error.T) - np.eye(3)
    assert np.max(np.abs(correlation)) < bound
    spectrum = np.mean(np.abs(np.fft.rfft(error[:199_680, 0].reshape(-1, 512), axis=1)) ** 2, axis=0) / (512 * 0.25)
    assert np.all(np.abs(spectrum[1:-1] - 1.0) < 0.4)


def test_a_tone_below_one_step_survives_without_harmonics() -> None:
    frames = 1 << 19
    cycles = 10_007
    amplitude = 1e-5  # −100 dBFS: a third of one 16-bit step
    wave = amplitude * np.sin(2 * np.pi * cycles * np.arange(frames) / frames)
    plain = quantize(wave.astype(np.float32)[:, None], 16, dither=False)
    assert not np.any(plain), "without dither it is gone"
    out = quantize(wave.astype(np.float32)[:, None], 16, dither=True)[:, 0] / 2.0**31
    amplitudes = np.abs(np.fft.rfft(out)) * 2 / frames
    assert amplitudes[cycles] == pytest.approx(amplitude, rel=0.05)
    noise_floor = np.sqrt(np.mean(amplitudes[1:] ** 2))
    for harmonic in range(2, 10):
        assert amplitudes[harmonic * cycles] < 4 * noise_floor < 0.1 * amplitude


@pytest.mark.invariant("S4-D2.1")
@pytest.mark.parametrize("block_frames", [1, 17, 509, 2_999, 3_001])
def test_noise_does_not_depend_on_how_the_stream_is_cut(block_frames: int) -> None:
    audio = np.random.default_rng(4).uniform(-0.5, 0.5, (3_000, 2)).astype(np.float32)
    offset = 2**31 - 1_000  # across the place where the low half of the counter runs over
    whole = quantize(audio, 16, dither=True, first_frame=offset)
    pieces = [
        quantize(audio[start : start + block_frames], 16, dither=True, first_frame=offset + start)
        for start in range(0, 3_000, block_frames)
    ]
    np.testing.assert_array_equal(np.concatenate(pieces), whole)


def test_noise_differs_by_place_and_seed() -> None:
    audio = np.full((1_000, 2), 0.1, np.float32)
    whole = quantize(audio, 16, dither=True)
    for other in (
        quantize(audio, 16, dither=True, seed=7),
        quantize(audio, 16, dither=True, first_frame=1_000),
        quantize(audio, 16, dither=True, first_frame=2**31),
    ):
        assert np.mean(other != whole) > 0.3


@pytest.mark.parametrize("dither", [True, False])
def test_silence_stays_silence(dither: bool) -> None:
    audio = np.zeros((1_000, 2), np.float32)
    assert not np.any(quantize(audio, 16, dither=dither))
    audio[:, 1] = -0.0
    assert not np.any(quantize(audio, 16, dither=dither))
    audio[500:, 1] = 1e-9
    out = quantize(audio, 16, dither=dither)
    assert not np.any(out[:500])
    assert np.any(out[500:, 0]) == dither


@pytest.mark.invariant("S4-D2.2")
def test_the_input_is_only_read() -> None:
    audio = np.random.default_rng(5).uniform(-1, 1, (1_000, 2)).astype(np.float32)
    before = audio.copy()
    audio.flags.writeable = False
    out = quantize(audio, 24, dither=True)
    np.testing.assert_array_equal(audio, before)
    assert out.dtype == np.int32
    assert out.shape == audio.shape
    assert quantize(audio[:0], 24, dither=True).shape == (0, 2)


GOOD = np.zeros((10, 2), np.float32)


@pytest.mark.invariant("S3-ENG-10")
@pytest.mark.parametrize(
    ("block", "bits", "first_frame", "seed"),
    [
        ([[0.0]], 16, 0, 1),
        (GOOD.astype(np.float64), 16, 0, 1),
        (GOOD[:, 0], 16, 0, 1),
        (GOOD[:, :0], 16, 0, 1),
        (np.asfortranarray(GOOD), 16, 0, 1),
        (GOOD[::2], 16, 0, 1),
        (GOOD, 7, 0, 1),
        (GOOD, 25, 0, 1),
        (GOOD, 16, -1, 1),
        (GOOD, 16, 0, -1),
    ],
)
def test_wrong_arguments_are_refused(block: Any, bits: int, first_frame: int, seed: int) -> None:
    with pytest.raises(ValueError, match=r"block|bits|first_frame|seed"):
        quantize(block, bits, dither=True, first_frame=first_frame, seed=seed)
