"""A line of the screen made of parts, which the mouse can press and turn."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, ClassVar, cast

from rich.segment import Segment
from textual import events
from textual.strip import Strip
from textual.widget import Widget

from auralis_cli.quick_dataclasses import dataclass
from auralis_cli.terminal_text import display_width, printable, shortened

if TYPE_CHECKING:
    from auralis_cli.tui.app import AuralisApp


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of text in a line, in one style."""

    text: str
    # Of the styles of the line: `key`, `strong`, `quiet`, `error`; empty for plain.
    style: str = ""
    # The command line of a click; empty for none.
    click: str = ""
    # Those of the wheel, up and down.
    wheel: tuple[str, str] | None = None


class OneLine(Widget, can_focus=False):
    """Draws parts from left to right; what has no room is cut."""

    STYLES: ClassVar[tuple[str, ...]] = ("key", "strong", "quiet", "error")
    COMPONENT_CLASSES: ClassVar[set[str]] = {f"one-line--{style}" for style in STYLES}
    DEFAULT_CSS = """
    OneLine { height: 1; width: 1fr; background: $panel; color: $foreground; }
    OneLine .one-line--key { color: $accent; text-style: bold; }
    OneLine .one-line--strong { text-style: bold reverse; }
    OneLine .one-line--quiet { color: $text-muted; }
    OneLine .one-line--error { color: $error; text-style: bold; }
    """

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._parts: tuple[Part, ...] = ()

    @property
    def parts(self) -> tuple[Part, ...]:
        """What it shows."""
        return self._parts

    def set_parts(self, parts: Iterable[Part]) -> None:
        """Shows these; draws nothing where they are those it shows."""
        new = tuple(Part(printable(part.text), part.style, part.click, part.wheel) for part in parts)
        if new != self._parts:
            self._parts = new
            self.refresh()

    def render_line(self, y: int) -> Strip:
        """The parts in their styles, and the rest of the line empty."""
        base = self.rich_style
        segments, left = [], self.size.width
        for part in self._parts:
            text = shortened(part.text, left) if left else ""
            left -= display_width(text)
            style = base + self.get_component_rich_style(f"one-line--{part.style}") if part.style else base
            segments.append(Segment(text, style))
        return Strip([*segments, Segment(" " * left, base)])

    def on_click(self, event: events.Click) -> None:
        """Does what the part under the mouse is for."""
        part = self._part_at(event.x)
        if part is not None and part.click:
            self._say(part.click)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """Turns the part under the mouse up."""
        self._turn(event.x, 0)

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """Turns the part under the mouse down."""
        self._turn(event.x, 1)

    def _turn(self, x: int, direction: int) -> None:
        part = self._part_at(x)
        if part is not None and part.wheel is not None:
            self._say(part.wheel[direction])

    def _say(self, line: str) -> None:
        cast("AuralisApp", self.app).run_line(line)

    def _part_at(self, x: int) -> Part | None:
        for part in self._parts:
            x -= display_width(part.text)
            if x < 0:
                return part
        return None
