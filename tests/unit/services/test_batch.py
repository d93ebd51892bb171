"""Worker processes: what a crash, a hang, a defect or a stop costs, and what it does not."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import cluster_jobs
import pytest
import worker_jobs
from patience import HandClock, until

from auralis_cli.errors import AuralisError, CancelledError, InputError
from auralis_cli.model.progress import CancelToken
from auralis_cli.services import listening_clock, workers
from auralis_cli.services.batch import Item, Outcome, run_batch
from auralis_cli.services.worker_process import Sign
from auralis_cli.services.workers import WorkerExecutor


class Listener:
    """Keeps what it is told."""

    def __init__(self) -> None:
        self.items: list[tuple[str, str, float | None]] = []
        self.through: list[tuple[int, int, str | None]] = []
        self.notes: list[str] = []

    def item(self, name: str, task: str, done: float | None) -> None:
        self.items.append((name, task, done))

    def overall(self, done: int, total: int, finished: str | None) -> None:
        self.through.append((done, total, finished))

    def note(self, message: str) -> None:
        self.notes.append(message)


def run(items: list[Item[Any]], jobs: int = 2, stall_s: float = 60.0, sink: Listener | None = None) -> list[Any]:
    outcomes = list(run_batch(items, jobs, stall_s, sink or Listener(), CancelToken()))
    assert [outcome.index for outcome in outcomes] == list(range(len(items)))
    return [outcome.result if outcome.error is None else outcome.error for outcome in outcomes]


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> HandClock:
    """By which workers are silent."""
    made = HandClock()
    monkeypatch.setattr(listening_clock, "time", made)
    return made


def alive() -> set[int]:
    return {child.pid or 0 for child in multiprocessing.active_children()}


@pytest.fixture(autouse=True)
def _no_worker_survives() -> Iterator[None]:
    before = alive()
    yield
    assert alive() <= before


def test_results_come_in_the_order_of_the_items_and_steps_are_heard() -> None:
    sink = Listener()
    assert run([Item(f"{n}", worker_jobs.square, (n,)) for n in range(7)], sink=sink) == [n * n for n in range(7)]
    assert {name for name, _, _ in sink.items} == {f"{n}" for n in range(7)}
    assert [done for done, _, _ in sink.through] == list(range(8))
    assert sink.notes == ["squares are computed"]


def test_jobs_run_in_other_processes_as_many_as_asked_for() -> None:
    pids = run([Item(f"{n}", worker_jobs.process_id, ()) for n in range(6)], jobs=1)
    assert len(set(pids)) == 1
    assert os.getpid() not in pids


@pytest.mark.invariant("S2-u6")
@pytest.mark.parametrize("jobs", [1, 2])
def test_one_poisoned_item_in_ten_fails_alone(jobs: int, tmp_path: Path) -> None:
    items: list[Item[Any]] = [Item(f"{n}", worker_jobs.square, (n,)) for n in range(10)]
    items[2] = Item("two", worker_jobs.fail, ("two",))
    items[4] = Item("four", worker_jobs.stumble, ())
    items[6] = Item("six", worker_jobs.crash, (tmp_path,), (tmp_path,))
    results = run(items, jobs)
    assert [result for result in results if isinstance(result, int)] == [0, 1, 9, 25, 49, 64, 81]
    failures = [result for result in results if isinstance(result, AuralisError)]
    assert [str(failure) for failure in failures] == [
        "two: is damaged (a hint)",
        "unforeseen: ZeroDivisionError: in x.py: division (a defect; AURALIS_DEBUG=1 shows where)",
        "six: cannot be worked on: its process crashed (SIGSEGV)",
    ]
    assert list(tmp_path.iterdir()) == []


def test_what_cannot_be_sent_fails_its_job_and_no_other() -> None:
    bad, good = run(
        [Item("bad", worker_jobs.unpicklable, ()), Item("good", worker_jobs.square, (3,))],
        jobs=1,
    )
    assert isinstance(bad, AuralisError)
    assert good == 9


@pytest.mark.invariant("S0-H07")
@pytest.mark.invariant("S2-u10")
def test_a_decoder_that_hangs_is_killed_and_reaped_before_its_files_are_removed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, clock: HandClock
) -> None:
    dead_when_removed: list[bool] = []

    def watch(folders: tuple[Path, ...], pid: int) -> None:
        dead_when_removed.append(not Path(f"/proc/{pid}").exists())
        remove(folders, pid)

    from auralis_cli.services import batch

    remove = batch._remove_parts
    monkeypatch.setattr(batch, "_remove_parts", watch)

    def pass_once_it_hangs() -> None:
        until(lambda: any(tmp_path.iterdir()))
        for _ in range(2):
            clock.pass_seconds(0.8)

    threading.Thread(target=pass_once_it_hangs).start()
    hung, fine = run(
        [Item("hung", worker_jobs.hang, (tmp_path,), (tmp_path,)), Item("fine", worker_jobs.square, (4,))],
        jobs=1,
        stall_s=1.5,
    )
    assert isinstance(hung, InputError)
    assert str(hung) == "hung: cannot be worked on: no progress for 1.5 s (--stall-timeout waits longer)"
    assert fine == 16
    assert dead_when_removed == [True]
    assert list(tmp_path.iterdir()) == []


def test_a_stop_ends_what_obeys_gently_and_what_is_deaf_by_force(tmp_path: Path) -> None:
    cancel = CancelToken()
    items = [
        Item("a", worker_jobs.obey, (tmp_path,), (tmp_path,)),
        Item("b", worker_jobs.hang, (tmp_path,), (tmp_path,)),
    ]
    outcomes: list[Outcome[Any]] = []

    def stop_when_both_work() -> None:
        deadline_s = time.monotonic() + 30.0
        while len(list(tmp_path.iterdir())) < 2 and time.monotonic() < deadline_s:
            threading.Event().wait(0.02)
        cancel.cancel()

    stopper = threading.Thread(target=stop_when_both_work)
    stopper.start()
    with pytest.raises(CancelledError):
        outcomes.extend(run_batch(items, 2, 60.0, Listener(), cancel))
    stopper.join()
    assert outcomes == []
    assert list(tmp_path.iterdir()) == []


def test_more_jobs_than_a_pipe_holds_wakes_are_queued_without_waiting() -> None:
    executor = WorkerExecutor(1, stall_s=60.0)
    submitted = threading.Event()

    def submit() -> None:
        for number in range(30_000):
            executor.submit(worker_jobs.square, number)
        submitted.set()

    threading.Thread(target=submit, daemon=True).start()
    assert submitted.wait(30.0)
    executor.shutdown(cancel_futures=True)


def test_a_worker_told_to_stop_by_somebody_else_costs_its_own_item(tmp_path: Path) -> None:
    def end_the_first() -> None:
        deadline_s = time.monotonic() + 30.0
        while not (parts := list(tmp_path.iterdir())) and time.monotonic() < deadline_s:
            threading.Event().wait(0.02)
        os.kill(int(parts[0].name.split("-")[1]), signal.SIGTERM)

    ender = threading.Thread(target=end_the_first)
    ender.start()
    ended, fine = run(
        [Item("ended", worker_jobs.obey, (tmp_path,), (tmp_path,)), Item("fine", worker_jobs.square, (2,))]
    )
    ender.join()
    assert str(ended) == "ended: cannot be worked on: its process crashed (SIGTERM)"
    assert fine == 4
    assert list(tmp_path.iterdir()) == []


def test_ctrl_c_is_kept_from_a_worker_from_its_first_moment_on() -> None:
    with WorkerExecutor(1, stall_s=60.0) as executor:
        pid = executor.submit(worker_jobs.process_id).result(timeout=60.0)
        status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    (blocked,) = (line.split()[1] for line in status.splitlines() if line.startswith("SigBlk:"))
    assert int(blocked, 16) >> (signal.SIGINT - 1) & 1


@pytest.mark.invariant("S2-NEW-15")
def test_a_thousand_cancelled_jobs_take_no_worker_away() -> None:
    executor = WorkerExecutor(2, stall_s=60.0)
    try:
        for number in range(1000):
            future = executor.submit(worker_jobs.square, number) if number % 3 else executor.submit(worker_jobs.stumble)
            if number % 2:
                future.cancel()
        assert executor.processes <= 2
        last = [executor.submit(worker_jobs.process_id) for _ in range(6)]
        assert len({future.result(timeout=60.0) for future in last}) <= 2
        assert executor.processes <= 2
    finally:
        executor.shutdown(cancel_futures=True)
    with pytest.raises(RuntimeError, match="shut down"):
        executor.submit(worker_jobs.process_id)


@pytest.mark.invariant("S2-u4")
def test_every_job_ends_exactly_once_however_the_end_is_raced() -> None:
    ends: Counter[int] = Counter()
    executor = WorkerExecutor(2, stall_s=60.0)
    futures = [executor.submit(worker_jobs.square, number) for number in range(400)]
    for number, future in enumerate(futures):
        future.add_done_callback(lambda _done, number=number: ends.update((number,)))  # type: ignore[misc]
    canceller = threading.Thread(target=lambda: [future.cancel() for future in futures[::-2]])
    canceller.start()
    futures[20].exception(timeout=60.0) if not futures[20].cancelled() else None
    executor.shutdown(cancel_futures=True)
    canceller.join()
    assert all(future.done() for future in futures)
    assert ends == Counter(range(400))


def test_lost_workers_are_replaced(tmp_path: Path) -> None:
    lost: list[int] = []

    def on_loss(_future: Future[Any], pid: int) -> None:
        lost.append(pid)

    with WorkerExecutor(1, stall_s=60.0, on_loss=on_loss) as executor:
        for _ in range(3):
            with pytest.raises(workers.WorkerLostError, match="SIGSEGV"):
                executor.submit(worker_jobs.crash, tmp_path).result(timeout=60.0)
        assert executor.submit(worker_jobs.square, 5).result(timeout=60.0) == 25
    assert len(set(lost)) == 3


def test_a_job_is_blameless_that_somebody_else_ended_or_whose_worker_never_started(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with WorkerExecutor(1, stall_s=60.0) as executor:
        lost = executor.submit(worker_jobs.crash, tmp_path).exception(timeout=60.0)
        assert isinstance(lost, workers.WorkerLostError)
        assert not lost.blameless
        lost = executor.submit(worker_jobs.be_killed).exception(timeout=60.0)
        assert isinstance(lost, workers.WorkerLostError)
        assert lost.blameless
    nothing = tmp_path / "python"
    nothing.write_text("#!/bin/sh\nexit 255\n")
    nothing.chmod(0o755)
    monkeypatch.setattr(multiprocessing.spawn, "get_executable", lambda: os.fsencode(nothing))
    with WorkerExecutor(1, stall_s=60.0) as executor:
        lost = executor.submit(worker_jobs.square, 5).exception(timeout=60.0)
    assert isinstance(lost, workers.WorkerLostError)
    assert lost.blameless


@pytest.mark.invariant("S2-u6")
def test_a_program_that_was_halted_holds_no_silence_against_its_workers(tmp_path: Path, clock: HandClock) -> None:
    """Kills: after Ctrl-Z, and `fg` a while later, every file under way has made no progress."""
    with WorkerExecutor(1, stall_s=60.0) as executor:
        future = executor.submit(cluster_jobs.hold, tmp_path, 1)
        until(lambda: any(tmp_path.iterdir()))
        clock.pass_seconds(3600.0)
        (tmp_path / "released").touch()
        assert future.result(timeout=60.0) == 1


def test_a_slow_job_that_shows_signs_of_life_is_left_alone(clock: HandClock) -> None:
    heard: list[Sign] = []
    with WorkerExecutor(1, stall_s=1.5, on_sign=lambda _future, sign: heard.append(sign)) as executor:
        future = executor.submit(worker_jobs.obey, Path(os.environ.get("TMPDIR", "/tmp")))

        def wait_for_signs(count: int) -> None:
            seen = len(heard)
            until(lambda: len(heard) >= seen + count or future.done())

        try:
            for _ in range(4):
                # The first may have come before the clock was moved, the second did not.
                wait_for_signs(2)
                assert not future.done()
                clock.now_s += 0.8
        finally:
            executor.shutdown(cancel_futures=True)
    with pytest.raises(CancelledError):
        future.result()
