"""The one place that writes to standard output and standard error, and knows what may go where.

Results go to stdout; progress, notes, warnings and errors to stderr. Text that comes from files
(names, tags) is data: `printable` shows its control characters instead of sending them.
"""

from __future__ import annotations

import copy
import fcntl
import os
import select
import struct
import termios
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from enum import IntEnum, StrEnum
from pathlib import Path
from typing import IO, TYPE_CHECKING

from auralis_cli.errors import DEBUG_VARIABLE, AuralisError, OutputError
from auralis_cli.json_form import json_text
from auralis_cli.log import LogFile
from auralis_cli.model.progress import BatchProgressSink, ProgressSink
from auralis_cli.progress_display import (
    BarBatchProgress,
    BarProgress,
    HeardBatchProgress,
    JsonBatchProgress,
    JsonProgress,
    QuietBatchProgress,
    QuietProgress,
    live_bars,
    without_bars,
)
from auralis_cli.terminal_text import printable

if TYPE_CHECKING:
    from rich.progress import Progress

PROSE_COLUMNS = 96
# As the system tells a window's size.
_WINDOW = struct.Struct("HHHH")


class When(StrEnum):
    """Whether something is shown: AUTO asks the terminal."""

    AUTO = "auto"
    ALWAYS = "always"
    NEVER = "never"


class ProgressMode(StrEnum):
    """How progress is reported; JSON writes one object a line."""

    AUTO = "auto"
    ALWAYS = "always"
    NEVER = "never"
    JSON = "json"


class Verbosity(IntEnum):
    """How much is said on standard error: results and errors only, the usual, -v, -vv."""

    QUIET = -1
    NORMAL = 0
    VERBOSE = 1
    EVERYTHING = 2


_STYLES = {"bold": "1", "dim": "2", "red": "31", "green": "32", "yellow": "33", "cyan": "36"}


