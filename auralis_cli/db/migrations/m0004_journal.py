"""Version 4: what was done, and how it is taken back."""

from __future__ import annotations

from auralis_cli.db.migration import Migration

# `undone` entries were taken back; `undo` of what undid another names that one.
_JOURNAL = """
CREATE TABLE journal (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    verb TEXT NOT NULL CHECK (length(verb) BETWEEN 1 AND 100),
    summary TEXT NOT NULL CHECK (length(summary) <= 4000),
    started_at INTEGER NOT NULL,
    finished_at INTEGER,
    state TEXT NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'done', 'undone')),
    undone_at INTEGER CHECK ((undone_at IS NOT NULL) = (state = 'undone'))
) STRICT
"""
# A row as it was before the change, packed; NULL where there was none.
_JOURNAL_ROWS = """
CREATE TABLE journal_rows (
    id INTEGER PRIMARY KEY,
    entry_id INTEGER NOT NULL REFERENCES journal (id) ON DELETE CASCADE,
    table_name TEXT NOT NULL,
    row_id INTEGER NOT NULL,
    operation TEXT NOT NULL CHECK (operation IN ('insert', 'update', 'delete')),
    before TEXT CHECK ((before IS NULL) = (operation = 'insert'))
) STRICT
"""
# Written before the file is touched; `done` once it was.
_JOURNAL_FILES = """
CREATE TABLE journal_files (
    id INTEGER PRIMARY KEY,
    entry_id INTEGER NOT NULL REFERENCES journal (id) ON DELETE CASCADE,
    operation TEXT NOT NULL CHECK (operation IN ('trashed', 'created', 'moved', 'rewritten')),
    path BLOB NOT NULL CHECK (length(path) > 0),
    other_path BLOB,
    size_bytes INTEGER,
    mtime_ns INTEGER,
    digest TEXT,
    state TEXT NOT NULL DEFAULT 'intended' CHECK (state IN ('intended', 'done', 'undone'))
) STRICT
"""

JOURNAL = Migration(
    version=4,
    name="journal",
    statements=(
        _JOURNAL,
        _JOURNAL_ROWS,
        _JOURNAL_FILES,
        "CREATE INDEX journal_rows_entry ON journal_rows (entry_id)",
        "CREATE INDEX journal_files_entry ON journal_files (entry_id)",
    ),
)
