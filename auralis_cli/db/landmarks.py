"""Landmarks, by content."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from auralis_cli.db.connection import LibraryDatabase
from auralis_cli.db.in_lists import rows_in
from auralis_cli.db.sql import Sql
from auralis_cli.model.landmarks import LANDMARKS_VERSION, Landmarks

_PUT = """
INSERT INTO landmarks (content_key, version, words, valid, computed_at) VALUES (?, ?, ?, ?, ?)
ON CONFLICT (content_key) DO UPDATE SET
    version = excluded.version, words = excluded.words, valid = excluded.valid, computed_at = excluded.computed_at
WHERE (version, words, valid) IS NOT (excluded.version, excluded.words, excluded.valid)
"""
# What is damaged is as good as not there.
_IS_WHOLE = "length(words) % 4 = 0 AND length(valid) = (length(words) / 4 + 7) / 8"


def without_landmarks() -> Sql:
    """The condition that those of a track's content, even that it has none, are not known."""
    known = f"SELECT 1 FROM landmarks AS k WHERE k.content_key = t.content_key AND k.version = ? AND {_IS_WHOLE}"
    return Sql(f"NOT EXISTS ({known})", (LANDMARKS_VERSION,))


class LandmarkRepository:
    """By what recordings are known again. What was looked for and had none is not given out."""

    def __init__(self, database: LibraryDatabase) -> None:
        self._database = database

    def put(self, items: Iterable[tuple[str, Landmarks]], *, now: int) -> None:
        """Stores what was found of each content key; Landmarks of no words say that there are none to be found."""
        self._database.run_many(_PUT, [(key, LANDMARKS_VERSION, marks.words, marks.valid, now) for key, marks in items])

    def get(self, keys: Sequence[str], *, also_none: bool = False) -> dict[str, Landmarks]:
        """The landmarks of contents, of those that have some; `also_none`: and of those known to have none."""
        least = 0 if also_none else 1
        rows = rows_in(
            self._database,
            "SELECT content_key, words, valid FROM landmarks "
            f"WHERE content_key IN ({{marks}}) AND version = ? AND length(words) >= ? AND {_IS_WHOLE}",
            keys,
            then=(LANDMARKS_VERSION, least),
        )
        return {key: Landmarks(words, valid) for key, words, valid in rows}

    def stream(self) -> Iterator[tuple[str, Landmarks]]:
        """All of them, in the order of keys: only for what may be longer than memory should hold."""
        rows = self._database.stream(
            "SELECT content_key, words, valid FROM landmarks WHERE version = ? AND length(words) > 0 "
            f"AND {_IS_WHOLE} ORDER BY content_key",
            (LANDMARKS_VERSION,),
        )
        return ((key, Landmarks(words, valid)) for key, words, valid in rows)
