"""The one place that opens connections to a library: the same pragmas and the same errors everywhere."""

from __future__ import annotations

import os
import sqlite3
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from enum import StrEnum
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import quote

import peewee

from auralis_cli.db.complaints import is_busy, is_defect, is_of_writing, library_error
from auralis_cli.db.migration import APPLICATION_ID
from auralis_cli.errors import LibraryError


class Access(StrEnum):
    """What connections may do, and how the file is treated."""

    WRITE = "write"
    # Nothing that changes rows.
    READ = "read"
    # The same, of a file that nobody writes to: its folder need not be writable either.
    FROZEN = "frozen"
    # A new file that is written once, from end to end: its maker sees to it that it is on the disk.
    FILL = "fill"


# How long a command waits for another one's transaction before it says so. SQLite is asked in slices of it, between
# which a Ctrl-C is heard.
BUSY_TIMEOUT_S = 10.0
_SLICE_S = 0.25
_PAUSE_S = 0.005
PRAGMAS: dict[str, int | str] = {
    "synchronous": "normal",
    "foreign_keys": 1,
    "temp_store": "memory",
    "cache_size": -49_152,
    "analysis_limit": 400,
    "cell_size_check": 1,
}
_OTHERWISE: dict[Access, dict[str, int | str]] = {
    Access.WRITE: {},
    Access.READ: {"query_only": 1},
    Access.FROZEN: {"query_only": 1},
    Access.FILL: {"synchronous": "off", "journal_mode": "off"},
}
# STRICT tables came with it.
OLDEST_SQLITE = (3, 37, 0)
_IN_MEMORY = ":memory:"

Row = tuple[Any, ...]
Answer = TypeVar("Answer")


