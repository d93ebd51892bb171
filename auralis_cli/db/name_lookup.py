"""Names in the library that begin as a word does, for completion: one quick question, without opening the library.

A library that is not there, is busy or is of another version answers with nothing.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

# More than fit on a screen help nobody.
MOST_NAMES = 200
# A shell waits for the answer.
_BUSY_S = 0.05

# What the names of each kind are, and the column, folded, that tells how they begin.
_TABLES = {
    "playlists": ("playlists", "name", "key"),
    "templates": ("queue_templates", "name", "key"),
    "artist": ("artists", "name", "key"),
    "genre": ("genres", "name", "key"),
    "album": ("albums", "title", "title_key"),
    "albumartist": ("albums", "albumartist", "artist_key"),
}
KINDS = tuple(_TABLES)


def names_like(library: Path, kind: str, begun: str) -> list[str]:
    """The names of `kind` whose folded form begins with `begun`, which is folded; in their order, 200 at most."""
    table, column, key = _TABLES[kind]
    asked = (
        f"SELECT DISTINCT {column} FROM {table} WHERE {key} >= ? AND {key} < ? AND {column} IS NOT NULL "
        f"ORDER BY {key} LIMIT {MOST_NAMES}"
    )
    try:
        # A name with ? or # stands as it is in the address.
        address = f"{library.absolute().as_uri()}?mode=ro"
        with closing(sqlite3.connect(address, uri=True, timeout=_BUSY_S)) as connection:
            return [name for (name,) in connection.execute(asked, (begun, begun + "\U0010ffff"))]
    except sqlite3.Error:
        return []
