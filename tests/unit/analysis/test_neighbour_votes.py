"""Guessing tags by neighbours: right where kinds of music lie apart, silent where nothing can be known."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from numpy.typing import NDArray

from auralis_cli.analysis.neighbour_votes import NeighbourVotes, Tagged
from auralis_cli.analysis.same_recording import COPY_DISTANCE, RecordingSigns
from auralis_cli.analysis.similarity import Matrix, distances

SEEDS = range(20)


def kinds(seed: int, *names: str, of_each: int = 30) -> tuple[Matrix, list[tuple[str, ...]]]:
    """A cloud of tracks for each name."""
    dice = np.random.default_rng(seed)
    clouds = [dice.random(25) + 0.03 * dice.standard_normal((of_each, 25)) for _ in names]
    return np.concatenate(clouds).astype(np.float32), [(name,) for name in names for _ in range(of_each)]


def any_lengths(count: int, seed: int = 1) -> NDArray[np.float64]:
    return np.random.default_rng(seed).uniform(60.0, 600.0, count)


def signs(lengths: NDArray[np.float64]) -> RecordingSigns:
    """Pieces that all have names of their own."""
    return RecordingSigns(lengths, np.arange(len(lengths)))


def votes(matrix: Matrix, tags: Sequence[tuple[str, ...]]) -> NeighbourVotes:
    return NeighbourVotes(Tagged(matrix, signs(any_lengths(len(matrix))), tags))


def test_kinds_that_lie_apart_are_guessed_and_the_trial_says_so() -> None:
    matrix, tags = kinds(1, "Jazz", "Folk", "Metal")
    of_three = votes(matrix, tags)
    trial = of_three.trial()
    assert (trial.asked, trial.right, trial.commonest, trial.commonest_right) == (90, 90, "Folk", 30)
    assert trial.beats_the_commonest
    assert [(one.tag, one.guessed, one.right) for one in trial.tags] == [
        ("Folk", 30, 30), ("Jazz", 30, 30), ("Metal", 30, 30),
    ]  # fmt: skip
    guess = of_three.guess(matrix[60:].mean(axis=0))
    assert guess is not None
    assert guess.tag == "Metal"
    assert len(guess.rows) == 3
    assert min(guess.rows) >= 60


def test_of_tags_given_by_lot_the_trial_does_not_beat_the_commonest() -> None:
    beaten = 0
    for seed in SEEDS:
        dice = np.random.default_rng(seed)
        tags = [(str(name),) for name in dice.choice(["Jazz", "Folk", "Metal"], 200, p=[0.4, 0.3, 0.3])]
        beaten += votes(dice.random((200, 25)).astype(np.float32), tags).trial().beats_the_commonest
    assert beaten <= 2


def test_copies_of_a_recording_do_not_make_the_trial_look_good() -> None:
    dice = np.random.default_rng(3)
    once = dice.random((100, 25)).astype(np.float32)
    twice = np.concatenate([once, once + np.float32(0.001)])
    tags = [(str(name),) for name in dice.choice(["Jazz", "Folk"], 100)] * 2
    lengths = np.tile(any_lengths(100), 2)
    assert not NeighbourVotes(Tagged(twice, signs(lengths), tags)).trial().beats_the_commonest


@pytest.mark.parametrize("count", [4, 5])
def test_a_tag_of_fewer_than_five_tracks_is_never_guessed(count: int) -> None:
    matrix, tags = kinds(5, "Jazz", "Polka")
    few = votes(matrix[: 30 + count], tags[: 30 + count])
    guess = few.guess(matrix[30])
    assert (guess is not None and guess.tag == "Polka") == (count == 5)
    assert {one.tag for one in few.trial().tags} == ({"Jazz", "Polka"} if count == 5 else {"Jazz"})


def test_the_nearest_has_most_to_say_and_all_its_tags_are_heard() -> None:
    line = np.zeros((15, 25), np.float32)
    line[:, 0] = np.repeat([0.0, 0.2, 0.5], 5)
    tags: Sequence[tuple[str, ...]] = [("Jazz", "Blues")] * 5 + [("Folk",)] * 5 + [("Folk", "Blues")] * 5
    three = votes(line[[0, 5, 10]], tags[::5])
    # Three are too few of any tag.
    assert three.guess(line[0]) is None
    many = votes(line, tags)
    jazz, blues = many.guess(line[0]), many.guess(line[10])
    # Blues and jazz have equally much to say; more tracks are blues.
    assert jazz is not None
    assert blues is not None
    assert (jazz.tag, blues.tag) == ("Blues", "Blues")


def test_the_trial_is_what_doing_it_by_hand_gives() -> None:
    dice = np.random.default_rng(8)
    matrix = dice.random((150, 25)).astype(np.float32)
    matrix[100:] = matrix[:50] + np.float32(0.002)
    names = ("Jazz", "Folk", "Metal", "Pop")
    tags = [tuple(names[place] for place in np.flatnonzero(dice.random(4) < 0.4)) or ("Noise",) for _ in matrix]
    lengths = any_lengths(150)
    lengths[100:130] = lengths[:30]
    counts = {tag: sum(tag in one for one in tags) for tag in {*names, "Noise"}}
    right = 0
    for row, point in enumerate(matrix):
        far = distances(matrix, point)
        is_copy = (far < COPY_DISTANCE) & (np.abs(lengths - lengths[row]) <= 0.01 * lengths[row])
        near = [other for other in np.argsort(far, kind="stable") if other != row and not is_copy[other]][:3]
        weights = {tag: sum(1.0 / (far[one] + 0.01) for one in near if tag in tags[one]) for tag in counts}
        best = max(counts, key=lambda tag: (weights[tag], counts[tag], -ord(tag[0])))
        right += best in tags[row] and counts[best] >= 5
    trial = NeighbourVotes(Tagged(matrix, signs(lengths), tags)).trial()
    assert (trial.asked, trial.right) == (150, right)


def test_of_very_many_a_sample_is_tried() -> None:
    matrix, tags = kinds(9, "Jazz", "Folk", of_each=1500)
    trial = votes(matrix, tags).trial()
    assert (trial.asked, trial.right) == (1000, 1000)
