"""Orders of chance: everything once, what plays first, albums whole, artists apart as far as that can be."""

from __future__ import annotations

import itertools
import random
import time
from collections import Counter
from collections.abc import Callable, Hashable, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auralis_cli.model.queue import Queue, QueueItem, QueueTrack, ShuffleMode
from auralis_cli.services.shuffling import ShuffleFacts, apart, shuffled


def repeats(kinds: Sequence[Hashable], last: Hashable) -> int:
    return sum(one == other for one, other in itertools.pairwise([last, *kinds]))


def fewest(kinds: Sequence[Hashable], last: Hashable) -> int:
    """By arithmetic: what is left of the commonest kind when all others stand between."""
    total, counts = len(kinds), Counter(kinds)
    return max(
        (max(0, count - (total - count) - (0 if kind == last else 1)) for kind, count in counts.items()), default=0
    )


@given(st.lists(st.integers(0, 3), max_size=7), st.integers(0, 4), st.integers(0, 9))
def test_no_artist_comes_twice_in_a_row_more_often_than_it_must(kinds: list[int], last: int, seed: int) -> None:
    ordered = apart(range(len(kinds)), kinds, last, random.Random(seed))
    assert sorted(ordered) == list(range(len(kinds)))
    best = min(repeats(order, last) for order in set(itertools.permutations(kinds)))
    assert best == fewest(kinds, last)
    assert repeats([kinds[place] for place in ordered], last) == best


@pytest.mark.parametrize(
    ("counts", "expected"),
    [((50, 50), 0), ((51, 50), 0), ((52, 50), 1), ((500, 499), 0), ((900, 50, 50), 799), ((1,) * 100, 0), ((7,), 6)],
)
def test_a_schedule_without_repeats_is_found_up_to_one_more_than_half(counts: tuple[int, ...], expected: int) -> None:
    kinds = [kind for kind, count in enumerate(counts) for _ in range(count)]
    for seed in range(20):
        ordered = apart(range(len(kinds)), kinds, None, random.Random(seed))
        assert repeats([kinds[place] for place in ordered], None) == expected


def test_every_artist_is_as_likely_to_come_first_as_it_has_tracks() -> None:
    kinds = [0] * 6 + [1] * 3 + [2] * 3
    firsts = Counter(kinds[apart(range(12), kinds, None, random.Random(seed))[0]] for seed in range(6000))
    # Half of all are its: it could as well have to begin, and does not.
    assert firsts[0] == pytest.approx(3000, abs=200)
    assert firsts[1] == pytest.approx(1500, abs=160)


def facts_by_name(items: Sequence[QueueItem]) -> list[ShuffleFacts]:
    """`/artist/album/disc-track`."""
    facts = []
    for item in items:
        _, artist, album, place = item.track.path.split("/")
        disc, track = map(int, place.split("-"))
        facts.append(ShuffleFacts(artist or None, (artist, album), disc, track))
    return facts


def queue_of(*paths: str, start: int = 0) -> Queue:
    return Queue().set([QueueTrack(path) for path in paths], start)


PLACES = ("1-2", "1-10", "2-2", "2-10")
ALBUMS = [f"/{artist}/{album}/{place}" for artist in "xy" for album in "ab" for place in PLACES]


@pytest.mark.parametrize("mode", ShuffleMode)
def test_an_order_holds_every_ticket_once_and_the_same_lots_give_the_same_one(mode: ShuffleMode) -> None:
    queue = queue_of(*ALBUMS, ALBUMS[3], start=5)
    order = shuffled(queue, mode, facts_by_name, random.Random(1))
    assert sorted(order) == [item.ticket for item in queue.items]
    assert order == shuffled(queue, mode, facts_by_name, random.Random(1))
    assert len({shuffled(queue, mode, facts_by_name, random.Random(seed)) for seed in range(40)}) > 10
    assert shuffled(Queue(), mode, facts_by_name, random.Random(1)) == ()


@pytest.mark.parametrize("mode", [ShuffleMode.TRACKS, ShuffleMode.SMART])
def test_what_plays_comes_first(mode: ShuffleMode) -> None:
    queue = queue_of(*ALBUMS, start=5)
    for seed in range(10):
        after = queue.shuffle(shuffled(queue, mode, facts_by_name, random.Random(seed)))
        assert (after.index, after.current) == (0, queue.current)


def test_albums_stay_whole_in_the_order_of_discs_and_tracks_that_of_what_plays_first() -> None:
    mixed = list(ALBUMS)
    random.Random(3).shuffle(mixed)
    queue = queue_of(*mixed, start=mixed.index("/y/a/2-2"))
    orders = set()
    for seed in range(50):
        after = queue.shuffle(shuffled(queue, ShuffleMode.ALBUMS, facts_by_name, random.Random(seed)))
        paths = [item.track.path for item in after.items]
        albums = [list(of_one) for _, of_one in itertools.groupby(paths, lambda path: path[:4])]
        assert [len(album) for album in albums] == [4] * 4
        assert all([path[5:] for path in album] == list(PLACES) for album in albums)
        assert paths[:4] == [f"/y/a/{place}" for place in PLACES]
        assert (after.index, after.current) == (2, queue.current)
        orders.add(tuple(paths))
        assert [item.track.path for item in after.unshuffle().items] == mixed
    assert len(orders) == 6


def test_an_album_that_is_queued_twice_comes_twice() -> None:
    queue = queue_of(*ALBUMS[:2], *ALBUMS[:2])
    order = shuffled(queue, ShuffleMode.ALBUMS, facts_by_name, random.Random(1))
    assert [item.track.path for item in queue.shuffle(order).items] == [*ALBUMS[:2], *ALBUMS[:2]]


def test_tracks_of_unknown_artists_are_no_pair() -> None:
    queue = queue_of(*(f"//a/1-{number}" for number in range(9)), *(f"/x/b/1-{number}" for number in range(9)))
    after = queue.shuffle(shuffled(queue, ShuffleMode.SMART, facts_by_name, random.Random(5)))
    artists = [item.track.path.split("/")[1] for item in after.items]
    assert not any(one == other == "x" for one, other in itertools.pairwise(artists))


@pytest.mark.alone
@pytest.mark.parametrize("mode", ShuffleMode)
def test_a_queue_ten_times_as_long_takes_some_ten_times_as_long(mode: ShuffleMode) -> None:
    def spent_s(tracks: int) -> float:
        queue = queue_of(*(f"/{number % 977}/{number // 12}/1-{number % 12}" for number in range(tracks)))
        facts = facts_by_name(queue.items)
        known: Callable[[Sequence[QueueItem]], Sequence[ShuffleFacts]] = lambda items: facts  # noqa: E731
        spent = []
        for seed in range(3):
            began = time.thread_time()
            order = shuffled(queue, mode, known, random.Random(seed))
            spent.append(time.thread_time() - began)
            assert len(order) == tracks
        return min(spent)

    # Looking through the queue for every track takes a hundred times as long; what no longer fits a cache, up to 30.
    assert spent_s(100_000) < 60 * spent_s(10_000)
