"""Edits of a running player's queue mean items, wherever these stand by then."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from controlled_player import Controlled, controlled, short_home

from auralis_cli.errors import RefusedError
from auralis_cli.model.queue import QueueTrack
from auralis_cli.services.queue_pages import (
    block_moves,
    described,
    move_items,
    places_of,
    play_item,
    queue_page,
    remove_items,
    whole_queue,
)
from auralis_cli.services.remote_player import RemotePlayer


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


def test_without_a_library_items_are_their_files(tmp_path: Path, served: tuple[Controlled, RemotePlayer]) -> None:
    _, remote = served
    remote.set_queue(tracks(2), play=False)
    entries = described(tmp_path / "library.db", queue_page(remote).items)
    assert [(one.position, one.path, one.title) for one in entries] == [
        (number + 1, track.path, None) for number, track in enumerate(tracks(2))
    ]
