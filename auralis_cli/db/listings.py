"""Listings: tracks that a query finds, and the albums, artists and genres that have such tracks, one by one.

What is few is found by an index and then sorted; what is many is walked in the order wanted until enough was found.
So the first rows of any listing are there at once, and none is ever held in memory as a whole.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import islice
from typing import TypeVar

from auralis_cli.db.connection import LibraryDatabase, Row
from auralis_cli.db.in_lists import CHUNK, rows_in
from auralis_cli.db.listed_things import ALBUMS, ARTISTS, GENRES, ListedThing, Thing
from auralis_cli.db.query_sql import conditions_of, order_of
from auralis_cli.db.sql import Condition, Sql
from auralis_cli.db.text_functions import TextFunctions
from auralis_cli.db.track_listing import RANKED_TABLES, TRACK_TABLES
from auralis_cli.db.tracks import TrackRepository
from auralis_cli.model.library import Album, Artist, Genre, Track
from auralis_cli.model.packed_ids import PACKED_FROM, PackedIds
from auralis_cli.model.query import EVERYTHING, Query
from auralis_cli.quick_dataclasses import dataclass

# Up to so many candidates are fetched, asked for the other conditions, and sorted.
_FEW = 40_000
# What it takes to walk past a track in the order of a listing, twice as far as their share says since what is alike
# stands together; and what it takes to fetch and sort one: in microseconds.
_WALKED_COST, _FETCHED_COST = 0.8, 1.3
# What it takes to ask every track of the library, and to come from those that hold to whose they are: for each track.
_SELECTED_COST = 2.5
# Of the first so many candidates, so many are asked to know which share the other conditions leave: so many at least.
_SAMPLED, _SAMPLE, _SAMPLE_HELD = 6_000, 200, 4
_PAGE = 1_000
# Of a ranking, one page is asked for first, then so many times more.
_GROWING = 8
# The first rows are shown while the next are fetched.
_FIRST_CHUNK = 50

_STATE = (
    "SELECT (SELECT coalesce(max(id), 0) FROM tracks), (SELECT coalesce(max(id), 0) FROM scan_runs),"
    " (SELECT count(finished_at) FROM scan_runs), (SELECT coalesce(max(id), 0) FROM journal),"
    " (SELECT count(finished_at) FROM journal), (SELECT count(undone_at) FROM journal)"
)

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
        if query.ranking is not None and not query.sort:
            end = None if limit is None else offset + limit
            return _in_chunks(islice(self._ranked(query, query.ranking), offset, end), self._tracks.by_ids)
        where, _ = self._where(query, None if limit is None else limit + offset)
        ids = self._each(_ids("t.id", TRACK_TABLES, where, order_of(query.sort), limit, offset))
        return _in_chunks(ids, self._tracks.by_ids)

    def track_ids(self, query: Query = EVERYTHING) -> Iterator[int]:
        """The ids of the tracks a query finds, in its order."""
        if query.ranking is not None and not query.sort:
            return self._ranked(query, query.ranking)
        where, _ = self._where(query, None)
        return self._each(_ids("t.id", TRACK_TABLES, where, order_of(query.sort)))

    def albums(self, query: Query = EVERYTHING, *, limit: int | None = None, offset: int = 0) -> Iterator[Album]:
        """The albums that have tracks a query finds, in its order."""
        return self._things(ALBUMS, query, limit, offset)

    def artists(self, query: Query = EVERYTHING, *, limit: int | None = None, offset: int = 0) -> Iterator[Artist]:
        """The artists of tracks that a query finds, and of their albums."""
        return self._things(ARTISTS, query, limit, offset)

    def genres(self, query: Query = EVERYTHING, *, limit: int | None = None, offset: int = 0) -> Iterator[Genre]:
        """The genres of tracks that a query finds."""
        return self._things(GENRES, query, limit, offset)

    def all_track_ids(self, query: Query = EVERYTHING) -> PackedIds:
        """The same as `track_ids`, found in one step that leaves the processor to others."""
        if query.ranking is not None and not query.sort:
            return self._packed(self._ranked_ids(query, query.ranking))
        where, _ = self._where(query, None)
        return self._packed(_ids("t.id", TRACK_TABLES, where, order_of(query.sort)))

    def all_album_ids(self, query: Query = EVERYTHING) -> PackedIds:
        """The ids of the albums that have tracks a query finds, in its order."""
        return self._packed(self._thing_ids(ALBUMS, query))

    def all_artist_ids(self, query: Query = EVERYTHING) -> PackedIds:
        """The ids of the artists of tracks that a query finds."""
        return self._packed(self._thing_ids(ARTISTS, query))

    def all_genre_ids(self, query: Query = EVERYTHING) -> PackedIds:
        """The ids of the genres of tracks that a query finds."""
        return self._packed(self._thing_ids(GENRES, query))

    def albums_by_ids(self, ids: Sequence[int]) -> Sequence[Album]:
        """These albums, in the order of `ids`; those that are not there are left out."""
        return self._made(ALBUMS, ids)

    def artists_by_ids(self, ids: Sequence[int]) -> Sequence[Artist]:
        """These artists, likewise."""
        return self._made(ARTISTS, ids)

    def genres_by_ids(self, ids: Sequence[int]) -> Sequence[Genre]:
        """These genres, likewise."""
        return self._made(GENRES, ids)

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

    def state(self) -> tuple[int, ...]:
        """Numbers that are others once tracks came in, a scan has ended, or something was changed or taken back.

        Plays are counted all the time: that is no reason to list anew.
        """
        row = self._database.one(_STATE)
        assert row is not None
        return tuple(map(int, row))

    def _things(self, thing: ListedThing[Thing], query: Query, limit: int | None, offset: int) -> Iterator[Thing]:
        ids = self._each(self._thing_ids(thing, query, limit, offset))
        return _in_chunks(ids, partial(self._made, thing))

    def _thing_ids(self, thing: ListedThing[Thing], query: Query, limit: int | None = None, offset: int = 0) -> Sql:
        where = self._having(thing, query, limit)
        return _ids("o.id", thing.table, where, thing.order_of(query.sort), limit, offset)

    def _made(self, thing: ListedThing[Thing], ids: Sequence[int]) -> list[Thing]:
        columns = ", ".join(thing.expressions.values())
        rows = rows_in(self._database, f"SELECT {columns} FROM {thing.table} WHERE o.id IN ({{marks}})", ids)
        found: dict[int, Row] = {row[0]: row for row in rows}
        return [thing.make(found[number]) for number in ids if number in found]

    # From conditions to the statement

    def _having(self, thing: ListedThing[Thing], query: Query, limit: int | None) -> Sql:
        """That a row of `thing` has a track which the query finds."""
        if not query.alternatives and query.ranking is None:
            return _ALL
        where, are_few = self._where(query, limit if thing.has_track is not None else None)
        if not are_few and thing.has_track is not None and self._is_gone_through(thing, query, limit):
            asked = thing.has_track.format(tracks=TRACK_TABLES, where=where.text)
            return Sql(f"({asked})", where.values * thing.has_track.count("{where}"))
        if limit is not None:
            where, _ = self._where(query, None)
        ids = f"SELECT t.id FROM {TRACK_TABLES} WHERE {where.text}"
        return Sql(f"o.id IN ({thing.of_tracks.format(ids=ids)})", where.values)

    def _is_gone_through(self, thing: ListedThing[Thing], query: Query, limit: int | None) -> bool:
        """Whether asking rows of `thing` for their tracks is expected to take less than selecting all tracks."""
        row = self._database.one(f"SELECT (SELECT max(id) FROM tracks), (SELECT max(o.id) FROM {thing.table})")
        tracks, things = (number or 0 for number in row or (0, 0))
        share = self._share_of_all(query, tracks)
        if not share or not things:
            return False
        rows = things if limit is None else min(things, limit / share)
        asked = rows * min(tracks / things, 1.0 / share)
        return asked * thing.asked_cost < tracks * _SELECTED_COST

    def _share_of_all(self, query: Query, tracks: int) -> float:
        """The share of all tracks that a query finds, by a sample; 0 where that says nothing."""
        # Of few tracks a part that costs nothing beside asking them all.
        size = min(_SAMPLE, tracks // 16)
        sample = json.dumps([1 + number * tracks // size for number in range(size)])
        where = _tests(query, of_all=False)
        statement = (
            "WITH some AS MATERIALIZED (SELECT value AS id FROM json_each(?))"
            " SELECT (SELECT count(*) FROM tracks WHERE id IN (SELECT id FROM some)),"
            f" (SELECT count(*) FROM {TRACK_TABLES} WHERE t.id IN (SELECT id FROM some) AND ({where.text}))"
        )
        asked, held = next(iter(self._asked(statement, (sample, *where.values))))
        return held / asked if held >= _SAMPLE_HELD else 0.0

    def _ranked(self, query: Query, ranking: Sequence[int]) -> Iterator[int]:
        """The tracks of a ranking for which the query holds, in its order: the first of them at once."""
        start, size = 0, _PAGE
        while start < len(ranking):
            yield from self._each(self._ranked_ids(query, ranking[start : start + size]))
            start, size = start + size, size * _GROWING

    @staticmethod
    def _ranked_ids(query: Query, ranking: Sequence[int]) -> Sql:
        where = _tests(query)
        statement = f"SELECT t.id AS id FROM {RANKED_TABLES} WHERE {where.text} ORDER BY ranking.key, t.id"
        return Sql(statement, (json.dumps(ranking), *where.values))

    def _where(self, query: Query, wanted: int | None) -> tuple[Sql, bool]:
        """The condition on tracks, `wanted` of them, and whether an index finds those for which it holds."""
        if query.like:
            raise ValueError("likeness is ranked by services/likeness.py before the library is asked")
        where, are_few = self._where_terms(query, None if query.ranking is not None else wanted)
        if query.ranking is None:
            return where, are_few
        ranking = Sql("SELECT value FROM json_each(?)", (json.dumps(query.ranking),))
        return Sql.all_of([where, ranking.within("p.id")]), are_few

    def _where_terms(self, query: Query, wanted: int | None) -> tuple[Sql, bool]:
        """The same, whatever ranks them.

        Where few are wanted, they are found by walking unless it takes less to fetch all candidates.
        """
        if not query.alternatives:
            return _ALL, False
        of_all = wanted is None or wanted > _PAGE
        found: list[Sql] = []
        tests: list[Sql] = []
        for clauses in query.alternatives:
            conditions = conditions_of(clauses)
            rarest = self._rarest(conditions)
            others = [one for one in conditions if rarest is None or one is not rarest.condition]
            if rarest is None:
                tests.append(Sql.all_of([one.asked(of_all=of_all) for one in others]))
            elif wanted is not None and not of_all and self._is_walked(rarest, others, wanted):
                tests.append(Sql.all_of([one.test for one in conditions]))
            else:
                found.append(rarest.ids)
                # Of one alternative, what was found needs no test of it.
                asked = conditions if len(query.alternatives) > 1 else others
                tests.append(Sql.all_of([_ALL, *(one.test for one in asked)]))
        if len(found) < len(query.alternatives):
            return Sql.any_of(tests), False
        return Sql.all_of([Sql.joined(" UNION ALL ", found).within("t.id", by_index=True), Sql.any_of(tests)]), True

    def _rarest(self, conditions: Sequence[Condition]) -> _Rarest | None:
        """The condition whose tracks are fewest, where an index has them and they are not too many to fetch."""
        most = _FEW
        rarest: _Rarest | None = None
        for condition in conditions:
            if condition.ids is None:
                continue
            few = most // condition.weight
            count = self._count_of(condition.count or condition.ids, few + 1)
            if count <= few:
                most = count * condition.weight - 1
                rarest = _Rarest(condition, condition.ids, count * condition.weight)
        return rarest

    def _is_walked(self, rarest: _Rarest, others: Sequence[Condition], wanted: int) -> bool:
        """Whether walking through all tracks until `wanted` are found is expected to take less than fetching."""
        share = self._share(rarest, others) if others else 1.0
        row = self._database.one("SELECT max(id) FROM tracks")
        tracks = row[0] if row and row[0] else 0
        return share > 0.0 and wanted * tracks * _WALKED_COST < share * rarest.count**2 * _FETCHED_COST

    def _share(self, rarest: _Rarest, others: Sequence[Condition]) -> float:
        """The share of a condition's tracks of which `others` hold too, by a sample; 0 where that says nothing."""
        first = f"SELECT * FROM ({rarest.ids.text}) LIMIT {_SAMPLED}"
        kept = 65536 * _SAMPLE // max(min(rarest.count, _SAMPLED), 1)
        where = Sql.all_of([one.test for one in others])
        statement = (
            f"WITH first (id) AS ({first}),"
            f" some AS MATERIALIZED (SELECT id FROM first WHERE id * 40503 % 65536 <= {kept})"
            f" SELECT (SELECT count(*) FROM some),"
            f" (SELECT count(*) FROM {TRACK_TABLES} WHERE t.id IN (SELECT id FROM some) AND ({where.text}))"
        )
        asked, held = next(iter(self._asked(statement, (*rarest.ids.values, *where.values))))
        return held / asked if held >= _SAMPLE_HELD else 0.0

    def _count_of(self, rows: Sql, most: int) -> int:
        """How many there are, up to `most`."""
        row = self._database.one(f"SELECT count(*) FROM (SELECT 1 FROM ({rows.text}) LIMIT ?)", (*rows.values, most))
        return int(row[0]) if row is not None else 0

    def _each(self, ids: Sql) -> Iterator[int]:
        return (row[0] for row in self._asked(ids.text, ids.values))

    def _packed(self, ids: Sql) -> PackedIds:
        # An aggregate that depends on the order of its rows is given them in that of the selection.
        digits = f"CAST(group_concat({PACKED_FROM} + id, '') AS BLOB)"
        ((packed,),) = self._asked(f"SELECT {digits} FROM ({ids.text})", ids.values)
        return PackedIds(packed or b"")

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


def _ids(column: str, tables: str, where: Sql, order: Sequence[str], limit: int | None = None, offset: int = 0) -> Sql:
    statement = f"SELECT {column} AS id FROM {tables} WHERE {where.text} ORDER BY {', '.join(order)} LIMIT ? OFFSET ?"
    return Sql(statement, (*where.values, -1 if limit is None else limit, offset))


def _tests(query: Query, *, of_all: bool = True) -> Sql:
    """The condition on tracks where every one is asked, or just some are."""
    tests = [Sql.all_of([one.asked(of_all=of_all) for one in conditions_of(clauses)]) for clauses in query.alternatives]
    return Sql.any_of(tests) if tests else _ALL


def _in_chunks(ids: Iterator[int], fetch: Callable[[Sequence[int]], Sequence[Found]]) -> Iterator[Found]:
    size = _FIRST_CHUNK
    while some := list(islice(ids, size)):
        yield from fetch(some)
        size = CHUNK
