"""Undo and redo of a queue beside it: what is bounded, what is forgotten, what goes on playing."""

from __future__ import annotations

from dataclasses import replace

import pytest

from auralis_cli.model.player_choices import RepeatMode
from auralis_cli.model.queue import Queue, QueueEdit, QueueTrack
from auralis_cli.model.queue_history import HISTORY_LENGTH, QueueHistory


def queue_of(count: int) -> Queue:
    return Queue().set([QueueTrack(f"/m/{number}") for number in range(count)])


def test_what_is_undone_is_made_again_and_what_plays_goes_on_in_both() -> None:
    before = queue_of(3)
    after = replace(before.add([QueueTrack("/m/x")]).jump(2), position_s=7.5, repeat=RepeatMode.ALL)
    history = QueueHistory().edited(before, QueueEdit.ADD, 5)
    undone = history.undo(after)
    assert undone is not None
    assert (len(undone[1].items), undone[1].index, undone[1].position_s) == (3, 2, 7.5)
    assert undone[1].repeat is RepeatMode.ALL
    again = undone[0].redo(undone[1])
    assert again == (replace(history, done=(replace(history.done[0], queue=undone[1]),)), after)


def test_where_what_plays_goes_with_an_undo_the_queue_is_where_it_was_before_the_edit() -> None:
    before = replace(queue_of(3).jump(1), position_s=3.0)
    history = QueueHistory().edited(before, QueueEdit.ADD, 5)
    undone = history.undo(replace(before.add([QueueTrack("/m/x")]).jump(3), position_s=60.0))
    assert undone is not None
    assert undone[1] == before


def test_without_edits_nothing_is_undone_and_an_edit_forgets_what_was() -> None:
    queue = queue_of(2)
    assert QueueHistory().undo(queue) is QueueHistory().redo(queue) is None
    undone = QueueHistory().edited(queue, QueueEdit.CLEAR, 1).undo(queue.clear())
    assert undone is not None
    assert undone[0].edited(undone[1], QueueEdit.ADD, 2).redo(undone[1]) is None


def test_what_was_played_and_taken_out_is_no_edit() -> None:
    history = QueueHistory().edited(queue_of(1), QueueEdit.ADD, 1)
    assert history.edited(queue_of(2), QueueEdit.PLAYED, 2) is history


def test_twenty_edits_are_kept_and_fewer_of_a_queue_of_everything(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("auralis_cli.model.queue_history.HISTORY_ITEMS", 200)
    history = QueueHistory()
    for count in range(50):
        history = history.edited(queue_of(count % 3), QueueEdit.SET, count)
    assert [change.edited_at for change in history.done] == list(range(50 - HISTORY_LENGTH, 50))
    everything = queue_of(101)
    for count in range(3):
        history = history.edited(everything, QueueEdit.SET, count)
    assert len(history.done) == 1
