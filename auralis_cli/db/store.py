"""The library as one thing: a file, opened in one place, with a repository for each subject."""

from __future__ import annotations

from pathlib import Path
from types import TracebackType
from typing import Self

from auralis_cli.db.connection import LibraryDatabase
from auralis_cli.db.journal import Journal
from auralis_cli.db.migration import apply_migrations
from auralis_cli.db.migrations.all import MIGRATIONS, SCHEMA_VERSION
from auralis_cli.db.queue import QueueRepository
from auralis_cli.errors import LibraryError


class Store:
    """An open library. What its repositories return are complete frozen values; close it when done."""

    def __init__(self, database: LibraryDatabase, warnings: tuple[str, ...] = ()) -> None:
        self.database = database
        # What the user should know of where the library lies.
        self.warnings = warnings
        self.journal = Journal(database)
        self.queue = QueueRepository(database)

    @classmethod
    def open(cls, path: Path, *, program: str, now: int, read_only: bool = False) -> Self:
        """Opens the library at `path`, makes it where there is none and migrates it where it is old.

        Raises LibraryError where it is locked, damaged, read-only or from a newer program.
        """
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        database = LibraryDatabase(path)
        row = database.one("PRAGMA user_version")
        version = 0 if row is None else int(row[0])
        if version > SCHEMA_VERSION:
            raise LibraryError(str(path), "was made by a newer Auralis", "update this one")
        if version < SCHEMA_VERSION:
            apply_migrations(database, MIGRATIONS, program=program, now=now)
        if read_only:
            database.run("PRAGMA query_only = 1")
        return cls(database)

    @classmethod
    def empty(cls, *, program: str, now: int) -> Self:
        """A library of nothing that is kept nowhere."""
        database = LibraryDatabase(Path(":memory:"))
        apply_migrations(database, MIGRATIONS, program=program, now=now)
        return cls(database)

    def close(self) -> None:
        """Ends this thread's connection; the last one takes the write-ahead log into the file."""
        self.database.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
