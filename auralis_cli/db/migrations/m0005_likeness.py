"""Version 5: what is alike and what is the same: landmarks, stored analyses, neighbours, and what is no duplicate."""

from __future__ import annotations

from auralis_cli.db.migration import Migration

# Uint32, little endian, and one bit a word; by content, as loudness and fingerprints.
_LANDMARKS = """
CREATE TABLE landmarks (
    id INTEGER PRIMARY KEY,
    content_key TEXT NOT NULL UNIQUE CHECK (length(content_key) BETWEEN 1 AND 220),
    version INTEGER NOT NULL CHECK (version >= 1),
    words BLOB NOT NULL,
    valid BLOB NOT NULL,
    computed_at INTEGER NOT NULL
) STRICT
"""
# All that mastering asks of a track, so that it need not be measured again.
_ANALYSES = """
CREATE TABLE analyses (
    id INTEGER PRIMARY KEY,
    content_key TEXT NOT NULL UNIQUE CHECK (length(content_key) BETWEEN 1 AND 220),
    version INTEGER NOT NULL CHECK (version >= 1),
    body BLOB NOT NULL,
    computed_at INTEGER NOT NULL
) STRICT
"""
# Contents that cannot be fingerprinted; they are tried again when they change, or when asked.
_FAILURES = """
CREATE TABLE fingerprint_failures (
    id INTEGER PRIMARY KEY,
    content_key TEXT NOT NULL UNIQUE CHECK (length(content_key) BETWEEN 1 AND 220),
    version INTEGER NOT NULL CHECK (version >= 1),
    code TEXT NOT NULL CHECK (length(code) BETWEEN 1 AND 100),
    why TEXT NOT NULL CHECK (length(why) <= 4000),
    hint TEXT CHECK (length(hint) <= 4000),
    failed_at INTEGER NOT NULL
) STRICT
"""
# Pairs that a user said are no duplicates, the lesser key first.
_NOT_DUPLICATES = """
CREATE TABLE not_duplicates (
    id INTEGER PRIMARY KEY,
    first_key TEXT NOT NULL CHECK (length(first_key) BETWEEN 1 AND 220),
    second_key TEXT NOT NULL CHECK (length(second_key) BETWEEN 1 AND 220),
    noted_at INTEGER NOT NULL,
    CHECK (first_key < second_key),
    UNIQUE (first_key, second_key)
) STRICT
"""
# One row: `revision` is another with every change of a fingerprint, by steps of chance, so that no library that was
# copied or restored and then changed otherwise comes by the same one; the neighbours below are those of
# `graph_revision`, as normalised by `normalisation` (JSON).
_STATE = """
CREATE TABLE similarity_state (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    revision INTEGER NOT NULL,
    normalisation TEXT CHECK (length(normalisation) <= 10000),
    graph_revision INTEGER
) STRICT
"""
# By ids of fingerprints, ten rows each: keys would take five times the room.
_NEIGHBOURS = """
CREATE TABLE neighbours (
    fingerprint_id INTEGER NOT NULL,
    rank INTEGER NOT NULL CHECK (rank >= 1),
    other_id INTEGER NOT NULL,
    distance REAL NOT NULL CHECK (distance BETWEEN 0 AND 1),
    PRIMARY KEY (fingerprint_id, rank)
) STRICT, WITHOUT ROWID
"""
# The ids of fingerprints that came, changed or went since then.
_CHANGES = "CREATE TABLE neighbour_changes (id INTEGER PRIMARY KEY) STRICT"
_OPERATIONS = (("INSERT", "new"), ("UPDATE", "new"), ("DELETE", "old"))
_COUNTS = tuple(
    f"CREATE TRIGGER similarity_state_counts_{operation.lower()} AFTER {operation} ON fingerprints BEGIN "
    "UPDATE similarity_state SET revision = revision + 1 + (random() & 1073741823); END"
    for operation, _ in _OPERATIONS
)
_NOTES = tuple(
    f"CREATE TRIGGER neighbour_changes_note_{operation.lower()} AFTER {operation} ON fingerprints "
    f"WHEN NOT EXISTS (SELECT 1 FROM neighbour_changes WHERE id = {row}.id) BEGIN "
    f"INSERT INTO neighbour_changes (id) VALUES ({row}.id); END"
    for operation, row in _OPERATIONS
)

LIKENESS = Migration(
    version=5,
    name="likeness",
    statements=(
        _LANDMARKS,
        _ANALYSES,
        _FAILURES,
        _NOT_DUPLICATES,
        _STATE,
        "INSERT INTO similarity_state (id, revision) VALUES (1, 0)",
        _NEIGHBOURS,
        "CREATE INDEX neighbours_other ON neighbours (other_id)",
        _CHANGES,
        *_COUNTS,
        *_NOTES,
    ),
)
