"""Albums as rows: made with their first track, told from all their tracks, gone with the last."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping
from itertools import groupby
from operator import itemgetter
from typing import Any, NamedTuple

from auralis_cli.db.connection import LibraryDatabase
from auralis_cli.db.in_lists import CHUNK, marks, rows_in
from auralis_cli.db.name_rows import ARTISTS, Credit, credit_of
from auralis_cli.db.plausible import KEY_CHARACTERS
from auralis_cli.model.album_grouping import AlbumCredit, album_credit, is_various, sort_key
from auralis_cli.model.library import TrackTags

# Of each track, in the order of their paths: what comes first does not depend on which file was read first.
_TRACKS = """
SELECT t.album_id, t.id, t.album, t.album_sort, t.albumartist, t.albumartists, t.albumartist_sort,
    coalesce(lead.name, t.artist), t.artist, t.artist_sort, t.year, t.compilation, t.mb_album_id, t.added_at,
    t.albumartist_key
FROM tracks AS t
JOIN files AS f ON f.id = t.file_id
LEFT JOIN track_artists AS lead ON lead.track_id = t.id AND lead.position = 0
WHERE t.album_id IN ({marks})
ORDER BY t.album_id, f.path, t.cue_number
"""
_COLUMNS = ("title", "title_key", "albumartist", "artist_key", "year", "compilation", "mb_album_id", "added_at")


class _AlbumTrack(NamedTuple):
    album_id: int
    id: int
    album: str | None
    album_sort: str | None
    albumartist: str | None
    albumartists: str | None
    albumartist_sort: str | None
    lead: str | None
    artist: str | None
    artist_sort: str | None
    year: int | None
    compilation: int
    mb_album_id: str | None
    added_at: int
    albumartist_key: str


def album_ids(database: LibraryDatabase, titles: Mapping[str, str | None], now: int) -> dict[str, int]:
    """The row of each key; those not there yet are made and have to be refreshed."""
    stored = "SELECT key, id FROM albums WHERE key IN ({marks})"
    found: dict[str, int] = dict(rows_in(database, stored, titles))
    if missing := [key for key in titles if key not in found]:
        database.run_many(
            "INSERT INTO albums (key, title, added_at) VALUES (?, ?, ?)",
            [(key, titles[key] or "?", now) for key in missing],
        )
        found |= dict(rows_in(database, stored, missing))
    return found


def refresh_albums(database: LibraryDatabase, numbers: Collection[int]) -> None:
    """Brings the rows of these albums to what their tracks say now; those without any go, and who made only those."""
    ordered = sorted(numbers)
    for start in range(0, len(ordered), CHUNK):
        _refresh(database, ordered[start : start + CHUNK])


def _refresh(database: LibraryDatabase, numbers: list[int]) -> None:
    rows = map(_AlbumTrack._make, database.all(_TRACKS.format(marks=marks(len(numbers))), numbers))
    values: dict[int, tuple[Any, ...]] = {}
    named_by: dict[int, tuple[Credit, ...]] = {}
    moved: list[tuple[str, int]] = []
    for number, group in groupby(rows, itemgetter(0)):
        tracks = list(group)
        credit = _credit(tracks)
        artist_key = _artist_key(tracks, credit)
        values[number] = _values(tracks, credit, artist_key)
        named_by[number] = _artists(tracks, credit)
        moved += ((artist_key, track.id) for track in tracks if track.albumartist_key != artist_key)
    database.run_many("UPDATE tracks SET albumartist_key = ? WHERE id = ?", moved)
    stored = {row[0]: row[1:] for row in database.all(_select("id", "albums", _COLUMNS, numbers), numbers)}
    database.run_many(
        f"UPDATE albums SET {' = ?, '.join(_COLUMNS)} = ? WHERE id = ?",
        [(*new, number) for number, new in values.items() if stored.get(number) != new],
    )
    _link(database, numbers, named_by)
    database.run_many("DELETE FROM albums WHERE id = ?", [(number,) for number in numbers if number not in values])


def _select(first: str, table: str, columns: Iterable[str], numbers: list[int]) -> str:
    return f"SELECT {first}, {', '.join(columns)} FROM {table} WHERE {first} IN ({marks(len(numbers))})"


def _credit(tracks: list[_AlbumTrack]) -> AlbumCredit:
    said = dict.fromkeys((track.albumartist, track.lead, track.compilation) for track in tracks)
    return album_credit(
        TrackTags(albumartist=albumartist, artist=lead, compilation=bool(compilation))
        for albumartist, lead, compilation in said
    )


def _artist_key(tracks: list[_AlbumTrack], credit: AlbumCredit) -> str:
    sort_name = next(
        (track.albumartist_sort for track in tracks if track.albumartist == credit.albumartist and track.albumartist),
        next((track.artist_sort for track in tracks if track.artist == credit.albumartist), None),
    )
    return sort_key(credit.albumartist, sort_name)[:KEY_CHARACTERS]


def _values(tracks: list[_AlbumTrack], credit: AlbumCredit, artist_key: str) -> tuple[Any, ...]:
    first = next((track for track in tracks if track.album), tracks[0])
    return (
        first.album or "?",
        sort_key(first.album, first.album_sort)[:KEY_CHARACTERS],
        credit.albumartist,
        artist_key,
        next((track.year for track in tracks if track.year), None),
        int(credit.compilation),
        next((track.mb_album_id for track in tracks if track.mb_album_id), None),
        min(track.added_at for track in tracks),
    )


def _artists(tracks: list[_AlbumTrack], credit: AlbumCredit) -> tuple[Credit, ...]:
    """Who made it; that they are many is no artist."""
    if credit.albumartist is None or is_various(credit.albumartist):
        return ()
    listed = next((track.albumartists for track in tracks if track.albumartist == credit.albumartist), None)
    names: list[str] = json.loads(listed) if listed else [credit.albumartist]
    return tuple({credit.key: credit for credit in map(credit_of, names)}.values())


def _link(database: LibraryDatabase, numbers: list[int], named_by: Mapping[int, tuple[Credit, ...]]) -> None:
    ids = ARTISTS.ids(database, {credit.key: credit for named in named_by.values() for credit in named})
    wanted = {
        (number, position, ids[credit.key], credit.name)
        for number, named in named_by.items()
        for position, credit in enumerate(named)
    }
    rows = database.all(_select("album_id", "album_artists", ("position", "artist_id", "name", "id"), numbers), numbers)
    stored = {row[:4]: row[4] for row in rows}
    gone = stored.keys() - wanted
    database.run_many("DELETE FROM album_artists WHERE id = ?", sorted((stored[link],) for link in gone))
    database.run_many(
        "INSERT INTO album_artists (album_id, position, artist_id, name) VALUES (?, ?, ?, ?)",
        sorted(wanted - stored.keys()),
    )
    ARTISTS.drop_unused(database, [link[2] for link in gone])
