"""A view that fails, wherever it does, shows so in its place; keys, the player and other views go on."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from textual.app import ComposeResult, RenderResult
from textual.events import Key
from textual.widgets import Static
from tui.fake_player import FakePlayers, app_over
from tui.watching import closed, in_front, notice, until

from auralis_cli.errors import LibraryError
from auralis_cli.tui.dialogs import Dialog
from auralis_cli.tui.guard import ErrorPanel
from auralis_cli.tui.ui_state import UiState
from auralis_cli.tui.view import View, begin_work
from auralis_cli.tui.view_table import VIEWS, ViewRow


class _Undrawable(Static):
    def render(self) -> RenderResult:
        raise ValueError("cannot be drawn")


class _Unmountable(Static):
    def on_mount(self) -> None:
        raise KeyError("mounted")


class _Broken(View):
    """Fails in the way that `how` says."""

    NAME = "broken"
    how = ""

    def compose(self) -> ComposeResult:
        if self.how == "compose":
            raise LibraryError("library", "is damaged")
        if self.how == "child":
            yield _Unmountable("nothing")
        yield _Undrawable() if self.how == "render" else Static("all is well", id="well")

    def on_mount(self) -> None:
        if self.how == "handler":
            raise KeyError("handler")
        if self.how == "worker":
            self.run_worker(self._work(), group="broken")
        if self.how == "timer":
            self.set_timer(0.01, self._tick)

    async def _work(self) -> None:
        raise RuntimeError("worker")

    def _tick(self) -> None:
        raise RuntimeError("timer")

    def show(self, state: UiState) -> None:
        if self.how == "show":
            raise RuntimeError("show")

    def run(self, command: str, words: object) -> bool:
        if self.how == "command" and command == "mark":
            raise RuntimeError("command")
        return False


@pytest.fixture
def broken(monkeypatch: pytest.MonkeyPatch) -> type[_Broken]:
    monkeypatch.setitem(VIEWS, "broken", ViewRow("broken", "Broken", __name__, "_Broken"))
    monkeypatch.setattr(ViewRow, "make", _make)
    return _Broken


def _make(row: ViewRow) -> View:
    if row.name == "broken":
        if _Broken.how == "import":
            raise ImportError("no such module")
        return _Broken()
    import importlib

    made = getattr(importlib.import_module(row.module), row.class_name)()
    assert isinstance(made, View)
    return made


WAYS = ("import", "compose", "handler", "child", "render", "worker", "timer", "show", "command")


@pytest.mark.invariant("S0-M11")
def test_a_failing_view_shows_a_panel_and_the_rest_goes_on(
    broken: type[_Broken], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Kills: a failure that ends the app; one that is shown and takes the keys with it."""
    players = FakePlayers(["/music/a.flac", "/music/b.flac"])
    app = app_over(players, tmp_path)
    shown: list[str] = []

    async def fail(how: str) -> None:
        """Has the view made anew, and fail in that way."""
        monkeypatch.setattr(broken, "how", how)
        before = app.frame.query(ErrorPanel).first() if app.frame.query(ErrorPanel) else None
        app.frame.try_again()
        if how == "command":
            await until(lambda: bool(app.frame.query("#well")) and app.view is not None and app.view.is_mounted)
            app.run_line("mark")
        await until(lambda: bool(app.frame.query(ErrorPanel)) and app.frame.query(ErrorPanel).first() is not before)
        shown.append(str(app.frame.query(ErrorPanel).first().content))

    async def use() -> None:
        async with app.run_test(size=(80, 24)) as pilot:
            app.run_line("view broken")
            await until(lambda: app.frame.is_mounted)
            for how in WAYS:
                await fail(how)
                app.run_line("next" if players.player.told[-1] != "next" else "previous")
            await until(lambda: isinstance(app.focused, ErrorPanel))
            await pilot.press("space")
            await until(lambda: players.player.told[-1] == "play")
            monkeypatch.setattr(broken, "how", "")
            await pilot.press("r")
            await until(lambda: bool(app.frame.query("#well")) and not app.frame.query(ErrorPanel))
            app.run_line("view now")
            await until(lambda: app.frame.is_mounted)

    asyncio.run(use())
    assert app.failure is None
    assert len(players.player.told) == 2 + len(WAYS)
    assert all(
        any(word in text for word in ("damaged", how, "drawn", "mounted", "module"))
        for how, text in zip(WAYS, shown, strict=True)
    )


def test_a_failure_of_the_app_itself_ends_it_and_is_told(tmp_path: Path) -> None:
    app = app_over(FakePlayers(), tmp_path)

    async def use() -> None:
        async with app.run_test(size=(80, 24)):
            await until(lambda: app.frame.is_mounted)
            app.call_later(_fail)
            await until(lambda: app.failure is not None)

    with pytest.raises(ZeroDivisionError):
        asyncio.run(use())
    assert isinstance(app.failure, ZeroDivisionError)


def _fail() -> None:
    raise ZeroDivisionError


class _Failing(Dialog):
    """A box over the screen that fails in the way that `how` says."""

    def __init__(self, how: str) -> None:
        super().__init__()
        self._how = how

    def compose(self) -> ComposeResult:
        if self._how == "compose":
            raise RuntimeError("compose")
        yield _Undrawable() if self._how == "drawn" else Static("all is well")

    def on_mount(self) -> None:
        if self._how == "worker":
            begin_work(self, self._work, "work")

    async def _work(self) -> None:
        raise RuntimeError("worker")

    def pressed(self, event: Key) -> None:
        if self._how == "key":
            raise RuntimeError("key")


@pytest.mark.invariant("S0-M11")
def test_a_box_over_the_screen_that_fails_is_closed_and_says_why(tmp_path: Path) -> None:
    """Kills: a box that takes the whole screen with it."""
    players = FakePlayers(["/music/a.flac"])
    app = app_over(players, tmp_path)

    async def use() -> None:
        async with app.run_test(size=(80, 24)) as pilot:
            await until(lambda: app.state.is_connected)
            for how in ("compose", "drawn", "worker", "key"):
                answers: list[str | None] = []
                app.push_screen(_Failing(how), answers.append)
                if how == "key":
                    box = await in_front(app, _Failing)
                    box.post_message(Key("x", "x"))
                await until(lambda given=answers: given == [None])  # type: ignore[misc]
                await until(lambda how=how: how in notice(app))  # type: ignore[misc]
                await closed(app)
            await pilot.press("space")
            await until(lambda: players.player.told[-1] == "play")

    asyncio.run(use())
    assert app.failure is None


@pytest.mark.invariant("S0-M11")
def test_work_beside_the_screen_that_fails_is_said(tmp_path: Path) -> None:
    """Kills: colours of a cover that cannot be found, and end the screen."""
    app = app_over(FakePlayers(["/music/a.flac"]), tmp_path)

    async def fail() -> None:
        raise RuntimeError("no colours")

    async def use() -> None:
        async with app.run_test(size=(80, 24)):
            await until(lambda: app.state.is_connected)
            begin_work(app, fail, "beside")
            await until(lambda: "no colours" in notice(app))

    asyncio.run(use())
    assert app.failure is None
