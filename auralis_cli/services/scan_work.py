"""Reading files in worker processes: in chunks, and one by one where a chunk took its worker down with it."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import suppress
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Any, TypeVar

from auralis_cli.errors import AuralisError, CancelledError, InputError, StalledError
from auralis_cli.model.library import FileFailure, FileRecord, FileStat
from auralis_cli.model.progress import CancelToken, ProgressSink
from auralis_cli.services.scan_roots import innermost

if TYPE_CHECKING:
    from concurrent.futures import Future

    from auralis_cli.services.workers import WorkerExecutor, WorkerLostError

_CHUNK_FILES = 128
# So few are read sooner by one worker than a second one starts.
_FEW_FILES = 16
# Chunks under way and read ahead, for each worker: enough that none waits, few enough that memory is bounded.
_AHEAD = 2
_POLL_S = 0.1

Read = FileRecord | FileFailure
_Job = TypeVar("_Job")


def read_chunk(
    stats: Sequence[FileStat], roots: Sequence[str], progress: ProgressSink, cancel: CancelToken, *, whole: bool = False
) -> tuple[Read, ...]:
    """Job of a worker: a record or a failure for each file; of a `whole` file with the hash of all of its audio."""
    from auralis_cli.audio.sheet_finding import SheetFinder
    from auralis_cli.audio.track_file import read_track_file

    def going_on() -> None:
        cancel.raise_if_cancelled()
        progress.step("reading", None)

    sheets = SheetFinder()
    results: list[Read] = []
    for number, stat in enumerate(stats):
        cancel.raise_if_cancelled()
        progress.step("reading", number / len(stats))
        try:
            # The system is asked again: what was changed since the walk is read as it is now.
            stat = stat_now(stat.path)
            # What is not read whole is asked for as everybody does: tests put readers of their own in its place.
            more = {"whole": going_on} if whole else {}
            results.append(read_track_file(stat, innermost(stat.path, roots), sheets, **more))
        except InputError as error:
            results.append(failure_of(stat, error))
    return tuple(results)


def failure_of(stat: FileStat, error: AuralisError, *, passing: bool = False) -> FileFailure:
    """A failure as a value.

    What the system refused, what is being written and what a worker was lost with by no fault of the file's is
    `passing`, no property of the file: it has no stat to be known by, so that every scan tries again.
    """
    passing = passing or isinstance(error.__cause__, OSError)
    with suppress(InputError):
        passing = passing or stat_now(stat.path) != stat
    return FileFailure(None if passing else stat, stat.path, error.code, error.why, error.hint)


def stat_now(path: str) -> FileStat:
    """What is there at this moment."""
    try:
        status = os.stat(path)
    except FileNotFoundError as error:
        raise InputError(path, "was removed while it was scanned") from error
    except (OSError, ValueError) as error:
        raise InputError(path, f"cannot be reached ({getattr(error, 'strerror', None) or error})") from error
    return FileStat(path, status.st_size, status.st_mtime_ns, status.st_dev, status.st_ino)


def read_whole_chunk(
    stats: Sequence[FileStat], roots: Sequence[str], progress: ProgressSink, cancel: CancelToken
) -> tuple[Read, ...]:
    """As `read_chunk`, with the hash of all of the audio."""
    return read_chunk(stats, roots, progress, cancel, whole=True)


def stat_if_any(path: str) -> FileStat | None:
    """What is at `path`, None where nothing can be seen there."""
    try:
        return stat_now(path)
    except AuralisError:
        return None


def read_files(
    stats: Sequence[FileStat],
    roots: Sequence[str],
    *,
    jobs: int,
    stall_s: float,
    cancel: CancelToken,
    whole: bool = False,
) -> Generator[tuple[Read, ...]]:
    """What is found in all `stats`, chunk by chunk as they are done, with few of them in memory at a time.

    Of `whole` files all of the audio is read, for its hash. A file that crashes its worker, or holds it up for
    `stall_s`, is a failure. Closing the iterator ends the work.
    """
    if stats:
        # Most scans find nothing to read, and are over before this is imported.
        from auralis_cli.services.workers import WorkerExecutor

        workers = 1 if len(stats) < _FEW_FILES else jobs
        size = max(1, min(_CHUNK_FILES, len(stats) // (4 * workers)))
        chunks = deque(stats[start : start + size] for start in range(0, len(stats), size))
        executor = WorkerExecutor(workers, stall_s=stall_s)
        try:
            job = read_whole_chunk if whole else read_chunk
            yield from _results(executor, job, chunks, tuple(roots), workers * _AHEAD, cancel)
        finally:
            executor.shutdown(cancel_futures=True)


def _results(
    executor: WorkerExecutor,
    job: Callable[..., tuple[Read, ...]],
    chunks: deque[Sequence[FileStat]],
    roots: tuple[str, ...],
    ahead: int,
    cancel: CancelToken,
) -> Iterator[tuple[Read, ...]]:
    from auralis_cli.services.workers import WorkerLostError

    for chunk, future in as_done(chunks, lambda some: executor.submit(job, some, roots), ahead, cancel):
        try:
            yield future.result()
        except CancelledError:
            raise
        except (WorkerLostError, AuralisError) as error:
            if len(chunk) > 1:
                # One of them is to blame: each is read in a job of its own.
                chunks.extendleft([stat] for stat in reversed(chunk))
            else:
                passing = isinstance(error, WorkerLostError) and error.blameless
                yield (failure_of(chunk[0], blamed(chunk[0].path, error), passing=passing),)


def as_done(
    waiting: deque[_Job], submit: Callable[[_Job], Future[Any]], ahead: int, cancel: CancelToken
) -> Iterator[tuple[_Job, Future[Any]]]:
    """Submits what waits, `ahead` jobs at a time, and gives each with its future once that is done."""
    done: SimpleQueue[Future[Any]] = SimpleQueue()
    under_way: dict[Future[Any], _Job] = {}
    while waiting or under_way:
        while waiting and len(under_way) < ahead:
            job = waiting.popleft()
            future = submit(job)
            under_way[future] = job
            future.add_done_callback(done.put)
        cancel.raise_if_cancelled()
        try:
            future = done.get(timeout=_POLL_S)
        except Empty:
            continue
        # What a stop costs is no failure of the job.
        cancel.raise_if_cancelled()
        yield under_way.pop(future), future


def blamed(path: str, error: WorkerLostError | AuralisError) -> AuralisError:
    """The failure of the file that a worker was lost with."""
    if isinstance(error, AuralisError):
        return error
    if error.stalled:
        return StalledError(path, f"cannot be read: {error.why}", "--stall-timeout waits longer")
    return InputError(path, f"cannot be read: its process {error.why}")
