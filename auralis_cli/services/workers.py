"""Worker processes behind an executor: what crashes or hangs costs its own job and no other.

Every worker is a process of its own, started fresh (spawn), with one job at a time. A job is called
with its arguments, then a progress sink and a cancel token; each step it reports is a sign of life.
"""

from __future__ import annotations

import multiprocessing
import os
import pickle
import signal
import threading
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import Executor, Future
from contextlib import suppress
from multiprocessing import connection
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from typing import Any

from auralis_cli.errors import CancelledError
from auralis_cli.quick_dataclasses import dataclass
from auralis_cli.services.listening_clock import ListeningClock
from auralis_cli.services.worker_process import Failed, Finished, Sign, serve

# How long a worker that was asked to stop may take to clean up behind it.
GRACE_S = 1.5
_POLL_S = 0.2
# What ends processes that did nothing wrong: a system out of memory, or going down, or its user.
_ENDED_FROM_OUTSIDE = frozenset({signal.SIGKILL, signal.SIGTERM, signal.SIGHUP})


class WorkerLostError(Exception):
    """The worker died or was killed with its job; the text says how."""

    def __init__(self, why: str, *, stalled: bool, blameless: bool = False) -> None:
        super().__init__(why)
        self.why = why
        self.stalled = stalled
        # Whether the job had no part in it: its worker could not start, or somebody else ended it.
        self.blameless = blameless


@dataclass(slots=True)
class _Job:
    future: Future[Any]
    call: tuple[Callable[..., Any], tuple[Any, ...]]


@dataclass(slots=True, eq=False)
class _Worker:
    process: BaseProcess
    pipe: Connection
    job: _Job | None = None
    # By the executor's clock.
    last_sign_s: float = 0.0
    # Whether it ever said anything: until then it is not known to have started.
    heard: bool = False


