"""Work for one process beside the player: each thing is computed once, what was asked for last goes first.

All that is known of what is under way belongs to one thread, which takes what others ask for from a queue: there is
nothing to lock.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import Executor, Future
from dataclasses import field
from functools import partial
from queue import Empty, SimpleQueue
from typing import Any

from auralis_cli.errors import AuralisError, InputError
from auralis_cli.quick_dataclasses import dataclass
from auralis_cli.services.workers import WorkerExecutor, WorkerLostError

Done = Callable[[Any], None]
Withdraw = Callable[[], None]

# Kernels are compiled at their first use on a machine, which gives no sign of life.
_STALL_S = 300.0
# Whoever skips through tracks comes to a rest within this; then what nobody waits for any more is stopped.
_ABANDONED_S = 1.0
# A process that has nothing to do gives its memory back.
_IDLE_S = 60.0
# They are left a second apart at least, and end within two.
_STILL_ENDING = 2
# A disk or a library that does not answer holds nobody's end up any longer.
_CLOSES_WITHIN_S = 4.0


@dataclass(frozen=True, slots=True, eq=False)
class _Waiter:
    done: Done


@dataclass(slots=True, eq=False)
class _Wanted:
    name: str
    call: tuple[Any, ...]
    land: Callable[[Any], Any]
    waiters: list[_Waiter] = field(default_factory=list)
    # Since when nobody waits.
    abandoned_s: float | None = None


@dataclass(frozen=True, slots=True, eq=False)
class _Running:
    key: str
    future: Future[Any]


class NewestFirst:
    """Runs jobs one at a time in a worker process. `done` receives a result or an AuralisError, on this one's thread.

    A crash of the process is such an error, and costs no other job.
    """

    def __init__(
        self,
        open_workers: Callable[[], Executor] = lambda: WorkerExecutor(1, stall_s=_STALL_S),
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._open_workers, self._clock = open_workers, clock
        self._inbox: SimpleQueue[Callable[[], None] | None] = SimpleQueue()
        self._wanted: dict[str, _Wanted] = {}
        self._running: _Running | None = None
        self._workers: Executor | None = None
        self._left: list[Executor] = []
        self._idle_since_s = clock()
        self._thread = threading.Thread(target=self._run, name="plans", daemon=True)
        self._thread.start()

    def post(self, message: Callable[[], None]) -> None:
        """Has `message` called on this one's thread, in order; from any thread."""
        self._inbox.put(message)

    def ask(self, key: str, name: str, call: tuple[Any, ...], land: Callable[[Any], Any], done: Done) -> Withdraw:
        """Has `call` done once, however many ask for `key`; to be called on this one's thread.

        `name` is what errors call it; of a result `land` makes, once, what all who asked are given. What is returned
        is for the same thread: nobody waits for this `done` any more.
        """
        wanted = self._wanted.pop(key, None) or _Wanted(name, call, land)
        # Those asked for last stand last.
        self._wanted[key] = wanted
        waiter = _Waiter(done)
        wanted.waiters.append(waiter)
        wanted.abandoned_s = None
        return partial(self._withdraw, key, wanted, waiter)

    def close(self) -> None:
        """Stops what is under way; nothing is told of it."""
        self._inbox.put(None)
        self._thread.join(_CLOSES_WITHIN_S)

    # ---- this one's thread ----------------------------------------------------------------------------------------

    def _run(self) -> None:
        while True:
            try:
                message = self._inbox.get(timeout=None if self._workers is None else _ABANDONED_S)
                if message is None:
                    break
                message()
            except Empty:
                pass
            self._stop_what_nobody_wants()
            self._start_newest()
        self._leave_workers()
        for workers in self._left:
            workers.shutdown(wait=True, cancel_futures=True)

    def _start_newest(self) -> None:
        if self._running is not None:
            return
        if not self._wanted:
            if self._workers is not None and self._clock() - self._idle_since_s > _IDLE_S:
                self._leave_workers()
            return
        if self._workers is None:
            self._workers = self._open_workers()
        key = next(reversed(self._wanted))
        function, *arguments = self._wanted[key].call
        running = _Running(key, self._workers.submit(function, *arguments))
        self._running = running
        running.future.add_done_callback(lambda _future: self._inbox.put(partial(self._end, running)))

    def _end(self, running: _Running) -> None:
        if running is not self._running:
            return
        self._running = None
        wanted = self._wanted.pop(running.key)
        self._idle_since_s = self._clock()
        outcome = _outcome(wanted, running.future)
        for waiter in wanted.waiters:
            waiter.done(outcome)

    def _withdraw(self, key: str, wanted: _Wanted, waiter: _Waiter) -> None:
        if waiter in wanted.waiters:
            wanted.waiters.remove(waiter)
        if wanted.waiters or self._wanted.get(key) is not wanted:
            return
        if self._running is not None and key == self._running.key:
            wanted.abandoned_s = self._clock()
        else:
            del self._wanted[key]

    def _stop_what_nobody_wants(self) -> None:
        if self._running is None:
            return
        since_s = self._wanted[self._running.key].abandoned_s
        if since_s is not None and self._clock() - since_s >= _ABANDONED_S:
            del self._wanted[self._running.key]
            self._running = None
            self._leave_workers()

    def _leave_workers(self) -> None:
        """They end by themselves; others are opened when there is work."""
        if self._workers is not None:
            self._workers.shutdown(wait=False, cancel_futures=True)
            self._left = [*self._left[-_STILL_ENDING:], self._workers]
            self._workers = None


def _outcome(wanted: _Wanted, future: Future[Any]) -> Any:
    try:
        return wanted.land(future.result())
    except AuralisError as error:
        return error
    except WorkerLostError as lost:
        return InputError(wanted.name, f"cannot be worked on: its process {lost.why}")
