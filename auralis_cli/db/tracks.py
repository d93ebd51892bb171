"""The tracks of the library."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from auralis_cli.db.connection import LibraryDatabase
from auralis_cli.db.in_lists import rows_in
from auralis_cli.db.track_listing import DEFAULT_ORDER, TRACK_COLUMNS, TRACK_TABLES, track_of
from auralis_cli.db.track_removal import remove_tracks
from auralis_cli.db.track_update import update_track
from auralis_cli.model.library import Track
from auralis_cli.model.queue import QueueTrack


class TrackRepository:
    """Tracks as listings give them, complete; each method asks a constant number of questions."""

    def __init__(self, database: LibraryDatabase) -> None:
        self._database = database

    def get(self, track_id: int) -> Track | None:
        """One track, None where there is none of that id."""
        row = self._database.one(f"SELECT {TRACK_COLUMNS} FROM {TRACK_TABLES} WHERE t.id = ?", (track_id,))
        return None if row is None else track_of(row)

    def by_ids(self, ids: Sequence[int]) -> tuple[Track, ...]:
        """These tracks in the order of `ids`; those that are not there are left out."""
        select = f"SELECT {TRACK_COLUMNS} FROM {TRACK_TABLES} WHERE t.id IN ({{marks}})"
        found = {row[0]: track_of(row) for row in rows_in(self._database, select, ids)}
        return tuple(found[number] for number in ids if number in found)

    def for_queue(self, ids: Sequence[int]) -> list[QueueTrack]:
        """What of these tracks a queue takes, in the same order."""
        select = (
            "SELECT t.id, f.path, t.cue_number FROM tracks t JOIN files f ON f.id = t.file_id WHERE t.id IN ({marks})"
        )
        found = {row[0]: row for row in rows_in(self._database, select, ids)}
        known = (found[number] for number in ids if number in found)
        return [QueueTrack(os.fsdecode(path), cue_number, track_id) for track_id, path, cue_number in known]

    def by_path(self, path: str) -> tuple[Track, ...]:
        """The tracks of the file at `path`, those of a cue sheet by number."""
        return tuple(self.select("f.path = ?", (os.fsencode(path),), order=("t.cue_number",)))

    def ids_at(self, paths: Collection[str]) -> dict[tuple[str, int], int]:
        """The tracks of files, and those that cue sheets describe, by path and number in a sheet."""
        found = {}
        for key in ("file_id", "sheet_id"):
            statement = (
                f"SELECT f.path, t.cue_number, t.id FROM files f JOIN tracks t ON t.{key} = f.id WHERE f.path IN "
            )
            rows = rows_in(self._database, statement + "({marks})", [os.fsencode(path) for path in paths])
            found.update({(os.fsdecode(path), cue_number): track_id for path, cue_number, track_id in rows})
        return found

    def ids_of_contents(self, content_ids: Collection[str]) -> dict[tuple[str, int], list[int]]:
        """The tracks whose audio is told by these, by that and their number in a cue sheet: several where there are
        copies.
        """
        found: dict[tuple[str, int], list[int]] = {}
        statement = "SELECT f.content_id, t.cue_number, t.id FROM files f JOIN tracks t ON t.file_id = f.id"
        rows = rows_in(self._database, f"{statement} WHERE f.content_id IN ({{marks}}) ORDER BY t.id", content_ids)
        for content_id, cue_number, track_id in rows:
            found.setdefault((content_id, cue_number), []).append(track_id)
        return found

    def album_paths(self, path: str) -> frozenset[str]:
        """The files that are there of the album that the file at `path` is on; none where it is on none."""
        rows = self._database.all(
            "SELECT f.path FROM tracks AS t JOIN files AS f ON f.id = t.file_id WHERE f.status = 'present'"
            " AND t.album_id = (SELECT x.album_id FROM files AS g JOIN tracks AS x ON x.file_id = g.id"
            " WHERE g.path = ? LIMIT 1)",
            (os.fsencode(path),),
        )
        return frozenset(os.fsdecode(row[0]) for row in rows)

    def select(
        self,
        where: str = "1",
        values: Sequence[Any] = (),
        *,
        order: Sequence[str] = DEFAULT_ORDER,
        limit: int | None = None,
    ) -> Iterator[Track]:
        """The tracks that a compiled condition on the tables of `track_listing` admits, one by one.

        `where` and `order` are the compiler's words, never the user's: those are among `values`.
        """
        rows = self._database.stream(
            f"SELECT {TRACK_COLUMNS} FROM {TRACK_TABLES} WHERE {where} ORDER BY {', '.join(order)} LIMIT ?",
            (*values, -1 if limit is None else limit),
        )
        return map(track_of, rows)

    def count(self) -> int:
        """How many tracks there are."""
        row = self._database.one("SELECT count(*) FROM tracks")
        return int(row[0]) if row else 0

    def update_fields(self, track_id: int, changes: Mapping[str, object]) -> Track:
        """Changes what the library says of one track, by the names of TrackTags; returns the track.

        Raises UsageError for any other name and for a value that cannot be, and changes nothing then.
        """
        with self._database.write():
            update_track(self._database, track_id, changes)
            changed = self.get(track_id)
            assert changed is not None
            return changed

    def remove(self, ids: Collection[int]) -> None:
        """Removes tracks, and the albums, artists and genres that nothing else names; their files stay known."""
        remove_tracks(self._database, ids)
