"""The journal: whatever a command does to the library is noted in the transaction that does it.

entry = journal.begin("scan", "scan of ~/Music", now)
with journal.change(entry):     # one transaction, as often as needed
    …                           # any change of rows, by any repository
journal.finish(entry, "3 files added", now)
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress

from auralis_cli.db.connection import LibraryDatabase, Row
from auralis_cli.db.row_playback import check_nothing_stands_on, play_back, without_foreign_keys
from auralis_cli.db.row_recorder import rows_changed, start_recording, stop_recording
from auralis_cli.errors import LibraryError, RefusedError, UsageError
from auralis_cli.model.journal import (
    DoneFile,
    EntryState,
    FileChange,
    FileOperation,
    FileState,
    IntendedFile,
    JournalEntry,
)

_LONGEST_SUMMARY = 1000
_INSERT_ROW = """
INSERT INTO journal_rows (entry_id, step, table_name, row_id, last_row_id, operation, before)
VALUES (?, ?, ?, ?, ?, ?, ?)
"""
_ENTRIES = """
SELECT id, verb, summary, started_at, finished_at, state, undone_at,
    (SELECT coalesce(sum(last_row_id - row_id + 1), 0) FROM journal_rows WHERE entry_id = journal.id),
    (SELECT count(*) FROM journal_files WHERE entry_id = journal.id)
