"""The artists of the library: whoever a track or an album is by."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import peewee as pw

from auralis_cli.db.connection import LibraryDatabase
from auralis_cli.db.in_lists import CHUNK
from auralis_cli.db.schema import AlbumArtistTable, ArtistTable, TrackArtistTable
from auralis_cli.model.library import Artist


def _query() -> pw.ModelSelect[ArtistTable]:
    albums = AlbumArtistTable.select(pw.fn.COUNT(AlbumArtistTable.id)).where(AlbumArtistTable.artist == ArtistTable.id)
    tracks = TrackArtistTable.select(pw.fn.COUNT(TrackArtistTable.id)).where(TrackArtistTable.artist == ArtistTable.id)
    return ArtistTable.select(ArtistTable.id, ArtistTable.name, ArtistTable.sort_name, albums, tracks)


class ArtistRepository:
    """Artists by the name they are sorted by."""

    def __init__(self, database: LibraryDatabase) -> None:
        self._database = database

    def list(self, *, limit: int | None = None) -> Iterator[Artist]:
        """The artists one by one, all or the first `limit`."""
        query = _query().order_by(ArtistTable.sort_key, ArtistTable.id).limit(limit)
        return (Artist(*row) for row in self._database.stream(*query.sql()))

    def by_ids(self, ids: Sequence[int]) -> tuple[Artist, ...]:
        """These artists in the order of `ids`; those that are not there are left out."""
        found: dict[int, Artist] = {}
        for start in range(0, len(ids), CHUNK):
            rows = self._database.all(*_query().where(ArtistTable.id.in_(ids[start : start + CHUNK])).sql())
            found |= {row[0]: Artist(*row) for row in rows}
        return tuple(found[number] for number in ids if number in found)
