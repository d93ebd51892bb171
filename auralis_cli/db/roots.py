"""The folders that were scanned. A file belongs to the innermost root above it, so roots may lie in one another."""

from __future__ import annotations

import os
from collections.abc import Iterable

from auralis_cli.db.album_moves import rekey_albums
from auralis_cli.db.connection import LibraryDatabase, Row
from auralis_cli.db.path_range import below
from auralis_cli.errors import RefusedError
from auralis_cli.model.folders import is_below
from auralis_cli.model.library import Root

# A path with its beginning ?1, of ?3 - 1 bytes, replaced by ?2; and those it is done to.
_MOVED = "CAST(?2 || substr(moved.path, ?3) AS BLOB)"
_AT_OR_BELOW = "(moved.path = ?1 OR moved.path >= ?4 AND moved.path < ?5)"

_COLUMNS = "id, path, added_at, scanned_at, offline_since"


class RootRepository:
    """Roots, and what moves with them."""

    def __init__(self, database: LibraryDatabase) -> None:
        self._database = database

    def all(self) -> tuple[Root, ...]:
        """Every root, in the order of their paths."""
        rows = self._database.all(f"SELECT {_COLUMNS} FROM roots ORDER BY path")
        return tuple(_root(row) for row in rows)

    def get(self, root_id: int) -> Root | None:
        """One root, None where there is none of that id."""
        row = self._database.one(f"SELECT {_COLUMNS} FROM roots WHERE id = ?", (root_id,))
        return None if row is None else _root(row)

    def above(self, path: str) -> Root | None:
        """The innermost root that holds `path`, or is it."""
        return innermost(path, self.all())

    def add(self, path: str, *, now: int, separate: bool = False) -> Root:
        """The root that holds `path`: a known one, else a new one of this path.

        A `separate` one is new also inside another, as what is mounted there is: its files become its own, and where
        it is offline they are left alone. A new root above others leaves them their files.
        """
        with self._database.write():
            known = self.above(path)
            if known is not None and (known.path == path or not separate):
                return known
            number = self._database.insert("INSERT INTO roots (path, added_at) VALUES (?, ?)", (os.fsencode(path), now))
            if known is not None:
                self._database.run(
                    "UPDATE files SET root_id = ? WHERE root_id = ? AND path >= ? AND path < ?",
                    (number, known.id, *below(path)),
                )
            return Root(number, path, now, None, None)

    def mark_scanned(self, root_id: int, *, now: int) -> None:
        """Notes that all of a root was seen; it is there."""
        self._database.run("UPDATE roots SET scanned_at = ?, offline_since = NULL WHERE id = ?", (now, root_id))

    def mark_offline(self, root_id: int, *, now: int) -> None:
        """Notes that a root is gone; since when stays as it was noted first."""
        self._database.run("UPDATE roots SET offline_since = ? WHERE id = ? AND offline_since IS NULL", (now, root_id))

    def relocate(self, old: str, new: str) -> int:
        """Gives roots and files at and below `old` their place below `new`; returns how many files.

        Raises RefusedError where the library has other files there.
        """
        source, target = os.fsencode(old).rstrip(b"/"), os.fsencode(new).rstrip(b"/")
        if source == target:
            return 0
        with self._database.write():
            self._check_free(source, target, new)
            if os.path.commonpath((source or b"/", target or b"/")) in (source or b"/", target or b"/"):
                # By way of a place that no path has: a name of the one may be a name of the other.
                self._move(source, b"\0")
                moved = self._move(b"\0", target)
            else:
                moved = self._move(source, target)
            rekey_albums(self._database, source, target)
            return moved

    def _check_free(self, source: bytes, target: bytes, new: str) -> None:
        for table, what in (("files", "files"), ("roots", "roots")):
            row = self._database.one(
                f"SELECT count(*) FROM {table} AS moved JOIN {table} AS taken ON taken.path = {_MOVED} "
                f"WHERE {_AT_OR_BELOW} AND NOT (taken.path = ?1 OR taken.path >= ?4 AND taken.path < ?5)",
                _prefix(source, target),
            )
            if row is not None and row[0]:
                raise RefusedError(new, f"the library has {what} of the same names there ({row[0]})")

    def _move(self, source: bytes, target: bytes) -> int:
        values = _prefix(source, target)
        self._database.run(f"UPDATE roots AS moved SET path = {_MOVED} WHERE {_AT_OR_BELOW}", values)
        return self._database.run(f"UPDATE files AS moved SET path = {_MOVED} WHERE {_AT_OR_BELOW}", values)

    def remove(self, root_id: int) -> None:
        """Forgets a root without files; those that are left have to be removed before, or belong to one around it."""
        with self._database.write():
            root = self.get(root_id)
            if root is None:
                return
            around = innermost(root.path, (other for other in self.all() if other.id != root_id))
            if around is not None:
                self._database.run("UPDATE files SET root_id = ? WHERE root_id = ?", (around.id, root_id))
            self._database.run("DELETE FROM roots WHERE id = ?", (root_id,))


def innermost(path: str, roots: Iterable[Root]) -> Root | None:
    """The innermost of `roots` that holds `path`, or is it."""
    return max((root for root in roots if is_below(path, root.path)), key=lambda root: len(root.path), default=None)


def _prefix(source: bytes, target: bytes) -> tuple[bytes, bytes, int, bytes, bytes]:
    return (source, target, len(source) + 1, source + b"/", source + b"0")


def _root(row: Row) -> Root:
    number, path, added_at, scanned_at, offline_since = row
    return Root(number, os.fsdecode(path), added_at, scanned_at, offline_since)
