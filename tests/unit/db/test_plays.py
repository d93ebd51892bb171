"""Plays and ratings: the counts of a track are those of its plays."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import library_of
import pytest

from auralis_cli.db.store import Store
from auralis_cli.errors import UsageError
from auralis_cli.model.plays import Liking, PastPlay, Play, PlayOutcome


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(tmp_path / "library.db", program="test", now=1) as store:
        library_of.put(store, [library_of.record(f"/m/{letter}.flac") for letter in "abc"])
        yield store


def test_a_play_counts_where_it_finished(store: Store) -> None:
    for at, outcome in ((30, PlayOutcome.FINISHED), (10, PlayOutcome.SKIPPED), (20, PlayOutcome.STOPPED)):
        store.plays.record(1, started_at=at, played_s=12.5, outcome=outcome)
    track = store.tracks.get(1)
    assert track is not None
    assert (track.play_count, track.last_played_at) == (1, 30)
    assert store.database.one("SELECT skip_count FROM track_stats") == (1,)
    counts = store.plays.counts()
    assert (counts.plays, counts.tracks, counts.played_s, counts.rated) == (3, 1, 37.5, 0)


def test_the_history_comes_in_pages_the_latest_first(store: Store) -> None:
    for number in range(25):
        store.plays.record(number % 3 + 1, started_at=100 + number // 5, played_s=1.0, outcome=PlayOutcome.FINISHED)
    seen: list[Play] = []
    page = store.plays.history(limit=7)
    while page:
        seen += page
        page = store.plays.history(limit=7, before=page[-1])
    assert [play.id for play in seen] == list(range(25, 0, -1))
    assert {play.track.title for play in seen} == {"a", "b", "c"}


def test_a_rating_is_given_changed_and_taken_away(store: Store) -> None:
    for rating in (3.5, 0.0, 5.0, None):
        store.plays.rate(2, rating)
        track = store.tracks.get(2)
        assert track is not None
        assert track.rating == rating
    for wrong in (-0.1, 5.1, math.nan, math.inf):
        with pytest.raises(UsageError, match="from 0 to 5"):
            store.plays.rate(2, wrong)


def test_likings_are_put_and_asked_for_as_a_whole(store: Store) -> None:
    liking = Liking(rating=4.5, favourite=True, play_count=7, skip_count=2, last_played_at=99)
    store.plays.like({1: (Liking(), liking), 2: (Liking(), Liking())})
    assert store.plays.likings([1, 2, 3]) == store.plays.liked() == {1: liking}
    track = store.tracks.get(1)
    assert track is not None
    assert (track.rating, track.favourite, track.play_count, track.skip_count) == (4.5, True, 7, 2)
    with pytest.raises(UsageError, match="from 0 to 5"):
        store.plays.like({1: (liking, Liking()), 2: (Liking(), Liking(rating=5.5))})
    assert store.plays.likings([1]) == {1: liking}


def test_a_play_that_is_counted_while_somebody_rates_the_track_stays_counted(store: Store) -> None:
    """✗ what was read before is written over it."""
    store.plays.record(1, started_at=10, played_s=60.0, outcome=PlayOutcome.FINISHED)
    known = store.plays.likings([1])[1]
    store.plays.record(1, started_at=20, played_s=60.0, outcome=PlayOutcome.FINISHED)
    store.plays.like({1: (known, replace(known, rating=4.0, skip_count=3))})
    assert store.plays.likings([1]) == {1: Liking(4.0, False, 2, 3, 20)}


def test_past_plays_are_added_without_being_counted(store: Store) -> None:
    play = PastPlay(50, 12.0, PlayOutcome.FINISHED)
    store.plays.add_past(
        [(1, play), (2, PastPlay(40, 1.5, PlayOutcome.SKIPPED)), (1, PastPlay(20, 3.0, PlayOutcome.STOPPED))]
    )
    assert store.plays.past([1, 3]) == {1: [PastPlay(20, 3.0, PlayOutcome.STOPPED), play]}
    assert [one.started_at for one in store.plays.history(limit=9)] == [50, 40, 20]
    assert [one.started_at for one in store.plays.history(limit=9, of_tracks=[1])] == [50, 20]
    assert [one.started_at for one in store.plays.history(limit=9, since=40, of_tracks=[1])] == [50]
    assert [one.started_at for one in store.plays.history(limit=9, since=40.5)] == [50]
    assert store.plays.likings([1, 2]) == {}


def test_a_track_that_is_not_there_is_neither_played_nor_rated(store: Store) -> None:
    with pytest.raises(UsageError, match="no such track"):
        store.plays.record(99, started_at=1, played_s=1.0, outcome=PlayOutcome.FINISHED)
    with pytest.raises(UsageError, match="no such track"):
        store.plays.rate(99, 1.0)
    assert store.plays.counts().plays == 0