class WorkerExecutor(Executor):
    """Runs jobs in at most `workers` processes; a worker that is lost is replaced.

    `on_sign(future, sign)` receives what jobs report and `on_loss(future, pid)` the process id of a lost
    worker once it is reaped, before the job fails; both are called from the executor's own thread.
    A job silent for `stall_s` is killed.
    """

    def __init__(
        self,
        workers: int,
        *,
        stall_s: float,
        on_sign: Callable[[Future[Any], Sign], None] = lambda _future, _sign: None,
        on_loss: Callable[[Future[Any], int], None] = lambda _future, _pid: None,
    ) -> None:
        if workers < 1 or not stall_s > 0.0:
            raise ValueError(f"workers must be at least 1 and stall_s positive, got {workers} and {stall_s}")
        self._limit, self._stall_s, self._on_sign, self._on_loss = workers, stall_s, on_sign, on_loss
        self._context = multiprocessing.get_context("spawn")
        self._waiting: deque[_Job] = deque()
        self._lock = threading.Lock()
        self._workers: list[_Worker] = []
        self._closing = self._stopping = False
        self._clock = ListeningClock()
        self._woken, self._waker = self._context.Pipe(duplex=False)
        # Who submits faster than jobs are handed out must not wait for the conductor.
        os.set_blocking(self._waker.fileno(), False)
        self._conductor = threading.Thread(target=self._conduct, name="workers", daemon=True)
        self._conductor.start()

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Queues `fn(*args, progress, cancel)`; both must be importable where they run."""
        if kwargs:
            raise TypeError("jobs take positional arguments only")
        job = _Job(Future(), (fn, args))
        with self._lock:
            if self._closing:
                raise RuntimeError("the executor is shut down")
            self._waiting.append(job)
        self._wake()
        return job.future

    @property
    def processes(self) -> int:
        """Workers alive."""
        return len(self._workers)

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """No more jobs; with `cancel_futures` those that run are stopped as well, gently first."""
        with self._lock:
            self._closing = True
            self._stopping = self._stopping or cancel_futures
        self._wake()
        if wait:
            self._conductor.join()

    def _wake(self) -> None:
        with suppress(OSError):  # full: the conductor will wake as it is
            self._waker.send_bytes(b"!")

    # ---- the conductor's thread -----------------------------------------------------------------------------------

    def _conduct(self) -> None:
        # Workers inherit this: Ctrl-C is the program's to answer, also before they can say so themselves.
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
        while True:
            self._hand_out()
            with self._lock:
                idle = not self._waiting and all(worker.job is None for worker in self._workers)
                stopping, done = self._stopping, self._closing and idle
            if stopping or done:
                break
            pipes = {worker.pipe: worker for worker in self._workers}
            for ready in connection.wait([self._woken, *pipes], _POLL_S):
                if ready is self._woken:
                    while self._woken.poll():
                        self._woken.recv_bytes()
                else:
                    self._hear(pipes[ready])  # type: ignore[index]
            self._end_stalled()
        self._dismiss()

    def _hand_out(self) -> None:
        """Gives waiting jobs to idle workers, starting those that are missing."""
        while not self._stopping:
            with self._lock:
                worker = next((worker for worker in self._workers if worker.job is None), None)
                if not self._waiting or (worker is None and len(self._workers) >= self._limit):
                    return
                job = self._waiting.popleft()
            if not job.future.set_running_or_notify_cancel():
                continue
            try:
                self._give(worker or self._start(), job)
            except (OSError, RuntimeError) as error:  # no more processes, or no memory for one
                job.future.set_exception(
                    WorkerLostError(f"could not be started ({error})", stalled=False, blameless=True)
                )

    def _start(self) -> _Worker:
        ours, theirs = self._context.Pipe()
        process = self._context.Process(target=serve, args=(theirs,), name="auralis worker", daemon=True)
        process.start()
        theirs.close()
        worker = _Worker(process, ours)
        self._workers.append(worker)
        return worker

    def _give(self, worker: _Worker, job: _Job) -> None:
        worker.job, worker.last_sign_s = job, self._clock.now_s()
        try:
            worker.pipe.send(job.call)
        except OSError:
            self._lose(worker, stalled=False)
        except (pickle.PicklingError, AttributeError, TypeError) as error:
            worker.job = None
            job.future.set_exception(error)

    def _hear(self, worker: _Worker) -> None:
        try:
            message = worker.pipe.recv()
        except (EOFError, OSError):
            self._lose(worker, stalled=False)
            return
        worker.heard = True
        job = worker.job
        if job is None:
            return
        worker.last_sign_s = self._clock.now_s()
        if isinstance(message, Sign):
            self._on_sign(job.future, message)
            return
        worker.job = None
        if isinstance(message, Finished):
            job.future.set_result(message.result)
        elif isinstance(message, Failed):
            job.future.set_exception(message.error)

    def _end_stalled(self) -> None:
        now_s = self._clock.now_s()
        for worker in list(self._workers):
            if worker.job is not None and now_s - worker.last_sign_s > self._stall_s:
                worker.process.kill()
                self._lose(worker, stalled=True)

    def _lose(self, worker: _Worker, *, stalled: bool) -> None:
        """Reaps a dead worker, then lets its job fail."""
        self._workers.remove(worker)
        worker.pipe.close()
        worker.process.join(GRACE_S)
        if worker.process.is_alive():  # it closed its pipe and goes on all the same
            worker.process.kill()
            worker.process.join()
        pid, code = worker.process.pid or 0, worker.process.exitcode or 0
        worker.process.close()
        if worker.job is not None:
            self._on_loss(worker.job.future, pid)
            why = f"no progress for {self._stall_s:g} s" if stalled else f"crashed ({_how(code)})"
            blameless = not stalled and (-code in _ENDED_FROM_OUTSIDE or (code >= 0 and not worker.heard))
            worker.job.future.set_exception(WorkerLostError(why, stalled=stalled, blameless=blameless))

    def _dismiss(self) -> None:
        """Ends every worker; one that is still at work is asked to stop before it is made to."""
        with self._lock:
            waiting = list(self._waiting)
            self._waiting.clear()
        for job in waiting:
            job.future.cancel()
            job.future.set_running_or_notify_cancel()
        for worker in self._workers:
            with suppress(OSError):
                worker.pipe.send(None)
            if worker.job is not None:
                worker.process.terminate()
        deadline_s = time.monotonic() + GRACE_S
        for worker in self._workers:
            worker.process.join(max(0.0, deadline_s - time.monotonic()))
            if worker.process.is_alive():
                worker.process.kill()
                worker.process.join()
            if worker.job is not None:
                self._on_loss(worker.job.future, worker.process.pid or 0)
                worker.job.future.set_exception(CancelledError())
            worker.pipe.close()
            worker.process.close()
        self._workers.clear()


def _how(exit_code: int) -> str:
    if exit_code >= 0:
        return f"it left with code {exit_code}"
    with suppress(ValueError):
        return signal.Signals(-exit_code).name
    return f"signal {-exit_code}"
