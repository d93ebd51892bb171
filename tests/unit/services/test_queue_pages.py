"""Edits of a running player's queue mean items, wherever these stand by then."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import library_of
import pytest
from controlled_player import Controlled, controlled, short_home
from hypothesis import given
from hypothesis import strategies as st
from small_music import flac_file

from auralis_cli.db.store import Store
from auralis_cli.errors import RefusedError
from auralis_cli.model.queue import QueueTrack
from auralis_cli.player.control_protocol import SHOW_QUEUE
from auralis_cli.services.queue_pages import (
    behind,
    block_moves,
    described,
    described_by_tags,
    move_items,
    places_of,
    play_item,
    queue_page,
    remove_items,
    to_end,
    whole_queue,
)
from auralis_cli.services.remote_player import QueuedItem, RemotePlayer


@pytest.fixture
def served() -> Iterator[tuple[Controlled, RemotePlayer]]:
    with short_home() as environ, controlled(environ) as one, RemotePlayer(environ=environ) as remote:
        yield one, remote


def tracks(count: int) -> list[QueueTrack]:
    return [QueueTrack(f"/music/{'x' * 60}/{number:06}.flac") for number in range(count)]


def tickets(one: Controlled) -> list[int]:
    return [item.ticket for item in one.player.queue.items]


def test_a_page_says_where_it_is_and_how_long_the_queue_is(served: tuple[Controlled, RemotePlayer]) -> None:
    one, remote = served
    remote.set_queue(tracks(5_000), start=7, play=False)
    page = queue_page(remote, 4_990)
    assert (page.length, page.index, page.first) == (5_000, 7, 4_990)
    assert [item.ticket for item in page.items] == tickets(one)[4_990:]
    assert queue_page(remote, 9_000).items == ()


def test_items_are_found_where_they_stand_now(served: tuple[Controlled, RemotePlayer]) -> None:
    one, remote = served
    remote.set_queue(tracks(3_000), play=False)
    known = tickets(one)
    remote.do("remove", positions=[1, 2])
    wanted = {known[0]: 0, known[2]: 2, known[2_900]: 2_900, known[1_500]: None}
    assert places_of(remote, wanted) == {known[2]: 0, known[2_900]: 2_898, known[1_500]: 1_498}


def test_removing_means_the_items_though_a_track_was_consumed_meanwhile(
    served: tuple[Controlled, RemotePlayer],
) -> None:
    one, remote = served
    remote.set_queue(tracks(5), play=False)
    known = tickets(one)
    remote.do("remove", positions=[1])
    remove_items(remote, {known[2]: 2, known[0]: 0})
    assert tickets(one) == [known[1], known[3], known[4]]


def test_any_number_of_items_is_removed_in_a_row_as_one_edit(served: tuple[Controlled, RemotePlayer]) -> None:
    """✗ more positions than go into a line of the socket are sent in one."""
    one, remote = served
    remote.set_queue([QueueTrack(f"/m/{number}") for number in range(80_000)], play=False)
    known = tickets(one)
    one.player.told.clear()
    remove_items(remote, dict.fromkeys(known[10_000:], None))
    assert (tickets(one), len(one.player.told)) == (known[:10_000], 1)
    remote.set_queue([QueueTrack(f"/m/{number}") for number in range(80_000)], play=False)
    known = tickets(one)
    remove_items(remote, dict.fromkeys(known[::2], None))
    assert tickets(one) == known[1::2]


class Meanwhile:
    """A connection beside which the first track of the queue is consumed once the first page was told."""

    def __init__(self, one: Controlled, remote: RemotePlayer) -> None:
        self._one, self._remote = one, remote
        self._pages = 0

    def do(self, action: str, **arguments: object) -> Any:
        told = self._remote.do(action, **arguments)
        self._pages += action == SHOW_QUEUE
        if self._pages == 1:
            self._one.player.remove([0])
            self._pages += 1
        return told


@pytest.mark.invariant("S4-D1.3")
@pytest.mark.parametrize("is_known", [False, True])
def test_items_are_looked_for_in_one_queue_though_it_changes_page_by_page(
    served: tuple[Controlled, RemotePlayer], is_known: bool
) -> None:
    one, remote = served
    remote.set_queue(tracks(3_000), play=False)
    known = tickets(one)
    # The first of the second page is the last of the first one by then.
    places = [5, 2_900 if is_known else len(queue_page(remote).items)]
    remove_items(Meanwhile(one, remote), {known[place]: place if is_known else None for place in places})
    assert tickets(one) == [known[place] for place in range(1, 3_000) if place not in places]


def test_a_block_moves_as_one_and_stays_at_an_end(served: tuple[Controlled, RemotePlayer]) -> None:
    one, remote = served
    remote.set_queue(tracks(5), play=False)
    a, b, c, d, e = tickets(one)
    move_items(remote, {b: 1, c: 2}, 1)
    assert tickets(one) == [a, d, b, c, e]
    move_items(remote, {b: 2, c: 3}, -1)
    assert tickets(one) == [a, b, c, d, e]
    move_items(remote, {a: 0, b: 1}, -1)
    assert tickets(one) == [a, b, c, d, e]
    assert list(block_moves([3, 4], 1, 5)) == []


def test_what_is_gone_is_not_played_but_said(served: tuple[Controlled, RemotePlayer]) -> None:
    one, remote = served
    remote.set_queue(tracks(3), play=False)
    gone = tickets(one)[2]
    remote.do("remove", positions=[3])
    with pytest.raises(RefusedError, match="no longer"):
        play_item(remote, gone, 2)


def test_the_whole_queue_is_had_as_it_is(served: tuple[Controlled, RemotePlayer]) -> None:
    one, remote = served
    assert whole_queue(remote).items == ()
    remote.set_queue(tracks(3_000), start=7, play=False)
    assert [item.ticket for item in whole_queue(remote).items] == tickets(one)
    assert whole_queue(remote).index == 7


def test_files_that_no_library_has_are_told_by_their_tags(tmp_path: Path) -> None:
    file = flac_file(tmp_path / "a.flac", title="One", artist="Air", album="Moon")
    item = QueuedItem(1, QueueTrack(str(file)))
    assert described(tmp_path / "library.db", [item]) == [None]
    assert described_by_tags(item.track) == ("One", "Air", "Moon", None, False)
    assert described_by_tags(QueueTrack(str(tmp_path / "gone.flac"))).is_missing
    (tmp_path / "odd.flac").write_bytes(b"no music")
    assert described_by_tags(QueueTrack(str(tmp_path / "odd.flac"))) == (None, None, None, None, False)


def test_the_library_tells_what_it_has(tmp_path: Path) -> None:
    with Store.open(tmp_path / "library.db", program="test", now=1) as store:
        library_of.put(store, [library_of.record("/music/a.flac", title="One", duration_s=9.0)], root="/music")
    items = [QueuedItem(1, QueueTrack("/music/a.flac")), QueuedItem(2, QueueTrack("/music/b.flac"))]
    known, unknown = described(tmp_path / "library.db", items)
    assert known is not None
    assert (known.title, known.duration_s) == ("One", 9.0)
    assert unknown is None


@given(st.integers(1, 12), st.data())
def test_what_is_gathered_stands_together_in_its_order_and_nothing_else_changes_its_own(
    length: int, data: st.DataObject
) -> None:
    queue = list(range(length))
    chosen = sorted(data.draw(st.sets(st.integers(0, length - 1))))
    index = data.draw(st.integers(-1, length - 1))
    others = [item for item in queue if item not in chosen]
    assert moved(queue, to_end(chosen, length)) == others + chosen
    brought = [item for item in chosen if item != index]
    others = [item for item in queue if item not in brought]
    first = others.index(index) + 1 if index >= 0 else 0
    assert moved(queue, behind(chosen, index)) == others[:first] + brought + others[first:]


def moved(queue: Sequence[int], moves: Sequence[tuple[int, int]]) -> list[int]:
    found = list(queue)
    for origin, target in moves:
        found.insert(target, found.pop(origin))
    return found
