"""Albums that are told by their folder, when the folder gets another place."""

from __future__ import annotations

import os

from auralis_cli.db.album_rows import refresh_albums
from auralis_cli.db.connection import LibraryDatabase
from auralis_cli.model.album_grouping import album_key
from auralis_cli.model.library import TrackTags

# A track of each album that has some of them there; any will do.
_ALBUMS = """
SELECT a.id, a.key, t.album, t.albumartist, t.compilation, t.year, coalesce(sheet.path, f.path)
FROM files AS f
JOIN tracks AS t ON t.file_id = f.id
JOIN albums AS a ON a.id = t.album_id
LEFT JOIN files AS sheet ON sheet.id = t.sheet_id
WHERE f.path >= ? AND f.path < ? AND t.mb_album_id IS NULL
GROUP BY a.id
"""


def rekey_albums(database: LibraryDatabase, source: bytes, target: bytes) -> None:
    """Lets the albums below `target` be found there, whose files were below `source`. In a transaction."""
    keys: dict[int, str] = {}
    for album_id, key, album, albumartist, compilation, year, path in database.all(
        _ALBUMS, (target + b"/", target + b"0")
    ):
        tags = TrackTags(album=album, albumartist=albumartist, compilation=bool(compilation), year=year)
        new_key = album_key(tags, os.fsdecode(path))
        if new_key is not None and album_key(tags, os.fsdecode(source + path[len(target) :])) == key != new_key:
            keys[album_id] = new_key
    # Aside first: one's old key may be another's new one.
    database.run_many("UPDATE albums SET key = 'moving ' || id WHERE id = ?", [(album_id,) for album_id in keys])
    touched: set[int] = set()
    for album_id, key in keys.items():
        there = database.one("SELECT id FROM albums WHERE key = ?", (key,))
        if there is None:
            database.run("UPDATE albums SET key = ? WHERE id = ?", (key, album_id))
        else:
            database.run("UPDATE tracks SET album_id = ? WHERE album_id = ?", (there[0], album_id))
            touched |= {album_id, there[0]}
    refresh_albums(database, touched)
