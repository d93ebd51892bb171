"""Pictures in motion: only lines that are others than before are drawn, in styles that are not worked out again."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from rich.style import Style
from textual.geometry import Region
from textual.widget import Widget


def refresh_changed(widget: Widget, before: Sequence[object], now: Sequence[object]) -> None:
    """Has the lines of `widget` drawn anew that are not as they were, all of them where there are more or fewer."""
    if len(before) != len(now):
        widget.refresh()
        return
    width = widget.size.width
    changed = [line for line, pair in enumerate(zip(before, now, strict=True)) if pair[0] != pair[1]]
    if changed:
        widget.refresh(*(Region(0, line, width, 1) for line in changed))


class DrawnByLines(Widget, can_focus=False):
    """Keeps the styles of its parts until they are others: Textual forgets its own with every line to be drawn."""

    # What the names of its component classes begin with.
    PARTS: ClassVar[str]

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._styles_of_parts: dict[str, Style] = {}

    def style_of(self, part: str) -> Style:
        """The style of one of its component classes."""
        if part not in self._styles_of_parts:
            self._styles_of_parts[part] = self.get_component_rich_style(f"{self.PARTS}--{part}")
        return self._styles_of_parts[part]

    def notify_style_update(self) -> None:
        """Another theme, or other rules."""
        self._styles_of_parts.clear()
        super().notify_style_update()
