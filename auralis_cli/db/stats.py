"""The library in numbers: a constant number of questions, each answered by an index or in one pass."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from typing import Any

from auralis_cli.db.connection import LibraryDatabase, Row
from auralis_cli.db.plays import PlayRepository
from auralis_cli.db.scans import ScanRepository
from auralis_cli.model.library_stats import FileShare, LibraryStats, LoudnessBin, NamedShare, YearShare

# Names in braces stand for what confines a question to chosen tracks.
_TRACKS = """
SELECT count(*), coalesce(sum(duration_s), 0.0), {albums}, {artists}, {genres}, (SELECT count(*) FROM playlists),
    (SELECT count(*) FROM tracks JOIN loudness USING (content_key) WHERE {by_id}),
    (SELECT count(*) FROM tracks JOIN fingerprints USING (content_key) WHERE {by_id})
FROM tracks WHERE {by_id}
"""
_FILES = """
SELECT format, sample_rate_hz, bits, count(*), sum(size_bytes), sum(lossless IS 1)
FROM files WHERE kind = 'audio' AND {by_file} GROUP BY 1, 2, 3
"""
_NOT_PRESENT = """
SELECT coalesce(sum(status = 'missing'), 0), coalesce(sum(status = 'unreadable'), 0)
FROM files WHERE status <> 'present' AND {by_file}
"""
_YEARS = "SELECT year, count(*) FROM tracks WHERE {by_id} GROUP BY year ORDER BY year IS NULL, year"
# An index has the loudness of all; what no track has any more is taken off.
_LOUDNESS = """
SELECT tenth, sum(recordings) FROM (
    SELECT round(integrated_lufs * 10.0) AS tenth, count(*) AS recordings
    FROM loudness WHERE integrated_lufs IS NOT NULL GROUP BY 1
    UNION ALL
    SELECT round(integrated_lufs * 10.0), -count(*) FROM loudness
    WHERE NOT EXISTS (SELECT 1 FROM tracks WHERE content_key = loudness.content_key)
        AND integrated_lufs IS NOT NULL GROUP BY 1
) GROUP BY tenth HAVING sum(recordings) > 0 ORDER BY tenth
"""
_LOUDNESS_OF_CHOSEN = """
SELECT round(integrated_lufs * 10.0), count(*) FROM loudness
WHERE content_key IN (SELECT content_key FROM tracks WHERE {by_id}) AND integrated_lufs IS NOT NULL
GROUP BY 1 ORDER BY 1
"""
_TOP = """
SELECT name, named FROM (
    SELECT {name}_id AS id, count(*) AS named FROM track_{name}s WHERE {by_track}
    GROUP BY {name}_id ORDER BY named DESC, id LIMIT {limit:d}
) JOIN {name}s USING (id) ORDER BY named DESC, name
"""
_CHOSEN = "(SELECT value FROM json_each(?1))"
# No album, artist or genre is kept that no track has.
_OF_ALL = {
    "by_id": "1",
    "by_track": "1",
    "by_file": "1",
    "albums": "(SELECT count(*) FROM albums)",
    "artists": "(SELECT count(*) FROM artists)",
    "genres": "(SELECT count(*) FROM genres)",
}
_OF_CHOSEN = {
    "by_id": f"tracks.id IN {_CHOSEN}",
    "by_track": f"track_id IN {_CHOSEN}",
    "by_file": f"files.id IN (SELECT file_id FROM tracks WHERE id IN {_CHOSEN})",
    "albums": "count(DISTINCT album_id)",
    "artists": f"""(SELECT count(*) FROM (
        SELECT artist_id FROM track_artists WHERE track_id IN {_CHOSEN}
        UNION
        SELECT artist_id FROM album_artists JOIN tracks USING (album_id) WHERE tracks.id IN {_CHOSEN}
    ))""",
    "genres": f"(SELECT count(DISTINCT genre_id) FROM track_genres WHERE track_id IN {_CHOSEN})",
}


class StatsRepository:
    """Counts over all tracks, or over chosen ones."""

    def __init__(self, database: LibraryDatabase) -> None:
        self._database = database

    def library(self, *, top: int, chosen: Iterable[int] | None = None) -> LibraryStats:
        """The library in numbers, with its `top` artists and genres; with `chosen`, those tracks and their files."""
        with self._database.snapshot():
            ask = _Asking(self._database, None if chosen is None else json.dumps(list(chosen)))
            tracks, duration_s, albums, artists, genres, playlists, measured, fingerprinted = ask(_TRACKS)[0]
            kinds = ask(_FILES)
            missing, unreadable = ask(_NOT_PRESENT)[0]
            loudness = ask(_LOUDNESS if chosen is None else _LOUDNESS_OF_CHOSEN)
            return LibraryStats(
                tracks=tracks,
                duration_s=duration_s,
                files=sum(row[3] for row in kinds),
                size_bytes=sum(row[4] for row in kinds),
                albums=albums,
                artists=artists,
                genres=genres,
                playlists=playlists,
                formats=_shares(kinds, 0),
                sample_rates_hz=_shares(kinds, 1),
                bits=_shares(kinds, 2),
                lossless=sum(row[5] for row in kinds),
                missing=missing,
                unreadable=unreadable,
                years=tuple(YearShare(year, count) for year, count in ask(_YEARS)),
                loudness=tuple(LoudnessBin(tenth / 10.0, count) for tenth, count in loudness),
                measured=measured,
                fingerprinted=fingerprinted,
                top_genres=tuple(NamedShare(*row) for row in ask(_TOP, name="genre", limit=top)),
                top_artists=tuple(NamedShare(*row) for row in ask(_TOP, name="artist", limit=top)),
                plays=PlayRepository(self._database).counts(),
                last_scan=next(iter(ScanRepository(self._database).latest()), None),
            )


class _Asking:
    """Asks of all tracks, or of those whose ids a JSON list holds."""

    def __init__(self, database: LibraryDatabase, chosen: str | None) -> None:
        self._database = database
        self._values = () if chosen is None else (chosen,)
        self._words = _OF_ALL if chosen is None else _OF_CHOSEN

    def __call__(self, statement: str, **words: Any) -> list[Row]:
        text = statement.format(**self._words, **words)
        return self._database.all(text, self._values if _CHOSEN in text else ())


def _shares(kinds: list[Row], column: int) -> tuple[FileShare, ...]:
    """How many files have each value of a column, the most first."""
    files: Counter[str | int | None] = Counter()
    sizes: Counter[str | int | None] = Counter()
    for row in kinds:
        files[row[column]] += row[3]
        sizes[row[column]] += row[4]
    shares = [FileShare(value, count, sizes[value]) for value, count in files.items()]
    return tuple(sorted(shares, key=lambda share: (-share.files, str(share.value))))
