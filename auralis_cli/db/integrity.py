"""Whether a file is a library, and whether what it holds is whole."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

from auralis_cli.db.connection import Access, LibraryDatabase
from auralis_cli.db.interruption import interruptible
from auralis_cli.db.migration import APPLICATION_ID, apply_migrations
from auralis_cli.db.migrations.all import MIGRATIONS, SCHEMA_VERSION
from auralis_cli.errors import LibraryError
from auralis_cli.model.progress import CancelToken
from auralis_cli.model.upkeep import LibraryCheck

# What a library promises beyond what its tables can demand: name, a query that counts what breaks it, what then.
_PROMISES = (
    (
        "the queue has no gaps",
        "SELECT count(*) FROM (SELECT 1 FROM queue_items GROUP BY snapshot_id HAVING max(position) <> count(*) - 1)",
    ),
    (
        "tracks of sheets name their sheet",
        "SELECT count(*) FROM tracks JOIN files ON files.id = tracks.sheet_id WHERE files.kind <> 'sheet'",
    ),
)
_SHOWN_DAMAGES = 20


def schema_version(database: LibraryDatabase) -> int:
    """The version of its schema; 0 of a file that holds nothing yet. Raises LibraryError where it is no library."""
    version = _number(database, "PRAGMA user_version")
    is_ours = _number(database, "PRAGMA application_id") == APPLICATION_ID
    if not is_ours and (version or _number(database, "SELECT count(*) FROM sqlite_master")):
        raise LibraryError(str(database.path), "is a database of another program", "name another file")
    return version


def require_library(database: LibraryDatabase) -> int:
    """The version of a library that this program can read; LibraryError for everything else."""
    version = schema_version(database)
    if version == 0:
        raise LibraryError(str(database.path), "is empty, no library", "name another file")
    require_not_newer(database.path, version)
    return version


def require_not_newer(path: Path, version: int) -> None:
    """Raises LibraryError where a newer program made the library."""
    if version > SCHEMA_VERSION:
        why = f"was made by a newer auralis (version {version} of the library, known are up to {SCHEMA_VERSION})"
        raise LibraryError(str(path), why, "update auralis")


def damage_of(database: LibraryDatabase, cancel: CancelToken) -> list[str]:
    """What SQLite finds wrong with the file, line by line; empty where it is whole."""
    with interruptible(database, cancel):
        try:
            lines = [str(row[0]) for row in database.all(f"PRAGMA integrity_check({_SHOWN_DAMAGES})")]
        except LibraryError as error:
            cancel.raise_if_cancelled()
            return [error.why]  # so damaged that SQLite cannot even look
    return [] if lines == ["ok"] else lines


def check_contents(database: LibraryDatabase, cancel: CancelToken) -> Iterator[LibraryCheck]:
    """Asks the library everything it has promised, one thing after the other."""
    version = schema_version(database)
    old = "" if version == SCHEMA_VERSION else f", to be migrated to {SCHEMA_VERSION} by the next command"
    yield LibraryCheck("version", ok=True, detail=f"{version}{old}")
    damage = damage_of(database, cancel)
    yield _check("file", "every page is whole", damage)
    if damage:
        return
    with interruptible(database, cancel):
        yield _check("schema", "as its version makes it", schema_differences(database, version))
        broken = database.all('SELECT "table", count(*) FROM pragma_foreign_key_check GROUP BY 1')
        yield _check(
            "references", "every one leads somewhere", [f"{count} of {table} do not" for table, count in broken]
        )
        if version < SCHEMA_VERSION:
            return
        yield _search_check(database)
        for promise, query in _PROMISES:
            if number := _number(database, query):
                yield _check("contents", "", [f"not so that {promise} ({number})"])
                return
        yield LibraryCheck("contents", ok=True, detail=f"{_number(database, 'SELECT count(*) FROM tracks')} tracks")


def schema_differences(database: LibraryDatabase, version: int = SCHEMA_VERSION) -> list[str]:
    """What of the schema is not as a library made anew, up to `version`, has it."""
    wanted_database = LibraryDatabase(Path(":memory:"))
    try:
        known = tuple(migration for migration in MIGRATIONS if migration.version <= version)
        apply_migrations(wanted_database, known, program="", now=0)
        wanted, found = schema_of(wanted_database), schema_of(database)
    finally:
        wanted_database.close_all()
    return [
        f"{name} {'is missing' if name not in found else 'is foreign' if name not in wanted else 'differs'}"
        for name in sorted(wanted.keys() | found.keys())
        if wanted.get(name) != found.get(name)
    ]


def schema_of(database: LibraryDatabase) -> dict[str, str]:
    """Every table, index, view and trigger with the words that make it; statistics of SQLite's own left out."""
    rows = database.all(
        "SELECT type || ' ' || name, coalesce(sql, '') FROM sqlite_master WHERE name NOT LIKE 'sqlite_stat%' ORDER BY 1"
    )
    return {str(name): " ".join(str(sql).split()) for name, sql in rows}


def _search_check(database: LibraryDatabase) -> LibraryCheck:
    """FTS5's own check, which is worded as an insertion though it changes nothing."""
    connection = database.of_this_thread()
    asked = "INSERT INTO track_search (track_search, rank) VALUES ('integrity-check', 1)"
    try:
        connection.execute("PRAGMA query_only = 0")
        connection.execute(asked)
    except sqlite3.DatabaseError as error:
        if getattr(error, "sqlite_errorname", "").startswith(("SQLITE_READONLY", "SQLITE_BUSY")):
            return LibraryCheck("search", ok=True, detail=f"not asked ({error})")
        return _check("search", "", [f"does not find what is listed ({error})"])
    finally:
        if database.access is not Access.WRITE:
            connection.execute("PRAGMA query_only = 1")
    return LibraryCheck("search", ok=True, detail="finds what is listed")


def _check(name: str, good: str, damage: list[str]) -> LibraryCheck:
    if not damage:
        return LibraryCheck(name, ok=True, detail=good)
    more = f" and {len(damage) - 1} more" if len(damage) > 1 else ""
    return LibraryCheck(name, ok=False, detail=f"{damage[0]}{more}", hint="auralis db restore brings back a backup")


def _number(database: LibraryDatabase, query: str) -> int:
    row = database.one(query)
    return 0 if row is None else int(row[0])
