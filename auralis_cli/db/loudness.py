"""What was measured, by content: it stays when files move or are tagged anew."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import astuple, fields

from auralis_cli.db import plausible
from auralis_cli.db.connection import LibraryDatabase
from auralis_cli.db.track_places import EVERY_CONTENT, places_below, without
from auralis_cli.model.library import MeasuredLoudness, TrackPlace

# Of the way of measuring: what an older one found is measured again.
LOUDNESS_VERSION = 1
_COLUMNS = tuple(field.name for field in fields(MeasuredLoudness))
_PUT = f"""
INSERT INTO loudness (content_key, {", ".join(_COLUMNS)}, version, measured_at)
VALUES (?, {", ".join("?" * len(_COLUMNS))}, ?, ?)
ON CONFLICT (content_key) DO UPDATE SET
    {", ".join(f"{name} = excluded.{name}" for name in (*_COLUMNS, "version", "measured_at"))}
WHERE ({", ".join(_COLUMNS)}, version) IS NOT ({", ".join(f"excluded.{name}" for name in (*_COLUMNS, "version"))})
"""


class LoudnessRepository:
    """Measurements of loudness."""

    def __init__(self, database: LibraryDatabase) -> None:
        self._database = database

    def put(self, measured: Iterable[tuple[str, MeasuredLoudness]], *, now: int) -> None:
        """Stores what was measured of each content key."""
        self._database.run_many(
            _PUT, [(key, *astuple(plausible.loudness(value)), LOUDNESS_VERSION, now) for key, value in measured]
        )

    def get(self, content_key: str) -> MeasuredLoudness | None:
        """What is known of a content, None where nothing is or by an older way of measuring."""
        row = self._database.one(
            f"SELECT {', '.join(_COLUMNS)} FROM loudness WHERE content_key = ? AND version = ?",
            (content_key, LOUDNESS_VERSION),
        )
        return None if row is None else MeasuredLoudness(*row)

    def unmeasured_below(self, folder: str, *, again: bool = False) -> list[TrackPlace]:
        """Where the content lies that is still to be measured, each once, in the order of paths; `again`: all of it.

        Only what is there: neither missing nor unreadable.
        """
        return places_below(self._database, folder, EVERY_CONTENT if again else without("loudness", LOUDNESS_VERSION))
