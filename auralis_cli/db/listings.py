"""Listings: tracks that a query finds, and the albums, artists and genres that have such tracks, one by one.

What is few is found by an index and then sorted; what is many is walked in the order wanted until enough was found.
So the first rows of any listing are there at once, and none is ever held in memory as a whole.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import TypeVar

from auralis_cli.db.connection import LibraryDatabase, Row
from auralis_cli.db.in_lists import CHUNK, rows_in
from auralis_cli.db.listed_things import ALBUMS, ARTISTS, GENRES, ListedThing, Thing
from auralis_cli.db.query_sql import conditions_of, order_of
from auralis_cli.db.sql import Condition, Sql
from auralis_cli.db.text_functions import TextFunctions
from auralis_cli.db.track_listing import TRACK_TABLES
from auralis_cli.db.tracks import TrackRepository
from auralis_cli.model.library import Album, Artist, Genre, Track
from auralis_cli.model.query import EVERYTHING, Query

# Up to so many tracks are fetched and sorted: of one condition, of several that make them rare.
_FEW, _FEW_OF_SEVERAL = 5_000, 40_000
# Up to so many are known by their ids when others are walked by; beyond, each is asked what it is.
_KNOWN = 16_000
# So many are looked up in what a condition selects rather than asked one by one.
_ASKED_SINGLY = 4_000
_PAGE = 1_000
# The first rows are shown while the next are fetched.
_FIRST_CHUNK = 50

Found = TypeVar("Found")


@dataclass(frozen=True, slots=True)
class _Rarest:
    """A condition, the ids of all its tracks, and how many these are or take as long as."""

    condition: Condition
    ids: Sql
    count: int


class ListingRepository:
    """The one place where queries meet the library: the same query finds the same, whoever asks."""

    def __init__(self, database: LibraryDatabase, functions: TextFunctions | None = None) -> None:
        self._database = database
        self._functions = functions or TextFunctions(database)
        self._tracks = TrackRepository(database)

    def tracks(self, query: Query = EVERYTHING, *, limit: int | None = None, offset: int = 0) -> Iterator[Track]:
        """The tracks a query finds, in its order."""
        where, _ = self._where(query, limit)
        ids = self._ids("t.id", TRACK_TABLES, where, order_of(query.sort), limit, offset)
        return _in_chunks(ids, self._tracks.by_ids)

    def track_ids(self, query: Query = EVERYTHING) -> Iterator[int]:
        """The ids of the tracks a query finds, in its order."""
        where, _ = self._where(query, None)
        return self._ids("t.id", TRACK_TABLES, where, order_of(query.sort), None, 0)

    def albums(self, query: Query = EVERYTHING, *, limit: int | None = None, offset: int = 0) -> Iterator[Album]:
        """The albums that have tracks a query finds, in its order."""
        return self._things(ALBUMS, query, limit, offset)

    def artists(self, query: Query = EVERYTHING, *, limit: int | None = None, offset: int = 0) -> Iterator[Artist]:
        """The artists of tracks that a query finds, and of their albums."""
        return self._things(ARTISTS, query, limit, offset)

    def genres(self, query: Query = EVERYTHING, *, limit: int | None = None, offset: int = 0) -> Iterator[Genre]:
        """The genres of tracks that a query finds."""
        return self._things(GENRES, query, limit, offset)

    def count_tracks(self, query: Query = EVERYTHING) -> int:
        """How many tracks a query finds."""
        where, _ = self._where(query, None)
        return self._count(TRACK_TABLES, where)

    def count_albums(self, query: Query = EVERYTHING) -> int:
        """How many albums have tracks that a query finds."""
        return self._count(ALBUMS.table, self._having(ALBUMS, query, None))

    def count_artists(self, query: Query = EVERYTHING) -> int:
        """How many artists are those of tracks that a query finds, or of their albums."""
        return self._count(ARTISTS.table, self._having(ARTISTS, query, None))

    def count_genres(self, query: Query = EVERYTHING) -> int:
        """How many genres are those of tracks that a query finds."""
        return self._count(GENRES.table, self._having(GENRES, query, None))

    def _things(self, thing: ListedThing[Thing], query: Query, limit: int | None, offset: int) -> Iterator[Thing]:
        where = self._having(thing, query, limit)
        ids = self._ids("o.id", thing.table, where, thing.order_of(query.sort), limit, offset)
        columns = ", ".join(thing.expressions.values())

        def made(some: Sequence[int]) -> list[Thing]:
            rows = rows_in(self._database, f"SELECT {columns} FROM {thing.table} WHERE o.id IN ({{marks}})", some)
            found: dict[int, Row] = {row[0]: row for row in rows}
            return [thing.make(found[number]) for number in some if number in found]

        return _in_chunks(ids, made)

    # From conditions to the statement

    def _having(self, thing: ListedThing[Thing], query: Query, limit: int | None) -> Sql:
        """That a row of `thing` has a track which the query finds."""
        if not query.alternatives:
            return _ALL
        where, are_few = self._where(query, limit if thing.has_track is not None else None)
        if not are_few and thing.has_track is not None:
            return Sql(
                f"EXISTS (SELECT 1 FROM {TRACK_TABLES} WHERE {thing.has_track} AND ({where.text}))", where.values
            )
        ids = f"SELECT t.id FROM {TRACK_TABLES} WHERE {where.text}"
        return Sql(f"o.id IN ({thing.of_tracks.format(ids=ids)})", where.values * thing.of_tracks.count("{ids}"))

    def _where(self, query: Query, limit: int | None) -> tuple[Sql, bool]:
        """The condition on tracks, and whether an index finds those for which it holds."""
        if not query.alternatives:
            return _ALL, False
        of_all = limit is None or limit > _PAGE
        found: list[Sql] = []
        tests: list[Sql] = []
        for clauses in query.alternatives:
            conditions = conditions_of(clauses)
            rarest = self._rarest(conditions, of_all=of_all)
            if rarest is None:
                tests.append(Sql.all_of([one.asked(of_all=of_all) for one in conditions]))
                continue
            at_once = of_all or rarest.count > _ASKED_SINGLY
            others = [one.asked(of_all=at_once) for one in conditions if one is not rarest.condition]
            if of_all or rarest.count <= (_FEW_OF_SEVERAL if others else _FEW):
                found.append(rarest.ids)
            tests.append(Sql.all_of([rarest.ids.within("t.id"), *others]))
        if len(found) < len(query.alternatives):
            return Sql.any_of(tests), False
        either = Sql.joined(" UNION ALL ", found).within("t.id", by_index=True)
        return Sql.all_of([either, *others] if len(found) == 1 else [either, Sql.any_of(tests)]), True

    def _rarest(self, conditions: Sequence[Condition], *, of_all: bool) -> _Rarest | None:
        """The condition whose tracks are fewest, where they are not too many to know them."""
        most = _FEW_OF_SEVERAL if of_all or len(conditions) > 1 else _KNOWN
        rarest: _Rarest | None = None
        for condition in conditions:
            few = most // condition.weight
            if condition.ids is None or (condition.count is not None and not self._are_few(condition.count, few)):
                continue
            rows = self._database.all(f"{condition.ids.text} LIMIT ?", (*condition.ids.values, few + 1))
            if len(rows) <= few:
                ids = Sql("SELECT value FROM json_each(?)", (json.dumps([row[0] for row in rows]),))
                most = len(rows) * condition.weight - 1
                rarest = _Rarest(condition, ids, len(rows) * condition.weight)
        return rarest

    def _are_few(self, rows: Sql, few: int) -> bool:
        row = self._database.one(f"SELECT count(*) FROM (SELECT 1 FROM ({rows.text}) LIMIT ?)", (*rows.values, few + 1))
        return row is not None and row[0] <= few

    def _ids(
        self, column: str, tables: str, where: Sql, order: Sequence[str], limit: int | None, offset: int
    ) -> Iterator[int]:
        statement = f"SELECT {column} FROM {tables} WHERE {where.text} ORDER BY {', '.join(order)} LIMIT ? OFFSET ?"
        values = (*where.values, -1 if limit is None else limit, offset)
        return (row[0] for row in self._asked(statement, values))

    def _count(self, tables: str, where: Sql) -> int:
        (row,) = self._asked(f"SELECT count(*) FROM {tables} WHERE {where.text}", where.values)
        return int(row[0])

    def _asked(self, statement: str, values: Sequence[object]) -> Iterator[Row]:
        self._functions.begin()
        for row in self._database.stream(statement, values):
            self._functions.check()
            yield row
        self._functions.check()


_ALL = Sql("1")


def _in_chunks(ids: Iterator[int], fetch: Callable[[Sequence[int]], Sequence[Found]]) -> Iterator[Found]:
    size = _FIRST_CHUNK
    while some := list(islice(ids, size)):
        yield from fetch(some)
        size = CHUNK
