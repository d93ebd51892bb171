"""Sums, peaks, clipping runs, faults and bit depth against plain NumPy."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from auralis_cli.dsp.levels import LevelMeter, Levels

Audio = NDArray[np.float32]
# Wrong type, wrong channels, not contiguous.
WRONG_BLOCKS: list[Any] = [np.zeros((4, 2)), np.zeros((4, 1), np.float32), np.zeros((8, 2), np.float32)[::2]]
RATE = 11_025  # 50 ms are 551.25 frames


def noise(frames: int, channels: int, seed: int = 1) -> Audio:
    return (np.random.default_rng(seed).standard_normal((frames, channels)) * 0.1).astype(np.float32)


def measure(audio: Audio, cut: int = 0) -> tuple[Levels, NDArray[np.float64]]:
    meter = LevelMeter(RATE, audio.shape[1])
    cut = cut or max(1, len(audio))
    for start in range(0, len(audio), cut):
        meter.process(audio[start : start + cut])
    return meter.result(), meter.frames_50ms()


@pytest.mark.parametrize("channels", [1, 2, 5])
def test_totals_are_those_of_plain_arithmetic(channels: int) -> None:
    audio = noise(12_345, channels)
    exact = audio.astype(np.float64)
    levels, _ = measure(audio)
    assert levels.frames == len(audio)
    np.testing.assert_allclose(levels.sums, exact.sum(axis=0), rtol=1e-9)
    np.testing.assert_allclose(levels.square_sums, (exact**2).sum(axis=0), rtol=1e-12)
    assert levels.product_sum == pytest.approx(float(exact[:, 0] @ exact[:, :2][:, -1]), rel=1e-9)
    assert levels.sample_peaks == tuple(np.abs(exact).max(axis=0).tolist())


@pytest.mark.parametrize("channels", [1, 2, 5])
def test_every_50_ms_has_a_row(channels: int) -> None:
    audio = noise(12_345, channels)
    borders = np.floor(np.arange(1, 30) * RATE / 20 + 0.5).astype(int)
    ends = [*borders[borders < len(audio)].tolist(), len(audio)]
    _, rows = measure(audio)
    assert len(rows) == len(ends)
    for row, start, end in zip(rows, [0, *ends], ends, strict=False):
        part = audio[start:end].astype(np.float64)
        left, right = part[:, 0], part[:, :2][:, -1]
        wanted = [left @ left, right @ right, left @ right, (part**2).sum(), np.abs(part).max(), end - start]
        np.testing.assert_allclose(row, wanted, rtol=1e-9)


@pytest.mark.parametrize("channels", [1, 2, 3])
@pytest.mark.parametrize("cut", [1, 17, 509, 4_999, 5_001])
def test_nothing_depends_on_how_the_stream_is_cut(channels: int, cut: int) -> None:
    audio = noise(5_000, channels)
    audio[700:760] = 1.0
    levels, rows = measure(audio)
    cut_levels, cut_rows = measure(audio, cut)
    assert cut_levels == levels
    assert np.array_equal(cut_rows, rows)


def test_clipping_is_three_neighbours_of_one_channel_at_full_scale() -> None:
    audio = noise(4_000, 2)
    audio[10:12, 0] = 1.0  # two: no run
    audio[20:23, 0] = -1.0
    audio[549:556, 1] = 1.3  # across the border of two 50 ms frames
    audio[700:703, 0] = 0.9998  # just below
    audio[3_996:, 1] = 1.0  # runs into the end
    levels, _ = measure(audio)
    assert (levels.clipping_runs, levels.clipped_samples) == (3, 3 + 7 + 4)


def test_alternating_channels_at_full_scale_are_no_run() -> None:
    audio = np.zeros((10, 2), np.float32)
    audio[::2, 0] = audio[1::2, 1] = 1.0
    assert measure(audio)[0].clipping_runs == 0


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_the_first_frame_that_is_no_number_is_named(value: float) -> None:
    audio = noise(4_000, 2)
    audio[3_000, 0] = audio[2_345, 1] = value
    for cut in (0, 1, 509):
        assert measure(audio, cut)[0].first_non_finite_frame == 2_345
    assert measure(noise(4_000, 2))[0].first_non_finite_frame is None


@pytest.mark.parametrize("bits", [16, 24])
def test_the_grid_of_the_samples_is_recognised(bits: int) -> None:
    steps = 2 ** (bits - 1)
    audio = (np.round(noise(4_000, 2).astype(np.float64) * steps) / steps).astype(np.float32)
    assert measure(audio)[0].on_grid_bits == bits
    audio[3_999, 1] += np.float32(2.0**-26)
    assert measure(audio)[0].on_grid_bits != bits
    audio[3_999, 1] = np.float32(2.0**-26)
    assert measure(audio)[0].on_grid_bits is None


def test_no_audio_has_no_levels() -> None:
    levels, rows = measure(np.zeros((0, 2), np.float32))
    assert levels.frames == 0
    assert levels.on_grid_bits is None
    assert rows.shape == (0, 6)


def test_a_reset_meter_reads_as_a_fresh_one() -> None:
    meter = LevelMeter(RATE, 2)
    meter.process(np.full((999, 2), np.nan, np.float32))
    meter.reset()
    audio = noise(3_000, 2)
    meter.process(audio)
    levels, rows = measure(audio)
    assert meter.result() == levels
    assert np.array_equal(meter.frames_50ms(), rows)


@pytest.mark.invariant("S3-ENG-10")
@pytest.mark.invariant("S1-H-03")
def test_wrong_blocks_and_parameters_are_refused() -> None:
    for block in WRONG_BLOCKS:
        with pytest.raises(ValueError, match="block"):
            LevelMeter(RATE, 2).process(block)
    with pytest.raises(ValueError, match="channels"):
        LevelMeter(RATE, 0)
    with pytest.raises(ValueError, match="segment_frames"):
        LevelMeter(0, 1)
