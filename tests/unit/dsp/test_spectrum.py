"""Long-term spectra: calibration, bands, shape, low-pass of a codec."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from auralis_cli.dsp import spectrum as spectrum_module
from auralis_cli.dsp.spectrum import LongTermSpectrum, third_octave_centres, window_frames

Audio = NDArray[np.float32]
# Wrong type, wrong channels, not contiguous.
WRONG_BLOCKS: list[Any] = [np.zeros((4, 2)), np.zeros((4, 1), np.float32), np.zeros((8, 2), np.float32)[::2]]
RATE = 44_100


def sine(frequency_hz: float, seconds: float = 2.0, rate_hz: int = RATE) -> NDArray[np.float64]:
    return np.sin(2 * np.pi * frequency_hz * np.arange(round(seconds * rate_hz)) / rate_hz)


def noise(frames: int, channels: int, seed: int = 1) -> Audio:
    return (np.random.default_rng(seed).standard_normal((frames, channels)) * 0.1).astype(np.float32)


def measure(audio: Audio | NDArray[np.float64], rate_hz: int = RATE, cut: int = 0) -> LongTermSpectrum:
    audio = np.ascontiguousarray(audio, np.float32)
    spectrum = LongTermSpectrum(rate_hz, audio.shape[1])
    cut = cut or max(1, len(audio))
    for start in range(0, len(audio), cut):
        spectrum.process(audio[start : start + cut])
    spectrum.flush()
    return spectrum


def low_passed(frequency_hz: float, seconds: float) -> NDArray[np.float64]:
    white = np.random.default_rng(5).standard_normal(round(seconds * RATE)) * 0.1
    spectrum = np.fft.rfft(white)
    spectrum[round(frequency_hz * seconds) :] *= 1e-4
    return np.asarray(np.fft.irfft(spectrum, len(white)))


@pytest.mark.parametrize(
    ("rate_hz", "frames"), [(11_025, 1024), (22_050, 2048), (44_100, 4096), (48_000, 4096), (96_000, 8192)]
)
def test_a_window_lasts_about_93_ms_at_any_rate(rate_hz: int, frames: int) -> None:
    assert window_frames(rate_hz) == frames


def test_bands_are_thirds_of_an_octave_up_to_nyquist() -> None:
    assert third_octave_centres(44_100)[0] == pytest.approx(31.25)
    assert third_octave_centres(44_100)[-1] == pytest.approx(16_000)
    assert third_octave_centres(96_000)[-1] * 2 ** (1 / 6) <= 48_000


@pytest.mark.parametrize("frequency_hz", [63.0, 1_000.0, 9_000.0])
def test_a_sine_has_its_mean_square_in_its_band(frequency_hz: float) -> None:
    wave = sine(frequency_hz)
    spectrum = measure(np.stack([wave, wave], axis=1))
    low, high = frequency_hz / 2, frequency_hz * 2
    assert spectrum.band_power(low, high) / spectrum.windows == pytest.approx(0.5, rel=0.01)
    assert spectrum.band_power(0, RATE / 2) / spectrum.windows == pytest.approx(0.5, rel=0.01)


def test_mid_and_side_powers_add_up_to_the_mean_of_left_and_right() -> None:
    audio = noise(4096 * 8, 2)
    mid, side = measure(audio).bin_powers()
    window = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(4096) / 4096)
    frames = audio.astype(np.float64).reshape(8, 4096, 2) * window[:, None]
    powers = np.abs(np.fft.rfft(frames, axis=1)) ** 2 * 2 / (4096 * (window**2).sum())
    np.testing.assert_allclose(mid + side, powers.mean(axis=2).sum(axis=0), rtol=1e-4)
    wanted = np.abs(np.fft.rfft(frames.mean(axis=2), axis=1)) ** 2 * 2 / (4096 * (window**2).sum())
    np.testing.assert_allclose(mid, wanted.sum(axis=0), rtol=1e-3, atol=1e-12)


def test_the_bands_of_every_window_share_its_power_without_loss() -> None:
    spectrum = measure(noise(RATE, 2))
    bands = range(len(spectrum.centres_hz))
    mid_and_side = np.array([spectrum.window_bands(band) for band in bands])
    edges = spectrum.centres_hz[0] / 2 ** (1 / 6), spectrum.centres_hz[-1] * 2 ** (1 / 6)
    assert mid_and_side.sum() == pytest.approx(spectrum.band_power(*edges), rel=1e-5)


@pytest.mark.parametrize("cut", [17, 509, 16_384, 49_999])
def test_nothing_depends_on_how_the_stream_is_cut(cut: int) -> None:
    audio = noise(50_000, 2)
    whole, pieces = measure(audio), measure(audio, cut=cut)
    for ours, wanted in zip(pieces.bin_powers(), whole.bin_powers(), strict=True):
        assert np.array_equal(ours, wanted)
    assert np.array_equal(pieces.window_powers(), whole.window_powers())
    assert pieces.shape() == whole.shape()


@pytest.mark.invariant("S1-H-06")
def test_dual_mono_reads_exactly_as_mono() -> None:
    mono = noise(50_000, 1)
    one, two = measure(mono), measure(np.repeat(mono, 2, axis=1))
    assert np.array_equal(one.bin_powers()[0], two.bin_powers()[0])
    assert not two.bin_powers()[1].any()
    assert one.shape() == two.shape()
    assert one.band_power(100, 200) == two.band_power(100, 200)


def test_swapping_the_channels_changes_nothing() -> None:
    audio = noise(50_000, 2)
    ours, swapped = measure(audio), measure(audio[:, ::-1])
    assert np.array_equal(ours.bin_powers(), swapped.bin_powers())
    assert ours.shape() == swapped.shape()


@pytest.mark.parametrize("frequency_hz", [200.0, 1_000.0, 5_000.0])
def test_centroid_and_rolloff_of_a_sine_are_its_frequency(frequency_hz: float) -> None:
    shape = measure(sine(frequency_hz)[:, None]).shape()
    assert shape.rolloff_hz == pytest.approx(frequency_hz, rel=0.05)
    assert shape.centroid_hz == pytest.approx(frequency_hz, rel=0.05)


def test_flatness_is_that_of_octaves_and_not_of_a_tilt() -> None:
    white = noise(8 * RATE, 1)[:, 0].astype(np.float64)
    tilted = np.cumsum(white)
    tilted -= tilted.mean()
    flat, red = measure(white[:, None]).shape().flatness, measure(tilted[:, None] * 0.01).shape().flatness
    assert flat == pytest.approx(0.57, abs=0.02)
    assert red == pytest.approx(flat, abs=0.06)
    assert measure(sine(440.0)[:, None]).shape().flatness < 0.02


@pytest.mark.parametrize("frames", [4, 64, 65, 133, 743])
def test_the_geometric_mean_is_that_of_logarithms(frames: int) -> None:
    values = np.random.default_rng(frames).standard_normal(frames) ** 8
    floored = values + 1e-3 * values.mean()
    wanted = np.exp(np.log(floored).mean()) / floored.mean()
    assert spectrum_module._geometric_over_mean(values, values.mean()) == pytest.approx(wanted, rel=1e-9)


def test_pauses_do_not_move_the_centroid() -> None:
    wave = sine(1_000.0)
    paused = np.concatenate([wave, np.zeros(5 * RATE), wave])
    assert measure(paused[:, None]).shape().centroid_hz == pytest.approx(
        measure(wave[:, None]).shape().centroid_hz, rel=0.02
    )


@pytest.mark.parametrize("frequency_hz", [11_000.0, 16_000.0, 19_000.0])
def test_the_low_pass_of_a_codec_is_found(frequency_hz: float) -> None:
    cutoff_hz = measure(low_passed(frequency_hz, 4.0)[:, None]).cutoff_hz()
    assert cutoff_hz == pytest.approx(frequency_hz, abs=300)


def test_full_band_noise_and_an_instrument_that_thins_out_have_no_cut_off() -> None:
    assert measure(noise(4 * RATE, 1)).cutoff_hz() is None
    partials = sum(sine(220.0 * k, 3.0) * 10 ** (-0.03 * k * 6) for k in range(1, 90))
    assert measure(np.asarray(partials)[:, None] * 0.1 + noise(3 * RATE, 1) * 1e-4).cutoff_hz() is None
    assert measure(np.zeros((RATE, 1))).cutoff_hz() is None


def test_less_than_a_window_is_padded_to_one() -> None:
    assert measure(noise(100, 2)).windows == 1
    assert measure(noise(4096 + 100, 2)).windows == 1
    assert measure(np.zeros((0, 2))).windows == 0
    assert measure(np.zeros((0, 2))).shape().centroid_hz == 0.0


def test_a_reset_spectrum_reads_as_a_fresh_one() -> None:
    spectrum = LongTermSpectrum(RATE, 2)
    spectrum.process(noise(20_000, 2))
    spectrum.reset()
    audio = noise(30_000, 2, seed=2)
    spectrum.process(audio)
    spectrum.flush()
    assert np.array_equal(spectrum.bin_powers(), measure(audio).bin_powers())


@pytest.mark.invariant("S3-ENG-10")
@pytest.mark.invariant("S1-H-03")
def test_wrong_blocks_and_parameters_are_refused() -> None:
    for block in WRONG_BLOCKS:
        with pytest.raises(ValueError, match="block"):
            LongTermSpectrum(RATE, 2).process(block)
    with pytest.raises(ValueError, match="channels"):
        LongTermSpectrum(RATE, 0)
    with pytest.raises(ValueError, match="sample_rate_hz"):
        LongTermSpectrum(0, 1)
    with pytest.raises(ValueError, match="band"):
        LongTermSpectrum(RATE, 1).band_power(200.0, 100.0)
