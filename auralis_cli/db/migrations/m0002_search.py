"""Version 2: words found by their beginnings, whatever accents they are written with."""

from __future__ import annotations

from auralis_cli.db.migration import Migration

_COLUMNS = ("title", "artist", "album", "albumartist", "composer", "genre")
_NAMES = ", ".join(_COLUMNS)
_NEW = ", ".join(f"new.{name}" for name in _COLUMNS)
_OLD = ", ".join(f"old.{name}" for name in _COLUMNS)
_CHANGED = " OR ".join(f"old.{name} IS NOT new.{name}" for name in _COLUMNS)

_TABLE = f"""
CREATE VIRTUAL TABLE track_search USING fts5 (
    {_NAMES}, content = 'tracks', content_rowid = 'id', prefix = '1 2 3',
    tokenize = 'unicode61 remove_diacritics 2'
)
"""
_ADDED = f"""
CREATE TRIGGER track_search_added AFTER INSERT ON tracks BEGIN
    INSERT INTO track_search (rowid, {_NAMES}) VALUES (new.id, {_NEW});
END
"""
_REMOVED = f"""
CREATE TRIGGER track_search_removed AFTER DELETE ON tracks BEGIN
    INSERT INTO track_search (track_search, rowid, {_NAMES}) VALUES ('delete', old.id, {_OLD});
END
"""
_RENAMED = f"""
CREATE TRIGGER track_search_changed AFTER UPDATE OF id, {_NAMES} ON tracks
WHEN old.id <> new.id OR {_CHANGED}
BEGIN
    INSERT INTO track_search (track_search, rowid, {_NAMES}) VALUES ('delete', old.id, {_OLD});
    INSERT INTO track_search (rowid, {_NAMES}) VALUES (new.id, {_NEW});
END
"""

SEARCH = Migration(
    version=2,
    name="search",
    statements=(
        _TABLE,
        "INSERT INTO track_search (track_search) VALUES ('rebuild')",
        _ADDED,
        _REMOVED,
        _RENAMED,
    ),
)
