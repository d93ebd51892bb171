"""Listings as people read them on a terminal: a table whose widths come from the terminal, not from what is listed."""

from __future__ import annotations

from collections.abc import Sequence

from auralis_cli.model.display_text import as_read
from auralis_cli.model.library import FileStatus, Track
from auralis_cli.output import Output
from auralis_cli.quick_dataclasses import dataclass
from auralis_cli.services.listing import FIELDS_OF, Listed, Subject
from auralis_cli.terminal_text import align, printable, shortened

# Beyond which a line is hard to follow.
_WIDEST = {Subject.TRACKS: 160, Subject.ALBUMS: 120, Subject.ARTISTS: 80, Subject.GENRES: 60}
_GAP = 2
# Which column of a track is its title.
_TITLE = 2


@dataclass(frozen=True, slots=True)
class _Column:
    """A column: so many columns of the terminal, or a share of what is left."""

    head: str
    field: str
    width: int = 0
    share: int = 0


_COLUMNS = {
    Subject.TRACKS: (
        _Column("artist", "artist", share=27),
        _Column("album", "album", share=30),
        _Column("title", "title", share=43),
        _Column("length", "duration_s", width=7),
    ),
    Subject.ALBUMS: (
        _Column("artist", "albumartist", share=40),
        _Column("year", "year", width=4),
        _Column("album", "title", share=60),
        _Column("tracks", "tracks", width=6),
        _Column("length", "duration_s", width=8),
    ),
    Subject.ARTISTS: (
        _Column("artist", "name", share=100),
        _Column("albums", "albums", width=6),
        _Column("tracks", "tracks", width=6),
    ),
    Subject.GENRES: (_Column("genre", "name", share=100), _Column("tracks", "tracks", width=7)),
}


class ListingTable:
    """The table of one listing; so many columns of the terminal are left for what stands `beside` it."""

    def __init__(self, output: Output, subject: Subject, *, beside: int = 0) -> None:
        self._output = output
        self._columns = _COLUMNS[subject]
        self._fields = [FIELDS_OF[subject].by_name[column.field] for column in self._columns]
        free = output.columns(_WIDEST[subject]) - beside - _GAP * (len(self._columns) - 1)
        free -= sum(column.width for column in self._columns)
        self._widths = [column.width or max(8, free * column.share // 100) for column in self._columns]
        self._right = [index for index, column in enumerate(self._columns) if column.width]

    def head(self) -> str:
        """The line above the rows."""
        return self._output.styled(self._line([column.head for column in self._columns]), "dim")

    def row(self, thing: Listed) -> str:
        """One of the things; a track whose file cannot be had says so."""
        cells = [printable(as_read(field, getattr(thing, field.name))) for field in self._fields]
        if isinstance(thing, Track) and thing.status is not FileStatus.PRESENT:
            return self._with_status(cells, thing.status)
        return self._line(cells)

    def _with_status(self, cells: Sequence[str], status: FileStatus) -> str:
        """Said at the end of the title, which is cut for it: a line that wraps is hard to read."""
        room = max(1, self._widths[_TITLE] - len(status) - _GAP)
        title = align((shortened(cells[_TITLE], room), status), (room, 0))
        before, said, after = self._line([*cells[:_TITLE], title, *cells[_TITLE + 1 :]]).rpartition(status)
        dim, red = (self._output.styled(part, "dim") for part in (before, after)), self._output.styled(said, "red")
        return red.join(dim)

    def _line(self, cells: Sequence[str]) -> str:
        fitting = [shortened(cell, width) for cell, width in zip(cells, self._widths, strict=True)]
        return align(fitting, self._widths, right=self._right)
