"""Folders in the terminal player: whatever is in them plays, without any library."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any

import library_of
import pytest
from mutagen.flac import FLAC
from small_music import flac_file
from textual.widgets import Static
from tui.fake_player import FakePlayers, app_over
from tui.watching import cells, in_front, notice, said, until

from auralis_cli.db.store import Store
from auralis_cli.model.tag_changes import TagOutcome
from auralis_cli.model.tag_edits import TagEdit
from auralis_cli.services.folder_contents import FolderEntry, folder_contents
from auralis_cli.services.tag_form import TagForm, TagFormWork
from auralis_cli.tui.app import AuralisApp
from auralis_cli.tui.dialogs import Choose
from auralis_cli.tui.guard import ErrorPanel
from auralis_cli.tui.tag_dialog import TagDialog
from auralis_cli.tui.widgets.long_list import LongList
from auralis_cli.tui.widgets.tag_lines import TagLine, TagText


@pytest.fixture
def music(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "Music"
    for name in ("Air/1 one.flac", "Air/2 two.flac", "Air/10 ten.flac", "single.mp3", "notes.txt"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(b"")
    monkeypatch.chdir(folder)
    return folder


def used(home: Path, players: FakePlayers, use: Callable[[AuralisApp, Any], Awaitable[None]]) -> None:
    """Runs the view of files over a fake player."""

    async def run() -> None:
        app = app_over(players, home, "files")
        async with app.run_test(size=(80, 24)) as pilot:
            await until(lambda: bool(cells(app, "#files")))
            await use(app, pilot)

    asyncio.run(run())


def queued(players: FakePlayers) -> list[str]:
    return [Path(item.track.path).name for item in players.player.queue.items]


def test_enter_goes_into_a_folder_and_plays_from_a_file_on(tmp_path: Path, music: Path) -> None:
    players = FakePlayers()

    async def use(app: AuralisApp, pilot: Any) -> None:
        assert cells(app, "#files") == ["Air/", "single.mp3"]
        await pilot.press("enter")
        await until(lambda: cells(app, "#files") == ["1 one.flac", "2 two.flac", "10 ten.flac"])
        said(app, "down", "play-selected")
        await until(lambda: queued(players) == ["1 one.flac", "2 two.flac", "10 ten.flac"])
        assert players.player.queue.index == 1
        said(app, "left")
        await until(lambda: cells(app, "#files") == ["Air/", "single.mp3"])
        assert app.query_one("#files", LongList).cursor == 0

    used(tmp_path, players, use)
    assert players.player.snapshot().state.value == "playing"


def test_a_playlist_plays_what_it_lists_and_does_not_follow_a_file(tmp_path: Path, music: Path) -> None:
    (music / "a best.m3u").write_text("single.mp3\nAir/10 ten.flac\n")
    players = FakePlayers()

    async def use(app: AuralisApp, pilot: Any) -> None:
        await until(lambda: cells(app, "#files") == ["Air/", "a best.m3u", "single.mp3"])
        said(app, "down", "play-selected")
        await until(lambda: queued(players) == ["single.mp3", "10 ten.flac"])
        said(app, "down", "play-selected")
        await until(lambda: queued(players) == ["single.mp3"])

    used(tmp_path, players, use)


def test_the_cursor_comes_back_to_the_folder_that_was_left(tmp_path: Path, music: Path) -> None:
    (music / "Zoo").mkdir()

    async def use(app: AuralisApp, pilot: Any) -> None:
        said(app, "down", "right")
        await until(lambda: app.query_one("#files", LongList).count == 0)
        said(app, "left")
        await until(lambda: app.query_one("#files", LongList).cursor == 1)

    used(tmp_path, FakePlayers(), use)


def test_a_folder_is_queued_with_all_that_is_below_it(tmp_path: Path, music: Path) -> None:
    players = FakePlayers(["/music/playing.flac", "/music/last.flac"])

    async def use(app: AuralisApp, pilot: Any) -> None:
        said(app, "enqueue")
        await until(lambda: len(queued(players)) == 5)
        said(app, "down", "play-next")
        await until(lambda: queued(players)[:2] == ["playing.flac", "single.mp3"])

    used(tmp_path, players, use)


def test_typing_shows_only_what_has_the_words(tmp_path: Path, music: Path) -> None:
    async def use(app: AuralisApp, pilot: Any) -> None:
        said(app, "filter SING")
        await until(lambda: cells(app, "#files") == ["single.mp3"])
        await pilot.press("escape")
        await until(lambda: cells(app, "#files") == ["Air/", "single.mp3"])

    used(tmp_path, FakePlayers(), use)


def test_a_folder_that_cannot_be_read_is_said_and_the_one_before_stays(tmp_path: Path, music: Path) -> None:
    async def use(app: AuralisApp, pilot: Any) -> None:
        (music / "Air").rename(music / "gone")
        said(app, "right")
        await until(lambda: "cannot be read" in notice(app))
        assert cells(app, "#files") == ["Air/", "single.mp3"]

    used(tmp_path, FakePlayers(), use)


@pytest.mark.invariant("S1-M-15")
def test_a_slow_disk_holds_nothing_up(tmp_path: Path, music: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Kills: a folder is read on the event loop."""
    is_asked, is_to_answer, has_answered = threading.Event(), threading.Event(), threading.Event()

    def slow(folder: str, *, hidden: bool = False) -> tuple[FolderEntry, ...]:
        is_asked.set()
        is_to_answer.wait(30.0)
        has_answered.set()
        return folder_contents(folder, hidden=hidden)

    async def use(app: AuralisApp, pilot: Any) -> None:
        monkeypatch.setattr("auralis_cli.tui.views.files.folder_contents", slow)
        said(app, "right")
        await until(is_asked.is_set)
        assert not has_answered.is_set()
        is_to_answer.set()
        await until(lambda: len(cells(app, "#files")) == 3)

    used(tmp_path, FakePlayers(), use)


