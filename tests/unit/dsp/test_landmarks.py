"""Landmarks: the same recording is told from every other one, at any level, wherever it is cut."""

from __future__ import annotations

import numpy as np
import pytest
import soxr
from harmony_signals import Wave, glide, heard, noise, sine, tune
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from auralis_cli.analysis.landmarks import landmarks_of, signs_of
from auralis_cli.dsp.harmony import HARMONY_RATE_HZ, HOP_FRAMES
from auralis_cli.dsp.landmark_matching import (
    LEAST_WORDS,
    BestOffset,
    Signs,
    at_pairs,
    best_offset,
    mask_bytes,
)
from auralis_cli.dsp.landmarks import LandmarkWords
from auralis_cli.model.landmarks import LANDMARK_HOP_S

SECONDS = 30.0


def signs(wave: Wave) -> Signs:
    landmarks = landmarks_of(heard(wave))
    assert landmarks is not None
    return signs_of(landmarks)


def found(first: Wave, second: Wave) -> BestOffset:
    best = best_offset(signs(first), signs(second))
    assert best is not None
    return best


def random_signs(words: int, seed: int, share_valid: float = 1.0) -> Signs:
    random = np.random.default_rng(seed)
    valid = random.random(words) < share_valid
    return Signs(random.integers(0, 2**32, words, np.uint32), valid.astype(np.uint32) * np.uint32(0xFFFFFFFF))


def at_offsets(first: Signs, second: Signs, offsets: NDArray[np.int64]) -> list[BestOffset | None]:
    """What is found at each of `offsets`; None where too little may be compared."""
    both = Signs(np.concatenate((first.words, second.words)), np.concatenate((first.masks, second.masks)))
    starts = np.cumsum([0, len(first.words), len(second.words)])
    rates, valid = at_pairs(both, starts, np.array([[0, 1, offset] for offset in offsets]), at_most=1.0)
    told = zip(rates.tolist(), offsets.tolist(), valid.tolist(), strict=True)
    return [BestOffset(*row) if row[2] else None for row in told]


def naive_rate(first: Signs, second: Signs, offset: int) -> tuple[int, int, int]:
    """Signs that differ, words compared, and words that are heard on either side, one by one."""
    wrong = compared = either = 0
    for place, (word, mask) in enumerate(zip(second.words.tolist(), second.masks.tolist(), strict=True)):
        other = place + offset
        if 0 <= other < len(first.words):
            either += bool(mask or first.masks[other])
        if 0 <= other < len(first.words) and mask and first.masks[other]:
            wrong += (word ^ int(first.words[other])).bit_count()
            compared += 1
    return wrong, compared, either


def test_the_hop_is_the_one_the_store_knows() -> None:
    assert HOP_FRAMES / HARMONY_RATE_HZ == LANDMARK_HOP_S


@pytest.mark.parametrize("seed", range(4))
def test_two_pieces_are_told_apart(seed: int) -> None:
    assert found(tune(SECONDS, seed), tune(SECONDS, seed + 10)).error_rate > 0.35


@given(st.floats(-60.0, 40.0), st.integers(0, 3))
@settings(max_examples=20, deadline=None)
def test_a_recording_is_known_at_any_level(gain_db: float, seed: int) -> None:
    best = found(tune(12.0, seed), tune(12.0, seed) * 10.0 ** (gain_db / 20.0))
    assert best.error_rate < 0.005
    assert best.offset_words == 0


@pytest.mark.parametrize("start_s", [0.0, 1.0, 3.3, 6.7])
def test_a_recording_is_known_where_its_beginning_was_cut(start_s: float) -> None:
    wave = tune(SECONDS, 1)
    best = found(wave, wave[round(start_s * HARMONY_RATE_HZ) :])
    assert best.error_rate < 0.1
    assert best.offset_words * LANDMARK_HOP_S == pytest.approx(start_s, abs=LANDMARK_HOP_S)


def test_offsets_below_zero_are_where_the_second_one_begins_first() -> None:
    wave = tune(SECONDS, 1)
    best = found(wave[40 * HOP_FRAMES :], wave)
    assert (best.offset_words, best.error_rate) == (-40, 0.0)


def test_a_recording_is_known_through_noise_another_rate_and_a_low_pass() -> None:
    wave = tune(SECONDS, 2)
    assert found(wave, wave + 0.01 * noise(SECONDS)).error_rate < 0.1
    there_and_back = soxr.resample(soxr.resample(wave, 11_025, 8_000), 8_000, 11_025)
    assert found(wave, there_and_back).error_rate < 0.01
    assert found(wave, np.convolve(wave, np.ones(3) / 3, "same")).error_rate < 0.1


@pytest.mark.parametrize("level", [0.0, 1e-7])
def test_silence_never_matches_silence(level: float) -> None:
    hush = signs(level * noise(SECONDS))
    assert not hush.masks.any()
    assert best_offset(hush, hush) is None
    assert at_offsets(hush, hush, np.array([0])) == [None]


def test_the_same_music_after_different_silences_is_known_by_the_music_alone() -> None:
    music, pause = tune(SECONDS, 1), np.zeros(5 * HARMONY_RATE_HZ)
    best = found(np.concatenate((pause, music)), music)
    assert best.error_rate < 0.1
    assert best.offset_words == pytest.approx(5.0 / LANDMARK_HOP_S, abs=1)


def test_pieces_that_share_a_long_silence_are_not_the_same() -> None:
    pause = np.zeros(10 * HARMONY_RATE_HZ)
    first, second = np.concatenate((tune(SECONDS, 1), pause)), np.concatenate((tune(SECONDS, 2), pause))
    assert found(first, second).error_rate > 0.35


