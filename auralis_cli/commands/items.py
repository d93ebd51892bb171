"""Verbs over one file or many: work on each, show what came out in order, go on after a failure.

One file is worked on here, several in worker processes, so that a decoder that crashes or hangs costs
its own file.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any, Generic, Protocol, TypeVar

from auralis_cli.commands.verb import Session
from auralis_cli.errors import EXIT_PARTIAL, AuralisError, InputError, UsageError
from auralis_cli.json_form import FORMAT_VERSION, failure
from auralis_cli.model.cluster_address import ClusterAddress
from auralis_cli.model.source import AudioSource
from auralis_cli.output import ProgressMode
from auralis_cli.quick_dataclasses import dataclass
from auralis_cli.units import seconds_to_clock


class Report(Protocol):
    """What every verb's report tells."""

    @property
    def source(self) -> AudioSource:
        """What it is about."""
        ...

    @property
    def warnings(self) -> tuple[str, ...]:
        """What the user should know of it."""
        ...


Reported = TypeVar("Reported", bound=Report)


@dataclass(frozen=True, slots=True)
class Task(Generic[Reported]):
    """The work on one input: `work(*arguments, progress, cancel)`, importable in another process."""

    source: AudioSource
    # What works on several inputs as one reports each of them.
    work: Callable[..., Reported | tuple[Reported, ...]]
    arguments: tuple[Any, ...]
    # Where it writes.
    folders: tuple[Path, ...] = ()
    # How many inputs it works on.
    inputs: int = 1


@dataclass(frozen=True, slots=True)
class Display(Generic[Reported]):
    """How a verb shows its reports."""

    # One report as JSON data.
    json: Callable[[Reported], object]
    # One report alone, for people.
    alone: Callable[[Reported], None]
    # One of several, for people.
    row: Callable[[Reported], None]
    # What stands above the rows.
    head: Callable[[], None] = lambda: None

    def for_(self, count: int) -> Display[Reported]:
        """How so many are shown: a single one in full, however it was found."""
        return self if count > 1 else replace(self, row=self.alone, head=lambda: None)


@dataclass(frozen=True, slots=True)
class Manner:
    """How the user wants it done and shown."""

    as_json: bool
    as_json_lines: bool
    # Worker processes; None: as many as there are processors.
    jobs: int | None
    # Without a sign of life for so long, work on a file is given up.
    stall_timeout_s: float
    # Whose workers do it instead of processes here.
    cluster: ClusterAddress | None = None


@dataclass(frozen=True, slots=True)
class Tally(Generic[Reported]):
    """What became of the files."""

    reports: tuple[Reported, ...]
    failures: tuple[AuralisError, ...]
    # What `--json` shows: the one document, or all of them.
    document: object

    @property
    def exit_code(self) -> int:
        """0 when all went well, 3 when some failed, else the code of the failures."""
        if not self.failures:
            return 0
        codes = {error.exit_code for error in self.failures}
        if self.reports:
            return EXIT_PARTIAL
        if len(codes) == 1:
            return codes.pop()
        return InputError.exit_code if InputError.exit_code in codes else AuralisError.exit_code


def run_items(
    session: Session,
    tasks: Sequence[Task[Reported] | AuralisError],
    display: Display[Reported],
    manner: Manner,
    *,
    alone: bool,
    heed: Callable[[Reported], None] = lambda _report: None,
) -> Tally[Reported]:
    """Works on every task; what failed, or could not even be named, stands in the stream where its result would.

    `alone` says that a single input was named: its failure is the verb's, and it is shown in full. `heed` is given
    every report before it is shown.
    """
    if manner.as_json and manner.as_json_lines:
        raise UsageError("--json", "excludes --jsonl", "choose one")
    if alone:
        return _run_alone(session, tasks[0], display, manner, heed)
    started_s = time.perf_counter()
    shows_rows = not (manner.as_json or manner.as_json_lines)
    documents: list[object] = []
    reports: list[Reported] = []
    failures: list[AuralisError] = []
    said: set[tuple[Path, str]] = set()
    with closing(_results(session, tasks, manner)) as results:
        for name, result in results:
            session.subject = name
            if isinstance(result, AuralisError):
                failures.append(result)
                session.output.error(result)
                shown: object = failure(name, result)
            else:
                reports.append(result)
                heed(result)
                _warn(session, result, said)
                shown = display.json(result)
                if shows_rows:
                    if len(reports) == 1:
                        display.head()
                    display.row(result)
                    session.output.flush()
            documents.append(shown)
            if manner.as_json_lines:
                session.output.json_line(shown)
    session.subject = None
    document = {"auralis": FORMAT_VERSION, "items": documents}
    if manner.as_json:
        session.output.document(document)
    took = seconds_to_clock(time.perf_counter() - started_s)
    failed = f", {len(failures)} failed" if failures else ""
    if session.output.progress_mode is not ProgressMode.JSON:  # who reads that has counted
        inputs = sum(task.inputs if isinstance(task, Task) else 1 for task in tasks)
        session.output.note(f"{len(reports)} of {inputs} done{failed} in {took}")
    return Tally(tuple(reports), tuple(failures), document)


def _run_alone(
    session: Session,
    task: Task[Reported] | AuralisError,
    display: Display[Reported],
    manner: Manner,
    heed: Callable[[Reported], None],
) -> Tally[Reported]:
    if isinstance(task, AuralisError):
        raise task
    session.subject = task.source.name
    with session.output.progress() as progress:
        report = task.work(*task.arguments, progress, session.cancel)
    assert not isinstance(report, tuple), "several inputs are never alone"
    heed(report)
    _warn(session, report, set())
    document = display.json(report)
    if manner.as_json:
        session.output.document(document)
    elif manner.as_json_lines:
        session.output.json_line(document)
    else:
        display.alone(report)
    session.subject = None
    return Tally((report,), (), document)


def _results(
    session: Session, tasks: Sequence[Task[Reported] | AuralisError], manner: Manner
) -> Generator[tuple[str, Reported | AuralisError]]:
    """Name and result of every input in order; what failed before it began has its place. Closing it ends the work."""
    from auralis_cli.services.batch import Item, run_batch
    from auralis_cli.services.processors import cores

    jobs = cores() if manner.jobs is None else manner.jobs
    if jobs > cores():
        session.output.note(f"--jobs {jobs}: there are {cores()} processors, and as many are used")
        jobs = cores()
    at_work = [task for task in tasks if isinstance(task, Task)]
    items = [Item(task.source.name, task.work, task.arguments, task.folders) for task in at_work]
    with (
        session.output.batch_progress() as progress,
        closing(run_batch(items, jobs, manner.stall_timeout_s, progress, session.cancel, manner.cluster)) as outcomes,
    ):
        for task in tasks:
            if isinstance(task, AuralisError):
                yield task.what, task
                continue
            outcome = next(outcomes)
            result = outcome.result if outcome.error is None else outcome.error
            assert result is not None
            if isinstance(result, tuple):
                yield from ((report.source.name, report) for report in result)
            else:
                yield task.source.name, result


def _warn(session: Session, report: Report, said: set[tuple[Path, str]]) -> None:
    """What all tracks of a sheet have in common is said once."""
    source = report.source
    for warning in report.warnings:
        of_file = (source.cue.sheet if source.cue is not None else Path(source.name), warning)
        if of_file not in said:
            session.output.warning(f"{source}: {warning}")
        said.add(of_file)
