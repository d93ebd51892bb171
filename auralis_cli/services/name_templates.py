"""Names of files made from what is known of music, and what names of files say when they were made so.

`$albumartist/$album/${track:02} - $title` is a template as in `model/templates.py`. Its slashes part folders; those in
values, and whatever else names do not hold, become `_`, so that nothing a tag says leads anywhere else.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from itertools import cycle
from pathlib import PurePath

from auralis_cli.audio.file_names import MAX_NAME_BYTES, safe_name, shortened_name
from auralis_cli.errors import InputError, UsageError
from auralis_cli.model.fields import Field, FieldKind, FieldTable
from auralis_cli.model.tag_fields import TAG_FIELDS, TagKind
from auralis_cli.model.tagged_files import TAG_TEMPLATE_FIELDS
from auralis_cli.model.templates import Template, TemplatePlace, parse_template
from auralis_cli.quick_dataclasses import dataclass
from auralis_cli.services.name_matching import AnyText, FixedText, Part, SameAgain, parted

# What Windows takes for devices, whatever their ending.
_DEVICES = frozenset(
    ["con", "prn", "aux", "nul", *(f"{port}{number}" for port in ("com", "lpt") for number in range(1, 10))]
)
_MOST_FOLDERS = 16
_NO_UTF8 = re.compile("([\udc80-\udcff]+)")
# In patterns: anything, which says nothing.
_ANYTHING = Field("_", FieldKind.TEXT, (), "Anything.")
_PATTERN_FIELDS = FieldTable(
    "file",
    (*TAG_TEMPLATE_FIELDS.fields, _ANYTHING),
    {**TAG_TEMPLATE_FIELDS.by_name, _ANYTHING.name: _ANYTHING},
    TAG_TEMPLATE_FIELDS.listed_by,
)
_DATES = frozenset(field.name for field in TAG_FIELDS if field.kind is TagKind.DATE)
_DATE = r"\d{4}(?:-\d\d(?:-\d\d)?)?"
_VALUES = {FieldKind.WHOLE: r"\d+", FieldKind.NUMBER: r"\d+(?:\.\d+)?"}


@dataclass(frozen=True, slots=True)
class NameRules:
    """What names may be."""

    # Whether they have to be names on FAT, exFAT and Windows too.
    portable: bool = True
    # What stands for a value that is not known; None: there is no name then.
    unknown: str | None = None


def parse_name_template(text: str, fields: FieldTable) -> Template:
    """The template that `text` writes; UsageError for one that leads out of its folder, or to no name."""
    if "\0" in text:
        raise UsageError("TEMPLATE", "holds a NUL, as no name does")
    made = parse_template(text, fields, what="TEMPLATE")
    # A field that has no fixed text stands for a letter, which is no dot.
    parts = "".join(piece if isinstance(piece, str) else "x" for piece in made.pieces).split("/")
    if text.startswith(("/", "~")):
        raise UsageError("TEMPLATE", "is an absolute path", "name the folder apart from it: --to DIR")
    if any(part in ("", ".", "..") for part in parts):
        raise UsageError("TEMPLATE", "has a folder without a name", "no //, no . or .., no / at the end")
    if len(parts) > _MOST_FOLDERS:
        raise UsageError("TEMPLATE", f"has more than {_MOST_FOLDERS} folders")
    if not any(isinstance(piece, TemplatePlace) and piece.fields for piece in made.pieces):
        raise UsageError("TEMPLATE", "names no field: all files would have one name", "as in '$artist - $title'")
    return made


def filled_path(template: Template, thing: object, rules: NameRules, extension: str = "") -> PurePath:
    """The relative path that `template` makes of `thing`, ending in `extension` (`.flac`, with its dot).

    Every part of it is a name; none is longer than 200 bytes. Raises InputError where a field has no value and no
    word stands for it.
    """
    parts = [""]
    for piece in template.pieces:
        if isinstance(piece, str):
            first, *others = piece.split("/")
            parts[-1] += first
            parts.extend(others)
        else:
            parts[-1] += _value(piece, thing, rules)
    room = MAX_NAME_BYTES - len(os.fsencode(extension))
    folders = [_name(part, MAX_NAME_BYTES, rules) for part in parts[:-1]]
    return PurePath(*folders, _name(parts[-1], room, rules) + extension)


def _value(place: TemplatePlace, thing: object, rules: NameRules) -> str:
    text, field = place.text(thing)
    if not text.strip() and not place.has_default:
        if rules.unknown is None:
            names = " and no ".join(dict.fromkeys(one.name for one in place.fields))
            hint = f"${{{place.fields[0].name}|'Unknown'}} says what stands there then"
            raise InputError("", f"has no {names} to be named by", hint)
        text = rules.unknown
    if field is None or field.kind is not FieldKind.PATH:
        return safe_name(text, portable=rules.portable)
    # In what is a name already, bytes that are no UTF-8 stay what they are.
    parts = _NO_UTF8.split(" ".join(text.split()))
    return "".join(
        part if is_bytes else safe_name(part, portable=rules.portable)
        for part, is_bytes in zip(parts, cycle((False, True)), strict=False)
    )


def _name(text: str, room_bytes: int, rules: NameRules) -> str:
    """`text`, whose values are safe, as a whole name: never hidden, `.` or `..`, and within what file systems take."""
    name = text.strip()
    if name.startswith("."):
        name = f"_{name[1:]}"
    name = shortened_name(name, room_bytes)
    if rules.portable:
        name = name.rstrip(" .")
        if name.partition(".")[0].strip().casefold() in _DEVICES:
            name = f"_{name}"
    return name.strip() or "_"


@dataclass(frozen=True, slots=True)
class NamePattern:
    """What finds values in names of files."""

    # Of a path without its ending, from some folder on.
    parts: Sequence[Part]
    # How many folders it names.
    folders: int
    # Which of the parts is the value of which field.
    fields: Mapping[str, int]

    def values_in(self, path: str) -> dict[str, str] | None:
        """What the names at the end of a path say, by field; None where they are not of this form."""
        whole = os.path.splitext(os.path.abspath(path))[0]
        names = whole.split("/")
        if len(names) <= self.folders:
            return None
        start = len(whole) - len("/".join(names[-self.folders - 1 :]))
        found = parted(whole, start, self.parts)
        if found is None:
            return None
        return {name: _without_underscores(whole, *found[part]) for name, part in self.fields.items()}


def parse_name_pattern(text: str) -> NamePattern:
    """The pattern that a template writes: `$_` is anything, and a field named twice has to be the same twice.

    Raises UsageError for a field that cannot be edited, and where nothing tells where one ends.
    """
    made = parse_template(text, _PATTERN_FIELDS, what="TEMPLATE")
    parts: list[Part] = []
    names: dict[str, int] = {}
    follows_text = False
    for piece in made.pieces:
        if isinstance(piece, str):
            letters = ("[ _]" if letter in " _" else re.escape(letter) for letter in piece)
            parts.append(FixedText(re.compile("".join(letters), re.IGNORECASE)))
            follows_text = False
            continue
        if len(piece.choices) != 1 or not piece.fields:
            raise UsageError("TEMPLATE", f"{piece.word} is no single field", "one field at each place")
        field = piece.fields[0]
        is_text = field.kind is FieldKind.TEXT and field.name not in _DATES
        if is_text and follows_text:
            raise UsageError("TEMPLATE", f"{piece.word} follows a field at once", "put something between them")
        parts.append(_part(field, names))
        if field is not _ANYTHING:
            names.setdefault(field.name, len(parts) - 1)
        follows_text = is_text
    if not names:
        raise UsageError("TEMPLATE", "names no field", "as in '$artist/$album/$track - $title'")
    folders = sum(piece.count("/") for piece in made.pieces if isinstance(piece, str))
    return NamePattern(tuple(parts), folders, names)


def _part(field: Field, names: Mapping[str, int]) -> Part:
    """The part that is one field's value; `names` are the fields before it."""
    if field.name in names:
        return SameAgain(names[field.name])
    value = _DATE if field.name in _DATES else _VALUES.get(field.kind)
    return AnyText() if value is None else FixedText(re.compile(value), varies=True)


def _without_underscores(path: str, first: int, last: int) -> str:
    """A value; in a name that has underscores for blanks they are blanks."""
    start = path.rfind("/", 0, first) + 1
    end = path.find("/", start)
    name = path[start : end if end >= 0 else None]
    value = path[first:last]
    return " ".join((value if " " in name else value.replace("_", " ")).split())