def test_hum_in_a_pause_is_not_heard_beside_music() -> None:
    hum = 1e-4 * sine(50.0, 20.0)
    masks = signs(np.concatenate((tune(SECONDS, 1), hum))).masks
    assert masks[: len(masks) // 2].all()
    assert not masks[-100:].any()


@pytest.mark.parametrize("frequency_hz", [315.0, 441.0, 1_000.0])
def test_a_steady_tone_says_nothing(frequency_hz: float) -> None:
    assert not signs(sine(frequency_hz)).masks.any()


def test_a_tone_that_moves_is_heard() -> None:
    assert signs(glide(20.0, 0.2)).masks[-60:].all()


def test_noises_of_different_seeds_are_told_apart() -> None:
    assert found(noise(SECONDS, 1), noise(SECONDS, 2)).error_rate > 0.4


@pytest.mark.parametrize("hops", [0, 1, 12, 13, 14])
def test_words_begin_with_the_thirteenth_window(hops: int) -> None:
    frames = 0 if hops == 0 else 4_096 + (hops - 1) * HOP_FRAMES
    meter = heard(noise(10.0)[:frames])
    assert len(meter.landmark_words()) == len(meter.landmark_valid()) == max(0, hops - 12)
    assert (landmarks_of(meter) is None) == (hops <= 12)


def test_what_is_stored_is_read_back() -> None:
    wave = np.concatenate((tune(10.0, 1), np.zeros(40_000), tune(5.0, 2)))
    meter, landmarks = heard(wave), landmarks_of(heard(wave))
    assert landmarks is not None
    assert landmarks.count == len(meter.landmark_words())
    read = signs_of(landmarks)
    assert np.array_equal(read.words, meter.landmark_words())
    assert np.array_equal(read.masks != 0, meter.landmark_valid())
    assert 0 < np.count_nonzero(read.masks) < landmarks.count


def test_the_first_word_of_the_mask_is_the_lowest_bit() -> None:
    assert mask_bytes(np.array([True, False, False, True] + [False] * 4 + [True])) == b"\x09\x01"


@given(st.integers(0, 10_000), st.integers(-30, 90))
@settings(max_examples=60, deadline=None)
def test_error_rates_are_those_counted_one_by_one(seed: int, offset: int) -> None:
    first, second = random_signs(150, seed, 0.9), random_signs(90, seed + 1, 0.9)
    (told,) = at_offsets(first, second, np.array([offset]))
    wrong, compared, either = naive_rate(first, second, offset)
    overlap = min(150, 90 + offset) - max(0, offset)
    if overlap < 68 or compared < max(LEAST_WORDS, 0.6 * either):
        assert told is None
    else:
        assert told == BestOffset(wrong / 32 / compared, offset, compared)


@pytest.mark.parametrize(("words", "others"), [(100, 100), (100, 130), (130, 100), (48, 48), (64, 65)])
def test_the_best_offset_is_the_best_of_all(words: int, others: int) -> None:
    first, second = random_signs(words, 1), random_signs(others, 2)
    told = at_offsets(first, second, np.arange(-others, words + 1))
    best = min((one for one in told if one is not None), key=lambda one: one.error_rate)
    assert best_offset(first, second) == best
    assert best_offset(first, second, at_most=best.error_rate) == best
    assert best_offset(first, second, at_most=best.error_rate * 0.999) is None


def test_equal_and_opposite_words_differ_in_no_and_in_all_signs() -> None:
    first = random_signs(100, 1)
    assert best_offset(first, first) == BestOffset(0.0, 0, 100)
    assert at_offsets(first, Signs(~first.words, first.masks), np.array([0])) == [BestOffset(1.0, 0, 100)]


def test_three_quarters_of_the_shorter_one_must_lie_side_by_side() -> None:
    first = random_signs(400, 1)
    quarter_off = Signs(np.roll(first.words[:100], 26), first.masks[:100])
    assert at_offsets(first, quarter_off, np.array([-25, -26]))[1] is None
    assert at_offsets(first, quarter_off, np.array([-25, -26]))[0] is not None


def test_six_seconds_and_most_of_what_is_heard_must_be_valid() -> None:
    whole, short = random_signs(100, 1), random_signs(LEAST_WORDS - 1, 1)
    assert best_offset(short, short) is None
    assert best_offset(whole, short) is None
    half_known = Signs(whole.words, np.where(np.arange(100) % 2 == 0, whole.masks, np.uint32(0)))
    assert best_offset(whole, half_known) is None
    assert best_offset(Signs(np.empty(0, np.uint32), np.empty(0, np.uint32)), whole) is None


def test_silence_in_both_is_no_reason_against_them() -> None:
    whole = random_signs(200, 1)
    mostly_silent = Signs(whole.words, np.where(np.arange(200) < 40, whole.masks, np.uint32(0)))
    assert best_offset(mostly_silent, mostly_silent) == BestOffset(0.0, 0, 40)
    assert best_offset(mostly_silent, whole) is None


def test_spectra_too_coarse_for_the_bands_are_refused() -> None:
    with pytest.raises(ValueError, match="bin_hz"):
        LandmarkWords(50.0)
    with pytest.raises(ValueError, match="powers"):
        LandmarkWords(2.7).add(np.zeros((1, 100)))


def test_words_hold_every_bit() -> None:
    counted: NDArray[np.int64] = np.zeros(32, np.int64)
    words = heard(tune(60.0, 3)).landmark_words()
    for bit in range(32):
        counted[bit] = np.count_nonzero(words & np.uint32(1 << bit))
    assert (counted > 0.2 * len(words)).all()
    assert (counted < 0.8 * len(words)).all()
