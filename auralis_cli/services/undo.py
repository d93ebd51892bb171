"""Takes back a change: rows and files are what they were before it, or nothing is touched."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from auralis_cli.db.store import Store
from auralis_cli.errors import RefusedError
from auralis_cli.model.journal import EntryState, FileChange, FileOperation, FileState, JournalEntry
from auralis_cli.services.trash import TrashPlace, bring_back, check_return, move_to_trash

_BLOCK_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class UndoReport:
    """What was undone, or would be."""

    entry: JournalEntry
    # Files that come back from the trash, and those that go there because the change made them.
    returned: tuple[str, ...]
    discarded: tuple[str, ...]


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
    return _report(entry, _steps(store.journal.files(entry_id)))


def undo(store: Store, entry_id: int, now: int) -> UndoReport:
    """Undoes an entry: its rows in one transaction, within which its files are put back.

    Raises UsageError where there is none, RefusedError where later changes stand on it, or a file was changed since,
    has left the trash or cannot have its place: then nothing is touched. Raises OutputError where a file cannot be
    moved: then no row is touched, and undoing again goes on with the files that are left.
    """
    report = preview_undo(store, entry_id)
    with store.journal.undoing(entry_id, now):
        for step in _steps(store.journal.files(entry_id)):
            path = Path(step.path)
            if step.place is None:
                move_to_trash(path)
            else:
                bring_back(TrashPlace(Path(step.place)), path)
    return report


def _steps(files: Sequence[FileChange]) -> list[FileChange]:
    """The files to be moved, in order, the last change first; RefusedError where one cannot be."""
    steps: list[FileChange] = []
    # Where files are again that an undo brought back before it was cut short.
    back = {file.path for file in files if _is_back(file)}
    freed: set[str] = set()
    for file in files:
        if file.path in back:
            continue
        if file.place is not None:
            place, path = TrashPlace(Path(file.place)), Path(file.path)
            check_return(place, path, will_be_free=file.path in freed)
        elif not os.path.lexists(file.path):
            continue
        elif not _is_as_left(file):
            raise RefusedError(file.path, "was changed since it was made", "move it away, then undo")
        else:
            freed.add(file.path)
        steps.append(file)
    return steps


def _is_back(file: FileChange) -> bool:
    """Whether a file that was to be in the trash is in its own place: never moved, or brought back already."""
    if file.place is None or not os.path.lexists(file.path):
        return False
    if os.path.lexists(file.place):
        # Copied to another volume, and cut short before the file was removed here.
        return file.state is FileState.INTENDED and _begins_with(file.path, file.place)
    return file.state is FileState.INTENDED or _is_as_left(file)


def _begins_with(path: str, part: str) -> bool:
    """Whether a file holds all that another does, so that nothing is lost without the latter."""
    if not (os.path.isfile(path) and os.path.isfile(part)):
        return False
    try:
        with open(path, "rb") as whole, open(part, "rb") as beginning:
            while block := beginning.read(_BLOCK_BYTES):
                if whole.read(len(block)) != block:
                    return False
    except OSError:
        return False
    return True


def _is_as_left(file: FileChange) -> bool:
    try:
        status = os.lstat(file.path)
    except OSError:
        return False
    return (status.st_size, status.st_mtime_ns) == (file.size_bytes, file.mtime_ns)


def _report(entry: JournalEntry, steps: Sequence[FileChange]) -> UndoReport:
    return UndoReport(
        entry,
        tuple(step.path for step in steps if step.operation is FileOperation.TRASHED),
        tuple(step.path for step in steps if step.operation is FileOperation.CREATED),
    )
