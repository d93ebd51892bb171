"""How a library's schema came to be: ordered migrations, each one transaction with the row that says it was done."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from auralis_cli.db.connection import LibraryDatabase


@dataclass(frozen=True, slots=True)
class Migration:
    """One step of the schema. What it says never changes once a release had it."""

    version: int
    name: str
    # DDL and updates, in order; what would lose data has to be marked by `loses_data`.
    statements: tuple[str, ...]
    # What cannot be said in SQL alone.
    convert: Callable[[LibraryDatabase], None] | None = None
    loses_data: bool = False


# "Aurl": tells a library from any other SQLite file.
APPLICATION_ID = 0x4175726C

_VERSIONS = """
CREATE TABLE IF NOT EXISTS schema_versions (
    version INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    applied_at INTEGER NOT NULL,
    program TEXT NOT NULL
) STRICT
"""


def apply_migrations(database: LibraryDatabase, migrations: tuple[Migration, ...], *, program: str, now: int) -> None:
    """Runs the `migrations` that the library has not seen, each in a transaction of its own."""
    for migration in migrations:
        with database.write():
            database.run(_VERSIONS)
            if database.one("SELECT 1 FROM schema_versions WHERE version = ?", (migration.version,)) is not None:
                continue
            for statement in migration.statements:
                database.run(statement)
            if migration.convert is not None:
                migration.convert(database)
            database.run(
                "INSERT INTO schema_versions (version, name, applied_at, program) VALUES (?, ?, ?, ?)",
                (migration.version, migration.name, now, program),
            )
            database.run(f"PRAGMA user_version = {migration.version:d}")
            database.run(f"PRAGMA application_id = {APPLICATION_ID:d}")
