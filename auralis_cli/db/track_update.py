"""Changing single fields of a track by name: only those of TrackTags can be named."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import fields, replace
from typing import Any

from auralis_cli.db import plausible
from auralis_cli.db.connection import LibraryDatabase
from auralis_cli.db.track_applying import apply_tracks
from auralis_cli.db.track_rows import BETWEEN_KINDS, TAG_COLUMNS, TrackRows
from auralis_cli.errors import UsageError
from auralis_cli.model.library import FileKind, FileRecord, FileStat, TrackRecord, TrackTags

UPDATABLE = frozenset(field.name for field in fields(TrackTags))
_PLACE = ("cue_number", "start_frame", "end_frame", "duration_s")
_TAGS = ("title", "track", "disc", "compilation", "mood", *TAG_COLUMNS)


def update_track(database: LibraryDatabase, track_id: int, changes: Mapping[str, object]) -> None:
    """Gives a track other tags, with everything that hangs on them. In a transaction."""
    for name in changes:
        if name not in UPDATABLE:
            raise UsageError(repr(name), "is no field of a track that can be changed")
    row = database.one(
        f"SELECT t.file_id, f.path, f.content_id, sheet.path, {', '.join(f't.{name}' for name in _PLACE + _TAGS)}, "
        "t.albumartists FROM tracks AS t JOIN files AS f ON f.id = t.file_id "
        "LEFT JOIN files AS sheet ON sheet.id = t.sheet_id WHERE t.id = ?",
        (track_id,),
    )
    if row is None:
        raise UsageError(str(track_id), "there is no such track")
    file_id, path, content_id, sheet = row[:4]
    cue_number, start_frame, end_frame, duration_s = row[4 : 4 + len(_PLACE)]
    tags = _changed(_tags(database, track_id, dict(zip(_TAGS, row[8:-1], strict=True)), row[-1]), changes)
    sheet_path = None if sheet is None else os.fsdecode(sheet)
    track = TrackRecord(tags, duration_s, cue_number, sheet_path, start_frame, end_frame)
    stat = FileStat(os.fsdecode(path), 0, 0, 0, 0)
    record = FileRecord(stat, FileKind.AUDIO, content_id or "", tracks=(track,))
    sheets = {} if sheet_path is None else _ids(database, sheet)
    apply_tracks(database, TrackRows().of(record, file_id, sheets), now=0)


def _ids(database: LibraryDatabase, path: bytes) -> dict[str, int]:
    return {os.fsdecode(path): row[0] for row in database.all("SELECT id FROM files WHERE path = ?", (path,))}


def _tags(database: LibraryDatabase, track_id: int, stored: dict[str, Any], albumartists: str | None) -> TrackTags:
    def named(table: str) -> tuple[str, ...]:
        rows = database.all(f"SELECT name FROM {table} WHERE track_id = ? ORDER BY position", (track_id,))
        return tuple(row[0] for row in rows)

    moods = stored.pop("mood")
    stored |= {
        "track": stored["track"] or None,
        "disc": stored["disc"] or None,
        "compilation": bool(stored["compilation"]),
        "moods": tuple(moods.split(BETWEEN_KINDS)) if moods else (),
        "albumartists": tuple(json.loads(albumartists)) if albumartists else (),
    }
    return TrackTags(artists=named("track_artists"), genres=named("track_genres"), **stored)


def _changed(tags: TrackTags, changes: Mapping[str, object]) -> TrackTags:
    given: dict[str, Any] = dict(changes)
    if "artist" in given and "artists" not in given:
        given["artists"] = ()
    if "albumartist" in given and "albumartists" not in given:
        given["albumartists"] = ()
    changed = replace(tags, **given)
    kept = plausible.tags(changed)
    for name in changes:
        if getattr(kept, name) != getattr(changed, name):
            raise UsageError(name, "cannot have that value")
    return kept
