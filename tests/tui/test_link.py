"""The line to the player: the screen waits for nothing, steps become one, and after a gap all is told anew."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import fake_player
import patience
import pytest
from controlled_player import Controlled, controlled, short_home
from textual.message import Message
from tui.fake_player import FakePlayers, FakePort, app_over, context
from tui.watching import cells, notice, said, until

from auralis_cli.model.player_choices import RepeatMode
from auralis_cli.model.player_status import PlayerStatus
from auralis_cli.model.queue import QueueTrack
from auralis_cli.player.actions import PlayerActions
from auralis_cli.tui.app import AuralisApp
from auralis_cli.tui.link import PlayerLink, RunningPlayers
from auralis_cli.tui.merging import merged
from auralis_cli.tui.messages import ActionRefused, PlayerGone, StatusTold
from auralis_cli.tui.view_table import import_views


class _SlowPort(FakePort):
    """A player that holds its lock until it is let go, or for half a minute."""

    def do(self, action: str, **arguments: object) -> Any:
        assert isinstance(self._players, _SlowPlayers)
        if not self._players.holds.wait(patience.PATIENCE_S):
            self._players.holds.set()
        return super().do(action, **arguments)


class _SlowPlayers(FakePlayers):
    def __init__(self, tracks: tuple[str, ...]) -> None:
        super().__init__(tracks)
        self.holds = threading.Event()

    def connect(self) -> _SlowPort:
        return _SlowPort(self)


@pytest.fixture
def link() -> Iterator[Callable[[FakePlayers], tuple[PlayerLink, list[Message]]]]:
    begun: list[PlayerLink] = []

    def begin(players: FakePlayers) -> tuple[PlayerLink, list[Message]]:
        told: list[Message] = []
        one = PlayerLink(players, told.append, lambda: 7.0)
        begun.append(one)
        one.begin()
        return one, told

    yield begin
    for one in begun:
        one.end()


Begun = Callable[[FakePlayers], tuple[PlayerLink, list[Message]]]


@pytest.mark.invariant("S1-M-14")
@pytest.mark.invariant("S1-M-15")
@pytest.mark.invariant("S2-NEW-12")
def test_keys_are_taken_at_once_while_the_player_holds_its_lock(tmp_path: Path) -> None:
    """Kills: an action that is sent on the loop, a question that is asked on it."""
    players = _SlowPlayers(("/music/a.flac", "/music/b.flac"))
    app = app_over(players, tmp_path)
    import_views()

    async def use() -> None:
        async with app.run_test(size=(80, 24)) as pilot:
            await until(lambda: app.state.is_connected)
            for _ in range(6):
                app.run_line("seek +5")
            app.link.refresh()
            await pilot.press("x", "3")
            await until(lambda: app.state.view == "queue" and app.frame.is_mounted)
            # Who waits for the player on the loop waits until it gives up holding still, and has asked it by now.
            assert players.asked == []
            players.holds.set()
            await until(lambda: app.state.status is not None and app.state.status.enhance)

    asyncio.run(use())
    # What was not on its way yet is one step.
    seeks = [told for told in players.player.told if told.startswith("seek")]
    assert len(seeks) <= 2
    assert seeks[-1] == "seek 30"


@pytest.mark.invariant("S4-D5.5")
def test_each_press_is_a_step_from_what_the_one_before_it_made(tmp_path: Path) -> None:
    """Kills: a step from what the screen showed, which two quick presses take once."""
    players = _SlowPlayers(("/music/a.flac",))
    app = app_over(players, tmp_path)

    async def use() -> None:
        async with app.run_test(size=(80, 24)):
            await until(lambda: app.state.status is not None)
            said(app, *["cycle-repeat"] * 2, *["intensity -0.3"] * 2, "intensity +0.05")
            assert players.asked == []
            players.holds.set()
            await until(lambda: round(players.player.snapshot().wish.intensity, 6) == 0.45)

    asyncio.run(use())
    assert players.player.snapshot().repeat is RepeatMode.ONE


def test_an_action_that_is_refused_is_said(link: Begun) -> None:
    one, told = link(FakePlayers(["/music/a.flac"]))
    one.do("jump", position="9")
    patience.until(lambda: any(isinstance(message, ActionRefused) for message in told))
    refused = next(message for message in told if isinstance(message, ActionRefused))
    assert (refused.action, "no position" in refused.why or "no position" in str(refused.why)) == ("jump", True)


@pytest.mark.invariant("S4-D5.4")
def test_a_player_that_was_started_anew_is_shown_as_it_is(tmp_path: Path) -> None:
    """Kills: news of the new one are taken for late ones of the old; what is told first goes to the old one."""
    players = FakePlayers(["/music/a.flac"])
    for level in range(40):
        players.player.set_volume(float(level))
    app = app_over(players, tmp_path)

    async def use() -> None:
        async with app.run_test(size=(80, 24)):
            await until(lambda: app.state.is_connected)
            app.run_line("volume 50")
            await until(lambda: app.state.status is not None and app.state.status.volume == 50.0)
            players.is_running = False
            await until(lambda: not app.state.is_connected)
            assert app.state.gone
            players.player = fake_player.FakePlayer()
            players.player.set_volume(33.0)
            players.actions = PlayerActions(players.player.as_player, lambda: None)
            players.is_running = True
            await until(lambda: app.state.is_connected)
            assert app.state.status is not None
            assert (app.state.status.volume, app.state.status.queue_length) == (33.0, 0)
            app.run_line("volume 12")
            await until(lambda: app.state.status is not None and app.state.status.volume == 12.0)
            assert notice(app) == ""

    asyncio.run(use())


@pytest.mark.invariant("S4-D5.4")
def test_after_a_sleep_the_player_is_asked_what_it_does(tmp_path: Path) -> None:
    """Kills: after fg the next event is waited for."""
    players = FakePlayers(["/music/a.flac"])
    app = app_over(players, tmp_path)

    async def use() -> None:
        async with app.run_test(size=(80, 24)):
            await until(lambda: app.state.is_connected)
            app.app_resume_signal.publish(app)
            await until(lambda: ("status", {}) in players.asked)

    asyncio.run(use())


def test_the_link_counts_the_players_it_has_watched(link: Begun) -> None:
    players = FakePlayers(["/music/a.flac"])
    _one, told = link(players)
    patience.until(lambda: bool(told))
    players.is_running = False
    patience.until(lambda: any(isinstance(message, PlayerGone) for message in told))
    players.is_running = True
    patience.until(lambda: isinstance(told[-1], StatusTold) and told[-1].run > 0)
    first = told[0]
    assert isinstance(first, StatusTold)
    assert isinstance(first.status, PlayerStatus)
    assert (first.run, first.at_s) == (0, 7.0)


MERGED = {
    "steps on": ("seek", {"to": "+5"}, {"to": "+5"}, {"to": "+10.000"}),
    "on and back": ("seek", {"to": "+5"}, {"to": "-8"}, {"to": "-3.000"}),
    "a place wins": ("seek", {"to": "+5"}, {"to": "50%"}, {"to": "50%"}),
    "a step from a place": ("seek", {"to": "1:30"}, {"to": "+5"}, None),
    "louder": ("volume", {"level": "+2"}, {"level": "+2"}, {"level": "+4"}),
    "louder and softer": ("volume", {"level": "+2"}, {"level": "-2"}, None),
    "a level wins": ("volume", {"level": "+2"}, {"level": "40"}, {"level": "40"}),
    "the last jump": ("jump", {"position": "3"}, {"position": "4"}, {"position": "4"}),
    "next is not one": ("next", {}, {}, None),
}


@pytest.mark.parametrize("what", MERGED)
def test_steps_that_wait_become_one_that_does_the_same(what: str) -> None:
    action, earlier, later, both = MERGED[what]
    assert isinstance(earlier, dict)
    assert isinstance(later, dict)
    assert merged(action, earlier, later) == both


def test_what_is_asked_for_while_the_player_starts_is_done_once_it_is_there() -> None:
    """Kills: who presses a key in the first seconds is told that no player runs, and the key is lost."""
    players, told = FakePlayers(["/music/a.flac"]), list[Message]()
    players.is_running, is_coming = False, threading.Event()
    is_coming.set()
    one = PlayerLink(players, told.append, lambda: 7.0, is_coming.is_set)
    one.begin()
    try:
        one.do("play")
        patience.until(lambda: any(isinstance(message, PlayerGone) for message in told))
        players.is_running = True
        patience.until(lambda: players.player.snapshot().state == "playing")
        players.is_running = False
        is_coming.clear()
        one.do("pause")
        patience.until(lambda: any(isinstance(message, ActionRefused) for message in told))
    finally:
        one.end()


async def _first_is_removed(app: AuralisApp, one: Controlled, letters: str) -> None:
    """That the screen shows that queue, and the first key is heard by that player."""
    names = [f"{letter}.flac" for letter in letters]
    one.player.set_queue([QueueTrack(f"/music/{name}") for name in names], play=False)
    await until(lambda: cells(app, "#queue-list", 1) == names)
    said(app, "remove")
    await until(lambda: one.player.told == ["set_queue", "remove"])
    await until(lambda: cells(app, "#queue-list", 1) == names[1:])
    assert notice(app) == ""


@pytest.mark.invariant("S4-D5.4")
def test_over_the_socket_the_queue_and_the_first_key_are_of_the_player_that_runs_now(tmp_path: Path) -> None:
    """Kills: lines to the player that has ended."""

    async def use(environ: dict[str, str]) -> None:
        app = AuralisApp(RunningPlayers(environ=environ), context(tmp_path), "queue")
        async with app.run_test(size=(80, 24)):
            for letters in ("ab", "xyz"):
                with controlled(environ) as one:
                    await _first_is_removed(app, one, letters)
                await until(lambda: not app.state.is_connected)

    with short_home() as environ:
        asyncio.run(use(environ))
