"""Words that say how tags are to be changed: `genre=Rock`, `genre+=Live`, `genre-=Pop`, `comment=`.

Only fields of the table can be changed (`model/tag_fields.py`), by whatever word: no word reaches anything else.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace

from auralis_cli.audio.tag_values import canonical_values
from auralis_cli.errors import UsageError
from auralis_cli.model.tag_edits import TagAction, TagEdit
from auralis_cli.model.tag_fields import TAG_FIELD_OF, TAG_FIELDS, TagField, tag_field

# What stands before the sign is taken for a field; a term of a query has a colon there, a path a slash.
_ASSIGNMENT = re.compile(r"([^\s:=/^,+-][^\s:=/,]*?)(\+=|-=|=)(.*)", re.DOTALL)
_ACTIONS = {"=": TagAction.SET, "+=": TagAction.ADD, "-=": TagAction.REMOVE}
_EVERY = "all"


def parted_words(words: Sequence[str]) -> tuple[list[str], list[str]]:
    """The words that are edits, and the others, which say of what."""
    edits = [word for word in words if _ASSIGNMENT.fullmatch(word)]
    return edits, [word for word in words if not _ASSIGNMENT.fullmatch(word)]


def parse_edits(words: Iterable[str]) -> tuple[TagEdit, ...]:
    """The edits that words say, in their order; a field set twice is set to both values.

    Raises UsageError for a field that cannot be edited and for a value that it cannot have.
    """
    found: list[TagEdit] = []
    # Of each edit, the words that say it with their texts.
    texts: dict[int, list[tuple[str, str]]] = {}
    for word in words:
        match = _ASSIGNMENT.fullmatch(word)
        if match is None:
            raise UsageError(word, "is no edit", "as in genre=Rock, genre+=Live, genre-=Pop, comment=")
        field, action = tag_field(match[1]), _ACTIONS[match[2]]
        if action is not TagAction.SET and not match[3].strip():
            raise UsageError(word, "names no value", f"{field.name}= takes all values away")
        if action is TagAction.ADD and not field.is_several:
            raise UsageError(word, f"{field.name} holds one value", f"{field.name}=… sets it")
        last = len(found) - 1
        if found and (found[last].field, found[last].action) == (field.name, action):
            texts[last].append((word, match[3]))
        else:
            texts[len(found)] = [(word, match[3])]
            found.append(TagEdit(field.name, action))
    return tuple(replace(edit, values=_values_of(edit, texts[place])) for place, edit in enumerate(found))


def _values_of(edit: TagEdit, given: Sequence[tuple[str, str]]) -> tuple[str, ...]:
    """The values of one edit, of words with their texts; the word that cannot be served is named."""
    field = TAG_FIELD_OF[edit.field]
    for word, text in given:
        _values(field, [text], word)
    return _values(field, [text for _, text in given], given[-1][0])


def parse_fields(words: str, *, every: Sequence[TagField] = TAG_FIELDS) -> tuple[TagField, ...]:
    """The fields of `title,artist`, in their order, each once; `all` is every one. Raises UsageError for one that is
    none.
    """
    if words.strip().lower() == _EVERY:
        return tuple(every)
    names = [name.strip() for name in words.split(",") if name.strip()]
    if not names:
        raise UsageError(words, "names no field", "as in title,artist")
    return tuple(dict.fromkeys(map(tag_field, names)))


def set_to(field: TagField, texts: Iterable[str]) -> TagEdit:
    """The edit that makes a field hold what `texts` say. Raises UsageError where it cannot."""
    return TagEdit(field.name, TagAction.SET, _values(field, texts, field.name))


def _values(field: TagField, texts: Iterable[str], what: str) -> tuple[str, ...]:
    try:
        return canonical_values(field, texts)
    except ValueError as error:
        raise UsageError(what, f"{field.name} {error}") from error
