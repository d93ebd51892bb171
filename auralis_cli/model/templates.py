"""Formats such as `$artist - $title`: `$name` or `${name}` is the value of a field, `$$` a dollar sign.

A field's own name gives the value as JSON has it, `$duration_s` 281.3; an alias as people read it, `$duration` 4:41.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from operator import attrgetter

from auralis_cli.model.display_text import FieldValue, as_read, as_stored
from auralis_cli.model.fields import Field, FieldKind, FieldTable

_PLACE = re.compile(r"\$(?:(\$)|([A-Za-z_]\w*)|\{([^{}]*)\}|)", re.ASCII)


@dataclass(frozen=True, slots=True)
class _Place:
    field: Field
    value_of: Callable[[object], FieldValue]
    # Whether it was called by an alias.
    is_read: bool


@dataclass(frozen=True, slots=True)
class Template:
    """A format, ready to be filled."""

    pieces: tuple[str | _Place, ...]

    def fill(self, thing: object, shown: Callable[[str, bool], str]) -> str:
        """The format with the values of `thing`; `shown` makes each fit to be shown, told whether it is a path."""
        return "".join(
            piece if isinstance(piece, str) else shown(_text(piece, thing), piece.field.kind is FieldKind.PATH)
            for piece in self.pieces
        )


def parse_template(text: str, fields: FieldTable) -> Template:
    """The format that `text` writes. Raises UsageError for a field that is none."""
    pieces: list[str | _Place] = []
    end = 0
    for found in _PLACE.finditer(text):
        pieces.append(text[end : found.start()])
        end = found.end()
        name = found[2] if found[3] is None else found[3]
        if name is None:
            # A dollar sign that begins no name is one.
            pieces.append("$")
            continue
        field = fields.named(name, "--format")
        pieces.append(_Place(field, attrgetter(field.name), name.lower() != field.name))
    pieces.append(text[end:])
    return Template(tuple(piece for piece in pieces if piece != ""))


def _text(place: _Place, thing: object) -> str:
    value = place.value_of(thing)
    return as_read(place.field, value) if place.is_read else as_stored(value)
