"""What becomes of jobs whose worker dies, without a cluster: dask is played by hand, step by step."""

from __future__ import annotations

import pickle
import threading
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future
from contextlib import contextmanager
from typing import Any, cast

import pytest
from patience import HandClock
from sound_sinks import waited_for

from auralis_cli.services import listening_clock
from auralis_cli.services.cluster import ClusterExecutor
from auralis_cli.services.worker_process import Finished, Sign
from auralis_cli.services.workers import WorkerLostError

distributed = pytest.importorskip("distributed")
_PATIENCE_S = 30.0


def work(number: int) -> int:
    """A job that is never really done."""
    return number


class PlayedTask:
    """A task of dask's, whose fate is told by whoever plays dask."""

    def __init__(self, calls: bytes, key: str) -> None:
        self.key = key
        self.numbers = [arguments[0] for _, arguments in pickle.loads(calls)]
        self.status = "pending"
        self.fetched = 0
        self.is_fetched_in_vain = False
        self._ended: Callable[[object], None] | None = None
        self._changing = threading.Lock()

    def add_done_callback(self, ended: Callable[[object], None]) -> None:
        # Told at once where it has ended before: it is seen by the test as soon as it is sent.
        with self._changing:
            self._ended = ended
            has_ended = self.status != "pending"
        if has_ended:
            ended(self)

    def result(self, timeout: float) -> bytes:
        if self.is_fetched_in_vain:
            self.status = "lost"
            # From here on it is the test that says what it is.
            self.fetched += 1
            raise TimeoutError
        return pickle.dumps([Finished(number) for number in self.numbers])

    def exception(self, timeout: float) -> Exception:
        return cast("Exception", distributed.KilledWorker("key", "tcp://worker", 3))

    def end(self, status: str) -> None:
        with self._changing:
            self.status = status
            ended = self._ended
        if ended is not None:
            ended(self)


class PlayedClient:
    """As much of dask's client as the executor asks for."""

    status = "running"

    def __init__(self, threads: int) -> None:
        self._threads = threads
        self.tasks: list[PlayedTask] = []
        self.hears: list[Callable[[tuple[float, Mapping[str, Any]]], None]] = []

    def nthreads(self) -> Mapping[str, int]:
        return {"tcp://worker": self._threads}

    def subscribe_topic(self, topic: str, heard: Callable[[tuple[float, Mapping[str, Any]]], None]) -> None:
        self.hears.append(heard)

    def submit(self, job: object, chunk: str, engine: str, calls: bytes, **options: object) -> PlayedTask:
        self.tasks.append(PlayedTask(calls, chunk))
        return self.tasks[-1]

    def tell(self, task: PlayedTask) -> None:
        """A sign of life of a job, which its worker sends."""
        sign = {
            "key": task.key,
            "pid": 1,
            "worker": "tcp://worker",
            "number": 0,
            "task": "at it",
            "done": 0.5,
            "note": "",
        }
        self.hears[0]((0.0, sign))

    def run(self, *words: object, **options: object) -> None:
        pass

    def cancel(self, tasks: object) -> None:
        pass


@contextmanager
def executor(client: PlayedClient, most: int = 1, **how: Any) -> Iterator[ClusterExecutor]:
    made = ClusterExecutor(cast("Any", client), **{"stall_s": 600.0, "most": most, **how})
    try:
        yield made
    finally:
        made.shutdown()


def sent(client: PlayedClient, count: int) -> list[PlayedTask]:
    """The tasks, once there are so many."""
    waited_for(lambda: len(client.tasks) >= count, f"task {count}", for_s=_PATIENCE_S)
    return client.tasks


@pytest.mark.invariant("S2-u6")
def test_jobs_that_waited_on_a_worker_that_died_are_tried_alone_and_only_the_one_that_kills_fails() -> None:
    """Kills the fault that whatever dask blames has failed: it blames also what had not even begun."""
    client = PlayedClient(threads=2)
    with executor(client) as jobs:
        futures: list[Future[int]] = [jobs.submit(work, number) for number in range(6)]
        for task in list(sent(client, 4)):
            task.end("error")
        sent(client, 6)[4].end("finished")
        client.tasks[5].end("finished")
        for number in range(4):
            # Each by itself: the next is not sent before this one has ended.
            alone = sent(client, 7 + number)[6 + number]
            assert len(client.tasks) == 7 + number
            assert alone.numbers == [number]
            alone.end("error" if number == 2 else "finished")
        assert isinstance(futures[2].exception(_PATIENCE_S), WorkerLostError)
        assert [one.result(_PATIENCE_S) for one in futures if one is not futures[2]] == [0, 1, 3, 4, 5]


@pytest.mark.invariant("S2-u6")
def test_a_result_that_died_with_its_worker_is_waited_for_once_more() -> None:
    """Kills the fault that what was done, and could not be fetched, has left with its cluster."""
    client = PlayedClient(threads=1)
    with executor(client) as jobs:
        future: Future[int] = jobs.submit(work, 7)
        (task,) = sent(client, 1)
        task.is_fetched_in_vain = True
        task.end("finished")
        waited_for(lambda: task.fetched == 1, "the first look", for_s=_PATIENCE_S)
        with pytest.raises(TimeoutError):
            future.result(0.3)
        task.is_fetched_in_vain, task.status = False, "finished"
        assert future.result(_PATIENCE_S) == 7


@pytest.mark.invariant("S2-u6")
def test_a_program_that_was_halted_holds_no_silence_against_a_cluster(monkeypatch: pytest.MonkeyPatch) -> None:
    """Kills: after Ctrl-Z, and `fg` a while later, every file under way has made no progress."""
    clock, client = HandClock(), PlayedClient(threads=1)
    monkeypatch.setattr(listening_clock, "time", clock)
    signs: list[Sign] = []
    with executor(client, stall_s=1.5, on_sign=lambda _future, sign: signs.append(sign)) as jobs:
        futures: list[Future[int]] = [jobs.submit(work, number) for number in range(2)]
        halted, hung = sent(client, 2)
        for task in (halted, hung):
            client.tell(task)
        waited_for(lambda: len(signs) == 2, "both heard of")
        clock.pass_seconds(3600.0)
        assert not any(future.done() for future in futures)
        halted.end("finished")
        assert futures[0].result(_PATIENCE_S) == 0
        # What hangs is given up once it was listened for long enough.
        clock.pass_seconds(0.8)
        assert isinstance(futures[1].exception(_PATIENCE_S), WorkerLostError)


def test_every_job_of_a_chunk_that_died_is_tried_by_itself() -> None:
    client = PlayedClient(threads=1)
    with executor(client, most=2) as jobs:
        futures: list[Future[int]] = [jobs.submit(work, number) for number in range(8)]
        seen = 0
        results: set[int] = set()
        while len(results) < len(futures):
            task = sent(client, seen + 1)[seen]
            seen += 1
            task.end("error" if len(task.numbers) > 1 else "finished")
            results = {number for one in client.tasks if one.status == "finished" for number in one.numbers}
        assert [one.result(_PATIENCE_S) for one in futures] == list(range(8))
