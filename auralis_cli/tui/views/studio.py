"""The studio: how what plays is mastered, heard against the original at one loudness, and measured as it is heard."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress

from textual import events
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.message import Message
from textual.widgets import Static

from auralis_cli.errors import UsageError
from auralis_cli.model.heard_plan import HeardPlan
from auralis_cli.model.sound_frame import SoundFrame
from auralis_cli.player.control_protocol import PLAN
from auralis_cli.terminal_text import number, printable
from auralis_cli.tui.link import Port
from auralis_cli.tui.now_text import heading, loudness_line
from auralis_cli.tui.plot_scales import frequency_line, labelled
from auralis_cli.tui.sound_look import SoundLook, SoundTold
from auralis_cli.tui.studio_text import (
    METER_LINES,
    MOMENT_S,
    ReductionHistory,
    heard_side,
    mastering_lines,
    meter_lines,
    plan_lines,
    tone_curves,
    tone_range_db,
    tone_title,
)  # fmt: skip
from auralis_cli.tui.ui_state import UiState
from auralis_cli.tui.view import View
from auralis_cli.tui.widgets.curve_plot import CurvePlot
from auralis_cli.tui.widgets.meter_bars import MeterBars
from auralis_cli.tui.widgets.spectrum_bars import SpectrumBars

_LOWEST_DB, _HIGHEST_DB = -84.0, -18.0
# In lower screens the meters come before the spectrum, in narrower ones the spectrum before the curves.
_SPECTRUM_FROM_ROWS = 15
_CURVES_FROM_COLUMNS = 64
_REDUCTION_TO_DB = 12.0
_WAITING = "the meters are getting ready …"
_STEP = {"left": "-0.1", "right": "+0.1"}


class StudioView(View):
    """Mastering live."""

    NAME = "studio"
    FOOTER = ("enhance", "compare", "choose-preset", "render", "intensity -0.1", "intensity +0.1", "toggle")
    DEFAULT_CSS = """
    StudioView { layout: vertical; padding: 0 1; }
    StudioView #studio-heading { height: 1; text-style: bold; }
    StudioView #studio-upper { height: 10; }
    StudioView #studio-mastering { width: 42%; min-width: 33; padding: 0 1 0 0; }
    StudioView #studio-words { height: auto; text-wrap: nowrap; text-overflow: ellipsis; }
    StudioView #studio-loudness { height: auto; color: $text-muted; text-wrap: nowrap; text-overflow: ellipsis; }
    StudioView #studio-lower { height: 1fr; }
    StudioView #studio-curves { width: 42%; margin: 0 0 0 2; }
    StudioView #studio-tone { height: 3fr; }
    StudioView #studio-reduction { height: 2fr; }
    StudioView .studio-title { height: 1; color: $text-muted; text-wrap: nowrap; text-overflow: ellipsis; }
    """

    class Planned(Message):
        """The player said by what plan it masters what sounds; None for none."""

        def __init__(self, plan: HeardPlan | None) -> None:
            super().__init__()
            self.plan = plan

    def compose(self) -> ComposeResult:
        """What is done at the left, what is measured at the right, the spectrum below."""
        app = self.auralis
        self._sound = SoundLook(
            lambda: app.link.player_name, app.context.variables, self.post_message, app.context.clock_s
        )
        self._frame: SoundFrame | None = None
        self._written: dict[str, str] = {}
        self._plan: HeardPlan | None = None
        # Of what that plan is, as far as the status tells.
        self._planned: tuple[object, ...] = ()
        self._reduction = ReductionHistory()
        self._frames = 0
        yield Static(id="studio-heading", markup=False)
        with Horizontal(id="studio-upper"):
            with Vertical(id="studio-mastering"):
                yield Static(id="studio-words", markup=False)
                yield Static(id="studio-loudness", markup=False)
            yield MeterBars(METER_LINES, id="studio-meters")
        with Horizontal(id="studio-lower"):
            with Vertical():
                yield Static(id="studio-legend", classes="studio-title", markup=False)
                yield SpectrumBars(lowest_db=_LOWEST_DB, highest_db=_HIGHEST_DB, has_scales=True, id="studio-spectrum")
            with Vertical(id="studio-curves"):
                yield Static(id="studio-tone-title", classes="studio-title", markup=False)
                yield CurvePlot(id="studio-tone")
                yield Static(id="studio-reduction-title", classes="studio-title", markup=False)
                yield CurvePlot(id="studio-reduction")

    def on_unmount(self) -> None:
        """Looks no more."""
        self._sound.end()

    def on_hide(self, _event: events.Hide) -> None:
        """What is not seen is not measured."""
        self._sound.end()
        self._frame = None
        self._reduction.forget()

    def on_resize(self) -> None:
        """The spectrum and the curves go where there is no room for them."""
        self.query_one("#studio-lower").display = self.size.height >= _SPECTRUM_FROM_ROWS
        self.query_one("#studio-curves").display = self.size.width >= _CURVES_FROM_COLUMNS

    def on_curve_plot_resized(self, message: CurvePlot.Resized) -> None:
        """Draws the curves into their new room."""
        message.stop()
        self._show_curves()

    def show(self, state: UiState) -> None:
        """What is done to what plays."""
        if state.view == self.NAME:
            self._sound.follow(state)
            self._ask_plan(state)
        status = state.status
        self._write("#studio-heading", heading(status))
        self._write("#studio-words", "\n".join((*mastering_lines(status), *plan_lines(self._plan))))
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
            moment = self._reduction.moment
            self._frames += 1
            if frame.is_sounding:
                self._reduction.add(self.auralis.context.clock_s(), frame.reduction_db)
            self._show_sound()
            if moment != self._reduction.moment:
                self._show_reduction()

    def on_studio_view_planned(self, message: Planned) -> None:
        """Shows what the chain does."""
        message.stop()
        self._plan = message.plan
        self.show(self.auralis.state)
        self._show_curves()

    def _ask_plan(self, state: UiState) -> None:
        """By what plan that is mastered; asked again until it is the one of what is wished."""
        status = state.status
        if status is None or status.track is None or not state.is_connected:
            if self._plan is not None:
                self._plan = None
                self._show_curves()
            self._planned = ()
            return
        wished = (status.preset, status.intensity)
        heard = (status.enhance, status.plan_stage, status.mastered_lufs, status.mastering_mode, status.reference)
        planned = (state.run, status.track.ticket, *heard, *wished)
        if planned[:2] != self._planned[:2]:
            self._reduction.forget()
        is_of_wish = self._plan is None or (self._plan.preset, self._plan.intensity) == wished
        if planned != self._planned or not is_of_wish:
            self._planned = planned
            self.auralis.link.ask(self._take_plan)

    def _take_plan(self, port: Port) -> None:
        """On the link's thread. A player of before there were such questions is not asked to say more."""
        with suppress(UsageError):
            told = port.do(PLAN)
            self.post_message(self.Planned(None if told is None else HeardPlan.of_json(told)))

    def _show_curves(self) -> None:
        plan, plot = self._plan, self.query_one("#studio-tone", CurvePlot)
        range_db = tone_range_db(plan)
        status = self.auralis.state.status
        is_wanted = status is not None and (status.enhance or status.compare is not None)
        self._write("#studio-tone-title", tone_title(plan) if plan or is_wanted else "tone: as it is")
        plot.set_curves(tone_curves(plan, plot.dots), -range_db, range_db, frequency_line(plot.plot_columns))
        self._show_reduction()

    def _show_reduction(self) -> None:
        plot = self.query_one("#studio-reduction", CurvePlot)
        newest = self._reduction.newest(plot.dots)
        now_db = newest[-1] if newest else 0.0
        title = f"reduction {number(now_db)} dB, at most {number(max(newest, default=0.0))}"
        self._write("#studio-reduction-title", title)
        below = labelled(((0.0, f"-{plot.dots * MOMENT_S:.0f} s"), (1.0, "now")), plot.plot_columns)
        plot.set_curves([[-level for level in newest]], -_REDUCTION_TO_DB, 0.0, below)

    def _show_sound(self) -> None:
        status, frame = self.auralis.state.status, self._frame
        # Readings that change faster than every other frame are not read.
        if self._frames % 2 == 1 or frame is None or not frame.is_sounding:
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
        before = self._written.get(name)
        if before == text:
            return
        self._written[name] = text
        lines = "\n".join(printable(line) for line in text.split("\n"))
        # Laying all out anew costs more than all meters; nothing wraps, so the height is that of its lines.
        is_as_high = before is not None and before.count("\n") == text.count("\n")
        self.query_one(name, Static).update(Content(lines), layout=not is_as_high)
