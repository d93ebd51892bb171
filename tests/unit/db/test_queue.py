"""The queue between runs: whatever was done to it, what is loaded is what was saved."""

from __future__ import annotations

import os
import random
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from auralis_cli.db.queue import QueueRepository
from auralis_cli.db.store import Store
from auralis_cli.errors import RefusedError, UsageError
from auralis_cli.model.player_choices import RepeatMode
from auralis_cli.model.queue import Queue, QueueEdit, QueueTrack
from auralis_cli.model.queue_history import HISTORY_LENGTH, QueueHistory

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
        self.before: list[tuple[list[list[QueueTrack]], list[QueueTrack] | None]] = []
        self.after: list[tuple[list[list[QueueTrack]], list[QueueTrack] | None]] = []
        self.history = QueueHistory()
        self.now = 1

    def teardown(self) -> None:
        if hasattr(self, "store"):
            self.store.close()

    def edited(self, queue: Queue, edit: QueueEdit, plain: list[list[QueueTrack]]) -> None:
        self.now += 1
        if edit is not QueueEdit.PLAYED:
            self.before.append((self.plain, self.playing))
            self.after = []
        self.history = self.history.edited(self.queue, edit, self.now)
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

    @precondition(lambda self: self.plain)
    @rule()
    def play_it_out(self) -> None:
        played = self.mark()
        left = [item for place, item in enumerate(self.plain) if place != played]
        self.edited(self.queue.remove([played]), QueueEdit.PLAYED, left)
        self.playing = left[min(played, len(left) - 1)] if left else None

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
        self.stepped(self.repository.undo(now=self.now), self.history.undo(self.queue), self.before, self.after)

    @rule()
    def redo(self) -> None:
        self.stepped(self.repository.redo(now=self.now), self.history.redo(self.queue), self.after, self.before)

    @rule()
    def undo_and_redo_where_the_player_did(self) -> None:
        back = self.history.undo(self.queue)
        if back is None:
            return
        self.repository.undo_to(back[1], now=self.now)
        assert self.repository.load() == back[1]
        again = back[0].redo(back[1])
        assert again is not None
        self.repository.redo_to(again[1], now=self.now)
        self.history, self.queue = again
        self.playing = self.plain[self.queue.index] if self.plain else None

    def stepped(
        self,
        stored: Queue | None,
        moved: tuple[QueueHistory, Queue] | None,
        origin: list[tuple[list[list[QueueTrack]], list[QueueTrack] | None]],
        target: list[tuple[list[list[QueueTrack]], list[QueueTrack] | None]],
    ) -> None:
        if not origin:
            assert stored is None
            assert moved is None
            return
        target.append((self.plain, self.playing))
        self.plain, playing = origin.pop()
        # What plays goes on where it is still there.
        self.playing = next((item for item in self.plain if item is self.playing), playing)
        assert stored is not None
        assert moved is not None
        self.history, self.queue = moved
        assert stored == self.queue

    @rule(name=st.sampled_from(["One", "one", "ÖNE"]))
    def keep_and_load(self, name: str) -> None:
        self.store.queue_templates.save(name, self.queue, now=self.now, replace=True)
        kept = self.store.queue_templates.queue(name)
        assert kept == self.queue
        index, plain = self.mark(), [list(item) for item in self.plain]
        self.edited(self.queue.load(kept), QueueEdit.TEMPLATE, plain)
        assert not {item.ticket for item in kept.items} & {item.ticket for item in self.queue.items}
        self.playing = plain[index] if plain else None

    @invariant()
    def what_is_kept_is_what_there_is(self) -> None:
        if not hasattr(self, "store"):
            return
        self.before = self.before[-HISTORY_LENGTH:]
        assert self.repository.load_history() == self.history
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
        EditedQueue, settings=settings(max_examples=50, stateful_step_count=40, deadline=None, derandomize=True)
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


