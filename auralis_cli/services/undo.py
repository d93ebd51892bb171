"""Takes back a change: rows and files are what they were before it, or nothing is touched."""

from __future__ import annotations

import os
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from auralis_cli.db.store import Store
from auralis_cli.errors import InputError, RefusedError
from auralis_cli.model.journal import EntryState, FileChange, FileOperation, FileState, JournalEntry
from auralis_cli.model.library import FileStat
from auralis_cli.quick_dataclasses import dataclass
from auralis_cli.services.file_restoring import restore_files, to_restore
from auralis_cli.services.renaming import begins_with, is_to_move_back, move_back, remove_if_empty
from auralis_cli.services.scan_work import stat_now
from auralis_cli.services.trash import TrashPlace, bring_back, check_return, is_back, move_to_trash
from auralis_cli.services.undo_patches import forget_patches


@dataclass(frozen=True, slots=True)
class UndoReport:
    """What was undone, or would be."""

    entry: JournalEntry
    # Files that come back from the trash, and those that go there because the change made them.
    returned: tuple[str, ...]
    discarded: tuple[str, ...]
    # Files that are rewritten to what they were, and those that get their old name, by the new one.
    restored: tuple[str, ...] = ()
    renamed: tuple[tuple[str, str], ...] = ()


def last_change(store: Store) -> JournalEntry | None:
    """The latest entry that is not undone; None where there is none.

    Raises RefusedError where that is not finished: it may be under way.
    """
    entry = store.journal.last_not_undone()
    if entry is not None and entry.state is EntryState.OPEN:
        why = f"is not finished ({entry.verb}): it is under way, or was interrupted"
        raise RefusedError(f"change {entry.id}", why, f"auralis undo {entry.id} if it was interrupted")
    return entry


def preview_undo(store: Store, entry_id: int) -> UndoReport:
    """What undoing an entry would do, as far as can be told; raises what `undo` raises before it begins."""
    entry = store.journal.check_undo(entry_id)
    return _report(entry, _Look(store.journal.files(entry_id)).steps())


def undo(store: Store, entry_id: int, now: int) -> UndoReport:
    """Undoes an entry: its rows in one transaction, within which its files are put back.

    Raises UsageError where there is none, RefusedError where later changes stand on it, or a file was changed since,
    has left the trash or cannot have its place: then nothing is touched. Raises OutputError where a file cannot be
    moved: then no row is touched, and undoing again goes on with the files that are left.
    """
    entry = store.journal.check_undo(entry_id)
    steps = _Look(store.journal.files(entry_id)).steps()
    report = _report(entry, steps)
    if any(step.operation is FileOperation.REWRITTEN for step in steps):
        # That takes too long for a transaction: the rows are tried first, without effect.
        store.journal.rehearse_undo(entry_id, now)
        _put_back(steps)
        steps = []
    with store.journal.undoing(entry_id, now):
        _put_back(steps)
        store.files.found_at(_found(report))
    left = {os.path.dirname(new) for new, _ in report.renamed} - {os.path.dirname(old) for _, old in report.renamed}
    remove_if_empty(left, but={root.path for root in store.roots.all()})
    forget_patches(store, entry_id)
    return report


def _put_back(steps: Sequence[FileChange]) -> None:
    """Does the steps in their order, those of files that are rewritten together where they may be."""
    together: dict[str, FileChange] = {}
    for step in steps:
        is_rewritten = step.operation is FileOperation.REWRITTEN
        if not is_rewritten or step.path in together:
            restore_files(list(together.values()))
            together = {}
        if is_rewritten:
            together[step.path] = step
        elif step.operation is FileOperation.TRASHED:
            bring_back(TrashPlace(Path(step.place or "")), Path(step.path))
        elif step.operation is FileOperation.CREATED:
            move_to_trash(Path(step.path))
        elif step.operation is FileOperation.MOVED:
            move_back(step)
    restore_files(list(together.values()))


def _found(report: UndoReport) -> list[FileStat]:
    """The files that are what they were again, as they are now: other ones to the system."""
    found: list[FileStat] = []
    for path in report.restored:
        for new, old in report.renamed:
            path = old if path == new else path
        with suppress(InputError):
            found.append(stat_now(path))
    for _, path in report.renamed:
        with suppress(InputError):
            found.append(stat_now(path))
    return found


