"""How tracks and files leave the library: with the albums, artists and genres that nothing else names."""

from __future__ import annotations

from collections.abc import Collection

from auralis_cli.db.album_rows import refresh_albums
from auralis_cli.db.connection import LibraryDatabase
from auralis_cli.db.in_lists import CHUNK, marks
from auralis_cli.db.name_rows import ARTISTS, GENRES


def remove_tracks(database: LibraryDatabase, ids: Collection[int]) -> None:
    """Removes tracks; their files stay known."""
    _remove(database, "tracks", "id", ids)


def remove_tracks_of(database: LibraryDatabase, file_ids: Collection[int]) -> None:
    """Removes files with their tracks."""
    _remove(database, "files", "file_id", file_ids)


def _remove(database: LibraryDatabase, table: str, column: str, ids: Collection[int]) -> None:
    ordered = sorted(ids)
    with database.write():
        for start in range(0, len(ordered), CHUNK):
            some = ordered[start : start + CHUNK]
            tracks = f"SELECT id FROM tracks WHERE {column} IN ({marks(len(some))})"
            albums = database.all(
                f"SELECT DISTINCT album_id FROM tracks WHERE {column} IN ({marks(len(some))}) AND album_id IS NOT NULL",
                some,
            )
            named = [
                (
                    names,
                    database.all(
                        f"SELECT DISTINCT {names.column} FROM {names.links} WHERE track_id IN ({tracks})", some
                    ),
                )
                for names in (ARTISTS, GENRES)
            ]
            database.run(f"DELETE FROM {table} WHERE id IN ({marks(len(some))})", some)
            refresh_albums(database, [row[0] for row in albums])
            for names, rows in named:
                names.drop_unused(database, [row[0] for row in rows])
