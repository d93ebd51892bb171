"""What reading files found goes into the store: a batch in one transaction, the rows of files before those of tracks.

A track's row keeps its id for as long as its file has a track of that number, so that ratings and playlists survive.
Rows that would not change are not written. Ids of new rows are given here: within a transaction nobody else does.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from auralis_cli.db import plausible
from auralis_cli.db.bulk import insert_rows, update_rows
from auralis_cli.db.connection import LibraryDatabase
from auralis_cli.db.content_keys import content_key
from auralis_cli.db.in_lists import CHUNK, marks
from auralis_cli.db.loudness import LoudnessRepository
from auralis_cli.db.track_applying import apply_tracks, next_id
from auralis_cli.db.track_rows import TrackRows
from auralis_cli.model.audio import MAX_CHANNELS, MAX_SAMPLE_RATE_HZ, MIN_SAMPLE_RATE_HZ
from auralis_cli.model.library import FileFailure, FileKind, FileRecord, FileStat
from auralis_cli.model.plausible import MAX_BITRATE_BPS, MAX_BITS, MAX_DURATION_S, MAX_SHORT_CHARACTERS

FILE_COLUMNS = (
    "root_id",
    "kind",
    "path",
    "size_bytes",
    "mtime_ns",
    "device",
    "inode",
    "content_id",
    "format",
    "codec",
    "sample_rate_hz",
    "channels",
    "bits",
    "bitrate_bps",
    "duration_s",
    "lossless",
    "status",
    "missing_since",
    "error_code",
    "error_message",
    "error_hint",
)
# From `content_id` to `lossless`.
_NOTHING_KNOWN = (None,) * FILE_COLUMNS[FILE_COLUMNS.index("content_id") :].index("status")
_READ_AS_FOUND = ("present", None, None, None, None)
_NEW = ("id", "read_at", *FILE_COLUMNS)
_CHANGED = (*FILE_COLUMNS, "read_at", "id")
_FAIL = (
    "UPDATE files SET status = 'unreadable', missing_since = NULL, error_code = ?, error_message = ?, error_hint = ?"
)
_STAT = "size_bytes = ?, mtime_ns = ?, device = ?, inode = ?"

RootOf = Callable[[str], int]


def stat_values(stat: FileStat) -> tuple[Any, ...]:
    """A stat as columns: the path's bytes, and numbers that fit."""
    return (
        os.fsencode(stat.path),
        max(stat.size_bytes, 0),
        stat.mtime_ns,
        plausible.signed(stat.device),
        plausible.signed(stat.inode),
    )


def apply_records(
    database: LibraryDatabase, records: Sequence[FileRecord | FileFailure], *, root_of: RootOf, now: int
) -> None:
    """Stores `records`, in one transaction; of two with one path the later."""
    rows = TrackRows()
    for start in range(0, len(records), CHUNK):
        with database.write():
            _Batch(database, rows, root_of, now).apply(records[start : start + CHUNK])