FROM journal WHERE (
    EXISTS (SELECT 1 FROM journal_rows WHERE entry_id = journal.id)
    OR EXISTS (SELECT 1 FROM journal_files WHERE entry_id = journal.id)
)
"""


class _RehearsedError(Exception):
    """Ends a transaction that is to have no effect."""


class Journal:
    """What was done, and how it is taken back."""

    def __init__(self, database: LibraryDatabase) -> None:
        self._database = database

    def begin(self, verb: str, summary: str, now: int) -> int:
        """The id of a new entry, which stays open until `finish`."""
        with self._database.write():
            return self._database.insert(
                "INSERT INTO journal (verb, summary, started_at) VALUES (?, ?, ?)", (verb, _storable(summary), now)
            )

    @contextmanager
    def change(self, entry_id: int) -> Iterator[None]:
        """One transaction whose changes of rows belong to the entry. What it touches is kept in memory until it ends.

        Raises LibraryError where the entry was undone meanwhile: nothing may be added to it.
        """
        database = self._database
        if database.in_transaction():
            raise ValueError("a change is a transaction of its own")
        with database.write():
            start_recording(database)
            self._check_open(entry_id)
            yield
            self._note_rows(entry_id)

    def finish(self, entry_id: int, summary: str, now: int) -> None:
        """Closes the entry, with what came of it; one that changed nothing is forgotten."""
        with self._database.write():
            stop_recording(self._database)
            self._database.run(
                "DELETE FROM journal WHERE id = ? AND NOT EXISTS (SELECT 1 FROM journal_rows WHERE entry_id = ?) "
                "AND NOT EXISTS (SELECT 1 FROM journal_files WHERE entry_id = ?)",
                (entry_id, entry_id, entry_id),
            )
            self._database.run(
                "UPDATE journal SET state = ?, summary = ?, finished_at = ? WHERE id = ? AND state = ?",
                (EntryState.DONE, _storable(summary), now, entry_id, EntryState.OPEN),
            )

    def close_cut_short(self, verbs: Collection[str], now: int) -> None:
        """Closes the open entries of verbs that nobody can be at, which is for the caller to know."""
        rows = self._database.all("SELECT id, verb, summary FROM journal WHERE state = ?", (EntryState.OPEN,))
        for entry_id, verb, summary in rows:
            if verb in verbs:
                self.finish(entry_id, f"{summary}, interrupted", now)

    def entries(self, limit: int | None = None) -> list[JournalEntry]:
        """The latest entries, the last one first."""
        rows = self._database.all(f"{_ENTRIES} ORDER BY id DESC LIMIT ?", (-1 if limit is None else limit,))
        return [_entry_of(row) for row in rows]

    def states(self) -> dict[int, EntryState]:
        """How far every entry has come, by its id."""
        return {number: EntryState(state) for number, state in self._database.all("SELECT id, state FROM journal")}

    def last_not_undone(self) -> JournalEntry | None:
        """The latest entry that is not undone; None where there is none."""
        row = self._database.one(f"{_ENTRIES} AND state <> ? ORDER BY id DESC LIMIT 1", (EntryState.UNDONE,))
        return None if row is None else _entry_of(row)

    def entry(self, entry_id: int) -> JournalEntry | None:
        """One entry; None where there is none of that id, or it changed nothing yet."""
        row = self._database.one(f"{_ENTRIES} AND id = ?", (entry_id,))
        return None if row is None else _entry_of(row)

    def check_undo(self, entry_id: int) -> JournalEntry:
        """The entry, where nothing in the library stands against undoing it; see `undo` for what may."""
        entry = self.entry(entry_id)
        if entry is None:
            raise UsageError(str(entry_id), "there is no such change", "auralis history lists them")
        if entry.state is EntryState.UNDONE:
            raise RefusedError(f"change {entry_id}", "was undone already")
        check_nothing_stands_on(self._database, entry_id)
        return entry

    def undo(self, entry_id: int, now: int) -> None:
        """Puts back every row as it was before the entry, in one transaction, and notes that it was undone.

        Raises UsageError where there is no such entry, RefusedError where it was undone already or later changes
        stand on it: those are named.
        """
        with self.undoing(entry_id, now):
            pass

    def rehearse_undo(self, entry_id: int, now: int) -> None:
        """Undoes an entry without effect; raises what `undo` would."""
        with suppress(_RehearsedError), self.undoing(entry_id, now):
            raise _RehearsedError

    @contextmanager
    def undoing(self, entry_id: int, now: int) -> Iterator[None]:
        """As `undo`; in between, when the rows are back and before that is for good, files may be put back.

        Where that raises, every row stays as it is.
        """
        with without_foreign_keys(self._database), self._database.write():
            self.check_undo(entry_id)
            play_back(self._database, entry_id)
            self._database.run(
                "UPDATE journal SET state = ?, undone_at = ? WHERE id = ?", (EntryState.UNDONE, now, entry_id)
            )
            yield
            self._database.run("UPDATE journal_files SET state = ? WHERE entry_id = ?", (FileState.UNDONE, entry_id))

    def intend_file(self, entry_id: int, operation: FileOperation, path: str, place: str | None) -> int:
        """Notes what is about to be done to a file, for good before that is done; the id of the note."""
        if self._database.in_transaction():
            raise ValueError("a file is touched only when it is noted for good, outside of transactions")
        with self._database.write():
            return self._database.insert(
                "INSERT INTO journal_files (entry_id, operation, path, place) VALUES (?, ?, ?, ?)",
                (entry_id, operation, os.fsencode(path), None if place is None else os.fsencode(place)),
            )

    def file_done(self, file_id: int, size_bytes: int, mtime_ns: int) -> None:
        """Notes that it was done, and how the file was left."""
        with self._database.write():
            self._database.run(
                "UPDATE journal_files SET state = ?, size_bytes = ?, mtime_ns = ? WHERE id = ?",
                (FileState.DONE, size_bytes, mtime_ns, file_id),
            )

    def file_not_done(self, file_id: int) -> None:
        """Forgets what could not be done to a file."""
        with self._database.write():
            self._database.run("DELETE FROM journal_files WHERE id = ?", (file_id,))

    def intend_files(self, entry_id: int, operation: FileOperation, files: Sequence[IntendedFile]) -> list[int]:
        """Notes what is about to be done to many files, all at once; the ids of the notes."""
        if self._database.in_transaction():
            raise ValueError("a file is touched only when it is noted for good, outside of transactions")
        with self._database.write():
            self._check_open(entry_id)
            return [
                self._database.insert(
                    "INSERT INTO journal_files (entry_id, operation, path, place, before, size_bytes, mtime_ns) "
                    "VALUES (?, ?, ?, ?, ?, ?, ?)",
                    (
                        *(entry_id, operation, os.fsencode(file.path), os.fsencode(file.place)),
                        *(file.before, file.size_bytes, file.mtime_ns),
                    ),
                )
                for file in files
            ]

    def files_done(self, files: Iterable[DoneFile]) -> None:
        """Notes of many that it was done, and how each was left; may be part of a change."""
        self._database.run_many(
            "UPDATE journal_files SET state = ?, size_bytes = ?, mtime_ns = ?, before = ? WHERE id = ?",
            [(FileState.DONE, file.size_bytes, file.mtime_ns, file.before, file.id) for file in files],
        )

    def files_not_done(self, ids: Iterable[int]) -> None:
        """Forgets what could not be done to many; may be part of a change."""
        self._database.run_many("DELETE FROM journal_files WHERE id = ?", [(number,) for number in ids])

    def add_done(self, entry_id: int, files: Iterable[FileChange]) -> None:
        """Notes what was done to files already, all at once; their ids are given here."""
        with self._database.write():
            self._check_open(entry_id)
            self._database.run_many(
                "INSERT INTO journal_files (entry_id, operation, path, place, size_bytes, mtime_ns, state) "
                "VALUES (?, ?, ?, ?, ?, ?, ?)",
                [
                    (
                        entry_id,
                        file.operation,
                        os.fsencode(file.path),
                        None if file.place is None else os.fsencode(file.place),
                        file.size_bytes,
                        file.mtime_ns,
                        FileState.DONE,
                    )
                    for file in files
                ],
            )

    def files(self, entry_id: int) -> list[FileChange]:
        """The files an entry touched, the last one first."""
        rows = self._database.all(
            "SELECT id, operation, path, place, size_bytes, mtime_ns, state, before FROM journal_files "
            "WHERE entry_id = ? ORDER BY id DESC",
            (entry_id,),
        )
        return [_file_of(row) for row in rows]

    def _check_open(self, entry_id: int) -> None:
        row = self._database.one("SELECT state FROM journal WHERE id = ?", (entry_id,))
        if row is None or row[0] != EntryState.OPEN:
            raise LibraryError(str(self._database.path), f"change {entry_id} was undone while it was made")

    def _note_rows(self, entry_id: int) -> None:
        database = self._database
        row = database.one("SELECT coalesce(max(step), 0) + 1 FROM journal_rows WHERE entry_id = ?", (entry_id,))
        assert row is not None
        database.run_many(
            _INSERT_ROW,
            [
                (entry_id, row[0], change.table, change.row_id, change.last_row_id, change.operation, change.before)
                for change in rows_changed(database)
            ],
        )


def _storable(summary: str) -> str:
    """Names in it may be of any bytes, and long."""
    text = summary.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
    return text if len(text) <= _LONGEST_SUMMARY else f"{text[: _LONGEST_SUMMARY - 1]}…"


def _file_of(row: Row) -> FileChange:
    file_id, operation, path, place, size_bytes, mtime_ns, state, before = row
    return FileChange(
        file_id,
        FileOperation(operation),
        os.fsdecode(path),
        None if place is None else os.fsdecode(place),
        size_bytes,
        mtime_ns,
        FileState(state),
        before,
    )


def _entry_of(row: Row) -> JournalEntry:
    entry_id, verb, summary, started_at, finished_at, state, undone_at, rows, files = row
    return JournalEntry(entry_id, verb, summary, started_at, finished_at, EntryState(state), undone_at, rows, files)
