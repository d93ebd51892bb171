"""What was chosen for masters: so many of the newest choices, none of them older than a year."""

from __future__ import annotations

from collections.abc import Iterable

from auralis_cli.db.connection import LibraryDatabase, Row
from auralis_cli.model.preferences import MOST_OBSERVED, OBSERVED_FOR_S, Observation, SoundChoice
from auralis_cli.model.track_kinds import TrackKind

_COLUMNS = "observed_at, kind, content_key, weight, preset, intensity, tilt_db, width_db, loudness_lu"
_ADD = f"INSERT INTO preferences_observed ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"
_TOO_MANY = """
DELETE FROM preferences_observed WHERE id IN
    (SELECT id FROM preferences_observed ORDER BY observed_at DESC, id DESC LIMIT -1 OFFSET ?)
"""
# A track that is rated weighs by its rating: 0.5 at 0, 1.5 at 5.
_READ = """
SELECT o.observed_at, o.kind, o.content_key,
    coalesce((SELECT 0.5 + max(s.rating) / 5.0 FROM tracks AS t JOIN track_stats AS s ON s.track_id = t.id
              WHERE t.content_key = o.content_key), o.weight),
    o.preset, o.intensity, o.tilt_db, o.width_db, o.loudness_lu
FROM preferences_observed AS o WHERE o.observed_at >= ? ORDER BY o.observed_at DESC, o.id DESC LIMIT ?
"""


class PreferenceRepository:
    """The choices, the newest first."""

    def __init__(self, database: LibraryDatabase) -> None:
        self._database = database

    def add(self, observations: Iterable[Observation], *, now: int) -> None:
        """Adds choices; of too many the oldest go, and so do those that are too old."""
        with self._database.write():
            self._database.run_many(_ADD, map(_row_of, observations))
            self._database.run("DELETE FROM preferences_observed WHERE observed_at < ?", (now - OBSERVED_FOR_S,))
            self._database.run(_TOO_MANY, (MOST_OBSERVED,))

    def all(self, *, now: int) -> tuple[Observation, ...]:
        """All that counts now, weighed by how the tracks are rated."""
        rows = self._database.all(_READ, (now - OBSERVED_FOR_S, MOST_OBSERVED))
        return tuple(_observation_of(row) for row in rows if row[1] in _KINDS)

    def counts(self) -> dict[str, int]:
        """How many there are of each kind."""
        return dict(self._database.all("SELECT kind, count(*) FROM preferences_observed GROUP BY kind ORDER BY kind"))

    def forget(self, kind: TrackKind | None) -> int:
        """Forgets those of a kind, or all; how many there were."""
        if kind is None:
            return self._database.run("DELETE FROM preferences_observed WHERE id > 0")
        return self._database.run("DELETE FROM preferences_observed WHERE kind = ?", (kind.value,))


# What a newer program wrote, and an older one does not know, is left alone.
_KINDS = frozenset(kind.value for kind in TrackKind)


def _row_of(one: Observation) -> tuple[object, ...]:
    choice = one.choice
    figures = (choice.preset, choice.intensity, choice.tilt_db, choice.width_db, choice.loudness_lu)
    return (one.observed_at, one.kind.value, one.content_key, one.weight, *figures)


def _observation_of(row: Row) -> Observation:
    observed_at, kind, content_key, weight, *chosen = row
    return Observation(TrackKind(kind), SoundChoice(*chosen), observed_at, weight, content_key)
