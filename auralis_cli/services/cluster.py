"""Our jobs on the workers of a dask cluster, behind an executor that takes the place of the one of worker processes.

Jobs go out in chunks, a few ahead of the workers. A worker that dies costs nothing: dask gives its chunk to another.
Where that goes on it blames all that the workers had, also what only waited there: each of those jobs is tried once
more at the end, while nothing else is under way, and only the one that kills its workers then fails. Workers write only
what a job writes; the library, the journal and the receipts stay with this process.
"""

from __future__ import annotations

import logging
import pickle
import socket
import threading
import time
import uuid
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Executor, Future
from contextlib import contextmanager, suppress
from dataclasses import field
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Any

from auralis_cli.errors import AuralisError, CancelledError, OnlineError, UsageError
from auralis_cli.model.cluster_address import ClusterAddress
from auralis_cli.quick_dataclasses import dataclass
from auralis_cli.services.cluster_job import TOPIC, Call, OtherProgram, describe, do_chunk, stop_chunks
from auralis_cli.services.listening_clock import ListeningClock
from auralis_cli.services.receipts import engine
from auralis_cli.services.remedies import how_to_get_extra
from auralis_cli.services.worker_process import Failed, Sign
from auralis_cli.services.workers import WorkerLostError

if TYPE_CHECKING:
    from distributed import Client

# How long a scheduler that is just starting is waited for.
_ANSWER_S = 1.5
_CONNECT_S = 5.0
_POLL_S = 0.2
# How often it is asked which workers there are.
_ROLL_CALL_S = 5.0
# How long work that was asked to stop may take to clean up behind it.
_GRACE_S = 5.0
# Chunks under way for each thread of a worker: one at work, one at hand.
_AHEAD = 2


@contextmanager
def connected(address: ClusterAddress) -> Iterator[Client]:
    """A connection to a scheduler all of whose workers run this very program.

    Raises UsageError where the extra is not installed, OnlineError where there is no such cluster.
    """
    try:
        import distributed
    except ImportError as error:
        raise UsageError("--executor", "needs what is not installed", how_to_get_extra("cluster")) from error
    # What it would say on stderr is said here, in one line.
    for name in ("distributed", *list(logging.root.manager.loggerDict)):
        if name.partition(".")[0] in ("distributed", "tornado"):
            logging.getLogger(name).setLevel(logging.CRITICAL + 1)
    try:
        _find_scheduler(address)
        client = distributed.Client(address.url, timeout=_CONNECT_S, set_as_default=False)
    except (OSError, TimeoutError, ValueError) as error:
        raise OnlineError(str(address), "no scheduler answers there", "dask scheduler starts one") from error
    try:
        _check_workers(address, client)
        yield client
    finally:
        with suppress(OSError, TimeoutError):
            client.close(timeout=_CONNECT_S)


def _find_scheduler(address: ClusterAddress) -> None:
    """Raises OSError where nobody listens; dask would try for long, and twice."""
    give_up_s = time.monotonic() + _ANSWER_S
    while True:
        left_s = give_up_s - time.monotonic()
        try:
            socket.create_connection((address.host.strip("[]"), address.port), max(left_s, _POLL_S)).close()
        except (ConnectionRefusedError, ConnectionResetError):
            if left_s <= 0.0:
                raise
            threading.Event().wait(_POLL_S)
        else:
            return


def _check_workers(address: ClusterAddress, client: Client) -> None:
    """Raises OnlineError where there is no worker, or one that would make something else."""
    try:
        client.wait_for_workers(1, timeout=_CONNECT_S)
        told: Mapping[str, Any] = client.run(describe, on_error="return")
    except (OSError, TimeoutError) as error:
        raise OnlineError(str(address), "has no workers", f"dask worker {address.url[6:]} starts one") from error
    for worker, one in told.items():
        if isinstance(one, Exception):
            why = f"its worker {worker} does not run Auralis ({type(one).__name__})"
            raise OnlineError(str(address), why, "install the same version there") from one
        if one[1] != engine():
            why = f"its worker {worker} runs another Auralis ({one[0]}), which might make something else"
            raise OnlineError(str(address), why, "install the same version everywhere, then start the workers anew")


@dataclass(slots=True)
class _Job:
    future: Future[Any]
    call: Call
    # Whether its workers died with it, and may have died of another: it goes once more, while nothing else does.
    is_suspect: bool = False


@dataclass(slots=True, eq=False)
class _Chunk:
    key: str
    jobs: list[_Job]
    task: Any = None
    # When it was last heard of; None until it began.
    heard_s: float | None = None
    pid: int | None = None
    # Whether it was done, and its worker died before that was fetched: dask has it done anew.
    is_lost: bool = False


@dataclass(slots=True)
class _Crew:
    """The workers, as they were known last."""

    threads: int
    seen_s: float
    asked_s: float
    # Processes that were heard of, each with its workers: two machines may use one number.
    workers_of: dict[int, set[str]] = field(default_factory=dict)


