"""Queries over lists of values that may be longer than a statement can have variables."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import Any

from auralis_cli.db.connection import LibraryDatabase, Row

# Fits every SQLite there is (999 before 3.32).
CHUNK = 500


def marks(count: int) -> str:
    """Places for so many values."""
    return ",".join("?" * count)


def rows_in(
    database: LibraryDatabase, statement: str, values: Collection[Any], *, then: Sequence[Any] = ()
) -> Iterator[Row]:
    """The rows of a `statement` with `IN ({marks})` for all `values`, asked in parts; `then` are those of its other
    marks, which come behind."""
    listed = list(values)
    for start in range(0, len(listed), CHUNK):
        some = listed[start : start + CHUNK]
        yield from database.all(statement.format(marks=marks(len(some))), (*some, *then))
