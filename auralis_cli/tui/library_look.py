"""What the library view looks at: a filter, an artist, an album, an order; which listings these ask for. Pure."""

from __future__ import annotations

import shlex
from dataclasses import replace

from auralis_cli.model.fields import TRACK_FIELDS
from auralis_cli.model.query import EVERYTHING, OfAlbum, OfArtist, Query, SortKey
from auralis_cli.model.query_words import Surroundings, parse_query
from auralis_cli.quick_dataclasses import dataclass
from auralis_cli.services.listing import ListRequest, Subject

# What is better first: the newest, the loudest, the best rated.
_BEST_FIRST = ("year", "rating", "integrated_lufs", "added_at", "play_count", "last_played_at")


@dataclass(frozen=True, slots=True)
class LibraryLook:
    """One look at the library; what is narrower follows from what is wider."""

    # As it was typed, and what it means.
    text: str = ""
    query: Query = EVERYTHING
    # None for all.
    artist_id: int | None = None
    album_id: int | None = None
    # In place of the order that the filter asks for.
    sort: SortKey | None = None
    # All tracks in one list, without artists and albums beside it.
    is_flat: bool = False

    def filtered(self, text: str, now_s: float) -> LibraryLook:
        """Only what a query finds; UsageError for one that means nothing (yet)."""
        return replace(
            self, text=text, query=parse_query(_words(text), Surroundings(int(now_s))), artist_id=None, album_id=None
        )

    def of_artist(self, artist_id: int | None) -> LibraryLook:
        """Only one artist's."""
        return replace(self, artist_id=artist_id, album_id=None)

    def of_album(self, album_id: int | None) -> LibraryLook:
        """Only one album's."""
        return replace(self, album_id=album_id)

    def sorted_by(self, name: str) -> LibraryLook:
        """By a field, the other way round where it is that already, and then as albums stand on a shelf again.

        Raises UsageError for a field that is none.
        """
        field = TRACK_FIELDS.sortable(name, name)
        first = field.name in _BEST_FIRST
        if self.sort is None or self.sort.field != field:
            return replace(self, sort=SortKey(field, first))
        return replace(self, sort=SortKey(field, not first) if self.sort.descending is first else None)

    @property
    def artists(self) -> ListRequest:
        """The artists to be seen."""
        return ListRequest(Subject.ARTISTS, replace(self.query, sort=()))

    @property
    def albums(self) -> ListRequest:
        """The albums to be seen."""
        return ListRequest(Subject.ALBUMS, replace(self._of_artist, sort=()))

    @property
    def tracks(self) -> ListRequest:
        """The tracks to be seen."""
        if self.is_flat:
            query = self.query
        else:
            query = self._of_artist if self.album_id is None else self._of_artist.narrowed(OfAlbum(self.album_id))
        return ListRequest(Subject.TRACKS, query if self.sort is None else replace(query, sort=(self.sort,)))

    @property
    def _of_artist(self) -> Query:
        return self.query if self.artist_id is None else self.query.narrowed(OfArtist(self.artist_id))


def _words(text: str) -> list[str]:
    """The words of a line that is still being typed: a quote that is open ends where the line does."""
    for closing in ("", "'", '"'):
        try:
            return shlex.split(text + closing)
        except ValueError:
            continue
    return text.split()
