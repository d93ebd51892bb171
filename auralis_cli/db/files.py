"""The files of the library: what the last scan saw of each, streamed in the order of their paths."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Any

from auralis_cli.db.applying import RootOf, apply_records, stat_values
from auralis_cli.db.connection import LibraryDatabase
from auralis_cli.db.in_lists import rows_in
from auralis_cli.db.path_range import below
from auralis_cli.db.plausible import signed, unsigned
from auralis_cli.db.roots import RootRepository, innermost
from auralis_cli.db.track_removal import remove_tracks_of
from auralis_cli.model.library import (
    FileFailure,
    FileKind,
    FileRecord,
    FileStat,
    FileStatus,
    StoredFailure,
    StoredFile,
)

# A scan reads every row, and a text for each of two words that are nearly always the same takes a tenth of it.
_MOSTLY = (FileStatus.PRESENT, FileKind.AUDIO)
_WORDS = "iif(status = '{}' AND kind = '{}', NULL, status || ' ' || kind)".format(*_MOSTLY)
_COLUMNS = f"path, size_bytes, mtime_ns, device, inode, id, {_WORDS}"
# By an index of their own, which is asked for by its condition.
_NOT_PRESENT = "(SELECT * FROM files INDEXED BY files_not_present WHERE status <> 'present')"
_STATUSES = {str(status): status for status in FileStatus}
_PAGE = 1000

# The columns above: the path's bytes, numbers with a sign, and status and kind where one of them is not the usual.
FileRow = tuple[bytes, int, int, int, int, int, str | None]


class FileRepository:
    """Files, whole and missing, and what is applied to them."""

    def __init__(self, database: LibraryDatabase) -> None:
        self._database = database

    def apply(self, records: Sequence[FileRecord | FileFailure], *, root_id: int, now: int) -> None:
        """Stores what reading files of a root found, in one transaction for up to 500 of them.

        A file that could not be read keeps its row and its tracks, flagged. A file below another, inner root is that
        one's. What is implausible is left out, never an error. The result does not depend on the order of records.
        """
        apply_records(self._database, records, root_of=self._root_of(root_id), now=now)

    def _root_of(self, otherwise: int) -> RootOf:
        """Tells which root a path is of: the innermost, or `otherwise` where none holds it."""
        roots = RootRepository(self._database).all()

        def root_of(path: str) -> int:
            root = innermost(path, roots)
            return otherwise if root is None else root.id

        return root_of

    def stream_below(self, folder: str) -> Iterator[StoredFile]:
        """Every file below `folder` in the byte order of the paths, in constant memory.

        It is read in pages, so that files may be changed meanwhile; what is put further on is seen there.
        """
        return map(stored_file, self.rows_below(folder))

    def rows_below(self, folder: str) -> Iterator[FileRow]:
        """The same as bare rows, of which `stored_file` makes a file: for who looks at all and needs few."""
        low, high = below(folder)
        while rows := self._database.all(
            f"SELECT {_COLUMNS} FROM files WHERE path >= ? AND path < ? ORDER BY path LIMIT {_PAGE}", (low, high)
        ):
            yield from rows
            if len(rows) < _PAGE:
                return
            low = rows[-1][0] + b"\0"

    def get(self, path: str) -> StoredFile | None:
        """The file at `path`, None where the library has none."""
        row = self._database.one(f"SELECT {_COLUMNS} FROM files WHERE path = ?", (os.fsencode(path),))
        return None if row is None else stored_file(row)

    def by_content(self, content_ids: Iterable[str]) -> dict[str, list[StoredFile]]:
        """The files of each content that the library has, in the order of their paths."""
        found: dict[str, list[StoredFile]] = {}
        select = f"SELECT {_COLUMNS}, content_id FROM files WHERE content_id IN ({{marks}}) ORDER BY path"
        for *row, content_id in rows_in(self._database, select, dict.fromkeys(content_ids)):
            found.setdefault(content_id, []).append(stored_file(row))
        return found

    def naming_sheets(self, sheet_ids: Collection[int]) -> tuple[StoredFile, ...]:
        """The audio files with tracks of these cue sheets, in the order of their paths."""
        of_sheets = "SELECT file_id FROM tracks WHERE sheet_id IN ({marks})"
        select = f"SELECT {_COLUMNS} FROM files WHERE id IN ({of_sheets}) ORDER BY path"
        return tuple(map(stored_file, rows_in(self._database, select, sorted(sheet_ids))))

    def move(self, moves: Sequence[tuple[int, FileStat]]) -> None:
        """Gives files their new places, all at once, so that two may swap theirs; they are present.

        No other file of the library may be at one of these places.
        """
        with self._database.write():
            self._database.run_many(
                "UPDATE files SET path = CAST(x'00' || id AS BLOB) WHERE id = ?", [(number,) for number, _ in moves]
            )
            self._database.run_many(
                "UPDATE files SET path = ?, size_bytes = ?, mtime_ns = ?, device = ?, inode = ?,"
                " status = iif(status = 'missing', 'present', status), missing_since = NULL WHERE id = ?",
                [(*stat_values(stat), number) for number, stat in moves],
            )
            roots = self._root_of(-1)
            self._database.run_many(
                "UPDATE files SET root_id = ?1 WHERE id = ?2 AND root_id <> ?1",
                [(root, number) for number, stat in moves if (root := roots(stat.path)) != -1],
            )

    def found_at(self, stats: Iterable[FileStat]) -> None:
        """Notes that files are other ones to the system, and as they were known."""
        self._each(
            "UPDATE files SET device = ?, inode = ? WHERE path = ? AND size_bytes = ? AND mtime_ns = ?",
            [(device, inode, *rest) for *rest, device, inode in map(stat_values, stats)],
        )

    def mark_missing(self, ids: Collection[int], *, now: int) -> None:
        """Notes that files are gone; they keep their tracks, and since when they were noted first."""
        self._each(
            "UPDATE files SET status = 'missing', missing_since = ?, error_code = NULL, error_message = NULL, "
            "error_hint = NULL WHERE id = ? AND status <> 'missing'",
            [(now, number) for number in ids],
        )

    def mark_present(self, ids: Collection[int]) -> None:
        """Notes that missing files are there again, unchanged."""
        self._each(
            "UPDATE files SET status = 'present', missing_since = NULL WHERE id = ? AND status = 'missing'",
            [(number,) for number in ids],
        )

    def page(
        self, status: FileStatus, *, after: int = 0, root_id: int | None = None, limit: int = _PAGE
    ) -> tuple[StoredFile, ...]:
        """Up to `limit` files of a status with an id above `after`, by id: pages that deleting does not shift."""
        where, values = ("", ()) if root_id is None else ("AND root_id = ?", (root_id,))
        source = "files" if status is FileStatus.PRESENT else _NOT_PRESENT
        rows = self._database.all(
            f"SELECT {_COLUMNS} FROM {source} WHERE status = ? AND id > ? {where} ORDER BY id LIMIT ?",
            (str(status), after, *values, limit),
        )
        return tuple(map(stored_file, rows))

    def failures(self, *, after: int = 0, limit: int = _PAGE) -> tuple[StoredFailure, ...]:
        """Up to `limit` files that could not be read, with the reason, by id above `after`."""
        rows = self._database.all(
            f"SELECT id, path, error_code, error_message, error_hint FROM {_NOT_PRESENT} "
            "WHERE status = 'unreadable' AND id > ? ORDER BY id LIMIT ?",
            (after, limit),
        )
        return tuple(
            StoredFailure(number, os.fsdecode(path), code or "unreadable", message, hint)
            for number, path, code, message, hint in rows
        )

    def is_known_device(self, device: int) -> bool:
        """Whether a file that is not missing was seen on the device."""
        found = self._database.one(
            "SELECT 1 FROM files WHERE device = ? AND status <> 'missing' LIMIT 1", (signed(device),)
        )
        return found is not None

    def counts(self, *, root_id: int | None = None) -> dict[FileStatus, int]:
        """How many files there are of each status."""
        where, values = ("", ()) if root_id is None else ("WHERE root_id = ?", (root_id,))
        rows = self._database.all(f"SELECT status, count(*) FROM files {where} GROUP BY status", values)
        return dict.fromkeys(FileStatus, 0) | {_STATUSES[status]: count for status, count in rows}

    def remove(self, ids: Collection[int]) -> None:
        """Forgets files with their tracks, and what only those named."""
        remove_tracks_of(self._database, ids)

    def _each(self, statement: str, rows: list[tuple[object, ...]]) -> None:
        with self._database.write():
            self._database.run_many(statement, rows)


def stored_file(row: Sequence[Any]) -> StoredFile:
    """What a row tells of its file."""
    path, size_bytes, mtime_ns, device, inode, number, words = row
    status, kind = words.split() if words else _MOSTLY
    return StoredFile(
        os.fsdecode(path),
        size_bytes,
        mtime_ns,
        unsigned(device),
        unsigned(inode),
        number,
        FileStatus(status),
        FileKind(kind),
    )
