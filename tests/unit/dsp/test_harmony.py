"""Chroma and pitch: what each says of signals in which only its cause varies."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import soxr
from harmony_signals import Wave, glide, heard, noise, place, scale, sine, tune
from hypothesis import given, settings
from hypothesis import strategies as st

from auralis_cli.dsp.harmony import HARMONY_RATE_HZ, HarmonyMeter

HALF_A_SEMITONE = 2.0 ** (1 / 24)


@pytest.mark.parametrize("frequency_hz", [57.0, 110.0, 440.0, 440.0 * HALF_A_SEMITONE, 451.3, 1_760.0, 4_000.0])
def test_a_sine_is_one_pitch_class_however_it_is_tuned(frequency_hz: float) -> None:
    meter = heard(sine(frequency_hz))
    assert meter.chroma_energy() == pytest.approx(1.0, abs=1e-3)


def test_noise_fills_all_pitch_classes() -> None:
    assert heard(noise()).chroma_energy() == pytest.approx(1 / 12, abs=0.01)


def test_the_more_pitch_classes_sound_the_lower_is_chroma_energy() -> None:
    def together(*semitones: int) -> float:
        return heard(sum((sine(220.0 * 2 ** (s / 12)) for s in semitones), np.zeros(1)) / 4).chroma_energy()

    levels = [together(0), together(0, 7), together(0, 4, 7), together(0, 4, 7, 10), heard(noise()).chroma_energy()]
    assert levels == pytest.approx([1.0, 1 / 2, 1 / 3, 1 / 4, 1 / 12], abs=0.03)


def test_octaves_are_one_pitch_class() -> None:
    assert heard(sine(220.0) + sine(440.0) + sine(880.0)).chroma_energy() == pytest.approx(1.0, abs=1e-3)


def test_chroma_energy_does_not_depend_on_the_tuning_of_the_instrument() -> None:
    whole = heard(tune(30.0, 1))
    stretched = soxr.resample(tune(30.0, 1), 1_000, 1_000 * HALF_A_SEMITONE)
    assert heard(stretched).chroma_energy() == pytest.approx(whole.chroma_energy(), rel=0.06)


@pytest.mark.parametrize("frequency_hz", [57.0, 110.0, 440.0 * HALF_A_SEMITONE, 990.0, 2_000.0])
def test_a_sine_stays(frequency_hz: float) -> None:
    assert heard(sine(frequency_hz)).pitch_stability() == 1.0


def test_a_chord_that_is_held_stays() -> None:
    chord = sine(220.0) + sine(277.18) + sine(329.63)
    assert heard(chord / 3).pitch_stability() == 1.0


def test_noise_has_no_pitch_that_stays() -> None:
    assert heard(noise()).pitch_stability() < 0.05


def test_the_faster_notes_change_the_less_the_pitch_stays() -> None:
    shares = [heard(scale(rate, 32.0)).pitch_stability() for rate in (0.25, 0.5, 1.0, 2.0)]
    assert shares == sorted(shares, reverse=True)
    assert shares[0] > 0.85
    assert shares[-1] < 0.3


def test_the_faster_a_tone_glides_the_less_its_pitch_stays() -> None:
    shares = [heard(glide(20.0, rate)).pitch_stability() for rate in (0.02, 0.08, 0.15)]
    assert shares == sorted(shares, reverse=True)
    assert shares[0] > 0.95
    assert shares[-1] < 0.2


def test_silence_has_neither() -> None:
    meter = heard(np.zeros(50_000))
    assert (meter.chroma_energy(), meter.pitch_stability()) == (0.0, 0.0)


def test_silence_between_notes_weighs_nothing() -> None:
    pause = np.zeros(7 * HARMONY_RATE_HZ)
    with_pauses = np.concatenate((pause, sine(440.0), pause, sine(440.0), pause))
    assert heard(with_pauses).chroma_energy() == pytest.approx(1.0, abs=0.02)
    assert heard(with_pauses).pitch_stability() > 0.95


@given(st.floats(-100.0, 60.0))
@settings(max_examples=25, deadline=None)
def test_level_changes_nothing(gain_db: float) -> None:
    plain, other = heard(tune(6.0, 3)), heard(tune(6.0, 3) * 10.0 ** (gain_db / 20.0))
    assert other.chroma_energy() == pytest.approx(plain.chroma_energy(), rel=1e-3)
    assert other.pitch_stability() == pytest.approx(plain.pitch_stability(), abs=0.02)


def test_a_gain_by_a_power_of_two_changes_not_one_bit() -> None:
    plain, other = heard(tune(6.0, 3)), heard(tune(6.0, 3) / 1_024.0)
    assert other.chroma_energy() == plain.chroma_energy()
    assert other.pitch_stability() == plain.pitch_stability()
    assert np.array_equal(other.landmark_words(), plain.landmark_words())


@pytest.mark.parametrize("cut", [17, 509, 4_096, 8_190, 8_191, 8_192])
def test_nothing_depends_on_how_the_stream_is_cut(cut: int) -> None:
    wave = tune(12.0, 5)
    whole, pieces = heard(wave), heard(wave, cut)
    assert pieces.chroma_energy() == whole.chroma_energy()
    assert pieces.pitch_stability() == whole.pitch_stability()
    assert np.array_equal(pieces.landmark_words(), whole.landmark_words())
    assert np.array_equal(pieces.landmark_valid(), whole.landmark_valid())


@pytest.mark.invariant("S3-ENG-19")
def test_halves_exchanged_are_as_harmonic() -> None:
    first, second = tune(30.0, 7), scale(1.0, 30.0)
    plain, swapped = heard(np.concatenate((first, second))), heard(np.concatenate((second, first)))
    assert swapped.chroma_energy() == pytest.approx(plain.chroma_energy(), rel=0.01)
    assert swapped.pitch_stability() == pytest.approx(plain.pitch_stability(), abs=0.02)


def test_what_is_shorter_than_a_window_is_heard_as_well() -> None:
    assert heard(sine(440.0, 0.2)).chroma_energy() == pytest.approx(1.0, abs=0.01)


def test_a_reset_meter_hears_as_a_fresh_one() -> None:
    meter = heard(noise(9.0))
    meter.reset()
    line = tune(9.0, 2).astype(np.float32)[:, None]
    meter.process(line)
    meter.flush()
    fresh = heard(tune(9.0, 2))
    assert meter.chroma_energy() == fresh.chroma_energy()
    assert meter.pitch_stability() == fresh.pitch_stability()
    assert np.array_equal(meter.landmark_words(), fresh.landmark_words())
    assert np.array_equal(meter.landmark_valid(), fresh.landmark_valid())


@pytest.mark.invariant("S3-ENG-20")
@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf, 3e38])
def test_what_is_no_audio_breaks_nothing(bad: float) -> None:
    wave: Wave = tune(4.0, 1)
    wave[20_000:30_000] = bad
    assert isinstance(heard(wave).chroma_energy(), float)


def test_ten_minutes_of_sound_cost_no_memory_but_landmarks() -> None:
    meter = HarmonyMeter()
    minute = tune(60.0, 4).astype(np.float32)[:, None]
    for _ in range(10):
        meter.process(minute)
    meter.flush()
    assert len(meter.landmark_words()) == (10 * len(minute) - 4_096) // 1_365 + 1 - 12


@pytest.mark.invariant("S3-ENG-10")
def test_wrong_blocks_are_refused() -> None:
    wrong: list[Any] = [np.zeros((4, 1)), np.zeros((4, 2), np.float32), place(1.0)]
    for block in wrong:
        with pytest.raises(ValueError, match="block"):
            HarmonyMeter().process(block)
