"""Overlapping work: reading ahead of who consumes, writing behind who produces. Both wait when full."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import suppress
from types import TracebackType
from typing import Any, Generic, Self, TypeVar

T = TypeVar("T")


class _End:
    """The last thing in a queue: why the producer stopped."""

    def __init__(self, error: BaseException | None = None) -> None:
        self.error = error


class _ReadAhead(Generator[T]):
    """The consumer's end of `read_ahead`; a generator that has begun before it is asked."""

    def __init__(self, items: Iterable[T], depth: int) -> None:
        if depth < 1:
            raise ValueError(f"depth must be at least 1, got {depth}")
        self._ready: queue.Queue[T | _End] = queue.Queue(depth)
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=_draw, args=(iter(items), self._ready, self._stopped), name="read-ahead")
        self._thread.start()

    def send(self, _value: None) -> T:
        if self._stopped.is_set():
            raise StopIteration
        item = self._ready.get()
        if not isinstance(item, _End):
            return item
        self.close()
        raise StopIteration if item.error is None else item.error

    def throw(self, *error: Any) -> T:
        self.close()
        return super().throw(*error)

    def close(self) -> None:
        self._stopped.set()
        _empty(self._ready)  # makes room for a producer that waits for it; it sees `stopped` before it puts again
        self._thread.join()

    def __del__(self) -> None:
        if hasattr(self, "_thread"):
            self.close()


def read_ahead(items: Iterable[T], depth: int) -> Generator[T]:
    """`items`, drawn by a thread that begins at once and is at most `depth` items ahead.

    What the iteration raises is raised here, after what came before it. Closing the generator stops
    the thread after the item it is at, closes `items` there and waits for both.
    """
    return _ReadAhead(items, depth)


def _draw(items: Iterator[T], ready: queue.Queue[T | _End], stopped: threading.Event) -> None:
    end = _End()
    try:
        for item in items:
            if stopped.is_set():
                break
            ready.put(item)
            if stopped.is_set():
                break
    except BaseException as error:  # every kind travels to the consumer
        end = _End(error)
    try:
        if isinstance(items, Generator):
            items.close()
    except BaseException as error:
        end = _End(end.error or error)
    if not stopped.is_set():
        ready.put(end)


def _empty(ready: queue.Queue[T]) -> None:
    with suppress(queue.Empty):
        while True:
            ready.get_nowait()


class WriteBehind(Generic[T]):
    """Calls `work` for each item, in order, on a thread at most `depth` items behind.

    As a context manager it closes at the end of the block, and aborts where the block raises.
    """

    def __init__(self, work: Callable[[T], object], depth: int) -> None:
        if depth < 1:
            raise ValueError(f"depth must be at least 1, got {depth}")
        self._work = work
        self._waiting: queue.Queue[T | _End] = queue.Queue(depth)
        self._error: BaseException | None = None
        self._aborted = threading.Event()
        self._thread = threading.Thread(target=self._run, name="write-behind")
        self._thread.start()
        self._closed = False

    def put(self, item: T) -> None:
        """Hands `item` over, waiting while the queue is full; raises what `work` raised."""
        if self._closed:
            raise ValueError("nothing can be put after closing")
        if self._error is not None:
            self.close()
        self._waiting.put(item)

    def close(self) -> None:
        """Waits until everything is worked off; raises what `work` raised, once."""
        self._finish()
        error, self._error = self._error, None
        if error is not None:
            raise error

    def abort(self) -> None:
        """Leaves undone what waits, and waits for the item at work."""
        self._aborted.set()
        self._finish()
        self._error = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            self.close()
        else:
            self.abort()

    def _finish(self) -> None:
        if not self._closed:
            self._closed = True
            self._waiting.put(_End())
            self._thread.join()

    def _run(self) -> None:
        """After a failure the rest is taken and dropped, so that nobody waits for room."""
        while not isinstance(item := self._waiting.get(), _End):
            if self._error is not None or self._aborted.is_set():
                continue
            try:
                self._work(item)
            except BaseException as error:  # every kind travels to who puts or closes
                self._error = error
