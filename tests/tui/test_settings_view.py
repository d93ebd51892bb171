"""The table of settings: what is asserted stands in the user's file, and in the player."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from textual.widgets import Input
from tui.fake_player import FakePlayers, app_over
from tui.watching import in_front, until

from auralis_cli.config import load_config
from auralis_cli.services.settings_changes import SettingChange, change_setting
from auralis_cli.tui.app import AuralisApp
from auralis_cli.tui.dialogs import Choose
from auralis_cli.tui.widgets.long_list import LongList


def used(home: Path, players: FakePlayers, use: Callable[[AuralisApp, Any], Awaitable[None]]) -> None:
    async def run() -> None:
        app = app_over(players, home, "settings")
        async with app.run_test(size=(80, 24)) as pilot:
            await until(lambda: app.query_one(LongList).count > 0)
            await use(app, pilot)

    asyncio.run(run())


def held(home: Path, key: str) -> object:
    config = load_config({"AURALIS_HOME": str(home), "HOME": str(home)})
    return config.value(key) if config.values[key].is_set else None


def go_to(app: AuralisApp, option: str) -> None:
    rows = app.query_one(LongList)
    place = next(place for place in range(rows.count) if cells(rows, place)[0].strip() == option)
    rows.move_to(place)


async def asked_for(app: AuralisApp, option: str, words: str, rows: int) -> None:
    """Has the option be typed, which is found with those words, among fewer rows than so many."""
    app.run_line(f"filter {words}")
    await until(lambda: 0 < app.query_one(LongList).count < rows)
    go_to(app, option)
    app.run_line("play-selected")


def cells(rows: LongList, place: int) -> tuple[str, ...]:
    row = rows._pages.row(place)
    assert row is not None
    return row.cells


def test_a_setting_is_changed_in_the_file_and_in_the_player_and_taken_back(tmp_path: Path) -> None:
    players = FakePlayers(["/music/a.flac"])

    async def use(app: AuralisApp, pilot: Any) -> None:
        await asked_for(app, "volume", "play", 20)
        typed = await in_front(app, Input)
        typed.value = "loud"
        await pilot.press("enter")
        assert typed.screen is app.screen, "what is no volume is not taken"
        typed.value = "35"
        await pilot.press("enter")
        await until(lambda: held(tmp_path, "play.volume") == 35.0)
        await until(lambda: players.player.snapshot().volume == 35.0)
        app.run_line("undo")
        await until(lambda: held(tmp_path, "play.volume") is None)

    used(tmp_path, players, use)


def test_what_may_be_one_of_a_few_is_chosen_and_d_takes_it_out_again(tmp_path: Path) -> None:
    async def use(app: AuralisApp, pilot: Any) -> None:
        go_to(app, "preset")
        app.run_line("play-selected")
        await in_front(app, Choose)
        await pilot.press("w", "a", "r", "enter")
        await until(lambda: held(tmp_path, "master.preset") == "warm")
        app.run_line("remove")
        await until(lambda: held(tmp_path, "master.preset") is None)

    used(tmp_path, FakePlayers(), use)


def test_other_keys_are_heard_at_once(tmp_path: Path) -> None:
    players = FakePlayers(["/music/a.flac"])

    async def use(app: AuralisApp, pilot: Any) -> None:
        before = app.keymap
        await asked_for(app, "keys", "play.keys", 5)
        await in_front(app, Choose)
        await pilot.press("c", "m", "u", "s", "enter")
        await until(lambda: held(tmp_path, "play.keys") == "cmus")
        await until(lambda: app.keymap is not before)
        await pilot.press("x")
        await until(lambda: players.player.told[-1] == "play")

    used(tmp_path, players, use)


@pytest.mark.invariant("S1-M-15")
def test_a_file_that_takes_its_time_to_be_written_holds_nothing_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, released, is_written = threading.Event(), threading.Event(), threading.Event()

    def slow(variables: Any, config_file: Path | None, key: str, word: str | None) -> SettingChange:
        begun.set()
        released.wait(30)
        is_written.set()
        return change_setting(variables, config_file, key, word)

    monkeypatch.setattr("auralis_cli.tui.views.settings.change_setting", slow)

    async def use(app: AuralisApp, pilot: Any) -> None:
        go_to(app, "preset")
        app.run_line("remove")
        await until(begun.is_set)
        assert not is_written.is_set()
        released.set()

    used(tmp_path, FakePlayers(), use)
