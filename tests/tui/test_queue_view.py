"""The queue as the terminal player shows and edits it: what is asserted is the player's queue, then the screen."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import library_of
import pytest
from small_music import flac_file
from textual import events
from textual.widgets import Static
from tui.fake_player import FakePlayers, FakePort, app_over, context
from tui.watching import cells, notice, said, until

from auralis_cli.db.store import Store
from auralis_cli.errors import CancelledError, RefusedError
from auralis_cli.model.queue import QueueTrack
from auralis_cli.services.playlist_shelf import PlaylistShelf
from auralis_cli.services.queue_pages import ItemText, remove_items
from auralis_cli.services.remote_player import QueuedItem
from auralis_cli.tui.app import AuralisApp
from auralis_cli.tui.queue_rows import QueueRows
from auralis_cli.tui.views.queue import QueueView
from auralis_cli.tui.widgets.long_list import LongList


def names(players: FakePlayers) -> str:
    """The queue by the letters its files are called."""
    return "".join(Path(item.track.path).stem for item in players.player.queue.items)


def shown(app: AuralisApp) -> str:
    """The same as the list has it."""
    rows = app.query_one("#queue-list", LongList)
    found = [rows._pages.row(place) for place in range(rows.count)]
    return "".join("?" if row is None else Path(row.cells[1]).stem for row in found)


def used(
    home: Path,
    players: FakePlayers,
    use: Callable[[AuralisApp, Any], Awaitable[None]],
    size: tuple[int, int] = (80, 24),
) -> None:
    """Runs the queue view over a fake player."""

    async def run() -> None:
        app = app_over(players, home, "queue")
        async with app.run_test(size=(80, 24)) as pilot:
            await until(lambda: shown(app) == names(players))
            await use(app, pilot)

    asyncio.run(run())


def letters(text: str) -> FakePlayers:
    return FakePlayers([f"/music/{letter}.flac" for letter in text])


def test_enter_plays_the_row_under_the_cursor(tmp_path: Path) -> None:
    players = letters("abcd")

    async def use(app: AuralisApp, pilot: Any) -> None:
        await pilot.press("j", "j", "enter")
        await until(lambda: players.player.queue.index == 2)

    used(tmp_path, players, use)
    assert players.player.queue.index == 2


def test_rows_are_removed_moved_and_brought_back(tmp_path: Path) -> None:
    players = letters("abcde")

    async def use(app: AuralisApp, pilot: Any) -> None:
        said(app, "down", "remove")
        await until(lambda: names(players) == shown(app) == "acde")
        said(app, "move-down")
        await until(lambda: names(players) == shown(app) == "adce")
        said(app, "move-up", "move-up")
        await until(lambda: names(players) == shown(app) == "cade")
        said(app, "undo", "undo", "undo", "undo")
        await until(lambda: names(players) == shown(app) == "abcde")
        said(app, "redo")
        await until(lambda: names(players) == shown(app) == "acde")

    used(tmp_path, players, use)


def test_marked_rows_go_together(tmp_path: Path) -> None:
    players = letters("abcde")

    async def use(app: AuralisApp, pilot: Any) -> None:
        said(app, "mark", "down", "mark", "remove")
        await until(lambda: names(players) == shown(app) == "bde")

    used(tmp_path, players, use)


@pytest.mark.invariant("S4-D5.3")
def test_an_edit_is_shown_before_the_player_answers_and_taken_back_when_it_refuses(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Kills: a refusal leaves the edit on the screen."""
    players = letters("abc")
    is_to_answer = threading.Event()
    ask = FakePort.do

    def refusing(port: FakePort, action: str, **arguments: object) -> Any:
        if action != "remove":
            return ask(port, action, **arguments)
        is_to_answer.wait(30.0)
        raise RefusedError("queue", "is not to be changed")

    monkeypatch.setattr(FakePort, "do", refusing)

    async def use(app: AuralisApp, pilot: Any) -> None:
        said(app, "remove")
        await until(lambda: shown(app) == "bc")
        assert names(players) == "abc"
        is_to_answer.set()
        await until(lambda: shown(app) == "abc")
        await until(lambda: "not to be changed" in notice(app))

    used(tmp_path, players, use)


