"""The terminal player gives keys and command lines to whom they are for."""

from __future__ import annotations

import asyncio
from pathlib import Path

from textual import events
from tui.fake_player import FakePlayers, app_over

from auralis_cli.tui.command_line import CommandLine


def test_a_key_tells_the_player_what_it_is_bound_to(tmp_path: Path) -> None:
    players = FakePlayers(["/music/a.flac", "/music/b.flac"])
    app = app_over(players, tmp_path)

    async def use() -> None:
        async with app.run_test(size=(80, 24)) as pilot:
            await pilot.press("space")
            await pilot.press("greater_than_sign")
            await pilot.pause(0.1)
            assert app.state.status is not None
            assert app.state.status.queue_index == 1
            assert app.state.status.state == "playing"

    asyncio.run(use())
    assert players.player.told[-2:] == ["play", "next"]


def test_what_is_typed_ahead_is_written_where_it_was_meant(tmp_path: Path) -> None:
    players = FakePlayers(["/music/a.flac"])
    app = app_over(players, tmp_path, "library")

    async def use() -> None:
        async with app.run_test(size=(80, 24)) as pilot:
            await pilot.pause(0.1)
            for key in ("colon", *"silence"):
                app.post_message(events.Key(key, ":" if key == "colon" else key))
            await pilot.pause(0.1)
            assert app.screen.query_one(CommandLine).value == "silence"

    asyncio.run(use())
    assert players.player.told == ["set_queue"]