class ClusterExecutor(Executor):
    """Runs jobs on all workers of a cluster; see `WorkerExecutor`, which it stands for.

    `most` jobs are a chunk at most. `on_loss` is given a process once another has begun its chunk anew. A chunk silent
    for `stall_s` is given up: its worker is asked to stop it, and cannot be made to.
    """

    def __init__(
        self,
        client: Client,
        *,
        stall_s: float,
        most: int = 1,
        on_sign: Callable[[Future[Any], Sign], None] = lambda _future, _sign: None,
        on_loss: Callable[[Future[Any], int], None] = lambda _future, _pid: None,
    ) -> None:
        if most < 1 or not stall_s > 0.0:
            raise ValueError(f"most must be at least 1 and stall_s positive, got {most} and {stall_s}")
        self._client, self._stall_s, self._most = client, stall_s, most
        self._on_sign, self._on_loss = on_sign, on_loss
        self._clock = ListeningClock()
        now_s = self._clock.now_s()
        self._crew = _Crew(max(1, sum(client.nthreads().values())), now_s, now_s)
        self._name, self._sent = f"auralis-{uuid.uuid4().hex[:12]}", 0
        self._waiting: deque[_Job] = deque()
        self._suspects: deque[_Job] = deque()
        self._under_way: dict[str, _Chunk] = {}
        self._events: SimpleQueue[Mapping[str, Any] | str | None] = SimpleQueue()
        self._lock = threading.Lock()
        self._closing = self._stopping = False
        client.subscribe_topic(TOPIC, lambda event: self._events.put(event[1]))
        self._conductor = threading.Thread(target=self._conduct, name="cluster", daemon=True)
        self._conductor.start()

    @property
    def threads(self) -> int:
        """Jobs that all workers together do at a time."""
        return self._crew.threads

    @property
    def ahead(self) -> int:
        """Jobs that may be handed over so that no worker waits."""
        return self._crew.threads * self._most * (_AHEAD + 1)

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Queues `fn(*args, progress, cancel)`; both must be importable where they run."""
        if kwargs:
            raise TypeError("jobs take positional arguments only")
        job = _Job(Future(), (fn, args))
        with self._lock:
            if self._closing:
                raise RuntimeError("the executor is shut down")
            self._waiting.append(job)
        self._events.put(None)
        return job.future

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """No more jobs; with `cancel_futures` those that run are stopped as well, gently first."""
        with self._lock:
            self._closing = True
            self._stopping = self._stopping or cancel_futures
        self._events.put(None)
        if wait:
            self._conductor.join()

    # ---- the conductor's thread -----------------------------------------------------------------------------------

    def _conduct(self) -> None:
        while True:
            with self._lock:
                idle = not (self._waiting or self._suspects or self._under_way)
                stopping, done = self._stopping, self._closing and idle
            if stopping or done:
                break
            try:
                self._hand_out()
                self._take()
                self._call_the_roll()
            except (OSError, TimeoutError, RuntimeError) as error:  # what dask raises of a scheduler that is gone
                self._fail_all(WorkerLostError(f"left with its cluster ({error})", stalled=False, blameless=True))
        self._dismiss()

    def _hand_out(self) -> None:
        while len(self._under_way) < self._crew.threads * _AHEAD:
            with self._lock:
                jobs = self._next_jobs()
            if not jobs:
                return
            if jobs := [job for job in jobs if _begins(job)]:
                self._send(jobs)

    def _next_jobs(self) -> list[_Job]:
        """The next chunk: the fewer there are, the smaller, so that all workers end at about the same time."""
        if any(job.is_suspect for chunk in self._under_way.values() for job in chunk.jobs):
            return []
        if not self._waiting:
            return [self._suspects.popleft()] if self._suspects and not self._under_way else []
        size = max(1, min(self._most, len(self._waiting) // (_AHEAD * self._crew.threads)))
        return [self._waiting.popleft() for _ in range(size)]

    def _send(self, jobs: list[_Job]) -> None:
        try:
            calls = pickle.dumps([job.call for job in jobs])
        except (pickle.PicklingError, AttributeError, TypeError) as error:
            for job in jobs:
                job.future.set_exception(error)
            return
        self._sent += 1
        chunk = _Chunk(f"{self._name}-{self._sent}", jobs)
        self._under_way[chunk.key] = chunk
        chunk.task = self._client.submit(do_chunk, chunk.key, engine(), calls, key=chunk.key, pure=False)
        chunk.task.add_done_callback(lambda _task, key=chunk.key: self._events.put(key))

    def _take(self) -> None:
        try:
            event = self._events.get(timeout=_POLL_S)
        except Empty:
            return
        if isinstance(event, str):
            chunk = self._under_way.get(event)
            if chunk is not None and self._has_ended(chunk):
                del self._under_way[event]
        elif event is not None and (heard := self._under_way.get(str(event.get("key")))) is not None:
            self._hear(heard, event)

    def _hear(self, chunk: _Chunk, told: Mapping[str, Any]) -> None:
        chunk.heard_s = self._clock.now_s()
        pid = int(told["pid"])
        at = self._crew.workers_of.setdefault(pid, set())
        at.add(str(told["worker"]))
        lost, chunk.pid = chunk.pid, pid
        if lost is not None and lost != pid and len(self._crew.workers_of[lost]) == 1:
            for job in chunk.jobs:
                self._on_loss(job.future, lost)
        sign = Sign(str(told["task"]), told["done"], told["note"])
        if sign.task or sign.note:
            self._on_sign(chunk.jobs[int(told["number"])].future, sign)

    def _has_ended(self, chunk: _Chunk) -> bool:
        """Hands on what became of every job of a chunk; False where that has to be waited for once more."""
        from distributed import KilledWorker

        task = chunk.task
        if task.status == "finished":
            with suppress(TimeoutError, KilledWorker):
                self._hand_over(chunk, pickle.loads(task.result(timeout=_GRACE_S)))
                return True
        chunk.is_lost = task.status not in ("error", "cancelled")
        if chunk.is_lost:
            # It waits to be begun again.
            chunk.heard_s = None
            return False
        if task.status == "error":
            error = task.exception(timeout=_GRACE_S)
            if isinstance(error, KilledWorker):
                self._blame(chunk, WorkerLostError("died with each worker that had it", stalled=False))
            else:
                self._fail(chunk, WorkerLostError(f"failed ({type(error).__name__})", stalled=False, blameless=True))
        else:
            self._fail(chunk, WorkerLostError("left with its cluster", stalled=False, blameless=True))
        return True

    def _hand_over(self, chunk: _Chunk, results: object) -> None:
        if isinstance(results, OtherProgram):
            self._fail(chunk, OnlineError("--executor", f"a worker that joined runs another Auralis {results.version}"))
            return
        assert isinstance(results, list)
        for job, result in zip(chunk.jobs, results, strict=True):
            if isinstance(result, Failed):
                job.future.set_exception(result.error)
            else:
                job.future.set_result(result.result)

    def _blame(self, chunk: _Chunk, error: WorkerLostError) -> None:
        """One of the jobs may be to blame: each goes by itself. One that was alone already is, or alone stood still."""
        if len(chunk.jobs) == 1 and (error.stalled or chunk.jobs[0].is_suspect):
            self._fail(chunk, error)
            return
        for job in chunk.jobs:
            job.is_suspect = True
        self._suspects.extend(chunk.jobs)

    def _fail(self, chunk: _Chunk, error: AuralisError | WorkerLostError) -> None:
        for job in chunk.jobs:
            job.future.set_exception(error)

    def _fail_all(self, error: WorkerLostError) -> None:
        with self._lock:
            waiting = [*self._waiting, *self._suspects]
            self._waiting.clear()
            self._suspects.clear()
        begun = [job for job in waiting if _begins(job)]
        for chunk in [*self._under_way.values(), _Chunk("", begun)]:
            self._fail(chunk, error)
        self._under_way.clear()

    def _call_the_roll(self) -> None:
        """Gives up what stands still, and everything where nobody is left to do it."""
        now_s = self._clock.now_s()
        for chunk in list(self._under_way.values()):
            if chunk.is_lost and chunk.task.status in ("finished", "error", "cancelled"):
                self._events.put(chunk.key)
            if chunk.heard_s is not None and now_s - chunk.heard_s > self._stall_s:
                del self._under_way[chunk.key]
                self._client.run(stop_chunks, [chunk.key], on_error="ignore", wait=False)
                self._blame(chunk, WorkerLostError(f"no progress for {self._stall_s:g} s", stalled=True))
        if now_s - self._crew.asked_s < _ROLL_CALL_S:
            return
        self._crew.asked_s = now_s
        if self._client.status != "running":
            raise OSError("the scheduler is gone")
        if threads := sum(self._client.nthreads().values()):
            self._crew.threads, self._crew.seen_s = threads, now_s
        elif now_s - self._crew.seen_s > self._stall_s:
            raise OSError("it has no workers any more")

    def _dismiss(self) -> None:
        """Ends what is under way; whoever is still at work is asked to stop before nobody listens any more."""
        with self._lock:
            waiting = [*self._waiting, *self._suspects]
            self._waiting.clear()
            self._suspects.clear()
        for job in waiting:
            if not job.future.running():
                job.future.cancel()
                job.future.set_running_or_notify_cancel()
            else:
                job.future.set_exception(CancelledError())
        if not self._under_way:
            return
        tasks = [chunk.task for chunk in self._under_way.values()]
        with suppress(OSError, TimeoutError, RuntimeError):
            self._client.run(stop_chunks, list(self._under_way), on_error="ignore")
            from distributed import wait

            with suppress(TimeoutError):
                wait(tasks, timeout=_GRACE_S)
            self._client.cancel(tasks)
        for chunk in self._under_way.values():
            self._fail(chunk, CancelledError())
        self._under_way.clear()


def _begins(job: _Job) -> bool:
    """Whether a job is wanted, and from now on is at work; one that goes anew is already."""
    return job.future.running() or job.future.set_running_or_notify_cancel()
