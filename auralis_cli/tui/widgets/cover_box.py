"""The cover of a track: as a picture where the terminal shows such, else in half blocks, two pixels a character."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, cast

from rich.color import Color
from rich.segment import ControlType, Segment
from rich.style import Style
from textual.geometry import Region
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from auralis_cli.model.covers import DrawnAs
from auralis_cli.tui.kitty_cells import MOST_CELLS, PictureName

if TYPE_CHECKING:
    from auralis_cli.services.cover_graphics import CoverGraphic
    from auralis_cli.services.cover_pixels import CoverPixels
    from auralis_cli.tui.context import UiContext

_HALF = "▀"
_NONE = "♪"
# In less room nothing can be made out.
_LEAST_ROWS = 3
_PLAIN = Style()
# What takes no cell: of no meaning by itself, it keeps the text from being measured.
_NO_CELL = [(ControlType.CURSOR_FORWARD, 0)]


class _Wanted(NamedTuple):
    path: str
    columns: int
    rows: int


class CoverBox(Widget, can_focus=False):
    """Fetches what it shows in a thread; what comes late is left out."""

    DEFAULT_CSS = "CoverBox { height: 1fr; width: 1fr; color: $text-muted; }"

    class Fetched(Message):
        """A cover is there, or there is none."""

        def __init__(self, wanted: _Wanted, found: CoverPixels | CoverGraphic | None) -> None:
            super().__init__()
            self.wanted, self.found = wanted, found

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._path: str | None = None
        self._wanted: _Wanted | None = None
        self._strips: list[Strip] = []
        # What is shown; None where that is no cover.
        self.shown: CoverPixels | CoverGraphic | None = None
        self._picture_name: PictureName | None = None
        # Whether the terminal holds the picture.
        self._was_given = False

    def on_mount(self) -> None:
        """A terminal that shows another screen meanwhile forgets the pictures of this one."""
        self.app.app_resume_signal.subscribe(self, lambda _app: self._give_terminal())

    def on_unmount(self) -> None:
        """The terminal need not keep it."""
        if self._was_given and (driver := self.app._driver) is not None:
            driver.write(self._picture.forgotten)

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
            self._show(message.found)

    @property
    def _ui(self) -> UiContext:
        from auralis_cli.tui.app import AuralisApp

        return cast(AuralisApp, self.app).context

    @property
    def _picture(self) -> PictureName:
        """What kitty calls it by."""
        if self._picture_name is None:
            self._picture_name = PictureName.own(has_true_color=self.app.console.color_system == "truecolor")
        return self._picture_name

    @property
    def _drawn_as(self) -> DrawnAs:
        """Kitty's placeholders say by their colour of what picture they are."""
        drawn_as = self._ui.graphics.drawn_as
        can = drawn_as is not DrawnAs.KITTY or self.app.console.color_system in ("truecolor", "256")
        return drawn_as if can else DrawnAs.BLOCKS

    @property
    def _is_off(self) -> bool:
        return bool(self._ui.config.value("play.covers") == "off")

    def _want(self) -> None:
        columns, rows = (min(side, MOST_CELLS) for side in self.size)
        if self._path is None or self._is_off or rows < _LEAST_ROWS or columns < 2 * _LEAST_ROWS:
            self._wanted = None
            self._show(None)
            return
        wanted = _Wanted(self._path, columns, rows)
        if wanted != self._wanted:
            self._wanted = wanted
            self.run_worker(partial(self._fetch, wanted), thread=True, exclusive=True, group="cover")

    def _fetch(self, wanted: _Wanted) -> None:
        # Bring the decoders of pictures along, which the first screen does not wait for.
        from auralis_cli.services.cover_graphics import cover_graphic
        from auralis_cli.services.cover_pixels import cover_pixels

        context, path = self._ui, Path(wanted.path)
        found: CoverPixels | CoverGraphic | None
        if self._drawn_as is DrawnAs.BLOCKS:
            found = cover_pixels(path, wanted.columns, wanted.rows, context.variables)
        else:
            number = self._picture.number
            found = cover_graphic(path, wanted.columns, wanted.rows, context.graphics, number, context.variables)
        self.post_message(self.Fetched(wanted, found))

    def _show(self, found: CoverPixels | CoverGraphic | None) -> None:
        self.shown = found
        self._strips = [] if found is None else [Strip(self._cells(found, row)) for row in range(found.rows)]
        self._give_terminal()
        self.refresh()

    def _give_terminal(self) -> None:
        """Hands kitty the picture, ahead of the letters in whose place it is shown."""
        driver = self.app._driver
        if self._drawn_as is DrawnAs.KITTY and self.shown is not None and driver is not None:
            # By way of the thread that writes all of the screen: nothing of either is cut in two.
            driver.write(cast("CoverGraphic", self.shown).text)
            self._was_given = True

    def _cells(self, found: CoverPixels | CoverGraphic, row: int) -> Iterator[Segment]:
        drawn_as = self._drawn_as
        if drawn_as is DrawnAs.BLOCKS:
            yield from _blocks(cast("CoverPixels", found), row)
        elif drawn_as is DrawnAs.KITTY:
            yield self._picture.cells(row, found.columns)
        else:
            yield Segment(" " * found.columns, self.rich_style)
            if row == found.rows - 1:
                yield _drawn_above(cast("CoverGraphic", found))

    def render_lines(self, crop: Region) -> list[Strip]:
        """Behind a dialog there are no pictures: its colours are others there, and its lines are cut."""
        if self._drawn_as is DrawnAs.BLOCKS or self.screen.is_active:
            return super().render_lines(crop)
        return [Strip.blank(crop.width, self.rich_style)] * crop.height

    def render_line(self, y: int) -> Strip:
        """A line of the picture, in the middle of the room; where there is none, a note."""
        columns, rows = self.size
        if self.shown is None:
            text = _NONE if y == rows // 2 and rows >= _LEAST_ROWS and not self._is_off else ""
            return Strip([Segment(text.center(columns), self.rich_style)])
        row = y - (rows - self.shown.rows) // 2
        if not 0 <= row < len(self._strips):
            return Strip.blank(columns, self.rich_style)
        before = (columns - self.shown.columns) // 2
        return _padded(self._strips[row], before, self.shown.columns, columns, self.rich_style)


def _drawn_above(found: CoverGraphic) -> Segment:
    """Sixels are drawn from the upper left of the cells, once the last of these was written, and the cursor is back."""
    text = f"\x1b7\x1b[{found.rows - 1}A\x1b[{found.columns}D{found.text}\x1b8"
    return Segment(text, _PLAIN, _NO_CELL)


def _padded(strip: Strip, before: int, shown: int, columns: int, style: Style) -> Strip:
    after = columns - before - shown
    return Strip([Segment(" " * before, style), *strip, Segment(" " * after, style)], columns)


def _blocks(pixels: CoverPixels, row: int) -> Iterator[Segment]:
    for (upper, lower), cells in groupby(pixels.cell(column, row) for column in range(pixels.columns)):
        style = Style(color=Color.from_rgb(*upper), bgcolor=Color.from_rgb(*lower))
        yield Segment(_HALF * len(list(cells)), style)
