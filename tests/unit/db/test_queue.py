"""The queue between runs: whatever was done to it, what is loaded is what was saved."""

from __future__ import annotations

import random
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from auralis_cli.db.queue import HISTORY_ITEMS, HISTORY_LENGTH, QueueRepository
from auralis_cli.db.store import Store
from auralis_cli.errors import RefusedError, UsageError
from auralis_cli.model.queue import Queue, QueueEdit, QueueTrack, RepeatMode

PATHS = ["/m/a.flac", "/m/b.flac", "/m/b.flac", "/m/\udcff.ogg", "/m/ü x.mp3"]
a_track = st.builds(QueueTrack, path=st.sampled_from(PATHS), cue_number=st.sampled_from([0, 0, 7]))
some_tracks = st.lists(a_track, min_size=1, max_size=4)
place = st.integers(min_value=0, max_value=10**6)


class EditedQueue(RuleBasedStateMachine):
    """A queue and its stored form beside a plain list with a mark on one of its items."""

    @initialize()
    def open(self) -> None:
        self.store = Store.empty(program="test", now=1)
        self.repository = self.store.queue
        self.queue = Queue()
        # What plays is told by identity: every queued item is an object of its own.
        self.plain: list[list[QueueTrack]] = []
        self.playing: list[QueueTrack] | None = None
        self.before: list[tuple[Queue, list[list[QueueTrack]], list[QueueTrack] | None]] = []
        self.now = 1

    def teardown(self) -> None:
        if hasattr(self, "store"):
            self.store.close()

    def edited(self, queue: Queue, edit: QueueEdit, plain: list[list[QueueTrack]]) -> None:
        self.before.append((self.queue, self.plain, self.playing))
        self.now += 1
        self.repository.save(queue, edit, now=self.now)
        self.queue, self.plain = queue, plain

    @rule(tracks=st.lists(a_track, max_size=9), start=place)
    def fill(self, tracks: list[QueueTrack], start: int) -> None:
        first = start % len(tracks) if tracks else 0
        plain = [[track] for track in tracks]
        self.edited(self.queue.set(tracks, first), QueueEdit.SET, plain)
        self.playing = plain[first] if plain else None

    @rule(tracks=some_tracks)
    def add(self, tracks: list[QueueTrack]) -> None:
        self.edited(self.queue.add(tracks), QueueEdit.ADD, [*self.plain, *([track] for track in tracks)])
        self.start_playing()

    @rule(tracks=some_tracks, at=place)
    def insert(self, tracks: list[QueueTrack], at: int) -> None:
        at %= len(self.plain) + 1
        new = [[track] for track in tracks]
        self.edited(self.queue.insert(at, tracks), QueueEdit.ADD, [*self.plain[:at], *new, *self.plain[at:]])
        self.start_playing()

    @precondition(lambda self: self.plain)
    @rule(at=st.sets(place, min_size=1, max_size=2))
    def remove(self, at: set[int]) -> None:
        gone = {one % len(self.plain) for one in at}
        left = [item for one, item in enumerate(self.plain) if one not in gone]
        index = self.mark()
        following = next((item for item in self.plain[index:] if any(item is other for other in left)), None)
        self.edited(self.queue.remove(gone), QueueEdit.REMOVE, left)
        self.playing = following if following is not None else (left[-1] if left else None)

    @precondition(lambda self: self.plain)
    @rule(origin=place, to=place)
    def move(self, origin: int, to: int) -> None:
        origin, to = origin % len(self.plain), to % len(self.plain)
        plain = list(self.plain)
        plain.insert(to, plain.pop(origin))
        self.edited(self.queue.move(origin, to), QueueEdit.MOVE, plain)

    @precondition(lambda self: len(self.plain) > 6)
    @rule()
    def clear(self) -> None:
        self.edited(self.queue.clear(), QueueEdit.CLEAR, [])
        self.playing = None

    @rule(seed=st.integers(0, 99))
    def shuffle(self, seed: int) -> None:
        plain = {item.ticket: other for item, other in zip(self.queue.items, self.plain, strict=True)}
        order = list(plain)
        random.Random(seed).shuffle(order)
        self.edited(self.queue.shuffle(order), QueueEdit.SHUFFLE, [plain[ticket] for ticket in order])

    @rule()
    def unshuffle(self) -> None:
        plain = {item.ticket: other for item, other in zip(self.queue.items, self.plain, strict=True)}
        queue = self.queue.unshuffle()
        self.edited(queue, QueueEdit.UNSHUFFLE, [plain[item.ticket] for item in queue.items])

    @rule(ended=st.booleans())
    def next(self, ended: bool) -> None:
        self.place(self.queue.next(ended=ended))

    @precondition(lambda self: self.plain)
    @rule(at=place)
    def jump(self, at: int) -> None:
        self.place(self.queue.jump(at % len(self.plain)))

    @rule()
    def previous(self) -> None:
        self.place(self.queue.previous())

    @rule(mode=st.sampled_from(RepeatMode))
    def repeat(self, mode: RepeatMode) -> None:
        self.place(self.queue.repeating(mode))

    @rule(position_s=st.floats(0, 1e6))
    def play_on(self, position_s: float) -> None:
        self.place(replace(self.queue, position_s=position_s))

    def place(self, queue: Queue | None) -> None:
        if queue is None:
            return
        self.repository.save_place(queue, now=self.now)
        self.queue = queue
        self.playing = self.plain[queue.index] if self.plain else None

    @rule()
    def undo(self) -> None:
        queue = self.repository.undo(now=self.now)
        if not self.before:
            assert queue is None
            return
        former, self.plain, self.playing = self.before.pop()
        assert queue == former
        self.queue = former

    @rule(name=st.sampled_from(["One", "one", "ÖNE"]))
    def keep_and_load(self, name: str) -> None:
        self.repository.save_template(name, self.queue, now=self.now, replace=True)
        self.before.append((self.queue, self.plain, self.playing))
        assert self.repository.load_template(name, now=self.now) == self.queue

    @invariant()
    def what_is_kept_is_what_there_is(self) -> None:
        if not hasattr(self, "store"):
            return
        self.before = self.before[-HISTORY_LENGTH:]
        loaded = QueueRepository(self.store.database).load()
        assert loaded == self.queue
        assert len(self.repository.history()) == len(self.before)
        assert [item.track for item in loaded.items] == [item[0] for item in self.plain]
        assert loaded.index == self.mark()
        assert loaded.index == -1 if not self.plain else 0 <= loaded.index < len(self.plain)

    def mark(self) -> int:
        return next((index for index, item in enumerate(self.plain) if item is self.playing), -1)

    def start_playing(self) -> None:
        if self.playing is None and self.plain:
            self.playing = self.plain[0]


