"""`auralis master` once it is known what is wished: works on one track, a batch or albums, and tells of it."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import typer

from auralis_cli.commands.inputs import Asked
from auralis_cli.commands.items import Display, Manner, Task, run_items
from auralis_cli.commands.master_cluster import (
    check_master_cluster,
    take_receipts_home,
    tasks_for_cluster,
    with_absolute_paths,
)
from auralis_cli.commands.master_display import Result, display_of
from auralis_cli.commands.master_report import write_report
from auralis_cli.commands.master_requests import check_folder, request_of_one, requests_of_batch
from auralis_cli.commands.master_taste import note_choices
from auralis_cli.commands.verb import Session, session_of
from auralis_cli.commands.written_journal import note_masters
from auralis_cli.errors import AuralisError, RefusedError, UsageError
from auralis_cli.model.album_mastering import AlbumRequest
from auralis_cli.model.mastering import MasterRequest
from auralis_cli.model.published_file import PublishedFile
from auralis_cli.paths import receipts_dir
from auralis_cli.quick_dataclasses import dataclass

Tasks = list[Task[Result] | AuralisError]


@dataclass(frozen=True, slots=True)
class MasterRun:
    """What is mastered, with what wishes, and what becomes of the results."""

    # With a folder for results it is a batch, else IN and OUT.
    asked: Asked
    wishes: MasterRequest
    manner: Manner
    report: Path | None
    # Whether albums are mastered as one each.
    album: bool
    # Whether it is to be as the player does it: nothing is learnt of that.
    as_played: bool
    explain: bool
    dry_run: bool


def check_run(context: typer.Context, run: MasterRun) -> None:
    """Raises UsageError where words contradict each other, RefusedError where the report cannot have its place."""
    out_dir = run.asked.results_in
    _check_report(run)
    check_master_cluster(context, run.manner.cluster, out_dir, dry_run=run.dry_run)
    if run.album and run.wishes.preview_s is not None:
        raise UsageError("--preview", "is of a track, and an album is one master", "leave --album out")
    if run.album and out_dir is None:
        raise UsageError("--album", "makes a file of every track", "give --out-dir for them")


def run_masters(context: typer.Context, run: MasterRun) -> int:
    """Masters everything and returns the exit code; what was made is noted however it ends."""
    session, out_dir = session_of(context), run.asked.results_in
    tasks, display = _alone(session, run) if out_dir is None else _batch(session, run, out_dir)
    made: list[Result] = []
    reported: tuple[Path, PublishedFile] | None = None
    try:
        try:
            tally = run_items(session, tasks, display, run.manner, alone=out_dir is None, heed=made.append)
        finally:
            if run.manner.cluster is not None and out_dir is not None:
                take_receipts_home(out_dir, done=True)
        if run.report is not None:
            reported = run.report, write_report(run.report, tally)
    finally:
        note_masters(session, made, reported)
        if not run.as_played:
            note_choices(context, run.wishes, made)
    return tally.exit_code


def _check_report(run: MasterRun) -> None:
    report = run.report
    if report is None:
        return
    if run.dry_run:
        raise UsageError("--report", "a dry run writes nothing", "use --json")
    check_folder(report)
    if report.is_dir():
        raise RefusedError(str(report), "is a folder", "name a file in it")
    if os.path.lexists(report) and not run.wishes.force:
        raise RefusedError(str(report), "exists already", "--force replaces it; the old file goes to the trash")


def _alone(session: Session, run: MasterRun) -> tuple[Tasks, Display[Result]]:
    """IN and OUT."""
    from auralis_cli.services.master import master_file, preview_master

    as_json = run.manner.as_json or run.manner.as_json_lines
    request = request_of_one(session, run.asked, run.wishes, as_json=as_json, dry_run=run.dry_run)
    on_stderr = request.destination.path is None and not run.dry_run
    display = display_of(session.output, explain=run.explain, on_stderr=on_stderr)
    # Streams stay with this process, and so does the work on them.
    work: Callable[..., Result] = partial(
        preview_master if run.dry_run else master_file, streams=session.streams, library=session.library_path
    )
    return [Task(request.source, work, (request,))], display


def _batch(session: Session, run: MasterRun, out_dir: Path) -> tuple[Tasks, Display[Result]]:
    """Everything that goes into a folder."""
    if not run.dry_run:
        # Those of a run on a cluster that was killed before it could.
        take_receipts_home(out_dir, done=False)
    requests = requests_of_batch(session, run.asked, run.wishes, out_dir)
    if run.manner.cluster is not None:
        requests = with_absolute_paths(requests)
    display = display_of(session.output, explain=run.explain, on_stderr=False)
    tasks = _tasks_of_batch(session, requests, album=run.album, dry_run=run.dry_run)
    if run.manner.cluster is not None:
        tasks = tasks_for_cluster(tasks, requests, out_dir)
    return tasks, display


def _tasks_of_batch(
    session: Session, requests: Sequence[MasterRequest | AuralisError], *, album: bool, dry_run: bool
) -> Tasks:
    """One for every input, or for every album."""
    if album:
        from auralis_cli.services.album_grouping import albums_of

        return [
            one if isinstance(one, AuralisError) else _task_of_album(one, dry_run=dry_run)
            for one in albums_of(requests)
        ]
    library = session.library_path
    return [one if isinstance(one, AuralisError) else _task(one, library, dry_run=dry_run) for one in requests]


def _task_of_album(request: AlbumRequest, *, dry_run: bool) -> Task[Result]:
    from auralis_cli.services.album_master import master_album, preview_album

    arguments = (request, receipts_dir())
    if dry_run:
        return Task(request.source, preview_album, arguments, inputs=len(request.tracks))
    return Task(request.source, master_album, arguments, request.folders, len(request.tracks))


def _task(request: MasterRequest, library: Path, *, dry_run: bool) -> Task[Result]:
    from auralis_cli.services.master_batch import master_unless_done, preview_unless_done

    if dry_run:
        return Task(request.source, preview_unless_done, (request, receipts_dir(), library))
    folders = (request.destination.path.parent,) if request.destination.path is not None else ()
    return Task(request.source, master_unless_done, (request, receipts_dir(), library), folders)
