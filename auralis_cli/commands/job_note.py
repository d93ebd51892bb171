"""A run of a long verb leaves a record of itself: `auralis jobs` lists them, and begins again what did not end."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from typing import Any

from auralis_cli.commands.verb import Session
from auralis_cli.errors import AuralisError, CancelledError
from auralis_cli.paths import jobs_dir
from auralis_cli.services.job_records import JobNote, JobRecords, RunState


def run_noted(session: Session, verb: str, run: Callable[[], Any]) -> Any:
    """Runs a verb; from its first sign of work on many files it has a record, which says in the end how it ended."""
    try:
        cwd = os.getcwd()
    except OSError:  # the folder was removed, and nothing could be run in it again
        return run()
    note = JobNote(JobRecords(jobs_dir()), verb, session.words, cwd, time.time)
    session.output.progress_heard = note.heard
    try:
        code = run()
    except (CancelledError, KeyboardInterrupt, BrokenPipeError):
        note.ended(RunState.INTERRUPTED, CancelledError.exit_code)
        raise
    except AuralisError as error:
        note.ended(RunState.FAILED, error.exit_code)
        raise
    note.ended(RunState.FAILED if code else RunState.FINISHED, int(code or 0))
    return code
