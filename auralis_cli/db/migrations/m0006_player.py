"""Version 6: what the player keeps beside its queue: edits to be made again, settings, and tags of templates."""

from __future__ import annotations

from auralis_cli.db.migration import Migration

# The edits that were taken back, each with the queue after it, as `queue_history` has the one before.
_QUEUE_REDO = """
CREATE TABLE queue_redo (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    operation TEXT NOT NULL CHECK (length(operation) BETWEEN 1 AND 40),
    snapshot_id INTEGER NOT NULL UNIQUE REFERENCES queue_snapshots (id) ON DELETE CASCADE,
    created_at INTEGER NOT NULL
) STRICT
"""
_TEMPLATE_TAGS = """
CREATE TABLE queue_template_tags (
    id INTEGER PRIMARY KEY,
    template_id INTEGER NOT NULL REFERENCES queue_templates (id) ON DELETE CASCADE,
    key TEXT NOT NULL CHECK (length(key) BETWEEN 1 AND 1000),
    name TEXT NOT NULL CHECK (length(name) BETWEEN 1 AND 500),
    UNIQUE (template_id, key)
) STRICT
"""
# One row: how the last player was set, and whether it played when it was last heard of.
_PLAYER_STATE = """
CREATE TABLE player_state (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    volume REAL NOT NULL CHECK (volume BETWEEN 0 AND 100),
    is_muted INTEGER NOT NULL CHECK (is_muted IN (0, 1)),
    is_enhanced INTEGER NOT NULL CHECK (is_enhanced IN (0, 1)),
    preset TEXT NOT NULL CHECK (length(preset) BETWEEN 1 AND 100),
    intensity REAL NOT NULL CHECK (intensity BETWEEN 0 AND 1),
    normalize TEXT NOT NULL CHECK (normalize IN ('off', 'track', 'album', 'smart')),
    consume INTEGER NOT NULL CHECK (consume IN (0, 1)),
    stop_after_current INTEGER NOT NULL CHECK (stop_after_current IN (0, 1)),
    crossfade_s REAL NOT NULL CHECK (crossfade_s BETWEEN 0 AND 3600),
    was_playing INTEGER NOT NULL CHECK (was_playing IN (0, 1)),
    updated_at INTEGER NOT NULL
) STRICT
"""

PLAYER = Migration(version=6, name="player", statements=(_QUEUE_REDO, _TEMPLATE_TAGS, _PLAYER_STATE))
