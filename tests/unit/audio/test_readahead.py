"""Reading ahead and writing behind: bounded, in order, and gone when nobody needs them."""

from __future__ import annotations

import gc
import threading
from collections.abc import Generator
from contextlib import closing

import pytest

from auralis_cli.audio.readahead import WriteBehind, read_ahead

# Who holds somebody up lets go long before that, on any machine.
WAIT_S = 60.0


def threads() -> set[threading.Thread]:
    return set(threading.enumerate())


@pytest.mark.parametrize("depth", [1, 2, 7])
@pytest.mark.parametrize("count", [0, 1, 2, 100])
def test_everything_arrives_in_order(depth: int, count: int) -> None:
    before = threads()
    assert list(read_ahead(iter(range(count)), depth)) == list(range(count))
    assert threads() <= before


@pytest.mark.invariant("S2-NEW-7")
@pytest.mark.parametrize("depth", [1, 4])
def test_a_producer_stops_when_nobody_takes(depth: int) -> None:
    made: list[int] = []
    more = threading.Semaphore(0)

    def produce() -> Generator[int]:
        for number in range(1000):
            made.append(number)
            more.release()
            yield number

    with closing(read_ahead(produce(), depth)) as items:
        assert next(items) == 0
        # In the queue, and one more in the producer's hand; then no further one comes.
        for _ in range(depth + 2):
            assert more.acquire(timeout=WAIT_S)
        assert not more.acquire(timeout=0.2)
        assert len(made) == depth + 2
        assert list(items) == list(range(1, 1000)), "nothing is lost by waiting"


def test_an_exception_comes_after_what_came_before_it() -> None:
    def produce() -> Generator[int]:
        yield 1
        raise KeyError("broken")

    items = read_ahead(produce(), 4)
    assert next(items) == 1
    with pytest.raises(KeyError, match="broken"):
        next(items)


def test_closing_early_closes_the_source_and_ends_the_thread() -> None:
    closed = threading.Event()

    def produce() -> Generator[int]:
        try:
            for number in range(10_000):  # noqa: UP028 - this one's closing is looked at
                yield number
        finally:
            closed.set()

    before = threads()
    for depth in (1, 5):
        closed.clear()
        items = read_ahead(produce(), depth)
        next(items)
        items.close()
        assert closed.is_set()
        assert threads() <= before


def test_the_consumers_own_exception_ends_the_thread() -> None:
    before = threads()
    with pytest.raises(ZeroDivisionError), closing(read_ahead(range(100), 2)) as items:
        for _ in items:
            raise ZeroDivisionError
    assert threads() <= before


def test_work_is_done_in_order_behind_the_caller() -> None:
    done: list[int] = []
    before = threads()
    with WriteBehind(done.append, 3) as behind:
        for number in range(100):
            behind.put(number)
    assert done == list(range(100))
    assert threads() <= before


@pytest.mark.invariant("S2-NEW-7")
def test_putting_waits_while_the_worker_is_stalled() -> None:
    stalled, taken, put = threading.Event(), [], threading.Semaphore(0)

    def work(number: int) -> None:
        stalled.wait(WAIT_S)
        taken.append(number)

    behind = WriteBehind(work, 3)

    def feed() -> None:
        for number in range(50):
            behind.put(number)
            put.release()

    feeder = threading.Thread(target=feed)
    feeder.start()
    # Three in the queue and one at work.
    for _ in range(4):
        assert put.acquire(timeout=WAIT_S)
    assert not put.acquire(timeout=0.2)
    stalled.set()
    feeder.join(WAIT_S)
    behind.close()
    assert taken == list(range(50))


def test_the_workers_error_reaches_who_puts_or_closes() -> None:
    def work(number: int) -> None:
        if number == 3:
            raise OSError("no room")

    before = threads()
    with pytest.raises(OSError, match="no room"), WriteBehind(work, 2) as behind:
        for number in range(1000):
            behind.put(number)
    assert threads() <= before
    behind = WriteBehind(work, 2)
    behind.put(3)
    with pytest.raises(OSError, match="no room"):
        behind.close()


def test_aborting_leaves_undone_what_waits() -> None:
    begun, go, done = threading.Event(), threading.Event(), []

    def work(number: int) -> None:
        begun.set()
        go.wait(WAIT_S)
        done.append(number)

    behind = WriteBehind(work, 5)
    for number in range(5):
        behind.put(number)
    assert begun.wait(WAIT_S)

    def go_on_once_aborted() -> None:
        behind._aborted.wait(WAIT_S)
        go.set()

    threading.Thread(target=go_on_once_aborted).start()
    behind.abort()
    assert done == [0]


def test_the_callers_exception_is_not_covered_by_the_workers() -> None:
    def work(_: int) -> None:
        raise OSError("no room")

    with pytest.raises(KeyboardInterrupt), WriteBehind(work, 2) as behind:
        behind.put(1)
        raise KeyboardInterrupt


def test_a_depth_of_nothing_is_our_bug() -> None:
    with pytest.raises(ValueError, match="depth"):
        WriteBehind(print, 0)
    with pytest.raises(ValueError, match="depth"):
        list(read_ahead([1], 0))


def test_it_begins_before_it_is_asked() -> None:
    begun = threading.Event()

    def produce() -> Generator[int]:
        begun.set()
        yield 1

    with closing(read_ahead(produce(), 2)) as items:
        assert begun.wait(WAIT_S)
        assert list(items) == [1]


def test_a_forgotten_reader_takes_its_thread_along() -> None:
    before = threads()
    items = read_ahead(iter(range(1000)), 2)
    assert next(items) == 0
    del items
    gc.collect()
    assert threads() <= before


def test_closing_closes_the_source_on_its_own_thread() -> None:
    closed_by: list[str] = []

    def produce() -> Generator[int]:
        try:
            for number in range(1000):  # noqa: UP028 - this one's closing is looked at
                yield number
        finally:
            closed_by.append(threading.current_thread().name)

    items = read_ahead(produce(), 2)
    next(items)
    items.close()
    assert closed_by == ["read-ahead"]
