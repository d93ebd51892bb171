"""Overlapping windows of a stream: the same however it is cut, only whole ones, a lone short one padded."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from auralis_cli.dsp.sliding_spectra import SlidingSpectra

LENGTH, HOP, BATCH = 256, 85, 4


def noise(frames: int, seed: int = 0) -> NDArray[np.float32]:
    return np.random.default_rng(seed).standard_normal((frames, 1)).astype(np.float32)


def spectra_of(wave: NDArray[np.float32], cut: int = 0) -> NDArray[np.complex64]:
    windows = SlidingSpectra(LENGTH, HOP, BATCH)
    cut = cut or max(1, len(wave))
    rows = [some.copy() for start in range(0, len(wave), cut) for some in windows.process(wave[start : start + cut])]
    rows.extend(some.copy() for some in windows.flush())
    return np.concatenate([np.empty((0, LENGTH // 2 + 1), np.complex64), *rows])


@pytest.mark.parametrize(
    ("frames", "windows"), [(0, 0), (1, 1), (255, 1), (256, 1), (340, 1), (341, 2), (511, 4), (10_000, 115)]
)
def test_windows_are_whole_ones_and_a_lone_short_one_is_padded(frames: int, windows: int) -> None:
    assert len(spectra_of(noise(frames))) == windows


@pytest.mark.parametrize("cut", [1, 17, 255, 256, 511, 512])
def test_nothing_depends_on_how_the_stream_is_cut(cut: int) -> None:
    wave = noise(3_000)
    assert np.array_equal(spectra_of(wave, cut), spectra_of(wave))


def test_each_window_is_the_spectrum_of_its_own_stretch() -> None:
    wave = noise(2_000)
    hann = (0.5 - 0.5 * np.cos(2 * np.pi * np.arange(LENGTH) / LENGTH)).astype(np.float32)
    for index, spectrum in enumerate(spectra_of(wave)):
        stretch = wave[index * HOP : index * HOP + LENGTH, 0]
        assert np.allclose(spectrum, np.fft.rfft(stretch * hann), atol=1e-4)


def test_the_scale_makes_mean_squares_of_powers() -> None:
    sine = np.sin(2 * np.pi * 32 * np.arange(LENGTH) / LENGTH).astype(np.float32)[:, None]
    power = np.abs(spectra_of(sine)[0]) ** 2 * SlidingSpectra(LENGTH, HOP, BATCH).power_scale
    assert power.sum() == pytest.approx(0.5, rel=1e-5)


def test_a_reset_stream_begins_anew() -> None:
    windows = SlidingSpectra(LENGTH, HOP, BATCH)
    list(windows.process(noise(700)))
    windows.reset()
    assert np.array_equal(np.concatenate(list(windows.process(noise(511, 1)))), spectra_of(noise(511, 1)))


def test_inputs_are_not_written() -> None:
    wave = noise(1_000)
    wave.setflags(write=False)
    assert len(spectra_of(wave)) == 9


@pytest.mark.invariant("S3-ENG-10")
def test_wrong_blocks_and_sizes_are_refused() -> None:
    wrong: list[Any] = [np.zeros((4, 1)), np.zeros((4, 2), np.float32), np.zeros(4, np.float32)]
    for block in wrong:
        with pytest.raises(ValueError, match="block"):
            list(SlidingSpectra(LENGTH, HOP, BATCH).process(block))
    for length, hop, batch in ((256, 0, 4), (256, 257, 4), (256, 85, 0)):
        with pytest.raises(ValueError, match="hop"):
            SlidingSpectra(length, hop, batch)
