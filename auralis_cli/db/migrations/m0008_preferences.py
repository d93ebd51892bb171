"""Version 8: what was chosen for masters, of which preferences are learnt."""

from __future__ import annotations

from auralis_cli.db.migration import Migration

# A row for each choice. No id is used again: what is forgotten may come back, beside what was chosen since.
_OBSERVED = """
CREATE TABLE preferences_observed (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    observed_at INTEGER NOT NULL CHECK (observed_at >= 0),
    kind TEXT NOT NULL CHECK (length(kind) BETWEEN 1 AND 100),
    content_key TEXT CHECK (length(content_key) BETWEEN 1 AND 250),
    weight REAL NOT NULL CHECK (weight BETWEEN 0.5 AND 1.5),
    preset TEXT CHECK (length(preset) BETWEEN 1 AND 200),
    intensity REAL CHECK (intensity BETWEEN 0 AND 1),
    tilt_db REAL CHECK (tilt_db BETWEEN -3 AND 3),
    width_db REAL CHECK (width_db BETWEEN -3 AND 3),
    loudness_lu REAL CHECK (loudness_lu BETWEEN -6 AND 6),
    CHECK (coalesce(preset, intensity, tilt_db, width_db, loudness_lu) IS NOT NULL)
) STRICT
"""

PREFERENCES = Migration(
    version=8,
    name="preferences",
    statements=(_OBSERVED, "CREATE INDEX preferences_observed_at ON preferences_observed (observed_at)"),
)
