from __future__ import annotations

from pathlib import Path

import pytest
from listens import library_with

from auralis_cli.db.store import Store
from auralis_cli.model import listens
from auralis_cli.model.listens import ListenCounts


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store.open(library_with(tmp_path / "library.db"), program="test", now=1)


def test_the_same_play_is_queued_once(store: Store) -> None:
    told = {"artist_name": "Ann", "track_name": "One"}
    assert store.listens.add(5, 1, told)
    assert not store.listens.add(5, 1, dict(reversed(told.items())))
    assert store.listens.add(6, 1, told)
    assert [(one.listened_at, one.metadata) for one in store.listens.waiting(9)] == [(5, told), (6, told)]


def test_of_too_many_the_oldest_go(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("auralis_cli.db.listens.MOST_QUEUED", 3)
    for moment in (7, 3, 9, 5, 8):
        store.listens.add(moment, None, {"track_name": "x"})
    assert [one.listened_at for one in store.listens.waiting(9)] == [7, 8, 9]
    assert listens.MOST_QUEUED == 20_000


def test_a_refused_one_is_not_told_by_itself_and_a_line_that_is_down_is_no_refusal(store: Store) -> None:
    for moment in (1, 2, 3):
        store.listens.add(moment, None, {"track_name": "x"})
    first, second, third = store.listens.waiting(9)
    store.listens.failed([first.id], "no line", refused=False)
    store.listens.failed([second.id], "x" * 5000, refused=True)
    assert [one.id for one in store.listens.waiting(9)] == [first.id, third.id]
    assert [one.id for one in store.listens.waiting(9, refused_too=True, behind=first)] == [second.id, third.id]
    assert store.listens.counts() == ListenCounts(2, 1, 1, "no line")
    assert store.listens.clear(refused_only=True) == 1
    assert store.listens.remove([first.id]) == 1
    assert store.listens.clear() == 1
    assert store.listens.counts() == ListenCounts(0, 0, None, None)


def test_a_track_that_goes_leaves_its_listens(store: Store) -> None:
    store.listens.add(1, 2, {"track_name": "x"})
    store.tracks.remove([2])
    assert len(store.listens.waiting(9)) == 1
