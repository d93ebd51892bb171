"""Takes back what an entry of the journal did to rows: its transactions from the last to the first, as one transaction.

Between two transactions every constraint holds, so each is taken back as a whole: its new rows leave, changed ones
change back, and those that left return. Foreign keys are off meanwhile, since leaving would cascade, and checked at the
end. Off are also the triggers that write journalled tables, since what they did is in the journal; the others, such as
those of the index of words, go on.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import groupby
from typing import Any

import peewee

from auralis_cli.db.connection import LibraryDatabase
from auralis_cli.db.row_recorder import EXEMPT, Played, columns_of, journalled_tables, stop_recording, unpack
from auralis_cli.errors import RefusedError

# Two ranges of rows overlap where the first row of one lies in the other. Each is looked up by its place (CROSS JOIN
# keeps the order): what comes later may be long, and so may the entry.
_LATER_NOT_UNDONE = """
SELECT DISTINCT journal.id FROM (
    SELECT later.entry_id FROM journal_rows later CROSS JOIN journal_rows own ON own.table_name = later.table_name
        AND own.row_id BETWEEN later.row_id AND later.last_row_id AND own.entry_id = ?1 AND own.id < later.id
    WHERE later.id > (SELECT min(id) FROM journal_rows WHERE entry_id = ?1) AND later.entry_id <> ?1
    UNION ALL
    SELECT later.entry_id FROM journal_rows own CROSS JOIN journal_rows later ON later.table_name = own.table_name
        AND later.row_id BETWEEN own.row_id AND own.last_row_id AND later.entry_id <> ?1 AND later.id > own.id
    WHERE own.entry_id = ?1
) JOIN journal ON journal.id = entry_id WHERE state <> 'undone' ORDER BY journal.id DESC
"""


def check_nothing_stands_on(database: LibraryDatabase, entry_id: int) -> None:
    """Raises RefusedError where later changes touched the same rows and are not undone."""
    later = [row[0] for row in database.all(_LATER_NOT_UNDONE, (entry_id,))]
    if later:
        raise _stands_on(entry_id, later)


@contextmanager
def without_foreign_keys(database: LibraryDatabase) -> Iterator[None]:
    """Rows may come and go in any order, and nothing follows them."""
    if database.in_transaction():
        raise ValueError("foreign keys can be left only before a transaction")
    database.run("PRAGMA foreign_keys = 0")
    try:
        yield
    finally:
        database.run("PRAGMA foreign_keys = 1")


def play_back(database: LibraryDatabase, entry_id: int) -> None:
    """Puts every row the entry touched back as it was, within the caller's transaction and `without_foreign_keys`.

    Raises RefusedError where rows that came later need what would go, or are in the place of what would come back.
    """
    stop_recording(database)
    playback = _Playback(database, entry_id)
    triggers = _journalled_triggers(database, playback.columns)
    for name, _ in triggers:
        database.run(f"DROP TRIGGER {name}")
    playback.run()
    for _, statement in triggers:
        database.run(statement)
    playback.check_references()
    _forget_references(database)


def _journalled_triggers(database: LibraryDatabase, tables: Iterable[str]) -> list[tuple[str, str]]:
    """Name and statement of the triggers that write one of `tables`: their names begin with it."""
    rows = database.all("SELECT name, sql FROM main.sqlite_master WHERE type = 'trigger' ORDER BY rowid")
    return [(name, statement) for name, statement in rows if any(name.startswith(f"{table}_") for table in tables)]


_Values = dict[str, Any]


class _Playback:
    """The rows of one entry on their way back."""

    def __init__(self, database: LibraryDatabase, entry_id: int) -> None:
        self._database = database
        self._entry_id = entry_id
        self.columns = {table: columns_of(database, table) for table in journalled_tables(database)}

    def run(self) -> None:
        """Takes back one transaction after the other."""
        chosen = "SELECT DISTINCT step FROM journal_rows WHERE entry_id = ? ORDER BY step DESC"
        try:
            for (step,) in self._database.all(chosen, (self._entry_id,)):
                self._take_back(step)
        except (peewee.IntegrityError, sqlite3.IntegrityError) as error:
            why = "what it would bring back is there again, made by a later change"
            raise self._refused(why, "undo that first: auralis history") from error

    def check_references(self) -> None:
        """No row may refer to one that went with the entry, nor be back without what it refers to."""
        for child in self.columns:
            keys = self._database.all('SELECT "from", "table" FROM pragma_foreign_key_list(?)', (child,))
            for column, parent in keys:
                self._check_children(child, column, parent)
                self._check_parents(child, column, parent)

    def _take_back(self, step: int) -> None:
        changes = self._database.all(
            "SELECT table_name, operation, row_id, last_row_id, before FROM journal_rows "
            "WHERE entry_id = ? AND step = ? ORDER BY table_name",
            (self._entry_id, step),
        )
        for table, of_table in groupby(changes, key=lambda change: change[0]):
            if table not in self.columns:
                raise ValueError(f"the journal names a table {table!r}, and there is none")
            new: list[tuple[int, int]] = []
            changed: list[_Values] = []
            gone: list[_Values] = []
            for _, operation, row_id, last_row_id, before in of_table:
                if operation == "insert":
                    new.append((row_id, last_row_id))
                    continue
                # A column may have gone since with a migration.
                was = {name: value for name, value in unpack(before).items() if name in self.columns[table]}
                (changed if operation == "update" else gone).append({"id": row_id, **was})
            self._database.run_many(f"DELETE FROM {table} WHERE id BETWEEN ? AND ?", new)
            self._change_back(table, changed)
            self._insert(table, gone)

    def _change_back(self, table: str, rows: list[_Values]) -> None:
        """Gives rows the values they had, whichever of them has another's now."""
        try:
            with self._database.write():
                for row in rows:
                    settings = [_setting(name, value) for name, value in row.items()]
                    statement = f"UPDATE {table} SET {', '.join(text for text, _ in settings)} WHERE id = ?"
                    values = [value for _, of_one in settings for value in of_one]
                    if self._database.run(statement, (*values, row["id"])) == 0:
                        raise self._refused("what it changed is gone since", "see auralis history")
        except (peewee.IntegrityError, sqlite3.IntegrityError):
            # What is unique was handed on from row to row: all leave before the first comes back.
            columns = self.columns[table]
            chosen = f"SELECT {', '.join(columns)} FROM {table} WHERE id = ?"
            found = ((self._database.one(chosen, (row["id"],)), row) for row in rows)
            whole = [{**dict(zip(columns, now, strict=True)), **_plain(row)} for now, row in found if now is not None]
            self._database.run_many(f"DELETE FROM {table} WHERE id = ?", ((row["id"],) for row in rows))
            self._insert(table, whole)

    def _insert(self, table: str, rows: list[_Values]) -> None:
        # Rows from before a migration lack its columns.
        for names, alike in groupby(rows, key=tuple):
            marks = ", ".join("?" * len(names))
            self._database.run_many(
                f"INSERT INTO {table} ({', '.join(names)}) VALUES ({marks})", (tuple(row.values()) for row in alike)
            )

    def _check_children(self, child: str, column: str, parent: str) -> None:
        widowed = self._database.one(
            f"SELECT c.id FROM journal_rows j JOIN {child} c ON c.{column} BETWEEN j.row_id AND j.last_row_id "
            "WHERE j.entry_id = ? AND j.table_name = ? "
            f"AND NOT EXISTS (SELECT 1 FROM {parent} p WHERE p.id = c.{column}) LIMIT 1",
            (self._entry_id, parent),
        )
        if widowed is not None:
            raise self._stood_on_by(child, widowed[0])

    def _check_parents(self, child: str, column: str, parent: str) -> None:
        orphan = self._database.one(
            f"SELECT c.{column} FROM journal_rows j JOIN {child} c ON c.id = j.row_id "
            f"WHERE j.entry_id = ? AND j.table_name = ? AND c.{column} IS NOT NULL "
            f"AND NOT EXISTS (SELECT 1 FROM {parent} p WHERE p.id = c.{column}) LIMIT 1",
            (self._entry_id, child),
        )
        if orphan is not None:
            raise self._stood_on_by(parent, orphan[0])

    def _stood_on_by(self, table: str, row_id: int) -> RefusedError:
        """A row of a later change is in the way; that change is named."""
        later = self._database.all(
            "SELECT DISTINCT j.id FROM journal_rows r JOIN journal j ON j.id = r.entry_id WHERE r.table_name = ? "
            "AND ? BETWEEN r.row_id AND r.last_row_id AND j.id <> ? AND j.state <> 'undone' ORDER BY j.id DESC",
            (table, row_id, self._entry_id),
        )
        return _stands_on(self._entry_id, [row[0] for row in later])

    def _refused(self, why: str, hint: str) -> RefusedError:
        return RefusedError(f"change {self._entry_id}", why, hint)


