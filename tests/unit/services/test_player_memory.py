"""The player's memory: what is there after it was closed, in which order, and that nobody waits for a busy library."""

from __future__ import annotations

import math
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import library_of
import pytest
from patience import PATIENCE_S, until

from auralis_cli.db.journal import Journal
from auralis_cli.db.row_recorder import journalled_tables
from auralis_cli.db.store import Store
from auralis_cli.errors import LibraryError, RefusedError
from auralis_cli.model.live_mastering import MasteringWish
from auralis_cli.model.playback import PlayableTrack, PlayerSettings
from auralis_cli.model.player_choices import NormalizeMode, RepeatMode
from auralis_cli.model.plays import Liking, LikingWish, PlayOutcome
from auralis_cli.model.queue import Queue, QueueEdit, QueueTrack
from auralis_cli.model.queue_history import QueueHistory
from auralis_cli.model.sound_profile import PROFILE_FREQUENCIES_HZ, Reference, SoundProfile
from auralis_cli.model.sound_wishes import MasteringMode
from auralis_cli.model.source import AudioSource
from auralis_cli.services.player_memory import LibraryMemory, Remembered, remembered
from auralis_cli.services.undo import undo

pytestmark = pytest.mark.usefixtures("patient_memory")

SETTINGS = PlayerSettings(
    volume=42.5,
    is_muted=True,
    is_enhanced=True,
    wish=MasteringWish("warm", 0.25),
    normalize=NormalizeMode.SMART,
    consume=True,
    stop_after_current=True,
    crossfade_s=3.5,
)


@pytest.fixture
def library(tmp_path: Path) -> Path:
    path = tmp_path / "library.db"
    with Store.open(path, program="test", now=1) as store:
        library_of.put(store, [library_of.record(f"/m/{letter}.flac") for letter in "abc"])
    return path


def queue_of(letters: str) -> Queue:
    return Queue().set([QueueTrack(f"/m/{letter}.flac", 0, "abc".find(letter) + 1 or None) for letter in letters])


@pytest.mark.invariant("S2-u6")
@pytest.mark.parametrize("error", [RefusedError("a rating", "is refused"), LookupError("nobody thought of it")])
def test_what_cannot_be_kept_for_a_defect_costs_nothing_that_comes_after_it(library: Path, error: Exception) -> None:
    """✗ the thread ends, and neither queue nor plays are kept any more."""
    said: list[str] = []

    def fail(_observations: object) -> None:
        raise error

    memory = LibraryMemory(library, complain=said.append)
    memory.look_up_choices(fail)
    memory.save_queue(queue_of("abc"), QueueEdit.SET)
    memory.close()
    assert [item.track.path for item in remembered(library, 5).queue.items] == ["/m/a.flac", "/m/b.flac", "/m/c.flac"]
    (complaint,) = said
    assert complaint.startswith("something could not be kept: ")
    assert "is refused" in complaint or "nobody thought of it" in complaint


