"""Version 7: files whose tags were changed or that were renamed, favourites, and plays that are still to be sent."""

from __future__ import annotations

from auralis_cli.db.migration import Migration

# As in version 4, with two more kinds of change. `place` is where a file lies in the trash, the file from which its
# old bytes are made again, or the name it has now. `before` is JSON: what a rewritten file was, to be that again.
_JOURNAL_FILES = """
CREATE TABLE journal_files_7 (
    id INTEGER PRIMARY KEY,
    entry_id INTEGER NOT NULL REFERENCES journal (id) ON DELETE CASCADE,
    operation TEXT NOT NULL CHECK (operation IN ('trashed', 'created', 'rewritten', 'moved')),
    path BLOB NOT NULL CHECK (length(path) > 0),
    place BLOB CHECK ((place IS NOT NULL) = (operation <> 'created')),
    size_bytes INTEGER CHECK (size_bytes >= 0),
    mtime_ns INTEGER,
    state TEXT NOT NULL DEFAULT 'intended' CHECK (state IN ('intended', 'done', 'undone')),
    before TEXT CHECK ((before IS NOT NULL) = (operation = 'rewritten'))
) STRICT
"""
_COPY = """
INSERT INTO journal_files_7 (id, entry_id, operation, path, place, size_bytes, mtime_ns, state)
SELECT id, entry_id, operation, path, place, size_bytes, mtime_ns, state FROM journal_files
"""
# Of each play that a server is to hear of: what is told, as JSON, until it was taken.
_LISTENS = """
CREATE TABLE listens (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    listened_at INTEGER NOT NULL,
    track_id INTEGER REFERENCES tracks (id) ON DELETE SET NULL,
    payload TEXT NOT NULL CHECK (length(payload) BETWEEN 2 AND 20000),
    attempts INTEGER NOT NULL DEFAULT 0 CHECK (attempts >= 0),
    last_error TEXT CHECK (length(last_error) <= 1000),
    UNIQUE (listened_at, payload)
) STRICT
"""

COLLECTION = Migration(
    version=7,
    name="collection",
    statements=(
        _JOURNAL_FILES,
        _COPY,
        "DROP TABLE journal_files",
        "ALTER TABLE journal_files_7 RENAME TO journal_files",
        "CREATE INDEX journal_files_entry ON journal_files (entry_id)",
        "ALTER TABLE track_stats ADD COLUMN is_favourite INTEGER NOT NULL DEFAULT 0 CHECK (is_favourite IN (0, 1))",
        "CREATE INDEX track_stats_favourite ON track_stats (track_id) WHERE is_favourite = 1",
        _LISTENS,
    ),
    loses_data=True,
)