def test_files_go_into_a_playlist_that_is_made_for_them(tmp_path: Path, music: Path) -> None:
    async def use(app: AuralisApp, pilot: Any) -> None:
        said(app, "add-to-playlist")
        await in_front(app, Choose)
        await pilot.press(*"New", "enter")
        await until(lambda: notice(app) == "3 tracks put into New")

    used(tmp_path, FakePlayers(), use)


@pytest.mark.invariant("S1-L-05")
def test_the_screen_goes_on_while_a_disk_takes_its_time_over_tags(
    tmp_path: Path, music: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Kills: tags for the form are read, and written, on the event loop."""
    flac_file(music / "Air" / "1 one.flac", title="Old")
    for name in ("2 two.flac", "10 ten.flac"):
        (music / "Air" / name).unlink()
    read, write = TagFormWork.read, TagFormWork.written
    begun, released = threading.Event(), threading.Event()

    def held_up() -> None:
        begun.set()
        released.wait(30.0)
        begun.clear()
        released.clear()

    def slow_read(work: TagFormWork, paths: Sequence[str]) -> TagForm:
        held_up()
        return read(work, paths)

    def slow_write(work: TagFormWork, form: TagForm, edits: Sequence[TagEdit]) -> list[TagOutcome]:
        held_up()
        return write(work, form, edits)

    monkeypatch.setattr(TagFormWork, "read", slow_read)
    monkeypatch.setattr(TagFormWork, "written", slow_write)

    async def goes_on_meanwhile() -> None:
        """On the event loop nothing would see it begun."""
        await until(begun.is_set)
        released.set()

    async def use(app: AuralisApp, pilot: Any) -> None:
        said(app, "tag")
        await goes_on_meanwhile()
        form = await in_front(app, TagDialog)
        await pilot.press("end", "e", "r", "enter")
        await until(lambda: form.query_one("#preview").has_focus)
        app.simulate_key("enter")
        await until(begun.is_set)
        # It is written once, and not left alone while it is.
        await pilot.press("enter", "escape", "escape")
        assert app.screen is form
        released.set()
        await until(lambda: notice(app) == "tags of 1 file changed; u takes that back")

    used(tmp_path, FakePlayers(), use)


def test_tags_are_edited_in_a_form_shown_before_they_are_written(tmp_path: Path, music: Path) -> None:
    flac_file(music / "Air" / "1 one.flac", title="Old", album="Here")
    for name in ("2 two.flac", "10 ten.flac"):
        (music / "Air" / name).unlink()

    async def use(app: AuralisApp, pilot: Any) -> None:
        said(app, "tag")
        form = await in_front(app, TagDialog)
        await pilot.press("end", "e", "r", "enter")
        await until(lambda: form.has_class("agreed"))
        await pilot.press("escape")
        await until(lambda: not form.has_class("agreed"))
        assert app.screen is form
        await pilot.press("enter")
        await until(lambda: form.has_class("agreed"))
        assert FLAC(music / "Air" / "1 one.flac")["title"] == ["Old"]
        await pilot.press("enter")
        await until(lambda: notice(app) == "tags of 1 file changed; u takes that back")

    used(tmp_path, FakePlayers(), use)
    assert FLAC(music / "Air" / "1 one.flac")["title"] == ["Older"]
    assert FLAC(music / "Air" / "1 one.flac")["album"] == ["Here"]


def test_a_text_of_several_lines_is_edited_and_what_differs_is_emptied_on_purpose(tmp_path: Path, music: Path) -> None:
    """Kills: a field in which the files differ can be filled in, but never emptied."""
    air = music / "Air"
    (air / "10 ten.flac").unlink()
    flac_file(air / "1 one.flac", title="One", comment="first\nsecond", date="1999")
    flac_file(air / "2 two.flac", title="Two", comment="first\nsecond", date="1999")

    async def use(app: AuralisApp, pilot: Any) -> None:
        said(app, "tag")
        form = await in_front(app, TagDialog)
        title, comment, date = (form.query_one(f"#tag-{name}") for name in ("title", "comment", "date"))
        assert isinstance(title, TagLine)
        assert isinstance(comment, TagText)
        assert isinstance(date, TagLine)
        await pilot.press("backspace")
        await until(lambda: "emptied" in title.placeholder)
        comment.text = "first\nsecond\nthird"
        date.value = "long ago"
        comment.focus()
        await until(lambda: comment.has_focus)
        await pilot.press("ctrl+s")
        complaint = form.query_one(".complaint", Static)
        await until(lambda: "date" in str(complaint.render()))
        assert not form.has_class("agreed")
        date.value = "1998"
        await pilot.press("ctrl+s")
        await until(lambda: form.has_class("agreed"))
        await pilot.press("enter")
        await until(lambda: "tags of 2 files changed" in notice(app))

    used(tmp_path, FakePlayers(), use)
    for name in ("1 one.flac", "2 two.flac"):
        tags = FLAC(air / name)
        assert "title" not in tags
        assert tags["comment"] == ["first\nsecond\nthird"]
        assert tags["date"] == ["1998"]


def test_hidden_ones_are_shown_on_demand_with_the_times_that_the_library_knows(tmp_path: Path, music: Path) -> None:
    (music / ".old").mkdir()
    library = tmp_path / "data" / "library.db"
    library.parent.mkdir()
    with Store.open(library, program="test", now=library_of.NOW) as store:
        library_of.put(store, [library_of.record(str(music / "single.mp3"), duration_s=75.0)], root=str(music))

    async def use(app: AuralisApp, pilot: Any) -> None:
        await until(lambda: cells(app, "#files", 1) == ["", "1:15"])
        said(app, "bottom", "hidden")
        await until(lambda: cells(app, "#files") == [".old/", "Air/", "single.mp3"])
        rows = app.query_one("#files", LongList)
        await until(lambda: rows.cursor == 2)
        said(app, "rate 5")
        await until(lambda: notice(app) == "single: rated 5")
        said(app, "hidden")
        await until(lambda: cells(app, "#files") == ["Air/", "single.mp3"])

    used(tmp_path, FakePlayers(), use)


@pytest.mark.invariant("S4-D5.5")
def test_keys_in_a_row_mean_the_rows_they_were_pressed_for(tmp_path: Path, music: Path) -> None:
    """Kills: what was chosen is looked for in the folder that is shown by then."""
    players = FakePlayers()

    async def use(app: AuralisApp, pilot: Any) -> None:
        said(app, "right")
        await until(lambda: len(cells(app, "#files")) == 3)
        said(app, "mark", "mark", "enqueue", "left", "right", "up")
        await until(lambda: queued(players) == ["1 one.flac", "2 two.flac"])
        await until(lambda: cells(app, "#files") == ["Air/", "single.mp3"])
        said(app, "right")
        await until(lambda: len(cells(app, "#files")) == 3)
        said(app, "enqueue", "down", "play-next", "down", "favourite")
        await until(lambda: queued(players) == ["1 one.flac", "2 two.flac", "2 two.flac", "1 one.flac"])
        assert not app.query(ErrorPanel)

    used(tmp_path, players, use)


@pytest.mark.invariant("S4-D5.5")
def test_marks_are_of_one_folder(tmp_path: Path, music: Path) -> None:
    """What is filtered is asked again at once, which is no newer state of the folder before."""
    (music / "Airs").mkdir()
    (music / "Airs" / "song.mp3").write_bytes(b"")

    async def use(app: AuralisApp, pilot: Any) -> None:
        await until(lambda: len(cells(app, "#files")) == 3)
        rows = app.query_one("#files", LongList)
        said(app, "filter air")
        await until(lambda: cells(app, "#files") == ["Air/", "Airs/"])
        said(app, "mark", "mark", "top", "right")
        await until(lambda: len(cells(app, "#files")) == 3 and cells(app, "#files")[0] == "1 one.flac")
        assert not rows.marked

    used(tmp_path, FakePlayers(), use)