class _Batch:
    """One pass over at most `CHUNK` records, table by table."""

    def __init__(self, database: LibraryDatabase, rows: TrackRows, root_of: RootOf, now: int) -> None:
        self._database = database
        self._rows = rows
        self._root_of = root_of
        self._now = now

    def apply(self, records: Iterable[FileRecord | FileFailure]) -> None:
        by_path = {record.path if isinstance(record, FileFailure) else record.stat.path: record for record in records}
        read = [record for record in by_path.values() if isinstance(record, FileRecord)]
        self._fail([record for record in by_path.values() if isinstance(record, FileFailure)])
        file_ids = self._files(read)
        sheets = self._sheets(read, file_ids)
        tracks = [row for record in read for row in self._rows.of(record, file_ids[record.stat.path], sheets)]
        apply_tracks(self._database, tracks, now=self._now, whole_files=file_ids.values())
        loudness = [
            (content_key(plausible.content(record.content_id, record.stat.path), track.cue_number), track.loudness)
            for record in read
            for track in record.tracks
            if track.loudness is not None
        ]
        LoudnessRepository(self._database).put(loudness, now=self._now)

    def _stored_files(self, paths: Iterable[str]) -> dict[bytes, tuple[int, tuple[Any, ...]]]:
        wanted = [os.fsencode(path) for path in paths]
        rows = self._database.all(
            f"SELECT id, {', '.join(FILE_COLUMNS)} FROM files WHERE path IN ({marks(len(wanted))})", wanted
        )
        return {row[3]: (row[0], row[1:]) for row in rows}

    def _files(self, read: Sequence[FileRecord]) -> dict[str, int]:
        if not read:
            return {}
        stored = self._stored_files(record.stat.path for record in read)
        ids: dict[str, int] = {}
        new, changed = [], []
        number = next_id(self._database, "files")
        for record in read:
            values = self._file_values(record)
            known = stored.get(values[2])
            if known is None:
                ids[record.stat.path] = number
                new.append((number, self._now, *values))
                number += 1
            else:
                ids[record.stat.path] = known[0]
                if known[1] != values:
                    changed.append((*values, self._now, known[0]))
        insert_rows(self._database, "files", _NEW, new)
        update_rows(self._database, "files", _CHANGED, changed)
        return ids

    def _file_values(self, record: FileRecord) -> tuple[Any, ...]:
        return (
            self._root_of(record.stat.path),
            str(record.kind),
            *stat_values(record.stat),
            plausible.content(record.content_id, record.stat.path),
            plausible.text(record.format, MAX_SHORT_CHARACTERS),
            plausible.text(record.codec, MAX_SHORT_CHARACTERS),
            plausible.integer(record.sample_rate_hz, MIN_SAMPLE_RATE_HZ, MAX_SAMPLE_RATE_HZ),
            plausible.integer(record.channels, 1, MAX_CHANNELS),
            plausible.integer(record.bits, 1, MAX_BITS),
            plausible.integer(record.bitrate_bps, 0, MAX_BITRATE_BPS),
            plausible.real(record.duration_s, 0.0, MAX_DURATION_S),
            plausible.truth(record.lossless),
            *_READ_AS_FOUND,
        )

    def _fail(self, failures: Sequence[FileFailure]) -> None:
        if not failures:
            return
        stored = self._stored_files(failure.path for failure in failures)
        number = next_id(self._database, "files")
        for failure in failures:
            code = plausible.text(failure.code, MAX_SHORT_CHARACTERS) or "unreadable"
            message = plausible.text(failure.message) or "cannot be read"
            said = (code, message, plausible.text(failure.hint))
            known = stored.get(os.fsencode(failure.path))
            stat = stat_values(failure.stat)[1:] if failure.stat else ()
            if known is not None:
                also = f", {_STAT}" if stat else ""
                self._database.run(f"{_FAIL}{also}, read_at = ? WHERE id = ?", (*said, *stat, self._now, known[0]))
            elif failure.stat is not None:
                root = (self._root_of(failure.path), str(FileKind.AUDIO), os.fsencode(failure.path))
                values = (number, self._now, *root, *stat, *_NOTHING_KNOWN, "unreadable", None, *said)
                insert_rows(self._database, "files", _NEW, [values])
                number += 1

    def _sheets(self, read: Sequence[FileRecord], ids: dict[str, int]) -> dict[str, int]:
        """The rows of the sheets that tracks name; one that was not read yet is given its place."""
        named = dict.fromkeys(track.sheet_path for record in read for track in record.tracks if track.sheet_path)
        sheets = {path: ids[path] for path in named if path in ids}
        if not (unread := [path for path in named if path not in ids]):
            return sheets
        stored = self._stored_files(unread)
        number = next_id(self._database, "files")
        for path in unread:
            known = stored.get(os.fsencode(path))
            if known is None:
                values = (self._root_of(path), str(FileKind.SHEET), *stat_values(FileStat(path, 0, 0, 0, 0)))
                new = (number, self._now, *values, *_NOTHING_KNOWN, *_READ_AS_FOUND)
                insert_rows(self._database, "files", _NEW, [new])
                sheets[path] = number
                number += 1
            else:
                sheets[path] = known[0]
        return sheets
