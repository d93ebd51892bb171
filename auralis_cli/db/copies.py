"""Tracks that may be copies of each other by what the library knows, and how one takes the place of another."""

from __future__ import annotations

import os
from collections.abc import Sequence
from itertools import groupby

from auralis_cli.db.connection import LibraryDatabase
from auralis_cli.db.in_lists import rows_in

_OF_ONE_CONTENT = """
SELECT t.content_key, t.id FROM tracks AS t JOIN files AS f ON f.id = t.file_id
WHERE f.status = 'present'
    AND t.content_key IN (SELECT content_key FROM tracks GROUP BY content_key HAVING count(*) > 1)
ORDER BY t.content_key, t.id
"""
# Figures of all samples, in full: those of other audio are never the same.
_FIGURES = "sample_peak_dbfs, crest_db, dc_offset, true_peak_dbtp"
_MEASURED_ALIKE = f"""
SELECT {_FIGURES}, content_key FROM loudness WHERE sample_peak_dbfs IS NOT NULL AND crest_db IS NOT NULL
    AND ({_FIGURES}) IN (
        SELECT {_FIGURES} FROM loudness WHERE sample_peak_dbfs IS NOT NULL GROUP BY {_FIGURES} HAVING count(*) > 1
    )
ORDER BY {_FIGURES}, content_key
"""
_ADD_COUNTS = """
INSERT INTO track_stats (track_id, rating, play_count, skip_count, last_played_at, is_favourite)
SELECT ?2, rating, play_count, skip_count, last_played_at, is_favourite FROM track_stats WHERE track_id = ?1
ON CONFLICT (track_id) DO UPDATE SET
    rating = coalesce(rating, excluded.rating),
    play_count = play_count + excluded.play_count,
    skip_count = skip_count + excluded.skip_count,
    last_played_at = nullif(max(coalesce(last_played_at, 0), coalesce(excluded.last_played_at, 0)), 0),
    is_favourite = max(is_favourite, excluded.is_favourite)
"""
_MOVE_ENTRIES = """
UPDATE playlist_entries SET track_id = heir.id, path = heir.path, cue_number = heir.cue_number
FROM (
    SELECT t.id, f.path, t.cue_number FROM tracks AS t JOIN files AS f ON f.id = t.file_id WHERE t.id = ?2
) AS heir
WHERE track_id = ?1
"""
# What was no duplicate of the one is none of the other: they are the same.
_MOVE_REFUSALS = """
INSERT INTO not_duplicates (first_key, second_key, noted_at)
SELECT min(heir.content_key, other), max(heir.content_key, other), noted_at
FROM (
    SELECT iif(n.first_key = t.content_key, n.second_key, n.first_key) AS other, n.noted_at
    FROM tracks AS t JOIN not_duplicates AS n ON t.content_key IN (n.first_key, n.second_key) WHERE t.id = ?1
), tracks AS heir
WHERE heir.id = ?2 AND other <> heir.content_key
ON CONFLICT (first_key, second_key) DO NOTHING
"""


class CopyRepository:
    """What may be there more than once."""

    def __init__(self, database: LibraryDatabase) -> None:
        self._database = database

    def of_one_content(self) -> dict[str, list[int]]:
        """The tracks of each content that several have whose files are there."""
        found: dict[str, list[int]] = {}
        for key, number in self._database.all(_OF_ONE_CONTENT):
            found.setdefault(key, []).append(number)
        return {key: numbers for key, numbers in found.items() if len(numbers) > 1}

    def measured_alike(self) -> list[tuple[str, ...]]:
        """Contents whose peaks, crest and offset are the same to the last digit: their audio may be."""
        rows = self._database.all(_MEASURED_ALIKE)
        return [tuple(row[-1] for row in alike) for _, alike in groupby(rows, key=lambda row: row[:-1])]

    def tracks_in_files(self, paths: Sequence[str]) -> dict[str, int]:
        """How many tracks the files at these paths hold."""
        rows = rows_in(
            self._database,
            "SELECT f.path, count(*) FROM files AS f JOIN tracks AS t ON t.file_id = f.id "
            "WHERE f.path IN ({marks}) GROUP BY f.id",
            [os.fsencode(path) for path in dict.fromkeys(paths)],
        )
        return {os.fsdecode(path): count for path, count in rows}

    def hand_over(self, track_id: int, heir_id: int) -> None:
        """Gives what people did with a track to another.

        Its places in playlists, its plays, a rating where the other has none, that it is a favourite, and what it is
        no duplicate of.
        """
        with self._database.write():
            self._database.run(_MOVE_REFUSALS, (track_id, heir_id))
            self._database.run(_MOVE_ENTRIES, (track_id, heir_id))
            self._database.run("UPDATE plays SET track_id = ?2 WHERE track_id = ?1", (track_id, heir_id))
            self._database.run(_ADD_COUNTS, (track_id, heir_id))
            self._database.run("DELETE FROM track_stats WHERE track_id = ?", (track_id,))
