"""The inside of a worker process: takes jobs from a pipe, reports steps and results through it."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
import traceback
from contextlib import suppress
from multiprocessing import connection, parent_process
from multiprocessing.connection import Connection
from typing import Any

from auralis_cli.errors import DEBUG_VARIABLE, AuralisError, CancelledError, unforeseen
from auralis_cli.model.progress import CancelToken
from auralis_cli.quick_dataclasses import dataclass

# Signs of life need not come more often.
_SIGN_INTERVAL_S = 0.1
# How long a job may take to clean up behind it when nobody waits for it any more.
_GRACE_S = 1.0


@dataclass(frozen=True, slots=True)
class Sign:
    """A sign of life: a step of a task, or a note."""

    task: str
    done: float | None
    note: str | None = None


@dataclass(frozen=True, slots=True)
class Finished:
    """What a job returned."""

    result: Any


@dataclass(frozen=True, slots=True)
class Failed:
    """What a job raised."""

    error: AuralisError


def serve(pipe: Connection) -> None:
    """Does jobs until told to stop, or until the program that started it is gone."""
    cancel, left = CancelToken(), threading.Event()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the terminal's Ctrl-C is the program's to answer
    asked: list[int] = []

    def stop(number: int, _frame: object) -> None:
        asked.append(number)
        cancel.cancel()

    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, stop)
    # Whatever a library prints must not stand among the program's results.
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    sys.setswitchinterval(0.0005)
    threading.Thread(target=_leave_with_parent, args=(cancel, left), name="parent", daemon=True).start()
    with suppress(EOFError, OSError):
        while (call := pipe.recv()) is not None:
            work, arguments = call
            outcome = _outcome(work, arguments, _PipedProgress(pipe), cancel)
            if cancel.noticed and asked:
                _die_of(asked[0])
            pipe.send(outcome)
    left.set()
    # At once: what was imported need not be taken apart.
    os._exit(0)


def _die_of(number: int) -> None:
    """Who sent the signal to this process alone ends its job, not the program's run; the program sees how it died."""
    signal.signal(number, signal.SIG_DFL)
    os.kill(os.getpid(), number)


def _outcome(work: Any, arguments: tuple[Any, ...], progress: _PipedProgress, cancel: CancelToken) -> Any:
    try:
        return Finished(work(*arguments, progress, cancel))
    except AuralisError as error:
        return Failed(error)
    except Exception as error:  # the worker's job boundary: one job fails, the worker goes on
        failed = unforeseen(error)
        if os.environ.get(DEBUG_VARIABLE, "") not in ("", "0"):
            failed.add_note(traceback.format_exc())
        return Failed(failed)


def _leave_with_parent(cancel: CancelToken, left: threading.Event) -> None:
    """Nobody will read the results of an orphan: it is given time to clean up, then ends."""
    parent = parent_process()
    if parent is None:
        return
    connection.wait([parent.sentinel])
    cancel.cancel()
    left.wait(_GRACE_S)
    os._exit(1)


class _PipedProgress:
    """Sends steps and notes through the pipe, at most ten a second."""

    def __init__(self, pipe: Connection) -> None:
        self._pipe = pipe
        self._task = ""
        self._sent_s = 0.0

    def step(self, task: str, done: float | None) -> None:
        """Sends the step unless one was sent just now."""
        now_s = time.monotonic()
        if task != self._task or now_s - self._sent_s >= _SIGN_INTERVAL_S:
            self._task, self._sent_s = task, now_s
            self._send(Sign(task, done))

    def note(self, message: str) -> None:
        """Sends the note."""
        self._send(Sign("", None, message))

    def _send(self, sign: Sign) -> None:
        try:
            self._pipe.send(sign)
        except OSError as error:
            raise CancelledError from error
