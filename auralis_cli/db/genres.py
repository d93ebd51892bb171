"""The genres of the library."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import peewee as pw

from auralis_cli.db.connection import LibraryDatabase
from auralis_cli.db.in_lists import CHUNK
from auralis_cli.db.schema import GenreTable, TrackGenreTable
from auralis_cli.model.library import Genre


def _query() -> pw.ModelSelect[GenreTable]:
    tracks = TrackGenreTable.select(pw.fn.COUNT(TrackGenreTable.id)).where(TrackGenreTable.genre == GenreTable.id)
    return GenreTable.select(GenreTable.id, GenreTable.name, tracks)


class GenreRepository:
    """Genres by name."""

    def __init__(self, database: LibraryDatabase) -> None:
        self._database = database

    def list(self, *, limit: int | None = None) -> Iterator[Genre]:
        """The genres one by one, all or the first `limit`."""
        return (Genre(*row) for row in self._database.stream(*_query().order_by(GenreTable.key).limit(limit).sql()))

    def by_ids(self, ids: Sequence[int]) -> tuple[Genre, ...]:
        """These genres in the order of `ids`; those that are not there are left out."""
        found: dict[int, Genre] = {}
        for start in range(0, len(ids), CHUNK):
            rows = self._database.all(*_query().where(GenreTable.id.in_(ids[start : start + CHUNK])).sql())
            found |= {row[0]: Genre(*row) for row in rows}
        return tuple(found[number] for number in ids if number in found)
