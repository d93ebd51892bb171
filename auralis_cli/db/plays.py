"""What was played and how it is rated; the counts of a track change with its plays."""

from __future__ import annotations

import math

from auralis_cli.db.connection import LibraryDatabase
from auralis_cli.db.track_listing import TRACK_COLUMNS, TRACK_TABLES, track_of
from auralis_cli.errors import UsageError
from auralis_cli.model.plays import Play, PlayCounts, PlayOutcome

BEST_RATING = 5.0

_COUNT = """
INSERT INTO track_stats (track_id, play_count, skip_count, last_played_at) VALUES (?1, ?2, ?3, ?4)
ON CONFLICT (track_id) DO UPDATE SET
    play_count = play_count + ?2,
    skip_count = skip_count + ?3,
    last_played_at = max(coalesce(last_played_at, ?4), ?4)
"""


class PlayRepository:
    """The history of plays, and ratings."""

    def __init__(self, database: LibraryDatabase) -> None:
        self._database = database

    def record(self, track_id: int, *, started_at: int, played_s: float, outcome: PlayOutcome) -> None:
        """Adds a play. One that finished counts as played, one that was skipped as skipped."""
        with self._database.write():
            self._check_track(track_id)
            self._database.run(
                "INSERT INTO plays (track_id, started_at, played_s, outcome) VALUES (?, ?, ?, ?)",
                (track_id, started_at, played_s, outcome.value),
            )
            finished, skipped = outcome is PlayOutcome.FINISHED, outcome is PlayOutcome.SKIPPED
            self._database.run(_COUNT, (track_id, int(finished), int(skipped), started_at))

    def rate(self, track_id: int, rating: float | None) -> None:
        """Rates a track from 0 to 5; None takes the rating away."""
        if rating is not None and not (math.isfinite(rating) and 0.0 <= rating <= BEST_RATING):
            raise UsageError(f"{rating:g}", f"a rating is a number from 0 to {BEST_RATING:g}")
        with self._database.write():
            self._check_track(track_id)
            self._database.run(
                "INSERT INTO track_stats (track_id, rating) VALUES (?, ?) "
                "ON CONFLICT (track_id) DO UPDATE SET rating = excluded.rating",
                (track_id, rating),
            )

    def history(self, *, limit: int, before: Play | None = None) -> tuple[Play, ...]:
        """A page of plays, the latest first; the next one begins `before` the last of this."""
        after = (math.inf, 0) if before is None else (before.started_at, before.id)
        rows = self._database.all(
            f"SELECT y.id, y.started_at, y.played_s, y.outcome, {TRACK_COLUMNS} "
            f"FROM plays AS y CROSS JOIN {TRACK_TABLES} WHERE t.id = y.track_id AND (y.started_at, y.id) < (?, ?) "
            "ORDER BY y.started_at DESC, y.id DESC LIMIT ?",
            (*after, limit),
        )
        return tuple(Play(row[0], track_of(row[4:]), row[1], row[2], PlayOutcome(row[3])) for row in rows)

    def counts(self) -> PlayCounts:
        """All plays together."""
        row = self._database.one(
            "SELECT count(*), count(DISTINCT track_id), coalesce(sum(played_s), 0.0), "
            "(SELECT count(*) FROM track_stats WHERE rating IS NOT NULL) FROM plays"
        )
        assert row is not None
        return PlayCounts(*row)

    def _check_track(self, track_id: int) -> None:
        if self._database.one("SELECT 1 FROM tracks WHERE id = ?", (track_id,)) is None:
            raise UsageError(str(track_id), "the library has no such track")
