"""Defects: each is put in, and must be found with its numbers; each near miss must not be."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
import soxr
from numpy.typing import NDArray

from auralis_cli.analysis.defects import at, find_defects
from auralis_cli.analysis.measure import TrackMeter
from auralis_cli.model.audio import StreamInfo, Subtype
from auralis_cli.model.defects import Defect, DefectKind, Severity

Wave = NDArray[np.float64]
RATE = 44_100


def music(seconds: float = 6.0, rate_hz: int = RATE, seed: int = 1) -> Wave:
    """Strokes of chords and cymbals, left and right different, up to Nyquist; it fades out. Peak about 0.5."""
    rng = np.random.default_rng(seed)
    place = np.arange(round(seconds * rate_hz)) / rate_hz
    decay = np.exp(-4.0 * (place % 0.5))
    chord = np.sum([np.sin(2 * np.pi * pitch_hz * place) for pitch_hz in (55.3, 110.7, 277.1, 331.9)], axis=0)
    other = np.sin(2 * np.pi * 416.1 * place)
    hiss = rng.standard_normal((2, len(place))) * np.exp(-12.0 * (place % 0.25))
    wave = 0.09 * decay * np.stack([chord + other, chord - other]) + 0.03 * hiss
    return np.ascontiguousarray((wave * np.clip((seconds - place) / 0.5, 0.0, 1.0)).T)


def stored(wave: Wave, bits: int = 16, seed: int = 9) -> NDArray[np.float32]:
    """Dithered and rounded, as a file of integers holds it."""
    steps = 2.0 ** (bits - 1)
    rng = np.random.default_rng(seed)
    dither = (rng.random(wave.shape) - rng.random(wave.shape)) * (wave != 0.0)
    return np.asarray(np.clip(np.round(wave * steps + dither), -steps, steps - 1) / steps, np.float32)


def defects(
    audio: NDArray[np.float32], rate_hz: int = RATE, subtype: Subtype = Subtype.PCM_16, cut: int = 65_536,
    faults: tuple[str, ...] = (),
) -> tuple[Defect, ...]:  # fmt: skip
    meter = TrackMeter(rate_hz, audio.shape[1])
    for start in range(0, len(audio), cut):
        meter.add(np.ascontiguousarray(audio[start : start + cut]))
    info = StreamInfo(rate_hz, audio.shape[1], len(audio), "wav", "pcm", subtype)
    return find_defects(meter.result(), info, faults)


def only(found: tuple[Defect, ...], kind: DefectKind) -> Defect:
    assert [defect.kind for defect in found] == [kind], found
    return found[0]


@pytest.mark.parametrize("rate_hz", [8_000, 22_050, 44_100, 96_000])
def test_sound_music_has_no_defects(rate_hz: int) -> None:
    assert defects(stored(music(rate_hz=rate_hz)), rate_hz) == ()


@pytest.mark.parametrize("gain", [1.0, 0.5])
def test_clipping_is_counted_and_placed_even_where_it_was_turned_down(gain: float) -> None:
    wave = music()
    wave[:, 1] *= 1.6
    wave = np.clip(wave, -0.9, 0.9) * 0.5
    wave[100_000:100_020, 1] = 0.6
    loud = [wave[1_000 * k : 1_000 * k + 4].__setitem__((slice(None), 1), -0.6) for k in range(60, 70)]
    found = only(defects(stored(wave / 0.6 * gain)), DefectKind.CLIPPING) if gain == 0.5 else None
    found = found or next(defect for defect in defects(stored(wave / 0.6 * gain)) if defect.kind is DefectKind.CLIPPING)
    assert found.count == len(loud) + 1
    assert found.channel == 2
    assert found.start_s == pytest.approx(100_000 / RATE)
    assert found.length_s == pytest.approx(20 / RATE)
    assert found.level_dbfs == pytest.approx(20 * np.log10(gain), abs=0.01)
    assert found.per_minute == pytest.approx(110.0, rel=1e-3)
    assert found.severity is Severity.WARNING
    assert ("turned down" in found.message) == (gain < 1.0)


def test_a_square_wave_and_8_bit_are_not_clipping() -> None:
    place = np.arange(4 * RATE)
    square = 0.4 * np.sign(np.sin(2 * np.pi * 100.0 * place / RATE + 0.1))
    fade = np.where(place > 3.9 * RATE, 0.0, 1.0)
    assert defects(stored((square * fade)[:, None])) == ()
    slow = 0.4 * np.sin(2 * np.pi * 100.0 * place / RATE) * fade
    eight = (np.round(slow * 128) / 128).astype(np.float32)[:, None]
    assert defects(eight, subtype=Subtype.PCM_8) == ()


def test_true_peaks_over_full_scale_are_counted_and_the_highest_is_placed() -> None:
    wave = music()
    burst = np.hanning(400) * np.cos(np.pi / 2 * np.arange(400) + np.pi / 4)
    for start, level in ((50_000, 1.05), (90_000, 1.2)):
        wave[start : start + 400, 0] = level * burst
    (found,) = (defect for defect in defects(stored(wave)) if defect.kind is DefectKind.TRUE_PEAK_OVERS)
    assert found.true_peak_dbtp == pytest.approx(20 * np.log10(1.2), abs=0.1)
    assert found.start_s == pytest.approx(90_200 / RATE, abs=0.001)
    assert found.count is not None
    assert found.count > 10
    wave[50_000:50_400, 0] *= 0.8
    wave[90_000:90_400, 0] *= 0.8
    assert all(defect.kind is not DefectKind.TRUE_PEAK_OVERS for defect in defects(stored(wave)))


@pytest.mark.parametrize("channel", [0, 1])
def test_an_offset_is_told_with_its_channel_and_its_size(channel: int) -> None:
    wave = music()
    wave[:, channel] += 0.004
    found = only(defects(stored(wave)), DefectKind.DC_OFFSET)
    assert found.channel == channel + 1
    assert found.dc_offset == pytest.approx(0.004, abs=2e-4)
    wave[:, channel] -= 0.0035
    assert defects(stored(wave)) == ()


def test_a_bass_note_cut_off_within_its_period_is_no_offset() -> None:
    note = 0.4 * np.sin(2 * np.pi * 20.0 * np.arange(round(1.025 * RATE)) / RATE)
    assert abs(note.mean()) > 1e-3
    assert all(defect.kind is not DefectKind.DC_OFFSET for defect in defects(stored(note[:, None])))


def correlation(wave: Wave) -> float:
    left, right = (wave - wave.mean(axis=0)).T
    return float(left @ right / np.sqrt((left @ left) * (right @ right)))


def test_an_inverted_channel_is_found() -> None:
    wave = music()
    assert correlation(wave) > 0.5
    wave[:, 1] *= -1.0
    found = only(defects(stored(wave)), DefectKind.INVERTED_POLARITY)
    assert found.correlation == pytest.approx(correlation(wave), abs=0.01)
    assert only(defects(stored(wave[:, :1] * np.array([1.0, -0.9]))), DefectKind.INVERTED_POLARITY)


def test_a_wide_effect_above_a_bass_in_the_middle_is_not_inverted() -> None:
    rng = np.random.default_rng(4)
    place = np.arange(6 * RATE) / RATE
    bass = 0.05 * np.sin(2 * np.pi * 80.0 * place)
    side = np.diff(rng.standard_normal(len(place) + 1)) * 0.1
    wave = np.stack([bass + side, bass - side], axis=1) * np.clip(6.0 - place, 0.0, 1.0)[:, None]
    assert correlation(wave) < -0.5
    assert defects(stored(wave)) == ()


@pytest.mark.parametrize(("gain", "weak"), [(0.0, 2), (0.001, 2), (1000.0, 1)])
def test_one_side_that_is_silent_or_far_below_is_named(gain: float, weak: int) -> None:
    wave = music() * np.array([1.0, gain])
    found = only(defects(stored(wave / max(1.0, gain), 24), subtype=Subtype.PCM_24), DefectKind.ONE_SIDED)
    assert found.channel == weak
    assert found.balance_lu == pytest.approx(60.0, abs=1.0) if gain else np.isinf(found.balance_lu or 0.0)
    assert defects(stored(music() * np.array([1.0, 0.02]))) == ()


def test_two_channels_that_are_one_are_found_exact_and_but_for_rounding() -> None:
    mono = music()[:, :1]
    same = only(defects(stored(np.repeat(mono, 2, axis=1)[:, :2] * 1.0, seed=9)), DefectKind.DUAL_MONO)
    assert "but for rounding" in same.message
    exact = np.repeat(stored(mono), 2, axis=1)
    assert "in every sample" in only(defects(exact), DefectKind.DUAL_MONO).message
    nearly = exact.copy()
    nearly[200_000, 1] += np.float32(5 / 32_768)
    assert defects(nearly) == ()


def test_mono_itself_is_no_defect() -> None:
    assert defects(stored(music()[:, :1])) == ()


def test_long_silences_are_placed_at_the_edges_and_within() -> None:
    def wave(lead: float, middle: float, trail: float, noise: float = 0.0) -> NDArray[np.float32]:
        rest = [np.zeros((round(seconds * RATE), 2)) for seconds in (lead, middle, trail)]
        joined = np.concatenate([rest[0], music(4.0), rest[1], music(4.0), rest[2]])
        hiss = np.random.default_rng(0).standard_normal(joined.shape) * noise
        return stored(joined + hiss)

    assert defects(wave(1.5, 4.0, 1.5)) == ()
    leading, within, trailing = defects(wave(2.5, 6.0, 3.5))
    assert {defect.kind for defect in (leading, within, trailing)} == {DefectKind.SILENCE}
    # The end of a fade is silence already.
    for defect, start_s, length_s in ((leading, 0.0, 2.5), (within, 6.5, 6.0), (trailing, 16.5, 3.5)):
        assert defect.start_s == pytest.approx(start_s, abs=0.1)
        assert defect.length_s == pytest.approx(length_s, abs=0.1)
        assert "digital" in defect.message
    noisy = defects(wave(2.5, 6.0, 3.5, noise=1e-4))
    assert [("next to silence" in defect.message) for defect in noisy] == [True] * 3


def test_nothing_but_silence_is_said_once() -> None:
    found = only(defects(np.zeros((3 * RATE, 2), np.float32)), DefectKind.SILENCE)
    assert (found.start_s, found.length_s, found.message) == (0.0, 3.0, "nothing but digital silence")


def test_an_end_in_full_sound_is_told_and_a_short_decay_is_not() -> None:
    wave = music(7.0)
    # 0.1 s behind a stroke.
    cut = wave[: round(5.1 * RATE)]
    found = only(defects(stored(cut)), DefectKind.ABRUPT_END)
    assert found.severity is Severity.NOTE
    assert found.start_s == pytest.approx(5.1, abs=1e-3)
    decay = cut.copy()
    decay[-RATE // 20 :] *= np.linspace(1.0, 0.0, RATE // 20)[:, None] ** 2
    assert defects(stored(decay)) == ()


def test_what_the_reader_says_is_a_fault_and_explains_the_end() -> None:
    wave = stored(music(7.0)[: round(5.1 * RATE)])
    truncated = only(defects(wave, faults=("truncated: ends at 5.10 s",)), DefectKind.TRUNCATED)
    assert (truncated.severity, truncated.message) == (Severity.FAULT, "truncated: ends at 5.10 s")
    kinds = [defect.kind for defect in defects(stored(music()), faults=("damaged: 3 packets",))]
    assert kinds == [DefectKind.DAMAGED]


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_no_number_is_named_with_its_frame_and_nothing_else_is_said(value: float) -> None:
    audio = stored(music())
    audio[123_456, 1] = value
    found = only(defects(audio, subtype=Subtype.FLOAT), DefectKind.NON_FINITE)
    assert (found.frame, found.severity) == (123_456, Severity.FAULT)
    assert found.start_s == pytest.approx(123_456 / RATE)


def low_passed(wave: Wave, cutoff_hz: float, rate_hz: int = RATE) -> Wave:
    """Brick wall, as an encoder that drops the bands above."""
    spectrum = np.fft.rfft(wave, axis=0)
    spectrum[np.fft.rfftfreq(len(wave), 1.0 / rate_hz) > cutoff_hz] = 0.0
    return np.asarray(np.fft.irfft(spectrum, len(wave), axis=0))


@pytest.mark.parametrize("cutoff_hz", [16_000.0, 18_600.0, 20_000.0])
def test_the_shelf_of_an_encoder_is_a_lossy_source(cutoff_hz: float) -> None:
    coded = stored(low_passed(music(), cutoff_hz))
    found = only(defects(coded), DefectKind.LOSSY_SOURCE)
    assert found.cutoff_hz == pytest.approx(cutoff_hz, abs=300)
    assert defects(coded, subtype=Subtype.LOSSY) == ()


def test_a_gentle_roll_off_a_converter_s_filter_and_a_short_sound_are_not() -> None:
    spectrum = np.fft.rfft(music(), axis=0)
    frequency_hz = np.fft.rfftfreq(6 * RATE, 1.0 / RATE)
    gentle = np.fft.irfft(spectrum / (1.0 + (frequency_hz / 9_000.0) ** 8)[:, None], 6 * RATE, axis=0)
    assert defects(stored(gentle)) == ()
    assert defects(stored(low_passed(music(), 21_300.0))) == ()
    assert defects(stored(low_passed(music(2.0), 16_000.0))) == ()


@pytest.mark.parametrize(
    ("original_hz", "rate_hz"),
    [*pairwise((22_050, 44_100, 96_000)), (8_000, 44_100), (24_000, 48_000), (44_100, 48_000), (48_000, 192_000)],
)
def test_upsampling_is_found_with_the_rate_it_came_from(original_hz: int, rate_hz: int) -> None:
    low = stored(music(rate_hz=original_hz), 24)
    high = np.asarray(soxr.resample(low, original_hz, rate_hz, "VHQ"), np.float32)
    found = only(defects(high, rate_hz, Subtype.FLOAT), DefectKind.UPSAMPLED)
    assert found.original_rate_hz == original_hz
    assert found.cutoff_hz == pytest.approx(original_hz / 2, rel=0.06)


def test_bits_that_hold_nothing_are_counted() -> None:
    audio = stored(music())
    for subtype, bits in ((Subtype.PCM_24, 24), (Subtype.PCM_32, 32), (Subtype.FLOAT, 32)):
        found = only(defects(audio, subtype=subtype), DefectKind.PADDED_BITS)
        assert (found.stored_bits, found.used_bits) == (bits, 16)
    fine = stored(music(), 24)
    assert defects(fine, subtype=Subtype.PCM_24) == ()
    assert defects(fine, subtype=Subtype.FLOAT) == ()
    assert only(defects(fine, subtype=Subtype.PCM_32), DefectKind.PADDED_BITS).used_bits == 24


def test_no_defect_depends_on_how_the_stream_is_cut() -> None:
    wave = np.clip(music(5.1) * 3.0, -0.5, 0.5) * np.array([1.0, -1.0]) + 0.01
    wave = np.concatenate([np.zeros((3 * RATE, 2)), wave, wave * 1.0])
    whole = defects(stored(low_passed(wave, 17_000.0)), cut=len(wave))
    assert len(whole) >= 3
    for cut in (997, 4_096, 65_536):
        assert defects(stored(low_passed(wave, 17_000.0)), cut=cut) == whole


def test_nothing_at_all_has_no_defects() -> None:
    assert defects(np.zeros((0, 2), np.float32)) == ()
    assert defects(np.zeros((0, 1), np.float32), faults=("truncated: empty",))[0].kind is DefectKind.TRUNCATED


def test_times_are_read_as_a_clock() -> None:
    assert [at(seconds) for seconds in (0.0, 62.54, 59.96, 3_725.0)] == [
        "at 0:00.0", "at 1:02.5", "at 1:00.0", "at 1:02:05.0",
    ]  # fmt: skip
