"""The terminal player gives keys, command lines and clicks to whom they are for, and is left as the user wants."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import patience
import pytest
from textual import events
from textual.pilot import Pilot
from tui.fake_player import FakePlayers, app_over, context
from tui.watching import closed, in_front, notice, until

from auralis_cli.config import load_config
from auralis_cli.services.player_process import PlayerProcess
from auralis_cli.tui.app import AuralisApp
from auralis_cli.tui.command_line import CommandLine
from auralis_cli.tui.dialogs import Ask, Choose
from auralis_cli.tui.help_screen import HelpScreen
from auralis_cli.tui.keymap import keymap_of
from auralis_cli.tui.palette import Palette
from auralis_cli.tui.widgets.one_line import OneLine

TRACKS = ("/music/a.flac", "/music/b.flac", "/music/c.flac")


def used(app: AuralisApp, use: Callable[[Pilot[int]], Awaitable[None]], size: tuple[int, int] = (80, 24)) -> None:
    """Runs the app, and what is done with it once it has found its player."""

    async def run() -> None:
        async with app.run_test(size=size) as pilot:
            await until(lambda: app.state.is_connected and app.frame.is_mounted)
            await use(pilot)

    asyncio.run(run())


def line(app: AuralisApp, name: str) -> str:
    """What one of the lines around the view says."""
    return "".join(part.text for part in app.screen_of_views.query_one(f"#{name}", OneLine).parts)


def test_a_key_tells_the_player_what_it_is_bound_to(tmp_path: Path) -> None:
    players = FakePlayers(TRACKS)
    app = app_over(players, tmp_path)

    async def use(pilot: Pilot[int]) -> None:
        await pilot.press("space", "greater_than_sign", "x", "alt+5")
        await until(lambda: app.state.status is not None and app.state.status.position_s == 100.0)
        status = app.state.status
        assert status is not None
        assert (status.queue_index, status.state, status.enhance) == (1, "playing", True)

    used(app, use)
    assert players.player.told[-3:] == ["play", "next", "seek 100"]


def test_the_lines_say_what_plays_and_the_mouse_works_on_them(tmp_path: Path) -> None:
    players = FakePlayers(TRACKS)
    app = app_over(players, tmp_path)

    async def use(pilot: Pilot[int]) -> None:
        assert "a.flac" in line(app, "status")
        assert "1/3" in line(app, "status")
        assert "? keys" in line(app, "keys")
        await pilot.click("#status", offset=(1, 0))
        await until(lambda: players.player.told[-1] == "play")
        queue = line(app, "tabs").index("Queue") if "Queue" in line(app, "tabs") else line(app, "tabs").index("3")
        await pilot.click("#tabs", offset=(queue, 0))
        await until(lambda: app.state.view == "queue")
        volume = line(app, "status").index("vol")
        app.screen_of_views.query_one("#status", OneLine)._turn(volume, 1)
        await until(lambda: app.state.status is not None and app.state.status.volume == 98.0)

    used(app, use)


@pytest.mark.invariant("S0-L06")
def test_names_that_a_terminal_would_obey_are_shown_and_not_obeyed(tmp_path: Path) -> None:
    """Kills: a name that goes to the terminal as it is."""
    app = app_over(FakePlayers(["/music/[red]\x1b]0;x\x07\u202etitle.flac"]), tmp_path)

    async def use(_pilot: Pilot[int]) -> None:
        await until(lambda: "title" in line(app, "status"))
        said = line(app, "status")
        assert "[red]\\x1b]0;x\\x07\\u202etitle" in said
        drawn = "".join(segment.text for strip in app.screen._compositor.render_strips() for segment in strip)
        assert not {"\x1b", "\x07", "\u202e"} & set(drawn)

    used(app, use, (140, 24))


def test_keys_one_after_the_other_wait_for_the_last_and_esc_gives_them_up(tmp_path: Path) -> None:
    players = FakePlayers(TRACKS)
    app = app_over(players, tmp_path, keymap=keymap_of(own={"next": "g n", "view queue": "g q"}))

    async def use(pilot: Pilot[int]) -> None:
        footer = line(app, "keys")
        await pilot.press("g")
        await until(lambda: line(app, "keys") == " g …  n next  q queue  esc none of them ")
        await pilot.press("n")
        await until(lambda: players.player.told[-1] == "next")
        await until(lambda: line(app, "keys") == footer)
        for given_up in ("escape", "x"):
            await pilot.press("g", given_up)
            await until(lambda: line(app, "keys") == footer)
        await until(lambda: notice(app) == "gx: no such keys")
        await pilot.press("n", "g", "q")
        await until(lambda: app.state.view == "queue")

    used(app, use)
    assert players.player.told == ["set_queue", "next"]
    assert not app.state.status or not app.state.status.enhance


def test_a_command_line_is_completed_typed_and_said_wrong_in_one_line(tmp_path: Path) -> None:
    players = FakePlayers(TRACKS)
    app = app_over(players, tmp_path)

    async def use(pilot: Pilot[int]) -> None:
        await pilot.press("colon")
        typed = app.screen_of_views.query_one(CommandLine)
        await until(lambda: typed.has_focus)
        typed.value = "preset wa"
        await until(lambda: typed._suggestion == "preset warm")
        await pilot.press("tab", "enter")
        await until(lambda: app.state.status is not None and app.state.status.preset == "warm")
        for wrong, why in (
            ("sek 5", "did you mean seek?"),
            ("volume loud", "'loud' is not a number"),
            ("view", "NAME"),
        ):
            app.run_line(wrong)
            assert why in notice(app)
            assert app.state.notice is not None
            assert app.state.notice.is_error
        assert not typed.display

    used(app, use)
    assert not {"seek", "volume"} & {action for action, _arguments in players.asked}


@pytest.mark.invariant("S4-D5.5")
@pytest.mark.parametrize("rounds", [0, 1, 3, 8])
def test_keys_that_come_with_the_one_that_opens_a_box_are_heard_in_it_in_their_order(
    tmp_path: Path, rounds: int
) -> None:
    """Kills: what is pressed before the box is there is dropped, or comes behind what is pressed then."""
    app = app_over(FakePlayers(TRACKS), tmp_path, "queue")

    async def use(pilot: Pilot[int]) -> None:
        for key in (*"Xwarm", "enter"):
            app.post_message(events.Key(key, "\r" if key == "enter" else key))
            for _ in range(rounds):
                await asyncio.sleep(0)
        await until(lambda: app.state.status is not None and app.state.status.preset == "warm")
        await closed(app)

    used(app, use)


def test_help_palette_and_lists_open_over_the_view_and_esc_closes_them(tmp_path: Path) -> None:
    players = FakePlayers(TRACKS)
    app = app_over(players, tmp_path)

    async def use(pilot: Pilot[int]) -> None:
        await pilot.press("question_mark")
        await in_front(app, HelpScreen)
        await pilot.press("escape", "X")
        await in_front(app, Choose)
        await pilot.press("w", "a", "r", "enter")
        await until(lambda: app.state.status is not None and app.state.status.preset == "warm")
        await pilot.press("ctrl+p")
        await in_front(app, Palette)
        await pilot.press("escape", "escape")
        await closed(app)
        assert app.is_running

    used(app, use)
    assert players.player.told == ["set_queue"]


class _OwnPlayer:
    """A player process that was started for the screen, in name."""

    is_running = True
    pid = 1


class _LaterPlayer:
    """A player process that was not needed yet; once it is begun, the fake player is there again."""

    is_running = False
    pid: int | None = None

    def __init__(self, players: FakePlayers) -> None:
        self._players = players

    def begin_again(self) -> None:
        self.pid = 2
        self._players.is_running = True


@pytest.mark.parametrize("passes_s", [1.0, 60.0])
def test_a_player_that_was_ending_as_the_screen_came_is_followed_by_one_of_its_own(
    passes_s: float, tmp_path: Path
) -> None:
    """Kills: a screen that is opened as the last player ends, and has none."""
    players, now_s = FakePlayers(TRACKS), [1000.0]
    own: Any = _LaterPlayer(players)
    app = AuralisApp(players, context(tmp_path, clock_s=lambda: now_s[0]), own_player=own)

    async def use(_pilot: Pilot[int]) -> None:
        now_s[0] += passes_s
        players.is_running = False
        # One of its own may be there before anybody has seen that there was none.
        if passes_s < 5.0:
            await until(lambda: own.pid is not None and app.state.is_connected)
        else:
            await until(lambda: not app.state.is_connected)

    used(app, use)
    assert (own.pid is not None) is (passes_s < 5.0)


def _left(tmp_path: Path, at_quit: str, *keys: str, plays: bool = True) -> FakePlayers:
    players = FakePlayers(TRACKS)
    if plays:
        players.player.play()
    variables = {"AURALIS_HOME": str(tmp_path), "HOME": str(tmp_path), "AURALIS_PLAY_AT_QUIT": at_quit}
    ui = context(tmp_path, config=load_config(variables, None))
    own: Any = _OwnPlayer()
    assert isinstance(own, PlayerProcess) is False
    app = AuralisApp(players, ui, own_player=own)

    async def use(pilot: Pilot[int]) -> None:
        await pilot.press("q")
        if keys:
            await in_front(app, Ask)
            await pilot.press(*keys)

    used(app, use)
    assert app.return_code == 0
    return players


LEFT = {
    "asked, left": ("ask", ("l",), True, False),
    "asked, ended": ("ask", ("q",), True, True),
    "not asked while nothing plays": ("ask", (), False, True),
    "always left": ("leave", (), True, False),
    "always ended": ("end", (), True, True),
}


@pytest.mark.parametrize("how", LEFT)
def test_the_player_that_was_started_with_the_screen_ends_with_it_unless_it_is_left(how: str, tmp_path: Path) -> None:
    at_quit, keys, plays, ends = LEFT[how]
    players = _left(tmp_path, at_quit, *keys, plays=plays)
    if ends:
        # A screen that is left waits for a moment only until the player was told.
        patience.until(lambda: players.has_quit)
    assert players.has_quit is ends


def test_a_player_that_ran_before_plays_on(tmp_path: Path) -> None:
    players = FakePlayers(TRACKS)
    app = app_over(players, tmp_path)

    async def use(pilot: Pilot[int]) -> None:
        await pilot.press("escape", "q")

    used(app, use)
    assert not players.has_quit


def test_it_fits_into_60_by_15(tmp_path: Path) -> None:
    app = app_over(FakePlayers(TRACKS), tmp_path)

    async def use(_pilot: Pilot[int]) -> None:
        for name in ("tabs", "status", "keys"):
            one = app.screen_of_views.query_one(f"#{name}", OneLine)
            await until(lambda one=one: one.region.width == 60)  # type: ignore[misc]
            assert len(line(app, name)) <= 60
        assert "q quit" in line(app, "keys")
        assert "vol 100" in line(app, "status")

    used(app, use, (60, 15))


@pytest.mark.parametrize("at_quit", ["ask", "leave", "end"])
def test_a_program_that_is_told_to_end_asks_nobody_and_leaves_the_player_playing_unless_it_always_ends(
    at_quit: str, tmp_path: Path
) -> None:
    """Kills: music that stops because a line to another machine broke."""
    players = FakePlayers(TRACKS)
    players.player.play()
    variables = {"AURALIS_HOME": str(tmp_path), "HOME": str(tmp_path), "AURALIS_PLAY_AT_QUIT": at_quit}
    own: Any = _OwnPlayer()
    app = AuralisApp(players, context(tmp_path, config=load_config(variables, None)), own_player=own)

    async def use(_pilot: Pilot[int]) -> None:
        app.context.cancel.cancel()
        await until(lambda: app._exit)

    used(app, use)
    if at_quit == "end":
        patience.until(lambda: players.has_quit)
    assert players.has_quit is (at_quit == "end")
