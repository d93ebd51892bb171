"""The queue as a value: what edits do to it, and that it always has exactly one current item or none."""

from __future__ import annotations

import pickle
import random
import time
from collections.abc import Callable
from dataclasses import replace

import pytest

from auralis_cli.model.player_choices import RepeatMode
from auralis_cli.model.queue import Queue, QueueEdit, QueueItem, QueueTrack
from auralis_cli.model.queue_history import QueueHistory

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


def test_no_ticket_is_given_twice_also_where_its_item_is_gone(queue: Queue) -> None:
    gone = {item.ticket for item in queue.items}
    for emptied in (queue.clear(), queue.remove(range(6)), queue.set([]), queue.load(Queue())):
        assert not {item.ticket for item in emptied.add(TRACKS).items} & gone
    shorter = queue.remove([5]).add([TRACKS[0]])
    assert shorter.items[-1].ticket not in gone
    assert queue.remove([5]).going_on_from(shorter).add([TRACKS[1]]).items[-1].ticket not in {
        *gone,
        shorter.items[-1].ticket,
    }


def test_a_queue_that_was_kept_is_loaded_with_its_place_and_items_of_its_own(queue: Queue) -> None:
    kept = replace(queue.shuffle(drawn(queue, 1)), position_s=5.0, repeat=RepeatMode.ALL)
    loaded = queue.load(kept)
    assert (names(loaded), loaded.index, loaded.position_s, loaded.repeat) == (names(kept), 0, 5.0, RepeatMode.ALL)
    assert not {item.ticket for item in loaded.items} & {item.ticket for item in kept.items}
    assert names(loaded.unshuffle()) == "abcdef"


def test_an_order_made_a_moment_ago_is_followed_by_what_came_since(queue: Queue) -> None:
    order = [item.ticket for item in reversed(queue.items)]
    edited = queue.remove([0, 4]).add([QueueTrack("/music/x.flac")])
    assert names(edited.shuffle(order)) == "fdcbx"
    assert playing(edited.shuffle(order)) == "c"
    assert names(edited.shuffle(order).unshuffle()) == "bcdfx"


@pytest.mark.parametrize("ticket", [1, 3, 6, 7])
def test_an_item_is_found_by_its_ticket_wherever_it_stands(queue: Queue, ticket: int) -> None:
    assert (
        queue.jump(0).position_of(ticket) == queue.jump(5).position_of(ticket) == (ticket - 1 if ticket < 7 else None)
    )
    assert Queue().position_of(ticket) is None


@pytest.mark.alone
def test_among_100_000_items_a_jump_takes_no_millisecond_and_an_edit_not_100(queue: Queue) -> None:
    many = Queue().set([QueueTrack(f"/m/{number}") for number in range(100_000)], 50_000)
    shuffled = many.shuffle(drawn(many, 1))

    def best_s(at: Queue, edit: Callable[[Queue], object]) -> float:
        spent = []
        for _ in range(5):
            began = time.thread_time()
            edit(at)
            spent.append(time.thread_time() - began)
        return min(spent)

    order = drawn(many, 2)
    edits: list[Callable[[Queue], object]] = [
        lambda queue: queue.add(TRACKS),
        lambda queue: queue.insert(queue.index + 1, TRACKS),
        lambda queue: queue.remove([7, 77_777]),
        lambda queue: queue.move(3, 80_000),
        lambda queue: queue.shuffle(order),
        lambda queue: queue.unshuffle(),
    ]
    for at in (many, shuffled):
        assert best_s(at, lambda queue: queue.jump(99_999)) < 0.001
        assert best_s(at, lambda queue: queue.next()) < 0.001
        for edit in edits:
            assert best_s(at, edit) < 0.1


EDITS: list[Callable[[Queue, random.Random], Queue | None]] = [
    lambda queue, chance: queue.add([chance.choice(TRACKS)]),
    lambda queue, chance: queue.insert(chance.randint(0, len(queue.items)), chance.choices(TRACKS, k=2)),
    lambda queue, chance: queue.remove(chance.sample(range(len(queue.items)), min(2, len(queue.items)))),
    lambda queue, chance: (
        queue.move(chance.randrange(len(queue.items)), chance.randrange(len(queue.items))) if queue.items else None
    ),
    lambda queue, chance: queue.shuffle(drawn(queue, chance.randrange(99))) if queue.items else None,
    lambda queue, _: queue.unshuffle(),
    lambda queue, chance: queue.next(ended=chance.random() < 0.5),
    lambda queue, _: queue.previous(),
    lambda queue, chance: queue.repeating(chance.choice(list(RepeatMode))),
    lambda queue, chance: replace(queue, position_s=chance.random()),
]


@pytest.mark.invariant("S4-D1.3")
@pytest.mark.parametrize("seed", range(20))
def test_whoever_walks_through_a_queue_sees_it_whole_and_the_current_item_stays_itself_in_every_edit(seed: int) -> None:
    """The fault: an edit changes the list that another is walking through, or finds the current item by its track."""
    chance = random.Random(seed)
    queue = Queue().set([TRACKS[0]] * 3 + TRACKS, 1)
    for _ in range(200):
        walking, seen = iter(queue.items), [item.ticket for item in queue.items]
        before, edit = queue, chance.choice(EDITS[:6])
        after = edit(queue, chance) or queue
        queue = (chance.choice(EDITS[6:])(after, chance) or after) if chance.random() < 0.3 else after
        assert [item.ticket for item in walking] == seen
        current = before.current
        if current is not None and current in after.items:
            assert after.current is current
            assert after.position_s == before.position_s
        if len(queue.items) > 40:
            queue = queue.remove(range(0, 40, 2))


@pytest.mark.invariant("S1-L-07")
def test_the_same_edits_make_the_same_queue_to_the_bit() -> None:
    """The fault: an edit asks the clock, or draws lots of its own."""

    def replayed() -> bytes:
        chance, queue, history = random.Random(7), Queue().set(TRACKS), QueueHistory()
        for now in range(500):
            edited = chance.choice(EDITS)(queue, chance)
            if edited is not None:
                history, queue = history.edited(queue, QueueEdit.SET, now), edited
            if chance.random() < 0.2 and (back := history.undo(queue)) is not None:
                history, queue = back
        return pickle.dumps((queue, history.done, history.undone))

    assert replayed() == replayed()
