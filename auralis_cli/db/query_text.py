"""The textual terms of a query as SQL: names of several artists or genres, words in the search index, folded text.

Names are told apart by their folded keys, so that finding one among them costs no look at the tracks. What else the
text of a track holds is found by words: `artist:a feat` meets "A feat. B" though no artist is called so.
"""

from __future__ import annotations

import os
import re
import unicodedata
from collections.abc import Sequence

from auralis_cli.db.plausible import KEY_CHARACTERS
from auralis_cli.db.sql import Condition, Sql
from auralis_cli.db.text_functions import folded_words, reads_alike
from auralis_cli.db.track_listing import TRACK_EXPRESSIONS
from auralis_cli.db.track_rows import BETWEEN_KINDS
from auralis_cli.model.album_grouping import fold, sort_key
from auralis_cli.model.fields import Field
from auralis_cli.model.query import TextIs, TextMatch
from auralis_cli.quick_dataclasses import dataclass

SEARCHED = ("title", "artist", "album", "albumartist", "composer", "genre")
_NAMES_OF_TRACK = ", ".join(f"t.{name}" for name in SEARCHED)
_SEARCH = "SELECT rowid FROM track_search WHERE track_search MATCH ?"
# Signs that folding leaves as they are, and that LIKE does not take for its own.
_PLAIN = re.compile("[!-$&(-^a-~]+")
_WHOLE = (TextMatch.EXACT, TextMatch.SAME)


@dataclass(frozen=True, slots=True)
class _Names:
    """Where the single names of a field of several stand."""

    # What is asked of a row, and what selects the tracks; `{name}` is asked of the name.
    exists: str
    ids: str
    # How the name is spelt, and the key of all its spellings.
    spelling: str = "k.name"
    key: str = "n.key"
    # Whether the key is stored.
    has_keys: bool = True


def _of_tracks(links: str, names: str, column: str) -> _Names:
    rows = f"FROM {links} AS k JOIN {names} AS n ON n.id = k.{column} WHERE"
    return _Names(
        f"EXISTS (SELECT 1 {rows} k.track_id = t.id AND {{name}})",
        # The names first: they are few.
        f"SELECT k.track_id FROM {names} AS n CROSS JOIN {links} AS k ON k.{column} = n.id WHERE {{name}}",
    )


_NAMES = {
    "artist": _of_tracks("track_artists", "artists", "artist_id"),
    "genre": _of_tracks("track_genres", "genres", "genre_id"),
    "albumartist": _Names(
        "EXISTS (SELECT 1 FROM album_artists AS k JOIN artists AS n ON n.id = k.artist_id"
        " WHERE k.album_id = t.album_id AND {name})",
        "SELECT x.id FROM artists AS n CROSS JOIN album_artists AS k ON k.artist_id = n.id"
        " CROSS JOIN tracks AS x ON x.album_id = k.album_id WHERE {name}",
    ),
    "album": _Names(
        "EXISTS (SELECT 1 FROM albums AS k WHERE k.id = t.album_id AND {name})",
        "SELECT x.id FROM albums AS k CROSS JOIN tracks AS x ON x.album_id = k.id WHERE {name}",
        "k.title",
        "folded(k.title)",
        has_keys=False,
    ),
}


def words_condition(words: Sequence[str]) -> Condition:
    """Words that all begin anywhere in the names of a track: the index finds those that have them all.

    What many tracks have the index is slow to find again for one of them: a row is asked for its own words.
    """
    found = Sql(_SEARCH, (" AND ".join(_phrase(text, begun=True) for text in words),))
    tests = [Sql("instr(t.words, ?)", (folded_words(text),)) for text in words]
    # The index has the last word where there are letters that it folds in its own way.
    last = [Sql(f"EXISTS ({_SEARCH} AND rowid = t.id)", found.values)]
    if reads_alike(*words):
        last.insert(0, Sql(f"reads_alike({_NAMES_OF_TRACK})"))
    return Condition(Sql.all_of([*tests, Sql.any_of(last)]), found, of_all=found.within("t.id"))


def any_name_condition(term: TextIs) -> Condition:
    """A condition on any of the names of a track."""
    return Condition(Sql.any_of([_plain(f"t.{name}", term.match, term.value) for name in SEARCHED]))


