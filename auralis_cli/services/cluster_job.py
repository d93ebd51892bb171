"""The inside of a dask worker: does a chunk of our jobs, tells of their steps, stops when it is asked to.

Both ways go bytes, so that dask moves them and looks into nothing. What a chunk needs to be stopped by hangs on the
worker itself, and goes with it.
"""

from __future__ import annotations

import os
import pickle
import threading
import time
from collections.abc import Callable, Sequence
from typing import Any

from auralis_cli.errors import AuralisError, unforeseen
from auralis_cli.model.progress import CancelToken
from auralis_cli.quick_dataclasses import dataclass
from auralis_cli.services.receipts import engine
from auralis_cli.services.worker_process import Failed, Finished
from auralis_cli.version import VERSION

# What workers tell the scheduler, and it tells whoever listens.
TOPIC = "auralis"
# Signs pass through the scheduler, which has others to serve.
_SIGN_INTERVAL_S = 1.0
_TOKENS = "_auralis_tokens"

Call = tuple[Callable[..., Any], tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class OtherProgram:
    """Why a worker did nothing: it does not run what asked it."""

    version: str


def describe() -> tuple[str, str]:
    """Version and engine of the program that a worker runs."""
    return VERSION, engine()


def do_chunk(key: str, wanted_engine: str, calls: bytes) -> bytes:
    """Task of a worker: does every call, and answers with what became of each, or with OtherProgram."""
    from distributed import get_worker

    worker = get_worker()
    token = _tokens(worker).setdefault(key, CancelToken())
    try:
        # A worker may have joined after those that were there were asked.
        if engine() != wanted_engine:
            return pickle.dumps(OtherProgram(VERSION))
        made: Sequence[Call] = pickle.loads(calls)
        return pickle.dumps(
            [_outcome(call, _ClusterProgress(worker, key, number), token) for number, call in enumerate(made)]
        )
    finally:
        _tokens(worker).pop(key, None)


def stop_chunks(keys: Sequence[str], dask_worker: Any = None) -> None:
    """Asks a worker to stop those of these chunks that it is at, or will be; dask calls it on every worker."""
    for key in keys:
        _tokens(dask_worker).setdefault(key, CancelToken()).cancel()


def _tokens(worker: Any) -> dict[str, CancelToken]:
    tokens: dict[str, CancelToken] = vars(worker).setdefault(_TOKENS, {})
    return tokens


def _outcome(call: Call, progress: _ClusterProgress, cancel: CancelToken) -> Finished | Failed:
    work, arguments = call
    try:
        progress.begin()
        cancel.raise_if_cancelled()
        return Finished(work(*arguments, progress, cancel))
    except AuralisError as error:
        return Failed(error)
    except Exception as error:  # the worker's job boundary: one job fails, the worker goes on
        return Failed(unforeseen(error))


class _ClusterProgress:
    """Tells steps and notes of one call, the first at once, others at most once a second."""

    def __init__(self, worker: Any, key: str, number: int) -> None:
        self._worker, self._key, self._number = worker, key, number
        self._lock = threading.Lock()
        self._sent_s = 0.0

    def begin(self) -> None:
        """Tells which process has the call: what it leaves behind is known by that."""
        self._send("", None, None)

    def step(self, task: str, done: float | None) -> None:
        """Tells the step unless one was told just now."""
        now_s = time.monotonic()
        with self._lock:
            is_due = now_s - self._sent_s >= _SIGN_INTERVAL_S
            if is_due:
                self._sent_s = now_s
        if is_due:
            self._send(task, done, None)

    def note(self, message: str) -> None:
        """Tells the note."""
        self._send("", None, message.encode("utf-8", "backslashreplace").decode())

    def _send(self, task: str, done: float | None, note: str | None) -> None:
        told = {"key": self._key, "number": self._number, "task": task, "note": note}
        # Whatever number it is, what goes out is a plain one.
        told |= {"done": None if done is None else float(done), "pid": os.getpid(), "worker": self._worker.address}
        self._worker.log_event(TOPIC, told)
