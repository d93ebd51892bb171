"""The terminal player gives keys and command lines to whom they are for."""

from __future__ import annotations

import asyncio
from pathlib import Path

from tui.fake_player import FakePlayers, app_over


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
