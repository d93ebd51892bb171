"""Albums, artists and genres as they are listed: the expression behind each field, and which tracks are theirs."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Generic, TypeVar

from auralis_cli.db.connection import Row
from auralis_cli.model.fields import FieldKind
from auralis_cli.model.library import Album, Artist, Genre
from auralis_cli.model.query import SortKey
from auralis_cli.quick_dataclasses import dataclass

Thing = TypeVar("Thing", Album, Artist, Genre)


@dataclass(frozen=True, slots=True)
class ListedThing(Generic[Thing]):
    """A table whose rows are listed when a query finds tracks of theirs."""

    # The table, called `o`.
    table: str
    # One for each field of the value, in its order.
    expressions: Mapping[str, str]
    make: Callable[[Row], Thing]
    # Folded texts to sort by, where the field's own is not folded.
    sort_keys: Mapping[str, str]
    order: tuple[str, ...]
    # Which rows the tracks among {ids} are of.
    of_tracks: str
    # That the row `o` has one of {tracks} `t` with {where}, where its tracks are few and asking them one by one is
    # quicker than finding all.
    has_track: str | None = None
    # What it takes to ask one track so, in microseconds.
    asked_cost: float = 0.0

    def order_of(self, sort: Sequence[SortKey]) -> tuple[str, ...]:
        """What to sort by: what has no value comes last, at last the id decides."""
        keys: list[str] = []
        for key in sort:
            name, column = key.field.name, self.expressions[key.field.name]
            by = self.sort_keys.get(name) or (f"folded({column})" if key.field.kind is FieldKind.TEXT else column)
            keys += [f"{column} IS NULL", f"{by} {'DESC' if key.descending else 'ASC'}"]
        return (*keys, *self.order)


def _album(row: Row) -> Album:
    number, title, albumartist, year, tracks, discs, duration_s, compilation, added_at = row
    return Album(number, title, albumartist, year, tracks, discs, duration_s, bool(compilation), added_at)


ALBUMS = ListedThing(
    table="albums AS o",
    expressions={
        "id": "o.id",
        "title": "o.title",
        "albumartist": "o.albumartist",
        "year": "o.year",
        "tracks": "(SELECT count(*) FROM tracks AS x WHERE x.album_id = o.id)",
        "discs": "(SELECT count(DISTINCT x.disc) FROM tracks AS x WHERE x.album_id = o.id)",
        "duration_s": "(SELECT total(x.duration_s) FROM tracks AS x WHERE x.album_id = o.id)",
        "compilation": "o.compilation",
        "added_at": "o.added_at",
    },
    make=_album,
    sort_keys={"title": "o.title_key", "albumartist": "o.artist_key"},
    order=("o.artist_key", "o.year", "o.title_key", "o.id"),
    of_tracks="SELECT x.album_id FROM tracks AS x WHERE x.id IN ({ids})",
    has_track="EXISTS (SELECT 1 FROM {tracks} WHERE t.album_id = o.id AND ({where}))",
    asked_cost=4.0,
)
ARTISTS = ListedThing(
    table="artists AS o",
    expressions={
        "id": "o.id",
        "name": "o.name",
        "sort_name": "o.sort_name",
        "albums": "(SELECT count(*) FROM album_artists AS k WHERE k.artist_id = o.id)",
        "tracks": "(SELECT count(*) FROM track_artists AS k WHERE k.artist_id = o.id)",
    },
    make=lambda row: Artist(*row),
    sort_keys={"name": "o.sort_key"},
    order=("o.sort_key", "o.id"),
    of_tracks="WITH found (id) AS MATERIALIZED ({ids}) SELECT k.artist_id FROM track_artists AS k"
    " WHERE k.track_id IN (SELECT id FROM found) UNION ALL SELECT k.artist_id FROM album_artists AS k"
    " WHERE k.album_id IN (SELECT x.album_id FROM tracks AS x WHERE x.id IN (SELECT id FROM found))",
    has_track="EXISTS (SELECT 1 FROM track_artists AS k CROSS JOIN {tracks} WHERE k.artist_id = o.id"
    " AND t.id = k.track_id AND ({where})) OR EXISTS (SELECT 1 FROM album_artists AS k CROSS JOIN {tracks}"
    " WHERE k.artist_id = o.id AND t.album_id = k.album_id AND ({where}))",
    asked_cost=10.0,
)
GENRES = ListedThing(
    table="genres AS o",
    expressions={
        "id": "o.id",
        "name": "o.name",
        "tracks": "(SELECT count(*) FROM track_genres AS k WHERE k.genre_id = o.id)",
    },
    make=lambda row: Genre(*row),
    sort_keys={"name": "o.key"},
    order=("o.key", "o.id"),
    of_tracks="SELECT k.genre_id FROM track_genres AS k WHERE k.track_id IN ({ids})",
)
