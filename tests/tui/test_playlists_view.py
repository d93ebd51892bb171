"""Playlists in the terminal player; what is asserted is the library and the player's queue, then the screen."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import library_of
import pytest
from tui.fake_player import FakePlayers, app_over
from tui.watching import cells, in_front, notice, said, until

from auralis_cli.db.store import Store
from auralis_cli.model.playlists import NewEntry, PlaylistEntry
from auralis_cli.services.playlist_shelf import PlaylistShelf
from auralis_cli.tui.app import AuralisApp
from auralis_cli.tui.dialogs import Prompt
from auralis_cli.tui.views.playlists import PlaylistsView
from auralis_cli.tui.widgets.long_list import LongList


@pytest.fixture
def shelf(tmp_path: Path) -> PlaylistShelf:
    """Six tracks of a library, and two playlists of them."""
    library = tmp_path / "data" / "library.db"
    library.parent.mkdir()
    records = [
        library_of.record(f"/music/{letter}.flac", title=letter, artist="Air" if letter < "d" else "Björk")
        for letter in "abcdef"
    ]
    with Store.open(library, program="test", now=1) as store:
        library_of.put(store, records, root="/music")
    shelf = PlaylistShelf(library, lambda: 100.0)
    shelf.add("Evening", [NewEntry(f"/music/{letter}.flac") for letter in "abcd"])
    shelf.create("Icy", "artist:Björk")
    return shelf


def titles(shelf: PlaylistShelf, name: str) -> str:
    return "".join(one.title or "?" for one in shelf.entries(name))


def entries(app: AuralisApp) -> str:
    return "".join(cells(app, "#entries", 1))


def used(home: Path, players: FakePlayers, use: Callable[[AuralisApp, Any], Awaitable[None]], first: str) -> None:
    """Runs the view over a fake player, once the first playlist is shown."""

    async def run() -> None:
        app = app_over(players, home, "playlists")
        async with app.run_test(size=(80, 24)) as pilot:
            await until(lambda: entries(app) == first and bool(cells(app, "#playlists")) == bool(first))
            await use(app, pilot)

    asyncio.run(run())


def queued(players: FakePlayers) -> str:
    return "".join(Path(item.track.path).stem for item in players.player.queue.items)


def test_a_playlist_is_opened_by_moving_and_played_from_an_entry_on(tmp_path: Path, shelf: PlaylistShelf) -> None:
    players = FakePlayers()

    async def use(app: AuralisApp, pilot: Any) -> None:
        assert cells(app, "#playlists") == ["Evening", "Icy"]
        await pilot.press("j")
        await until(lambda: entries(app) == "def")
        await pilot.press("k")
        await until(lambda: entries(app) == "abcd")
        await pilot.press("tab", "j", "j", "enter")
        await until(lambda: queued(players) == "abcd" and players.player.queue.index == 2)

    used(tmp_path, players, use, "abcd")


@pytest.mark.invariant("S4-D5.2")
@pytest.mark.parametrize("reads_anew", [False, True])
def test_what_a_slow_disk_says_of_a_playlist_that_was_left_is_not_shown(
    reads_anew: bool, tmp_path: Path, shelf: PlaylistShelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Kills: what was asked for another playlist, by the cursor or as all was read anew, lands when it comes."""
    is_to_answer, is_slow, is_asked, landed = (threading.Event() for _ in range(4))
    asked: list[str] = []
    read = PlaylistShelf.entries

    def slow(one: PlaylistShelf, name: str) -> list[PlaylistEntry]:
        found = read(one, name)
        asked.append(name)
        if name == "Evening" and is_slow.is_set():
            is_asked.set()
            is_to_answer.wait(30.0)
            landed.set()
        return found

    monkeypatch.setattr(PlaylistShelf, "entries", slow)

    async def use(app: AuralisApp, pilot: Any) -> None:
        said(app, "down")
        await until(lambda: entries(app) == "def")
        if not reads_anew:
            is_slow.set()
        said(app, "up")
        if reads_anew:
            await until(lambda: entries(app) == "abcd")
            is_slow.set()
            app.query_one(PlaylistsView)._read_lists()
        await until(is_asked.is_set)
        said(app, "down")
        await until(lambda: asked[-1] == "Icy" and entries(app) == "def")
        is_to_answer.set()
        await until(landed.is_set)
        await pilot.pause(0.1)
        assert entries(app) == "def"

    used(tmp_path, FakePlayers(), use, "abcd")


