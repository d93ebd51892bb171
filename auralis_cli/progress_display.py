"""How progress is shown on standard error: bars on a terminal, JSON lines, or nothing but notes."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, Protocol

from auralis_cli.model.progress import BatchProgressSink
from auralis_cli.terminal_text import printable

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

_LABEL_COLUMNS = 40
_REFRESHES_PER_S = 12


class Remarks(Protocol):
    """Where lines about the work go: standard error and the log."""

    verbosity: int

    def note(self, message: str) -> None:
        """A line that is nice to know."""
        ...

    def log(self, level: str, message: str) -> None:
        """A record for the log alone."""
        ...

    def progress_line(self, value: object) -> None:
        """One JSON object of progress."""
        ...


class _QuietNotes:
    """Passes notes on as lines."""

    def __init__(self, remarks: Remarks) -> None:
        self._remarks = remarks

    def note(self, message: str) -> None:
        """Writes the note as a line."""
        self._remarks.note(message)


class _JsonNotes:
    """Writes notes as JSON: `{"note"}`."""

    def __init__(self, remarks: Remarks) -> None:
        self._remarks = remarks

    def note(self, message: str) -> None:
        """Writes the note."""
        self._remarks.log("note", message)
        self._remarks.progress_line({"note": message})


class _BarNotes:
    """Prints notes above the bars."""

    def __init__(self, bars: Progress, remarks: Remarks) -> None:
        self._bars, self._remarks = bars, remarks

    def note(self, message: str) -> None:
        """Prints the note; hidden by -q."""
        self._remarks.log("note", message)
        if self._remarks.verbosity >= 0:
            self._bars.console.print(printable(message), markup=False, highlight=False, soft_wrap=True)


class HeardBatchProgress:
    """Hands everything on to a sink, and counts to somebody else who listens."""

    def __init__(self, sink: BatchProgressSink, heard: Callable[[int | None, int | None], None]) -> None:
        self._sink, self._heard = sink, heard

    def item(self, name: str, task: str, done: float | None) -> None:
        """Hands the step on: there is work."""
        self._heard(None, None)
        self._sink.item(name, task, done)

    def overall(self, done: int, total: int, finished: str | None) -> None:
        """Hands the count on to both."""
        self._heard(done, total)
        self._sink.overall(done, total, finished)

    def note(self, message: str) -> None:
        """Hands the note on."""
        self._sink.note(message)


class QuietProgress(_QuietNotes):
    """Shows no steps, but passes notes on."""

    def step(self, task: str, done: float | None) -> None:
        """Shows nothing."""


class JsonProgress(_JsonNotes):
    """One object a line: `{"task", "done"}`, at most one per per cent, or `{"note"}`."""

    def __init__(self, remarks: Remarks) -> None:
        super().__init__(remarks)
        self._last: tuple[str, int] | None = None

    def step(self, task: str, done: float | None) -> None:
        """Writes the step unless it tells nothing new."""
        state = (task, -1 if done is None else int(done * 100))
        if state != self._last:
            self._last = state
            self._remarks.progress_line({"task": task, "done": _rounded(done)})


class BarProgress(_BarNotes):
    """A bar on the terminal that goes away when the work is done."""

    def __init__(self, bars: Progress, remarks: Remarks) -> None:
        super().__init__(bars, remarks)
        self._task: TaskID | None = None
        self._name = ""

    def step(self, task: str, done: float | None) -> None:
        """Moves the bar; a new task starts a new one in its place."""
        if task != self._name or self._task is None:
            if self._task is not None:
                self._bars.remove_task(self._task)
            self._task, self._name = self._bars.add_task(printable(task), total=1.0), task
        self._bars.update(self._task, completed=done or 0.0, total=None if done is None else 1.0)


class QuietBatchProgress(_QuietNotes):
    """Shows no steps, but passes notes on."""

    def item(self, name: str, task: str, done: float | None) -> None:
        """Shows nothing."""

    def overall(self, done: int, total: int, finished: str | None) -> None:
        """Shows nothing."""


class JsonBatchProgress(_JsonNotes):
    """One object a line: `{"path", "task", "done"}` for a step, `{"finished", "items_done", "items"}` for an item."""

    def item(self, name: str, task: str, done: float | None) -> None:
        """Writes the step."""
        self._remarks.progress_line({"path": name, "task": task, "done": _rounded(done)})

    def overall(self, done: int, total: int, finished: str | None) -> None:
        """Writes how many are through."""
        self._remarks.progress_line({"finished": finished, "items_done": done, "items": total})


class BarBatchProgress(_BarNotes):
    """One bar for all items, and below it one for each under way."""

    def __init__(self, bars: Progress, remarks: Remarks) -> None:
        super().__init__(bars, remarks)
        self._all: TaskID | None = None
        self._total = 0
        self._started_s = 0.0
        self._running: dict[str, TaskID] = {}

    def item(self, name: str, task: str, done: float | None) -> None:
        """Moves the item's bar."""
        label = f"{task} {Path(name).name}"
        if name not in self._running:
            self._running[name] = self._bars.add_task("", total=1.0)
        total = None if done is None else 1.0
        self._bars.update(self._running[name], description=_shortened(label), completed=done or 0.0, total=total)

    def overall(self, done: int, total: int, finished: str | None) -> None:
        """Moves the bar of all, and takes that of the finished item away; another total is another work, 0 none."""
        if self._all is not None and total != self._total:
            self._bars.remove_task(self._all)
            self._all = None
        if not total:
            while self._running:
                self._bars.remove_task(self._running.popitem()[1])
            return
        if self._all is None:
            self._all = self._bars.add_task("", total=float(total))
            self._total, self._started_s = total, time.monotonic()
        label = f"{done:,} of {total:,}{self._rate(done)}"
        self._bars.update(self._all, description=label, completed=float(done))
        if finished in self._running:
            self._bars.remove_task(self._running.pop(finished))

    def _rate(self, done: int) -> str:
        """How many items are done in a second, where it is one or more."""
        seconds = time.monotonic() - self._started_s
        return f", {done / seconds:,.0f}/s" if seconds >= 1.0 and done >= seconds else ""


