from __future__ import annotations

import dataclasses
import math

import numpy as np
import pytest
from numpy.typing import NDArray

from auralis_cli.dsp.dynamics import Compressor, CompressorSettings
from auralis_cli.dsp.k_weighting import k_weighting_sos
from auralis_cli.dsp.loudness import channel_weights

RATE_HZ = 48_000
SETTINGS = CompressorSettings(-30.0, 4.0, 8.0, 20.0, 150.0, 24.0)


def render(settings: CompressorSettings, audio: NDArray[np.float32], rate_hz: int = RATE_HZ) -> NDArray[np.float32]:
    compressor = Compressor(settings, rate_hz, audio.shape[1])
    out = np.concatenate([compressor.process(audio), compressor.flush()])
    return out[compressor.latency_frames :]


def tone(levels: NDArray[np.float64], rate_hz: int = RATE_HZ, channels: int = 1) -> NDArray[np.float32]:
    """A sine of 1 kHz with the given amplitude per frame."""
    wave = levels * np.sin(2 * np.pi * 1_000 * np.arange(len(levels)) / rate_hz)
    return np.repeat(wave[:, None], channels, axis=1).astype(np.float32)


def reduction_db(audio: NDArray[np.float32], out: NDArray[np.float32], rate_hz: int = RATE_HZ) -> NDArray[np.float64]:
    """The gain trace of a `tone` in dB of reduction, read where the wave is not near zero."""
    frames = np.arange(len(audio))
    clear = np.abs(np.sin(2 * np.pi * 1_000 * frames / rate_hz)) > 0.5
    trace = -20.0 * np.log10(np.abs(out[clear, 0].astype(np.float64) / audio[clear, 0]))
    filled: NDArray[np.float64] = np.interp(frames, np.flatnonzero(clear), trace)
    return filled


def reference(settings: CompressorSettings, audio: NDArray[np.float32], rate_hz: int) -> NDArray[np.float64]:
    """The compressor as its definition reads, in plain NumPy."""
    power = np.zeros(len(audio))
    for channel, weight in enumerate(channel_weights(audio.shape[1])):
        signal = audio[:, channel].astype(np.float64)
        for b0, b1, b2, a1, a2 in k_weighting_sos(rate_hz):
            filtered = np.zeros_like(signal)
            x1 = x2 = y1 = y2 = 0.0
            for i, x in enumerate(signal):
                filtered[i] = b0 * x + b1 * x1 + b2 * x2 - a1 * y1 - a2 * y2
                x1, x2, y1, y2 = x, x1, filtered[i], y1
            signal = filtered
        power += weight * signal**2
    window = round(0.002 * rate_hz)
    ahead = window // 4
    mean = np.convolve(np.append(power, np.zeros(ahead)), np.ones(window) / window)[ahead : ahead + len(audio)]
    over = -0.691 + 10 * np.log10(np.maximum(mean, 1e-30)) - settings.threshold_db
    knee, slope = settings.knee_db, 1 - 1 / settings.ratio

    def ramp(x: NDArray[np.float64]) -> NDArray[np.float64]:
        bent = (x + knee / 2) ** 2 / (2 * knee)
        return np.where(x <= -knee / 2, 0.0, np.where(x >= knee / 2, x, bent))

    target = slope * (ramp(over) - ramp(over - settings.max_reduction_db / slope))
    attack, release = (1 - math.exp(-1e3 / (ms * rate_hz)) for ms in (settings.attack_ms, settings.release_ms))
    reduced, gain = 0.0, np.ones(len(audio))
    # What the detector hears before the first sample comes out of the delay.
    early = np.convolve(power, np.ones(window) / window)[:ahead]
    assert np.all(-0.691 + 10 * np.log10(np.maximum(early, 1e-30)) < settings.threshold_db - knee / 2)
    for i, wanted in enumerate(target):
        reduced += (attack if wanted > reduced else release) * (wanted - reduced)
        gain[i] = 10 ** (-reduced / 20)
    return audio * gain[:, None]


@pytest.mark.parametrize("rate_hz", [8_000, 44_100, 96_000])
@pytest.mark.parametrize("channels", [1, 2, 6])
def test_it_computes_its_definition(rate_hz: int, channels: int) -> None:
    rng = np.random.default_rng(channels)
    swell = np.sin(np.linspace(0.0, 3 * np.pi, 6_000))[:, None] ** 2
    audio = (0.3 * swell * rng.standard_normal((6_000, channels))).astype(np.float32)
    expected = reference(SETTINGS, audio, rate_hz)
    np.testing.assert_allclose(render(SETTINGS, audio, rate_hz), expected, rtol=2e-6, atol=1e-9)


