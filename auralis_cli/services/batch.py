"""Many items in worker processes: results in the order of the items, whatever order they finish in."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import Future
from contextlib import suppress
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any, Generic, TypeVar

from auralis_cli.errors import AuralisError, CancelledError, InputError
from auralis_cli.model.cluster_address import ClusterAddress
from auralis_cli.model.progress import BatchProgressSink, CancelToken
from auralis_cli.quick_dataclasses import dataclass
from auralis_cli.services.executors import open_executor
from auralis_cli.services.worker_process import Sign
from auralis_cli.services.workers import WorkerLostError
from auralis_cli.whole_file import temporary_prefix

Result = TypeVar("Result")

_POLL_S = 0.1


@dataclass(frozen=True, slots=True)
class Item(Generic[Result]):
    """One piece of work: a function that can be imported, and its arguments, both picklable."""

    name: str
    work: Callable[..., Result]
    arguments: tuple[Any, ...]
    # Where the work writes; what a worker that was killed left there is removed.
    folders: tuple[Path, ...] = ()


@dataclass(frozen=True, slots=True)
class Outcome(Generic[Result]):
    """What became of one item: a result or a failure."""

    index: int
    result: Result | None
    error: AuralisError | None


def run_batch(
    items: Sequence[Item[Result]],
    jobs: int,
    stall_s: float,
    sink: BatchProgressSink,
    cancel: CancelToken,
    cluster: ClusterAddress | None = None,
) -> Generator[Outcome[Result]]:
    """Works on all items in `jobs` processes, or on a cluster, and yields what became of each, in order.

    A crash, or no sign of life for `stall_s`, costs that item. Raises CancelledError when asked to stop;
    work under way then ends first, leaving nothing behind.
    """
    events: SimpleQueue[tuple[Future[Any], Sign | None]] = SimpleQueue()
    folders: dict[Future[Any], tuple[Path, ...]] = {}
    with open_executor(
        cluster,
        max(1, min(jobs, len(items))),
        stall_s=stall_s,
        on_sign=lambda future, sign: events.put((future, sign)),
        on_loss=lambda future, pid: _remove_parts(folders.get(future, ()), pid),
    ) as workers:
        order: dict[Future[Any], int] = {}
        for index, item in enumerate(items):
            future = workers.executor.submit(item.work, *item.arguments)
            order[future], folders[future] = index, item.folders
        for future in order:
            future.add_done_callback(lambda done: events.put((done, None)))
        yield from _in_order(items, order, events, sink, cancel)


def _in_order(
    items: Sequence[Item[Result]],
    order: dict[Future[Any], int],
    events: SimpleQueue[tuple[Future[Any], Sign | None]],
    sink: BatchProgressSink,
    cancel: CancelToken,
) -> Iterator[Outcome[Result]]:
    finished: dict[int, Outcome[Result]] = {}
    notes: set[str] = set()
    following, through = 0, 0
    sink.overall(0, len(items), None)
    while following < len(items):
        cancel.raise_if_cancelled()
        try:
            future, sign = events.get(timeout=_POLL_S)
        except Empty:
            continue
        # What a stop costs is no failure of the item.
        cancel.raise_if_cancelled()
        index = order[future]
        if sign is None:
            finished[index] = _outcome(index, items[index], future)
            through += 1
            sink.overall(through, len(items), items[index].name)
            while following in finished:
                yield finished.pop(following)
                following += 1
        elif sign.note is None:
            sink.item(items[index].name, sign.task, sign.done)
        elif sign.note not in notes:
            notes.add(sign.note)
            sink.note(sign.note)


def _outcome(index: int, item: Item[Result], future: Future[Any]) -> Outcome[Result]:
    try:
        return Outcome(index, future.result(), None)
    except WorkerLostError as lost:
        hint = "--stall-timeout waits longer" if lost.stalled else None
        why = f"cannot be worked on: {lost.why}" if lost.stalled else f"cannot be worked on: its process {lost.why}"
        return Outcome(index, None, InputError(item.name, why, hint))
    except CancelledError:
        raise
    except AuralisError as error:
        return Outcome(index, None, error)


def _remove_parts(folders: tuple[Path, ...], pid: int) -> None:
    """Temporary files carry the id of the process that wrote them; it is dead when this is called."""
    for folder in folders:
        with suppress(OSError):
            for left in folder.glob(f"{temporary_prefix(pid)}*"):
                left.unlink(missing_ok=True)