def text_condition(field: Field, term: TextIs) -> Condition:
    """A condition on one text of a track."""
    column = TRACK_EXPRESSIONS[field.name]
    if term.match is TextMatch.HOLDS and not fold(term.value):
        return Condition(Sql(f"{column} IS NOT NULL"))
    if field.name == "mood" and term.match in _WHOLE:
        return Condition(_one_of_kinds(column, term))
    test = _plain(column, term.match, term.value)
    if field.name in _NAMES:
        return _named(field.name, term, test)
    if field.name == "title" and term.match in _WHOLE:
        key = sort_key(term.value)[:KEY_CHARACTERS]
        ids = Sql(f"SELECT t.id FROM tracks AS t WHERE t.title_key = ? AND {test.text}", (key, *test.values))
        return Condition(test, ids)
    if field.name == "title" and term.match is TextMatch.HOLDS and _is_in_keys(fold(term.value)):
        return Condition(test, Sql("SELECT x.id FROM tracks AS x WHERE instr(x.title_key, ?)", (fold(term.value),)))
    return Condition(test)


def _one_of_kinds(column: str, term: TextIs) -> Sql:
    """That `term` is one of the names in `column`, or some that follow each other there."""
    is_exact = term.match is TextMatch.EXACT
    names, wanted = (column, term.value) if is_exact else (f"folded({column})", fold(term.value))
    between = BETWEEN_KINDS
    return Sql(f"instr('{between}' || {names} || '{between}', ?)", (f"{between}{wanted}{between}",))


def _is_in_keys(wanted: str) -> bool:
    """Whether the keys to sort by hold all that is folded there: only an article in front is missing."""
    return " " not in wanted and wanted not in "the"


def _named(field: str, term: TextIs, of_whole: Sql) -> Condition:
    """Any of the names, or else the words as they stand in the track."""
    names = _NAMES[field]
    of_name = _of_name(names, term)
    test = Sql(names.exists.format(name=of_name.text), of_name.values)
    if term.match is TextMatch.PATTERN:
        return Condition(Sql.any_of([test, of_whole]))
    ids = Sql(names.ids.format(name=of_name.text), of_name.values)
    # A track's genre is the names of its genres, and nothing else.
    if field == "genre" or not has_words(term.value):
        return Condition(test, ids)
    found = Sql(_SEARCH, (f"{{{field}}} : {_phrase(term.value, begun=term.match is TextMatch.HOLDS)}",))
    if term.match in _WHOLE:
        select = f"SELECT t.id FROM tracks AS t WHERE t.id IN ({found.text}) AND {of_whole.text}"
        found = Sql(select, (*found.values, *of_whole.values))
    return Condition(
        Sql.any_of([test, found.within("t.id")]),
        Sql(f"{ids.text} UNION ALL {found.text}", (*ids.values, *found.values)),
    )


def _of_name(names: _Names, term: TextIs) -> Sql:
    key = fold(term.value)[:KEY_CHARACTERS].rstrip()
    if term.match is TextMatch.EXACT:
        return Sql(f"{names.key} = ? AND {names.spelling} = ?", (key or term.value, term.value))
    if term.match is TextMatch.SAME:
        return Sql(f"{names.key} = ?", (key,))
    if term.match is TextMatch.PATTERN:
        return Sql(f"pattern_found(?, {names.spelling})", (term.value,))
    return Sql(f"instr({names.key}, ?)", (key,)) if names.has_keys else _plain(names.spelling, term.match, term.value)


def _plain(column: str, match: TextMatch, value: str) -> Sql:
    """What is asked of one text."""
    if match is TextMatch.EXACT:
        return Sql(f"{column} = ?", (value,))
    if match is TextMatch.SAME:
        return Sql(f"folded({column}) = ?", (fold(value),))
    if match is TextMatch.PATTERN:
        # As bytes: what is found in paths may be no UTF-8.
        return Sql(f"pattern_found(?, {column})", (os.fsencode(value),))
    wanted = fold(value)
    if not wanted:
        return Sql(f"{column} IS NOT NULL")
    holds = Sql(f"folded_holds({column}, ?)", (wanted,))
    perhaps = _perhaps(column, wanted)
    return holds if perhaps is None else Sql.all_of([perhaps, holds])


def _perhaps(column: str, wanted: str) -> Sql | None:
    """What is true of all texts that hold `wanted`, and of few others: LIKE folds plain letters as we do."""
    letters = max(_PLAIN.findall(wanted), key=len, default="")
    return Sql(f"({column} LIKE ? OR {column} GLOB '*[^ -~]*')", (f"%{letters}%",)) if letters else None


def has_words(text: str) -> bool:
    """Whether the search index finds anything in `text` to look for: letters and digits make words."""
    return any(unicodedata.category(letter)[0] in "LN" for letter in text)


def _phrase(text: str, *, begun: bool) -> str:
    """`text` as words that follow each other, the last perhaps only begun; nothing in it is the index's own syntax."""
    quoted = text.replace('"', '""')
    return f'"{quoted}" *' if begun else f'"{quoted}"'
