"""What was done to the library and to files, for an interface that shows it: read in one look, nothing kept open."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from auralis_cli.model.journal import FileChange, JournalEntry
from auralis_cli.version import VERSION


def latest_changes(library: Path, limit: int, *, now: int) -> Sequence[JournalEntry]:
    """The latest changes, the last first; none where there is no library. Raises LibraryError."""
    from auralis_cli.db.store import Store

    if not library.exists():
        return ()
    with Store.open(library, program=VERSION, now=now, read_only=True) as store:
        return store.journal.entries(limit)


def files_of_change(library: Path, entry_id: int, *, now: int) -> Sequence[FileChange]:
    """The files that a change touched, the last one first. Raises LibraryError."""
    from auralis_cli.db.store import Store

    with Store.open(library, program=VERSION, now=now, read_only=True) as store:
        return store.journal.files(entry_id)
