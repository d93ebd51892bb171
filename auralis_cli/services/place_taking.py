"""Edited copies take the places of their files: noted before, noted after, together with what the library knows."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from dataclasses import replace

from auralis_cli.audio.sheet_finding import SheetFinder
from auralis_cli.audio.track_file import read_track_file
from auralis_cli.db.store import Store
from auralis_cli.errors import InputError, RefusedError
from auralis_cli.model.journal import DoneFile, FileOperation, IntendedFile
from auralis_cli.model.library import FileFailure, FileRecord
from auralis_cli.quick_dataclasses import dataclass
from auralis_cli.services.audio_proofs import proved
from auralis_cli.services.changes import Change
from auralis_cli.services.copy_beside import cannot_be_written, remove_quietly, sync_folders
from auralis_cli.services.file_restoring import restore_files
from auralis_cli.services.rewriting_job import EditedCopy, failure_of, identity_of
from auralis_cli.services.scan_roots import innermost
from auralis_cli.services.scan_work import stat_now

# Every file that the library knows lies in a root, and is filed there.
_NO_ROOT = 0


@dataclass(frozen=True, slots=True)
class _Taken:
    """A copy, the note of it in the journal, and what came of it."""

    noted: int
    result: EditedCopy
    done: DoneFile | None


class PlaceTaking:
    """Puts copies in place, some at a time."""

    def __init__(self, store: Store, change: Change) -> None:
        self._store, self._change = store, change
        self._roots = [root.path for root in store.roots.all()]
        # The names of files, by their own ones: links to them.
        self._names: dict[str, set[str]] = {}

    def also_known_as(self, path: str, name: str) -> None:
        """Under `name` the library may know the file at `path`."""
        self._names.setdefault(path, {path}).add(name)

    def take(self, results: Sequence[EditedCopy]) -> list[EditedCopy]:
        """What came of each: those with a copy are in place now, or have a failure."""
        copies = [result for result in results if result.name is not None]
        if not copies:
            return list(results)
        intended = [_intended(copy) for copy in copies]
        noted = self._store.journal.intend_files(self._change.entry_id, FileOperation.REWRITTEN, intended)
        taken = [_taken(number, copy) for number, copy in zip(noted, copies, strict=True)]
        sync_folders({os.path.dirname(one.result.path) for one in taken if one.done is not None})
        self._settle(taken)
        by_path = {one.result.path: one.result for one in taken}
        return [by_path.get(result.path, result) for result in results]

    def take_all(self, results: Sequence[EditedCopy]) -> list[EditedCopy]:
        """As `take`, all or none of them: where one cannot, those that are in place are what they were again."""
        copies = [result for result in results if result.name is not None]
        if not copies:
            return list(results)
        journal, entry_id = self._store.journal, self._change.entry_id
        noted = journal.intend_files(entry_id, FileOperation.REWRITTEN, [_intended(copy) for copy in copies])
        taken: list[_Taken] = []
        for number, copy in zip(noted, copies, strict=True):
            taken.append(_taken(number, copy))
            if taken[-1].done is None:
                self._take_back(taken, noted)
                by_path = {copy.path: taken[-1].result}
                return [by_path.get(result.path, result) for result in results]
        sync_folders({os.path.dirname(one.result.path) for one in taken})
        self._settle(taken)
        return list(results)

    def _take_back(self, taken: Sequence[_Taken], noted: Sequence[int]) -> None:
        in_place = {one.noted for one in taken if one.done is not None}
        restore_files([file for file in self._store.journal.files(self._change.entry_id) if file.id in in_place])
        self._store.files.found_at(stat_now(one.result.path) for one in taken if one.done is not None)
        self._store.journal.files_not_done(noted)

    def read_again(self, results: Iterable[EditedCopy]) -> list[FileRecord]:
        """What the library is to know of those of the files that it knows."""
        records: list[FileRecord] = []
        sheets = SheetFinder()
        for result in results:
            for name in sorted(self._names.get(result.path, {result.path})):
                if (row := self._store.files.get(name)) is None:
                    continue
                # Its audio is what it was before the edit: known, unless somebody else changed the file before.
                unchanged = {name} if _was(result) == (row.inode, row.size_bytes, row.mtime_ns) else ()
                try:
                    record = read_track_file(stat_now(name), innermost(name, self._roots), sheets)
                    records += proved(self._store, [record], unchanged)
                except InputError:
                    # Changed once more just now: the next scan reads it.
                    continue
        return records

    def _settle(self, taken: Sequence[_Taken]) -> None:
        done = [one.done for one in taken if one.done is not None]
        records = self.read_again(one.result for one in taken if one.done is not None)
        with self._change.transaction():
            self._store.journal.files_done(done)
            self._store.journal.files_not_done(one.noted for one in taken if one.done is None)
            if records:
                self._store.files.apply(records, root_id=_NO_ROOT, now=self._change.now())


def all_or_none(results: Sequence[EditedCopy], paths: Iterable[str]) -> list[EditedCopy]:
    """What came of all of `paths`, where one failure means that none was changed."""
    failed = next((result for result in results if result.failure is not None), None)
    if failed is None or failed.failure is None:
        return list(results)
    why = f"is left as it was: {failed.path} {failed.failure.message}"
    failures = {result.path: result for result in results if result.failure is not None}
    return [
        failures.get(path) or EditedCopy(path, failure=FileFailure(None, path, RefusedError.code, why))
        for path in paths
    ]


def _was(result: EditedCopy) -> tuple[int, int, int] | None:
    was = result.was
    return None if was is None else (was.inode, was.size_bytes, was.mtime_ns)


def _intended(copy: EditedCopy) -> IntendedFile:
    assert copy.note is not None
    assert copy.pack is not None
    return IntendedFile(copy.path, copy.pack, copy.note.packed())


def _taken(noted: int, copy: EditedCopy) -> _Taken:
    """Gives one copy the name of its file, unless that is another file by now."""
    assert copy.name is not None
    assert copy.note is not None
    failure: FileFailure | None = None
    try:
        if identity_of(os.stat(copy.path)) == copy.was:
            os.replace(copy.name, copy.path)
            left = os.stat(copy.path)
            note = replace(copy.note, left=identity_of(left)).packed()
            return _Taken(noted, copy, DoneFile(noted, left.st_size, left.st_mtime_ns, note))
        failure = FileFailure(None, copy.path, InputError.code, "was changed while it was edited")
    except OSError as error:
        failure = failure_of(copy.path, cannot_be_written(copy.path, error))
    remove_quietly(copy.name)
    return _Taken(noted, EditedCopy(copy.path, copy.notes, failure), None)