@pytest.mark.invariant("S1-M-08")
@pytest.mark.parametrize("rate_hz", [44_100, 96_000])
@pytest.mark.parametrize(("attack_ms", "release_ms"), [(10.0, 50.0), (20.0, 150.0), (40.0, 250.0), (40.0, 30.0)])
def test_the_reduction_rises_with_the_attack_and_falls_with_the_release(
    attack_ms: float, release_ms: float, rate_hz: int
) -> None:
    settings = dataclasses.replace(SETTINGS, attack_ms=attack_ms, release_ms=release_ms)
    second = rate_hz
    levels = np.full(3 * second, 0.003)
    levels[second : 2 * second] = 0.3
    audio = tone(levels, rate_hz)
    trace = reduction_db(audio, render(settings, audio, rate_hz), rate_hz)
    full = float(trace[2 * second - second // 10])
    assert full > 10.0
    risen_ms = 1e3 * np.flatnonzero(trace[second:] >= (1 - math.exp(-1)) * full)[0] / rate_hz
    fallen_ms = 1e3 * np.flatnonzero(trace[2 * second :] <= math.exp(-1) * full)[0] / rate_hz
    assert risen_ms == pytest.approx(attack_ms, rel=0.05)
    assert fallen_ms == pytest.approx(release_ms, rel=0.05)


@pytest.mark.parametrize("channels", [1, 2])
def test_thresholds_are_in_lufs_and_the_ratio_is_met(channels: int) -> None:
    amplitude = 0.1 * math.sqrt(2.0 / channels)  # −20 LUFS at 1 kHz (−0.691 + the shelf's 0.691)
    for above_db in (6.0, 12.0):
        audio = tone(np.full(RATE_HZ, amplitude * 10 ** (above_db / 20)), channels=channels)
        settings = dataclasses.replace(SETTINGS, threshold_db=-20.0, max_reduction_db=60.0)
        trace = reduction_db(audio, render(settings, audio))
        assert trace[-1000] == pytest.approx(0.75 * above_db, abs=0.02)


def test_the_curve_is_continuous_monotone_and_bounded() -> None:
    settings = dataclasses.replace(SETTINGS, max_reduction_db=6.0)
    levels_db = np.arange(-50.0, 6.0, 0.5)
    reductions = []
    for level_db in levels_db:
        audio = tone(np.full(RATE_HZ // 2, 10 ** (level_db / 20)))
        reductions.append(reduction_db(audio, render(settings, audio))[-1000])
    slopes = np.diff(reductions) / 0.5
    assert np.all(slopes >= -1e-3)
    assert np.all(slopes <= 0.75 + 1e-2)
    assert np.max(np.abs(np.diff(slopes))) < 0.75 * 0.5 / settings.knee_db + 0.02  # a corner would be 0.75
    assert reductions[-1] == pytest.approx(6.0, abs=0.01)
    assert max(reductions) <= 6.001


@pytest.mark.invariant("S1-H-04")
def test_below_the_knee_samples_pass_bit_for_bit() -> None:
    rng = np.random.default_rng(3)
    audio = (0.003 * rng.standard_normal((RATE_HZ, 2))).astype(np.float32)  # some −48 LUFS
    np.testing.assert_array_equal(render(SETTINGS, audio), audio)
    audio[1000:1500] *= 100.0
    out = render(SETTINGS, audio)
    assert not np.array_equal(out[1000:1500], audio[1000:1500])
    np.testing.assert_array_equal(out[:900], audio[:900])
    quick = dataclasses.replace(SETTINGS, release_ms=20.0)
    np.testing.assert_array_equal(render(quick, audio)[24_000:], audio[24_000:], "the release never ends")


@pytest.mark.invariant("S1-M-03")
def test_the_gain_never_steps() -> None:
    settings = dataclasses.replace(SETTINGS, attack_ms=5.0)
    levels = np.full(RATE_HZ, 0.001)
    levels[10_000:20_000] = 4.0
    audio = (levels[:, None] * np.ones((1, 2)) * np.sign(np.sin(np.arange(RATE_HZ) + 0.5)[:, None])).astype(np.float32)
    out = render(settings, audio).astype(np.float64)
    steps_db = np.abs(np.diff(20 * np.log10(np.abs(out / audio)), axis=0))
    assert np.max(steps_db) < 24.0 / (0.005 * RATE_HZ) * 1.01  # the whole range over one attack constant
    assert np.max(steps_db) > 0.01


def test_all_channels_get_one_gain() -> None:
    rng = np.random.default_rng(4)
    audio = (np.array([0.5, 0.01]) * rng.standard_normal((20_000, 2))).astype(np.float32)
    gains = render(SETTINGS, audio)[:, 0] / audio[:, 0], render(SETTINGS, audio)[:, 1] / audio[:, 1]
    np.testing.assert_allclose(gains[0], gains[1], rtol=1e-6)


def test_a_roar_is_forgotten_after_the_release() -> None:
    audio = np.full((RATE_HZ, 1), 0.001, np.float32) * np.sin(np.arange(RATE_HZ))[:, None].astype(np.float32)
    audio[100] = 1e15
    quick = dataclasses.replace(SETTINGS, release_ms=20.0)
    np.testing.assert_array_equal(render(quick, audio)[-1000:], audio[-1000:])


@pytest.mark.invariant("S1-H-05")
@pytest.mark.parametrize(
    ("parameter", "low", "high"),
    [
        ("threshold_db", -40.0, -20.0),
        ("ratio", 1.2, 8.0),
        ("knee_db", 0.0, 24.0),
        ("attack_ms", 5.0, 100.0),
        ("release_ms", 20.0, 1_000.0),
        ("max_reduction_db", 1.0, 12.0),
    ],
)
def test_every_parameter_is_heard(parameter: str, low: float, high: float) -> None:
    levels = np.where(np.arange(RATE_HZ) % 12_000 < 4_000, 0.3, 0.02)
    audio = tone(levels)
    one, other = (
        render(dataclasses.replace(SETTINGS, **{parameter: value}), audio).astype(np.float64) for value in (low, high)
    )
    assert 10 * np.log10(np.mean((one - other) ** 2) / np.mean(one**2)) > -40.0


@pytest.mark.invariant("S3-ENG-10")
@pytest.mark.parametrize(
    ("parameter", "value"),
    [
        ("ratio", 1.0),
        ("ratio", 0.5),
        ("ratio", math.nan),
        ("threshold_db", math.nan),
        ("threshold_db", -math.inf),
        ("knee_db", -1.0),
        ("attack_ms", 0.0),
        ("release_ms", -5.0),
        ("max_reduction_db", 0.0),
    ],
)
def test_settings_that_do_nothing_or_cannot_be_are_refused(parameter: str, value: float) -> None:
    with pytest.raises(ValueError, match=parameter):
        dataclasses.replace(SETTINGS, **{parameter: value})
