"""Lines that are others than before: drawing only them is most of what a picture in motion saves."""

from __future__ import annotations

from collections.abc import Sequence

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
