"""A file with its tags, as it is shown, and what it is called by them in formats and names."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import field
from types import SimpleNamespace

from auralis_cli.model.display_text import FieldValue
from auralis_cli.model.fields import Field, FieldKind, FieldTable
from auralis_cli.model.tag_edits import TagValues
from auralis_cli.model.tag_fields import TAG_FIELDS, TagKind
from auralis_cli.quick_dataclasses import dataclass

# Between several values of one field, where there is one text for all of them; as listings have genres.
BETWEEN_VALUES = "; "


@dataclass(frozen=True, slots=True)
class TaggedFile:
    """A file, and what its tags say."""

    path: str
    # Key of the format registry.
    format: str
    tags: TagValues
    # What else there is, under the names that the file has for it; it is shown and never changed.
    other: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    # Of a file that the library has.
    id: int | None = None
    # How many pictures it holds.
    pictures: int = 0
    # One line for each thing that could not be read as it was.
    warnings: tuple[str, ...] = ()


_KINDS = {
    TagKind.WHOLE: FieldKind.WHOLE,
    TagKind.REAL: FieldKind.NUMBER,
    TagKind.FLAG: FieldKind.FLAG,
}
_OF_FILES: Mapping[str, Callable[[TaggedFile], FieldValue]] = {
    "path": lambda file: file.path,
    "name": lambda file: os.path.splitext(os.path.basename(file.path))[0],
    "folder": lambda file: os.path.basename(os.path.dirname(file.path)),
    "format": lambda file: file.format,
    "year": lambda file: _first(file, "date")[:4] or None,
    "original_year": lambda file: _first(file, "original_date")[:4] or None,
}
_FILE_FIELDS = (
    Field("path", FieldKind.PATH, (), "The file."),
    Field("name", FieldKind.PATH, (), "The name of the file without its ending."),
    Field("folder", FieldKind.PATH, (), "The name of the folder it is in."),
    Field("format", FieldKind.TEXT, (), "The format of the file."),
    Field("year", FieldKind.TEXT, (), "The year it came out."),
    Field("original_year", FieldKind.TEXT, (), "The year it first came out."),
)
_TAGS = tuple(Field(one.name, _KINDS.get(one.kind, FieldKind.TEXT), one.aliases, one.help) for one in TAG_FIELDS)
_LISTED_BY = "auralis tag fields lists all"
_TAGS_BY_NAME = {word: one for one in _TAGS for word in (one.name, *one.aliases)}
TAG_TEMPLATE_FIELDS = FieldTable("tag", _TAGS, _TAGS_BY_NAME, _LISTED_BY)
# A file's own win over aliases: `year` is no other name of the date there, but its year.
TAGGED_FILE_FIELDS = FieldTable(
    "file", (*_FILE_FIELDS, *_TAGS), {**_TAGS_BY_NAME, **{one.name: one for one in _FILE_FIELDS}}, _LISTED_BY
)


def row_of(file: TaggedFile) -> SimpleNamespace:
    """The values of TAGGED_FILE_FIELDS, for formats: texts as they are, several of a field with semicolons between."""
    values = {one.name: BETWEEN_VALUES.join(file.tags.get(one.name, ())) or None for one in _TAGS}
    return SimpleNamespace(**values, **{name: of_file(file) for name, of_file in _OF_FILES.items()})


def _first(file: TaggedFile, name: str) -> str:
    return next(iter(file.tags.get(name, ())), "")
