"""Fields of ASF files (wma) changed attribute by attribute."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import IO, Any

from mutagen.asf import ASF
from mutagen.asf._attrs import ASFBoolAttribute, ASFUnicodeAttribute

from auralis_cli.audio.tag_names import ALIASES
from auralis_cli.audio.tags_asf import ASF_NAMES, names_of_attribute

_ATTRIBUTES: dict[str, str] = {}
for _attribute, _name in ASF_NAMES.items():
    _ATTRIBUTES.setdefault(_name, _attribute)
_ATTRIBUTES |= {"tracknumber": "WM/TrackNumber", "discnumber": "WM/PartOfSet"}
_COMPILATION, _DISC, _DISCS = "compilation", "discnumber", "disctotal"


def edit_asf(file: IO[bytes], fields: Mapping[str, Sequence[str]]) -> None:
    """Changes the attributes of an ASF file; raises what mutagen stumbles over."""
    file.seek(0)
    audio: Any = ASF(fileobj=file)
    attributes = list(audio.tags)
    change_attributes(attributes, fields)
    audio.tags.clear()
    audio.tags.extend(attributes)
    file.seek(0)
    audio.save(fileobj=file)
    file.flush()


def change_attributes(attributes: list[tuple[str, Any]], fields: Mapping[str, Sequence[str]]) -> None:
    """Puts the values of the fields in the place of those that are there, whatever they are called."""
    left = {name.lower(): (name, tuple(values)) for name, values in fields.items()}
    if _DISC in left and left.get(_DISCS, ("", ()))[1]:
        # A part of a set is stated with how many there are; the number of a track is not.
        numbers, totals = left[_DISC][1], left[_DISCS][1]
        left[_DISC] = _DISC, (f"{(numbers or ('0',))[0]}/{totals[0]}",)
        left[_DISCS] = _DISCS, ()
    for name, (spelling, values) in left.items():
        places = [place for place, (attribute, _) in enumerate(attributes) if name in _names_of(attribute)]
        first = places[0] if places else len(attributes)
        for place in reversed(places):
            del attributes[place]
        attribute = _ATTRIBUTES.get(name, spelling)
        attributes[first:first] = [(attribute, _stored(name, value)) for value in values]


def _names_of(attribute: str) -> tuple[str, ...]:
    """By the first of two names that stand in one; the other goes with it."""
    names = names_of_attribute(attribute)
    return (*names[:1], *(ALIASES[name] for name in names if name in ALIASES and attribute.lower() != "description"))


def _stored(name: str, value: str) -> Any:
    return ASFBoolAttribute(True) if name == _COMPILATION else ASFUnicodeAttribute(value)
