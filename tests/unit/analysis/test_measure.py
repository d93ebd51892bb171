"""Whole-track meters: what they report, what it costs, and what may not change it."""

from __future__ import annotations

import math
import tracemalloc
from concurrent.futures import ThreadPoolExecutor
from dataclasses import astuple, fields, replace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from auralis_cli.analysis.measure import LoudnessMeter, TrackMeter, album_lufs
from auralis_cli.dsp.harmony import HarmonyMeter
from auralis_cli.dsp.levels import LevelMeter
from auralis_cli.dsp.onset import OnsetDetector
from auralis_cli.dsp.spectrum import LongTermSpectrum
from auralis_cli.model.fingerprint import DIMENSIONS, Content, Fingerprint
from auralis_cli.model.measurements import Measurements, TrackAnalysis

Audio = NDArray[np.float32]
RATE = 22_050
# Wrong type, wrong channels, not contiguous.
WRONG_BLOCKS: list[Any] = [np.zeros((4, 2)), np.zeros((4, 1), np.float32), np.zeros((8, 2), np.float32)[::2]]


def music(seconds: float = 8.0, rate_hz: int = RATE, seed: int = 1) -> Audio:
    """Chords with strokes, different left and right, on a breath of noise."""
    place = np.arange(round(seconds * rate_hz)) / rate_hz
    rng = np.random.default_rng(seed)
    decay = np.exp(-4.0 * (place % 0.5))
    left = decay * (np.sin(2 * np.pi * 110 * place) + 0.5 * np.sin(2 * np.pi * 554 * place))
    right = decay * (np.sin(2 * np.pi * 110 * place) + 0.5 * np.sin(2 * np.pi * 659 * place))
    loud = 0.1 + 0.1 * np.sin(2 * np.pi * place / 7.0)
    wave = np.stack([left, right], axis=1) * loud[:, None] + rng.standard_normal((len(place), 2)) * 0.002
    return wave.astype(np.float32)


def analyse(
    audio: Audio, rate_hz: int = RATE, cut: int = 0, executor: ThreadPoolExecutor | None = None
) -> TrackAnalysis:
    meter = TrackMeter(rate_hz, audio.shape[1], executor)
    cut = cut or max(1, len(audio))
    for start in range(0, len(audio), cut):
        meter.add(audio[start : start + cut])
    return meter.result()


def measure(audio: Audio, rate_hz: int = RATE) -> Measurements:
    meter = LoudnessMeter(rate_hz, audio.shape[1])
    meter.add(audio)
    return meter.result()


def test_a_sine_measures_what_it_is() -> None:
    place = np.arange(48_000 * 5)
    wave = 0.5 * np.sin(2 * np.pi * 1000 * place / 48_000)
    measured = measure(np.stack([wave, wave], axis=1).astype(np.float32), 48_000)
    assert measured.duration_s == 5.0
    assert measured.sample_peak_dbfs == pytest.approx(-6.02, abs=0.01)
    assert measured.true_peak_dbtp == pytest.approx(-6.02, abs=0.02)
    assert measured.crest_db == pytest.approx(3.01, abs=0.01)
    assert measured.integrated_lufs == pytest.approx(-6.01, abs=0.02)
    assert measured.plr_db == pytest.approx(measured.true_peak_dbtp - measured.integrated_lufs)
    assert measured.lra_lu == pytest.approx(0.0, abs=0.01)
    assert measured.noise_floor_lufs == pytest.approx(-6.01, abs=0.02)
    assert (measured.correlation, measured.width, measured.balance_lu) == (1.0, 0.0, 0.0)
    assert not measured.too_short
    assert not measured.silent


def test_offset_balance_and_width_are_those_put_in() -> None:
    wave = music(4.0)
    wave[:, 0] += np.float32(0.01)
    wave[:, 1] -= np.float32(0.02)
    measured = measure(wave)
    assert measured.dc_offset == pytest.approx(-0.02, abs=2e-3)
    assert measured.dc_offsets == pytest.approx((0.01, -0.02), abs=2e-3)
    assert measure(music() * np.array([1.0, 0.5], np.float32)).balance_lu == pytest.approx(6.02, abs=0.3)
    rng = np.random.default_rng(0)
    mid, side = rng.standard_normal((2, 100_000)) * 0.1
    measured = measure(np.stack([mid + 0.5 * side, mid - 0.5 * side], axis=1).astype(np.float32))
    assert measured.width == pytest.approx(0.2, abs=0.01)
    assert measured.correlation == pytest.approx(0.6, abs=0.01)
    assert measure(np.stack([mid, -mid], axis=1).astype(np.float32)).width == pytest.approx(1.0)
    one_sided = measure(np.stack([mid, 0 * mid], axis=1).astype(np.float32))
    assert one_sided.correlation == 0.0
    assert one_sided.balance_lu == math.inf


