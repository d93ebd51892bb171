"""Verbs that run beside the screen, and changes that are undone: asserted from the library."""

from __future__ import annotations

import asyncio
import sys
import threading
from pathlib import Path

import pytest
from libraries import opened
from scanned_folders import song
from tui.fake_player import FakePlayers, app_over
from tui.watching import in_front, until

from auralis_cli.model.journal import EntryState
from auralis_cli.services.background_verbs import BackgroundVerbs
from auralis_cli.tui.app import AuralisApp
from auralis_cli.tui.dialogs import Ask
from auralis_cli.tui.widgets.long_list import LongList


def cells(app: AuralisApp, name: str, place: int = 0) -> tuple[str, ...]:
    row = app.query_one(f"#{name}", LongList)._pages.row(place)
    return () if row is None else row.cells


def test_a_scan_runs_beside_the_screen_and_is_undone_from_the_history(tmp_path: Path) -> None:
    song(tmp_path / "music" / "one.wav", 1)
    library = tmp_path / "data" / "library.db"

    async def run() -> None:
        app = app_over(FakePlayers(), tmp_path, "jobs")
        async with app.run_test(size=(100, 24)) as pilot:
            app.jobs.begin("Scan", ("scan", str(tmp_path / "music")))
            await until(lambda: cells(app, "changes")[2:3] == ("scan",))
            await until(lambda: cells(app, "jobs")[1:2] == ("done",))
            app.query_one("#changes", LongList).focus()
            await until(lambda: app.query_one("#changes").has_focus)
            app.run_line("undo")
            await in_front(app, Ask)
            await pilot.press("y")
            await until(lambda: "undone" in cells(app, "changes"))

    asyncio.run(run())
    with opened(library) as store:
        (entry,) = store.journal.entries(10)
        assert entry.state is EntryState.UNDONE


_WAITS = """
import json, signal, sys, time
print(json.dumps({"finished": "/music/a.flac", "items_done": 1, "items": 4}), file=sys.stderr, flush=True)
signal.signal(signal.SIGINT, lambda *_: sys.exit(130))
while True:
    time.sleep(0.05)
"""


@pytest.mark.parametrize("size", [(100, 24), (60, 15)])
def test_d_stops_a_job_that_shows_how_far_it_is(tmp_path: Path, size: tuple[int, int]) -> None:
    async def run() -> None:
        app = app_over(FakePlayers(), tmp_path, "jobs")
        async with app.run_test(size=size):
            app.jobs = BackgroundVerbs(
                (sys.executable, "-c", _WAITS), app.context.variables, app._tell_job, app.context.clock_s
            )
            app.jobs.begin("Wait", ("wait",))
            await until(lambda: cells(app, "jobs")[2:3] == ("▰▰▱▱▱▱▱▱▱▱  25 %",))
            app.query_one("#jobs", LongList).focus()
            await until(lambda: app.query_one("#jobs").has_focus)
            app.run_line("remove")
            await until(lambda: cells(app, "jobs")[1:2] == ("stopped",))

    asyncio.run(run())


@pytest.mark.invariant("S4-D3.4")
def test_a_library_that_takes_its_time_holds_nothing_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    begun, released, has_answered = threading.Event(), threading.Event(), threading.Event()

    def slow(library: Path, limit: int, *, now: int) -> tuple[()]:
        begun.set()
        released.wait(30)
        has_answered.set()
        return ()

    monkeypatch.setattr("auralis_cli.tui.views.jobs.latest_changes", slow)

    async def run() -> None:
        app = app_over(FakePlayers(), tmp_path, "now")
        async with app.run_test(size=(80, 24)):
            app.run_line("view jobs")
            await until(begun.is_set)
            assert not has_answered.is_set()
            released.set()

    asyncio.run(run())