class LibraryDatabase(peewee.SqliteDatabase):
    """A library file: a connection for each thread, transactions that are whole, errors in our words."""

    def __init__(self, path: Path, *, access: Access = Access.WRITE, busy_timeout_s: float = BUSY_TIMEOUT_S) -> None:
        if sqlite3.sqlite_version_info < OLDEST_SQLITE:
            wanted = ".".join(map(str, OLDEST_SQLITE[:2]))
            raise LibraryError("SQLite", f"{sqlite3.sqlite_version} is too old", f"{wanted} or newer is needed")
        self.path = path
        self.access = access
        self.busy_timeout_s = busy_timeout_s
        self._in_memory = str(path) == _IN_MEMORY
        self._identity: tuple[int, int] | None = None
        self._opened: list[tuple[threading.Thread, sqlite3.Connection]] = []
        self._opened_lock = threading.Lock()
        pragmas = {**PRAGMAS, **_OTHERWISE[access]}
        super().__init__(_IN_MEMORY if self._in_memory else _uri(path, access), pragmas=pragmas, lock_type="IMMEDIATE")

    # Statements

    @contextmanager
    def write(self) -> Iterator[None]:
        """One transaction: all of it, or nothing where anything raises. Nests."""
        with self._translated(), self.atomic():
            yield

    @contextmanager
    def snapshot(self) -> Iterator[None]:
        """Every query within sees the library as it was at the first of them, whoever writes meanwhile."""
        with self._translated(), self.atomic("DEFERRED"):
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
        """Executes one statement for each of `rows`, all of them or none."""
        with self.write():
            self.of_this_thread().executemany(statement, rows)

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
            yield from self._executed(statement, values)

    # Connections

    def of_this_thread(self) -> sqlite3.Connection:
        """This thread's own connection, opened where it has none."""
        with self._translated():
            connection: sqlite3.Connection = self.connection()  # type: ignore[no-untyped-call]
            return connection

    def copy_to(self, target: LibraryDatabase, *, pages_at_a_time: int, between: Callable[[], None]) -> None:
        """Copies the whole file by SQLite's backup; what `between` raises ends it."""
        source, copy = self.of_this_thread(), target.of_this_thread()
        with self._translated():
            try:
                source.backup(copy, pages=pages_at_a_time, progress=lambda *_: between(), sleep=0.0)
            except sqlite3.Error as error:
                # The one is only read, so what cannot be written is the other.
                if is_of_writing(error):
                    raise library_error(target.path, error, waited_s=self.busy_timeout_s) from error
                raise

    def close_all(self) -> None:
        """Ends the connections of all threads; the last of all takes the write-ahead log into the file.

        What is committed is safe whether that succeeds or not, so nothing here fails.
        """
        with self._opened_lock:
            for _, connection in self._opened:
                with suppress(sqlite3.Error):
                    connection.rollback()
                if connection is self._opened[-1][1] and self.access is Access.WRITE and not self._in_memory:
                    self._tidy(connection)
                with suppress(sqlite3.Error):
                    connection.close()
            self._opened.clear()
        self.dispose()

    @staticmethod
    def _tidy(connection: sqlite3.Connection) -> None:
        # Whoever else is at work will do it; nobody waits for that.
        with suppress(sqlite3.Error):
            connection.execute("PRAGMA busy_timeout = 0")
        # No PRAGMA optimize: queries say themselves which index drives them, and statistics turn one of them round
        # (pages by loudness, of a million tracks, from 8 ms to 100).
        with suppress(sqlite3.Error):
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def _connect(self) -> sqlite3.Connection:
        """A connection for this thread, those of threads that have ended closed."""
        self._check_identity()
        # Statements of one connection never overlap; another thread only ever closes it.
        connection = sqlite3.connect(
            self.database,
            timeout=_SLICE_S,
            isolation_level=None,
            check_same_thread=False,
            uri=not self._in_memory,
        )
        try:
            self._patiently(lambda: self._prepare(connection))
        except BaseException:
            connection.close()
            raise
        self._check_identity()
        with self._opened_lock:
            for thread, left in self._opened:
                if not thread.is_alive():
                    left.close()
            self._opened = [(thread, kept) for thread, kept in self._opened if thread.is_alive()]
            self._opened.append((threading.current_thread(), connection))
        return connection

    def _prepare(self, connection: sqlite3.Connection) -> None:
        # Peewee's: pragmas, and the functions that were registered.
        self._add_conn_hooks(connection)  # type: ignore[attr-defined]
        if self.access is Access.WRITE and not self._in_memory:
            _keep_log(connection)

    def _check_identity(self) -> None:
        """Notices when the file under the open connections is no longer the one at its path."""
        if self._in_memory:
            return
        try:
            status = os.stat(self.path)
        except OSError:
            if self._identity is None:
                return  # SQLite says so in a moment
            raise LibraryError(str(self.path), "was moved or deleted while it was open", "start again") from None
        found = (status.st_dev, status.st_ino)
        if self._identity is None:
            self._identity = found
        elif found != self._identity:
            raise LibraryError(str(self.path), "was replaced while it was open", "start again")

    # What Peewee calls

    def execute_sql(self, sql: str, params: Sequence[Any] | None = None) -> Any:
        """As Peewee's, but outside of transactions another program's is waited for."""
        if self.in_transaction():
            return super().execute_sql(sql, params)  # type: ignore[no-untyped-call]
        if not self.is_closed():
            self._check_identity()
        return self._patiently(lambda: peewee.SqliteDatabase.execute_sql(self, sql, params))

    def begin(self, lock_type: str | None = None) -> None:
        """As Peewee's, but another program's transaction is waited for."""
        if not self.is_closed():
            self._check_identity()
        self._patiently(lambda: peewee.SqliteDatabase.begin(self, lock_type))

    def rollback(self) -> None:
        """As Peewee's, but a transaction that SQLite has taken back itself (disk full) is not taken back again."""
        if not self.is_closed() and self.of_this_thread().in_transaction:
            super().rollback()

    def _patiently(self, action: Callable[[], Answer]) -> Answer:
        """What `action` returns once nobody is in its way, within the stated time."""
        ends_at = time.monotonic() + self.busy_timeout_s
        pause = threading.Event()
        while True:
            try:
                return action()
            except (peewee.OperationalError, sqlite3.OperationalError) as error:
                if not is_busy(error) or time.monotonic() >= ends_at:
                    raise
            # SQLite has mostly waited already; where it answers at once, this keeps the processor free.
            pause.wait(_PAUSE_S)

    def _executed(self, statement: str, values: Sequence[Any]) -> sqlite3.Cursor:
        cursor: sqlite3.Cursor = self.execute_sql(statement, values)
        return cursor

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except (peewee.IntegrityError, sqlite3.IntegrityError):
            raise  # a row that may not be is a defect of ours
        except (peewee.DatabaseError, peewee.InterfaceError, sqlite3.Error) as error:
            if is_defect(error):
                raise  # and so is a statement that SQLite does not understand
            raise library_error(self.path, error, waited_s=self.busy_timeout_s) from error


def _keep_log(connection: sqlite3.Connection) -> None:
    """WAL, which the file remembers; of another program's database nothing is changed."""
    if connection.execute("PRAGMA journal_mode").fetchone()[0] == "wal":
        return
    is_ours = connection.execute("PRAGMA application_id").fetchone()[0] == APPLICATION_ID
    if is_ours or connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0] == 0:
        connection.execute("PRAGMA journal_mode = wal")


def _uri(path: Path, access: Access) -> str:
    """The path for SQLite: never made by opening it, and with FROZEN as if nobody could change it."""
    how = "immutable=1" if access is Access.FROZEN else "mode=rw"
    return f"file:{quote(os.fsencode(path))}?{how}"