@pytest.mark.parametrize("channels", [1, 2, 6])
@pytest.mark.parametrize("frames", [0, 1, 100, RATE // 3, 5 * RATE])
def test_silence_of_any_length_is_described_without_nan(channels: int, frames: int) -> None:
    analysis = analyse(np.zeros((frames, channels), np.float32))
    measured = analysis.measurements
    assert measured.silent
    assert measured.integrated_lufs == measured.true_peak_dbtp == measured.plr_db == -math.inf
    assert measured.too_short == (frames < 0.4 * RATE)
    assert analysis.content is Content.SILENCE
    for dimension in DIMENSIONS:
        assert getattr(analysis.fingerprint, dimension.name) == dimension.silence
    assert not any(math.isnan(value) for value in (*astuple(measured)[:11], *analysis.tone.mid_db))


def test_below_400_ms_loudness_is_undefined_but_peaks_are_not() -> None:
    analysis = analyse(music(0.39))
    assert analysis.measurements.too_short
    assert analysis.measurements.integrated_lufs == -math.inf
    assert analysis.measurements.true_peak_dbtp > -60
    assert not analyse(music(0.4)).measurements.too_short


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_audio_that_is_no_number_is_named_and_breaks_nothing(value: float) -> None:
    audio = music(4.0)
    audio[30_000, 1] = value
    analysis = analyse(audio)
    assert analysis.measurements.first_non_finite_frame == 30_000


@pytest.mark.parametrize("cut", [509, 30_011])
def test_the_analysis_does_not_depend_on_how_the_stream_is_cut(cut: int) -> None:
    audio = music(12.0)
    assert analyse(audio, cut=cut) == analyse(audio, cut=4_096)


def test_threads_change_nothing() -> None:
    audio = music()
    with ThreadPoolExecutor(2) as executor:
        assert analyse(audio, cut=20_000, executor=executor) == analyse(audio, cut=20_000)


@pytest.mark.invariant("S1-H-06")
def test_dual_mono_is_mono_but_for_3_01_lu() -> None:
    mono = np.ascontiguousarray(music()[:, :1])
    one, two = analyse(mono), analyse(np.repeat(mono, 2, axis=1))
    assert two.measurements.integrated_lufs - one.measurements.integrated_lufs == pytest.approx(10 * math.log10(2))
    assert replace(two.fingerprint, lufs=one.fingerprint.lufs) == one.fingerprint
    assert two.fingerprint.lufs - one.fingerprint.lufs == pytest.approx(10 * math.log10(2))
    assert (two.landmarks, two.flags, two.tempo_confidence) == (one.landmarks, one.flags, one.tempo_confidence)
    assert two.tone == one.tone
    assert two.measurements.true_peak_dbtp == one.measurements.true_peak_dbtp
    assert two.measurements.crest_db == pytest.approx(one.measurements.crest_db, abs=1e-12)


def test_swapping_the_channels_moves_nothing_but_the_balance() -> None:
    audio = music()
    ours, swapped = analyse(audio), analyse(np.ascontiguousarray(audio[:, ::-1]))
    assert swapped.fingerprint == ours.fingerprint
    assert swapped.landmarks == ours.landmarks
    assert swapped.tone == ours.tone
    assert swapped.measurements.balance_lu == pytest.approx(-ours.measurements.balance_lu)
    assert swapped.measurements.integrated_lufs == ours.measurements.integrated_lufs


@pytest.mark.parametrize("gain", [0.5, 0.123, 3.0])
def test_a_gain_moves_loudness_and_peaks_and_nothing_else(gain: float) -> None:
    audio = music()
    ours, louder = analyse(audio).fingerprint, analyse(audio * np.float32(gain)).fingerprint
    assert louder.lufs - ours.lufs == pytest.approx(20 * math.log10(gain), abs=1e-3)
    for dimension in DIMENSIONS:
        if dimension.name != "lufs":
            wanted = getattr(ours, dimension.name)
            assert getattr(louder, dimension.name) == pytest.approx(wanted, rel=1e-4, abs=1e-6), dimension.name


def test_the_order_of_the_halves_hardly_matters() -> None:
    audio = music(16.0)
    ours, turned = analyse(audio).fingerprint, analyse(np.roll(audio, len(audio) // 2, axis=0)).fingerprint
    for dimension in DIMENSIONS:
        wanted = getattr(ours, dimension.name)
        if not dimension.of_order:
            assert getattr(turned, dimension.name) == pytest.approx(wanted, rel=0.02, abs=0.01), dimension.name


def test_the_table_names_exactly_the_values_of_the_fingerprint() -> None:
    assert [field.name for field in fields(Fingerprint)] == [row.name for row in DIMENSIONS]


def test_every_value_lies_in_the_range_of_the_table() -> None:
    for audio in (music(), music(0.1), music()[:, :1].copy(), np.ones((RATE, 2), np.float32)):
        values = analyse(audio).fingerprint
        for row in DIMENSIONS:
            assert row.lowest <= getattr(values, row.name) <= row.highest, row.name


@pytest.mark.parametrize(
    ("frequency_hz", "band"),
    [(40, "sub_bass_pct"), (120, "bass_pct"), (350, "low_mid_pct"), (1_000, "mid_pct"),
     (3_000, "upper_mid_pct"), (6_000, "presence_pct"), (12_000, "air_pct")],
)  # fmt: skip
def test_a_sine_lies_in_its_band(frequency_hz: float, band: str) -> None:
    place = np.arange(3 * 44_100) / 44_100
    audio = (0.3 * np.sin(2 * np.pi * frequency_hz * place)).astype(np.float32)[:, None]
    values = analyse(audio, 44_100).fingerprint
    assert getattr(values, band) > 0.99
    shares = [getattr(values, row.name) for row in DIMENSIONS[:7]]
    assert sum(shares) == pytest.approx(1.0)


def test_silence_ratio_is_the_share_of_silence() -> None:
    audio = np.concatenate([music(6.0), np.zeros((2 * RATE, 2), np.float32)])
    assert analyse(audio).fingerprint.silence_ratio == pytest.approx(0.25, abs=0.01)


def test_antiphase_music_has_its_onsets() -> None:
    left = music()[:, :1]
    together, against = np.hstack([left, left]), np.hstack([left, -left])
    assert analyse(against).fingerprint.transient_density == analyse(together).fingerprint.transient_density > 1.0


def test_short_term_loudness_comes_at_10_hz() -> None:
    analysis = analyse(music(5.0))
    assert len(analysis.short_term_lufs) == 21
    assert max(analysis.short_term_lufs) == pytest.approx(analysis.measurements.short_term_max_lufs, abs=0.1)
    assert analyse(music(2.9)).short_term_lufs == ()


def test_an_album_is_gated_as_one_programme_and_not_averaged() -> None:
    loud, quiet = music(6.0), music(6.0) * np.float32(0.02)
    meters = [LoudnessMeter(RATE, 2) for _ in range(2)]
    for meter, audio in zip(meters, (loud, quiet), strict=True):
        meter.add(audio)
    together = measure(np.concatenate([loud, quiet])).integrated_lufs
    assert album_lufs(meters) == pytest.approx(together, abs=0.05)
    louder, quieter = (meter.result().integrated_lufs for meter in meters)
    assert louder - album_lufs(meters) < 0.2 < 10.0 < album_lufs(meters) - (louder + quieter) / 2
    assert album_lufs([]) == -math.inf


def test_an_ended_track_takes_no_more() -> None:
    meter = TrackMeter(RATE, 2)
    meter.add(music(1.0))
    assert meter.result() is meter.result()
    with pytest.raises(ValueError, match="ended"):
        meter.add(music(1.0))


def test_more_than_two_channels_are_all_heard() -> None:
    audio = np.zeros((4 * RATE, 6), np.float32)
    audio[:, 4] = music(4.0)[:, 0]
    audio[100, 5] = 0.9
    measured = analyse(audio).measurements
    assert measured.sample_peak_dbfs == pytest.approx(20 * math.log10(0.9), abs=0.01)
    alone = measure(np.ascontiguousarray(audio[:, 4:5]))
    assert measured.integrated_lufs - alone.integrated_lufs == pytest.approx(10 * math.log10(1.41), abs=0.02)


@pytest.mark.invariant("S2-NEW-6")
def test_an_hour_costs_a_few_megabytes() -> None:
    """3 hours < 60 MB: what is kept per second is counted over ten minutes, at a low rate to be quick."""
    block = music(30.0, 8_000)
    meter = TrackMeter(8_000, 2)
    meter.add(block)
    tracemalloc.start()
    try:
        for _ in range(20):
            meter.add(block)
        held, _ = tracemalloc.get_traced_memory()
        meter.result()
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    three_hours = 3 * 3600 / 600
    assert held * three_hours < 60e6
    assert peak * three_hours < 120e6


@pytest.mark.invariant("S4-D2.2")
@pytest.mark.parametrize("channels", [1, 2, 6])
def test_blocks_are_never_written(channels: int) -> None:
    audio = np.tile(music(3.0), (1, 3))[:, :channels].copy()
    before = audio.tobytes()
    for meter in (TrackMeter(RATE, channels, with_picture=True), LoudnessMeter(RATE, channels)):
        for start in range(0, len(audio), 7_001):
            meter.add(audio[start : start + 7_001])
        meter.result()
        assert audio.tobytes() == before


@pytest.mark.invariant("S4-D2.3")
def test_tracks_measured_at_once_read_as_one_after_the_other() -> None:
    tracks = [music(6.0, seed=seed) * np.float32(seed) for seed in range(1, 5)]
    alone = [analyse(audio, cut=3_000) for audio in tracks]
    with ThreadPoolExecutor(len(tracks)) as threads:
        assert list(threads.map(lambda audio: analyse(audio, cut=3_000), tracks)) == alone


@pytest.mark.invariant("S4-D2.3")
def test_tracks_measured_in_turns_read_as_one_after_the_other() -> None:
    tracks = [music(6.0, seed=seed) for seed in (1, 2)]
    meters = [TrackMeter(RATE, 2) for _ in tracks]
    for start in range(0, len(tracks[0]), 5_000):
        for meter, audio in zip(meters, tracks, strict=True):
            meter.add(audio[start : start + 5_000])
    assert [meter.result() for meter in meters] == [analyse(audio, cut=5_000) for audio in tracks]


@pytest.mark.invariant("S4-D2.4")
def test_a_refused_block_changes_nothing_of_what_is_measured() -> None:
    audio = music(4.0)
    for executor in (None, ThreadPoolExecutor(2)):
        meter = TrackMeter(RATE, 2, executor)
        for start in range(0, len(audio), 10_000):
            for block in WRONG_BLOCKS:
                with pytest.raises(ValueError, match="block"):
                    meter.add(block)
            meter.add(audio[start : start + 10_000])
        assert meter.result() == analyse(audio, cut=10_000)
        if executor is not None:
            executor.shutdown()


@pytest.mark.invariant("S4-D2.4")
def test_a_part_that_fails_leaves_the_next_track_untouched(monkeypatch: pytest.MonkeyPatch) -> None:
    audio, wanted = music(3.0), analyse(music(3.0))
    for part in (OnsetDetector, HarmonyMeter, LongTermSpectrum, LevelMeter):
        with monkeypatch.context() as broken:
            broken.setattr(part, "process", failing)
            with pytest.raises(RuntimeError, match="planted"):
                analyse(audio)
        assert analyse(audio) == wanted


def failing(_: object, __: Audio) -> None:
    raise RuntimeError("planted")


@pytest.mark.soak
def test_ten_hours_are_measured_to_their_end_in_less_than_400_megabytes() -> None:
    """What is kept grows by some 5 kB a second; the last minutes count as the first do."""
    minute = music(60.0, 8_000)
    meter, same = TrackMeter(8_000, 2), TrackMeter(8_000, 2)
    meter.add(minute)
    tracemalloc.start()
    try:
        for _ in range(10 * 60 - 1):
            meter.add(minute)
        long = meter.result()
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    for _ in range(10):
        same.add(minute)
    assert peak < 400e6
    assert long.measurements.duration_s == 36_000.0
    for dimension in DIMENSIONS:
        wanted = getattr(same.result().fingerprint, dimension.name)
        assert getattr(long.fingerprint, dimension.name) == pytest.approx(wanted, rel=0.03, abs=0.01), dimension.name


@pytest.mark.invariant("S3-ENG-10")
@pytest.mark.invariant("S1-H-03")
def test_wrong_blocks_are_refused_not_narrowed() -> None:
    for meter in (TrackMeter(RATE, 2), LoudnessMeter(RATE, 2)):
        for block in WRONG_BLOCKS:
            with pytest.raises(ValueError, match="block"):
                meter.add(block)
