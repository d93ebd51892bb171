"""What a library knows of tracks that are queued, asked for in passing by whoever plays or orders them.

Each question opens the library for itself, to read only, and holds nothing afterwards: a scan may change or remove
what plays. A library that is missing, old, damaged or in somebody's hands knows nothing.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

import peewee

from auralis_cli.db.connection import LibraryDatabase
from auralis_cli.db.in_lists import rows_in
from auralis_cli.db.loudness import LOUDNESS_VERSION
from auralis_cli.db.migrations.all import SCHEMA_VERSION
from auralis_cli.db.opening import opened_as_it_is
from auralis_cli.db.track_listing import TRACK_COLUMNS, TRACK_TABLES, track_of
from auralis_cli.errors import LibraryError
from auralis_cli.model.library import Track
from auralis_cli.model.queue import QueueTrack
from auralis_cli.quick_dataclasses import dataclass

# Who plays, on which album, and where there.
Facts = tuple[str | None, int | str, int, int]

_FACTS = """
SELECT f.path, t.cue_number, t.id, t.artist_key, t.album_id, t.disc, t.track
FROM files f JOIN tracks t ON t.file_id = f.id WHERE f.path IN ({marks})
"""
_SHORT_WAIT_S = 0.2


@dataclass(frozen=True, slots=True)
class AlbumPart:
    """How loud a track of an album is, and how long; where it was measured, None is silence."""

    is_measured: bool
    duration_s: float | None
    integrated_lufs: float | None
    true_peak_dbtp: float | None


@dataclass(frozen=True, slots=True)
class QueuedTrack:
    """A track of the library that is about to be played."""

    track: Track
    # None where it is of no album.
    album_id: int | None
    album: tuple[AlbumPart, ...]


def find_queued(library: Path, wanted: QueueTrack) -> QueuedTrack | None:
    """The library's track; None where it has none, or cannot be asked now."""
    try:
        with opened_as_it_is(library, wait_s=_SHORT_WAIT_S, version=SCHEMA_VERSION) as database, database.snapshot():
            return _found(database, wanted)
    except (LibraryError, peewee.DatabaseError):
        return None


def queued_facts(library: Path, paths: Sequence[str]) -> dict[tuple[str, int], Facts]:
    """Who plays what on which album, by paths and numbers in cue sheets."""
    try:
        with opened_as_it_is(library, wait_s=_SHORT_WAIT_S, version=SCHEMA_VERSION) as database:
            rows = rows_in(database, _FACTS, [os.fsencode(path) for path in paths])
            # A track of no album is an album of its own.
            return {
                (os.fsdecode(path), cue): (artist or None, f"track {id_}" if album is None else album, disc, track)
                for path, cue, id_, artist, album, disc, track in rows
            }
    except (LibraryError, peewee.DatabaseError):
        return {}


def _found(database: LibraryDatabase, wanted: QueueTrack) -> QueuedTrack | None:
    # By its path first: ids of tracks that went are given anew.
    where = "f.path = ? AND t.cue_number = ? ORDER BY t.id = ? DESC LIMIT 1"
    values: tuple[object, ...] = (os.fsencode(wanted.path), wanted.cue_number, wanted.track_id)
    row = database.one(f"SELECT {TRACK_COLUMNS}, t.album_id FROM {TRACK_TABLES} WHERE {where}", values)
    if row is None and wanted.track_id is not None:
        # Its file has moved since it was queued: the stored queue has followed it, and would not follow another's id.
        row = database.one(
            f"SELECT {TRACK_COLUMNS}, t.album_id FROM {TRACK_TABLES} WHERE t.id = ? AND t.cue_number = ? "
            "AND EXISTS (SELECT 1 FROM queue_items AS q WHERE q.track_id = t.id)",
            (wanted.track_id, wanted.cue_number),
        )
    if row is None:
        return None
    return QueuedTrack(track_of(row[:-1]), row[-1], _album(database, row[-1]))


def _album(database: LibraryDatabase, album_id: int | None) -> tuple[AlbumPart, ...]:
    if album_id is None:
        return ()
    rows = database.all(
        "SELECT l.id IS NOT NULL, t.duration_s, l.integrated_lufs, l.true_peak_dbtp FROM tracks AS t "
        "LEFT JOIN loudness AS l ON l.content_key = t.content_key AND l.version = ? "
        "WHERE t.album_id = ? GROUP BY t.content_key",
        (LOUDNESS_VERSION, album_id),
    )
    return tuple(AlbumPart(bool(row[0]), *row[1:]) for row in rows)
