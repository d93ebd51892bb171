"""What may stand where the cursor is: fields and values of queries, names of playlists. Quick, and never a complaint.

A completion script asks for it by `auralis __complete KIND WORD`, which answers with a candidate a line.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from enum import StrEnum
from pathlib import Path

from auralis_cli.db.name_lookup import KINDS, names_like
from auralis_cli.model.album_grouping import fold
from auralis_cli.model.fields import TRACK_FIELDS, FieldKind
from auralis_cli.model.tag_fields import TAG_FIELDS
from auralis_cli.paths import config_dir, library_file


class Offer(StrEnum):
    """What is asked for."""

    QUERY = "query"
    PLAYLISTS = "playlists"
    TEMPLATES = "templates"
    # Of `tag set`, and of `tag remove` and --fields.
    EDITS = "edits"
    TAG_FIELDS = "tag-fields"


# Of a query's fields those whose values the library lists by themselves.
_VALUES = {**{kind: kind for kind in KINDS}, "artists": "artist", "genres": "genre", "albumartists": "albumartist"}
# What values of a field of each kind look like, where they cannot be listed.
_SHAPES = {FieldKind.FLAG: ("yes", "no")}


def completion_words(words: Sequence[str], variables: Mapping[str, str]) -> list[str]:
    """The candidates for `KIND WORD`; none for what is no such thing."""
    try:
        kind, begun = words
        offer = Offer(kind)
    except ValueError:
        return []
    # What cannot be shown on one line cannot be offered.
    return [word for word in _offered(offer, begun, variables) if word.isprintable()]


def _offered(offer: Offer, begun: str, variables: Mapping[str, str]) -> Iterator[str]:
    if offer is Offer.QUERY:
        yield from _of_query(begun, variables)
    elif offer is Offer.EDITS:
        yield from (f"{field.name}=" for field in TAG_FIELDS if field.name.startswith(begun))
        yield from _of_query(begun, variables)
    elif offer is Offer.TAG_FIELDS:
        before, comma, last = begun.rpartition(",")
        yield from (f"{before}{comma}{field.name}" for field in TAG_FIELDS if field.name.startswith(last))
    else:
        yield from names_like(_library(variables), offer.value, fold(begun))


def _of_query(begun: str, variables: Mapping[str, str]) -> Iterator[str]:
    """Fields, behind which `:` stands, and behind that values."""
    opposite = "^" if begun.startswith("^") else ""
    name, colon, value = begun.removeprefix("^").partition(":")
    if not colon:
        yield from (f"{opposite}{field.name}:" for field in TRACK_FIELDS.fields if field.name.startswith(name))
        return
    field = TRACK_FIELDS.find(name)
    exactly = "=" if value.startswith("=") else ""
    if field is None:
        return
    if field.name in _VALUES:
        found = names_like(_library(variables), _VALUES[field.name], fold(value.removeprefix("=")))
        yield from (f"{opposite}{name}:{exactly}{one}" for one in found)
    else:
        yield from (f"{opposite}{name}:{one}" for one in _SHAPES.get(field.kind, ()) if one.startswith(value))


def _library(variables: Mapping[str, str]) -> Path:
    chosen = variables.get("AURALIS_LIBRARY") or _library_that_is_set(variables)
    return Path(chosen or library_file(variables)).expanduser()


def _library_that_is_set(variables: Mapping[str, str]) -> str | None:
    """`library.file` alone: reading settings as the program does takes longer than all else here."""
    for file in (variables.get("AURALIS_CONFIG"), config_dir(variables) / "config.toml"):
        # What is wrong with a file is said by the program.
        with suppress(OSError, ValueError, AttributeError):
            text = Path(file).read_text(encoding="utf-8") if file else ""
            if "library" in text:
                import tomllib

                if isinstance(found := tomllib.loads(text).get("library", {}).get("file"), str):
                    return found
    return None
