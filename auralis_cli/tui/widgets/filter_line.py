"""The line in which the rows that are wanted are named; it is there while it is used or says something."""

from __future__ import annotations

from collections.abc import Callable

from textual.widget import Widget

from auralis_cli.tui.widgets.typed_line import TypedLine

_NARROWS = "only rows with these words; enter keeps them, esc shows all"


class FilterLine(TypedLine):
    """Is hidden until it is opened; Enter leaves it, and the rows stay narrowed down until it is cleared."""

    DEFAULT_CSS = """
    FilterLine { display: none; border: none; height: 1; padding: 0 1; background: $boost; }
    FilterLine:focus { border: none; }
    FilterLine.opened { display: block; }
    """

    def __init__(
        self,
        leads_to: Callable[[], Widget],
        placeholder: str = _NARROWS,
        *,
        id: str | None = None,  # noqa: A002
    ) -> None:
        super().__init__(placeholder=placeholder, id=id)
        self.leads_to = leads_to

    def open(self, text: str = "") -> None:
        """Is typed into from now on; `text` stands in it at once."""
        self.add_class("opened")
        if text:
            self.value = text
        self.screen.set_focus(self)

    def clear_filter(self) -> bool:
        """Shows all again and hides; whether it was open."""
        was_open = self.has_class("opened")
        self.value = ""
        self.remove_class("opened")
        return was_open
