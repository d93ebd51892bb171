"""Tracks, albums and artists of the library as rows of a list: which columns they have, and what stands in them."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from auralis_cli.model.display_text import as_read
from auralis_cli.model.fields import TRACK_FIELDS, Field
from auralis_cli.model.library import Album, Artist, FileStatus, Genre, Track
from auralis_cli.services.library_pages import LibraryPages
from auralis_cli.services.listing import Listed
from auralis_cli.terminal_text import number
from auralis_cli.tui.widgets.rows import Column, Row, RowStyle
from auralis_cli.units import seconds_to_clock

# The id of the row above all others, which stands for all of them.
ALL_ID = 0
_GONE = "not in the library any more"
_STAR, _HALF, _HEART = "★", "½", "♥"
_RATING_CELLS = 7

# The columns of tracks with the field of each, in a list of their own and beside their albums.
FLAT_TRACKS = (
    ("title", Column("Title", share=4)),
    ("artist", Column("Artist", share=3)),
    ("album", Column("Album", share=3, from_width=70)),
    ("year", Column("Year", width=4, is_right=True, from_width=90)),
    ("rating", Column("Rating", width=_RATING_CELLS, from_width=80)),
    ("integrated_lufs", Column("LUFS", width=5, is_right=True, from_width=100)),
    ("duration_s", Column("Time", width=6, is_right=True)),
)
TRACKS_OF_ALBUM = (
    ("track", Column("#", width=4, is_right=True)),
    ("title", Column("Title", share=3)),
    ("artist", Column("Artist", share=2, from_width=46)),
    ("rating", Column("Rating", width=_RATING_CELLS, from_width=54)),
    ("duration_s", Column("Time", width=6, is_right=True)),
)
ALBUM_COLUMNS = (Column("Album", share=3), Column("Year", width=4, is_right=True, from_width=24))
ARTIST_COLUMNS = (Column("Artist"), Column("", width=5, is_right=True, from_width=18))

TrackColumns = Sequence[tuple[str, Column]]


class LibraryRows:
    """A source of rows from pages of the library, perhaps with a row for all of them at the top."""

    def __init__(self, pages: LibraryPages, cells: Callable[[Listed], tuple[str, ...]], all_of: str = "") -> None:
        """`cells` are those of one thing; `all_of` is what the row at the top says, empty for none."""
        self._pages = pages
        self._cells = cells
        self._top = [Row(ALL_ID, (all_of,), RowStyle.TITLE)] if all_of else []

    def count(self) -> int:
        """How many rows there are."""
        return len(self._top) + self._pages.count()

    def rows(self, first: int, number: int) -> Sequence[Row]:
        """The rows from `first` on."""
        top = self._top[first : first + number]
        listed = self._pages.page(max(first - len(self._top), 0), number - len(top))
        return [*top, *(self._row(thing_id, thing) for thing_id, thing in listed)]

    def ids(self, first: int, number: int) -> Sequence[int]:
        """The ids of what is listed; the row for all of it has none."""
        top = len(self._top[first : first + number])
        return self._pages.ids(max(first - len(self._top), 0), number - top)

    def place_of(self, row_id: int) -> int | None:
        """Where the row of that id stands."""
        if self._top and row_id == ALL_ID:
            return 0
        place = self._pages.place_of(row_id)
        return None if place is None else place + len(self._top)

    def leave(self) -> None:
        """Ends what is being asked."""
        self._pages.leave()

    def _row(self, thing_id: int, thing: Listed | None) -> Row:
        if thing is None:
            return Row(thing_id, (_GONE,), RowStyle.BAD)
        is_bad = isinstance(thing, Track) and thing.status is not FileStatus.PRESENT
        return Row(thing_id, self._cells(thing), RowStyle.BAD if is_bad else RowStyle.PLAIN)


def track_cells(columns: TrackColumns) -> Callable[[Listed], tuple[str, ...]]:
    """What makes the cells of a track in these columns."""
    makers = [_MAKERS.get(name) or _reader(TRACK_FIELDS.named(name, name)) for name, _ in columns]

    def cells(thing: Listed) -> tuple[str, ...]:
        assert isinstance(thing, Track)
        return tuple(make(thing) for make in makers)

    return cells


def group_cells(thing: Listed) -> tuple[str, ...]:
    """The cells of an album, or of an artist with how many tracks it has."""
    if isinstance(thing, Album):
        return (thing.title or "–", "" if thing.year is None else str(thing.year))
    assert isinstance(thing, Artist | Genre)
    return (thing.name, f"{thing.tracks:,}")


def stars(rating: float | None, *, is_favourite: bool) -> str:
    """`★★★½ ♥`."""
    whole, half = divmod(round((rating or 0.0) * 2), 2)
    return _STAR * whole + _HALF * half + (f"{' ' if rating else ''}{_HEART}" if is_favourite else "")


def _reader(field: Field) -> Callable[[Track], str]:
    return lambda track: as_read(field, getattr(track, field.name))


def _number_on_album(track: Track) -> str:
    if track.track is None:
        return ""
    has_discs = (track.disc or 1) > 1 or (track.disc_total or 1) > 1
    return f"{track.disc or 1}-{track.track}" if has_discs else str(track.track)


_MAKERS: dict[str, Callable[[Track], str]] = {
    "track": _number_on_album,
    "rating": lambda track: stars(track.rating, is_favourite=track.favourite),
    "integrated_lufs": lambda track: "" if track.integrated_lufs is None else number(track.integrated_lufs),
    "duration_s": lambda track: "" if track.duration_s is None else seconds_to_clock(track.duration_s),
}
