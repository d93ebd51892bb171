"""What was measured, by content: it stays when files move or are tagged anew."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import astuple, fields

from auralis_cli.db import plausible
from auralis_cli.db.connection import LibraryDatabase
from auralis_cli.db.path_range import below
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
        known = "" if again else "AND l.id IS NULL"
        rows = self._database.all(
            # The other columns are those of the row with the least path.
            "SELECT t.content_key, min(f.path), t.cue_number, sheet.path, t.start_frame, t.end_frame, f.sample_rate_hz "
            "FROM files AS f JOIN tracks AS t ON t.file_id = f.id LEFT JOIN files AS sheet ON sheet.id = t.sheet_id "
            "LEFT JOIN loudness AS l ON l.content_key = t.content_key AND l.version = ? "
            f"WHERE f.path >= ? AND f.path < ? AND f.status = 'present' {known} GROUP BY t.content_key ORDER BY 2",
            (LOUDNESS_VERSION, *below(folder)),
        )
        return [
            TrackPlace(key, os.fsdecode(path), number, os.fsdecode(sheet) if sheet else None, start, end, rate)
            for key, path, number, sheet, start, end, rate in rows
        ]
