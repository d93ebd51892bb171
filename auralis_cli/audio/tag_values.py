"""Values of the tags that can be edited: what a person may write, and what a file's texts say by our names."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date

from auralis_cli.audio.tag_set import MAX_VALUE_BYTES, TagSet
from auralis_cli.model.plausible import MAX_BPM, MAX_NUMBER, real_number, whole_number
from auralis_cli.model.tag_fields import TAG_FIELD_OF, TAG_FIELD_OF_VORBIS, TAG_FIELDS, TagField, TagKind

# Of one field; more are no list of people.
MAX_VALUES = 100
TRUE_WORDS = ("1", "true", "yes")
_FALSE_WORDS = ("0", "false", "no")
# A number and how many there are: what many containers keep as one, `3/12`.
NUMBER_PAIRS = (("tracknumber", "tracktotal"), ("discnumber", "disctotal"))
_NUMBER_FIELDS = {TAG_FIELD_OF_VORBIS[number].name: TAG_FIELD_OF_VORBIS[total].name for number, total in NUMBER_PAIRS}
_DATE = re.compile(r"\d{4}(-\d{2}){0,2}", re.ASCII)
# Ends of lines are text in a long one; tabs are everywhere.
_CONTROLS = re.compile("[\x00-\x08\x0a-\x1f\x7f-\x9f\u2028\u2029]")
_CONTROLS_OF_LINES = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_ENDS_OF_LINES = re.compile("\r\n?|\u2028|\u2029")


def canonical(field: TagField, text: str) -> str:
    """The one way to write a value of `field`; ValueError with a line on why it is none.

    A number has no zeros in front, a date is 1984, 1984-05 or 1984-05-03, yes is 1 and no is 0.
    """
    try:
        size = len(text.encode("utf-8"))
    except UnicodeEncodeError:
        raise ValueError("is no Unicode text") from None
    if size > MAX_VALUE_BYTES:
        raise ValueError(f"is longer than {MAX_VALUE_BYTES >> 20} MiB")
    return _CANONICAL[field.kind](text.strip())


def canonical_values(field: TagField, texts: Iterable[str]) -> tuple[str, ...]:
    """The values of `field`, each once; empty texts and a no are none. ValueError for what it cannot hold."""
    values = tuple(dict.fromkeys(canonical(field, text) for text in texts if text.strip()))
    if field.kind is TagKind.FLAG and values == ("0",):
        return ()
    if not field.is_several and len(values) > 1:
        raise ValueError(f"holds one value, not {len(values)}")
    if len(values) > MAX_VALUES:
        raise ValueError(f"holds up to {MAX_VALUES} values, not {len(values)}")
    return values


def values_in(texts: Mapping[str, Sequence[str]]) -> dict[str, tuple[str, ...]]:
    """What texts by the names of Vorbis comments say by ours, in the order of the table.

    A value that is none of its field's kind is shown as it stands; a number and a total in one are taken apart.
    """
    found: dict[str, tuple[str, ...]] = {}
    for field in TAG_FIELDS:
        values = texts.get(field.vorbis)
        if values:
            found[field.name] = tuple(dict.fromkeys(values))
    for number, total in _NUMBER_FIELDS.items():
        _take_apart(found, number, total)
    found = {name: _tidy(TAG_FIELD_OF[name], values) for name, values in found.items()}
    return {field.name: found[field.name] for field in TAG_FIELDS if found.get(field.name)}


def others_in(tags: TagSet) -> dict[str, tuple[str, ...]]:
    """The texts that have no name of ours, by the name the file has for them."""
    return {
        spelling: tuple(values) for name, (spelling, values) in tags.values().items() if name not in TAG_FIELD_OF_VORBIS
    }


def texts_of(changes: Mapping[str, Sequence[str]]) -> dict[str, tuple[str, ...]]:
    """Values by our names as texts by the names of Vorbis comments; KeyError for a name that is not in the table."""
    return {TAG_FIELD_OF[name].vorbis: tuple(values) for name, values in changes.items()}


def _take_apart(found: dict[str, tuple[str, ...]], number: str, total: str) -> None:
    first, slash, last = found.get(number, ("",))[0].partition("/")
    if slash:
        found[number] = (first.strip(),) if first.strip() else ()
        if last.strip():
            found.setdefault(total, (last.strip(),))


def _tidy(field: TagField, values: tuple[str, ...]) -> tuple[str, ...]:
    tidied = (_as_read(field, value) for value in values)
    return tuple(dict.fromkeys(value for value in tidied if value))


def _as_read(field: TagField, value: str) -> str:
    """What a file says; nothing where it says nothing: track 0, not a compilation."""
    if field.kind is TagKind.FLAG:
        return "1" if value.strip().lower() in TRUE_WORDS else ""
    if field.kind in (TagKind.WHOLE, TagKind.REAL) and not value.strip(" 0."):
        return ""
    if field.kind in (TagKind.TEXT, TagKind.LONG_TEXT):
        return value
    try:
        return canonical(field, value)
    except ValueError:
        return value


def _text(text: str) -> str:
    if _CONTROLS.search(text):
        raise ValueError("is one line of text, without control characters")
    return text


def _long_text(text: str) -> str:
    text = _ENDS_OF_LINES.sub("\n", text)
    if _CONTROLS_OF_LINES.search(text):
        raise ValueError("is text without control characters")
    return text


def _whole(text: str) -> str:
    value = whole_number(text, 1, MAX_NUMBER)
    if value is None:
        raise ValueError(f"is a whole number from 1 to {MAX_NUMBER}")
    return str(value)


def _real(text: str) -> str:
    value = real_number(text, 0.0, MAX_BPM)
    if not value:
        raise ValueError(f"is a number above 0, up to {MAX_BPM:g}")
    return f"{value:.6f}".rstrip("0").rstrip(".")


def _date(text: str) -> str:
    if _DATE.fullmatch(text):
        year, month, day = (int(part) for part in (*text.split("-"), "1", "1")[:3])
        try:
            date(year, month, day)
        except ValueError:
            pass
        else:
            return text
    raise ValueError("is a date: 1984, 1984-05 or 1984-05-03")


def _flag(text: str) -> str:
    if text.lower() in TRUE_WORDS:
        return "1"
    if text.lower() in _FALSE_WORDS:
        return "0"
    raise ValueError("is yes or no")


_CANONICAL: Mapping[TagKind, Callable[[str], str]] = {
    TagKind.TEXT: _text,
    TagKind.LONG_TEXT: _long_text,
    TagKind.WHOLE: _whole,
    TagKind.REAL: _real,
    TagKind.DATE: _date,
    TagKind.FLAG: _flag,
}
