"""The limiter, measured: ceilings, distortion, what it leaves alone, and its prediction of loudness."""

from __future__ import annotations

import time

import numpy as np
import pytest
from numpy.typing import NDArray
from second_opinion import oversampled_peak_dbtp

from auralis_cli.dsp.limited_loudness import LimitedLoudnessMeter
from auralis_cli.dsp.limiter import DETECTOR_GUARD_DB, GainCurve, Limiter, LimiterSettings, apply_gain_nodes
from auralis_cli.dsp.loudness import WeightedEnergy, channel_weights, integrated_lufs
from auralis_cli.dsp.truepeak import TruePeakEnvelope, control_block_frames

RATE = 44_100
Audio = NDArray[np.float32]


def limited(audio: Audio, settings: LimiterSettings, *, rate: int = RATE, gain_db: float = 0.0, cut: int = 0) -> Audio:
    limiter = Limiter(settings, rate, audio.shape[1], gain_db=gain_db)
    cut = cut or len(audio)
    parts = [limiter.process(audio[start : start + cut]) for start in range(0, len(audio), cut)]
    return np.concatenate([*parts, limiter.flush()])[limiter.latency_frames :]


def stereo(wave: NDArray[np.float64]) -> Audio:
    return np.ascontiguousarray(np.repeat(wave[:, None], 2, axis=1), np.float32)


def tone(frequency_hz: float, level_db: float, seconds: float, rate: int = RATE) -> NDArray[np.float64]:
    return np.asarray(
        10 ** (level_db / 20) * np.sin(2 * np.pi * frequency_hz * np.arange(round(seconds * rate)) / rate)
    )


def faded(wave: NDArray[np.float64], rate: int = RATE) -> NDArray[np.float64]:
    ramp = np.hanning(2 * round(0.01 * rate))[: round(0.01 * rate)]
    out = wave.copy()
    out[: len(ramp)] *= ramp
    out[-len(ramp) :] *= ramp[::-1]
    return out


def peak_16x_db(audio: Audio) -> float:
    """True peak by exact band-limited interpolation of the whole signal, 16 times as fine."""
    spectrum = np.fft.rfft(audio.astype(np.float64), axis=0)
    fine = np.fft.irfft(spectrum, 16 * len(audio), axis=0) * 16
    return float(20 * np.log10(np.abs(fine).max()))


@pytest.mark.parametrize(("frequency_hz", "most_percent"), [(30, 0.01), (40, 0.01), (60, 0.01), (100, 0.01)])
def test_a_bass_note_4_db_over_is_not_distorted(frequency_hz: int, most_percent: float) -> None:
    out = limited(stereo(tone(frequency_hz, 4.0, 5.0)), LimiterSettings(0.0))
    steady = out[2 * RATE :, 0].astype(np.float64)
    power = np.abs(np.fft.rfft(steady * np.blackman(len(steady)))) ** 2
    line = frequency_hz * len(steady) // RATE
    harmonics = sum(power[k * line - 6 : k * line + 7].sum() for k in range(2, 40))
    thd_percent = 100 * np.sqrt(harmonics / power[line - 6 : line + 7].sum())
    assert thd_percent <= most_percent
    assert np.abs(steady).max() > 0.95


