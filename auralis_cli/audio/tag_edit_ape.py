"""Fields of APE tags changed item by item."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from auralis_cli.audio.ape_tag import ApeItem
from auralis_cli.audio.tag_names import ALIASES, APE_NAMES, APE_NUMBERS
from auralis_cli.model.tag_fields import TAG_FIELD_OF_VORBIS

_KEYS = {
    "date": "Year",
    "albumartist": "Album Artist",
    "remixer": "MixArtist",
    "recordingdate": "Record Date",
    "catalognumber": "CatalogNumber",
    "discsubtitle": "DiscSubtitle",
    "isrc": "ISRC",
    "bpm": "BPM",
}
_PAIR_KEYS = {"tracknumber": "Track", "discnumber": "Disc"}
_DESCRIPTION = "description"


def ape_names(items: Sequence[ApeItem]) -> set[str]:
    """The fields that the items hold, by the names of Vorbis comments."""
    return {name for item in items for name in _names_of(item)}


def change_items(items: list[ApeItem], fields: Mapping[str, Sequence[str]]) -> None:
    """Puts the values of the fields in the place of those that are there; several stand in one item."""
    left = {name.lower(): (name, tuple(values)) for name, values in fields.items()}
    for number, total in APE_NUMBERS.values():
        if number in left or total in left:
            numbers, totals = (left.pop(name, ("", ()))[1] for name in (number, total))
            text = f"{(numbers or ('0',))[0]}/{totals[0]}" if totals else "".join(numbers[:1])
            _put(items, (number, total), _PAIR_KEYS[number], (text,) if text else ())
    for name, (spelling, values) in left.items():
        _put(items, (name,), _key(name, spelling), values)


def _names_of(item: ApeItem) -> tuple[str, ...]:
    """What an item is read as."""
    if item.is_binary:
        return ()
    plain = item.key.lower()
    if plain in APE_NUMBERS:
        return APE_NUMBERS[plain]
    name = APE_NAMES.get(plain, plain)
    return (name, ALIASES[name]) if name in ALIASES else (name,)


def _put(items: list[ApeItem], names: tuple[str, ...], key: str, values: Sequence[str]) -> None:
    places = []
    for place, item in enumerate(items):
        known = _names_of(item)
        # A description is the comment only as long as there is no other.
        if not set(names).isdisjoint(known) and (known[0] != _DESCRIPTION or not values or _DESCRIPTION in names):
            places.append(place)
    if places and len(names) == 1:
        key = items[places[0]].key
    for place in reversed(places):
        del items[place]
    if values:
        first = places[0] if places else len(items)
        items.insert(first, ApeItem(key, b"\0".join(value.encode() for value in values)))


def _key(name: str, spelling: str) -> str:
    if name in TAG_FIELD_OF_VORBIS:
        return _KEYS.get(name) or (name.upper() if "_" in name else name.title())
    return spelling
