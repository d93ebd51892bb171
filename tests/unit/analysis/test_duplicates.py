"""The same recording is found among many by its words, and nothing else is."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from auralis_cli.analysis.duplicates import Recordings
from auralis_cli.dsp.landmark_matching import LEAST_WORDS
from auralis_cli.model.duplicates import DuplicateKind, RecordingMatch
from auralis_cli.model.landmarks import LANDMARK_HOP_S, Landmarks

Words = NDArray[np.uint32]
# Two minutes.
_COUNT = 970


def words(seed: int, count: int = _COUNT) -> Words:
    return np.random.default_rng(seed).integers(0, 2**32, count, dtype=np.uint32)


def with_errors(some: Words, rate: float, seed: int = 99) -> Words:
    """The same words, of whose bits `rate` are turned."""
    wrong = np.random.default_rng(seed).random((len(some), 32)) < rate
    turned: Words = (wrong * (1 << np.arange(32, dtype=np.uint64))).sum(axis=1).astype(np.uint32)
    return some ^ turned


def landmarks(some: Words, valid: NDArray[np.bool_] | None = None) -> Landmarks:
    heard = np.ones(len(some), np.bool_) if valid is None else valid
    return Landmarks(some.astype("<u4").tobytes(), np.packbits(heard, bitorder="little").tobytes())


def matches(**recordings: Words) -> list[RecordingMatch]:
    return list(Recordings((key, landmarks(some)) for key, some in recordings.items()).matches())


def only_match(**recordings: Words) -> RecordingMatch:
    (match,) = matches(**recordings)
    return match


def test_a_copy_with_few_errors_is_the_same_recording_among_strangers() -> None:
    strangers = {f"x{seed}": words(seed) for seed in range(10, 40)}
    match = only_match(a=words(1), b=with_errors(words(1), 0.08), **strangers)
    assert (match.first_key, match.second_key, match.kind) == ("a", "b", DuplicateKind.SAME)
    assert match.error_rate == pytest.approx(0.08, abs=0.01)
    assert (match.offset_s, match.shared) == (0.0, 1.0)


def test_strangers_match_nothing() -> None:
    assert matches(**{f"x{seed}": words(seed) for seed in range(60)}) == []


@pytest.mark.parametrize("cut", [1, 40, 80])
def test_a_short_cut_of_the_head_leaves_the_same_recording_and_is_told(cut: int) -> None:
    match = only_match(a=words(1), b=with_errors(words(1)[cut:], 0.05))
    assert match.kind is DuplicateKind.SAME
    assert match.offset_s == pytest.approx(cut * LANDMARK_HOP_S)
    assert match.offset_in("b") == -match.offset_in("a")
    assert match.shared == pytest.approx(1.0 - cut / _COUNT)


def test_an_excerpt_is_a_cut_and_its_place_is_told() -> None:
    match = only_match(a=words(1), b=with_errors(words(1)[300:540], 0.08))
    assert match.kind is DuplicateKind.CUT
    assert match.offset_in("a") == pytest.approx(300 * LANDMARK_HOP_S)


@pytest.mark.parametrize(
    ("rate", "kind"),
    [(0.18, DuplicateKind.SAME), (0.25, DuplicateKind.POSSIBLE), (0.36, None)],
)
def test_how_many_signs_differ_says_whether_it_is_the_same_or_perhaps(rate: float, kind: DuplicateKind | None) -> None:
    found = Recordings(
        (key, landmarks(some)) for key, some in {"a": words(1), "b": with_errors(words(1), rate)}.items()
    )
    match = found.match("a", "b")
    assert (match and match.kind) == kind


def test_a_part_in_common_is_no_match() -> None:
    # One that begins as the other does, and one that begins where the other ends.
    third = _COUNT // 3
    begins_alike = np.concatenate([words(1)[:third], words(2)[third:]])
    goes_on = np.concatenate([words(1)[-2 * third :], words(3)[: 2 * third]])
    assert matches(a=words(1), b=begins_alike, c=goes_on) == []


def test_less_than_six_seconds_are_not_compared() -> None:
    few = LEAST_WORDS - 1
    assert matches(a=words(1, few), b=words(1, few)) == []


def test_silence_never_matches_silence() -> None:
    silent = np.zeros(_COUNT, np.bool_)
    pairs = [("a", landmarks(words(1), silent)), ("b", landmarks(words(1), silent))]
    assert list(Recordings(pairs).matches()) == []


def test_music_is_compared_by_what_is_heard_of_it_not_by_silence_around_it() -> None:
    quiet = np.concatenate([words(1), words(5, 400)])
    heard = np.arange(len(quiet)) < _COUNT
    pairs = [("a", landmarks(words(1))), ("b", landmarks(quiet, heard))]
    (match,) = Recordings(pairs).matches()
    assert (match.kind, match.shared) == (DuplicateKind.SAME, 1.0)


def test_steady_tones_are_not_the_same_recording() -> None:
    # Their signs are those of rounding, or hardly change.
    steady = np.zeros(_COUNT, np.uint32)
    assert matches(a=steady, b=steady) == []
    drone, other = (with_errors(steady, 0.05, seed) for seed in (1, 2))
    assert np.mean(np.unpackbits((drone ^ other).view(np.uint8))) < 0.11
    assert Recordings([("a", landmarks(drone)), ("b", landmarks(other))]).match("a", "b") is None


def test_a_word_that_half_of_all_recordings_have_costs_no_more_than_others() -> None:
    # One that is looked up, wherever it is, in every recording several times.
    common = np.uint32(next(word for word in range(1, 100) if (word * 2_654_435_761 % 2**32 >> 16) % 8 == 0))
    recordings = {f"x{seed:03}": words(seed) for seed in range(200)}
    for some in recordings.values():
        some[::50] = common
    recordings["y"] = with_errors(recordings["x007"], 0.05)
    match = only_match(**recordings)
    assert (match.first_key, match.second_key) == ("x007", "y")


def test_many_copies_are_all_linked() -> None:
    copies = {f"c{number:03}": with_errors(words(1), 0.05, number) for number in range(120)}
    linked = {"c000"}
    for match in sorted(matches(**copies), key=lambda match: (match.first_key, match.second_key)):
        if match.first_key in linked:
            linked.add(match.second_key)
    assert linked == set(copies)


def test_a_look_at_two_finds_what_the_index_may_miss() -> None:
    pairs = [("a", landmarks(words(1))), ("b", landmarks(with_errors(words(1)[100:], 0.15)))]
    recordings = Recordings(pairs)
    looked = recordings.match("b", "a")
    assert looked is not None
    assert looked == next(recordings.matches())
    assert recordings.match("a", "unknown") is None


def test_of_no_recordings_nothing_matches() -> None:
    assert list(Recordings([]).matches()) == []
