"""A query answered by looking at every track in Python: what the SQL is compared with."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from auralis_cli.model.album_grouping import fold
from auralis_cli.model.fields import FieldKind
from auralis_cli.model.library import Track
from auralis_cli.model.query import AnyOf, Below, Clause, FlagIs, Query, Term, TextIs, TextMatch, Within, Words

SEARCHED = ("title", "artist", "album", "albumartist", "composer", "genre")


@dataclass(frozen=True)
class KnownTrack:
    """A track with what listings do not show: its single artists and genres, and its album."""

    track: Track
    artists: tuple[str, ...]
    genres: tuple[str, ...]
    album_titles: tuple[str, ...]
    album_artists: tuple[str, ...]

    def names(self, field: str) -> tuple[str, ...]:
        several = {
            "mood": tuple(self.track.mood.split("; ")) if self.track.mood else (),
            "artist": self.artists,
            "genre": self.genres,
            "album": self.album_titles,
            "albumartist": self.album_artists,
        }
        return several.get(field, ())


def found(query: Query, tracks: Sequence[KnownTrack]) -> set[int]:
    """The ids of what `query` finds."""
    if not query.alternatives:
        return {one.track.id for one in tracks}
    return {
        one.track.id
        for one in tracks
        if any(all(_clause(clause, one) for clause in clauses) for clauses in query.alternatives)
    }


def _clause(clause: Clause, one: KnownTrack) -> bool:
    return _term(clause.term, one) is not clause.negated


def _term(term: Term, one: KnownTrack) -> bool:
    track = one.track
    if isinstance(term, Words):
        if not _tokens(term.text):
            return any(_text(TextMatch.HOLDS, term.text, getattr(track, name)) for name in SEARCHED)
        return any(_follow(term.text, getattr(track, name), begun=True) for name in SEARCHED)
    if isinstance(term, AnyOf):
        return any(_term(place, one) for place in term.places)
    if isinstance(term, Below):
        return track.path == term.path or track.path.startswith(term.path.rstrip("/") + "/")
    if isinstance(term, FlagIs):
        return getattr(track, term.field.name) is term.value
    if isinstance(term, Within):
        return _within(term, getattr(track, term.field.name))
    assert isinstance(term, TextIs), "ids are no words"
    if term.field is None:
        return any(_text(term.match, term.value, getattr(track, name)) for name in SEARCHED)
    return _of_field(term.field.name, term, one)


def _within(term: Within, value: float | None) -> bool:
    if value is None or (term.low is not None and value < term.low):
        return False
    return term.high is None or value < term.high or (term.to_the_end and value == term.high)


def _of_field(name: str, term: TextIs, one: KnownTrack) -> bool:
    value: Any = getattr(one.track, name)
    assert term.field is not None
    if term.match is TextMatch.PATTERN:
        return any(_text(term.match, term.value, text) for text in (value, *one.names(name)))
    if term.field.kind is FieldKind.PATH:
        return bool(value == term.value)
    if term.match is TextMatch.HOLDS and not fold(term.value):
        return value is not None
    if any(_text(term.match, term.value, text) for text in one.names(name)):
        return True
    if name in ("artist", "album", "albumartist"):
        # As credited, by words.
        begun = term.match is TextMatch.HOLDS
        whole = begun or _text(term.match, term.value, value)
        return whole and _follow(term.value, value, begun=begun)
    return name != "genre" and _text(term.match, term.value, value)


def _text(match: TextMatch, wanted: str, value: object) -> bool:
    if match is TextMatch.PATTERN:
        return re.search(wanted, "" if value is None else str(value)) is not None
    if value is None:
        return False
    if match is TextMatch.EXACT:
        return str(value) == wanted
    if match is TextMatch.SAME:
        return fold(str(value)) == fold(wanted)
    return fold(wanted) in fold(str(value))


def _tokens(text: str) -> list[str]:
    """The words of `text` as the index of words has them: letters and digits, without case and accents."""
    bare = "".join(letter for letter in unicodedata.normalize("NFD", text) if not unicodedata.combining(letter))
    return [word.lower() for word in re.findall(r"[^\W_]+", bare)]


def _follow(wanted: str, value: str | None, *, begun: bool) -> bool:
    """Whether the words of `wanted` follow each other in `value`, the last perhaps only begun."""
    words, there = _tokens(wanted), _tokens(value or "")
    if not words:
        return False
    for start in range(len(there) - len(words) + 1):
        some = there[start : start + len(words)]
        if some[:-1] == words[:-1] and (some[-1].startswith(words[-1]) if begun else some[-1] == words[-1]):
            return True
    return False
