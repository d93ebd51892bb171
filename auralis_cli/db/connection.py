"""The one place that opens connections to a library: the same pragmas and the same errors everywhere."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import peewee

from auralis_cli.errors import LibraryError

# How long a command waits for another one's transaction before it says so.
BUSY_TIMEOUT_S = 10.0
PRAGMAS: dict[str, int | str] = {
    "journal_mode": "wal",
    "synchronous": "normal",
    "foreign_keys": 1,
    "temp_store": "memory",
    "cache_size": -16_384,
}

Row = tuple[Any, ...]


class LibraryDatabase(peewee.SqliteDatabase):
    """A library file: a connection for each thread, transactions that are whole, errors in our words."""

    def __init__(self, path: Path, *, busy_timeout_s: float = BUSY_TIMEOUT_S) -> None:
        super().__init__(str(path), pragmas=PRAGMAS, timeout=busy_timeout_s, lock_type="IMMEDIATE")
        self.path = path

    @contextmanager
    def write(self) -> Iterator[None]:
        """One transaction: all of it, or nothing where anything raises. Nests."""
        with self._translated(), self.atomic():
            yield

    def run(self, statement: str, values: Sequence[Any] = ()) -> int:
        """Executes one statement and returns how many rows it changed."""
        with self._translated():
            return int(self._executed(statement, values).rowcount)

    def insert(self, statement: str, values: Sequence[Any] = ()) -> int:
        """Executes an INSERT and returns the id of the new row."""
        with self._translated():
            return int(self._executed(statement, values).lastrowid or 0)

    def run_many(self, statement: str, rows: Iterable[Sequence[Any]]) -> None:
        """Executes one statement for each of `rows`."""
        with self._translated():
            self._connected().executemany(statement, rows)

    def one(self, statement: str, values: Sequence[Any] = ()) -> Row | None:
        """The first row of a query; None where there is none."""
        with self._translated():
            row: Row | None = self._executed(statement, values).fetchone()
            return row

    def all(self, statement: str, values: Sequence[Any] = ()) -> list[Row]:
        """All rows of a query."""
        with self._translated():
            return list(self._executed(statement, values).fetchall())

    def stream(self, statement: str, values: Sequence[Any] = ()) -> Iterator[Row]:
        """The rows of a query one by one: only for what may be longer than memory should hold."""
        with self._translated():
            yield from self._connected().execute(statement, values)

    def _executed(self, statement: str, values: Sequence[Any]) -> sqlite3.Cursor:
        cursor: sqlite3.Cursor = self.execute_sql(statement, values)  # type: ignore[no-untyped-call]
        return cursor

    def _connected(self) -> sqlite3.Connection:
        connection: sqlite3.Connection = self.connection()  # type: ignore[no-untyped-call]
        return connection

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except (peewee.IntegrityError, sqlite3.IntegrityError):
            raise  # a row that may not be is a defect of ours
        except (peewee.DatabaseError, peewee.InterfaceError, sqlite3.Error) as error:
            raise self.translated(error) from error

    def translated(self, error: Exception) -> LibraryError:
        """What SQLite complains of, as one line with a hint."""
        text = str(error)
        for words, why, hint in _MEANINGS:
            if words in text:
                return LibraryError(str(self.path), why, hint)
        return LibraryError(str(self.path), f"cannot be used ({text})", "auralis db check tells more")


_MEANINGS = (
    ("locked", "another program is writing to it and does not end", "try again when it is done"),
    ("disk is full", "the disk is full; nothing was changed", "make room and try again"),
    ("readonly", "is read-only", "its folder has to be writable too"),
    ("malformed", "is damaged", "auralis db check, auralis db restore"),
    ("not a database", "is no library", "auralis db restore brings back a backup"),
    ("unable to open", "cannot be opened", "is its folder there, and yours?"),
)
