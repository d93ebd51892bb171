"""All that was measured of contents, as bytes: mastering need not measure again (`services/stored_analysis.py`)."""

from __future__ import annotations

from collections.abc import Iterable

from auralis_cli.db.connection import LibraryDatabase

_PUT = """
INSERT INTO analyses (content_key, version, body, computed_at) VALUES (?, ?, ?, ?)
ON CONFLICT (content_key) DO UPDATE SET
    version = excluded.version, body = excluded.body, computed_at = excluded.computed_at
WHERE (version, body) IS NOT (excluded.version, excluded.body)
"""


class AnalysisRepository:
    """Bytes and their version, by content; what they say is not the store's to know."""

    def __init__(self, database: LibraryDatabase) -> None:
        self._database = database

    def put(self, items: Iterable[tuple[str, bytes]], *, version: int, now: int) -> None:
        """Stores the analysis of each content key."""
        self._database.run_many(_PUT, [(key, version, body, now) for key, body in items])

    def get(self, content_key: str, *, version: int) -> bytes | None:
        """The analysis of a content, None where there is none of this version."""
        row = self._database.one(
            "SELECT body FROM analyses WHERE content_key = ? AND version = ?", (content_key, version)
        )
        return None if row is None else bytes(row[0])
