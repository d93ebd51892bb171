"""Of a picture in motion only the lines are drawn that are others."""

from __future__ import annotations

import pytest
from textual.geometry import Region, Size
from textual.widget import Widget

from auralis_cli.tui.widgets.changed_lines import refresh_changed


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
