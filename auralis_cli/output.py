"""The one place that writes to standard output and standard error, and knows what may go where.

Results go to stdout; progress, notes, warnings and errors to stderr. Text that comes from files
(names, tags) is data: `printable` shows its control characters instead of sending them.
"""

from __future__ import annotations

import copy
import dataclasses
import json
import math
import os
import re
import tempfile
import traceback
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from enum import Enum, IntEnum, StrEnum
from pathlib import Path
from typing import IO, TYPE_CHECKING

from auralis_cli.errors import DEBUG_VARIABLE, AuralisError, OutputError
from auralis_cli.log import LogFile
from auralis_cli.model.progress import BatchProgressSink, ProgressSink, SilentProgress

if TYPE_CHECKING:
    from rich.live import Live
    from rich.progress import Progress, TaskID

FORMAT_VERSION = 1
"""Value of the key `auralis` in listings: rises when the meaning of a key changes."""

PROSE_COLUMNS = 96

Json = bool | int | float | str | None | list["Json"] | dict[str, "Json"]


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


_REFRESHES_PER_S = 12
_STYLES = {"bold": "1", "dim": "2", "red": "31", "green": "32", "yellow": "33", "cyan": "36"}

# C0, DEL, C1, line separators, bidirectional controls, BOM, surrogates.
_UNPRINTABLE = re.compile("[\x00-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\ud800-\udfff]")

_STYLE_SEQUENCE = re.compile("\x1b\\[[0-9;]*m")


def printable(text: str | os.PathLike[str]) -> str:
    r"""`text` with everything a terminal might obey written as an escape: `\n`, `\x1b`, `\u202e`.

    Bytes of a name that are not UTF-8 (surrogates in Python) show as the byte: `\xff`.
    """

    def escape(match: re.Match[str]) -> str:
        code = ord(match.group())
        if 0xDC80 <= code <= 0xDCFF:
            return f"\\x{code - 0xDC00:02x}"
        return match.group().encode("unicode_escape", "surrogatepass").decode("ascii")

    return _UNPRINTABLE.sub(escape, os.fspath(text))


def display_width(text: str) -> int:
    """Columns that `text` takes on a terminal: CJK letters take two, combining marks none, styles none."""
    text = _STYLE_SEQUENCE.sub("", text)
    if text.isascii():
        return len(text)
    wide = sum(unicodedata.east_asian_width(letter) in "WF" for letter in text)
    return len(text) + wide - sum(unicodedata.category(letter) in ("Mn", "Me", "Cf") for letter in text)


def align(cells: Sequence[str], widths: Sequence[int], *, right: Iterable[int] = ()) -> str:
    """One line of a table: cells padded to `widths`, those at the indices `right` flush right."""
    to_the_right = set(right)
    padded = []
    for index, (cell, width) in enumerate(zip(cells, widths, strict=True)):
        fill = " " * (width - display_width(cell))
        padded.append(fill + cell if index in to_the_right else cell + fill)
    return "  ".join(padded).rstrip()


def number(value: float) -> str:
    """One decimal, as levels are read; a dash where there is no value."""
    return f"{value:z.1f}" if math.isfinite(value) else "–"