def _torture() -> dict[str, NDArray[np.float64]]:
    rng = np.random.default_rng(7)
    seconds = 3
    noise = rng.standard_normal(seconds * RATE)
    spectrum = np.fft.rfft(noise)
    spectrum[: 8_000 * seconds] = 0
    spectrum[16_000 * seconds :] = 0
    band = np.fft.irfft(spectrum, len(noise))
    audible = np.fft.rfft(np.clip(rng.standard_normal(seconds * RATE), -1, 1))
    audible[20_000 * seconds :] = 0
    impulse = np.zeros(RATE)
    impulse[RATE // 2] = 4.0
    quarter = np.sin(2 * np.pi * np.arange(seconds * RATE) / 4 + np.pi / 4)
    return {
        "8-16 kHz noise": faded(band / np.abs(band).max() * 2.75),
        "19 kHz sine": faded(tone(19_000, 5.0, seconds)),
        "clipped noise up to 20 kHz": faded(np.fft.irfft(audible, seconds * RATE)),
        "single impulse": impulse,
        "quarter-rate sine at 45 degrees": faded(1.41 * quarter),
        "20 kHz sine": faded(tone(20_000, 6.0, seconds)),
    }


@pytest.mark.parametrize("name", list(_torture()))
@pytest.mark.parametrize("ceiling_dbtp", [-1.0, -0.1])
def test_no_true_peak_passes_the_ceiling(name: str, ceiling_dbtp: float) -> None:
    out = limited(stereo(_torture()[name]), LimiterSettings(ceiling_dbtp), gain_db=1.0)
    assert peak_16x_db(out) <= ceiling_dbtp + 0.05


def test_dense_music_like_noise_is_brought_up_to_the_ceiling() -> None:
    noise = _torture()["clipped noise up to 20 kHz"]
    out = limited(stereo(0.3 * noise), LimiterSettings(-1.0), gain_db=15.0)
    assert -1.1 < peak_16x_db(out) <= -0.95


@pytest.mark.invariant("S1-H-04")
def test_outside_look_ahead_and_release_every_sample_stays_what_it_was() -> None:
    audio = stereo(tone(997, -12.0, 14.0))
    over = 2 * RATE
    audio[over] = 0.96
    out = limited(audio, LimiterSettings(-6.0))
    changed = np.flatnonzero((out != audio).any(axis=1))
    assert changed.min() >= over - 0.005 * RATE
    assert changed.max() <= over + 8 * RATE
    # Half of the reduction is gone after 30 ms, all that could be heard after 0.2 s.
    gain = np.abs(out[over + 50 :, 0]) / np.maximum(np.abs(audio[over + 50 :, 0]), 1e-3)
    loud = np.abs(audio[over + 50 :, 0]) > 0.1
    assert gain[loud][: round(0.03 * RATE)].min() < 0.8
    assert gain[loud][round(0.2 * RATE) :].min() > 0.985


def test_audio_below_the_ceiling_passes_bit_for_bit() -> None:
    rng = np.random.default_rng(5)
    audio = stereo(np.clip(0.1 * rng.standard_normal(RATE), -0.4, 0.4))
    assert np.array_equal(limited(audio, LimiterSettings(-1.0)), audio)


@pytest.mark.invariant("S1-M-03")
def test_the_gain_never_steps_between_neighbouring_samples() -> None:
    rng = np.random.default_rng(11)
    bursts = np.repeat(rng.choice([0.05, 0.4, 1.4], 200), 441) * rng.uniform(-1, 1, 88_200)
    audio = stereo(bursts)
    limiter_nodes = gain_nodes(audio, LimiterSettings(-1.0), 0.0)
    steps_db = np.abs(np.diff(20 * np.log10(limiter_nodes))) / control_block_frames(RATE)
    assert steps_db.max() <= 0.1
    ratio = np.abs(limited(audio, LimiterSettings(-1.0))[:, 0]) / np.maximum(np.abs(audio[:, 0]), 1e-9)
    usable = np.abs(audio[:, 0]) > 1e-3
    gain_db = 20 * np.log10(ratio[usable])
    neighbours = np.diff(np.flatnonzero(usable)) == 1
    assert np.abs(np.diff(gain_db))[neighbours].max() <= 0.11


def gain_nodes(audio: Audio, settings: LimiterSettings, gain_db: float, rate: int = RATE) -> NDArray[np.float64]:
    curve = GainCurve(settings, rate, gain_db)
    return np.concatenate((curve.nodes(true_peaks(audio, rate)), curve.flush()))


def true_peaks(audio: Audio, rate: int = RATE) -> NDArray[np.float32]:
    meter = TruePeakEnvelope(audio.shape[1], control_block_frames(rate))
    return np.concatenate((meter.process(audio), meter.flush()))


def test_the_gain_curve_agrees_with_a_plain_reference() -> None:
    rng = np.random.default_rng(2)
    peaks = np.repeat(rng.uniform(0.2, 2.2, 400), 25).astype(np.float32)
    settings = LimiterSettings(-1.0)
    curve = GainCurve(settings, RATE, 3.0)
    nodes = np.concatenate((curve.nodes(peaks), curve.flush()))
    assert np.allclose(nodes, _reference_nodes(peaks, settings, 3.0), atol=2e-5)


def _reference_nodes(peaks: NDArray[np.float32], settings: LimiterSettings, gain_db: float) -> NDArray[np.float64]:
    block_s = control_block_frames(RATE) / RATE
    gain, ceiling = 10 ** (gain_db / 20), 10 ** ((settings.ceiling_dbtp - DETECTOR_GUARD_DB) / 20)
    box = round(settings.look_ahead_ms / 1e3 / block_s / 3)
    ahead = 3 * (box - 1)
    windows = [ahead + 2 + round(ms / 1e3 / block_s) for ms in (settings.hold_ms, settings.recurring_hold_ms)]
    over = np.maximum(0.0, 1.0 - ceiling / (gain * peaks.astype(np.float64)))
    over = np.concatenate((over, np.zeros(ahead + 1)))
    held, longer = (np.array([over[max(0, i - w + 1) : i + 1].max() for i in range(len(over))]) for w in windows)
    times_ms = (settings.slow_attack_ms, settings.slow_release_ms, settings.recurrence_ms, settings.fast_release_ms)
    attack, release, recurrence, keep = (np.exp(-block_s / (ms / 1e3)) for ms in times_ms)
    slow = recurring = fast = 0.0
    smooth = np.empty(len(held))
    for i, value in enumerate(held):
        slow += (1 - (attack if value > slow else release)) * (value - slow)
        recurring += (1 - recurrence) * (longer[i] - recurring)
        aim = max(slow, min(longer[i], recurring))
        fast = max(value, aim + (fast - aim) * keep)
        smooth[i] = fast
    for _ in range(3):
        smooth = np.convolve(np.concatenate((np.zeros(box - 1), smooth)), np.ones(box) / box, mode="valid")
    return np.asarray(gain * (1.0 - smooth[ahead:]))


@pytest.mark.parametrize("rate", [11_025, 44_100, 96_000, 192_000])
def test_sixteenfold_interpolation_finds_no_peak_above_the_ceiling_at_any_rate(rate: int) -> None:
    """Noise up to 0.42 of the rate, 12 dB over: what a detector that looks at four points only lets through."""
    rng = np.random.default_rng(3)
    spectrum = np.fft.rfft(rng.standard_normal(rate))
    spectrum[round(0.42 * rate) :] = 0.0
    fade = np.minimum(1.0, np.minimum(np.arange(rate), np.arange(rate)[::-1]) / (0.05 * rate))
    audio = stereo(fade * np.fft.irfft(spectrum, n=rate))
    assert oversampled_peak_dbtp(limited(audio, LimiterSettings(-1.0), rate=rate)) <= -0.95


@pytest.mark.parametrize("rate", [44_100, 48_000, 96_000, 192_000])
def test_predicted_loudness_is_the_loudness_of_the_rendered_audio(rate: int) -> None:
    rng = np.random.default_rng(9)
    swell = 0.02 + 0.4 * np.abs(np.sin(2 * np.pi * 0.7 * np.arange(6 * rate) / rate)) ** 3
    audio = stereo(swell * rng.standard_normal(6 * rate))
    settings, gain_db, block = LimiterSettings(-1.0), 6.0, control_block_frames(rate)
    energies = k_energies(audio, rate, (block, 1)).astype(np.float32)
    nodes = gain_nodes(audio, settings, gain_db, rate)
    meter = LimitedLoudnessMeter(rate, block, gain_db, len(audio))
    for start in range(0, len(energies), 1000):
        end = min(start + 1000, len(energies))
        meter.add(nodes[start : end + 1], energies[start:end])
    predicted = meter.result()
    out = np.empty_like(audio)
    apply_gain_nodes(audio, nodes, block, out)
    assert predicted.mean_reduction_db > 1.0
    assert predicted.integrated_lufs == pytest.approx(
        integrated_lufs(k_energies(out, rate, (rate, 100)), rate / 100), abs=0.02
    )


def k_energies(audio: Audio, rate: int, segment: tuple[int, int]) -> NDArray[np.float64]:
    meter = WeightedEnergy(rate, channel_weights(audio.shape[1]), segment)
    return np.concatenate((meter.process(audio), meter.flush()))


@pytest.mark.invariant("S2-NEW-5")
@pytest.mark.parametrize("cut", [1, 17, 509, 22_049, 22_050])
def test_the_result_does_not_depend_on_how_the_stream_is_cut(cut: int) -> None:
    rng = np.random.default_rng(1)
    audio = stereo(rng.standard_normal(22_050 if cut > 1 else 3_000))
    settings = LimiterSettings(-1.0)
    assert np.array_equal(limited(audio, settings, cut=cut), limited(audio, settings))


@pytest.mark.invariant("S3-prior-2293")
@pytest.mark.alone
def test_the_cost_does_not_grow_with_the_look_ahead() -> None:
    peaks = np.random.default_rng(4).uniform(0.0, 2.0, 400_000).astype(np.float32)

    def seconds(look_ahead_ms: float) -> float:
        times = []
        for _ in range(9):
            curve = GainCurve(LimiterSettings(-1.0, look_ahead_ms=look_ahead_ms), RATE)
            started = time.thread_time()
            curve.nodes(peaks)
            times.append(time.thread_time() - started)
        return min(times)

    seconds(1.0)
    # Searching anew for every block would cost sixty times as much; a busy machine may double a figure.
    assert seconds(60.0) / seconds(1.0) <= 4.0


@pytest.mark.parametrize(
    "bad",
    [
        {"ceiling_dbtp": 0.5},
        {"ceiling_dbtp": float("nan")},
        {"ceiling_dbtp": -1.0, "look_ahead_ms": 0.0},
        {"ceiling_dbtp": -1.0, "hold_ms": float("inf")},
        {"ceiling_dbtp": -1.0, "fast_release_ms": -1.0},
    ],
)
def test_settings_out_of_range_are_refused_by_name(bad: dict[str, float]) -> None:
    with pytest.raises(ValueError, match=list(bad)[-1]):
        LimiterSettings(**bad)
