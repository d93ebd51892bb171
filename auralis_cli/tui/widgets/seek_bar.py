"""The track from beginning to end, as high as it peaks and coloured by how loud it is; a click goes there."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, ClassVar, cast

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.strip import Strip
from textual.widget import Widget

from auralis_cli.model.waveform import Waveform

if TYPE_CHECKING:
    from auralis_cli.tui.app import AuralisApp

_EIGHTHS = " ▁▂▃▄▅▆▇█"
_LINE, _PLAYED_LINE = "─", "━"
# From which loudness on a colour is that of a column.
_LOUDNESS = ((-9.0, "hot"), (-15.0, "loud"), (-24.0, "middle"), (-200.0, "quiet"))


class SeekBar(Widget, can_focus=False):
    """Draws itself anew only when the place moves by a column."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        *(f"seek-bar--{name}" for _, name in _LOUDNESS), "seek-bar--ahead", "seek-bar--place",
    }  # fmt: skip
    DEFAULT_CSS = """
    SeekBar { height: 4; width: 1fr; }
    SeekBar .seek-bar--quiet { color: $primary; }
    SeekBar .seek-bar--middle { color: $success; }
    SeekBar .seek-bar--loud { color: $warning; }
    SeekBar .seek-bar--hot { color: $error; }
    SeekBar .seek-bar--ahead { color: $text-disabled; }
    SeekBar .seek-bar--place { color: $accent; text-style: bold; }
    """

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._waveform: Waveform | None = None
        self._columns: list[tuple[float, str]] = []
        # Share of the track that was played; None where its length is not known, or nothing plays.
        self._share: float | None = None
        self._place = 0

    @property
    def waveform(self) -> Waveform | None:
        """What it draws; None where that is not known, or not yet."""
        return self._waveform

    def set_waveform(self, waveform: Waveform | None) -> None:
        """Draws another track."""
        if waveform is not self._waveform:
            self._waveform = waveform
            self._lay_out()

    def set_place(self, share: float | None) -> None:
        """How much of the track was played, 0 to 1; None where that cannot be said."""
        place = 0 if share is None else min(int(share * self.size.width), max(self.size.width - 1, 0))
        if place != self._place or (share is None) != (self._share is None):
            self._place = place
            self.refresh()
        self._share = share

    def on_resize(self) -> None:
        """The columns are others."""
        self._lay_out()
        self.set_place(self._share)

    def on_click(self, event: events.Click) -> None:
        """Goes there."""
        if self._share is not None and self.size.width:
            percent = 100.0 * (event.x + 0.5) / self.size.width
            cast("AuralisApp", self.app).run_line(f"seek {min(percent, 100.0):.2f}%")

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """On by 5 s."""
        event.stop()
        cast("AuralisApp", self.app).run_line("seek +5")

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """Back by 5 s."""
        event.stop()
        cast("AuralisApp", self.app).run_line("seek -5")

    def _lay_out(self) -> None:
        found = () if self._waveform is None else self._waveform.columns(self.size.width)
        self._columns = [(peak, _name_of(lufs)) for peak, lufs in found]
        self.refresh()

    def render_line(self, y: int) -> Strip:
        """A line of the columns, from the top; without a shape, one line that tells the place."""
        width, rows = self.size
        if not self._columns or self._share is None:
            return self._plain_line(y)
        cells = []
        for column, (peak, name) in enumerate(self._columns[:width]):
            filled = max(round(peak * 8 * rows), 1) - 8 * (rows - 1 - y)
            part = "place" if column == self._place else name if column < self._place else "ahead"
            cells.append((_EIGHTHS[min(max(filled, 0), 8)], part))
        return self._strip(cells)

    def _plain_line(self, y: int) -> Strip:
        width, rows = self.size
        if y != rows - 1 or self._share is None:
            return Strip.blank(width, self.rich_style)
        played = [(_PLAYED_LINE, "place")] * self._place
        return self._strip([*played, *[(_LINE, "ahead")] * (width - self._place)])

    def _strip(self, cells: list[tuple[str, str]]) -> Strip:
        segments = []
        for part, found in groupby(cells, key=lambda cell: cell[1]):
            segments.append(Segment("".join(text for text, _ in found), self._style(part)))
        return Strip(segments)

    def _style(self, part: str) -> Style:
        return self.get_component_rich_style(f"seek-bar--{part}")


def _name_of(lufs: float) -> str:
    return next((name for from_lufs, name in _LOUDNESS if lufs >= from_lufs), _LOUDNESS[-1][1])
