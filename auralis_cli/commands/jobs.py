"""`auralis jobs …`: what runs, what ran, and beginning again what was interrupted."""

from __future__ import annotations

import os
import shlex
import sys
import time
from collections.abc import Mapping
from typing import Annotated

import typer

from auralis_cli.commands.group import SubVerb
from auralis_cli.commands.listing_forms import check_one
from auralis_cli.commands.options import AsJson, AsJsonLines, DryRun
from auralis_cli.commands.parsers import Parser
from auralis_cli.commands.verb import Page, Session, session_of
from auralis_cli.errors import InputError, RefusedError, UsageError
from auralis_cli.json_form import FORMAT_VERSION
from auralis_cli.kinds import Whole
from auralis_cli.model.source import STANDARD_STREAM
from auralis_cli.output import Output
from auralis_cli.paths import jobs_dir
from auralis_cli.services.background_verbs import own_variables
from auralis_cli.services.job_records import KEPT_RECORDS, KEPT_S, JobRecord, JobRecords, RunState
from auralis_cli.terminal_text import align, printable
from auralis_cli.units import count_in_words, moment_in_words

ABOUT = """Show what runs, and begin again what was interrupted.

Every scan, fingerprint, replaygain and export, and every batch of master, is a job as soon as it works on its first
file. One that was interrupted, killed, or ended by a power cut, can be resumed."""

PAGE = Page(
    examples=(
        ("auralis jobs", "What runs, then what ran, the latest first."),
        ("auralis jobs resume", "Begin the latest again that did not come to its end."),
        ("auralis jobs forget --finished", "Only keep what runs or can be resumed."),
    ),
    exit_status=(
        (0, "Done, or there is nothing to list or to resume."),
        (2, "Usage; or refused: there is no such job, it runs, or it is finished."),
        (4, "The folder that the job ran in is not there any more."),
    ),
    details=(
        "To resume a job is to run the same words in the same folder again: these verbs skip what is done, so only "
        "what is left is done, unless the words say --force. The exit code is that of the verb. What was run with "
        "names from standard input cannot be run again by itself.",
        f"Of jobs that have ended the latest {KEPT_RECORDS} are kept, for {KEPT_S // 86_400} days. Running the same "
        "words in the same folder, by whatever way, takes the place of what they left before.",
    ),
    alone="list",
)
_ID = Whole(1, 2**31 - 1)

JobIds = Annotated[
    list[int] | None,
    typer.Argument(
        metavar="ID", parser=Parser("ID", _ID), help="Jobs, as auralis jobs lists them.", show_default=False
    ),
]
JobId = Annotated[
    int | None,
    typer.Argument(
        metavar="ID",
        parser=Parser("ID", _ID),
        help="A job, as auralis jobs lists it; without, the latest that did not end.",
        show_default=False,
    ),
]


def list_(context: typer.Context, json: AsJson = False, jsonl: AsJsonLines = False) -> int:
    """List what runs, and what ran.

    Prints the number of each job, when it began, its state, how many of its files are through, and its words.
    """
    session = session_of(context)
    check_one({"--json": json, "--jsonl": jsonl})
    records = JobRecords(jobs_dir()).all()
    if json:
        session.output.document({"auralis": FORMAT_VERSION, "items": [document_of(one) for one in records]})
    elif jsonl:
        for one in records:
            session.output.json_line(document_of(one))
    elif not records:
        session.output.note("nothing runs, and nothing ran lately")
    else:
        _show(session.output, records)
    return 0


def document_of(record: JobRecord) -> Mapping[str, object]:
    """The JSON of a job."""
    return {
        "id": record.id,
        "verb": record.verb,
        "words": record.words,
        "cwd": record.cwd,
        "state": record.state,
        "pid": record.pid if record.state is RunState.RUNNING else None,
        "begun_at": record.begun_at,
        "ended_at": record.ended_at,
        "done": record.done,
        "total": record.total,
        "exit_code": record.exit_code,
    }


