"""A spectrum as bars, with another one before or behind it as a line; drawn line by line, 25 times a second."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from itertools import groupby
from typing import ClassVar

from rich.segment import Segment
from textual.strip import Strip

from auralis_cli.tui.plot_scales import GUTTER_COLUMNS, frequency_line, level_labels
from auralis_cli.tui.widgets.changed_lines import DrawnByLines, refresh_changed

_EIGHTHS = " ▁▂▃▄▅▆▇█"
_MARK = "─"
_SCALES_FROM_ROWS = 4


class SpectrumBars(DrawnByLines):
    """Bands from left to right, as wide as there is room; the upper third of the height stands out."""

    PARTS = "spectrum-bars"
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "spectrum-bars--low", "spectrum-bars--middle", "spectrum-bars--high", "spectrum-bars--other",
    }  # fmt: skip
    DEFAULT_CSS = """
    SpectrumBars { height: 1fr; width: 1fr; }
    SpectrumBars .spectrum-bars--low { color: $primary; }
    SpectrumBars .spectrum-bars--middle { color: $success; }
    SpectrumBars .spectrum-bars--high { color: $warning; }
    SpectrumBars .spectrum-bars--other { color: $text-muted; }
    """

    def __init__(
        self,
        *,
        lowest_db: float,
        highest_db: float,
        has_scales: bool = False,
        id: str | None = None,  # noqa: A002
    ) -> None:
        """With scales, levels stand at the left and frequencies below, where there are at least a few rows."""
        super().__init__(id=id)
        self._has_scales = has_scales
        self._lowest_db, self._highest_db = lowest_db, highest_db
        self._bands: Sequence[float] = ()
        self._other: Sequence[float] = ()
        # What there is room for: asking for the size is dear, once a line.
        self._rows = self._columns_shown = 0
        self._is_scaled = False
        # From the top: what stands in each column, and whether it is a bar or a mark of the other.
        self._lines: list[tuple[str, str]] = []

    @property
    def bands(self) -> Sequence[float]:
        """What it shows, dB."""
        return self._bands

    @property
    def other(self) -> Sequence[float]:
        """What it shows as a line, dB; empty for none."""
        return self._other

    def set_bands(self, bands: Sequence[float], other: Sequence[float] = ()) -> None:
        """Shows these, dB, from low to high; draws nothing where that is no other picture."""
        self._bands, self._other = bands, other
        rows, columns = self._rows, self._columns_shown
        heights = self._eighths(bands, columns, rows)
        marks = [min(height // 8, rows - 1) for height in self._eighths(other, columns, rows)]
        before, self._lines = self._lines, _lines(heights, marks, rows)
        refresh_changed(self, before, self._lines)

    def on_resize(self) -> None:
        """The columns are others."""
        size = self.size
        self._is_scaled = self._has_scales and size.height >= _SCALES_FROM_ROWS and size.width > 4 * GUTTER_COLUMNS
        self._rows = size.height - (1 if self._is_scaled else 0)
        self._columns_shown = max(size.width - (GUTTER_COLUMNS if self._is_scaled else 0), 0)
        self._lines = []
        self.refresh()
        self.set_bands(self._bands, self._other)

    def _eighths(self, bands: Sequence[float], columns: int, rows: int) -> list[int]:
        """How high each column is, in eighths of a row."""
        lowest, range_db = self._lowest_db, self._highest_db - self._lowest_db
        shares = [min(max((level - lowest) / range_db, 0.0), 1.0) for level in bands]
        return [round(shares[column * len(bands) // columns] * 8 * rows) for column in range(columns)] if bands else []

    def render_line(self, y: int) -> Strip:
        """A line of the bars, from the top."""
        # It may be drawn larger before it is told so.
        if not self._is_scaled or y > self._rows:
            return self._bar_line(y)
        scale = self.style_of("other")
        if y == self._rows:
            return Strip([Segment(" " * GUTTER_COLUMNS + frequency_line(self._columns_shown), scale)])
        level = level_labels(self._lowest_db, self._highest_db, self._rows, GUTTER_COLUMNS)[y]
        return Strip([Segment(level, scale), *self._bar_line(y)])

    def _bar_line(self, y: int) -> Strip:
        width, rows = self._columns_shown, self._rows
        if y >= len(self._lines):
            return Strip.blank(width, self.rich_style)
        row = rows - 1 - y
        part = self.style_of("high" if 3 * row >= 2 * rows else "middle" if 3 * row >= rows else "low")
        bars, marks = self._lines[y]
        if not marks:
            return Strip([Segment(bars, part)])
        other = self.style_of("other")
        cells = groupby(zip(bars, marks, strict=True), key=lambda cell: cell[0] == " " and cell[1] == _MARK)
        return Strip(
            [
                Segment("".join(mark if is_mark else bar for bar, mark in found), other if is_mark else part)
                for is_mark, found in cells
            ]
        )


def _lines(heights: Sequence[int], marks: Sequence[int], rows: int) -> list[tuple[str, str]]:
    """Each line from the top: its bars, and the marks among them, none where there are none."""
    if not heights or rows < 1:
        return []
    # Columns of letters laid on their side: a picture has a thousand letters, and is drawn 25 times a second.
    bars = map("".join, zip(*[_bar(height, rows) for height in heights], strict=True))
    if not marks:
        return [(line, "") for line in bars]
    marked = map("".join, zip(*[_mark(row, rows) for row in marks], strict=True))
    return [(line, marks_of if _MARK in marks_of else "") for line, marks_of in zip(bars, marked, strict=True)]


@lru_cache(maxsize=1024)
def _bar(height: int, rows: int) -> str:
    """One column from the top: what is above, the eighths it ends in, what is full."""
    full, rest = divmod(min(max(height, 0), 8 * rows), 8)
    return (" " * rows + (_EIGHTHS[rest] if rest else "") + _EIGHTHS[8] * full)[-rows:]


@lru_cache(maxsize=256)
def _mark(row: int, rows: int) -> str:
    """A column with a mark in one row, from the bottom."""
    return " " * (rows - 1 - row) + _MARK + " " * row
