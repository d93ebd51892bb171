"""The words of a song, the line that is sung in the middle; those that are not timed scroll by hand."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip
from textual.widget import Widget

from auralis_cli.terminal_text import printable, shortened


class SongLines(Widget, can_focus=True):
    """Draws what has room; lines that are longer are cut."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {"song-lines--sung", "song-lines--sung-word", "song-lines--past"}
    DEFAULT_CSS = """
    SongLines { height: 1fr; width: 1fr; }
    SongLines .song-lines--sung { color: $accent; text-style: bold; }
    SongLines .song-lines--sung-word { color: $warning; text-style: bold; }
    SongLines .song-lines--past { color: $text-muted; }
    """

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._lines: Sequence[str] = ()
        self._sung: int | None = None
        self._is_timed = False
        # Letters of the sung line that were sung already.
        self._sung_letters = 0
        self._top = 0

    @property
    def sung(self) -> int | None:
        """The line that is sung."""
        return self._sung

    @property
    def lines(self) -> Sequence[str]:
        """All there are."""
        return self._lines

    def set_lines(self, lines: Sequence[str], *, is_timed: bool) -> None:
        """Shows another song, from its beginning."""
        self._lines = [printable(line) for line in lines]
        self._is_timed, self._sung, self._sung_letters, self._top = is_timed, None, 0, 0
        self.refresh()

    def set_sung(self, line: int | None, letters: int = 0) -> None:
        """That line is sung, and so many letters of it were."""
        if (line, letters) != (self._sung, self._sung_letters):
            self._sung, self._sung_letters = line, letters
            self.refresh()

    def scroll_by(self, lines: int) -> None:
        """Further down, or up, where nothing scrolls by itself."""
        top = max(min(self._top + lines, len(self._lines) - self.size.height), 0)
        if top != self._top and not self._is_timed:
            self._top = top
            self.refresh()

    def on_mouse_scroll_down(self) -> None:
        """Down."""
        self.scroll_by(3)

    def on_mouse_scroll_up(self) -> None:
        """Up."""
        self.scroll_by(-3)

    def render_line(self, y: int) -> Strip:
        """One line."""
        width, rows = self.size
        first = (self._sung or 0) - rows // 2 if self._is_timed else self._top
        number = first + y
        if not 0 <= number < len(self._lines):
            return Strip.blank(width, self.rich_style)
        text = shortened(self._lines[number], max(width - 2, 1))
        before = max((width - cell_len(text)) // 2, 0)
        segments = [Segment(" " * before, self.rich_style), *self._segments(number, text)]
        return Strip(segments).adjust_cell_length(width, self.rich_style)

    def _segments(self, number: int, text: str) -> list[Segment]:
        if number != self._sung:
            is_past = self._sung is not None and number < self._sung
            return [Segment(text, self._style("past") if is_past else self.rich_style)]
        sung, rest = text[: self._sung_letters], text[self._sung_letters :]
        return [Segment(sung, self._style("sung-word")), Segment(rest, self._style("sung"))]

    def _style(self, part: str) -> Style:
        return self.get_component_rich_style(f"song-lines--{part}")
