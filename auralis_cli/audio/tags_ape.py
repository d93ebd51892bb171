"""APEv2 tags (ape, wv, mpc, tak; mp3 and tta at times) to plain tags."""

from __future__ import annotations

from collections.abc import Iterable

from auralis_cli.audio.ape_tag import ApeItem
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


def read_ape(items: Iterable[ApeItem]) -> TagSet:
    """The items of an APE tag as plain tags."""
    found = TagSet()
    for item in items:
        plain = item.key.lower()
        kind = cover_kind(plain)
        if kind is not None and item.is_binary:
            _add_cover(kind, item.value, found)
        elif item.is_binary:
            found.nameless.append(item.key)
        else:
            for text in item.value.decode("utf-8", "replace").split("\0"):
                if plain in APE_NUMBERS:
                    found.add_numbered(*APE_NUMBERS[plain], text)
                else:
                    found.add(APE_NAMES.get(plain, item.key), text)
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