@contextmanager
def in_somebodys_hands(library: Path) -> Iterator[None]:
    """Another program's transaction."""
    with closing(sqlite3.connect(library, isolation_level=None)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        try:
            yield
        finally:
            connection.execute("ROLLBACK")


def wait_until_kept(library: Path, queue: Queue) -> None:
    """A place is written, to be sure that the memory has come so far."""
    until(lambda: remembered(library, 1).queue == queue, "it was never written")


def test_what_a_player_leaves_behind_the_next_one_begins_with(library: Path) -> None:
    assert remembered(library, 1) == Remembered()
    memory = LibraryMemory(library, clock=lambda: 5.0)
    first, second = queue_of("ab"), queue_of("ab").add([QueueTrack("/else/x.mp3")])
    history = QueueHistory().edited(Queue(), QueueEdit.SET, 5).edited(first, QueueEdit.ADD, 5)
    memory.save_queue(first, QueueEdit.SET)
    memory.save_queue(second, QueueEdit.ADD)
    placed = replace(second.jump(1).repeating(RepeatMode.ALL), position_s=61.25)
    memory.save_place(second.jump(2), PlayerSettings(), playing=False)
    memory.save_place(placed, SETTINGS, playing=True)
    memory.close()
    assert remembered(library, 9) == Remembered(placed, history, SETTINGS, was_playing=True)


def test_what_it_is_to_sound_like_is_kept_and_gone_when_it_is_gone(library: Path) -> None:
    curve = (-20.0,) * len(PROFILE_FREQUENCIES_HZ)
    profile = SoundProfile(
        duration_s=60.0, sample_rate_hz=44_100, channels=2, mid_db=curve, side_db=(-math.inf,) * len(curve),
        leaning=curve, cutoff_hz=None, integrated_lufs=-14.25, true_peak_dbtp=-1.0, plr_db=13.25, crest_db=12.0,
        lra_lu=6.0, width_db=-math.inf, balance_db=0.0,
    )  # fmt: skip
    wished = MasteringWish("warm", 0.5, MasteringMode.HYBRID, Reference("/m/hit.flac", 1, profile), 1.5, -0.5)
    for wish in (wished, MasteringWish(tilt_db=-3.0), MasteringWish()):
        memory = LibraryMemory(library)
        memory.save_place(queue_of("a"), PlayerSettings(wish=wish), playing=False)
        memory.close()
        assert remembered(library, 9).settings.wish == wish


@pytest.mark.parametrize("word", ["", "[", "[9e9, NaN]", '["x", 1]', '["reference", {}]', "[1]", "null"])
def test_what_cannot_be_understood_of_it_is_left_out(library: Path, word: str) -> None:
    with Store.open(library, program="test", now=1) as store:
        store.player_settings.save(PlayerSettings(), playing=False, now=1)
        for key in ("player.lean", "player.reference"):
            store.settings.put(key, word)
    assert remembered(library, 9).settings.wish == MasteringWish()


def test_undo_and_redo_are_kept_as_the_player_did_them(library: Path) -> None:
    memory = LibraryMemory(library, clock=lambda: 5.0)
    history, queue = QueueHistory(), Queue()
    for letters in ("a", "ab", "abc"):
        history = history.edited(queue, QueueEdit.SET, 5)
        queue = queue.set(queue_of(letters).items[place].track for place in range(len(letters)))
        memory.save_queue(queue, QueueEdit.SET)
    for _ in range(2):
        undone = history.undo(queue)
        assert undone is not None
        history, queue = undone
        memory.save_undone(queue)
    redone = history.redo(queue)
    assert redone is not None
    memory.save_redone(redone[1])
    memory.close()
    kept = remembered(library, 9)
    assert (kept.queue, kept.history) == (redone[1], redone[0])


def test_a_play_is_counted_and_one_of_a_track_that_is_gone_is_not(library: Path) -> None:
    track = PlayableTrack(AudioSource(Path("/m/a.flac")), "a", track_id=1)
    memory = LibraryMemory(library)
    memory.record_play(track, 100, 33.0, PlayOutcome.FINISHED)
    memory.record_play(replace(track, track_id=99), 200, 33.0, PlayOutcome.FINISHED)
    memory.record_play(replace(track, track_id=None), 300, 33.0, PlayOutcome.FINISHED)
    memory.close()
    with Store.open(library, program="test", now=1) as store:
        (play,) = store.plays.history(limit=9)
        assert (play.track.id, play.started_at, play.played_s, play.track.play_count) == (1, 100, 33.0, 1)
        assert store.journal.entries() == []


def test_what_is_said_of_a_track_is_a_change_that_can_be_taken_back(library: Path) -> None:
    memory = LibraryMemory(library, clock=lambda: 5.0)
    assert memory.keeps
    memory.like(1, LikingWish(rates=True, rating=4.5))
    memory.like(1, LikingWish(toggles_favourite=True))
    memory.like(99, LikingWish(rates=True, rating=1.0))
    memory.close()
    with Store.open(library, program="test", now=1) as store:
        assert store.plays.liked() == {1: Liking(rating=4.5, favourite=True)}
        entries = store.journal.entries()
        assert [entry.summary for entry in entries] == ["a: favourite", "a: 4.5"]
        for entry in entries:
            undo(store, entry.id, 6)
        assert store.plays.liked() == {}


def test_what_is_toggled_is_toggled_once_though_it_is_tried_again(
    library: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """✗ a toggle that was written, but whose entry could not be closed, is made again and takes itself back."""
    failures = [LibraryError("library", "is locked")]

    def finish(journal: Journal, *arguments: Any) -> None:
        if failures:
            raise failures.pop()
        closed(journal, *arguments)

    closed = Journal.finish
    monkeypatch.setattr(Journal, "finish", finish)
    memory = LibraryMemory(library, clock=lambda: 5.0)
    memory.like(1, LikingWish(toggles_favourite=True))
    memory.close()
    assert not failures
    with Store.open(library, program="test", now=1) as store:
        assert store.plays.liked() == {1: Liking(favourite=True)}


def test_a_busy_library_holds_nobody_up_and_gets_everything_later_in_order(
    library: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    complaints: list[str] = []
    memory = LibraryMemory(library, complain=complaints.append)
    writes, all_said = threading.Event(), threading.Event()
    is_in_time: list[bool] = []
    opened = memory._opened

    def opened_once_all_is_said() -> Store:
        writes.set()
        is_in_time.append(all_said.wait(PATIENCE_S))
        return opened()

    monkeypatch.setattr(memory, "_opened", opened_once_all_is_said)
    queue = Queue()
    with in_somebodys_hands(library):
        for number in range(30):
            queue = queue.add([QueueTrack(f"/m/{number}")])
            memory.save_queue(queue, QueueEdit.ADD)
            memory.save_place(queue.jump(0), SETTINGS, playing=True)
            # The rest is said while the first is being written.
            assert writes.wait(PATIENCE_S)
        all_said.set()
        # Refused, and tried again.
        until(lambda: len(is_in_time) == 3)
        assert all(is_in_time)
    queue = queue.move(0, 5)
    memory.save_queue(queue, QueueEdit.MOVE)
    memory.close()
    kept = remembered(library, 1)
    assert kept.queue == queue
    assert kept.settings == SETTINGS
    assert len(kept.history.done) == 20
    assert [len(change.queue.items) for change in kept.history.done[-2:]] == [29, 30]
    assert len(complaints) == 1
    assert "library.db" in complaints[0]


def test_hundreds_of_edits_of_a_busy_library_become_few_and_none_is_lost(library: Path) -> None:
    memory = LibraryMemory(library)
    queue = Queue()
    with in_somebodys_hands(library):
        for number in range(300):
            queue = queue.add([QueueTrack(f"/m/{number}")])
            memory.save_queue(queue, QueueEdit.ADD)
        undone = QueueHistory().edited(queue.remove([0]), QueueEdit.ADD, 1).undo(queue)
        assert undone is not None
        memory.save_undone(undone[1])
    memory.close()
    assert remembered(library, 1).queue == undone[1]


@pytest.mark.invariant("S1-M-21")
def test_a_place_of_before_an_edit_is_never_written_behind_it(library: Path) -> None:
    """The fault: what is current in the longer queue is written as the place in the shorter one."""
    memory = LibraryMemory(library)
    memory.save_queue(queue_of("abc").jump(2), QueueEdit.SET)
    wait_until_kept(library, queue_of("abc").jump(2))
    with in_somebodys_hands(library):
        memory.save_place(queue_of("abc").jump(1), SETTINGS, playing=True)
        threading.Event().wait(0.3)
        shorter = queue_of("abc").jump(1).move(1, 0)
        memory.save_queue(shorter, QueueEdit.MOVE)
        # The place is refused meanwhile.
        threading.Event().wait(1.2)
    memory.close()
    kept = remembered(library, 1)
    assert (kept.queue, kept.settings) == (shorter, SETTINGS)


def test_a_library_that_is_made_while_playing_is_made_and_one_put_back_gets_the_queue_whole(tmp_path: Path) -> None:
    library = tmp_path / "new" / "library.db"
    assert remembered(library, 1) == Remembered()
    memory = LibraryMemory(library)
    queue = Queue().set([QueueTrack("/else/1"), QueueTrack("/else/2")])
    memory.save_queue(queue, QueueEdit.SET)
    wait_until_kept(library, queue)
    with Store.open(library, program="test", now=1) as store:
        store.queue.save(Queue(), QueueEdit.CLEAR, now=1)
    memory.save_place(queue.jump(1), SETTINGS, playing=False)
    memory.close()
    assert remembered(library, 1).queue == queue.jump(1)


def test_what_the_player_keeps_is_in_no_journal(library: Path) -> None:
    """The library's own undo must not take queues back: they have one of theirs."""
    with Store.open(library, program="test", now=1) as store:
        tables = journalled_tables(store.database)
    assert not [table for table in tables if table.startswith(("queue", "player"))]
    with Store.open(library, program="test", now=1) as store:
        entry = store.journal.begin("scan", "a scan that edits", 1)
        with store.journal.change(entry):
            store.queue.save(queue_of("ab"), QueueEdit.SET, now=1)
            store.queue_templates.save("T", queue_of("a"), now=1, tags=["x"])
            store.queue.undo(now=2)
            store.player_settings.save(SETTINGS, playing=True, now=1)
        store.journal.finish(entry, "done", 2)
        assert store.journal.entries() == []


def test_closing_waits_for_a_busy_library_a_while_and_not_for_ever(library: Path) -> None:
    memory = LibraryMemory(library)
    with in_somebodys_hands(library):
        memory.save_queue(queue_of("a"), QueueEdit.SET)
        closing_thread = threading.Thread(target=memory.close)
        closing_thread.start()
        threading.Event().wait(1.2)
        assert closing_thread.is_alive()
    closing_thread.join(PATIENCE_S)
    assert remembered(library, 1).queue == queue_of("a")
