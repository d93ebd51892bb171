"""How long work reports where it is, and how it is asked to stop."""

from __future__ import annotations

import threading
from typing import Protocol

from auralis_cli.errors import CancelledError
from auralis_cli.quick_dataclasses import dataclass


class ProgressSink(Protocol):
    """Receives progress; called from the thread that started the work."""

    def step(self, task: str, done: float | None) -> None:
        """`task` is a short word such as "measuring"; `done` is 0…1, None when the end is not known."""
        ...

    def note(self, message: str) -> None:
        """One line the user should see once, e.g. that kernels are being compiled."""
        ...


class SilentProgress:
    """A sink for callers who do not look."""

    def step(self, task: str, done: float | None) -> None:
        """Shows nothing."""

    def note(self, message: str) -> None:
        """Says nothing."""


class CancelToken:
    """Set once, from any thread or signal handler; work checks it at every block."""

    def __init__(self) -> None:
        self._event = threading.Event()
        # Whether the work has seen it and is on its way out.
        self.noticed = False

    def cancel(self) -> None:
        """Asks the work to stop."""
        self._event.set()

    @property
    def is_cancelled(self) -> bool:
        """Whether `cancel` was called."""
        return self._event.is_set()

    def raise_if_cancelled(self) -> None:
        """Raises CancelledError once `cancel` was called."""
        if self._event.is_set():
            self.noticed = True
            raise CancelledError()


class BatchProgressSink(Protocol):
    """Receives the progress of many items at once; called from the thread that started the work."""

    def item(self, name: str, task: str, done: float | None) -> None:
        """One item's step, as `ProgressSink.step` has it."""
        ...

    def overall(self, done: int, total: int, finished: str | None) -> None:
        """`done` of `total` items are through, the last of them called `finished`."""
        ...

    def note(self, message: str) -> None:
        """One line the user should see once."""
        ...


class SilentBatchProgress:
    """A sink for callers who do not look."""

    def item(self, name: str, task: str, done: float | None) -> None:
        """Shows nothing."""

    def overall(self, done: int, total: int, finished: str | None) -> None:
        """Counts nothing."""

    def note(self, message: str) -> None:
        """Says nothing."""


@dataclass(frozen=True, slots=True)
class PartOfBatch:
    """The progress of a part of many items, told as that of all of them."""

    sink: BatchProgressSink
    # Items that were through before the part, and all there are.
    before: int
    total: int

    def item(self, name: str, task: str, done: float | None) -> None:
        """Tells of one item, as the sink does."""
        self.sink.item(name, task, done)

    def overall(self, done: int, total: int, finished: str | None) -> None:
        """`done` of the part's `total` are through."""
        self.sink.overall(self.before + done, self.total, finished)

    def note(self, message: str) -> None:
        """Says one line."""
        self.sink.note(message)


@dataclass(frozen=True, slots=True)
class OneOfBatch:
    """The progress of one item, told as that of one of many."""

    name: str
    sink: BatchProgressSink

    def step(self, task: str, done: float | None) -> None:
        """Tells the item's step."""
        self.sink.item(self.name, task, done)

    def note(self, message: str) -> None:
        """Says one line."""
        self.sink.note(message)
