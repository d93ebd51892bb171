"""Rate conversion: the stated length, float32, and the same sound."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile

from auralis_cli.audio.reader import open_reader
from auralis_cli.audio.resample import Downsampler, ResampledReader


def nearest(frames: int, source_hz: int, target_hz: int) -> int:
    return int(np.floor(frames * target_hz / source_hz + 0.5))


@pytest.mark.invariant("S1-L-02")
@pytest.mark.parametrize("frames", [0, 1, 2, 3, 1151, 1152, 1153, 16_383, 16_384, 16_385, 44_099, 44_101])
@pytest.mark.parametrize(
    ("source_hz", "target_hz"), [(44_100, 48_000), (48_000, 44_100), (96_000, 44_100), (8_000, 192_000)]
)
def test_length_and_dtype_are_kept(tmp_path: Path, source_hz: int, target_hz: int, frames: int) -> None:
    path = tmp_path / "a.wav"
    soundfile.write(path, np.random.default_rng(1).uniform(-0.5, 0.5, (frames, 2)), source_hz, subtype="FLOAT")
    with ResampledReader(open_reader(path), target_hz) as reader:
        blocks = list(reader.blocks(1000))
        announced = reader.info.frames
    length = nearest(frames, source_hz, target_hz)
    assert sum(len(block) for block in blocks) == announced == length
    assert all(block.dtype == np.float32 and block.shape[1] == 2 for block in blocks)
    assert all(len(block) == 1000 for block in blocks[:-1])


def test_a_tone_stays_the_tone_at_its_place(tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    soundfile.write(path, 0.5 * np.sin(2 * np.pi * 997 * np.arange(44_100) / 44_100), 44_100, subtype="FLOAT")
    with ResampledReader(open_reader(path), 48_000) as reader:
        got = np.concatenate(list(reader.blocks(777)))[:, 0]
        reader.seek(12_345)
        again = next(reader.blocks(5000))[:, 0]
    expected = 0.5 * np.sin(2 * np.pi * 997 * np.arange(48_000) / 48_000)
    assert np.abs(got - expected)[2000:-2000].max() < 1e-4
    np.testing.assert_array_equal(again, got[12_345:17_345])


def test_downsampling_in_blocks_equals_downsampling_at_once() -> None:
    audio = np.random.default_rng(2).uniform(-1, 1, (50_000, 2)).astype(np.float32)
    whole = Downsampler(44_100, 11_025, 2)
    at_once = np.concatenate([whole.process(audio), whole.flush()])
    cut = Downsampler(44_100, 11_025, 2)
    parts = [cut.process(audio[start : start + 977]) for start in range(0, len(audio), 977)]
    np.testing.assert_array_equal(np.concatenate([*parts, cut.flush()]), at_once)
    assert len(at_once) == 12_500


def test_the_same_rate_passes_copies_through() -> None:
    audio = np.ones((10, 1), np.float32)
    same = Downsampler(48_000, 48_000)
    out = same.process(audio)
    np.testing.assert_array_equal(out, audio)
    assert not np.shares_memory(out, audio)
    assert len(same.flush()) == 0


@pytest.mark.invariant("S1-L-02")
def test_float64_is_refused_not_narrowed() -> None:
    with pytest.raises(ValueError, match="float32"):
        Downsampler(48_000, 24_000).process(np.zeros((10, 1)))  # type: ignore[arg-type]
