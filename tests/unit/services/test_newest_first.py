"""Work beside the player: each thing once, the newest first, and nothing that nobody waits for."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future
from functools import partial
from typing import Any

import pytest
import worker_jobs

from auralis_cli.errors import AuralisError, InputError
from auralis_cli.model.progress import CancelToken, ProgressSink
from auralis_cli.services.newest_first import NewestFirst, Withdraw
from auralis_cli.services.workers import WorkerExecutor

WAIT_S = 30.0


class HandDriven(Executor):
    """Jobs that end when the test says so."""

    def __init__(self) -> None:
        self.futures: dict[str, Future[Any]] = {}
        self.order: list[str] = []
        self.left = 0
        self.submitted = threading.Semaphore(0)

    def submit(self, fn: Any, /, *args: Any, **_kwargs: Any) -> Future[Any]:
        self.order.append(args[0])
        self.futures[args[0]] = future = Future[Any]()
        self.submitted.release()
        return future

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        self.left += 1


class Asking:
    """Asks from the test's thread and collects what comes of it."""

    def __init__(self, open_workers: Callable[[], Executor], clock: Callable[[], float] = lambda: 0.0) -> None:
        self.lane = NewestFirst(open_workers, clock)
        self.told: list[tuple[str, Any]] = []
        self.came = threading.Semaphore(0)

    def ask(self, key: str, job: Any = None) -> Withdraw:
        given: list[Withdraw] = []
        call = (job or partial(str), key)

        def done(outcome: Any) -> None:
            self.told.append((key, outcome))
            self.came.release()

        self.now(lambda: given.append(self.lane.ask(key, key, call, lambda result: result, done)))
        return lambda: self.now(given[0])

    def now(self, message: Callable[[], None]) -> None:
        """Returns when the lane has done it."""
        done = threading.Event()
        self.lane.post(message)
        self.lane.post(done.set)
        assert done.wait(WAIT_S)

    def wait(self, count: int = 1) -> None:
        for _ in range(count):
            assert self.came.acquire(timeout=WAIT_S)


@pytest.fixture
def workers() -> HandDriven:
    return HandDriven()


@pytest.fixture
def asking(workers: HandDriven) -> Iterator[Asking]:
    asking = Asking(lambda: workers)
    yield asking
    asking.lane.close()


def test_what_was_asked_for_last_goes_first(asking: Asking, workers: HandDriven) -> None:
    """Kills a queue that serves in order: the track that plays would wait for those that were skipped."""
    for key in ("first", "a", "b", "c"):
        asking.ask(key)
    asking.ask("a")
    for key in ("first", "a", "c", "b"):
        assert workers.submitted.acquire(timeout=WAIT_S)
        assert workers.order[-1] == key
        workers.futures[key].set_result(key)
    asking.wait(5)
    assert sorted(asking.told) == [("a", "a"), ("a", "a"), ("b", "b"), ("c", "c"), ("first", "first")]


def test_what_nobody_waits_for_is_not_begun(asking: Asking, workers: HandDriven) -> None:
    asking.ask("first")
    skipped = [asking.ask(str(number)) for number in range(30)]
    for withdraw in skipped[:-1]:
        withdraw()
        withdraw()
    workers.futures["first"].set_result(1)
    assert workers.submitted.acquire(timeout=WAIT_S)
    assert workers.submitted.acquire(timeout=WAIT_S)
    workers.futures["29"].set_result(2)
    asking.wait(2)
    asking.now(lambda: None)
    assert workers.order == ["first", "29"]


def test_what_runs_for_nobody_is_stopped_once_the_listener_has_come_to_a_rest(workers: HandDriven) -> None:
    now_s = [0.0]
    opened: list[HandDriven] = []

    def open_workers() -> HandDriven:
        opened.append(workers if not opened else HandDriven())
        return opened[-1]

    asking = Asking(open_workers, lambda: now_s[0])
    withdraw = asking.ask("long")
    withdraw()
    asking.ask("next")
    assert workers.left == 0
    now_s[0] = 1.5
    asking.now(lambda: None)
    asking.now(lambda: None)
    assert workers.left == 1
    assert opened[1].submitted.acquire(timeout=WAIT_S)
    # What the stopped one still has to say concerns nobody, even where the same was asked for again.
    asking.ask("long")
    workers.futures["long"].set_result("old")
    opened[1].futures["next"].set_result("new")
    asking.wait()
    assert asking.told == [("next", "new")]
    asking.lane.close()


def test_one_of_two_who_wait_may_leave(asking: Asking, workers: HandDriven) -> None:
    withdraw = asking.ask("a")
    asking.ask("a")
    withdraw()
    workers.futures["a"].set_result("found")
    asking.wait()
    asking.now(lambda: None)
    assert asking.told == [("a", "found")]
    assert workers.order == ["a"]


def test_failures_are_values(asking: Asking, workers: HandDriven) -> None:
    asking.ask("a")
    workers.futures["a"].set_exception(InputError("a", "is no audio"))
    asking.wait()
    assert isinstance(asking.told[0][1], InputError)


def _crash(_key: str, _progress: ProgressSink, _cancel: CancelToken) -> None:
    os.abort()


def _name(key: str, _progress: ProgressSink, _cancel: CancelToken) -> str:
    return f"did {key}"


def test_a_process_that_crashes_costs_its_own_job_and_no_other() -> None:
    asking = Asking(lambda: WorkerExecutor(1, stall_s=WAIT_S))
    asking.ask("after", _name)
    asking.ask("crash", _crash)
    asking.wait(2)
    asking.lane.close()
    outcomes = dict(asking.told)
    assert isinstance(outcomes["crash"], AuralisError)
    assert "its process crashed" in str(outcomes["crash"])
    assert outcomes["after"] == "did after"


@pytest.mark.invariant("S2-NEW-12")
@pytest.mark.invariant("S4-D3.4")
def test_what_is_computed_for_the_player_costs_its_own_process_nothing() -> None:
    """Kills computing on the thread that asks: events of the desktop and of the socket would wait for it."""
    came, told = threading.Semaphore(0), []

    def done(worked_in: int) -> None:
        told.append(worked_in)
        came.release()

    lane = NewestFirst(lambda: WorkerExecutor(1, stall_s=WAIT_S))
    try:
        call = (worker_jobs.count_up, 20_000_000)

        def ask() -> None:
            lane.ask("sum", "sum", call, lambda result: result, done)

        before_s = time.process_time()
        lane.post(ask)
        assert came.acquire(timeout=WAIT_S)
        assert time.process_time() - before_s < 0.3, "counting takes more than a second"
        assert told[0] != os.getpid()
    finally:
        lane.close()