def test_a_track_that_was_consumed_meanwhile_is_not_mistaken_for_another(tmp_path: Path) -> None:
    players = letters("abcd")

    async def use(app: AuralisApp, pilot: Any) -> None:
        view = app.query_one(QueueView)
        said(app, "down", "down")
        # The screen does not know of it yet.
        view.show = lambda state: None  # type: ignore[method-assign]
        players.player.remove([0])
        said(app, "remove")
        await until(lambda: names(players) == "bd")

    used(tmp_path, players, use)


def test_what_another_program_does_to_the_queue_is_shown_and_the_cursor_stays_on_its_row(tmp_path: Path) -> None:
    players = letters("abcd")

    async def use(app: AuralisApp, pilot: Any) -> None:
        said(app, "down", "down")
        players.player.remove([0])
        await until(lambda: shown(app) == "bcd")
        rows = app.query_one("#queue-list", LongList)
        assert rows.row is not None
        assert rows.row.cells[1] == "c.flac"

    used(tmp_path, players, use)


@pytest.mark.invariant("S4-D5.3")
def test_twenty_removals_at_once_remove_twenty(tmp_path: Path) -> None:
    """Kills: an edit means the rows as they were before the last one."""
    players = FakePlayers([f"/music/{number}.flac" for number in range(30)])

    async def use(app: AuralisApp, pilot: Any) -> None:
        for _ in range(20):
            app.run_line("remove")
        await until(lambda: len(players.player.queue.items) == 10)
        await until(lambda: shown(app) == names(players))

    used(tmp_path, players, use)


