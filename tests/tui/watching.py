"""What pilot tests wait with, and how they say things."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from auralis_cli.tui.app import AuralisApp
from auralis_cli.tui.widgets.long_list import LongList


async def until(is_so: Callable[[], bool]) -> None:
    """Waits until something is so, a few seconds at most."""
    for _ in range(400):
        if is_so():
            return
        await asyncio.sleep(0.01)
    assert is_so()


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
