"""What was played and how it is rated; the counts of a track change with its plays."""

from __future__ import annotations

import json
import math
from collections.abc import Collection, Iterable, Mapping

from auralis_cli.db.connection import LibraryDatabase, Row
from auralis_cli.db.in_lists import rows_in
from auralis_cli.db.track_listing import TRACK_COLUMNS, TRACK_TABLES, track_of
from auralis_cli.errors import UsageError
from auralis_cli.model.plays import BEST_RATING, Liking, PastPlay, Play, PlayCounts, PlayOutcome

_COUNT = """
INSERT INTO track_stats (track_id, play_count, skip_count, last_played_at) VALUES (?1, ?2, ?3, ?4)
ON CONFLICT (track_id) DO UPDATE SET
    play_count = play_count + ?2,
    skip_count = skip_count + ?3,
    last_played_at = max(coalesce(last_played_at, ?4), ?4)
"""
_LIKED = "SELECT track_id, rating, is_favourite, play_count, skip_count, last_played_at FROM track_stats"
# What is counted by how much more it is: it may have been played since it was read.
_LIKE = """
INSERT INTO track_stats (track_id, rating, is_favourite, play_count, skip_count, last_played_at)
VALUES (?1, ?2, ?3, max(?4, 0), max(?5, 0), ?6)
ON CONFLICT (track_id) DO UPDATE SET
    rating = excluded.rating,
    is_favourite = excluded.is_favourite,
    play_count = max(play_count + ?4, 0),
    skip_count = max(skip_count + ?5, 0),
    last_played_at = iif(last_played_at IS ?7, ?6, last_played_at)
"""


class PlayRepository:
    """The history of plays, and how tracks are liked."""

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
        _check_rating(rating)
        with self._database.write():
            self._check_track(track_id)
            self._database.run(
                "INSERT INTO track_stats (track_id, rating) VALUES (?, ?) "
                "ON CONFLICT (track_id) DO UPDATE SET rating = excluded.rating",
                (track_id, rating),
            )

    def likings(self, track_ids: Collection[int]) -> dict[int, Liking]:
        """How tracks are liked; those of which nothing is known are left out."""
        return _likings(rows_in(self._database, f"{_LIKED} WHERE track_id IN ({{marks}})", track_ids))

    def liked(self) -> dict[int, Liking]:
        """All of which something is known, by the id of the track."""
        return _likings(self._database.all(f"{_LIKED} ORDER BY track_id"))

    def make_room(self, track_ids: Iterable[int]) -> None:
        """Sees to it that what is said of these tracks, which have to be there, has its place already.

        Done before a change that says something: undoing that takes back what was said, and no play that was counted
        since.
        """
        self._database.run_many(
            "INSERT INTO track_stats (track_id) VALUES (?) ON CONFLICT (track_id) DO NOTHING",
            [(number,) for number in track_ids],
        )

    def like(self, likings: Mapping[int, tuple[Liking, Liking]]) -> None:
        """Of tracks, which have to be there, how they were liked when that was asked, and how they are to be.

        Plays that were counted in between stay counted.
        """
        for _, liking in likings.values():
            _check_rating(liking.rating)
        self._database.run_many(_LIKE, [(number, *_told(*pair)) for number, pair in likings.items()])

    def add_past(self, plays: Iterable[tuple[int, PastPlay]]) -> None:
        """Adds plays to the history of tracks; what they add up to is left as it is."""
        self._database.run_many(
            "INSERT INTO plays (track_id, started_at, played_s, outcome) VALUES (?, ?, ?, ?)",
            [(number, play.started_at, play.played_s, play.outcome.value) for number, play in plays],
        )

    def past(self, track_ids: Collection[int]) -> dict[int, list[PastPlay]]:
        """The plays of tracks, the first first."""
        found: dict[int, list[PastPlay]] = {}
        select = "SELECT track_id, started_at, played_s, outcome FROM plays"
        rows = rows_in(self._database, f"{select} WHERE track_id IN ({{marks}}) ORDER BY started_at, id", track_ids)
        for number, started_at, played_s, outcome in rows:
            found.setdefault(number, []).append(PastPlay(started_at, played_s, PlayOutcome(outcome)))
        return found

    def history(
        self,
        *,
        limit: int,
        before: Play | None = None,
        of_tracks: Collection[int] | None = None,
        since: float | None = None,
    ) -> tuple[Play, ...]:
        """A page of plays, the latest first; the next one begins `before` the last of this.

        Only those `of_tracks`, and those that began at `since` or later, where that is wanted.
        """
        after = (math.inf, 0) if before is None else (before.started_at, before.id)
        where = ["t.id = y.track_id", "(y.started_at, y.id) < (?, ?)"]
        values: list[float | str] = [*after]
        if since is not None:
            where.append("y.started_at >= ?")
            values.append(since)
        if of_tracks is not None:
            where.append("y.track_id IN (SELECT value FROM json_each(?))")
            values.append(json.dumps(list(of_tracks)))
        rows = self._database.all(
            f"SELECT y.id, y.started_at, y.played_s, y.outcome, {TRACK_COLUMNS} "
            f"FROM plays AS y CROSS JOIN {TRACK_TABLES} WHERE {' AND '.join(where)} "
            "ORDER BY y.started_at DESC, y.id DESC LIMIT ?",
            (*values, limit),
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


def _check_rating(rating: float | None) -> None:
    if rating is not None and not (math.isfinite(rating) and 0.0 <= rating <= BEST_RATING):
        raise UsageError(f"{rating:g}", f"a rating is a number from 0 to {BEST_RATING:g}")


def _told(before: Liking, after: Liking) -> tuple[float | None, ...]:
    return (
        after.rating,
        int(after.favourite),
        after.play_count - before.play_count,
        after.skip_count - before.skip_count,
        after.last_played_at,
        before.last_played_at,
    )


def _likings(rows: Iterable[Row]) -> dict[int, Liking]:
    found = {row[0]: _liking_of(row[1:]) for row in rows}
    nothing = Liking()
    return {number: liking for number, liking in found.items() if liking != nothing}


def _liking_of(row: Row) -> Liking:
    rating, is_favourite, play_count, skip_count, last_played_at = row
    return Liking(rating, bool(is_favourite), play_count, skip_count, last_played_at)
