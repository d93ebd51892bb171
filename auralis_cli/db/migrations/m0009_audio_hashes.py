"""Version 9: what proves that two files hold the same audio; until now a look at some of it was enough."""

from __future__ import annotations

from auralis_cli.db.migration import Migration

_HASHES = """
CREATE TABLE audio_hashes (
    id INTEGER PRIMARY KEY,
    content_id TEXT NOT NULL UNIQUE CHECK (length(content_id) BETWEEN 1 AND 200),
    quick_id TEXT NOT NULL CHECK (length(quick_id) BETWEEN 1 AND 200),
    audio_hash TEXT NOT NULL CHECK (length(audio_hash) BETWEEN 1 AND 200)
) STRICT
"""
# Files that were taken for the same without proof are read by the next scan, which tells them apart if they are not.
# The figures of all others stay with them.
_READ_AGAIN = """
UPDATE files SET mtime_ns = 0 WHERE kind = 'audio' AND content_id IN (
    SELECT content_id FROM files WHERE kind = 'audio' AND content_id IS NOT NULL
    GROUP BY content_id HAVING count(*) > 1
)
"""

AUDIO_HASHES = Migration(
    version=9,
    name="audio hashes",
    statements=(_HASHES, "CREATE INDEX audio_hashes_quick ON audio_hashes (quick_id)", _READ_AGAIN),
)
