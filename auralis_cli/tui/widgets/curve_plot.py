"""Curves over a scale of decibels, in dots of which eight make a letter; drawn anew only where a dot is another."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import ClassVar

from rich.segment import Segment
from textual.message import Message
from textual.strip import Strip

from auralis_cli.tui.plot_scales import GUTTER_COLUMNS, braille_lines, level_labels
from auralis_cli.tui.widgets.changed_lines import DrawnByLines, refresh_changed


class CurvePlot(DrawnByLines):
    """The first curve stands out, the second does not; below them a line of labels where there is one."""

    PARTS = "curve-plot"
    COMPONENT_CLASSES: ClassVar[set[str]] = {"curve-plot--first", "curve-plot--second", "curve-plot--scale"}
    DEFAULT_CSS = """
    CurvePlot { height: 1fr; width: 1fr; }
    CurvePlot .curve-plot--first { color: $accent; }
    CurvePlot .curve-plot--second { color: $secondary; }
    CurvePlot .curve-plot--scale { color: $text-muted; }
    """

    class Resized(Message):
        """The curves are wanted anew: their dots are others."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._shown: tuple[object, ...] | None = None
        self._levels: tuple[tuple[float, ...], ...] = ()
        self._below = ""
        self._lines: list[list[tuple[str, int]]] = []
        self._labels: tuple[str, ...] = ()

    @property
    def dots(self) -> int:
        """How many levels each curve is to have."""
        return 2 * max(self.size.width - GUTTER_COLUMNS, 0)

    @property
    def plot_columns(self) -> int:
        """How wide it is without its scale."""
        return max(self.size.width - GUTTER_COLUMNS, 0)

    @property
    def curves(self) -> tuple[tuple[float, ...], ...]:
        """What it shows, dB."""
        return self._levels

    def set_curves(
        self, curves: Sequence[Sequence[float]], lowest_db: float, highest_db: float, below: str = ""
    ) -> None:
        """Shows these, with so many levels each as there are `dots`, from the left."""
        levels = tuple(tuple(curve) for curve in curves)
        if (shown := (self.size, levels, lowest_db, highest_db, below)) == self._shown:
            return
        before = [*zip(self._labels, self._lines, strict=True), self._below]
        self._shown, self._levels, self._below = shown, levels, below
        rows = max(self.size.height - bool(below), 0)
        shares = [[(level - lowest_db) / (highest_db - lowest_db) for level in curve] for curve in levels]
        self._lines = braille_lines(shares, self.plot_columns, rows)
        self._labels = level_labels(lowest_db, highest_db, rows, GUTTER_COLUMNS)
        refresh_changed(self, before, [*zip(self._labels, self._lines, strict=True), below])

    def on_resize(self) -> None:
        """What was shown has no place here any more."""
        self.refresh()
        self.post_message(self.Resized())

    def render_line(self, y: int) -> Strip:
        """A line, from the top."""
        width = self.size.width
        scale = self.style_of("scale")
        if y >= len(self._lines):
            text = " " * GUTTER_COLUMNS + self._below if y == len(self._lines) and self._lines else ""
            return Strip([Segment(text, scale)]).adjust_cell_length(width, scale)
        segments = [Segment(self._labels[y], scale)]
        for owner, cells in groupby(self._lines[y], key=lambda cell: cell[1]):
            style = self.style_of("second" if owner == 1 else "first")
            segments.append(Segment("".join(text for text, _ in cells), style))
        return Strip(segments).adjust_cell_length(width, scale)