def to_json(value: object) -> Json:
    """Plain JSON data of `value`: dataclasses by field, enums by value, non-finite numbers as None."""
    # Enums first: a StrEnum is also a str.
    if isinstance(value, Enum):
        return to_json(value.value)
    if value is None or isinstance(value, (bool, int, str)):
        return value
    if isinstance(value, float):
        return float(value) if math.isfinite(value) else None
    if isinstance(value, os.PathLike):
        return str(os.fspath(value))
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: to_json(getattr(value, field.name)) for field in dataclasses.fields(value)}
    if isinstance(value, Mapping):
        return {str(to_json(key)): to_json(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [to_json(item) for item in value]
    raise TypeError(f"{type(value).__name__} has no JSON form")


def json_text(value: object, *, indent: int | None = None) -> str:
    """`value` as JSON in ASCII: control characters and names that are not UTF-8 stand as escapes."""
    text = json.dumps(to_json(value), ensure_ascii=True, allow_nan=False, indent=indent)
    return text.replace("\x7f", "\\u007f")


def failure(path: str | os.PathLike[str] | None, error: AuralisError) -> dict[str, Json]:
    """The one shape of failures: `{"path", "error": {"code", "message", "hint"?}}`."""
    names_the_path = path is not None and error.what == os.fspath(path)
    message = error.why if names_the_path or not error.what else f"{error.what}: {error.why}"
    described: dict[str, Json] = {"code": error.code, "message": message}
    if error.hint:
        described["hint"] = error.hint
    return {"path": None if path is None else os.fspath(path), "error": described}


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
            if self._bars is not None:
                self._stdout.flush()

    def document(self, value: object) -> None:
        """One JSON document, indented."""
        self.result(json_text(value, indent=2))

    def json_line(self, value: object) -> None:
        """One JSON object on a line of its own, flushed."""
        self.result(json_text(value))
        self.flush()

    def styled(self, text: str, *styles: str) -> str:
        """`text` in the named styles where stdout shows colours, else as it is."""
        return self._paint(text, styles, self._stdout)

    def columns(self, widest: int = PROSE_COLUMNS) -> int:
        """Columns for lines on stdout: the terminal's, never more than `widest`, by default what is read with ease."""
        if self._is_terminal(self._stdout):
            with suppress(OSError):
                return min(os.get_terminal_size(self._stdout.fileno()).columns or PROSE_COLUMNS, widest)
        return PROSE_COLUMNS

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
        mode = self.progress_mode
        on_terminal = mode is ProgressMode.AUTO and self.verbosity >= 0 and self._is_terminal(self._stderr)
        if mode is ProgressMode.JSON:
            yield JsonProgress(self)
        elif mode is ProgressMode.ALWAYS or on_terminal:
            with _bar(self._stderr, self._variables, color=self._has_color(self._stderr)) as bar:
                yield BarProgress(bar, self)
        else:
            yield QuietProgress(self)

    @contextmanager
    def batch_progress(self) -> Iterator[BatchProgressSink]:
        """A sink for many items at once: a bar for each under way and one for all, JSON lines, or only notes."""
        mode = self.progress_mode
        on_terminal = mode is ProgressMode.AUTO and self.verbosity >= 0 and self._is_terminal(self._stderr)
        if mode is ProgressMode.JSON:
            yield JsonBatchProgress(self)
        elif mode is ProgressMode.ALWAYS or on_terminal:
            with _bar(self._stderr, self._variables, color=self._has_color(self._stderr)) as bar:
                self._bars = bar
                try:
                    yield BarBatchProgress(bar, self)
                finally:
                    self._bars = None
        else:
            yield QuietBatchProgress(self)

    def progress_line(self, value: object) -> None:
        """One JSON object of progress on stderr."""
        self._say(json_text(value))

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
    def _bars_aside(self, stream: IO[str]) -> Iterator[None]:
        if self._bars is None or not self._is_terminal(stream):
            yield
            return
        self._bars.stop()
        try:
            yield
        finally:
            # A display that was used remembers its height, and would wipe what was just written with its old lines.
            self._bars.live = _display_of(self._bars)
            self._bars.start()

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


def write_json_file(path: Path, value: object) -> None:
    """Writes `value` beside `path` and renames it: a reader sees the old file or the new one, whole."""
    try:
        handle, name = tempfile.mkstemp(prefix=".auralis-", suffix=".json", dir=path.parent)
        temporary = Path(name)
        try:
            # mkstemp makes private files; a report is an ordinary one.
            mask = os.umask(0)
            os.umask(mask)
            os.fchmod(handle, 0o666 & ~mask)
            with os.fdopen(handle, "w", encoding="ascii") as stream:
                stream.write(json_text(value, indent=2) + "\n")
                stream.flush()
                os.fsync(stream.fileno())
            temporary.replace(path)
        finally:
            temporary.unlink(missing_ok=True)
    except OSError as error:
        raise OutputError(str(path), error.strerror or "cannot be written") from error


class QuietProgress(SilentProgress):
    """Shows no steps, but passes notes on."""

    def __init__(self, output: Output) -> None:
        self._output = output

    def note(self, message: str) -> None:
        """Writes the note as a line."""
        self._output.note(message)


class JsonProgress:
    """One object a line: `{"task", "done"}`, at most one per per cent, or `{"note"}`."""

    def __init__(self, output: Output) -> None:
        self._output = output
        self._last: tuple[str, int] | None = None

    def step(self, task: str, done: float | None) -> None:
        """Writes the step unless it tells nothing new."""
        state = (task, -1 if done is None else int(done * 100))
        if state != self._last:
            self._last = state
            self._output.progress_line({"task": task, "done": None if done is None else round(done, 4)})

    def note(self, message: str) -> None:
        """Writes the note."""
        self._output.log("note", message)
        self._output.progress_line({"note": message})


class BarProgress:
    """A bar on the terminal that goes away when the work is done."""

    def __init__(self, bar: Progress, output: Output) -> None:
        self._bar = bar
        self._output = output
        self._task: TaskID | None = None
        self._name = ""

    def step(self, task: str, done: float | None) -> None:
        """Moves the bar; a new task starts a new one in its place."""
        if task != self._name or self._task is None:
            if self._task is not None:
                self._bar.remove_task(self._task)
            self._task, self._name = self._bar.add_task(printable(task), total=1.0), task
        self._bar.update(self._task, completed=done or 0.0, total=None if done is None else 1.0)

    def note(self, message: str) -> None:
        """Prints the note above the bar."""
        self._output.log("note", message)
        if self._output.verbosity >= Verbosity.NORMAL:
            self._bar.console.print(printable(message), markup=False, highlight=False, soft_wrap=True)


class QuietBatchProgress:
    """Shows no steps, but passes notes on."""

    def __init__(self, output: Output) -> None:
        self._output = output

    def item(self, name: str, task: str, done: float | None) -> None:
        """Shows nothing."""

    def overall(self, done: int, total: int, finished: str | None) -> None:
        """Shows nothing."""

    def note(self, message: str) -> None:
        """Writes the note as a line."""
        self._output.note(message)


class JsonBatchProgress:
    """One object a line: `{"path", "task", "done"}` for a step, `{"finished", "items_done", "items"}` for an item."""

    def __init__(self, output: Output) -> None:
        self._output = output

    def item(self, name: str, task: str, done: float | None) -> None:
        """Writes the step."""
        self._output.progress_line({"path": name, "task": task, "done": None if done is None else round(done, 4)})

    def overall(self, done: int, total: int, finished: str | None) -> None:
        """Writes how many are through."""
        self._output.progress_line({"finished": finished, "items_done": done, "items": total})

    def note(self, message: str) -> None:
        """Writes the note."""
        self._output.log("note", message)
        self._output.progress_line({"note": message})


class BarBatchProgress:
    """One bar for all items, and below it one for each under way."""

    def __init__(self, bar: Progress, output: Output) -> None:
        self._bar = bar
        self._output = output
        self._all: TaskID | None = None
        self._running: dict[str, TaskID] = {}

    def item(self, name: str, task: str, done: float | None) -> None:
        """Moves the item's bar."""
        label = f"{task} {Path(name).name}"
        if name not in self._running:
            self._running[name] = self._bar.add_task("", total=1.0)
        total = None if done is None else 1.0
        self._bar.update(self._running[name], description=_shortened(label), completed=done or 0.0, total=total)

    def overall(self, done: int, total: int, finished: str | None) -> None:
        """Moves the bar of all, and takes that of the finished item away."""
        label = f"{done} of {total}"
        if self._all is None:
            self._all = self._bar.add_task(label, total=float(total))
        self._bar.update(self._all, description=label, completed=float(done))
        if finished in self._running:
            self._bar.remove_task(self._running.pop(finished))

    def note(self, message: str) -> None:
        """Prints the note above the bars."""
        self._output.log("note", message)
        if self._output.verbosity >= Verbosity.NORMAL:
            self._bar.console.print(printable(message), markup=False, highlight=False, soft_wrap=True)


def _shortened(label: str, columns: int = 40) -> str:
    shown = printable(label)
    return shown if len(shown) <= columns else f"{shown[: columns - 1]}…"


@contextmanager
def _bar(stream: IO[str], variables: Mapping[str, str], *, color: bool) -> Iterator[Progress]:
    # Imported here: rich takes as long as everything else before the first byte of help.
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

    console = Console(file=stream, force_terminal=True, no_color=not color, highlight=False, _environ=variables)
    name = TextColumn("{task.description:<10}", markup=False)
    bar_column = BarColumn(bar_width=32, complete_style="cyan", finished_style="cyan")
    columns = (name, bar_column, TaskProgressColumn(style=""), TimeRemainingColumn(compact=True))
    with Progress(*columns, console=console, transient=True, refresh_per_second=_REFRESHES_PER_S) as bar:
        yield bar


def _display_of(bars: Progress) -> Live:
    """What draws the bars, as if it had drawn nothing yet."""
    from rich.live import Live

    return Live(
        console=bars.console,
        transient=True,
        refresh_per_second=_REFRESHES_PER_S,
        get_renderable=bars.get_renderable,
    )
