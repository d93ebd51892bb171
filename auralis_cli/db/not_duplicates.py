"""Pairs of contents that a user said are no duplicates, however alike."""

from __future__ import annotations

from auralis_cli.db.connection import LibraryDatabase


class NotDuplicateRepository:
    """What was said; the order of a pair says nothing."""

    def __init__(self, database: LibraryDatabase) -> None:
        self._database = database

    def add(self, first: str, second: str, *, now: int) -> None:
        """Remembers that the contents are no duplicates of each other."""
        if first == second:
            raise ValueError("a content is the same as itself")
        self._database.run(
            "INSERT INTO not_duplicates (first_key, second_key, noted_at) VALUES (?, ?, ?) "
            "ON CONFLICT (first_key, second_key) DO NOTHING",
            (*sorted((first, second)), now),
        )

    def remove(self, first: str, second: str) -> bool:
        """Forgets it; whether it was known."""
        changed = self._database.run(
            "DELETE FROM not_duplicates WHERE first_key = ? AND second_key = ?", sorted((first, second))
        )
        return changed > 0

    def all(self) -> set[frozenset[str]]:
        """Every pair."""
        rows = self._database.all("SELECT first_key, second_key FROM not_duplicates")
        return {frozenset(row) for row in rows}
