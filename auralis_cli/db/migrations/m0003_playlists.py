"""Version 3: playlists, and the queue with its history and templates."""

from __future__ import annotations

from auralis_cli.db.migration import Migration

# An entry outlives its track: it keeps the path and what it was called.
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
_QUEUE_STATE = """
CREATE TABLE queue_state (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    length INTEGER NOT NULL CHECK (length >= 0),
    current_index INTEGER NOT NULL,
    position_s REAL NOT NULL DEFAULT 0 CHECK (position_s BETWEEN 0 AND 1e9),
    repeat TEXT NOT NULL DEFAULT 'off' CHECK (repeat IN ('off', 'all', 'one')),
    shuffled INTEGER NOT NULL DEFAULT 0 CHECK (shuffled IN (0, 1)),
    updated_at INTEGER NOT NULL,
    CHECK ((length = 0 AND current_index = -1) OR (current_index >= 0 AND current_index < length))
) STRICT
"""
_QUEUE_ITEMS = """
CREATE TABLE queue_items (
    id INTEGER PRIMARY KEY,
    position INTEGER NOT NULL UNIQUE,
    track_id INTEGER REFERENCES tracks (id) ON DELETE SET NULL,
    path BLOB NOT NULL CHECK (length(path) > 0),
    cue_number INTEGER NOT NULL DEFAULT 0 CHECK (cue_number BETWEEN 0 AND 999)
) STRICT
"""
_QUEUE_HISTORY = """
CREATE TABLE queue_history (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    operation TEXT NOT NULL CHECK (operation IN ('set', 'add', 'remove', 'move', 'shuffle', 'clear', 'restore')),
    current_index INTEGER NOT NULL,
    repeat TEXT NOT NULL CHECK (repeat IN ('off', 'all', 'one')),
    shuffled INTEGER NOT NULL CHECK (shuffled IN (0, 1)),
    created_at INTEGER NOT NULL
) STRICT
"""
_QUEUE_HISTORY_ITEMS = """
CREATE TABLE queue_history_items (
    id INTEGER PRIMARY KEY,
    history_id INTEGER NOT NULL REFERENCES queue_history (id) ON DELETE CASCADE,
    position INTEGER NOT NULL,
    track_id INTEGER REFERENCES tracks (id) ON DELETE SET NULL,
    path BLOB NOT NULL CHECK (length(path) > 0),
    cue_number INTEGER NOT NULL DEFAULT 0 CHECK (cue_number BETWEEN 0 AND 999),
    UNIQUE (history_id, position)
) STRICT
"""
_QUEUE_TEMPLATES = """
CREATE TABLE queue_templates (
    id INTEGER PRIMARY KEY,
    key TEXT NOT NULL UNIQUE CHECK (length(key) BETWEEN 1 AND 1000),
    name TEXT NOT NULL CHECK (length(name) BETWEEN 1 AND 500),
    repeat TEXT NOT NULL DEFAULT 'off' CHECK (repeat IN ('off', 'all', 'one')),
    shuffled INTEGER NOT NULL DEFAULT 0 CHECK (shuffled IN (0, 1)),
    load_count INTEGER NOT NULL DEFAULT 0 CHECK (load_count >= 0),
    loaded_at INTEGER,
    created_at INTEGER NOT NULL
) STRICT
"""
_QUEUE_TEMPLATE_ITEMS = """
CREATE TABLE queue_template_items (
    id INTEGER PRIMARY KEY,
    template_id INTEGER NOT NULL REFERENCES queue_templates (id) ON DELETE CASCADE,
    position INTEGER NOT NULL,
    track_id INTEGER REFERENCES tracks (id) ON DELETE SET NULL,
    path BLOB NOT NULL CHECK (length(path) > 0),
    cue_number INTEGER NOT NULL DEFAULT 0 CHECK (cue_number BETWEEN 0 AND 999),
    UNIQUE (template_id, position)
) STRICT
"""

PLAYLISTS = Migration(
    version=3,
    name="playlists",
    statements=(
        _PLAYLISTS,
        _PLAYLIST_ENTRIES,
        _QUEUE_STATE,
        _QUEUE_ITEMS,
        _QUEUE_HISTORY,
        _QUEUE_HISTORY_ITEMS,
        _QUEUE_TEMPLATES,
        _QUEUE_TEMPLATE_ITEMS,
        "CREATE INDEX playlist_entries_track ON playlist_entries (track_id) WHERE track_id IS NOT NULL",
        "CREATE INDEX queue_items_track ON queue_items (track_id) WHERE track_id IS NOT NULL",
        "CREATE INDEX queue_history_items_track ON queue_history_items (track_id) WHERE track_id IS NOT NULL",
        "CREATE INDEX queue_template_items_track ON queue_template_items (track_id) WHERE track_id IS NOT NULL",
    ),
)
