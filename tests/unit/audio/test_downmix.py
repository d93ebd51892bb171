"""More than two channels as two: each layout's matrix, and that nothing clips."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
import soundfile

from auralis_cli.audio.downmix import DownmixedReader, downmix_matrix, two_channels
from auralis_cli.audio.reader import open_reader

HALF = math.sqrt(0.5)
# What each channel adds to the left and to the right, in the order of WAV, before scaling.
LAYOUTS = {
    3: [(1, 0), (0, 1), (HALF, HALF)],
    4: [(1, 0), (0, 1), (HALF, 0), (0, HALF)],
    5: [(1, 0), (0, 1), (HALF, HALF), (HALF, 0), (0, HALF)],
    6: [(1, 0), (0, 1), (HALF, HALF), (0, 0), (HALF, 0), (0, HALF)],
    7: [(1, 0), (0, 1), (HALF, HALF), (0, 0), (0.5, 0.5), (HALF, 0), (0, HALF)],
    8: [(1, 0), (0, 1), (HALF, HALF), (0, 0), (HALF, 0), (0, HALF), (HALF, 0), (0, HALF)],
}


@pytest.mark.parametrize("channels", LAYOUTS)
def test_each_layout_is_mixed_as_itu_r_bs_775_has_it(channels: int, tmp_path: Path) -> None:
    """One second of each channel alone, read from a file."""
    sound = np.repeat(np.eye(channels), 100, axis=0) * 0.5
    soundfile.write(tmp_path / "a.wav", sound, 48_000, subtype="FLOAT")
    with two_channels(open_reader(tmp_path / "a.wav")) as reader:
        assert reader.info.channels == 2
        (mixed,) = reader.blocks(1_000)
    layout = np.array(LAYOUTS[channels])
    assert np.allclose(mixed[::100] / 0.5, layout / layout.sum(axis=0).max(), atol=1e-6)


@pytest.mark.parametrize("channels", range(3, 33))
def test_full_scale_in_every_channel_does_not_clip(channels: int) -> None:
    matrix = downmix_matrix(channels)
    assert matrix.shape == (channels, 2)
    assert np.abs(matrix).sum(axis=0).max() <= 1.0 + 1e-6
    assert np.abs(matrix).sum(axis=0).min() > 0.9


def test_one_channel_and_two_are_left_as_they_are(tmp_path: Path) -> None:
    for channels in (1, 2):
        soundfile.write(tmp_path / "a.wav", np.zeros((10, channels)), 48_000)
        with open_reader(tmp_path / "a.wav") as reader:
            assert two_channels(reader) is reader
        with pytest.raises(ValueError, match="not mixed down"):
            downmix_matrix(channels)


@pytest.mark.parametrize("frames", [1, 17, 509, 999, 1_000, 1_001])
def test_the_result_does_not_depend_on_the_size_of_blocks_nor_on_seeking(frames: int, tmp_path: Path) -> None:
    sound = np.random.default_rng(5).uniform(-1, 1, (3_000, 6))
    soundfile.write(tmp_path / "a.flac", sound, 48_000, subtype="PCM_24")
    with DownmixedReader(open_reader(tmp_path / "a.flac")) as reader:
        (whole,) = reader.blocks(10_000)
        reader.seek(0)
        assert np.array_equal(np.concatenate(list(reader.blocks(frames))), whole)
        reader.seek(1_234)
        assert np.array_equal(np.concatenate(list(reader.blocks(frames))), whole[1_234:])
        assert reader.warnings == ()


def test_room_of_another_shape_is_refused(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "a.wav", np.zeros((10, 6)), 48_000)
    with DownmixedReader(open_reader(tmp_path / "a.wav")) as reader, pytest.raises(ValueError, match="out must be"):
        reader.read_into(np.empty((10, 6), np.float32))