class _Look:
    """The files of an entry as they are now, and what is to be done for them to be what they were."""

    def __init__(self, files: Sequence[FileChange]) -> None:
        self._files = files
        # Where files are again that an undo brought back before it was cut short.
        self._back = {file.path for file in files if file.operation is FileOperation.TRASHED and _is_back(file)}
        # Names that are free by the time of the step, and where what will have a name lies now.
        self._freed: set[str] = set()
        self._lies_at: dict[str, str] = {}
        self._moved_to = {file.place: file for file in reversed(files) if file.operation is FileOperation.MOVED}
        self._rewritten: dict[str, list[FileChange]] = {}
        for file in files:
            if file.operation is FileOperation.REWRITTEN:
                self._rewritten.setdefault(file.path, []).append(file)
        # Of the files that were rewritten, what is still to be taken back.
        self._to_restore: dict[str, list[FileChange]] = {}

    def steps(self) -> list[FileChange]:
        """The files to be changed, in order, the last change first; RefusedError where one cannot be."""
        return [file for file in self._files if self._is_to_do(file)]

    def _is_to_do(self, file: FileChange) -> bool:
        if file.path in self._back:
            # Cut short when it had come back and not yet left the trash.
            return _is_in_both(file)
        match file.operation:
            case FileOperation.TRASHED:
                place, path = TrashPlace(Path(file.place or "")), Path(file.path)
                check_return(place, path, will_be_free=file.path in self._freed)
                return True
            case FileOperation.CREATED:
                if not os.path.lexists(file.path):
                    return False
                if not _is_as_left(file):
                    raise RefusedError(file.path, "was changed since it was made", "move it away, then undo")
                self._freed.add(file.path)
                return True
            case FileOperation.REWRITTEN:
                return self._is_to_be_restored(file)
            case FileOperation.MOVED:
                return self._is_to_move_back(file)

    def _is_to_be_restored(self, file: FileChange) -> bool:
        if file.path not in self._to_restore:
            changes = self._rewritten[file.path]
            self._to_restore[file.path] = to_restore(changes, self._lies_at.get(file.path, file.path))
        return file in self._to_restore[file.path]

    def _names_from(self, file: FileChange) -> list[str]:
        """The name that a renamed file had, and those before it."""
        names = [file.path]
        while (before := self._moved_to.get(names[-1])) is not None and before.id < file.id:
            file = before
            names.append(before.path)
        return names

    def _is_to_move_back(self, file: FileChange) -> bool:
        assert file.place is not None
        at = self._lies_at.pop(file.place, file.place)
        is_free, is_restored = file.path in self._freed, bool(self._to_restore.get(file.place))
        names = self._names_from(file)
        if not is_to_move_back(file, at, names, will_be_free=is_free, will_be_restored=is_restored):
            return False
        self._lies_at[file.path] = at
        self._freed.add(file.place)
        self._freed.discard(file.path)
        return True


def _is_back(file: FileChange) -> bool:
    """Whether a file that was to be in the trash is in its own place: never moved, or brought back already."""
    assert file.place is not None
    if not os.path.lexists(file.path):
        return False
    if os.path.lexists(file.place):
        # Copied to another volume, and cut short before the file was removed here.
        return _is_in_both(file) or (file.state is FileState.INTENDED and begins_with(file.path, file.place))
    return file.state is FileState.INTENDED or _is_as_left(file)


def _is_in_both(file: FileChange) -> bool:
    """Whether a file is in its own place, and in the trash still."""
    is_trashed = file.operation is FileOperation.TRASHED and file.state is FileState.DONE
    return is_trashed and is_back(TrashPlace(Path(file.place or "")), Path(file.path))


def _is_as_left(file: FileChange) -> bool:
    try:
        status = os.lstat(file.path)
    except OSError:
        return False
    return (status.st_size, status.st_mtime_ns) == (file.size_bytes, file.mtime_ns)


def _report(entry: JournalEntry, steps: Sequence[FileChange]) -> UndoReport:
    by_operation: dict[FileOperation, list[FileChange]] = {operation: [] for operation in FileOperation}
    for step in steps:
        by_operation[step.operation].append(step)
    return UndoReport(
        entry,
        tuple(step.path for step in by_operation[FileOperation.TRASHED]),
        tuple(step.path for step in by_operation[FileOperation.CREATED]),
        tuple(dict.fromkeys(step.path for step in by_operation[FileOperation.REWRITTEN])),
        tuple((step.place or "", step.path) for step in by_operation[FileOperation.MOVED]),
    )