def test_entries_are_queued_and_whole_playlists_too(tmp_path: Path, shelf: PlaylistShelf) -> None:
    players = FakePlayers(["/music/x.flac", "/music/y.flac"])

    async def use(app: AuralisApp, pilot: Any) -> None:
        said(app, "enqueue")
        await until(lambda: queued(players) == "xyabcd")
        said(app, "next-pane", "mark", "mark", "play-next")
        await until(lambda: queued(players) == "xabyabcd")

    used(tmp_path, players, use, "abcd")


def test_what_is_said_before_the_playlists_are_painted_is_of_the_one_that_is_opened(
    tmp_path: Path, shelf: PlaylistShelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Kills: a key that is quicker than the list queues nothing, and nobody says so."""
    players = FakePlayers(["/music/x.flac"])

    async def use(app: AuralisApp, pilot: Any) -> None:
        monkeypatch.setattr(LongList, "row", property(lambda _: None))
        said(app, "enqueue")
        await until(lambda: queued(players) == "xabcd")

    used(tmp_path, players, use, "abcd")


def test_entries_are_moved_removed_and_brought_back(tmp_path: Path, shelf: PlaylistShelf) -> None:
    async def use(app: AuralisApp, pilot: Any) -> None:
        said(app, "next-pane", "move-down", "move-down")
        await until(lambda: titles(shelf, "Evening") == entries(app) == "bcad")
        await until(lambda: app.query_one("#entries", LongList).cursor == 2)
        said(app, "remove")
        await until(lambda: titles(shelf, "Evening") == entries(app) == "bcd")
        for expected in ("bcad", "bacd", "abcd"):
            said(app, "undo")
            await until(lambda expected=expected: titles(shelf, "Evening") == entries(app) == expected)  # type: ignore[misc]

    used(tmp_path, FakePlayers(), use, "abcd")


def test_playlists_are_made_renamed_deleted_and_brought_back(tmp_path: Path, shelf: PlaylistShelf) -> None:
    async def use(app: AuralisApp, pilot: Any) -> None:
        said(app, "new-playlist 'At dawn' artist:air title-")
        await until(lambda: cells(app, "#playlists") == ["At dawn", "Evening", "Icy"] and entries(app) == "cba")
        said(app, "rename-playlist Dawn")
        await until(lambda: "Dawn" in cells(app, "#playlists"))
        said(app, "remove")
        await until(lambda: cells(app, "#playlists") == ["Evening", "Icy"])
        said(app, "undo")
        await until(lambda: cells(app, "#playlists") == ["Dawn", "Evening", "Icy"])

    used(tmp_path, FakePlayers(), use, "abcd")


def test_a_playlist_is_made_by_answering_questions(tmp_path: Path, shelf: PlaylistShelf) -> None:
    async def use(app: AuralisApp, pilot: Any) -> None:
        await pilot.press("a")
        named = await in_front(app, Prompt)
        await pilot.press(*"Mix", "enter")
        await until(lambda: isinstance(app.screen, Prompt) and app.screen is not named)
        await in_front(app, Prompt)
        await pilot.press("enter")
        await until(lambda: cells(app, "#playlists") == ["Evening", "Icy", "Mix"])
        await until(lambda: app.query_one("#playlists", LongList).cursor == 2)

    used(tmp_path, FakePlayers(), use, "abcd")
    assert titles(shelf, "Mix") == ""


def test_what_smart_playlists_hold_is_not_taken_out_by_hand(tmp_path: Path, shelf: PlaylistShelf) -> None:
    async def use(app: AuralisApp, pilot: Any) -> None:
        said(app, "down")
        await until(lambda: entries(app) == "def")
        said(app, "right", "remove")
        await until(lambda: "smart" in notice(app))

    used(tmp_path, FakePlayers(), use, "abcd")
    assert titles(shelf, "Icy") == "def"


def test_playlist_files_come_in_and_go_out(tmp_path: Path, shelf: PlaylistShelf) -> None:
    async def use(app: AuralisApp, pilot: Any) -> None:
        said(app, f"export-playlist {tmp_path}/Out.m3u8")
        await until(lambda: (tmp_path / "Out.m3u8").exists())
        said(app, f"import-playlist {tmp_path}/Out.m3u8")
        await until(lambda: "in the library" in notice(app) or "4 tracks" in notice(app))

    used(tmp_path, FakePlayers(), use, "abcd")
    assert (tmp_path / "Out.m3u8").read_text().count(".flac") == 4


def test_without_a_library_the_view_is_empty_and_says_how_to_begin(tmp_path: Path) -> None:
    async def use(app: AuralisApp, pilot: Any) -> None:
        await until(lambda: "a makes one" in app.query_one("#playlists", LongList).render_line(1).text)

    used(tmp_path, FakePlayers(), use, "")
    assert not (tmp_path / "data").exists()


@pytest.mark.invariant("S4-D5.5")
@pytest.mark.parametrize(
    ("lines", "left"),
    [
        (("remove", "left"), "bcd"),
        (("remove", "down"), "bcd"),
        (("remove", "move-down"), "cbd"),
        (("mark", "mark", "remove", "remove"), "d"),
        (("mark-all", "remove"), ""),
        (("mark-all", "remove", "undo"), "abcd"),
        (("move-down", "move-down", "remove"), "bcd"),
        (("mark", "move-down", "remove"), "cbd"),
    ],
)
def test_keys_in_a_row_mean_what_those_before_leave(
    tmp_path: Path, shelf: PlaylistShelf, lines: tuple[str, ...], left: str
) -> None:
    """Kills: a whole playlist that is deleted in the place of an entry, as the cursor has gone on meanwhile."""

    async def use(app: AuralisApp, pilot: Any) -> None:
        rows = app.query_one("#entries", LongList)
        said(app, "right", *lines)
        await until(lambda: not (rows._held or rows._holds or rows._is_marking))
        await until(lambda: titles(shelf, "Evening") == left and entries(app) == left)
        assert [one.name for one in shelf.all()] == ["Evening", "Icy"]
        assert not app.query_one("#entries", LongList).marked

    used(tmp_path, FakePlayers(), use, "abcd")
    assert titles(shelf, "Evening") == left


@pytest.mark.invariant("S4-D5.5")
def test_entries_that_another_program_has_moved_are_not_taken_for_others(tmp_path: Path, shelf: PlaylistShelf) -> None:
    async def use(app: AuralisApp, pilot: Any) -> None:
        shelf.move("Evening", shelf.entries("Evening")[0], 4)
        said(app, "right", "remove")
        await until(lambda: notice(app) == "Evening: has changed meanwhile: nothing was done")
        await until(lambda: entries(app) == "bcda")
        said(app, "remove")
        await until(lambda: entries(app) == "bcd")

    used(tmp_path, FakePlayers(), use, "abcd")
    assert titles(shelf, "Evening") == "bcd"


@pytest.mark.invariant("S4-D5.5")
def test_marks_are_of_one_playlist(tmp_path: Path, shelf: PlaylistShelf) -> None:
    """What is filtered is asked again at once, which is no newer state of the playlist before."""

    async def use(app: AuralisApp, pilot: Any) -> None:
        said(app, "right", "filter air", "mark", "mark")
        rows = app.query_one("#entries", LongList)
        await until(lambda: len(rows.marked) == 2 and entries(app) == "abc")
        said(app, "left", "down")
        await until(lambda: entries(app) == "def")
        assert not rows.marked

    used(tmp_path, FakePlayers(), use, "abcd")
