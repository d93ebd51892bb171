"""Plays that a server is still to hear of, kept until it has taken them."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping

from auralis_cli.db.connection import LibraryDatabase
from auralis_cli.db.in_lists import marks
from auralis_cli.model.listens import MOST_QUEUED, Listen, ListenCounts, listen_text

_LONGEST_ERROR = 1000
# `attempts` counts those that the server refused: a line that is down is no fault of a listen.
_COUNTS = """
SELECT coalesce(sum(attempts = 0), 0), coalesce(sum(attempts > 0), 0), min(listened_at),
(SELECT last_error FROM listens WHERE last_error IS NOT NULL ORDER BY attempts, id LIMIT 1) FROM listens
"""
_OLDEST = """
DELETE FROM listens WHERE id IN (SELECT id FROM listens ORDER BY listened_at DESC, id DESC LIMIT -1 OFFSET ?)
"""


class ListenRepository:
    """The queue of listens, the oldest first."""

    def __init__(self, database: LibraryDatabase) -> None:
        self._database = database

    def add(self, listened_at: int, track_id: int | None, metadata: Mapping[str, object]) -> bool:
        """Queues one, unless the same is queued; where too many wait, the oldest go. Whether it is new."""
        with self._database.write():
            added = self._database.run(
                "INSERT OR IGNORE INTO listens (listened_at, track_id, payload) VALUES (?, ?, ?)",
                (listened_at, track_id, listen_text(metadata)),
            )
            self._database.run(_OLDEST, (MOST_QUEUED,))
        return added > 0

    def waiting(self, limit: int, *, refused_too: bool = False, behind: Listen | None = None) -> tuple[Listen, ...]:
        """The next ones to be told, `behind` that one."""
        after = (-1, 0) if behind is None else (behind.listened_at, behind.id)
        rows = self._database.all(
            "SELECT id, listened_at, payload, last_error FROM listens "
            "WHERE (attempts = 0 OR ?) AND (listened_at, id) > (?, ?) ORDER BY listened_at, id LIMIT ?",
            (refused_too, *after, limit),
        )
        return tuple(Listen(row[0], row[1], json.loads(row[2]), row[3]) for row in rows)

    def remove(self, ids: Collection[int]) -> int:
        """Forgets those that were taken; how many there were."""
        return self._database.run(f"DELETE FROM listens WHERE id IN ({marks(len(ids))})", tuple(ids))

    def failed(self, ids: Collection[int], why: str, *, refused: bool) -> None:
        """Notes why they were not taken."""
        self._database.run(
            f"UPDATE listens SET attempts = attempts + ?, last_error = ? WHERE id IN ({marks(len(ids))})",
            (int(refused), why[:_LONGEST_ERROR], *ids),
        )

    def clear(self, *, refused_only: bool = False) -> int:
        """Forgets them; how many there were."""
        return self._database.run("DELETE FROM listens WHERE attempts >= ?", (int(refused_only),))

    def counts(self) -> ListenCounts:
        """How many there are."""
        row = self._database.one(_COUNTS)
        assert row is not None
        return ListenCounts(*row)
