"""The journal: whatever a command does to the library is noted in the transaction that does it.

entry = journal.begin("scan", "scan of ~/Music", now)
with journal.change(entry):     # one transaction, as often as needed
    …                           # any change of rows, by any repository
journal.finish(entry, "3 files added", now)
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from auralis_cli.db.connection import LibraryDatabase, Row
from auralis_cli.db.row_recorder import rows_changed, start_recording, stop_recording
from auralis_cli.errors import LibraryError
from auralis_cli.model.journal import EntryState, JournalEntry

_INSERT_ROW = """
INSERT INTO journal_rows (entry_id, step, table_name, row_id, last_row_id, operation, before)
VALUES (?, ?, ?, ?, ?, ?, ?)
"""
_ENTRIES = """
SELECT id, verb, summary, started_at, finished_at, state, undone_at,
    (SELECT coalesce(sum(last_row_id - row_id + 1), 0) FROM journal_rows WHERE entry_id = journal.id),
    (SELECT count(*) FROM journal_files WHERE entry_id = journal.id)
FROM journal
"""


class Journal:
    """What was done, and how it is taken back."""

    def __init__(self, database: LibraryDatabase) -> None:
        self._database = database

    def begin(self, verb: str, summary: str, now: int) -> int:
        """The id of a new entry, which stays open until `finish`."""
        with self._database.write():
            return self._database.insert(
                "INSERT INTO journal (verb, summary, started_at) VALUES (?, ?, ?)", (verb, summary, now)
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
            row = database.one("SELECT state FROM journal WHERE id = ?", (entry_id,))
            if row is None or row[0] != EntryState.OPEN:
                raise LibraryError(str(database.path), f"change {entry_id} was undone while it was made")
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
                (EntryState.DONE, summary, now, entry_id, EntryState.OPEN),
            )

    def entries(self, limit: int | None = None) -> list[JournalEntry]:
        """The latest entries, the last one first."""
        rows = self._database.all(f"{_ENTRIES} ORDER BY id DESC LIMIT ?", (-1 if limit is None else limit,))
        return [_entry_of(row) for row in rows]

    def entry(self, entry_id: int) -> JournalEntry | None:
        """One entry; None where there is none of that id."""
        row = self._database.one(f"{_ENTRIES} WHERE id = ?", (entry_id,))
        return None if row is None else _entry_of(row)

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


def _entry_of(row: Row) -> JournalEntry:
    entry_id, verb, summary, started_at, finished_at, state, undone_at, rows, files = row
    return JournalEntry(entry_id, verb, summary, started_at, finished_at, EntryState(state), undone_at, rows, files)
