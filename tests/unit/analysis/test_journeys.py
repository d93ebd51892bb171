"""From one track to another: both ends, so many songs, none twice, and no step larger than it has to be."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from track_clouds import clouds

from auralis_cli.analysis.journeys import Points, journey
from auralis_cli.analysis.same_recording import COPY_DISTANCE, RecordingSigns

SEEDS = range(6)
Lengths = NDArray[np.float64]


def signs(lengths: Lengths) -> RecordingSigns:
    """Pieces that all have names of their own."""
    return RecordingSigns(lengths, np.arange(len(lengths)))


def library_of(seed: int, count: int = 1500) -> tuple[Points, RecordingSigns]:
    lengths = np.random.default_rng(seed).uniform(100.0, 400.0, count)
    return clouds(count, seed) / np.float32(5.0), signs(lengths)


def steps_of(points: Points, way: list[int]) -> NDArray[np.float64]:
    apart = np.diff(points[way].astype(np.float64), axis=0)
    steps: Lengths = np.sqrt(np.square(apart).sum(axis=1))
    return steps


def straight(points: Points, songs: int) -> list[int]:
    """What lies nearest to evenly spaced places of the line."""
    way = [0]
    for place in np.linspace(0.0, 1.0, songs)[1:-1]:
        apart = np.square(points - (points[0] + place * (points[1] - points[0]))).sum(axis=1)
        apart[[*way, 1]] = np.inf
        way.append(int(apart.argmin()))
    return [*way, 1]


def least_longest_step(points: Points, songs: int) -> float:
    """No way of so many steps, wherever it leads and whatever it repeats, has a longest step below this."""
    apart = np.sqrt(np.maximum(np.square(points[:, None] - points).sum(axis=2), 0.0))
    least = np.full(len(points), np.inf)
    least[0] = 0.0
    for _ in range(songs - 1):
        least = np.maximum(least[:, None], apart).min(axis=0)
    return float(least[1])


@pytest.mark.parametrize("songs", [2, 3, 12, 40])
@pytest.mark.parametrize("seed", range(2))
def test_it_begins_and_ends_where_it_is_to_and_no_song_is_met_twice(seed: int, songs: int) -> None:
    points, known = library_of(seed)
    way = journey(points, known, 7, 3, songs)
    assert way is not None
    assert (way[0], way[-1], len(way), len(set(way))) == (7, 3, songs, songs)
    assert way == journey(points, known, 7, 3, songs)


@pytest.mark.parametrize("seed", SEEDS)
def test_the_longest_step_is_shorter_than_on_the_straight_line_and_near_the_least_there_can_be(seed: int) -> None:
    points, known = library_of(seed, 500)
    for songs in (6, 12):
        way = journey(points, known, 0, 1, songs)
        assert way is not None
        longest = steps_of(points, way).max()
        assert longest <= steps_of(points, straight(points, songs)).max()
        assert longest <= 1.15 * least_longest_step(points, songs)


def test_steps_are_smaller_and_more_even_than_those_of_any_songs() -> None:
    dice = np.random.default_rng(1)
    for seed in SEEDS:
        points, known = library_of(seed, 500)
        steps = steps_of(points, journey(points, known, 0, 1, 12) or [])
        for _ in range(20):
            between = dice.choice(np.arange(2, len(points)), 10, replace=False)
            at_random = steps_of(points, [0, *between.tolist(), 1])
            assert steps.max() < at_random.max()
            assert steps.mean() < 0.6 * at_random.mean()


def test_where_songs_lie_all_along_the_line_the_steps_are_equal_and_go_forward() -> None:
    line = np.linspace(0.0, 1.0, 56)[:, None] * np.ones((1, 4))
    points = np.concatenate([line, np.random.default_rng(2).random((300, 4)) + 1.5]).astype(np.float32)
    assert journey(points, signs(np.arange(1.0, len(points) + 1.0) ** 2), 0, 55, 12) == list(range(0, 56, 5))


def test_many_songs_by_one_end_leave_room_for_those_in_the_middle() -> None:
    dice = np.random.default_rng(5)
    crowd, line = 0.01 * dice.standard_normal((3000, 4)), np.linspace(0.0, 1.0, 56)[:, None] * np.ones((1, 4))
    points = np.concatenate([line + 0.05 * dice.standard_normal(line.shape), crowd]).astype(np.float32)
    points[0], points[55] = 0.0, 1.0
    way = journey(points, signs(1.02 ** np.arange(len(points), dtype=np.float64)), 0, 55, 12)
    assert steps_of(points, way or []).max() < 0.35


def test_of_copies_of_one_recording_one_is_on_the_way() -> None:
    points, known = library_of(3, 300)
    dice = np.random.default_rng(4)
    copies = points + (COPY_DISTANCE / 20.0 * dice.standard_normal(points.shape)).astype(np.float32)
    both, twice = np.concatenate([points, copies]), signs(np.concatenate([known.lengths, known.lengths * 1.001]))
    way = journey(both, twice, 0, 1, 60)
    assert way is not None
    recordings = [row % 300 for row in way]
    assert len(set(recordings)) == 60


def test_of_pieces_of_one_name_one_is_on_the_way() -> None:
    points, known = library_of(3, 300)
    named = RecordingSigns(known.lengths, np.arange(300) % 50)
    way = journey(points, named, 0, 1, 40)
    assert way is not None
    assert len({row % 50 for row in way}) == 40


def test_what_lasts_longer_or_sounds_otherwise_is_no_copy() -> None:
    apart, lengths = np.array([0.001, 0.001, 0.07, 0.001, 0.2]), np.array([100.0, 100.5, 110.0, 100.0, np.nan, 300.0])
    known = RecordingSigns(lengths, np.array([7, 1, 2, 3, 4, 7]))
    assert known.same_as(0, np.arange(1, 6), apart).tolist() == [True, False, False, True, True]


def test_too_few_songs_make_no_journey() -> None:
    points, known = library_of(5, 13)
    assert journey(points, known, 0, 1, 13) is not None
    assert journey(points, known, 0, 1, 14) is None


def test_ends_that_sound_the_same_are_no_obstacle() -> None:
    points, known = library_of(6, 50)
    points[1] = points[0]
    way = journey(points, known, 0, 1, 10)
    assert way is not None
    assert len(set(way)) == 10
