"""What a long list shows and where it comes from: rows, columns, and sources that are asked for pages of them."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import Protocol

from auralis_cli.model.album_grouping import fold
from auralis_cli.quick_dataclasses import dataclass


class RowStyle(StrEnum):
    """How a row stands out from the others; each is a component class of the list."""

    PLAIN = "plain"
    # The one that plays.
    PLAYING = "playing"
    # Played already, or of no weight.
    DIM = "dim"
    # Out of reach: missing, broken.
    BAD = "bad"
    # A line between rows that says what follows.
    TITLE = "title"


@dataclass(frozen=True, slots=True)
class Row:
    """One line: an id that stays the same wherever the row stands, a text for each column, and a style.

    Texts are shown as they are, whatever is in them: the list makes them harmless and cuts them.
    """

    id: int
    cells: tuple[str, ...]
    style: RowStyle = RowStyle.PLAIN


@dataclass(frozen=True, slots=True)
class Column:
    """A column of `width` cells; without, it takes its `share` of what is left."""

    title: str
    width: int = 0
    share: int = 1
    is_right: bool = False
    # Only where the list is at least so wide.
    from_width: int = 0


class RowSource(Protocol):
    """Where rows come from: asked in a thread of the list's own, one question after the other.

    The first rows are asked for before the count, which may take longer. `leave` alone is called from the event loop.
    """

    def count(self) -> int:
        """How many rows there are."""
        ...

    def rows(self, first: int, number: int) -> Sequence[Row]:
        """The rows from place `first` (from 0) on, `number` of them or what is left."""
        ...

    def ids(self, first: int, number: int) -> Sequence[int]:
        """The ids of these rows alone."""
        ...

    def place_of(self, row_id: int) -> int | None:
        """Where the row of that id stands; None where it is not among them."""
        ...

    def leave(self) -> None:
        """Nobody waits for it any more: what it is about may end with CancelledError. Returns at once."""
        ...


class RowsInMemory:
    """A source for what is few: a folder, playlists, settings."""

    def __init__(self, rows: Sequence[Row]) -> None:
        self._rows = rows

    def count(self) -> int:
        """How many rows there are."""
        return len(self._rows)

    def rows(self, first: int, number: int) -> Sequence[Row]:
        """The rows from `first` on."""
        return self._rows[first : first + number]

    def ids(self, first: int, number: int) -> Sequence[int]:
        """Their ids."""
        return [row.id for row in self.rows(first, number)]

    def place_of(self, row_id: int) -> int | None:
        """Where the row stands."""
        return next((place for place, row in enumerate(self._rows) if row.id == row_id), None)

    def leave(self) -> None:
        """Nothing takes long here."""

    def filtered(self, text: str) -> RowsInMemory:
        """The rows in which every word of `text` stands, whatever its case and accents."""
        words = words_to_find(text)
        return RowsInMemory([row for row in self._rows if has_words(row, words)])


def words_to_find(text: str) -> list[str]:
    """The words of `text` without case and accents."""
    return [fold(word) for word in text.split()]


def has_words(row: Row, words: Sequence[str]) -> bool:
    """Whether all these `words_to_find` stand in a row."""
    text = fold(" ".join(row.cells))
    return all(word in text for word in words)
