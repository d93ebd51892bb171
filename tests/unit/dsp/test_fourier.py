"""Spectra of real windows: those of the definition, to the rounding of float32."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from auralis_cli.dsp.fourier import Fourier

LENGTHS = [64 << step for step in range(10)]


def spectra(windows: NDArray[np.float32]) -> NDArray[np.complex64]:
    """Of windows that lie one behind the other and fade nowhere."""
    length = windows.shape[1]
    into = np.empty((len(windows), length // 2 + 1), np.complex64)
    Fourier(length).spectra(windows.reshape(-1), length, np.ones(length, np.float32), into)
    return into


def noise(windows: int, length: int, seed: int = 0) -> NDArray[np.float32]:
    return np.random.default_rng(seed).standard_normal((windows, length)).astype(np.float32)


@pytest.mark.invariant("S1-H-06")
@pytest.mark.parametrize("length", LENGTHS)
def test_a_spectrum_is_its_definition(length: int) -> None:
    windows = noise(3, length)
    wanted = np.fft.rfft(windows.astype(np.float64))
    assert np.abs(spectra(windows) - wanted).max() < 1e-6 * np.sqrt(np.mean(np.abs(wanted) ** 2))


@pytest.mark.parametrize("length", LENGTHS)
def test_a_tone_on_a_bin_leaks_nowhere(length: int) -> None:
    tone = np.cos(2 * np.pi * 5 * np.arange(length) / length + 0.7).astype(np.float32)
    spectrum = np.abs(spectra(tone[None, :])[0]) * 2.0 / length
    assert spectrum[5] == pytest.approx(1.0, abs=1e-6)
    assert np.delete(spectrum, 5).max() < 2e-7


def test_a_spectrum_does_not_depend_on_its_neighbours_or_on_what_was_before() -> None:
    windows = noise(5, 1_024)
    windows[3] *= np.float32(1e20)
    fourier, taper, alone = Fourier(1_024), np.ones(1_024, np.float32), np.empty((1, 513), np.complex64)
    together = spectra(windows)
    for index in (4, 3, 2, 0, 1):
        fourier.spectra(windows[index], 1_024, taper, alone)
        assert np.array_equal(alone[0], together[index])


def test_a_sign_or_a_power_of_two_changes_nothing_else() -> None:
    windows = noise(2, 4_096)
    assert np.array_equal(spectra(-windows), -spectra(windows))
    assert np.array_equal(spectra(windows * np.float32(0.25)), spectra(windows) * np.float32(0.25))


def test_sliding_windows_are_those_of_the_line_times_the_taper() -> None:
    line, taper = noise(1, 2_000)[0], np.hanning(256).astype(np.float32)
    into = np.empty((9, 129), np.complex64)
    Fourier(256).spectra(line, 200, taper, into)
    cut = np.stack([line[start : start + 256] * taper for start in range(0, 1_800, 200)])
    assert np.array_equal(into, spectra(cut))


def test_silence_has_no_spectrum_and_what_is_no_number_has_none_either() -> None:
    assert not spectra(np.zeros((2, 256), np.float32)).any()
    windows = noise(2, 256)
    windows[0, 17] = np.nan
    found = spectra(windows)
    assert np.isnan(found[0]).all()
    assert np.isfinite(found[1]).all()


def test_the_line_is_not_written() -> None:
    windows = noise(2, 256)
    windows.setflags(write=False)
    spectra(windows)
    assert np.array_equal(windows, noise(2, 256))


@pytest.mark.invariant("S3-ENG-10")
def test_what_does_not_fit_is_refused() -> None:
    for length in (0, 32, 100, 4_095):
        with pytest.raises(ValueError, match="length"):
            Fourier(length)
    line, taper, into = noise(1, 456)[0], np.ones(256, np.float32), np.empty((2, 129), np.complex64)
    Fourier(256).spectra(line, 200, taper, into)
    wrong_lines: list[Any] = [np.zeros(456), np.zeros((2, 456), np.float32), line[:455]]
    for wrong in wrong_lines:
        with pytest.raises(ValueError, match="line"):
            Fourier(256).spectra(wrong, 200, taper, into)
    wrong_tapers: list[Any] = [taper[:255], np.ones(256), np.ones((256, 1), np.float32)]
    for wrong in wrong_tapers:
        with pytest.raises(ValueError, match="taper"):
            Fourier(256).spectra(line, 200, wrong, into)
    wrong_places: list[Any] = [np.empty((2, 129), np.complex128), np.empty((2, 128), np.complex64), into[0]]
    for wrong in wrong_places:
        with pytest.raises(ValueError, match="into"):
            Fourier(256).spectra(line, 200, taper, wrong)
    for hop in (0, -200):
        with pytest.raises(ValueError, match="hop"):
            Fourier(256).spectra(line, hop, taper, into)
