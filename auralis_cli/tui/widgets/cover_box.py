"""The cover of a track in half blocks, two pixels a character: in every terminal, over ssh and in tmux alike."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, cast

from rich.color import Color
from rich.segment import Segment
from rich.style import Style
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

if TYPE_CHECKING:
    from auralis_cli.services.cover_pixels import CoverPixels
    from auralis_cli.tui.app import AuralisApp

_HALF = "▀"
_NONE = "♪"
# In less room nothing can be made out.
_LEAST_ROWS = 3


class _Wanted(NamedTuple):
    path: str
    columns: int
    rows: int


class CoverBox(Widget, can_focus=False):
    """Fetches what it shows in a thread; what comes late is left out."""

    DEFAULT_CSS = "CoverBox { height: 1fr; width: 1fr; color: $text-muted; }"

    class Fetched(Message):
        """A cover is there, or there is none."""

        def __init__(self, wanted: _Wanted, pixels: CoverPixels | None) -> None:
            super().__init__()
            self.wanted, self.pixels = wanted, pixels

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._path: str | None = None
        self._wanted: _Wanted | None = None
        self._strips: list[Strip] = []
        # What is shown; None where that is no cover.
        self.pixels: CoverPixels | None = None

    def show_track(self, path: str | None) -> None:
        """Shows the cover of that file; nothing changes where it shows that already."""
        if path != self._path:
            self._path = path
            self._want()

    def on_resize(self) -> None:
        """Fetches it in the new size; until then the old one stays."""
        self._want()

    def on_cover_box_fetched(self, message: Fetched) -> None:
        """Shows it, where it is what is wanted by now."""
        message.stop()
        if message.wanted == self._wanted:
            self._show(message.pixels)

    def _want(self) -> None:
        columns, rows = self.size
        if self._path is None or rows < _LEAST_ROWS or columns < 2 * _LEAST_ROWS:
            self._wanted = None
            self._show(None)
            return
        wanted = _Wanted(self._path, columns, rows)
        if wanted != self._wanted:
            self._wanted = wanted
            self.run_worker(partial(self._fetch, wanted), thread=True, exclusive=True, group="cover")

    def _fetch(self, wanted: _Wanted) -> None:
        # Brings the decoders of pictures along, which the first screen does not wait for.
        from auralis_cli.services.cover_pixels import cover_pixels

        variables = cast("AuralisApp", self.app).context.variables
        pixels = cover_pixels(Path(wanted.path), wanted.columns, wanted.rows, variables)
        self.post_message(self.Fetched(wanted, pixels))

    def _show(self, pixels: CoverPixels | None) -> None:
        self.pixels = pixels
        self._strips = [] if pixels is None else [Strip(_cells(pixels, row)) for row in range(pixels.rows)]
        self.refresh()

    def render_line(self, y: int) -> Strip:
        """A line of the picture, in the middle of the room; where there is none, a note."""
        columns, rows = self.size
        if self.pixels is None:
            text = _NONE if y == rows // 2 and rows >= _LEAST_ROWS else ""
            return Strip([Segment(text.center(columns), self.rich_style)])
        row = y - (rows - self.pixels.rows) // 2
        if not 0 <= row < len(self._strips):
            return Strip.blank(columns, self.rich_style)
        before = (columns - self.pixels.columns) // 2
        return _padded(self._strips[row], before, columns, self.rich_style)


def _padded(strip: Strip, before: int, columns: int, style: Style) -> Strip:
    return Strip([Segment(" " * before, style), *strip, Segment(" " * (columns - before - strip.cell_length), style)])


def _cells(pixels: CoverPixels, row: int) -> Iterator[Segment]:
    for (upper, lower), cells in groupby(pixels.cell(column, row) for column in range(pixels.columns)):
        style = Style(color=Color.from_rgb(*upper), bgcolor=Color.from_rgb(*lower))
        yield Segment(_HALF * len(list(cells)), style)
