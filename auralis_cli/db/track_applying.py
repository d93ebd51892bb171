"""Tracks go into the store: rows by file and number, then what they name, then the albums they are told by."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import field
from typing import Any

from auralis_cli.db.album_rows import album_ids, refresh_albums
from auralis_cli.db.bulk import delete_rows, insert_rows, update_rows
from auralis_cli.db.connection import LibraryDatabase
from auralis_cli.db.in_lists import rows_in
from auralis_cli.db.name_rows import ARTISTS, GENRES, Credit, NameTable
from auralis_cli.db.track_rows import TRACK_COLUMNS, NewTrack
from auralis_cli.quick_dataclasses import dataclass

_STORED = f"""
SELECT file_id, cue_number, id, album_id, albumartist_key, {", ".join(TRACK_COLUMNS)}
FROM tracks WHERE file_id IN ({{marks}})
"""
_NEW = ("id", "added_at", *TRACK_COLUMNS)
_CHANGED = (*TRACK_COLUMNS, "id")
_KEY, _START, _END = map(TRACK_COLUMNS.index, ("content_key", "start_frame", "end_frame"))
# What is computed of the span that a sheet gives a track, whose key says only its number.
_COMPUTED = ("loudness", "fingerprints", "landmarks", "analyses", "fingerprint_failures")


@dataclass(slots=True)
class _Rows:
    """What is to be written of the rows of tracks."""

    new: list[tuple[Any, ...]] = field(default_factory=list)
    changed: list[tuple[Any, ...]] = field(default_factory=list)
    # The row of each track that is stored, new or not, and those of rows there were before.
    ids: list[int] = field(default_factory=list)
    old_ids: list[int] = field(default_factory=list)
    gone: list[int] = field(default_factory=list)
    albums: set[int] = field(default_factory=set)
    # Content keys of tracks that hold another part of their file than before.
    cut_anew: set[str] = field(default_factory=set)


def next_id(database: LibraryDatabase, table: str) -> int:
    """The id of the next new row; in a transaction nobody else takes it."""
    row = database.one(f"SELECT coalesce(max(id), 0) + 1 FROM {table}")
    return int(row[0]) if row else 1


def apply_tracks(
    database: LibraryDatabase, tracks: Sequence[NewTrack], *, now: int, whole_files: Collection[int] = ()
) -> None:
    """Stores `tracks`. Of the files in `whole_files` they are all: what else those had goes. In a transaction."""
    rows = _compared(database, tracks, now, whole_files)
    for table in _COMPUTED if rows.cut_anew else ():
        database.run_many(f"DELETE FROM {table} WHERE content_key = ?", [(key,) for key in sorted(rows.cut_anew)])
    insert_rows(database, "tracks", _NEW, rows.new)
    update_rows(database, "tracks", _CHANGED, rows.changed)
    unlinked = [
        (table, _link(database, table, rows.old_ids, dict(zip(rows.ids, named, strict=True))))
        for table, named in (
            (ARTISTS, [track.artists for track in tracks]),
            (GENRES, [track.genres for track in tracks]),
        )
    ]
    delete_rows(database, "tracks", rows.gone)
    refresh_albums(database, rows.albums)
    for names, numbers in unlinked:
        names.drop_unused(database, numbers)


def _compared(database: LibraryDatabase, tracks: Sequence[NewTrack], now: int, whole_files: Collection[int]) -> _Rows:
    files = sorted({track.file_id for track in tracks}.union(whole_files))
    stored = {row[:2]: row[2:] for row in rows_in(database, _STORED, files)}
    albums = album_ids(database, {track.album_key: track.album for track in tracks if track.album_key}, now)
    rows = _Rows(albums=set(albums.values()))
    number = next_id(database, "tracks")
    for track in tracks:
        album = albums[track.album_key] if track.album_key else None
        known = stored.pop((track.file_id, track.cue_number), None)
        if known is None:
            rows.ids.append(number)
            rows.new.append((number, now, *track.values, album, track.albumartist_key))
            number += 1
            continue
        old_id, old_album, old_key = known[:3]
        rows.ids.append(old_id)
        rows.old_ids.append(old_id)
        rows.albums.update(() if old_album is None else (old_album,))
        # Of an album that stays, its refreshing says the key.
        values = (*track.values, album, old_key if album and album == old_album else track.albumartist_key)
        if values != known[3:]:
            rows.changed.append((*values, old_id))
            rows.cut_anew.update(_cut_anew(known[3:], values))
    whole = set(whole_files)
    for (file_id, cue_number), (old_id, old_album, _, *old) in stored.items():
        if file_id in whole:
            rows.cut_anew.update({old[_KEY]} if cue_number else ())
            rows.gone.append(old_id)
            rows.old_ids.append(old_id)
            rows.albums.update(() if old_album is None else (old_album,))
    return rows


def _cut_anew(old: Sequence[Any], new: Sequence[Any]) -> set[str]:
    """The content key, where it is the same and the span of the file is not."""
    same_key, same_span = old[_KEY] == new[_KEY], (old[_START], old[_END]) == (new[_START], new[_END])
    return {new[_KEY]} if same_key and not same_span else set()


def _link(
    database: LibraryDatabase, table: NameTable, old_ids: Collection[int], named_by: dict[int, tuple[Credit, ...]]
) -> set[int]:
    """Links tracks with what they name; returns the names that `old_ids` name no more."""
    ids = table.ids(database, {credit.key: credit for named in named_by.values() for credit in named})
    columns = ("track_id", "position", table.column, "name", *(("sort_name",) if table.sorted else ()))
    width = len(columns)
    select = f"SELECT {', '.join(columns)}, id FROM {table.links} WHERE track_id IN ({{marks}})"
    stored = {row[:width]: row[width] for row in rows_in(database, select, old_ids)}
    seen: dict[int, set[Credit]] = {}
    new = []
    for track, named in named_by.items():
        for position, credit in enumerate(named):
            number = ids[credit.key]
            seen.setdefault(number, set()).add(credit)
            link = (track, position, number, credit.name, credit.sort_name)[:width]
            if stored.pop(link, None) is None:
                new.append(link)
    delete_rows(database, table.links, list(stored.values()))
    insert_rows(database, table.links, columns, new)
    table.settle(database, seen)
    return {link[2] for link in stored}
