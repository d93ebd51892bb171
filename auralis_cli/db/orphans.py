"""Rows that nothing refers to any more: what was measured of contents that are gone, names without tracks."""

from __future__ import annotations

from collections.abc import Collection
from typing import LiteralString

from auralis_cli.db.connection import LibraryDatabase
from auralis_cli.model.cleanup import Orphan

_NO_TRACK = "NOT EXISTS (SELECT 1 FROM tracks WHERE tracks.content_key = {table}.content_key)"
# Table → its name of a row, and what makes that an orphan. Albums come before artists: they name them.
_ORPHANS: dict[str, tuple[LiteralString, LiteralString]] = {
    "loudness": ("content_key", _NO_TRACK),
    "fingerprints": ("content_key", _NO_TRACK),
    "landmarks": ("content_key", _NO_TRACK),
    "analyses": ("content_key", _NO_TRACK),
    "fingerprint_failures": ("content_key", _NO_TRACK),
    "audio_hashes": (
        "content_id",
        "NOT EXISTS (SELECT 1 FROM files WHERE files.content_id = {table}.content_id)",
    ),
    "albums": ("title", "NOT EXISTS (SELECT 1 FROM tracks WHERE tracks.album_id = {table}.id)"),
    "artists": (
        "name",
        "NOT EXISTS (SELECT 1 FROM track_artists WHERE artist_id = {table}.id) "
        "AND NOT EXISTS (SELECT 1 FROM album_artists WHERE artist_id = {table}.id)",
    ),
    "genres": ("name", "NOT EXISTS (SELECT 1 FROM track_genres WHERE genre_id = {table}.id)"),
}
TABLES = tuple(_ORPHANS)


class OrphanRepository:
    """Finds and removes them."""

    def __init__(self, database: LibraryDatabase) -> None:
        self._database = database

    def page(self, table: str, *, after: int = 0, limit: int = 500) -> tuple[Orphan, ...]:
        """Up to `limit` orphans of one of TABLES by id above `after`: pages that deleting does not shift."""
        name, is_orphan = _ORPHANS[table]
        rows = self._database.all(
            f"SELECT id, {name} FROM {table} WHERE id > ? AND {is_orphan.format(table=table)} ORDER BY id LIMIT ?",
            (after, limit),
        )
        return tuple(Orphan(table, number, text) for number, text in rows)

    def remove(self, table: str, ids: Collection[int]) -> None:
        """Removes rows of one of TABLES, those that are orphans still."""
        _, is_orphan = _ORPHANS[table]
        with self._database.write():
            self._database.run_many(
                f"DELETE FROM {table} WHERE id = ? AND {is_orphan.format(table=table)}", [(number,) for number in ids]
            )
