"""The albums of the library, each told from all its tracks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import peewee as pw

from auralis_cli.db.connection import LibraryDatabase, Row
from auralis_cli.db.in_lists import CHUNK
from auralis_cli.db.schema import AlbumTable, TrackTable
from auralis_cli.model.library import Album

_OF_ALBUM = TrackTable.album_row == AlbumTable.id


def _query() -> pw.ModelSelect[AlbumTable]:
    # Counted album by album, from an index: a listing of few does not read all.
    tracks = TrackTable.select(pw.fn.COUNT(TrackTable.id)).where(_OF_ALBUM)
    discs = TrackTable.select(pw.fn.COUNT(pw.fn.DISTINCT(TrackTable.disc))).where(_OF_ALBUM)
    duration_s = TrackTable.select(pw.fn.TOTAL(TrackTable.duration_s)).where(_OF_ALBUM)
    about = (AlbumTable.id, AlbumTable.title, AlbumTable.albumartist, AlbumTable.year)
    return AlbumTable.select(*about, tracks, discs, duration_s, AlbumTable.compilation, AlbumTable.added_at)


class AlbumRepository:
    """Albums in the order of a shelf: by who made them, year and title."""

    def __init__(self, database: LibraryDatabase) -> None:
        self._database = database

    def list(self, *, limit: int | None = None) -> Iterator[Album]:
        """The albums one by one, all or the first `limit`."""
        query = _query().order_by(AlbumTable.artist_key, AlbumTable.year, AlbumTable.title_key, AlbumTable.id)
        return map(_album, self._database.stream(*query.limit(limit).sql()))

    def get(self, album_id: int) -> Album | None:
        """One album, None where there is none of that id."""
        row = self._database.one(*_query().where(AlbumTable.id == album_id).sql())
        return None if row is None else _album(row)

    def by_ids(self, ids: Sequence[int]) -> tuple[Album, ...]:
        """These albums in the order of `ids`; those that are not there are left out."""
        found: dict[int, Album] = {}
        for start in range(0, len(ids), CHUNK):
            some = ids[start : start + CHUNK]
            rows = self._database.all(*_query().where(AlbumTable.id.in_(some)).sql())
            found |= {row[0]: _album(row) for row in rows}
        return tuple(found[number] for number in ids if number in found)


def _album(row: Row) -> Album:
    number, title, albumartist, year, tracks, discs, duration_s, compilation, added_at = row
    return Album(number, title, albumartist, year, tracks, discs, duration_s, bool(compilation), added_at)
