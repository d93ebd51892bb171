"""Formats such as `$artist - $title`: `$name` or `${name}` is the value of a field, `$$` a dollar sign.

A field's own name gives the value as JSON has it, `$duration_s` 281.3; an alias as people read it, `$duration` 4:41.
Braces say more: `${track:02}` fills a number up with zeros, `${albumartist|artist|'Unknown'}` is the first of these
that has a value, words in quotes standing for themselves.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from operator import attrgetter

from auralis_cli.errors import UsageError
from auralis_cli.model.display_text import FieldValue, as_read, as_stored
from auralis_cli.model.fields import Field, FieldKind, FieldTable
from auralis_cli.quick_dataclasses import dataclass

# A quote that is not closed is a letter as well; each way is tried once.
_PLACE = re.compile(r"\$(?:(\$)|([A-Za-z_]\w*)|\{((?:'[^']*+'|[^{}'])*+|[^{}]*+)\}|)", re.ASCII)
# What may stand between braces, up to the next bar: a word in quotes, or a field and how many digits it has at least.
_CHOICE = re.compile(r"\s*(?:'([^']*)'|([^|:']*)(?::([^|']*))?)\s*(?:\||$)")
_DIGITS = re.compile("0([1-9])", re.ASCII)


@dataclass(frozen=True, slots=True)
class _FieldChoice:
    field: Field
    value_of: Callable[[object], FieldValue]
    # Whether it was called by an alias.
    is_read: bool
    digits: int

    def text(self, thing: object) -> str:
        value = self.value_of(thing)
        text = as_read(self.field, value) if self.is_read else as_stored(value)
        return text.zfill(self.digits) if self.digits and text.isdecimal() else text


@dataclass(frozen=True, slots=True)
class TemplatePlace:
    """A place of a template that values of a thing are put into."""

    # As it is written: `${track:02}`.
    word: str
    choices: tuple[_FieldChoice | str, ...]

    def text(self, thing: object) -> tuple[str, Field | None]:
        """The first text there is, and which field's it is; empty where no choice has any."""
        for choice in self.choices:
            if isinstance(choice, str):
                return choice, None
            if text := choice.text(thing):
                return text, choice.field
        return "", None

    @property
    def has_default(self) -> bool:
        """Whether a word stands there where no field has a value."""
        return isinstance(self.choices[-1], str)

    @property
    def fields(self) -> tuple[Field, ...]:
        """The fields that may be put there."""
        return tuple(choice.field for choice in self.choices if not isinstance(choice, str))


@dataclass(frozen=True, slots=True)
class Template:
    """A format, ready to be filled."""

    pieces: tuple[str | TemplatePlace, ...]

    def fill(self, thing: object, shown: Callable[[str, bool], str]) -> str:
        """The format with the values of `thing`; `shown` makes each fit to be shown, told whether it is a path."""
        return "".join(piece if isinstance(piece, str) else _shown(piece, thing, shown) for piece in self.pieces)


def parse_template(text: str, fields: FieldTable, *, what: str = "--format") -> Template:
    """The format that `text` writes. Raises UsageError, about `what`, for a field that is none."""
    pieces: list[str | TemplatePlace] = []
    end = 0
    for found in _PLACE.finditer(text):
        pieces.append(text[end : found.start()])
        end = found.end()
        if found[2] is None and found[3] is None:
            # A dollar sign that begins no name is one.
            pieces.append("$")
            continue
        choices = _choices(found[2] if found[3] is None else found[3], fields, what)
        pieces.append(TemplatePlace(found[0], tuple(choices)))
    pieces.append(text[end:])
    return Template(tuple(piece for piece in pieces if piece != ""))


def _choices(words: str, fields: FieldTable, what: str) -> list[_FieldChoice | str]:
    found: list[_FieldChoice | str] = []
    end = 0
    while end < len(words) or not found:
        choice = _CHOICE.match(words, end)
        if choice is None:
            raise UsageError(what, f"${{{words}}} is not understood", "${name}, ${track:02}, ${a|b|'words'}")
        end = choice.end()
        if choice[1] is not None:
            found.append(choice[1])
            continue
        name = choice[2].strip()
        field = fields.named(name, what)
        found.append(
            _FieldChoice(field, attrgetter(field.name), name.lower() != field.name, _digits(choice[3], words, what))
        )
    return found


def _digits(word: str | None, words: str, what: str) -> int:
    if word is None:
        return 0
    found = _DIGITS.fullmatch(word.strip())
    if found is None:
        raise UsageError(what, f"${{{words}}} is not understood", "as in ${track:02}: up to 9 digits, with zeros")
    return int(found[1])


def _shown(place: TemplatePlace, thing: object, shown: Callable[[str, bool], str]) -> str:
    text, field = place.text(thing)
    # Words of the format itself are as they are.
    return shown(text, field.kind is FieldKind.PATH) if field is not None else text
