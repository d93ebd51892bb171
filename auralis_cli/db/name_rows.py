"""Artists and genres as rows: one for each name, however it is spelt, made and dropped with what names them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from auralis_cli.db.bulk import insert_rows
from auralis_cli.db.connection import LibraryDatabase
from auralis_cli.db.in_lists import rows_in
from auralis_cli.db.plausible import KEY_CHARACTERS
from auralis_cli.model.album_grouping import fold, sort_key
from auralis_cli.quick_dataclasses import dataclass


class Credit(NamedTuple):
    """A name as one track spells it."""

    key: str
    name: str
    sort_name: str | None = None


def _sort_key(name: str, sort_name: str | None) -> str:
    return sort_key(name, sort_name)[:KEY_CHARACTERS]


def credit_of(name: str, sort_name: str | None = None) -> Credit:
    """`name` with what it is told from others by."""
    return Credit(fold(name)[:KEY_CHARACTERS].rstrip() or name, name, sort_name)


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
            columns = ("key", "name", "sort_name", "sort_key") if self.sorted else ("key", "name")
            rows = [(*credit, _sort_key(credit.name, credit.sort_name))[: len(columns)] for credit in missing]
            insert_rows(database, self.table, columns, rows)
            found |= dict(rows_in(database, stored, [credit.key for credit in missing]))
        return found

    def settle(self, database: LibraryDatabase, seen: Mapping[int, Iterable[Credit]]) -> None:
        """Gives the names of `seen` that are spelt in another way than their row the spelling most tracks have.

        The least one among equals, so that it does not matter in which order files were read.
        """
        columns = "id, name, sort_name" if self.sorted else "id, name, NULL"
        rows = rows_in(database, f"SELECT {columns} FROM {self.table} WHERE id IN ({{marks}})", seen)
        for number, name, sort_name in list(rows):
            if any(credit.name != name or credit.sort_name not in (None, sort_name) for credit in seen[number]):
                chosen = self._usual(database, "name", number) or name
                if self.sorted:
                    usual = self._usual(database, "sort_name", number)
                    database.run(
                        "UPDATE artists SET name = ?1, sort_name = ?2, sort_key = ?3 "
                        "WHERE id = ?4 AND (name, sort_name) IS NOT (?1, ?2)",
                        (chosen, usual, _sort_key(chosen, usual), number),
                    )
                elif chosen != name:
                    database.run(f"UPDATE {self.table} SET name = ? WHERE id = ?", (chosen, number))

    def _usual(self, database: LibraryDatabase, column: str, number: int) -> str | None:
        row = database.one(
            f"SELECT {column} FROM {self.links} WHERE {self.column} = ? AND {column} IS NOT NULL "
            f"GROUP BY {column} ORDER BY count(*) DESC, {column} LIMIT 1",
            (number,),
        )
        return None if row is None else str(row[0])

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
