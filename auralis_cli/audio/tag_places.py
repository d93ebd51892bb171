"""Where each format keeps tags that can be changed, who changes them, and what none of its places can hold.

Of the places that a format may keep its tags in, one is the main one: the first that holds any, else the first of
all, which is then given what the others say, since readers who find it look no further. The others are kept in step.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import IO

from auralis_cli.audio.ape_tag import find_ape, write_ape
from auralis_cli.audio.id3_editing import edit_id3, id3_tag_of
from auralis_cli.audio.id3v1_tag import change_v1
from auralis_cli.audio.tag_edit_ape import ape_names, change_items
from auralis_cli.audio.tag_edit_asf import edit_asf
from auralis_cli.audio.tag_edit_chunks import aiff_text_values, edit_aiff_texts, edit_info, info_names
from auralis_cli.audio.tag_edit_flac import edit_flac, flac_names
from auralis_cli.audio.tag_edit_id3 import id3_names
from auralis_cli.audio.tag_edit_mp4 import edit_mp4
from auralis_cli.audio.tag_edit_ogg import edit_ogg
from auralis_cli.audio.tag_set import is_stale
from auralis_cli.audio.tag_values import NUMBER_PAIRS
from auralis_cli.audio.texts_id3 import genres_of
from auralis_cli.quick_dataclasses import dataclass

Fields = Mapping[str, Sequence[str]]

# Formats without a place for tags that anybody reads.
NO_TAGS: Mapping[str, str] = {
    "w64": "W64 has no place for tags",
    "caf": "CAF has no place for tags that can be changed",
    "au": "AU has no place for tags",
    "ac3": "AC-3 has no place for tags",
    "eac3": "E-AC-3 has no place for tags",
}


@dataclass(frozen=True, slots=True)
class TagPlace:
    """One kind of place for tags: what fields it holds in a file, by the names of Vorbis comments, and its editor."""

    names: Callable[[IO[bytes], str], set[str]]
    # Returns a line for each thing that is to be said.
    edit: Callable[[IO[bytes], str, Fields], tuple[str, ...]]
    # Whether it has room for every field, so that it may be the main one.
    is_whole: bool = True


def _id3_names(file: IO[bytes], key: str) -> set[str]:
    tag = id3_tag_of(file, key)
    return id3_names(tag) if tag else set()


def _edit_ape(file: IO[bytes], _: str, fields: Fields) -> tuple[str, ...]:
    file.flush()
    tag = find_ape(file)
    change_items(tag.items, fields)
    write_ape(file, tag)
    return ()


def _quietly(edit: Callable[[IO[bytes], Fields], None]) -> Callable[[IO[bytes], str, Fields], tuple[str, ...]]:
    def edit_of_kind(file: IO[bytes], _: str, fields: Fields) -> tuple[str, ...]:
        edit(file, fields)
        return ()

    return edit_of_kind


def _unnamed(_: IO[bytes], __: str) -> set[str]:
    """Of a place that is the only one."""
    return set()


_ID3 = TagPlace(_id3_names, edit_id3)
_APE = TagPlace(lambda file, _: ape_names(find_ape(file).items), _edit_ape)
_FLAC = TagPlace(lambda file, _: flac_names(file), _quietly(edit_flac))
_INFO = TagPlace(lambda file, _: info_names(file), _quietly(edit_info), is_whole=False)
_AIFF = TagPlace(lambda file, _: set(aiff_text_values(file)), _quietly(edit_aiff_texts), is_whole=False)
_OGG, _MP4, _ASF = (TagPlace(_unnamed, _quietly(edit)) for edit in (edit_ogg, edit_mp4, edit_asf))
_ID3_OR_APE, _APE_OR_ID3 = (_ID3, _APE), (_APE, _ID3)
# In the order they are read.
TAG_PLACES: Mapping[str, tuple[TagPlace, ...]] = {
    "wav": (_ID3, _INFO),
    "aiff": (_ID3, _AIFF),
    "flac": (_FLAC, TagPlace(_id3_names, edit_id3, is_whole=False)),
    "oggflac": (_OGG,),
    "ogg": (_OGG,),
    "opus": (_OGG,),
    "spx": (_OGG,),
    "mp3": _ID3_OR_APE,
    "aac": _ID3_OR_APE,
    "tta": _ID3_OR_APE,
    "dsf": (_ID3,),
    "dff": (_ID3,),
    "m4a": (_MP4,),
    "wma": (_ASF,),
    "ape": _APE_OR_ID3,
    "wv": _APE_OR_ID3,
    "mpc": _APE_OR_ID3,
    "mpc8": _APE_OR_ID3,
    "tak": _APE_OR_ID3,
}
# Those that may end with the old tag of 128 bytes.
_MAY_END_WITH_V1 = frozenset(["mp3", "aac", "tta", "ape", "wv", "mpc", "mpc8", "tak", "flac"])


def _is_plain_genre(value: str) -> bool:
    return genres_of([value]) == [value]


# What single fields of a format cannot hold: a test of a value, and the reason.
CELLS: dict[tuple[str, str], tuple[Callable[[str], bool], str]] = {
    ("m4a", "bpm"): (str.isdigit, "m4a holds whole numbers of beats per minute only"),
} | {
    (key, "genre"): (_is_plain_genre, "ID3 holds no genre that is a number or begins with one in parentheses")
    for key, places in TAG_PLACES.items()
    if places[0] is _ID3
}


def unwritable(key: str, field: str | None = None, values: Sequence[str] = ()) -> str | None:
    """Why a file of the registry's kind `key` cannot hold tags, or these values of `field`; None where it can."""
    if key in NO_TAGS:
        return NO_TAGS[key]
    if field is not None and (key, field) in CELLS:
        is_held, reason = CELLS[key, field]
        if not all(map(is_held, values)):
            return reason
    return None


def edit_places(file: IO[bytes], key: str, fields: Fields, said: Callable[[], Fields]) -> tuple[str, ...]:
    """Changes the fields wherever the file holds them, and in its main place in any case.

    `said` gives all that the file says, by its own names, should the main place be made anew.
    """
    places = TAG_PLACES[key]
    names = [place.names(file, key) if len(places) > 1 else set() for place in places]
    main = next((place for place, held in zip(places, names, strict=True) if place.is_whole and _says(held)), None)
    notes: tuple[str, ...] = ()
    for place, held in zip(places, names, strict=True):
        if place is (main or places[0]):
            carried = said() if main is None and len(places) > 1 and any(fields.values()) else {}
            known = {name.lower() for name in fields}
            kept = {name: values for name, values in carried.items() if name.lower() not in known}
            notes += place.edit(file, key, {**kept, **fields})
        elif held_fields := {name: values for name, values in fields.items() if _is_held(name.lower(), held)}:
            notes += place.edit(file, key, held_fields)
    if key in _MAY_END_WITH_V1:
        change_v1(file, fields)
    return notes


def _says(names: set[str]) -> bool:
    """Whether there is more than what tells the level or the encoder."""
    return any(not is_stale(name) for name in names)


def _is_held(name: str, held: set[str]) -> bool:
    pair = next((pair for pair in NUMBER_PAIRS if name in pair), (name,))
    return not held.isdisjoint(pair)
