"""Where the audio of tracks lies that something is still to be computed of."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable

from auralis_cli.db.connection import LibraryDatabase, Row
from auralis_cli.db.in_lists import rows_in
from auralis_cli.db.path_range import below
from auralis_cli.db.sql import Sql
from auralis_cli.model.library import TrackPlace

_COLUMNS = (
    "t.content_key, f.path, t.cue_number, sheet.path, t.start_frame, t.end_frame, f.sample_rate_hz, h.audio_hash, "
    "f.size_bytes"
)
_TABLES = (
    "files AS f JOIN tracks AS t ON t.file_id = f.id LEFT JOIN files AS sheet ON sheet.id = t.sheet_id "
    "LEFT JOIN audio_hashes AS h ON h.content_id = f.content_id"
)
EVERY_CONTENT = Sql("1")


def without(table: str, version: int) -> Sql:
    """The condition that a track's content has no row of this version in a table of what was computed."""
    exists = f"EXISTS (SELECT 1 FROM {table} AS k WHERE k.content_key = t.content_key AND k.version = ?)"
    return Sql(f"NOT {exists}", (version,))


def places_below(database: LibraryDatabase, folder: str | None, due: Sql) -> list[TrackPlace]:
    """Each content below `folder`, or anywhere, that is `due`, a condition on its track `t`: in the order of paths.

    Only what is there: neither missing nor unreadable.
    """
    chosen = Sql("1") if folder is None else Sql("f.path >= ? AND f.path < ?", below(folder))
    where = Sql.all_of([chosen, Sql("f.status = 'present'"), due])
    return _each_once(database.stream(f"SELECT {_COLUMNS} FROM {_TABLES} WHERE {where.text}", where.values))


def places_of(database: LibraryDatabase, ids: Collection[int], due: Sql) -> list[TrackPlace]:
    """The same of the tracks with these ids."""
    # A condition has few values; they are given with every part of a long list.
    where = f"t.id IN ({{marks}}) AND f.status = 'present' AND ({due.text})"
    statement = f"SELECT {_COLUMNS} FROM {_TABLES} WHERE {where}"
    return _each_once(rows_in(database, statement, ids, then=due.values))


def _each_once(rows: Iterable[Row]) -> list[TrackPlace]:
    """The best place of each content, in the order of paths: what an older program never proved to be the same may be
    FLAC that was cut short.
    """
    best: dict[str, Row] = {}
    for row in rows:
        known = best.get(row[0])
        if known is None or _rank(row) < _rank(known):
            best[row[0]] = row
    return [
        TrackPlace(key, os.fsdecode(path), number, os.fsdecode(sheet) if sheet else None, *others)
        for key, path, number, sheet, *others, _ in sorted(best.values(), key=lambda row: (row[1], row[2]))
    ]


def _rank(row: Row) -> tuple[int, bytes, int]:
    """The largest file, and the first of those."""
    return -row[-1], row[1], row[2]
