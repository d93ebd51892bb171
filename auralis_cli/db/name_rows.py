"""Artists and genres as rows: one for each name, however it is spelt, made and dropped with what names them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from auralis_cli.db.connection import LibraryDatabase
from auralis_cli.db.in_lists import marks, rows_in
from auralis_cli.db.plausible import NAME_CHARS
from auralis_cli.model.album_grouping import fold


class Credit(NamedTuple):
    """A name as one track spells it."""

    key: str
    name: str
    sort_name: str | None = None


def credit_of(name: str, sort_name: str | None = None) -> Credit:
    """`name` with what it is told from others by."""
    return Credit(fold(name)[:NAME_CHARS].rstrip() or name, name, sort_name)


@dataclass(frozen=True, slots=True)
class NameTable:
    """One of the two tables of names, with what links them to tracks."""

    table: str
    links: str
    column: str
    # Where else a name may be used.
    other_links: str | None
    sorted: bool

    def ids(self, database: LibraryDatabase, named: Mapping[str, Credit]) -> dict[str, int]:
        """The row of each of these keys; those not there yet are made."""
        stored = f"SELECT key, id FROM {self.table} WHERE key IN ({{marks}})"
        found: dict[str, int] = dict(rows_in(database, stored, named))
        if missing := [credit for key, credit in named.items() if key not in found]:
            columns = Credit._fields if self.sorted else ("key", "name")
            database.run_many(
                f"INSERT INTO {self.table} ({', '.join(columns)}) VALUES ({marks(len(columns))})",
                [credit[: len(columns)] for credit in missing],
            )
            found |= dict(rows_in(database, stored, [credit.key for credit in missing]))
        return found

    def settle(self, database: LibraryDatabase, seen: Mapping[int, Iterable[Credit]]) -> None:
        """Gives the names of `seen` that are spelt in another way than their row the spelling most tracks have.

        The least one among equals, so that it does not matter in which order files were read.
        """
        columns = "id, name, sort_name" if self.sorted else "id, name, NULL"
        rows = rows_in(database, f"SELECT {columns} FROM {self.table} WHERE id IN ({{marks}})", seen)
        differing = [
            number
            for number, name, sort_name in rows
            if any(credit.name != name or credit.sort_name not in (None, sort_name) for credit in seen[number])
        ]
        for column in ("name", "sort_name") if self.sorted else ("name",):
            database.run_many(
                f"UPDATE {self.table} SET {column} = chosen.spelling FROM ("
                f"  SELECT {column} AS spelling FROM {self.links} WHERE {self.column} = ?1 AND {column} IS NOT NULL"
                f"  GROUP BY {column} ORDER BY count(*) DESC, {column} LIMIT 1"
                f") AS chosen WHERE id = ?1 AND {self.table}.{column} IS NOT chosen.spelling",
                [(number,) for number in differing],
            )

    def drop_unused(self, database: LibraryDatabase, candidates: Iterable[int]) -> None:
        """Removes those of `candidates` that nothing names any more."""
        unused = f"NOT EXISTS (SELECT 1 FROM {self.links} AS l WHERE l.{self.column} = {self.table}.id)"
        if self.other_links is not None:
            unused += f" AND NOT EXISTS (SELECT 1 FROM {self.other_links} AS o WHERE o.{self.column} = {self.table}.id)"
        database.run_many(
            f"DELETE FROM {self.table} WHERE id = ? AND {unused}", [(number,) for number in sorted(set(candidates))]
        )


ARTISTS = NameTable("artists", "track_artists", "artist_id", "album_artists", sorted=True)
GENRES = NameTable("genres", "track_genres", "genre_id", None, sorted=False)
