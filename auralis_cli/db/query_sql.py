"""From a query to SQL: every value is a parameter, every identifier from the tables of this package.

A term becomes a test of each row and, where an index can answer, a selection of ids; which of the two is used is
decided when it is known how many there are (`db/listings.py`).
"""

from __future__ import annotations

import os
from collections.abc import Sequence

from auralis_cli.db.path_range import below
from auralis_cli.db.query_text import any_name_condition, has_words, text_condition, words_condition
from auralis_cli.db.sql import Condition, Sql
from auralis_cli.db.track_listing import DEFAULT_ORDER, TRACK_EXPRESSIONS
from auralis_cli.model.fields import FieldKind
from auralis_cli.model.library import FileStatus
from auralis_cli.model.query import (
    AnyOf,
    Below,
    Clause,
    FlagIs,
    OfAlbum,
    OfArtist,
    SortKey,
    Term,
    TextIs,
    TextMatch,
    Within,
    Words,
)

_OF_TRACK = "SELECT t.id FROM tracks AS t WHERE {range}"
_OF_LOUDNESS = "SELECT t.id FROM loudness AS l CROSS JOIN tracks AS t ON t.content_key = l.content_key WHERE {range}"
_OF_FINGERPRINT = (
    "SELECT t.id FROM fingerprints AS p CROSS JOIN tracks AS t ON t.content_key = p.content_key WHERE {range}"
)
_OF_STATS = "SELECT s.track_id FROM track_stats AS s WHERE {range}"
# Few, and with an index of their own.
_FAVOURITES = "SELECT s.track_id FROM track_stats AS s WHERE s.is_favourite = 1"
_OF_ALBUM = "SELECT x.id FROM tracks AS x WHERE x.album_id = ?"
# Of tracks credited to it, and of all on its albums.
_OF_ARTIST = (
    "SELECT k.track_id FROM track_artists AS k WHERE k.artist_id = ? UNION SELECT x.id FROM album_artists AS k"
    " CROSS JOIN tracks AS x ON x.album_id = k.album_id WHERE k.artist_id = ?"
)
_IS_BY_ARTIST = (
    "EXISTS (SELECT 1 FROM track_artists AS k WHERE k.track_id = t.id AND k.artist_id = ?)"
    " OR EXISTS (SELECT 1 FROM album_artists AS k WHERE k.album_id = t.album_id AND k.artist_id = ?)"
)
# What is known of a content has to find its track.
_CONTENT_WEIGHT = 7
# Numbers with an index of their own.
_INDEXED = {
    "id": _OF_TRACK,
    "year": _OF_TRACK,
    "duration_s": _OF_TRACK,
    "added_at": _OF_TRACK,
    "integrated_lufs": _OF_LOUDNESS,
    "true_peak_dbtp": _OF_LOUDNESS,
    "tempo_bpm": _OF_FINGERPRINT,
    "rating": _OF_STATS,
    "last_played_at": _OF_STATS,
}
# Which column of a track leads to the file of a path.
_FILES = {"path": "file_id", "sheet_path": "sheet_id"}
_SORT_KEYS = {name: f"t.{name}_key" for name in ("title", "artist", "album", "albumartist")}


def conditions_of(clauses: Sequence[Clause]) -> list[Condition]:
    """The conditions that clauses are, which all have to hold; words together are one question to their index."""
    words: list[str] = []
    conditions: list[Condition] = []
    for clause in clauses:
        if isinstance(clause.term, Words) and not clause.negated and has_words(clause.term.text):
            words.append(clause.term.text)
        else:
            conditions.append(condition_of(clause))
    return [words_condition(words), *conditions] if words else conditions


def condition_of(clause: Clause) -> Condition:
    """The condition that a clause is; a negated one holds of what says nothing."""
    condition = _condition(clause.term)
    return condition.negated() if clause.negated else condition


def order_of(sort: Sequence[SortKey]) -> tuple[str, ...]:
    """What to sort by: what has no value comes last, between equals the order of the shelf decides, at last the id."""
    if not sort:
        return DEFAULT_ORDER
    return (*(term for key in sort for term in _order_terms(key)), *DEFAULT_ORDER)


def _order_terms(key: SortKey) -> tuple[str, ...]:
    name, column = key.field.name, TRACK_EXPRESSIONS[key.field.name]
    direction = "DESC" if key.descending else "ASC"
    if name == "title":
        return (f"t.title_key {direction}",)
    if name in _SORT_KEYS:
        # The key of a name that is not said is empty, not NULL.
        return (f"{column} IS NULL", f"{_SORT_KEYS[name]} {direction}")
    by = f"folded({column})" if key.field.kind is FieldKind.TEXT else column
    return (f"{by} {direction} NULLS LAST",)


