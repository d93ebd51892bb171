"""Letters over rows and panes: the one that is pressed goes there."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from tui.fake_player import FakePlayers, app_over
from tui.watching import until

from auralis_cli.tui.letters import Letters, LetterScreen, letters_for
from auralis_cli.tui.widgets.long_list import LongList

TRACKS = [f"/music/{number}.flac" for number in range(60)]


@pytest.mark.parametrize("number", [0, 1, 26, 27, 57, 676])
def test_no_letters_are_the_beginning_of_others(number: int) -> None:
    letters = letters_for(number)
    assert len(set(letters)) == number
    assert not any(one != other and other.startswith(one) for one in letters for other in letters)
    assert max(map(len, letters), default=0) <= (1 if number <= 26 else 2)


def test_letters_go_to_rows_and_any_other_key_goes_nowhere(tmp_path: Path) -> None:
    app = app_over(FakePlayers(TRACKS), tmp_path, "queue")

    async def use() -> None:
        async with app.run_test(size=(80, 40)) as pilot:
            rows = app.query_one(LongList)
            await until(lambda: rows.count == 60 and app.state.is_connected)
            for opens, keys, place in (("'", ("d",), 2), ("ctrl+o", ("m", "a"), 25), ("'", ("escape",), 25)):
                await pilot.press("apostrophe" if opens == "'" else opens)
                await until(lambda: isinstance(app.screen, LetterScreen) and bool(app.screen.query(Letters)))
                await pilot.press(*keys)
                await until(lambda place=place: len(app.screen_stack) == 1 and rows.cursor == place)  # type: ignore[misc]
                await until(lambda: rows.has_focus)

    asyncio.run(use())


def test_letters_go_to_another_pane(tmp_path: Path) -> None:
    app = app_over(FakePlayers(TRACKS), tmp_path, "jobs")

    async def use() -> None:
        async with app.run_test(size=(80, 24)) as pilot:
            await until(lambda: app.state.is_connected and app.focused is not None and app.focused.id == "changes")
            await pilot.press("apostrophe")
            await until(lambda: isinstance(app.screen, LetterScreen) and len(app.screen.query(Letters)) == 2)
            await pilot.press("s")
            await until(lambda: app.focused is not None and app.focused.id == "jobs")

    asyncio.run(use())