def test_the_history_of_a_queue_of_everything_is_shorter(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("auralis_cli.db.queue.HISTORY_ITEMS", 200)
    items = 101
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


def test_templates_are_named_whatever_the_case_tagged_and_counted(store: Store) -> None:
    templates = store.queue_templates
    templates.save("Morning  Run", queue_of("a", "b").jump(1), now=5, tags=["Sport", "sport", "early"])
    templates.save("Dinner", queue_of("c"), now=5)
    with pytest.raises(RefusedError):
        templates.save("morning run", queue_of("c"), now=6)
    assert templates.queue("MORNING RUN") == queue_of("a", "b").jump(1)
    templates.loaded("morning run", now=9)
    (template,) = templates.all("SPORT")
    assert (template.name, template.items, template.load_count, template.loaded_at) == ("Morning  Run", 2, 1, 9)
    assert template.tags == ("Sport", "early")
    assert [one.name for one in templates.all()] == ["Dinner", "Morning  Run"]
    templates.delete("morning run")
    templates.delete("dinner")
    assert templates.all() == ()
    for missing in (lambda: templates.queue("x"), lambda: templates.loaded("x", now=1), lambda: templates.delete("x")):
        with pytest.raises(UsageError, match="no template"):
            missing()
    with pytest.raises(UsageError):
        templates.save("\n", queue_of("c"), now=6)
    assert store.database.one("SELECT count(*) FROM queue_snapshots") == (0,)
    assert store.database.one("SELECT count(*) FROM queue_template_tags") == (0,)


def test_an_edit_after_an_undo_forgets_what_could_have_been_made_again(store: Store) -> None:
    for names in ("a", "ab", "abc"):
        store.queue.save(queue_of(*names), QueueEdit.SET, now=1)
    store.queue.undo(now=2)
    assert [entry.items for entry in store.queue.undone()] == [3]
    store.queue.save(queue_of("x"), QueueEdit.SET, now=3)
    assert store.queue.redo(now=4) is None
    assert store.database.one("SELECT count(*) FROM queue_snapshots") == (4,)


def test_an_undo_that_led_elsewhere_than_the_stored_one_is_stored_as_it_was(store: Store) -> None:
    store.queue.save(queue_of("a"), QueueEdit.SET, now=1)
    elsewhere = queue_of("x", "y").jump(1)
    store.queue.undo_to(elsewhere, now=2)
    assert store.queue.load() == elsewhere
    store.queue.keep_place(queue_of("p", "q", "r").jump(2), now=3)
    assert store.queue.load() == queue_of("p", "q", "r").jump(2)


def test_an_item_is_the_track_that_has_its_path_whatever_its_id_became(store: Store) -> None:
    store.database.run("INSERT INTO roots (id, path, added_at) VALUES (1, x'2f6d', 1)")
    for number, path in enumerate(("/m/a", "/m/b"), 1):
        store.database.run(
            "INSERT INTO files (id, root_id, path, size_bytes, mtime_ns, device, inode, read_at) "
            "VALUES (?, 1, ?, 1, 1, 1, ?, 1)",
            (number, os.fsencode(path), number),
        )
        store.database.run(
            "INSERT INTO tracks (id, file_id, content_key, title, added_at) VALUES (?, ?, ?, 'T', 1)",
            (number, number, f"k{number}"),
        )
    # Known by its path, though queued by that alone; by its path, though the id is another's now; by its id, as the
    # stored queue followed it to where it is.
    queue = Queue().set([QueueTrack("/m/a"), QueueTrack("/m/a", 0, 2), QueueTrack("/m/b", 0, 2), QueueTrack("/m/z")])
    store.queue.save(queue, QueueEdit.SET, now=1)
    assert [item.track.track_id for item in store.queue.load().items] == [1, 1, 2, None]
    store.database.run("UPDATE files SET path = ? WHERE id = 2", (os.fsencode("/m/new"),))
    store.queue.save(queue, QueueEdit.SET, now=2)
    assert [item.track.path for item in store.queue.load().items] == ["/m/a", "/m/a", "/m/new", "/m/z"]