class Output:
    """Where everything the program says goes; built from streams and variables, passed down."""

    def __init__(self, stdout: IO[str], stderr: IO[str], variables: Mapping[str, str]) -> None:
        self._stdout = stdout
        self._stderr = stderr
        self._variables = variables
        self.verbosity: int = Verbosity.NORMAL
        self.color = When.AUTO
        self.progress_mode = ProgressMode.AUTO
        # Bars on the terminal, which step aside while a line is written.
        self._bars: Progress | None = None
        self._results_are_remarks = False
        self._log: LogFile | None = None
        # Told how many of many items are through, and how many there are; None and None where nothing was counted.
        self.progress_heard: Callable[[int | None, int | None], None] | None = None
        # Whether text may wait in the stream that `exact` would overtake.
        self._has_text = False

    @property
    def variables(self) -> Mapping[str, str]:
        """The environment of this run."""
        return self._variables

    @property
    def says_everything(self) -> bool:
        """Whether somebody, or the log, hears what only -vv asks for."""
        return self.verbosity >= Verbosity.EVERYTHING or self._log is not None

    @property
    def debug(self) -> bool:
        """Whether errors come with a traceback."""
        return self._variables.get(DEBUG_VARIABLE, "") not in ("", "0")

    # The log: everything that is said, whoever listens

    def open_log(self, path: Path, words: Sequence[str]) -> None:
        """Appends to `path` from now on, in place of any log before."""
        if self._log is not None and self._log.path == path:
            return
        self.close_log()
        self._log = LogFile(path, [printable(word) for word in words])

    def close_log(self) -> None:
        """Ends the log."""
        if self._log is not None:
            self._log.close()
        self._log = None

    def log(self, level: str, message: str) -> None:
        """A record for the log alone."""
        if self._log is not None:
            self._log.write(level, printable(message))

    # Standard output: results

    def result(self, line: str = "") -> None:
        """One line of result, its foreign text already `printable`."""
        if self._results_are_remarks:
            self._say(line)
            return
        with _writing_failures(), self._bars_aside(self._stdout):
            self._stdout.write(line + "\n")
            self._has_text = True
            if self._bars is not None:
                self._stdout.flush()

    def document(self, value: object) -> None:
        """One JSON document, indented."""
        self.result(json_text(value, indent=2))

    def json_line(self, value: object) -> None:
        """One JSON object on a line of its own, flushed."""
        self.result(json_text(value))
        self.flush()

    def exact(self, text: str, end: str = "\n") -> None:
        """One piece of result, byte for byte: a name that is not UTF-8 comes out as it came in."""
        if self._results_are_remarks:
            self._say(text)
            return
        with _writing_failures(), self._bars_aside(self._stdout):
            buffer = getattr(self._stdout, "buffer", None)
            if buffer is None:
                self._stdout.write(text + end)
                return
            if self._has_text:
                self._stdout.flush()
                self._has_text = False
            buffer.write(os.fsencode(text + end))

    @property
    def is_on_terminal(self) -> bool:
        """Whether somebody reads the results as they come."""
        return self._is_terminal(self._stdout)

    def styled(self, text: str, *styles: str) -> str:
        """`text` in the named styles where stdout shows colours, else as it is."""
        return self._paint(text, styles, self._stdout)

    def columns(self, widest: int = PROSE_COLUMNS) -> int:
        """Columns for lines on stdout: the terminal's, never more than `widest`, by default what is read with ease."""
        if self._is_terminal(self._stdout):
            with suppress(OSError):
                return min(os.get_terminal_size(self._stdout.fileno()).columns or PROSE_COLUMNS, widest)
        return PROSE_COLUMNS

    def window(self) -> tuple[int, int, int, int]:
        """Columns and rows of the terminal on stdout, and its width and height in pixels; 0 for what is not known."""
        try:
            packed = fcntl.ioctl(self._stdout.fileno(), termios.TIOCGWINSZ, bytes(_WINDOW.size))
        except (OSError, ValueError):
            return 0, 0, 0, 0
        rows, columns, width_px, height_px = _WINDOW.unpack(packed)
        return columns, rows, width_px, height_px

    def aside(self) -> Output:
        """This output with its results among the remarks on stderr, for where stdout carries audio."""
        aside = copy.copy(self)
        aside._stdout, aside._results_are_remarks = self._stderr, True
        return aside

    # Standard error: everything else

    def note(self, message: str) -> None:
        """A line that is nice to know; hidden by -q."""
        self.log("note", message)
        if self.verbosity >= 0:
            self._say(printable(message))

    @property
    def can_ask(self) -> bool:
        """Whether a question on stderr would be seen."""
        return self._is_terminal(self._stderr)

    def ask(self, question: str) -> None:
        """A question, behind which the answer is typed."""
        self.log("question", question)
        with suppress(OSError):
            self._stderr.write(printable(question) + " ")
            self._stderr.flush()

    def detail(self, message: str) -> None:
        """A line for -v: what was found and decided."""
        self.log("detail", message)
        if self.verbosity >= Verbosity.VERBOSE:
            self._say(self._paint(printable(message), ("dim",), self._stderr))

    def parameter(self, message: str) -> None:
        """A line for -vv: a number that shaped the result. Ask `says_everything` before working it out."""
        self.log("parameter", message)
        if self.verbosity >= Verbosity.EVERYTHING:
            self._say(self._paint(printable(message), ("dim",), self._stderr))

    def warning(self, message: str) -> None:
        """Something that went otherwise than the user may expect; hidden by -q, always in the JSON."""
        self.log("warning", message)
        if self.verbosity >= 0:
            head = self._paint("auralis: warning:", ("yellow",), self._stderr)
            self._say(f"{head} {printable(message)}")

    def error(self, error: AuralisError) -> None:
        """The one line of a failure; under AURALIS_DEBUG=1 with the traceback."""
        head = self._paint("auralis: error:", ("bold", "red"), self._stderr)
        self._say(f"{head} {printable(str(error))}")
        self.log("error", str(error))
        if self.debug or (self._log is not None and error.__cause__ is not None):
            trace = "".join(traceback.format_exception(error)).rstrip()
            lines = [printable(line) for line in trace.split("\n")]
            if self._log is not None:
                self._log.write("trace", "\n".join(lines))
            if self.debug:
                self._say("\n".join(lines))

    @contextmanager
    def progress(self) -> Iterator[ProgressSink]:
        """A sink for one piece of work: a bar on a terminal, JSON lines, or nothing but its notes."""
        with self._live_bars() as bars:
            if bars is not None:
                yield BarProgress(bars, self)
            elif self.progress_mode is ProgressMode.JSON:
                yield JsonProgress(self)
            else:
                yield QuietProgress(self)

    @contextmanager
    def batch_progress(self) -> Iterator[BatchProgressSink]:
        """A sink for many items at once: a bar for each under way and one for all, JSON lines, or only notes."""
        with self._live_bars() as bars:
            sink: BatchProgressSink
            if bars is not None:
                sink = BarBatchProgress(bars, self)
            elif self.progress_mode is ProgressMode.JSON:
                sink = JsonBatchProgress(self)
            else:
                sink = QuietBatchProgress(self)
            yield sink if self.progress_heard is None else HeardBatchProgress(sink, self.progress_heard)

    def progress_line(self, value: object) -> None:
        """One JSON object of progress on stderr."""
        self._say(json_text(value))

    def raise_if_unread(self) -> None:
        """Raises BrokenPipeError where nobody can read further results; for those that come seldom."""
        try:
            number = self._stdout.fileno()
        except (OSError, ValueError):
            return
        watched = select.poll()
        watched.register(number, 0)
        if watched.poll(0):
            raise BrokenPipeError

    def flush(self) -> None:
        """Hands the results written so far to the system; raises what it answers."""
        if self._results_are_remarks:
            return
        with _writing_failures():
            self._stdout.flush()

    def _say(self, line: str) -> None:
        # Work does not fail because nobody listens to its remarks.
        with suppress(OSError), self._bars_aside(self._stderr):
            self._stderr.write(line + "\n")
            self._stderr.flush()

    @contextmanager
    def _live_bars(self) -> Iterator[Progress | None]:
        """Bars where they are wanted, which step aside while a line is written; None where they are not."""
        on_terminal = self.verbosity >= 0 and self._is_terminal(self._stderr)
        wanted = self.progress_mode is ProgressMode.ALWAYS or (self.progress_mode is ProgressMode.AUTO and on_terminal)
        if not wanted:
            yield None
            return
        with live_bars(self._stderr, self._variables, color=self._has_color(self._stderr)) as bars:
            self._bars = bars
            try:
                yield bars
            finally:
                self._bars = None

    @contextmanager
    def _bars_aside(self, stream: IO[str]) -> Iterator[None]:
        if self._bars is None or not self._is_terminal(stream):
            yield
            return
        with without_bars(self._bars):
            yield

    def _paint(self, text: str, styles: Sequence[str], stream: IO[str]) -> str:
        if not styles or not self._has_color(stream):
            return text
        return f"\x1b[{';'.join(_STYLES[style] for style in styles)}m{text}\x1b[0m"

    def _has_color(self, stream: IO[str]) -> bool:
        if self.color is not When.AUTO:
            return self.color is When.ALWAYS
        if self._variables.get("NO_COLOR") or self._variables.get("TERM") == "dumb":
            return False
        return self._is_terminal(stream)

    @staticmethod
    def _is_terminal(stream: IO[str]) -> bool:
        return stream.isatty()


@contextmanager
def _writing_failures() -> Iterator[None]:
    """A full disk under a redirected stream is a failure to name; a closed pipe is not."""
    try:
        yield
    except BrokenPipeError:
        raise
    except OSError as error:
        raise OutputError("standard output", error.strerror or "cannot be written") from error
