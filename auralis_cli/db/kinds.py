"""Genres and moods by content: what the user's own tags call what is fingerprinted."""

from __future__ import annotations

from collections import Counter

from auralis_cli.db.connection import LibraryDatabase
from auralis_cli.db.track_rows import BETWEEN_KINDS
from auralis_cli.model.album_grouping import fold
from auralis_cli.model.fingerprint import FINGERPRINT_VERSION

_GENRES = """
SELECT p.id, n.name
FROM fingerprints AS p CROSS JOIN tracks AS t ON t.content_key = p.content_key
JOIN track_genres AS k ON k.track_id = t.id JOIN genres AS n ON n.id = k.genre_id
WHERE p.version = ? ORDER BY p.id, t.id, k.position
"""
_MOODS = """
SELECT p.id, t.mood
FROM fingerprints AS p CROSS JOIN tracks AS t ON t.content_key = p.content_key
WHERE p.version = ? AND t.mood IS NOT NULL ORDER BY p.id, t.id
"""

# Of a fingerprint by its id: the names, each once, in one spelling.
KindsOfContents = dict[int, tuple[str, ...]]


class KindRepository:
    """What kind of music contents are, as tagged."""

    def __init__(self, database: LibraryDatabase) -> None:
        self._database = database

    def genres(self) -> KindsOfContents:
        """The genres of each fingerprint that has a track with any."""
        found: dict[int, dict[str, None]] = {}
        for number, name in self._database.stream(_GENRES, (FINGERPRINT_VERSION,)):
            found.setdefault(number, {})[name] = None
        return {number: tuple(names) for number, names in found.items()}

    def moods(self) -> KindsOfContents:
        """The moods of each fingerprint that has a track with any; of several spellings, the commonest."""
        found: dict[int, dict[str, None]] = {}
        spellings: dict[str, Counter[str]] = {}
        for number, text in self._database.stream(_MOODS, (FINGERPRINT_VERSION,)):
            for name in text.split(BETWEEN_KINDS):
                key = fold(name) or name
                found.setdefault(number, {})[key] = None
                spellings.setdefault(key, Counter())[name] += 1
        names = {key: min(counts, key=lambda one: (-counts[one], one)) for key, counts in spellings.items()}
        return {number: tuple(names[key] for key in keys) for number, keys in found.items()}
