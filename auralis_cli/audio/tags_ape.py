"""APEv2 tags (ape, wv, mpc, tak; mp3 and tta at times) to plain tags."""

from __future__ import annotations

from mutagen.apev2 import BINARY, APEv2

from auralis_cli.audio.tag_names import APE_NAMES, APE_NUMBERS
from auralis_cli.audio.tag_set import TagSet

_COVER = "cover art ("
# What stands in brackets behind that, for the kinds of pictures as ID3 and FLAC count them; all else is "other".
COVER_WORDS = (
    "Other",
    "Png Icon",
    "Icon",
    "Front",
    "Back",
    "Leaflet",
    "Media",
    "Lead Artist",
    "Artist",
    "Conductor",
    "Band",
    "Composer",
    "Lyricist",
    "Recording Location",
    "During Recording",
    "During Performance",
    "Video Capture",
    "Fish",
    "Illustration",
    "Band Logotype",
    "Publisher Logotype",
)
_KINDS = {word.lower(): kind for kind, word in enumerate(COVER_WORDS)}


def read_ape(items: APEv2) -> TagSet:
    """An APEv2 tag as plain tags."""
    found = TagSet()
    for name, value in items.items():
        plain = name.lower()
        if value.kind == BINARY:
            if (kind := cover_kind(name)) is not None:
                _add_cover(kind, value.value, found)
            else:
                found.nameless.append(name)
            continue
        for text in [value.value] if not isinstance(value.value, str) else value.value.split("\0"):
            if plain in APE_NUMBERS:
                found.add_numbered(*APE_NUMBERS[plain], text)
            else:
                found.add(APE_NAMES.get(plain, name), text)
    return found


def cover_kind(name: str) -> int | None:
    """The kind of the picture in an item of that name, None where it holds none."""
    plain = name.lower()
    if not plain.startswith(_COVER):
        return None
    return _KINDS.get(plain.removeprefix(_COVER).removesuffix(")"), 0)


def _add_cover(kind: int, data: bytes, found: TagSet) -> None:
    """A name of a file stands before the picture itself."""
    name, _, picture = data.partition(b"\0")
    description = name.decode("utf-8", "replace")
    is_file_name = "." in description and " " not in description
    found.add_picture(kind, "", "" if is_file_name else description, picture)
