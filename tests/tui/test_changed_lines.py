"""Of a picture in motion only the lines are drawn that are others, in the colours of the theme."""

from __future__ import annotations

import asyncio
from typing import ClassVar

import pytest
from rich.style import Style
from textual.app import App, ComposeResult
from textual.geometry import Region, Size
from textual.widget import Widget

from auralis_cli.tui.widgets.changed_lines import refresh_changed
from auralis_cli.tui.widgets.meter_bars import MeterBars


class Seen(Widget):
    """Notes what is to be drawn."""

    size = Size(10, 3)

    def __init__(self) -> None:
        super().__init__()
        self.drawn: list[tuple[Region, ...]] = []

    def refresh(self, *regions: Region, **_: object) -> Widget:  # type: ignore[override]
        self.drawn.append(regions)
        return self


@pytest.mark.parametrize(
    ("before", "now", "drawn"),
    [
        ("abc", "abc", []),
        ("abc", "abd", [(Region(0, 2, 10, 1),)]),
        ("abc", "xbd", [(Region(0, 0, 10, 1), Region(0, 2, 10, 1))]),
        ("", "abc", [()]),
        ("abc", "ab", [()]),
    ],
)
def test_lines_that_are_as_they_were_are_not_drawn(before: str, now: str, drawn: list[tuple[Region, ...]]) -> None:
    widget = Seen()
    widget.drawn.clear()
    refresh_changed(widget, before, now)
    assert widget.drawn == drawn


class OneMeter(App[None]):
    """One meter."""

    ENABLE_COMMAND_PALETTE: ClassVar[bool] = False

    def compose(self) -> ComposeResult:
        yield MeterBars(1)


def test_styles_that_are_kept_are_those_of_the_theme() -> None:
    """Kills: in another theme, pictures in motion keep the colours of the one before."""

    async def run() -> None:
        app = OneMeter()
        async with app.run_test() as pilot:
            meters = app.query_one(MeterBars)
            for theme in ("textual-dark", "textual-light"):
                app.theme = theme
                await pilot.pause()
                # Asked twice: the second answer is the kept one.
                kept = [meters.style_of("calm") for _ in range(2)]
                assert kept == [meters.get_component_rich_style("meter-bars--calm")] * 2
                found.append(kept[0])

    found: list[Style] = []
    asyncio.run(run())
    assert found[0] != found[1]