def _condition(term: Term) -> Condition:
    if isinstance(term, Words):
        # Signs alone are no words: the names hold them.
        if has_words(term.text):
            return words_condition([term.text])
        return any_name_condition(TextIs(None, TextMatch.HOLDS, term.text))
    if isinstance(term, Within):
        return _within(term)
    if isinstance(term, FlagIs):
        return _flag(term)
    if isinstance(term, Below):
        return _below(term)
    if isinstance(term, AnyOf):
        return _any_of(term)
    if isinstance(term, OfAlbum):
        return _by_number("t.album_id = ?", _OF_ALBUM, term.album_id)
    if isinstance(term, OfArtist):
        return _by_number(_IS_BY_ARTIST, _OF_ARTIST, term.artist_id)
    if term.field is None:
        return any_name_condition(term)
    if term.field.kind is FieldKind.PATH and term.match is TextMatch.EXACT:
        return _by_file(term.field.name, "{path} = ?", (os.fsencode(term.value),))
    if term.field.name == "status" and term.match is not TextMatch.PATTERN:
        return _status(term)
    return text_condition(term.field, term)


def _flag(term: FlagIs) -> Condition:
    test = Sql(f"{TRACK_EXPRESSIONS[term.field.name]} = ?", (int(term.value),))
    if term.field.name == "favourite" and term.value:
        return Condition(test, Sql(_FAVOURITES))
    return Condition(test)


def _within(term: Within) -> Condition:
    column = TRACK_EXPRESSIONS[term.field.name]
    # The plus keeps the order of a listing from being given up for an index on this.
    test = _range(f"+{column}", term)
    select = _INDEXED.get(term.field.name)
    if select is None or (term.low is None and term.high is None):
        return Condition(test)
    indexed = _range(column, term).text
    count = f"SELECT 1 FROM loudness AS l WHERE {indexed}" if select is _OF_LOUDNESS else select.format(range=indexed)
    weight = _CONTENT_WEIGHT if select in (_OF_LOUDNESS, _OF_FINGERPRINT) else 1
    return Condition(test, Sql(select.format(range=indexed), test.values), Sql(count, test.values), weight=weight)


def _range(expression: str, term: Within) -> Sql:
    bounds = ((">=", term.low), ("<=" if term.to_the_end else "<", term.high))
    given = [(sign, bound) for sign, bound in bounds if bound is not None]
    if not given:
        return Sql(f"{expression} IS NOT NULL")
    return Sql(" AND ".join(f"{expression} {sign} ?" for sign, _ in given), tuple(bound for _, bound in given))


def _below(term: Below) -> Condition:
    first, behind = below(term.path)
    return _by_file("path", "{path} = ? OR ({path} >= ? AND {path} < ?)", (os.fsencode(term.path), first, behind))


def _any_of(term: AnyOf) -> Condition:
    places = [_condition(place) for place in term.places]
    ids = [place.ids for place in places if place.ids is not None]
    return Condition(Sql.any_of([place.test for place in places]), Sql.joined(" UNION ALL ", ids))


def _by_file(field: str, there: str, values: tuple[bytes, ...]) -> Condition:
    """A condition on the path of the file that `field` of a track is about."""
    test = Sql(there.format(path=f"+{TRACK_EXPRESSIONS[field]}"), values)
    select = f"SELECT x.id FROM files AS g CROSS JOIN tracks AS x ON x.{_FILES[field]} = g.id WHERE"
    return Condition(test, Sql(f"{select} {there.format(path='g.path')}", values))


def _by_number(test: str, ids: str, number: int) -> Condition:
    """A condition on what a track belongs to, by its id, for each mark of either statement."""
    return Condition(Sql(test, (number,) * test.count("?")), Sql(ids, (number,) * ids.count("?")))


def _status(term: TextIs) -> Condition:
    """The states that are meant: only that of files that are not as they should be is an answer of its own."""
    wanted, match = term.value.lower(), term.match
    meant = [status for status in FileStatus if (wanted in status if match is TextMatch.HOLDS else wanted == status)]
    names = Sql(", ".join("?" * len(meant)), tuple(map(str, meant)))
    test = Sql(f"f.status IN ({names.text})", names.values)
    if FileStatus.PRESENT in meant:
        return Condition(test)
    select = "SELECT x.id FROM files AS g JOIN tracks AS x ON x.file_id = g.id WHERE g.status <> 'present' AND g.status"
    return Condition(test, Sql(f"{select} IN ({names.text})", names.values))
