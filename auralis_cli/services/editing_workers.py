"""Files are edited chunk by chunk: here, or in worker processes, where one that crashes its worker costs no other."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import Future
from pathlib import Path

from auralis_cli.audio.source_file import size_of
from auralis_cli.errors import AuralisError, CancelledError
from auralis_cli.model.progress import CancelToken, SilentProgress
from auralis_cli.services.copy_beside import copy_prefix, remove_left_copies, remove_quietly
from auralis_cli.services.rewriting_job import EditedCopy, EditingPlan, FileToEdit, edit_chunk, failure_of
from auralis_cli.services.scan_work import as_done, blamed

_CHUNK_FILES = 64
_CHUNK_BYTES = 256 << 20
# So few are edited sooner here than a worker starts.
_FEW_FILES = 16
# Chunks under way and waiting, for each worker: enough that none waits, few enough that copies do not fill a disk.
_AHEAD = 2
# Without a sign of life for so long, a worker is given up.
_STALL_S = 120.0

_Job = tuple[tuple[FileToEdit, ...], EditingPlan]


def edited_chunks(
    files: Sequence[FileToEdit],
    new_pack: Callable[[int], str],
    *,
    keep_mtime: bool,
    workers: int,
    cancel: CancelToken,
) -> Generator[tuple[EditedCopy, ...]]:
    """What came of the files, in chunks, in any order where there are several workers."""
    editing = _Editing(new_pack, cancel, keep_mtime=keep_mtime)
    if workers <= 1 or len(files) < _FEW_FILES:
        yield from editing.here(_chunks(files, _CHUNK_FILES))
    else:
        few = max(1, min(_CHUNK_FILES, len(files) // (4 * workers)))
        yield from editing.by_workers(_chunks(files, few), workers)


class _Editing:
    """One run: each chunk is given to a plan of its own."""

    def __init__(self, new_pack: Callable[[int], str], cancel: CancelToken, *, keep_mtime: bool) -> None:
        self._new_pack, self._cancel, self._keep_mtime = new_pack, cancel, keep_mtime
        self._plans = 0

    def here(self, chunks: Iterator[list[FileToEdit]]) -> Generator[tuple[EditedCopy, ...]]:
        """In this process."""
        for chunk in chunks:
            self._cancel.raise_if_cancelled()
            yield edit_chunk(chunk, self._plan(), SilentProgress(), self._cancel)

    def by_workers(self, chunks: Iterator[list[FileToEdit]], workers: int) -> Generator[tuple[EditedCopy, ...]]:
        """In worker processes; a chunk that took its worker down with it is edited file by file."""
        from auralis_cli.services.workers import WorkerExecutor, WorkerLostError

        executor = WorkerExecutor(workers, stall_s=_STALL_S)
        waiting = deque((tuple(chunk), self._plan()) for chunk in chunks)
        # What nobody has heard of yet.
        untold: dict[str, _Job] = {}

        def submit(job: _Job) -> Future[tuple[EditedCopy, ...]]:
            untold[job[1].prefix] = job
            return executor.submit(edit_chunk, *job)

        try:
            for (chunk, plan), future in as_done(waiting, submit, workers * _AHEAD, self._cancel):
                try:
                    results = future.result()
                except CancelledError:
                    raise
                except (WorkerLostError, AuralisError) as error:
                    _clear(chunk, plan)
                    if len(chunk) > 1:
                        waiting.extendleft(((file,), self._plan()) for file in reversed(chunk))
                        continue
                    failure = failure_of(chunk[0].path, blamed(chunk[0].path, error))
                    results = (EditedCopy(chunk[0].path, failure=failure),)
                del untold[plan.prefix]
                yield results
        finally:
            executor.shutdown(cancel_futures=True)
            for chunk, plan in untold.values():
                _clear(chunk, plan)

    def _plan(self) -> EditingPlan:
        number = self._plans
        self._plans += 1
        return EditingPlan(self._new_pack(number), copy_prefix(os.getpid(), f"{number}-"), self._keep_mtime)


def _clear(chunk: Sequence[FileToEdit], plan: EditingPlan) -> None:
    """Removes what was made for a chunk that nothing came of."""
    for folder in {os.path.dirname(file.path) for file in chunk}:
        remove_left_copies(folder, prefix=plan.prefix)
    remove_quietly(plan.pack)


def _chunks(files: Sequence[FileToEdit], most: int) -> Iterator[list[FileToEdit]]:
    """So many files that it is worth it, and no more than lie well beside their copies."""
    chunk: list[FileToEdit] = []
    size_bytes = 0
    for file in files:
        chunk.append(file)
        size_bytes += size_of(Path(file.path)) or 0
        if len(chunk) >= most or size_bytes >= _CHUNK_BYTES:
            yield chunk
            chunk, size_bytes = [], 0
    if chunk:
        yield chunk
