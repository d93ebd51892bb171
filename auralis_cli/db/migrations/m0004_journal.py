"""Version 4: what was done, and how it is taken back."""

from __future__ import annotations

from auralis_cli.db.migration import Migration

# An entry is `open` until its command ends, also where that was killed.
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
# What takes back what one transaction (`step`) did to the rows of a table: new rows, those from `row_id` to
# `last_row_id`, are deleted; of changed rows `before` holds the columns that changed, of deleted rows all.
_JOURNAL_ROWS = """
CREATE TABLE journal_rows (
    id INTEGER PRIMARY KEY,
    entry_id INTEGER NOT NULL REFERENCES journal (id) ON DELETE CASCADE,
    step INTEGER NOT NULL CHECK (step >= 1),
    table_name TEXT NOT NULL,
    row_id INTEGER NOT NULL,
    last_row_id INTEGER NOT NULL CHECK (last_row_id >= row_id),
    operation TEXT NOT NULL CHECK (operation IN ('insert', 'update', 'delete')),
    before TEXT CHECK ((before IS NULL) = (operation = 'insert')),
    CHECK (operation = 'insert' OR last_row_id = row_id)
) STRICT
"""
# Written before the file is touched; `done` once it was.
_JOURNAL_FILES = """
CREATE TABLE journal_files (
    id INTEGER PRIMARY KEY,
    entry_id INTEGER NOT NULL REFERENCES journal (id) ON DELETE CASCADE,
    operation TEXT NOT NULL CHECK (operation IN ('trashed', 'created')),
    path BLOB NOT NULL CHECK (length(path) > 0),
    place BLOB CHECK ((place IS NOT NULL) = (operation = 'trashed')),
    size_bytes INTEGER CHECK (size_bytes >= 0),
    mtime_ns INTEGER,
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
        "CREATE INDEX journal_rows_entry ON journal_rows (entry_id, step)",
        "CREATE INDEX journal_rows_place ON journal_rows (table_name, row_id)",
        "CREATE INDEX journal_files_entry ON journal_files (entry_id)",
    ),
)
