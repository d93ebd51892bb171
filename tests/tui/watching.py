"""What pilot tests wait with, and how they say things."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import TypeVar

from textual.widget import Widget

from auralis_cli.tui.app import AuralisApp
from auralis_cli.tui.widgets.long_list import LongList

# A machine that is busy with other things may take long over anything; what is so ends the wait at once.
_MOST_S = 30.0
_Opened = TypeVar("_Opened", bound=Widget)


async def until(is_so: Callable[[], object], for_s: float = _MOST_S) -> None:
    """Waits until something is so."""
    ends_s = time.monotonic() + for_s
    while not is_so():
        assert time.monotonic() < ends_s, "that never came to be so"
        await asyncio.sleep(0.005)


async def in_front(app: AuralisApp, wanted: type[_Opened]) -> _Opened:
    """The screen of that kind over the views, or the widget in it, once it is there with all it holds."""

    def found() -> Widget | None:
        screen = app.screen
        if isinstance(screen, wanted):
            return screen
        return None if screen is app.screen_of_views else next(iter(screen.query(wanted)), None)

    def is_there() -> bool:
        one = found()
        return one is not None and one.is_mounted and one.screen.is_mounted

    await until(is_there)
    one = found()
    assert isinstance(one, wanted)
    return one


async def closed(app: AuralisApp) -> None:
    """Waits until nothing is over the views any more."""
    await until(lambda: app.screen is app.screen_of_views)


def said(app: AuralisApp, *lines: str) -> None:
    """Says command lines, as keys do."""
    for line in lines:
        app.run_line(line)


def cells(app: AuralisApp, list_id: str, column: int = 0) -> list[str]:
    """A column of a list, as far as it is at hand."""
    rows = app.query_one(list_id, LongList)
    found = [rows._pages.row(place) for place in range(rows.count)]
    return ["?" if row is None else row.cells[column] for row in found]


def notice(app: AuralisApp) -> str:
    """What is said at the moment."""
    return "" if app.state.notice is None else app.state.notice.text