@pytest.mark.invariant("S4-D5.5")
def test_thirty_keys_while_the_player_is_slow_end_on_the_thirtieth_track(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Kills: skips that wait are taken for one."""
    players = FakePlayers([f"/music/{number}.flac" for number in range(40)])
    is_to_answer = threading.Event()
    ask = FakePort.do

    def slow(port: FakePort, action: str, **arguments: object) -> Any:
        if action == "next":
            is_to_answer.wait(30.0)
        return ask(port, action, **arguments)

    monkeypatch.setattr(FakePort, "do", slow)

    async def use(app: AuralisApp, pilot: Any) -> None:
        for _ in range(30):
            app.post_message(events.Key("greater_than_sign", ">"))
        await until(lambda: app.link.waiting > 0)
        await pilot.pause()
        is_to_answer.set()
        await until(lambda: app.link.waiting == 0 and app.state.status is not None)
        await until(lambda: app.state.status is not None and app.state.status.queue_index == 30)
        for _ in range(5):
            app.post_message(events.Key("j", "j"))
        app.post_message(events.Key("enter", "\r"))
        await until(lambda: players.player.queue.index == 5)

    used(tmp_path, players, use)


def test_a_long_queue_is_asked_for_by_pages(tmp_path: Path) -> None:
    players = FakePlayers([f"/music/{number:05}.flac" for number in range(20_000)])

    async def run() -> None:
        app = app_over(players, tmp_path, "queue")
        async with app.run_test(size=(80, 24)):
            rows = app.query_one("#queue-list", LongList)
            await until(lambda: rows.count == 20_000)
            said(app, "bottom")
            await until(lambda: rows.row is not None and rows.row.cells[1] == "19999.flac")

    asyncio.run(run())
    assert sum(action == "queue" for action, _ in players.asked) < 8


@pytest.mark.invariant("S0-L06")
def test_names_that_would_command_a_terminal_are_shown_and_not_obeyed(tmp_path: Path) -> None:
    players = FakePlayers(["/music/[red]\x1b]0;x\x07\n.flac", "/music/caf\udce9.mp3"])

    async def run() -> None:
        app = app_over(players, tmp_path, "queue")
        async with app.run_test(size=(60, 15)):
            rows = app.query_one("#queue-list", LongList)
            await until(lambda: rows.count == 2 and rows.size.width > 0 and rows.row is not None)
            text = "\n".join(rows.render_line(y).text for y in range(3))
        assert "\x1b" not in text
        assert "[red]\\x1b" in text
        assert "caf\\xe9" in text

    asyncio.run(run())


def test_a_queue_is_kept_under_a_name_and_comes_back(tmp_path: Path) -> None:
    players = letters("abc")

    async def use(app: AuralisApp, pilot: Any) -> None:
        said(app, "save-queue Party")
        await until(lambda: notice(app) == "Party: 3 tracks kept")
        said(app, "clear")
        await until(lambda: names(players) == "")
        said(app, "load-queue Party")
        await until(lambda: names(players) == shown(app) == "abc")
        said(app, "load-queue Wake")
        await until(lambda: "no template" in notice(app))

    used(tmp_path, players, use)


def test_queued_tracks_go_into_a_playlist(tmp_path: Path) -> None:
    players = letters("abc")

    async def use(app: AuralisApp, pilot: Any) -> None:
        said(app, "mark", "mark", "add-to-playlist Mix")
        await until(lambda: notice(app) == "2 tracks put into Mix")

    used(tmp_path, players, use)
    shelf = PlaylistShelf(context(tmp_path).library_path, lambda: 1.0)
    assert [Path(one.path).stem for one in shelf.entries("Mix")] == ["a", "b"]


@pytest.mark.invariant("S1-M-17")
def test_what_is_kept_of_a_long_queue_is_bounded(tmp_path: Path) -> None:
    players = FakePlayers([f"/music/{'x' * 100}/{number:05}.flac" for number in range(20_000)])
    rows = QueueRows(players.connect, tmp_path / "library.db")
    for first in range(0, 20_000, 128):
        assert len(rows.rows(first, 128)) == min(128, 20_000 - first)
    assert len(rows._pages) <= 12
    assert len(rows._texts) <= 4_096
    assert len(rows._untold) <= 4_096
    assert len(rows._places) <= 12 * 1_000


def test_files_that_no_library_has_are_shown_by_their_tags(tmp_path: Path) -> None:
    files = [flac_file(tmp_path / f"{name}.flac", title=f"Song {name}", artist="Air") for name in "ab"]
    players = FakePlayers(map(str, files))

    async def run() -> None:
        app = app_over(players, tmp_path, "queue")
        async with app.run_test(size=(80, 24)):
            await until(lambda: cells(app, "#queue-list", 1) == ["Song a", "Song b"])
            assert cells(app, "#queue-list", 2) == ["Air", "Air"]
            said(app, "add-to-playlist Mix")
            await until(lambda: notice(app) == "1 track put into Mix")

    asyncio.run(run())
    shelf = PlaylistShelf(context(tmp_path).library_path, lambda: 1.0)
    assert [(one.title, one.artist) for one in shelf.entries("Mix")] == [("Song a", "Air")]


def test_the_cursor_begins_at_what_plays(tmp_path: Path) -> None:
    players = FakePlayers([f"/music/{number}.flac" for number in range(300)])
    players.player.jump(250)

    async def run() -> None:
        app = app_over(players, tmp_path, "queue")
        async with app.run_test(size=(80, 24)):
            rows = app.query_one("#queue-list", LongList)
            await until(lambda: rows.cursor == 250 and rows.row is not None)
            said(app, "top")
            players.player.remove([0])
            await until(lambda: rows.count == 299 and rows.cursor == 0)

    asyncio.run(run())


def test_only_rows_with_the_typed_words_are_shown_and_edits_mean_those(tmp_path: Path) -> None:
    players = FakePlayers(
        [f"/music/{'needle' if number % 700 == 5 else 'hay'} {number}.flac" for number in range(2_000)]
    )

    async def run() -> None:
        app = app_over(players, tmp_path, "queue")
        async with app.run_test(size=(80, 24)) as pilot:
            rows = app.query_one("#queue-list", LongList)
            await until(lambda: rows.count == 2_000)
            await pilot.press("slash", *"NEE", "enter")
            await until(lambda: cells(app, "#queue-list") == ["6", "706", "1406"])
            said(app, "next-match", "remove")
            await until(lambda: cells(app, "#queue-list") == ["6", "1405"])
            said(app, "move-down")
            await until(lambda: "esc shows them" in notice(app))
            said(app, "previous-match", "back")
            await until(lambda: rows.count == 1_999 and rows.cursor == 5)
            said(app, "next-match")
            await until(lambda: rows.cursor == 1_404)
            said(app, "next-match")
            await until(lambda: notice(app) == "nothing further on has NEE")

    asyncio.run(run())
    assert "needle 705.flac" not in {Path(item.track.path).name for item in players.player.queue.items}


def test_rows_are_brought_behind_what_plays_and_to_the_end(tmp_path: Path) -> None:
    players = letters("abcdef")
    players.player.jump(2)

    async def use(app: AuralisApp, pilot: Any) -> None:
        rows = app.query_one("#queue-list", LongList)
        await until(lambda: rows.cursor == 2)
        said(app, "bottom", "play-next")
        await until(lambda: names(players) == shown(app) == "abcfde")
        said(app, "top", "mark", "mark", "enqueue")
        await until(lambda: names(players) == shown(app) == "cfdeab")
        said(app, "mark-all", "play-next")
        await until(lambda: names(players) == shown(app) == "cfdeab")
        said(app, "undo", "undo", "undo")
        await until(lambda: names(players) == shown(app) == "abcdef")

    used(tmp_path, players, use)


def test_a_row_that_is_moved_goes_over_the_screen_and_the_others_stay(tmp_path: Path) -> None:
    """Kills: each move scrolls the list, until the rows before are out of sight.

    And: the cursor goes to what plays some moments after the rows have come, off a row that was moved since.
    """
    players = FakePlayers([f"/music/{number}.flac" for number in range(60)])

    async def run() -> None:
        app = app_over(players, tmp_path, "queue")
        async with app.run_test(size=(80, 10)) as pilot:
            rows = app.query_one("#queue-list", LongList)
            await until(lambda: rows.count == 60)
            for place in range(1, 8):
                said(app, "move-down")
                await until(lambda place=place: rows.cursor == place)  # type: ignore[misc]
                await until(lambda: not app.query_one(QueueView)._rows.pending.sent)
                await pilot.pause()
                top, height = round(rows.scroll_y), rows.scrollable_content_region.height - 1
                assert top == max(0, place - height + 1)

    asyncio.run(run())


@pytest.mark.invariant("S4-D5.3")
def test_rows_moved_one_after_the_other_over_a_slow_player_stay_where_they_are_on_the_screen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Kills: an edit is shown over a queue that was told before the last one was done, and jumps back and forth."""
    players = FakePlayers([f"/music/{number}.flac" for number in range(60)])
    ask, waits = FakePort.do, threading.Event()

    def slow(port: FakePort, action: str, **arguments: object) -> Any:
        waits.wait(0.05)
        return ask(port, action, **arguments)

    async def run() -> None:
        app = app_over(players, tmp_path, "queue")
        async with app.run_test(size=(80, 10)):
            rows = app.query_one("#queue-list", LongList)
            await until(lambda: rows.count == 60)
            monkeypatch.setattr(FakePort, "do", slow)
            seen = [0]

            def stands_at(place: int) -> bool:
                seen.extend([rows.cursor] if rows.cursor != seen[-1] else [])
                return rows.cursor == place

            for place in range(1, 8):
                said(app, "move-down")
                await until(partial(stands_at, place))
            await until(lambda: names(players).startswith("12345670"))
            await rows.answered()
            assert stands_at(7)
            assert seen == list(range(8))
            assert round(rows.scroll_y) == 7 - rows.scrollable_content_region.height + 2

    asyncio.run(run())


def test_how_long_it_lasts_is_said_and_the_selected_row_is_rated(tmp_path: Path) -> None:
    library = tmp_path / "data" / "library.db"
    library.parent.mkdir()
    paths = [f"/m/{letter}.flac" for letter in "abc"]
    with Store.open(library, program="test", now=library_of.NOW) as store:
        library_of.put(store, [library_of.record(path, duration_s=200.0) for path in paths])
    players = FakePlayers(paths)

    async def run() -> None:
        app = app_over(players, tmp_path, "queue")
        async with app.run_test(size=(80, 24)):
            heading = app.query_one("#queue-heading", Static)
            await until(lambda: str(heading.render()) == "3 tracks, at 1 · 10:00 · 10:00 left")
            said(app, "down", "rate 4")
            await until(lambda: notice(app) == "b: rated 4")
            said(app, "favourite")
            await until(lambda: notice(app) == "b: rated 4, a favourite")
            said(app, "rate 9")
            await until(lambda: "9" in notice(app))
            players.player.remove([1])
            await until(lambda: str(heading.render()) == "2 tracks, at 1 · 6:40 · 6:40 left")

    asyncio.run(run())


@pytest.mark.invariant("S4-D5.4")
def test_the_queue_of_the_next_player_is_shown_whatever_its_numbers_are(tmp_path: Path) -> None:
    """Kills: what was told by the player before is taken for what this one has."""
    players = letters("abc")

    async def use(app: AuralisApp, pilot: Any) -> None:
        players.is_running = False
        await until(lambda: not app.state.is_connected)
        # The second finds no connection, and nobody answers it.
        said(app, "remove", "remove")
        await until(lambda: shown(app) == "c")
        await until(lambda: app.link.waiting == 0)
        renewed = letters("xyz")
        players.player, players.actions = renewed.player, renewed.actions
        players.is_running = True
        await until(lambda: app.state.is_connected)
        await until(lambda: shown(app) == "xyz")

    used(tmp_path, players, use)


@pytest.mark.invariant("S4-D5.4")
def test_what_was_meant_for_a_player_is_not_done_by_the_next(tmp_path: Path) -> None:
    """Kills: marks, and keys, that mean the items of the next one that have the same tickets."""
    players = letters("abcd")

    async def use(app: AuralisApp, pilot: Any) -> None:
        rows = app.query_one("#queue-list", LongList)
        said(app, "mark", "mark")
        await until(lambda: len(rows.marked) == 2)
        run, kept = app.state.run, rows.choice()
        players.is_running = False
        await until(lambda: not app.state.is_connected)
        players.begin_anew([f"/music/{letter}.flac" for letter in "wxyz"])
        await until(lambda: shown(app) == "wxyz")
        assert not rows.marked
        with pytest.raises(CancelledError):
            await app.query_one(QueueView)._places(kept)
        app.link.ask(app.link.meant_for(run, lambda port: remove_items(port, {1: 0})))
        await until(lambda: "another one has come" in notice(app))
        said(app, "remove")
        await until(lambda: names(players) == "xyz")

    used(tmp_path, players, use)


@pytest.mark.invariant("S4-D5.5")
@pytest.mark.parametrize(
    ("lines", "left"),
    [
        (("remove", "down"), "bcde"),
        (("remove", "down", "remove"), "bde"),
        (("remove", "remove"), "cde"),
        (("mark-all", "remove"), ""),
        (("mark-all", "remove", "undo"), "abcde"),
        (("mark", "mark", "remove", "bottom", "move-up"), "ced"),
        (("mark-range", "down", "mark-range", "remove"), "de"),
    ],
)
def test_keys_in_a_row_mean_what_those_before_leave(tmp_path: Path, lines: tuple[str, ...], left: str) -> None:
    """Kills: the row that the cursor has gone to meanwhile is removed in the place of the one it was on."""
    players = letters("abcde")

    async def use(app: AuralisApp, pilot: Any) -> None:
        rows = app.query_one("#queue-list", LongList)
        said(app, *lines)
        await until(lambda: not (rows._held or rows._holds or rows._is_marking))
        await until(lambda: names(players) == shown(app) == left)

    used(tmp_path, players, use)
    assert names(players) == left


@pytest.mark.invariant("S4-D5.4")
def test_texts_may_be_outdated_while_a_page_is_described(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Kills: texts that are cleared on the event loop, under the thread that reads them."""
    players = letters("abcd")
    rows = QueueRows(players.connect, tmp_path / "library.db")
    outdates = False

    def titled(library: Path, items: Sequence[QueuedItem]) -> list[ItemText]:
        if outdates:
            rows.outdate(texts=True)
        return [ItemText(title=Path(one.track.path).stem.upper()) for one in items]

    monkeypatch.setattr("auralis_cli.tui.queue_rows.described", titled)
    rows.rows(0, 2)
    players.player.add([QueueTrack("/music/e.flac")])
    rows.outdate()
    outdates = True
    assert [row.cells[1] for row in rows.rows(0, 5)] == ["A", "B", "C", "D", "E"]
    rows.close()