def _show(output: Output, records: list[JobRecord]) -> None:
    widest = max(len(str(one.id)) for one in records)
    for one in records:
        through = "" if one.done is None or one.total is None else f"{one.done:,} of {one.total:,}"
        cells = (str(one.id), moment_in_words(one.begun_at), one.state.value, through, _in_words(one))
        line = align(cells, (widest, 16, 11, 16, 0), right=(0,))
        output.result(output.styled(line, "dim") if one.state is RunState.FINISHED else line)


def _in_words(record: JobRecord) -> str:
    return printable(f"auralis {shlex.join(record.words)}")


def resume(
    context: typer.Context,
    job_id: JobId = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", "-n", help="Say what would be run, and where.")] = False,
) -> int:
    """Begin a job again that did not come to its end.

    Runs the same words in the same folder; what is done already is skipped.
    """
    session = session_of(context)
    records = JobRecords(jobs_dir())
    if job_id is not None:
        record = _known(records, job_id)
        _check_resumable(record)
    else:
        found = next((one for one in records.all() if one.is_resumable and STANDARD_STREAM not in one.words), None)
        if found is None:
            session.output.note("there is nothing to resume")
            return 0
        record = found
    if dry_run:
        session.output.result(f"dry run: {_told(record)}")
    else:
        _run_again(session, record)
    return 0


def _told(record: JobRecord) -> str:
    return f"{_in_words(record)} (in {printable(record.cwd)})"


def _known(records: JobRecords, number: int) -> JobRecord:
    if (record := records.get(number)) is None:
        raise UsageError(str(number), "there is no such job", "auralis jobs lists them")
    return record


def _check_resumable(record: JobRecord) -> None:
    if not record.is_resumable:
        why = "runs" if record.state is RunState.RUNNING else "is finished"
        raise RefusedError(f"job {record.id}", why)
    if STANDARD_STREAM in record.words:
        raise RefusedError(f"job {record.id}", "read standard input, which is gone", "give it that once more by hand")


def _run_again(session: Session, record: JobRecord) -> None:
    """Becomes the job: its signals, its terminal and its exit code are those of this process."""
    session.output.note(_told(record))
    try:
        os.chdir(record.cwd)
    except OSError as error:
        raise InputError(record.cwd, f"the job ran there ({error.strerror})", "auralis jobs forget") from error
    session.output.flush()
    session.output.close_log()
    # Libraries that write to stderr were given another; the job begins with the real one.
    os.dup2(sys.stderr.fileno(), 2)
    os.execve(sys.executable, [sys.executable, "-m", "auralis_cli", *record.words], own_variables(os.environ))


def forget(
    context: typer.Context,
    job_ids: JobIds = None,
    finished: Annotated[bool, typer.Option("--finished", help="All that are finished.")] = False,
    dry_run: DryRun = False,
    json: AsJson = False,
) -> int:
    """Remove jobs from the list; nothing else is touched."""
    session, records = session_of(context), JobRecords(jobs_dir())
    if not job_ids and not finished:
        raise UsageError("ID", "is missing", "name jobs, or give --finished")
    wanted = {number: _known(records, number) for number in job_ids or ()}
    for record in wanted.values():
        if record.state is RunState.RUNNING:
            raise RefusedError(f"job {record.id}", "runs", "Ctrl-C where it runs stops it")
    if finished:
        wanted |= {one.id: one for one in records.all() if one.state is RunState.FINISHED}
    if not dry_run:
        records.forget(wanted)
        records.expire(now=time.time())
    if json:
        items = [document_of(one) for one in wanted.values()]
        session.output.document({"auralis": FORMAT_VERSION, "items": items, "dry_run": dry_run})
    else:
        session.output.result(f"{'dry run: ' if dry_run else ''}{count_in_words(len(wanted), 'job')} forgotten")
    return 0


def _page(*examples: tuple[str, str]) -> Page:
    return Page(examples, PAGE.exit_status)


VERBS = {
    "list": SubVerb("List what runs, and what ran.", list_, _page(("auralis jobs list --json", "For a program."))),
    "resume": SubVerb(
        "Begin a job again that did not come to its end.", resume, _page(("auralis jobs resume 12", "One of the list."))
    ),
    "forget": SubVerb("Remove jobs from the list.", forget, _page(("auralis jobs forget 3 4", "Two of them."))),
}
