"""Edits files as wholes: a copy is edited and takes the file's place, so that a kill leaves the old or the new one.

    with changes(store, "tag set", "12 files", clock) as change:
        for done in rewrite_files(store, change, tasks, options, sink, cancel):
            …

What each file was can be had again: a patch from which its old bytes are made lies in the undo folder, noted in the
journal before the copy takes the file's place. What the library knows of a file changes in the transaction that notes
that it was done. The audio is the same before and after, or the edit is refused.
"""

from __future__ import annotations

import os
from collections.abc import Generator, Iterator, Sequence
from contextlib import closing
from dataclasses import replace

from auralis_cli.db.store import Store
from auralis_cli.model.file_rewrites import FileEdit, RewriteTask, Rewritten
from auralis_cli.model.progress import BatchProgressSink, CancelToken
from auralis_cli.quick_dataclasses import dataclass
from auralis_cli.services.changes import Change
from auralis_cli.services.copy_beside import check_room, remove_left_copies, remove_quietly
from auralis_cli.services.editing_workers import edited_chunks
from auralis_cli.services.place_taking import PlaceTaking, all_or_none
from auralis_cli.services.rewriting_job import EditedCopy, FileToEdit
from auralis_cli.services.scan_lock import one_scan_at_a_time
from auralis_cli.services.undo_patches import new_pack, prune_patches


@dataclass(frozen=True, slots=True)
class RewriteOptions:
    """How files are rewritten."""

    # Whether a file keeps the time of its last change.
    keep_mtime: bool = False
    # Whether nothing is changed where one file cannot be.
    all_or_nothing: bool = False
    workers: int = 1


def rewrite_files(
    store: Store,
    change: Change,
    tasks: Sequence[RewriteTask],
    options: RewriteOptions,
    sink: BatchProgressSink,
    cancel: CancelToken,
) -> Generator[Rewritten]:
    """Does the tasks, in their order; what cannot be done is a value with a failure. Files the library knows are read
    again, in the transaction that notes them as done. Who calls this must not hold the lock of scans.

    Raises LibraryError where the store cannot be used, OutputError where nothing can be kept for undoing,
    CancelledError when asked to stop: what was done by then stands in the journal.
    """
    with one_scan_at_a_time(store.database.path, sink.note, cancel):
        prune_patches(store, change.entry_id, sink.note)
        with closing(_Rewriting(store, change, options, sink, cancel).results(tasks)) as results:
            yield from results


class _Rewriting:
    """One run."""

    def __init__(
        self, store: Store, change: Change, options: RewriteOptions, sink: BatchProgressSink, cancel: CancelToken
    ) -> None:
        self._store, self._change, self._options = store, change, options
        self._sink, self._cancel = sink, cancel
        self._places = PlaceTaking(store, change)
        # Copies that have not taken their places.
        self._copies: set[str] = set()

    def results(self, tasks: Sequence[RewriteTask]) -> Generator[Rewritten]:
        """What came of each task, in their order; a file that is named twice is edited twice and written once."""
        real = [_real(task.path) for task in tasks]
        edits: dict[str, list[FileEdit]] = {}
        for path, task in zip(real, tasks, strict=True):
            edits.setdefault(path, []).append(task.edit)
            self._places.also_known_as(path, os.path.abspath(task.path))
        for folder in {os.path.dirname(path) for path in edits}:
            remove_left_copies(folder)
        files = [FileToEdit(path, tuple(of_file)) for path, of_file in edits.items()]
        done: dict[str, EditedCopy] = {}
        told = 0
        try:
            for results in self._together(files) if self._options.all_or_nothing else self._one_by_one(files):
                done.update((result.path, result) for result in results)
                while told < len(tasks) and real[told] in done:
                    self._sink.overall(told + 1, len(tasks), tasks[told].path)
                    yield _rewritten(tasks[told].path, done[real[told]])
                    told += 1
        finally:
            for name in self._copies:
                remove_quietly(name)

    def _chunks(self, files: Sequence[FileToEdit]) -> Iterator[tuple[EditedCopy, ...]]:
        """What came of editing; copies are removed in the end that took no place."""
        chunks = edited_chunks(
            files,
            lambda number: new_pack(self._store, self._change.entry_id, number),
            keep_mtime=self._options.keep_mtime,
            workers=self._options.workers,
            cancel=self._cancel,
        )
        with closing(chunks):
            for chunk in chunks:
                self._copies.update(copy.name for copy in chunk if copy.name is not None)
                yield chunk

    def _one_by_one(self, files: Sequence[FileToEdit]) -> Iterator[Sequence[EditedCopy]]:
        """Chunk by chunk, each edited, then put in place."""
        crowded: set[str] = set()
        for chunk in self._chunks(files):
            if len(files) > 1:
                crowded.update(copy.path for copy in chunk if copy.lacked_room)
            yield self._placed(self._places.take([copy for copy in chunk if copy.path not in crowded]))
        # There may be room for one where there is none for many.
        for file in files:
            if file.path in crowded:
                for chunk in self._chunks([file]):
                    yield self._placed(self._places.take(chunk))

    def _together(self, files: Sequence[FileToEdit]) -> Iterator[Sequence[EditedCopy]]:
        """All are edited before the first takes its place."""
        check_room([file.path for file in files])
        results: list[EditedCopy] = []
        for chunk in self._chunks(files):
            results.extend(chunk)
            self._sink.item("", "editing", len(results) / len(files))
            if any(result.failure is not None for result in chunk):
                break
        if not any(result.failure is not None for result in results):
            results = self._places.take_all(results)
        yield self._placed(all_or_none(results, [file.path for file in files]))

    def _placed(self, results: Sequence[EditedCopy]) -> Sequence[EditedCopy]:
        self._copies.difference_update([result.name for result in results if result.name is not None])
        return results


def _real(path: str) -> str:
    """The file's own name; what is no possible name is told by who opens it."""
    try:
        return os.path.realpath(path)
    except ValueError:
        return path


def _rewritten(path: str, result: EditedCopy) -> Rewritten:
    failure = None if result.failure is None else replace(result.failure, path=path)
    return Rewritten(path, result.name is not None, result.notes, failure)
