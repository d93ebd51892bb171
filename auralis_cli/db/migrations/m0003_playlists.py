"""Version 3: playlists, and the queue with its history and templates."""

from __future__ import annotations

from auralis_cli.db.migration import Migration

_PLAYLISTS = """
CREATE TABLE playlists (
    id INTEGER PRIMARY KEY,
    key TEXT NOT NULL UNIQUE CHECK (length(key) BETWEEN 1 AND 1000),
    name TEXT NOT NULL CHECK (length(name) BETWEEN 1 AND 500),
    kind TEXT NOT NULL CHECK (kind IN ('static', 'smart')),
    query TEXT CHECK ((query IS NOT NULL) = (kind = 'smart')),
    description TEXT CHECK (length(description) <= 4000),
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
) STRICT
"""
# `position` orders and has gaps, so that an entry in the middle does not renumber what follows.
_PLAYLIST_ENTRIES = """
CREATE TABLE playlist_entries (
    id INTEGER PRIMARY KEY,
    playlist_id INTEGER NOT NULL REFERENCES playlists (id) ON DELETE CASCADE,
    position INTEGER NOT NULL,
    track_id INTEGER REFERENCES tracks (id) ON DELETE SET NULL,
    path BLOB NOT NULL CHECK (length(path) > 0),
    cue_number INTEGER NOT NULL DEFAULT 0 CHECK (cue_number BETWEEN 0 AND 999),
    title TEXT CHECK (length(title) <= 1000),
    artist TEXT CHECK (length(artist) <= 1000),
    duration_s REAL CHECK (duration_s BETWEEN 0 AND 1e9),
    UNIQUE (playlist_id, position)
) STRICT
"""
# What a queue is at one time: the one that plays, those before it, those kept under a name. An edit makes a new one.
_QUEUE_SNAPSHOTS = """
CREATE TABLE queue_snapshots (
    id INTEGER PRIMARY KEY,
    length INTEGER NOT NULL CHECK (length >= 0),
    current_index INTEGER NOT NULL,
    position_s REAL NOT NULL CHECK (position_s BETWEEN 0 AND 1e9),
    repeat TEXT NOT NULL CHECK (repeat IN ('off', 'all', 'one')),
    shuffled INTEGER NOT NULL CHECK (shuffled IN (0, 1)),
    CHECK ((length = 0 AND current_index = -1) OR (current_index >= 0 AND current_index < length))
) STRICT
"""
_QUEUE_ITEMS = """
CREATE TABLE queue_items (
    id INTEGER PRIMARY KEY,
    snapshot_id INTEGER NOT NULL REFERENCES queue_snapshots (id) ON DELETE CASCADE,
    position INTEGER NOT NULL CHECK (position >= 0),
    unshuffled_position INTEGER CHECK (unshuffled_position >= 0),
    ticket INTEGER NOT NULL CHECK (ticket >= 1),
    track_id INTEGER REFERENCES tracks (id) ON DELETE SET NULL,
    path BLOB NOT NULL CHECK (length(path) > 0),
    cue_number INTEGER NOT NULL DEFAULT 0 CHECK (cue_number BETWEEN 0 AND 999),
    UNIQUE (snapshot_id, position)
) STRICT
"""
_QUEUE_STATE = """
CREATE TABLE queue_state (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    snapshot_id INTEGER NOT NULL UNIQUE REFERENCES queue_snapshots (id) ON DELETE RESTRICT,
    updated_at INTEGER NOT NULL
) STRICT
"""
_QUEUE_HISTORY = """
CREATE TABLE queue_history (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    operation TEXT NOT NULL
        CHECK (operation IN ('set', 'add', 'remove', 'move', 'shuffle', 'unshuffle', 'clear', 'template')),
    snapshot_id INTEGER NOT NULL UNIQUE REFERENCES queue_snapshots (id) ON DELETE CASCADE,
    created_at INTEGER NOT NULL
) STRICT
"""
_QUEUE_TEMPLATES = """
CREATE TABLE queue_templates (
    id INTEGER PRIMARY KEY,
    key TEXT NOT NULL UNIQUE CHECK (length(key) BETWEEN 1 AND 1000),
    name TEXT NOT NULL CHECK (length(name) BETWEEN 1 AND 500),
    snapshot_id INTEGER NOT NULL UNIQUE REFERENCES queue_snapshots (id) ON DELETE CASCADE,
    load_count INTEGER NOT NULL DEFAULT 0 CHECK (load_count >= 0),
    loaded_at INTEGER,
    created_at INTEGER NOT NULL
) STRICT
"""

# An entry outlives its track: it knows the file's path, is told at the end what the track was called, and is the
# track's again when there is one under that path.
_TRACK_GOES = """
CREATE TRIGGER playlist_entries_outlive BEFORE DELETE ON tracks BEGIN
    UPDATE playlist_entries SET title = old.title, artist = old.artist, duration_s = old.duration_s
    WHERE track_id = old.id;
END
"""
_TRACK_COMES = """
CREATE TRIGGER {table}_find AFTER INSERT ON tracks
WHEN EXISTS (SELECT 1 FROM {table} WHERE track_id IS NULL)
BEGIN
    UPDATE {table} SET track_id = new.id
    WHERE track_id IS NULL AND cue_number = new.cue_number
        AND path = (SELECT path FROM files WHERE id = new.file_id);
END
"""
_FILE_MOVES = """
CREATE TRIGGER {table}_follow AFTER UPDATE OF path ON files WHEN old.path <> new.path BEGIN
    UPDATE {table} SET path = new.path WHERE track_id IN (SELECT id FROM tracks WHERE file_id = new.id);
    UPDATE {table} SET track_id =
        (SELECT id FROM tracks WHERE file_id = new.id AND cue_number = {table}.cue_number)
    WHERE track_id IS NULL AND path = new.path;
END
"""

PLAYLISTS = Migration(
    version=3,
    name="playlists",
    statements=(
        _PLAYLISTS,
        _PLAYLIST_ENTRIES,
        _QUEUE_SNAPSHOTS,
        _QUEUE_ITEMS,
        _QUEUE_STATE,
        _QUEUE_HISTORY,
        _QUEUE_TEMPLATES,
        "CREATE INDEX playlist_entries_track ON playlist_entries (track_id) WHERE track_id IS NOT NULL",
        "CREATE INDEX playlist_entries_lost ON playlist_entries (path) WHERE track_id IS NULL",
        "CREATE INDEX queue_items_track ON queue_items (track_id) WHERE track_id IS NOT NULL",
        "CREATE INDEX queue_items_lost ON queue_items (path) WHERE track_id IS NULL",
        _TRACK_GOES,
        *(
            trigger.format(table=table)
            for table in ("playlist_entries", "queue_items")
            for trigger in (_TRACK_COMES, _FILE_MOVES)
        ),
    ),
)
