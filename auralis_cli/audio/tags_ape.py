"""APEv2 tags (ape, wv, mpc, tak; mp3 and tta at times) to plain tags."""

from __future__ import annotations

from mutagen.apev2 import BINARY, APEv2

from auralis_cli.audio.tag_names import APE_NAMES, APE_NUMBERS
from auralis_cli.audio.tag_set import TagSet

_COVER = "cover art ("
# Kinds of pictures as ID3 and FLAC count them; all others are "other".
_KINDS = {"icon": 1, "front": 3, "back": 4, "leaflet": 5, "media": 6, "lead artist": 7, "artist": 8, "band": 10}


def read_ape(items: APEv2) -> TagSet:
    """An APEv2 tag as plain tags."""
    found = TagSet()
    for name, value in items.items():
        plain = name.lower()
        if value.kind == BINARY:
            if plain.startswith(_COVER):
                _add_cover(plain.removeprefix(_COVER).removesuffix(")"), value.value, found)
            else:
                found.nameless.append(name)
            continue
        for text in [value.value] if not isinstance(value.value, str) else value.value.split("\0"):
            if plain in APE_NUMBERS:
                found.add_numbered(*APE_NUMBERS[plain], text)
            else:
                found.add(APE_NAMES.get(plain, name), text)
    return found


def _add_cover(kind: str, data: bytes, found: TagSet) -> None:
    """A name of a file stands before the picture itself."""
    name, _, picture = data.partition(b"\0")
    description = name.decode("utf-8", "replace")
    is_file_name = "." in description and " " not in description
    found.add_picture(_KINDS.get(kind, 0), "", "" if is_file_name else description, picture)
