"""What a query says, however it was written: conditions on tracks, and what to sort by.

`model/query_words.py` makes it of words, `db/query_sql.py` makes SQL of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from enum import StrEnum
from typing import TypeAlias

from auralis_cli.model.fields import Field
from auralis_cli.quick_dataclasses import dataclass


class TextMatch(StrEnum):
    """How a text is compared with the one asked for."""

    # Folded (no case, no accents), the one holds the other.
    HOLDS = "holds"
    # Letter for letter.
    EXACT = "exact"
    # Folded, they are the same.
    SAME = "same"
    # A regular expression is found in it.
    PATTERN = "pattern"


@dataclass(frozen=True, slots=True)
class Words:
    """Words that follow each other in one of the names of a track, the last perhaps only begun."""

    text: str


@dataclass(frozen=True, slots=True)
class TextIs:
    """A text, a path or the digits of a whole number; of several artists or genres, one is enough.

    Without field any of the names that words are looked for in.
    """

    field: Field | None
    match: TextMatch
    value: str


@dataclass(frozen=True, slots=True)
class Within:
    """A number from `low` on and up to `high`; without both, any number."""

    field: Field
    low: float | None
    high: float | None
    # Whether `high` itself belongs to it.
    to_the_end: bool = True


@dataclass(frozen=True, slots=True)
class FlagIs:
    """Yes or no."""

    field: Field
    value: bool


@dataclass(frozen=True, slots=True)
class Below:
    """The file at an absolute path, or whatever is below the folder there."""

    path: str


@dataclass(frozen=True, slots=True)
class AnyOf:
    """Any of several files, folders and cue sheets."""

    places: tuple[Below | TextIs, ...]


@dataclass(frozen=True, slots=True)
class OfAlbum:
    """On the album of that id: no words mean it, a list of albums does."""

    album_id: int


@dataclass(frozen=True, slots=True)
class OfArtist:
    """By the artist of that id, or on an album of theirs; likewise."""

    artist_id: int


Term: TypeAlias = Words | TextIs | Within | FlagIs | Below | AnyOf | OfAlbum | OfArtist


@dataclass(frozen=True, slots=True)
class Clause:
    """A term, or its opposite; what says nothing of a track is not it."""

    term: Term
    negated: bool = False


@dataclass(frozen=True, slots=True)
class SortKey:
    """A field to sort by; what has no value comes last either way."""

    field: Field
    descending: bool = False


@dataclass(frozen=True, slots=True)
class Likeness:
    """Like a track, which is named by its id or its path, and no farther from it than `within`."""

    word: str
    track_id: int | None
    path: str
    within: float = 1.0

    def __str__(self) -> str:
        return self.word


@dataclass(frozen=True, slots=True)
class Query:
    """Tracks for which all clauses of one of the alternatives hold; without alternatives, all tracks.

    What is like a track cannot be told from rows: `services/similarity.py` makes a ranking of it before the library is
    asked.
    """

    alternatives: tuple[tuple[Clause, ...], ...] = ()
    sort: tuple[SortKey, ...] = ()
    # Of several, like what lies in their middle.
    like: tuple[Likeness, ...] = ()
    # The ids of fingerprints: only tracks that have one are found, in this order where nothing else sorts.
    ranking: Sequence[int] | None = None

    def narrowed(self, term: Term) -> Query:
        """What it finds and `term` holds of."""
        return replace(self, alternatives=tuple((*one, Clause(term)) for one in self.alternatives or ((),)))


EVERYTHING = Query()
