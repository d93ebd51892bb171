"""What `auralis list` and every other view of the library shows: one way from a request to the things found."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from enum import StrEnum
from typing import TYPE_CHECKING

from auralis_cli.model.fields import ALBUM_FIELDS, ARTIST_FIELDS, GENRE_FIELDS, TRACK_FIELDS, FieldTable
from auralis_cli.model.library import Album, Artist, Genre, Track
from auralis_cli.model.packed_ids import PackedIds
from auralis_cli.model.query import EVERYTHING, Query
from auralis_cli.quick_dataclasses import dataclass
from auralis_cli.services.likeness import ranked

if TYPE_CHECKING:
    from auralis_cli.db.store import Store

Listed = Track | Album | Artist | Genre


class Subject(StrEnum):
    """What is listed."""

    TRACKS = "tracks"
    ALBUMS = "albums"
    ARTISTS = "artists"
    GENRES = "genres"


FIELDS_OF: Mapping[Subject, FieldTable] = {
    Subject.TRACKS: TRACK_FIELDS,
    Subject.ALBUMS: ALBUM_FIELDS,
    Subject.ARTISTS: ARTIST_FIELDS,
    Subject.GENRES: GENRE_FIELDS,
}


@dataclass(frozen=True, slots=True)
class ListRequest:
    """What is to be listed, and how much of it."""

    subject: Subject = Subject.TRACKS
    query: Query = EVERYTHING
    limit: int | None = None
    offset: int = 0


def listed(store: Store, request: ListRequest) -> Iterator[Listed]:
    """What was found, one by one, while the store is open."""
    finders: Mapping[Subject, Callable[..., Iterator[Listed]]] = {
        Subject.TRACKS: store.listings.tracks,
        Subject.ALBUMS: store.listings.albums,
        Subject.ARTISTS: store.listings.artists,
        Subject.GENRES: store.listings.genres,
    }
    return finders[request.subject](ranked(store, request.query), limit=request.limit, offset=request.offset)


def listed_ids(store: Store, request: ListRequest) -> PackedIds:
    """The ids of all there are, in the same order; the limit and the offset are not looked at."""
    finders: Mapping[Subject, Callable[[Query], PackedIds]] = {
        Subject.TRACKS: store.listings.all_track_ids,
        Subject.ALBUMS: store.listings.all_album_ids,
        Subject.ARTISTS: store.listings.all_artist_ids,
        Subject.GENRES: store.listings.all_genre_ids,
    }
    return finders[request.subject](ranked(store, request.query))


def listed_by_ids(store: Store, subject: Subject, ids: Sequence[int]) -> Sequence[Listed]:
    """These, in the order of `ids`; those that are not there any more are left out."""
    finders: Mapping[Subject, Callable[[Sequence[int]], Sequence[Listed]]] = {
        Subject.TRACKS: store.tracks.by_ids,
        Subject.ALBUMS: store.listings.albums_by_ids,
        Subject.ARTISTS: store.listings.artists_by_ids,
        Subject.GENRES: store.listings.genres_by_ids,
    }
    return finders[subject](ids)


def counted(store: Store, request: ListRequest) -> int:
    """How many there are, of which `listed` gives those from the offset up to the limit."""
    counters = {
        Subject.TRACKS: store.listings.count_tracks,
        Subject.ALBUMS: store.listings.count_albums,
        Subject.ARTISTS: store.listings.count_artists,
        Subject.GENRES: store.listings.count_genres,
    }
    return counters[request.subject](ranked(store, request.query))
