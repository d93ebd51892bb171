"""Many rows by one statement, by way of a table in memory.

Each statement that may fail halfway keeps what its pages were, and the index of words writes out all it has gathered
when one begins: row by row that would be most of the time.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from auralis_cli.db.connection import LibraryDatabase
from auralis_cli.db.in_lists import CHUNK, marks

Values = tuple[Any, ...]


def insert_rows(database: LibraryDatabase, table: str, columns: Sequence[str], rows: Sequence[Values]) -> None:
    """Inserts `rows` into `table`, in their order."""
    if rows:
        source = _gathered(database, rows)
        database.run(f"INSERT INTO {table} ({', '.join(columns)}) SELECT * FROM {source} ORDER BY rowid")
        database.run(f"DELETE FROM {source}")


def update_rows(database: LibraryDatabase, table: str, columns: Sequence[str], rows: Sequence[Values]) -> None:
    """Gives the rows of `table` new values; the last of `columns` is `id` and says which row."""
    if rows:
        source = _gathered(database, rows)
        changes = ", ".join(f"{name} = new.c{place}" for place, name in enumerate(columns[:-1]))
        which = f"{table}.id = new.c{len(columns) - 1}"
        database.run(f"UPDATE {table} SET {changes} FROM {source} AS new WHERE {which}")
        database.run(f"DELETE FROM {source}")


def delete_rows(database: LibraryDatabase, table: str, ids: Sequence[int]) -> None:
    """Removes rows of `table`."""
    for start in range(0, len(ids), CHUNK):
        some = ids[start : start + CHUNK]
        database.run(f"DELETE FROM {table} WHERE id IN ({marks(len(some))})", some)


def _gathered(database: LibraryDatabase, rows: Sequence[Values]) -> str:
    width = len(rows[0])
    database.run(f"CREATE TEMP TABLE IF NOT EXISTS gathered_{width} ({', '.join(f'c{n}' for n in range(width))})")
    database.run_many(f"INSERT INTO temp.gathered_{width} VALUES ({marks(width)})", rows)
    return f"temp.gathered_{width}"
