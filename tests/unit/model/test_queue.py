"""The queue as a value: what edits do to it, and that it always has exactly one current item or none."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest

from auralis_cli.model.queue import Queue, QueueItem, QueueTrack, RepeatMode

TRACKS = [QueueTrack(f"/music/{letter}.flac") for letter in "abcdef"]


def names(queue: Queue) -> str:
    return "".join(item.track.path[7] for item in queue.items)


def drawn(queue: Queue, seed: int) -> list[int]:
    """The tickets in an order of chance, what plays first."""
    assert queue.current is not None
    rest = [item.ticket for item in queue.items if item is not queue.current]
    random.Random(seed).shuffle(rest)
    return [queue.current.ticket, *rest]


def playing(queue: Queue) -> str:
    assert queue.current is not None
    return queue.current.track.path[7]


@pytest.fixture
def queue() -> Queue:
    return Queue().set(TRACKS, 2)


def test_an_empty_queue_plays_nothing_and_any_other_one_item() -> None:
    assert Queue().current is None
    assert Queue().index == -1
    assert playing(Queue().add(TRACKS)) == "a"
    assert Queue().add(TRACKS).clear().index == -1


@pytest.mark.invariant("S1-H-10")
@pytest.mark.parametrize(("items", "index"), [(0, 0), (1, -1), (1, 1), (3, 3), (3, -2)])
def test_a_queue_with_an_index_beyond_its_items_cannot_be_made(items: int, index: int) -> None:
    with pytest.raises(ValueError, match="index"):
        Queue(tuple(QueueItem(ticket, TRACKS[0]) for ticket in range(1, items + 1)), index)


def test_what_is_put_in_front_of_the_current_item_moves_its_index(queue: Queue) -> None:
    edited = queue.insert(0, [TRACKS[5], TRACKS[5]])
    assert (names(edited), playing(edited), edited.index) == ("ffabcdef", "c", 4)


def test_removing_the_current_item_lets_the_next_slide_in(queue: Queue) -> None:
    assert playing(queue.remove([2])) == "d"
    assert playing(queue.remove([0, 2, 3])) == "e"
    assert playing(queue.jump(5).remove([5])) == "e"
    assert queue.remove(range(6)) == Queue()


def test_the_current_item_goes_on_where_it_was_unless_it_is_removed(queue: Queue) -> None:
    late = replace(queue, position_s=61.5)
    edits = (late.add(TRACKS), late.move(2, 5), late.shuffle(drawn(late, 1)), late.remove([0, 5]))
    assert {edit.position_s for edit in edits} == {61.5}
    assert {playing(edit) for edit in edits} == {"c"}
    assert late.remove([2]).position_s == 0.0
    assert late.jump(2).position_s == 0.0


def test_a_track_that_is_queued_twice_is_two_items(queue: Queue) -> None:
    twice = Queue().set([TRACKS[0], TRACKS[0], TRACKS[0]], 1)
    ticket = twice.items[1].ticket
    moved = twice.move(0, 2)
    assert (moved.index, moved.items[0].ticket) == (0, ticket)


def test_moving_says_where_the_item_stands_afterwards(queue: Queue) -> None:
    assert names(queue.move(0, 3)) == "bcdaef"
    assert names(queue.move(3, 0)) == "dabcef"
    assert names(queue.move(5, 5)) == "abcdef"
    assert playing(queue.move(0, 3)) == "c"


def test_shuffling_goes_on_with_what_plays_and_can_be_taken_back_after_edits(queue: Queue) -> None:
    shuffled = queue.shuffle(drawn(queue, 3))
    assert (playing(shuffled), shuffled.index) == ("c", 0)
    assert sorted(names(shuffled)) == list("abcdef")
    assert names(shuffled) != "abcdef"
    assert names(shuffled.unshuffle()) == "abcdef"
    again = shuffled.shuffle(drawn(shuffled, 4))
    assert names(again) != names(shuffled)
    assert names(again.unshuffle()) == "abcdef"

    behind_b = next(place for place, item in enumerate(shuffled.items) if item.track == TRACKS[1]) + 1
    edited = shuffled.insert(behind_b, [QueueTrack("/music/x.flac")])
    gone = next(place for place, item in enumerate(edited.items) if item.track == TRACKS[4])
    back = edited.remove([gone]).unshuffle()
    assert names(back) == "abxcdf"
    assert playing(back) == "c"
    assert not back.is_shuffled


@pytest.mark.parametrize(
    ("repeat", "ended", "after_last"),
    [
        (RepeatMode.OFF, True, None),
        (RepeatMode.ALL, True, "a"),
        (RepeatMode.ONE, True, "f"),
        (RepeatMode.ONE, False, None),
        (RepeatMode.ALL, False, "a"),
    ],
)
def test_what_follows_the_last_item(queue: Queue, repeat: RepeatMode, ended: bool, after_last: str | None) -> None:
    following = queue.jump(5).repeating(repeat).next(ended=ended)
    assert (None if following is None else playing(following)) == after_last


def test_before_the_first_item_comes_the_last_only_where_all_is_repeated(queue: Queue) -> None:
    first = queue.jump(0)
    assert first.previous() is None
    assert first.repeating(RepeatMode.ONE).previous() is None
    wrapped = first.repeating(RepeatMode.ALL).previous()
    assert wrapped is not None
    assert playing(wrapped) == "f"
    assert Queue().next() is Queue().previous() is None


@pytest.mark.parametrize("position", [-1, 6, 100])
def test_a_position_that_is_not_there_is_refused(queue: Queue, position: int) -> None:
    for edit in (queue.jump, lambda place: queue.remove([place]), lambda place: queue.move(place, 0)):
        with pytest.raises(IndexError):
            edit(position)
    with pytest.raises(IndexError):
        queue.set(TRACKS, position)
    with pytest.raises(IndexError):
        queue.insert(position + 1 if position > 0 else position, TRACKS)
