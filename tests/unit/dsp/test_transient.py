from __future__ import annotations

import dataclasses
import math

import numpy as np
import pytest
from numpy.typing import NDArray

from auralis_cli.dsp import transient
from auralis_cli.dsp.transient import TransientEnhancer, TransientSettings

RATE_HZ = 48_000
START = RATE_HZ // 4


def render(settings: TransientSettings, audio: NDArray[np.float32], rate_hz: int = RATE_HZ) -> NDArray[np.float32]:
    enhancer = TransientEnhancer(settings, rate_hz, audio.shape[1])
    return np.concatenate([enhancer.process(audio), enhancer.flush()])[enhancer.latency_frames :]


def drum(frequency_hz: float = 173.0, rate_hz: int = RATE_HZ) -> NDArray[np.float32]:
    """A quarter of a second of silence, then a hit that decays with 80 ms."""
    time_s = np.arange(rate_hz) / rate_hz
    hit = 0.5 * np.sin(2 * np.pi * frequency_hz * time_s) * np.exp(-time_s / 0.08)
    return np.concatenate([np.zeros(rate_hz // 4), hit]).astype(np.float32)[:, None]


def change_db(before: NDArray[np.float32], after: NDArray[np.float32], from_s: float, to_s: float) -> float:
    part = slice(START + round(from_s * RATE_HZ), START + round(to_s * RATE_HZ))
    energies = [float(np.sum(audio[part].astype(np.float64) ** 2)) for audio in (after, before)]
    return 10.0 * math.log10(energies[0] / energies[1])


def reference(settings: TransientSettings, audio: NDArray[np.float32]) -> tuple[NDArray[np.float64], int]:
    """The enhancer as its definition reads, in plain NumPy."""
    sections, delay = transient._band(settings.low_hz, settings.high_hz, RATE_HZ)
    padded = np.concatenate([audio.astype(np.float64), np.zeros((delay, audio.shape[1]))])
    band = padded.copy()
    for b0, b1, b2, a1, a2 in sections:
        source, band = band, np.zeros_like(band)
        for i in range(len(band)):
            band[i] = b0 * source[i]
            if i > 0:
                band[i] += b1 * source[i - 1] - a1 * band[i - 1]
            if i > 1:
                band[i] += b2 * source[i - 2] - a2 * band[i - 2]
    level = np.maximum(np.max(np.abs(band), axis=1), 1e-15)
    quick, slack = (1 - math.exp(-1e3 / (ms * RATE_HZ)) for ms in (settings.fast_ms, settings.slow_ms))
    fast = slow = 1e-15
    onset, boost = 0.0, np.zeros(len(level))
    for i, value in enumerate(level):
        fast += (quick if value > fast else slack) * (value - fast)
        slow += slack * (fast - slow)
        onset += quick * (min(1.0, max(0.0, fast / slow - 1.5)) - onset)
        boost[i] = (10 ** (settings.gain_db / 20) - 1) * onset
    return audio + (boost[:, None] * band)[delay:], delay


@pytest.mark.parametrize("gain_db", [3.0, -6.0])
def test_it_computes_its_definition(gain_db: float) -> None:
    rng = np.random.default_rng(5)
    audio = np.concatenate([drum(), drum(90.0)], axis=1)[START - 100 : START + 5_000]
    audio = audio + (0.02 * rng.standard_normal(audio.shape)).astype(np.float32)
    settings = TransientSettings(gain_db)
    expected, delay = reference(settings, audio)
    assert TransientEnhancer(settings, RATE_HZ, 2).latency_frames == delay
    np.testing.assert_allclose(render(settings, audio), expected, rtol=0, atol=1e-7)


@pytest.mark.parametrize("gain_db", [1.0, 3.0, 6.0, -3.0])
def test_a_hit_gains_at_its_onset_and_not_later(gain_db: float) -> None:
    out = render(TransientSettings(gain_db), drum())
    assert change_db(drum(), out, 0.002, 0.012) == pytest.approx(gain_db, abs=0.15)
    assert abs(change_db(drum(), out, 0.1, 0.3)) < 0.001


@pytest.mark.parametrize("frequency_hz", [80.0, 120.0, 250.0, 400.0])
def test_hits_across_the_band_gain_most_of_it(frequency_hz: float) -> None:
    assert 1.8 < change_db(drum(frequency_hz), render(TransientSettings(3.0), drum(frequency_hz)), 0.0, 0.02) < 3.3


@pytest.mark.parametrize("frequency_hz", [40.0, 60.0, 100.0, 173.0, 500.0, 1_000.0])
def test_a_steady_tone_is_untouched(frequency_hz: float) -> None:
    wave = 0.5 * np.sin(2 * np.pi * frequency_hz * np.arange(2 * RATE_HZ) / RATE_HZ)
    audio = np.repeat(wave[:, None], 2, axis=1).astype(np.float32)
    out = render(TransientSettings(6.0), audio)
    np.testing.assert_array_equal(out[RATE_HZ // 2 :], audio[RATE_HZ // 2 :])


def test_nothing_changes_above_2_khz() -> None:
    # Hits and a steady high band together: the hits open the gain, the high band must not move.
    rng = np.random.default_rng(6)
    audio = drum() + (0.1 * rng.standard_normal((len(drum()), 1))).astype(np.float32)
    out = render(TransientSettings(6.0), audio)
    window = np.hanning(4_096)
    for start in range(START - 2_048, START + 8_192, 1_024):
        before, after = (
            np.abs(np.fft.rfft(window * x[start : start + 4_096, 0].astype(np.float64))) ** 2 for x in (audio, out)
        )
        high = slice(2_000 * 4_096 // RATE_HZ, None)
        assert abs(10 * np.log10(np.sum(after[high]) / np.sum(before[high]))) < 0.05


@pytest.mark.parametrize("gain_db", [-6.0, 6.0])
def test_what_it_does_does_not_depend_on_level(gain_db: float) -> None:
    factor = np.float32(10 ** (gain_db / 20))
    out = render(TransientSettings(3.0), drum())
    louder = render(TransientSettings(3.0), drum() * factor)
    np.testing.assert_allclose(louder / factor, out, rtol=0, atol=1e-5 * np.max(np.abs(out)))


@pytest.mark.invariant("S1-M-03")
def test_the_gain_never_steps() -> None:
    settings = TransientSettings(6.0)
    out, before = render(settings, drum()).astype(np.float64), drum().astype(np.float64)
    change = np.abs(np.diff(out - before, axis=0))
    # 6 dB over one millisecond, on the slope of a 500 Hz wave at most.
    bound = (1.0 / (0.001 * RATE_HZ) + 2 * np.pi * 500.0 / RATE_HZ) * 0.5
    assert np.max(change) < bound
    assert np.max(change) > 0.001


def test_both_channels_move_together() -> None:
    audio = np.concatenate([drum(), 0.1 * drum()], axis=1).astype(np.float32)
    out = render(TransientSettings(3.0), audio)
    np.testing.assert_allclose(out[:, 1], 0.1 * out[:, 0], atol=1e-7)


@pytest.mark.invariant("S1-M-02")
@pytest.mark.parametrize("rate_hz", [8_000, 11_025, 16_000, 22_050, 32_000, 44_100, 48_000, 88_200, 96_000, 192_000])
@pytest.mark.parametrize(("low_hz", "high_hz"), [(20.0, 30.0), (60.0, 500.0), (100.0, 1_500.0)])
def test_bands_are_sound_at_every_rate(rate_hz: int, low_hz: float, high_hz: float) -> None:
    sections, delay = transient._band(low_hz, high_hz, rate_hz)
    assert np.all(np.isfinite(sections))
    assert delay >= 1
    centre = 2 * np.pi * math.sqrt(low_hz * high_hz) / rate_hz
    lag = np.exp(-1j * centre)
    response = np.prod(
        [(b0 + b1 * lag + b2 * lag**2) / (1 + a1 * lag + a2 * lag**2) for b0, b1, b2, a1, a2 in sections]
    )
    response *= np.exp(1j * centre * delay)
    assert abs(response) == pytest.approx(1.0, abs=1e-9)
    assert abs(np.angle(response)) <= centre / 2 + 1e-9  # zero but for half a frame
    assert np.all(np.isfinite(render(TransientSettings(3.0, low_hz, high_hz), drum(173.0, rate_hz), rate_hz)))


@pytest.mark.invariant("S1-M-02")
@pytest.mark.invariant("S3-ENG-10")
@pytest.mark.parametrize(
    ("parameter", "value"),
    [
        ("gain_db", 0.0),
        ("gain_db", math.nan),
        ("gain_db", 13.0),
        ("low_hz", 0.0),
        ("low_hz", 10.0),
        ("low_hz", -60.0),
        ("high_hz", 60.0),
        ("high_hz", 0.0),
        ("fast_ms", 0.0),
        ("slow_ms", 1.0),
    ],
)
def test_settings_that_do_nothing_or_cannot_be_are_refused(parameter: str, value: float) -> None:
    with pytest.raises(ValueError, match=parameter):
        dataclasses.replace(TransientSettings(3.0), **{parameter: value})


def test_a_band_beyond_the_rate_is_refused() -> None:
    with pytest.raises(ValueError, match="high_hz"):
        TransientEnhancer(TransientSettings(3.0, 60.0, 4_000.0), 8_000, 1)


@pytest.mark.invariant("S1-H-05")
@pytest.mark.parametrize(
    ("parameter", "low", "high"),
    [
        ("gain_db", -6.0, 6.0),
        ("low_hz", 20.0, 150.0),
        ("high_hz", 200.0, 1_000.0),
        ("fast_ms", 0.2, 5.0),
        ("slow_ms", 10.0, 200.0),
    ],
)
def test_every_parameter_is_heard(parameter: str, low: float, high: float) -> None:
    one, other = (
        render(dataclasses.replace(TransientSettings(6.0), **{parameter: value}), drum()).astype(np.float64)
        for value in (low, high)
    )
    assert 10 * np.log10(np.mean((one - other) ** 2) / np.mean(one**2)) > -40.0
