"""What is wrong with the library, mended and taken back from the screen: asserted from the library and the player."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from libraries import opened
from scanned_folders import song
from tui.fake_player import FakePlayers, app_over
from tui.watching import in_front, notice, said, until

from auralis_cli.model.cleanup import FindingKind
from auralis_cli.model.queue import QueueTrack
from auralis_cli.tui.app import AuralisApp
from auralis_cli.tui.dialogs import Ask
from auralis_cli.tui.findings import Findings
from auralis_cli.tui.widgets.long_list import LongList
from auralis_cli.tui.widgets.rows import RowStyle


def lines(app: AuralisApp) -> list[tuple[str, ...]]:
    rows = app.query_one(LongList)
    found = [rows._pages.row(place) for place in range(rows.count)]
    return [row.cells for row in found if row is not None]


def texts(app: AuralisApp) -> str:
    return "\n".join(" ".join(cells) for cells in lines(app))


def used(home: Path, players: FakePlayers, use: Callable[[AuralisApp, Any], Awaitable[None]]) -> None:
    async def run() -> None:
        app = app_over(players, home, "cleanup")
        async with app.run_test(size=(100, 24)) as pilot:
            await until(lambda: len(lines(app)) == 4)
            await use(app, pilot)

    asyncio.run(run())


async def scanned(app: AuralisApp, folder: Path) -> None:
    app.jobs.begin("Scan", ("scan", str(folder)))
    await until(lambda: not app.jobs.running)


def two_copies(home: Path) -> Path:
    """A folder with a song and its copy."""
    song(home / "music" / "song.wav", 1)
    shutil.copy(home / "music" / "song.wav", home / "music" / "copy.wav")
    return home / "music"


async def found_copies(app: AuralisApp, music: Path) -> tuple[Path, Path]:
    """The one that is kept of two and the other, on which the cursor is."""
    await scanned(app, music)
    rows = app.query_one(LongList)
    rows.move_to(3)
    app.run_line("play-selected")
    # Once it has looked through all: what the verb says at its end comes over no other notice.
    await until(lambda: len(lines(app)) == 6 and not lines(app)[3][2])
    rows.move_to(5)
    await until(lambda: app.state.status is not None)
    keep, copy = (music / Path(lines(app)[place][1].split("  ")[0]).name for place in (4, 5))
    return keep, copy


def paths(home: Path) -> list[str]:
    with opened(home / "data" / "library.db") as store:
        return sorted(Path(track.path).name for track in store.tracks.by_ids(range(1, 100)))


def test_copies_are_heard_side_by_side_moved_to_the_trash_and_brought_back(tmp_path: Path) -> None:
    music = two_copies(tmp_path)
    players = FakePlayers(["/music/before.flac"])

    async def use(app: AuralisApp, pilot: Any) -> None:
        keep, copy = await found_copies(app, music)
        app.run_line("compare")
        await until(lambda: app.state.status and app.state.status.queue_length == 3 and playing(players) == keep)
        app.run_line("compare")
        await until(lambda: players.player.told[-2:] == ["jump 2", "seek 0"])
        assert playing(players) == copy
        app.run_line("back")
        await until(lambda: players.player.snapshot().queue_length == 1)
        app.run_line("apply")
        await in_front(app, Ask)
        await pilot.press("y")
        await until(lambda: "none" in texts(app))
        assert (keep.exists(), copy.exists(), paths(tmp_path)) == (True, False, [keep.name])
        app.run_line("undo")
        await in_front(app, Ask)
        await pilot.press("y")
        await until(lambda: copy.exists() and len(lines(app)) == 6)

    used(tmp_path, players, use)
    assert paths(tmp_path) == ["copy.wav", "song.wav"]


@pytest.mark.invariant("S4-D5.3")
def test_only_the_copies_that_were_listened_to_leave_the_queue(tmp_path: Path) -> None:
    """Kills: places in the queue that are those of other tracks by the time listening ends."""
    music = two_copies(tmp_path)
    players = FakePlayers([f"/music/{letter}.flac" for letter in "abc"])

    def queued() -> list[str]:
        return [Path(item.track.path).name for item in players.player.queue.items]

    async def use(app: AuralisApp, pilot: Any) -> None:
        keep, copy = await found_copies(app, music)
        app.run_line("compare")
        # It is put into the queue first, then played.
        await until(lambda: app.state.status and app.state.status.queue_length == 5 and playing(players) == keep)
        players.player.remove({0, 1})
        players.player.add([QueueTrack("/music/d.flac"), QueueTrack("/music/e.flac")])
        app.run_line("compare")
        await until(lambda: playing(players) == copy)
        app.run_line("compare")
        await until(lambda: playing(players) == keep)
        app.run_line("back")
        await until(lambda: len(queued()) == 3)
        assert queued() == ["c.flac", "d.flac", "e.flac"]

    used(tmp_path, players, use)


@pytest.mark.invariant("S4-D5.5")
def test_each_press_goes_to_the_other_copy(tmp_path: Path) -> None:
    """Kills: the other of what the screen showed, which two quick presses go to twice."""
    music = two_copies(tmp_path)
    players = FakePlayers(["/music/before.flac"])

    async def use(app: AuralisApp, pilot: Any) -> None:
        keep, copy = await found_copies(app, music)
        said(app, *["compare"] * 4)
        await until(lambda: app.link.waiting == 0 and players.player.told[-2:] == ["jump 2", "seek 0"])
        assert [one for one in players.player.told if "jump" in one] == ["jump 1", "jump 2"] * 2
        await until(lambda: notice(app) == f"copy: {copy}")
        # What is neither of both plays by now.
        players.player.jump(0)
        players.player.seek(9.0)
        said(app, "compare")
        await until(lambda: players.player.told[-2:] == ["jump 1", "seek 0"])
        assert playing(players) == keep
        players.player.remove({1})
        said(app, "compare")
        await until(lambda: app.state.notice is not None and app.state.notice.is_error)

    used(tmp_path, players, use)


@pytest.mark.invariant("S4-D5.5")
def test_marks_stay_on_what_was_marked(tmp_path: Path) -> None:
    """Kills: a mark that is on another copy once one before it is gone, and has that moved to the trash."""
    music = tmp_path / "music"
    for number in (1, 2, 3):
        song(music / f"song{number}.wav", number)
        shutil.copy(music / f"song{number}.wav", music / f"copy{number}.wav")

    async def use(app: AuralisApp, pilot: Any) -> None:
        await scanned(app, music)
        rows = app.query_one(LongList)
        rows.move_to(3)
        app.run_line("play-selected")
        await until(lambda: len(lines(app)) == 10 and not app.jobs.running)
        copies = [place for place, line in enumerate(lines(app)) if line[0] == "trash"]
        marked = lines(app)[copies[1]][1]
        rows.move_to(copies[1])
        app.run_line("mark")
        rows.move_to(copies[0])
        app.run_line("remove")
        await until(lambda: len(lines(app)) == 8)

        def marks() -> list[str]:
            found = [rows._pages.row(place) for place in range(rows.count)]
            return [row.cells[1] for row in found if row is not None and row.id in rows.marked]

        assert marks() == [marked]
        app.run_line("apply")
        await in_front(app, Ask)
        await pilot.press("y")
        await until(lambda: len(lines(app)) == 6 and not app.jobs.running)
        assert not rows.marked

    used(tmp_path, FakePlayers(), use)
    assert len(paths(tmp_path)) == 5


def playing(players: FakePlayers) -> Path | None:
    item = players.player.snapshot().item
    return None if item is None else Path(item.track.path)


def test_what_is_shown_stays_bounded_whatever_is_found() -> None:
    findings = Findings()
    findings.begin(FindingKind.MISSING)
    gone = {"kind": "missing", "action": "forget", "detail": None}
    findings.add(FindingKind.MISSING, [{**gone, "path": f"/music/{number}"} for number in range(5000)])
    findings.end(FindingKind.MISSING)
    rows = findings.rows()
    assert len(rows) == 4 + 2000 + 1
    assert rows[0].cells == ("", "Files that are gone: 5,000", "")
    assert (rows[2001].style, rows[2001].cells[1]) == (RowStyle.DIM, "and 3,000 more")
    assert {findings.kind_of(row.id).kind for row in rows[:2002]} == {FindingKind.MISSING}
