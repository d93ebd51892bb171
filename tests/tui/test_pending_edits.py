"""Edits of the queue that are shown before the player has answered."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from auralis_cli.tui.pending_edits import Moved, PendingEdits, Removed


def _shown(pending: PendingEdits, told: list[str]) -> list[str]:
    return [told[pending.told_place(place)] for place in range(pending.length(len(told)))]


def test_what_was_removed_is_not_shown() -> None:
    pending = PendingEdits().send([Removed((0, 2, 3))])
    assert _shown(pending, list("abcdef")) == ["b", "e", "f"]


def test_what_was_moved_is_shown_where_it_goes() -> None:
    assert _shown(PendingEdits().send([Moved(0, 2)]), list("abcd")) == list("bcad")
    assert _shown(PendingEdits().send([Moved(3, 1)]), list("abcd")) == list("adbc")


def test_a_refused_edit_leaves_the_others_shown() -> None:
    pending = PendingEdits().send([Removed((0,))]).send([Moved(0, 1)])
    assert _shown(pending, list("abc")) == ["c", "b"]
    refused = pending.settle(2, is_done=False)
    assert _shown(refused, list("abc")) == ["b", "c"]
    assert refused.settle(1, is_done=True) == PendingEdits((), 2)


def test_what_is_done_is_shown_until_all_is_answered_and_the_queue_is_told_anew() -> None:
    pending = PendingEdits().send([Removed((0,))]).send([Moved(0, 1)])
    assert _shown(pending.settle(1, is_done=True), list("abc")) == ["c", "b"]
    assert pending.settle(1, is_done=True).settle(2, is_done=True) == PendingEdits((), 2)
    assert pending.settle(1, is_done=True).settle(2, is_done=False) == PendingEdits((), 2)


@st.composite
def _edits(draw: st.DrawFn) -> tuple[int, list[Removed | Moved]]:
    length = told = draw(st.integers(1, 12))
    edits: list[Removed | Moved] = []
    for _ in range(draw(st.integers(0, 5))):
        if length < 2:
            break
        places = st.integers(0, length - 1)
        if draw(st.booleans()):
            gone = draw(st.sets(places, min_size=1, max_size=length - 1))
            edits.append(Removed(tuple(sorted(gone))))
            length -= len(gone)
        else:
            edits.append(Moved(draw(places), draw(places)))
    return told, edits


@given(_edits())
def test_what_is_shown_is_what_lists_do_and_places_go_both_ways(given_: tuple[int, list[Removed | Moved]]) -> None:
    told, edits = given_
    expected = list(range(told))
    for edit in edits:
        if isinstance(edit, Removed):
            expected = [one for place, one in enumerate(expected) if place not in edit.places]
        else:
            expected.insert(edit.target, expected.pop(edit.origin))
    pending = PendingEdits().send(edits)
    assert [pending.told_place(place) for place in range(pending.length(told))] == expected
    for place in range(told):
        assert pending.shown_place(place) == (expected.index(place) if place in expected else None)