@contextmanager
def live_bars(stream: IO[str], variables: Mapping[str, str], *, color: bool) -> Iterator[Progress]:
    """Bars on `stream` for as long as the context lasts; none yet, and gone at its end."""
    # Imported here: rich takes as long as everything else before the first byte of help.
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

    console = Console(file=stream, force_terminal=True, no_color=not color, highlight=False, _environ=variables)
    name = TextColumn("{task.description:<10}", markup=False)
    # Of 80 columns some stay free: were a ^C to wrap onto the next line, the bars would not be wiped whole.
    bar_column = BarColumn(bar_width=24, complete_style="cyan", finished_style="cyan")
    columns = (name, bar_column, TaskProgressColumn(style=""), TimeRemainingColumn(compact=True))
    with Progress(*columns, console=console, transient=True, refresh_per_second=_REFRESHES_PER_S) as bars:
        yield bars


@contextmanager
def without_bars(bars: Progress) -> Iterator[None]:
    """Takes the bars away while something else is written where they stand."""
    from rich.live import Live

    bars.stop()
    try:
        yield
    finally:
        # A display that was used remembers its height, and would wipe what was just written with its old lines.
        bars.live = Live(
            console=bars.console,
            transient=True,
            refresh_per_second=_REFRESHES_PER_S,
            get_renderable=bars.get_renderable,
        )
        bars.start()


def _rounded(done: float | None) -> float | None:
    return None if done is None else round(done, 4)


def _shortened(label: str) -> str:
    shown = printable(label)
    return shown if len(shown) <= _LABEL_COLUMNS else f"{shown[: _LABEL_COLUMNS - 1]}…"