@pytest.mark.invariant("S1-H-10")
def test_the_index_is_of_one_item_whatever_is_done_and_also_when_loaded_again() -> None:
    from hypothesis.stateful import run_state_machine_as_test

    run_state_machine_as_test(
        EditedQueue, settings=settings(max_examples=100, stateful_step_count=50, deadline=None, derandomize=True)
    )


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store.open(tmp_path / "library.db", program="test", now=1)


def queue_of(*names: str) -> Queue:
    return Queue().set([QueueTrack(f"/m/{name}") for name in names])


def test_the_history_keeps_the_last_twenty_edits_and_the_store_nothing_of_those_before(store: Store) -> None:
    for number in range(50):
        store.queue.save(queue_of(*"abc"[: number % 3 + 1]), QueueEdit.SET, now=7)
    assert len(store.queue.history()) == HISTORY_LENGTH
    assert store.database.one("SELECT count(*) FROM queue_snapshots") == (HISTORY_LENGTH + 1,)
    lengths = [entry.items for entry in store.queue.history()]
    for expected in lengths:
        undone = store.queue.undo(now=8)
        assert undone is not None
        assert len(undone.items) == expected
    assert store.queue.undo(now=8) is None


def test_the_history_of_a_queue_of_everything_is_shorter(store: Store) -> None:
    items = HISTORY_ITEMS // 2 + 1
    everything = Queue().set(QueueTrack(f"/m/{number}") for number in range(items))
    for _ in range(3):
        store.queue.save(everything, QueueEdit.SET, now=7)
    assert [entry.items for entry in store.queue.history()] == [items]


@pytest.mark.invariant("S1-H-10")
def test_an_index_beyond_the_queue_cannot_be_stored(store: Store) -> None:
    import peewee

    store.queue.save(queue_of("a", "b"), QueueEdit.SET, now=1)
    with pytest.raises(peewee.IntegrityError):
        store.database.run("UPDATE queue_snapshots SET current_index = length WHERE length = 2")
    with pytest.raises(ValueError, match="other items"):
        store.queue.save_place(queue_of("a", "b", "c").jump(2), now=2)
    assert store.queue.load() == queue_of("a", "b")


def test_templates_are_named_whatever_the_case_and_counted(store: Store) -> None:
    store.queue.save_template("Morning  Run", queue_of("a", "b").jump(1), now=5)
    with pytest.raises(RefusedError):
        store.queue.save_template("morning run", queue_of("c"), now=6)
    loaded = store.queue.load_template("MORNING RUN", now=9)
    assert loaded == store.queue.load() == queue_of("a", "b").jump(1)
    (template,) = store.queue.templates()
    assert (template.name, template.items, template.load_count, template.loaded_at) == ("Morning  Run", 2, 1, 9)
    assert store.queue.history()[0].edit is QueueEdit.TEMPLATE
    store.queue.delete_template("morning run")
    assert store.queue.templates() == ()
    for missing in (lambda: store.queue.load_template("x", now=1), lambda: store.queue.delete_template("x")):
        with pytest.raises(UsageError, match="no template"):
            missing()
    with pytest.raises(UsageError):
        store.queue.save_template("\n", queue_of("c"), now=6)
    assert store.database.one("SELECT count(*) FROM queue_snapshots") == (2,)
