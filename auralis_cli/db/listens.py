"""Plays that a server is still to hear of, kept until it has taken them."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping

from auralis_cli.db.connection import LibraryDatabase
from auralis_cli.db.in_lists import marks_for
from auralis_cli.model.listens import MOST_ATTEMPTS, MOST_QUEUED, Listen, ListenCounts, listen_text

_LONGEST_ERROR = 1000
_COUNTS = """
SELECT coalesce(sum(attempts < ?1), 0), coalesce(sum(attempts >= ?1), 0), min(listened_at),
(SELECT last_error FROM listens WHERE last_error IS NOT NULL ORDER BY attempts DESC, id DESC LIMIT 1) FROM listens
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
            self._database.run(
                "DELETE FROM listens WHERE id IN (SELECT id FROM listens ORDER BY listened_at DESC, id DESC "
                "LIMIT -1 OFFSET ?)",
                (MOST_QUEUED,),
            )
        return added > 0

    def waiting(self, limit: int, *, given_up_too: bool = False, behind: Listen | None = None) -> tuple[Listen, ...]:
        """The next ones to be told, `behind` that one; with those that are not tried by themselves any more."""
        after = (-1, 0) if behind is None else (behind.listened_at, behind.id)
        rows = self._database.all(
            "SELECT id, listened_at, payload, attempts, last_error FROM listens "
            "WHERE attempts < ? AND (listened_at, id) > (?, ?) ORDER BY listened_at, id LIMIT ?",
            (2**62 if given_up_too else MOST_ATTEMPTS, *after, limit),
        )
        return tuple(Listen(row[0], row[1], json.loads(row[2]), row[3], row[4]) for row in rows)

    def remove(self, ids: Collection[int]) -> int:
        """Forgets those that were taken; how many there were."""
        return self._database.run(f"DELETE FROM listens WHERE id IN ({marks_for(ids)})", tuple(ids))

    def failed(self, ids: Collection[int], why: str, *, give_up: bool = False) -> None:
        """Notes that they were not taken; with `give_up` they are not tried by themselves any more."""
        self._database.run(
            f"UPDATE listens SET attempts = max(attempts + 1, ?), last_error = ? WHERE id IN ({marks_for(ids)})",
            (MOST_ATTEMPTS if give_up else 0, why[:_LONGEST_ERROR], *ids),
        )

    def clear(self, *, given_up_only: bool = False) -> int:
        """Forgets all of them; how many there were."""
        return self._database.run("DELETE FROM listens WHERE attempts >= ?", (MOST_ATTEMPTS if given_up_only else 0,))

    def counts(self) -> ListenCounts:
        """How many wait."""
        row = self._database.one(_COUNTS, (MOST_ATTEMPTS,))
        assert row is not None
        return ListenCounts(*row)
