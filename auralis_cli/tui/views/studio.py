"""The studio: how what plays is mastered, heard against the original at one loudness, and measured as it is heard."""

from __future__ import annotations

from collections.abc import Sequence

from textual import events
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widgets import Static

from auralis_cli.model.sound_frame import SoundFrame
from auralis_cli.terminal_text import printable
from auralis_cli.tui.now_text import heading, loudness_line
from auralis_cli.tui.sound_look import SoundLook, SoundTold
from auralis_cli.tui.studio_text import METER_LINES, heard_side, mastering_lines, meter_lines
from auralis_cli.tui.ui_state import UiState
from auralis_cli.tui.view import View
from auralis_cli.tui.widgets.meter_bars import MeterBars
from auralis_cli.tui.widgets.spectrum_bars import SpectrumBars

_LOWEST_DB, _HIGHEST_DB = -84.0, -18.0
# In lower screens the meters come before the spectrum.
_SPECTRUM_FROM_ROWS = 15
_WAITING = "the meters are getting ready …"
_STEP = {"left": "-0.1", "right": "+0.1"}


class StudioView(View):
    """Mastering live."""

    NAME = "studio"
    FOOTER = ("enhance", "compare", "choose-preset", "intensity -0.1", "intensity +0.1", "toggle")
    DEFAULT_CSS = """
    StudioView { layout: vertical; padding: 0 1; }
    StudioView #studio-heading { height: 1; text-style: bold; }
    StudioView #studio-upper { height: 9; margin: 0 0 1 0; }
    StudioView #studio-mastering { width: 42%; min-width: 33; }
    StudioView #studio-words { height: auto; text-wrap: nowrap; text-overflow: ellipsis; }
    StudioView #studio-loudness { height: auto; color: $text-muted; }
    StudioView #studio-legend { height: 1; color: $text-muted; }
    """

    def compose(self) -> ComposeResult:
        """What is done at the left, what is measured at the right, the spectrum below."""
        app = self.auralis
        self._sound = SoundLook(
            lambda: app.link.player_name, app.context.variables, self.post_message, app.context.clock_s
        )
        self._frame: SoundFrame | None = None
        self._written: dict[str, str] = {}
        yield Static(id="studio-heading", markup=False)
        with Horizontal(id="studio-upper"):
            with Vertical(id="studio-mastering"):
                yield Static(id="studio-words", markup=False)
                yield Static(id="studio-loudness", markup=False)
            yield MeterBars(METER_LINES, id="studio-meters")
        yield Static(id="studio-legend", markup=False)
        yield SpectrumBars(lowest_db=_LOWEST_DB, highest_db=_HIGHEST_DB, id="studio-spectrum")

    def on_unmount(self) -> None:
        """Looks no more."""
        self._sound.end()

    def on_hide(self, _event: events.Hide) -> None:
        """What is not seen is not measured."""
        self._sound.end()
        self._frame = None

    def on_resize(self) -> None:
        """The spectrum goes where there is no room for it."""
        for name in ("#studio-spectrum", "#studio-legend"):
            self.query_one(name).display = self.size.height >= _SPECTRUM_FROM_ROWS

    def show(self, state: UiState) -> None:
        """What is done to what plays."""
        if state.view == self.NAME:
            self._sound.follow(state)
        status = state.status
        self._write("#studio-heading", heading(status))
        self._write("#studio-words", "\n".join(mastering_lines(status)))
        self._write("#studio-loudness", "" if status is None else "\n".join(("", *loudness_line(status).split(" · "))))
        self._show_sound()

    def run(self, command: str, words: Sequence[str]) -> bool:
        """Left and right turn the intensity."""
        if command not in _STEP:
            return False
        self.auralis.run_line(f"intensity {_STEP[command]}")
        return True

    def on_sound_told(self, _message: SoundTold) -> None:
        """Shows what is heard now."""
        if (frame := self._sound.take()) is not None:
            self._frame = frame
            self._show_sound()

    def _show_sound(self) -> None:
        status, frame = self.auralis.state.status, self._frame
        self.query_one(MeterBars).set_meters(meter_lines(frame, status))
        bars = self.query_one(SpectrumBars)
        if frame is None:
            bars.set_bands(())
            self._write("#studio-legend", self._sound.problem or (_WAITING if self._sound.is_running else ""))
            return
        sides = {"original": frame.original.mean_bands_db, "mastered": frame.mastered.mean_bands_db}
        heard = heard_side(status)
        other = "original" if heard == "mastered" else "mastered"
        is_other = sides[heard] != sides[other]
        bars.set_bands(sides[heard], sides[other] if is_other else ())
        self._write("#studio-legend", f"spectrum of the {heard}" + (f", ─ of the {other}" if is_other else ""))

    def _write(self, name: str, text: str) -> None:
        # Laying out anew what is the same would cost more than all meters.
        if self._written.get(name) == text:
            return
        self._written[name] = text
        lines = "\n".join(printable(line) for line in text.split("\n"))
        self.query_one(name, Static).update(Content(lines))
