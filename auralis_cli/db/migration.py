"""How a library's schema came to be: ordered migrations, each one transaction with the row that says it was done."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

from auralis_cli.quick_dataclasses import dataclass

if TYPE_CHECKING:
    from auralis_cli.db.connection import LibraryDatabase

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
_COMMENT_OR_TEXT = re.compile(r"--[^\n]*|/\*.*?\*/|'(?:[^']|'')*'", re.DOTALL)
_LOSSES = (
    re.compile(r"\s*DROP\s+TABLE\b", re.IGNORECASE),
    re.compile(r"\s*ALTER\s+TABLE\b.*\bDROP\s+(?:COLUMN\b)?", re.IGNORECASE | re.DOTALL),
    re.compile(r"\s*(?:WITH\b.*?\)\s*)?DELETE\s+FROM\b(?!.*\bWHERE\b)", re.IGNORECASE | re.DOTALL),
)


@dataclass(frozen=True, slots=True)
class Migration:
    """One step of the schema. What it says never changes once a release had it."""

    version: int
    name: str
    # DDL and updates, in order.
    statements: tuple[str, ...]
    # What cannot be said in SQL alone.
    convert: Callable[[LibraryDatabase], None] | None = None
    # Whether it drops tables or columns or empties tables, and is meant to.
    loses_data: bool = False

    def __post_init__(self) -> None:
        if not self.loses_data:
            _refuse_losses(self, self.statements)


def loses_data(statement: str) -> bool:
    """Whether a statement drops a table or a column, or deletes rows without asking which."""
    bare = _COMMENT_OR_TEXT.sub(" ", statement)
    return any(loss.match(bare) for loss in _LOSSES)


def apply_migrations(database: LibraryDatabase, migrations: tuple[Migration, ...], *, program: str, now: int) -> None:
    """Runs the `migrations` that the library has not seen, each in a transaction of its own."""
    for migration in migrations:
        with database.write():
            database.run(_VERSIONS)
            if database.one("SELECT 1 FROM schema_versions WHERE version = ?", (migration.version,)) is None:
                _apply(database, migration)
                database.run(
                    "INSERT INTO schema_versions (version, name, applied_at, program) VALUES (?, ?, ?, ?)",
                    (migration.version, migration.name, now, program),
                )
                database.run(f"PRAGMA user_version = {migration.version:d}")
                database.run(f"PRAGMA application_id = {APPLICATION_ID:d}")


def _apply(database: LibraryDatabase, migration: Migration) -> None:
    for statement in migration.statements:
        database.run(statement)
    if migration.convert is None:
        return
    # Whatever it executes is looked at, in which way ever; what was lost comes back with the transaction.
    executed: list[str] = []
    connection = database.of_this_thread()
    connection.set_trace_callback(lambda statement: executed.append(statement) if loses_data(statement) else None)
    try:
        migration.convert(database)
    finally:
        connection.set_trace_callback(None)
    if not migration.loses_data:
        _refuse_losses(migration, executed)


def _refuse_losses(migration: Migration, statements: tuple[str, ...] | list[str]) -> None:
    for statement in statements:
        if loses_data(statement):
            shown = " ".join(statement.split())[:80]
            raise ValueError(f"migration {migration.version} would lose data without saying so: {shown}")
