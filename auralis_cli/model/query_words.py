"""From words to a query: beets' syntax.

Words are what a shell leaves of a command line, so that one with spaces is one term. All have to hold; a comma, alone
or behind a word, begins another alternative; `field+` and `field-` sort.
"""

from __future__ import annotations

import os
import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence

from auralis_cli.errors import UsageError
from auralis_cli.model.fields import TRACK_FIELDS, Field, FieldKind, FieldTable
from auralis_cli.model.pattern_bounds import check_pattern
from auralis_cli.model.query import (
    AnyOf,
    Below,
    Clause,
    FlagIs,
    Likeness,
    Query,
    SortKey,
    Term,
    TextIs,
    TextMatch,
    Within,
    Words,
)
from auralis_cli.model.query_values import EXPECTED, interval_of
from auralis_cli.model.source import is_cue_sheet
from auralis_cli.quick_dataclasses import dataclass

# More than anybody types; below what SQLite takes.
MAX_TERMS = 200
MAX_PATHS = 400
MAX_WORD_CHARS = 4000
_FIELD = re.compile(r"([A-Za-z_]\w*):(.*)", re.DOTALL | re.ASCII)
_SORT = re.compile(r"([A-Za-z_]\w*)([+-])", re.ASCII)
_SURROGATES = re.compile("[\ud800-\udfff]")
_LIKE = "like"
# The id or the path of a track, and behind a tilde how far at most.
_LIKE_VALUE = re.compile(
    r"(?:(?P<id>\d{1,18})|(?P<path>.+?))(?:~(?P<within>0?\.\d{1,9}|[01](?:\.\d{0,9})?))?", re.DOTALL | re.ASCII
)
# A path that says where it begins; any other is a part of one.
_PLACE = re.compile(r"/|~|\.{1,2}(/|$)|$")
_YES, _NO = ("true", "yes", "on", "1"), ("false", "no", "off", "0")
_PATTERNED = (FieldKind.TEXT, FieldKind.PATH, FieldKind.WHOLE)


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the meaning of words depends on."""

    # In seconds since 1970, for `added:-3w..`.
    now: int
    # Which words alone are files or folders; those of a stored query never are.
    is_path: Callable[[str], bool] = lambda _: False
    # What the sort keys are fields of.
    sorted_fields: FieldTable = TRACK_FIELDS


def parse_query(words: Sequence[str], surroundings: Surroundings) -> Query:
    """The query that `words` write. Raises UsageError, which names the word, where one cannot be served."""
    alternatives: list[tuple[Clause, ...]] = []
    clauses: list[Clause] = []
    places: list[Below | TextIs] = []
    sort: list[SortKey] = []
    like: list[Likeness] = []
    for word in words:
        if len(word) > MAX_WORD_CHARS:
            raise UsageError(f"{word[:40]}…", f"is longer than {MAX_WORD_CHARS} characters")
        if surroundings.is_path(word):
            places.append(place_of(word))
            continue
        begun = word.removesuffix(",")
        if found := _SORT.fullmatch(begun):
            sort.append(SortKey(surroundings.sorted_fields.sortable(found[1], begun), found[2] == "-"))
        elif likeness := _likeness(begun, surroundings.sorted_fields):
            like.append(likeness)
        elif begun:
            clauses.append(_clause(begun, surroundings.now))
        if begun != word and (clauses or places):
            alternatives.append((*_any_of(places), *clauses))
            clauses, places = [], []
    if clauses or places:
        alternatives.append((*_any_of(places), *clauses))
    if sum(map(len, alternatives)) > MAX_TERMS:
        raise UsageError("QUERY", f"has more than {MAX_TERMS} terms")
    return Query(tuple(alternatives), tuple(sort), tuple(like))


def _any_of(places: Sequence[Below | TextIs]) -> tuple[Clause, ...]:
    """One clause: nothing is in two places at once."""
    if len(places) > MAX_PATHS:
        raise UsageError("QUERY", f"has more than {MAX_PATHS} paths", "name the folder they are in")
    if len(places) > 1:
        return (Clause(AnyOf(tuple(places))),)
    return tuple(map(Clause, places))


def names_field(word: str) -> bool:
    """Whether `word` begins as a term of a query does that is about a field."""
    found = _FIELD.fullmatch(word[word[:1] in ("^", "-") :])
    return found is not None and (TRACK_FIELDS.find(found[1]) is not None or found[1].lower() == _LIKE)


def whole_likeness(word: str) -> str:
    """`like:song.flac` with the whole path, as it can be stored; every other word as it is."""
    found = _FIELD.fullmatch(word)
    value = _LIKE_VALUE.fullmatch(found[2]) if found is not None and found[1].lower() == _LIKE else None
    if value is None or value["path"] is None:
        return word
    within = "" if value["within"] is None else f"~{value['within']}"
    return f"{_LIKE}:{_absolute(value['path'])}{within}"


def parse_sort(text: str, fields: FieldTable) -> tuple[SortKey, ...]:
    """The keys of `year-,title+`; a name alone sorts upwards."""
    keys = []
    for word in text.split(","):
        name = word.strip()
        descending = name.endswith("-")
        keys.append(SortKey(fields.sortable(name[:-1] if name.endswith(("+", "-")) else name, "--sort"), descending))
    return tuple(keys)


def parse_text(text: str, surroundings: Surroundings) -> Query:
    """The query in one text, as it is stored: `artist:"Pink Floyd" year:1970..`."""
    return parse_query(words_of(text), surroundings)


def words_of(text: str) -> list[str]:
    r"""The words of a stored query: parted by blanks outside double quotes; `\"` and `\\` are letters."""
    words: list[str] = []
    letters: list[str] | None = None
    quoted, place = False, 0
    while place < len(text):
        letter = text[place]
        if letter.isspace() and not quoted:
            if letters is not None:
                words.append("".join(letters))
            letters = None
        else:
            letters = [] if letters is None else letters
            if letter == '"':
                quoted = not quoted
            else:
                place += letter == "\\" and text[place + 1 : place + 2] in ('"', "\\")
                letters.append(text[place])
        place += 1
    if quoted:
        raise UsageError(text[:200], "a quote is not closed", 'write " twice, or \\" for the letter')
    return words if letters is None else [*words, "".join(letters)]


def text_of(words: Iterable[str]) -> str:
    """One text from which `words_of` makes `words` again."""
    return " ".join(map(_quoted, words))


def _quoted(word: str) -> str:
    escaped = word.replace("\\", "\\\\").replace('"', '\\"')
    return escaped if word and not re.search(r"\s", word) else f'"{escaped}"'


def _clause(word: str, now: int) -> Clause:
    negated = word[0] in "^-" and len(word) > 1
    bare = word[1:] if negated else word
    found = _FIELD.fullmatch(bare)
    if found is None:
        return Clause(_in_any_name(bare.replace("\\:", ":"), word), negated)
    name, value = found[1], found[2]
    if name.lower() == _LIKE:
        raise UsageError(word, "ranks tracks, which has no opposite", f"{bare} ranks them")
    field = TRACK_FIELDS.named(name, word)
    if "\0" in value:
        raise UsageError(word, "holds a NUL, as no tag or name does")
    return Clause(_term(field, value, word, now), negated)


def _likeness(word: str, fields: FieldTable) -> Likeness | None:
    """What a term like `like:7~0.2` says; None for any other."""
    found = _FIELD.fullmatch(word)
    if found is None or found[1].lower() != _LIKE:
        return None
    if fields is not TRACK_FIELDS:
        raise UsageError(word, f"ranks tracks, not {fields.subject}s")
    value = _LIKE_VALUE.fullmatch(found[2])
    if value is None or "\0" in word:
        raise UsageError(word, "takes the id or the path of a track", "as in like:7, or like:7~0.2 for no farther")
    within = 1.0 if value["within"] is None else float(value["within"])
    number = None if value["id"] is None else int(value["id"])
    return Likeness(word, number, "" if value["path"] is None else _absolute(value["path"]), within)


def _in_any_name(text: str, word: str) -> Term:
    if "\0" in text:
        raise UsageError(word, "holds a NUL, as no tag or name does")
    match, value = _text_match(text)
    if match is TextMatch.HOLDS:
        return Words(_text(value))
    return _text_term(None, match, value, word)


def _text_match(value: str) -> tuple[TextMatch, str]:
    """How a text is to be compared, by what stands before it."""
    for mark, match in (("=~", TextMatch.SAME), ("=", TextMatch.EXACT), (":", TextMatch.PATTERN)):
        if value.startswith(mark):
            return match, value[len(mark) :]
    return TextMatch.HOLDS, value


def _text(value: str) -> str:
    """`value` as tags hold it: composed, and no bytes that are no letters."""
    return _SURROGATES.sub("\ufffd", unicodedata.normalize("NFC", value))


def _text_term(field: Field | None, match: TextMatch, value: str, word: str) -> TextIs:
    if match is TextMatch.PATTERN:
        try:
            check_pattern(value)
        except ValueError as error:
            raise UsageError(word, str(error)) from error
    return TextIs(field, match, value if field is not None and field.kind is FieldKind.PATH else _text(value))


def _term(field: Field, value: str, word: str, now: int) -> Term:
    match, rest = _text_match(value)
    if field.kind is FieldKind.TEXT:
        return _text_term(field, match, rest, word)
    if match is TextMatch.PATTERN:
        if field.kind not in _PATTERNED:
            raise UsageError(word, f"{field.name} takes no pattern", f"it takes {EXPECTED[field.kind]}")
        return _text_term(field, match, rest, word)
    if field.kind is FieldKind.PATH:
        if match is TextMatch.HOLDS and not _PLACE.match(value):
            return TextIs(field, TextMatch.PATTERN, f"(?i:{re.escape(value)})")
        if match is TextMatch.HOLDS and field.name == "path":
            return place_of(value)
        return TextIs(field, TextMatch.EXACT, _absolute(rest))
    try:
        if field.kind is FieldKind.FLAG:
            return FlagIs(field, _flag(rest))
        return _within(field, rest, now, exact=match is not TextMatch.HOLDS)
    except ValueError:
        raise UsageError(word, f"{field.name} is {EXPECTED[field.kind]}") from None


def _flag(word: str) -> bool:
    if word.lower() not in (*_YES, *_NO):
        raise ValueError
    return word.lower() in _YES


def _within(field: Field, word: str, now: int, *, exact: bool) -> Within:
    first, dots, last = word.partition("..")
    if dots:
        low = interval_of(field, first, now) if first else None
        high = interval_of(field, last, now) if last else None
        whole = high is not None and high.is_period
        end = None if high is None else high.high if whole else high.exact
        return Within(field, None if low is None else low.exact, end, to_the_end=not whole)
    alone = interval_of(field, word, now)
    if exact and not alone.is_period:
        return Within(field, alone.exact, alone.exact)
    return Within(field, alone.low, alone.high, to_the_end=False)


def place_of(word: str) -> Below | TextIs:
    """The file, or all below the folder; of a cue sheet its tracks."""
    path = _absolute(word)
    if is_cue_sheet(path):
        return TextIs(TRACK_FIELDS.by_name["sheet_path"], TextMatch.EXACT, path)
    return Below(path)


def _absolute(word: str) -> str:
    return os.path.abspath(os.path.expanduser(word))
