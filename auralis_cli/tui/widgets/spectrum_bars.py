"""A spectrum as bars, with another one before or behind it as a line; drawn line by line, thirty times a second."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip
from textual.widget import Widget

from auralis_cli.tui.plot_scales import GUTTER_COLUMNS, frequency_line, level_labels

_EIGHTHS = " ▁▂▃▄▅▆▇█"
_MARK = "─"
_SCALES_FROM_ROWS = 4


class SpectrumBars(Widget, can_focus=False):
    """Bands from left to right, as wide as there is room; the upper third of the height stands out."""

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
        self._heights: list[int] = []
        self._marks: list[int] = []

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
        rows = self._rows
        heights = [self._eighths(level) for level in self._columns(bands)]
        marks = [min(self._eighths(level) // 8, rows - 1) for level in self._columns(other)]
        if (heights, marks) != (self._heights, self._marks):
            self._heights, self._marks = heights, marks
            self.refresh()

    def on_resize(self) -> None:
        """The columns are others."""
        self._heights = []
        self.set_bands(self._bands, self._other)

    def _columns(self, bands: Sequence[float]) -> list[float]:
        """A level for each column."""
        width = self._columns_shown
        return [bands[column * len(bands) // width] for column in range(width)] if bands else []

    def _eighths(self, level_db: float) -> int:
        share = (level_db - self._lowest_db) / (self._highest_db - self._lowest_db)
        return round(min(max(share, 0.0), 1.0) * 8 * self._rows)

    @property
    def _rows(self) -> int:
        return self.size.height - (1 if self._is_scaled else 0)

    @property
    def _columns_shown(self) -> int:
        return max(self.size.width - (GUTTER_COLUMNS if self._is_scaled else 0), 0)

    @property
    def _is_scaled(self) -> bool:
        return self._has_scales and self.size.height >= _SCALES_FROM_ROWS and self.size.width > 4 * GUTTER_COLUMNS

    def render_line(self, y: int) -> Strip:
        """A line of the bars, from the top."""
        if not self._is_scaled:
            return self._bar_line(y)
        scale = self._style("other")
        if y == self._rows:
            return Strip([Segment(" " * GUTTER_COLUMNS + frequency_line(self._columns_shown), scale)])
        level = level_labels(self._lowest_db, self._highest_db, self._rows, GUTTER_COLUMNS)[y]
        return Strip([Segment(level, scale), *self._bar_line(y)])

    def _bar_line(self, y: int) -> Strip:
        width, rows = self._columns_shown, self._rows
        if not self._heights:
            return Strip.blank(width, self.rich_style)
        row = rows - 1 - y
        part = "high" if 3 * row >= 2 * rows else "middle" if 3 * row >= rows else "low"
        cells = [(_EIGHTHS[min(max(height - 8 * row, 0), 8)], part) for height in self._heights]
        for column, mark in enumerate(self._marks):
            if mark == row and cells[column][0] == " ":
                cells[column] = (_MARK, "other")
        segments = [
            Segment("".join(text for text, _ in found), self._style(name))
            for name, found in groupby(cells, key=lambda cell: cell[1])
        ]
        return Strip(segments)

    def _style(self, part: str) -> Style:
        return self.get_component_rich_style(f"spectrum-bars--{part}")