def _setting(name: str, value: object) -> tuple[str, tuple[object, ...]]:
    """How a column is put back: what was played since, after the change that is taken back, stays counted."""
    if not isinstance(value, Played):
        return f"{name} = ?", (value,)
    if name.endswith("_count"):
        return f"{name} = max(0, {name} - ?)", ((value.left or 0) - (value.was or 0),)
    return f"{name} = iif({name} IS ?, ?, {name})", (value.left, value.was)


def _plain(row: _Values) -> _Values:
    return {name: value.was if isinstance(value, Played) else value for name, value in row.items()}


def _forget_references(database: LibraryDatabase) -> None:
    """Rows that are not journalled do without what they referred to, as when it is deleted."""
    for table in EXEMPT:
        keys = database.all('SELECT "from", "table", on_delete FROM pragma_foreign_key_list(?)', (table,))
        for column, parent, on_delete in keys:
            if on_delete == "SET NULL":
                database.run(
                    f"UPDATE {table} SET {column} = NULL WHERE {column} IS NOT NULL "
                    f"AND NOT EXISTS (SELECT 1 FROM {parent} p WHERE p.id = {table}.{column})"
                )


def _stands_on(entry_id: int, later: Iterable[int]) -> RefusedError:
    numbers = [str(one) for one in later]
    why = "what came later stands on it"
    if not numbers:
        return RefusedError(f"change {entry_id}", why, "it was played, rated or queued since")
    return RefusedError(f"change {entry_id}", why, f"undo {', then '.join(numbers)} first")
