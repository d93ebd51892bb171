"""Verbs over many files: work on each, show what came out, go on after a failure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeVar

from auralis_cli.commands.verb import Session
from auralis_cli.errors import EXIT_PARTIAL, AuralisError, CancelledError, InputError, UsageError
from auralis_cli.output import FORMAT_VERSION, failure

Report = TypeVar("Report")


@dataclass(frozen=True, slots=True)
class Display(Generic[Report]):
    """How a verb shows its reports."""

    # One report as JSON data.
    json: Callable[[Report], object]
    # One report alone, for people.
    alone: Callable[[Report], None]
    # One of several, for people.
    row: Callable[[Report], None]


@dataclass(frozen=True, slots=True)
class Tally(Generic[Report]):
    """What became of the files."""

    reports: tuple[Report, ...]
    failures: tuple[AuralisError, ...]

    @property
    def exit_code(self) -> int:
        """0 when all went well, 3 when some failed, else the code of the failures."""
        if not self.failures:
            return 0
        return EXIT_PARTIAL if self.reports else InputError.exit_code


def run_items(
    session: Session,
    paths: Sequence[Path],
    work: Callable[[Path], Report],
    display: Display[Report],
    *,
    as_json: bool,
    as_json_lines: bool,
) -> Tally[Report]:
    """Calls `work` on every path; unreadable files stand in the stream where their result would."""
    if as_json and as_json_lines:
        raise UsageError("--json", "excludes --jsonl", "choose one")
    output = session.output
    document: list[object] = []
    reports: list[Report] = []
    failures: list[AuralisError] = []
    for path in paths:
        session.subject = path
        try:
            report = work(path)
        except CancelledError:
            raise
        except InputError as error:
            failures.append(error)
            shown: object = failure(path, error)
            output.error(error)
        else:
            reports.append(report)
            shown = display.json(report) if as_json or as_json_lines else None
            if not (as_json or as_json_lines):
                (display.alone if len(paths) == 1 else display.row)(report)
                output.flush()
        document.append(shown)
        if as_json_lines:
            output.json_line(shown)
    session.subject = None
    if as_json:
        output.document(document[0] if len(paths) == 1 else {"auralis": FORMAT_VERSION, "items": document})
    return Tally(tuple(reports), tuple(failures))
