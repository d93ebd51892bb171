"""Levels as horizontal bars, a line each, with a number: loudness, peaks, correlation, reduction."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from rich.segment import Segment
from textual.strip import Strip

from auralis_cli.quick_dataclasses import dataclass
from auralis_cli.tui.widgets.changed_lines import DrawnByLines, refresh_changed

_EIGHTHS = "▏▎▍▌▋▊▉█"
_NAME_COLUMNS, _NUMBER_COLUMNS = 13, 8


@dataclass(frozen=True, slots=True)
class Meter:
    """One line: a name, what is read, and the part of the bar that is filled, from `start` to `end`, 0 to 1."""

    name: str
    reading: str
    start: float
    end: float
    # Of the styles: `calm`, `warm`, `hot`.
    style: str = "calm"


class MeterBars(DrawnByLines):
    """Draws itself anew only where a line is another."""

    PARTS = "meter-bars"
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "meter-bars--calm", "meter-bars--warm", "meter-bars--hot", "meter-bars--name", "meter-bars--reading",
    }  # fmt: skip
    DEFAULT_CSS = """
    MeterBars { height: auto; width: 1fr; }
    MeterBars .meter-bars--calm { color: $success; }
    MeterBars .meter-bars--warm { color: $warning; }
    MeterBars .meter-bars--hot { color: $error; }
    MeterBars .meter-bars--name { color: $text-muted; }
    MeterBars .meter-bars--reading { color: $text; }
    """

    def __init__(self, lines: int, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self.styles.height = lines
        self._meters: tuple[Meter, ...] = ()

    @property
    def meters(self) -> tuple[Meter, ...]:
        """What it shows."""
        return self._meters

    def set_meters(self, meters: Sequence[Meter]) -> None:
        """Shows these."""
        before, self._meters = self._meters, tuple(meters)
        refresh_changed(self, before, self._meters)

    def render_line(self, y: int) -> Strip:
        """One meter."""
        width = self.size.width
        if y >= len(self._meters):
            return Strip.blank(width, self.rich_style)
        meter = self._meters[y]
        reading = self.style_of("reading")
        room = max(width - _NAME_COLUMNS - _NUMBER_COLUMNS - 1, 0)
        segments = [
            Segment(f"{meter.name:<{_NAME_COLUMNS}}"[:_NAME_COLUMNS], self.style_of("name")),
            Segment(f"{meter.reading:>{_NUMBER_COLUMNS}} ", reading),
            Segment(_bar(meter, room), self.style_of(meter.style)),
        ]
        return Strip(segments).adjust_cell_length(width, reading)


def _bar(meter: Meter, room: int) -> str:
    """In eighths of a column at its end."""
    start, end = (min(max(share, 0.0), 1.0) for share in (meter.start, meter.end))
    first = int(start * room)
    eighths = max(round(end * room * 8) - 8 * first, 0)
    return " " * first + "█" * (eighths // 8) + (_EIGHTHS[eighths % 8 - 1] if eighths % 8 else "")
