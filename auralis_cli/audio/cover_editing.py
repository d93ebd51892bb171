"""Pictures into files and out of them: only those of the kind that is asked for change.

A file may have several tags. A picture of the kind is replaced in each that has one, or two readers would show two; a
new one goes into the first that readers ask.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import IO, Protocol

from auralis_cli.audio.cover_change import CoverChange
from auralis_cli.audio.cover_places import (
    FRONT_COVER,
    edit_ape_pictures,
    edit_asf_pictures,
    edit_flac_pictures,
    edit_mp4_pictures,
    edit_ogg_pictures,
    has_ape,
)
from auralis_cli.audio.cover_places_id3 import edit_id3_pictures, has_id3
from auralis_cli.audio.tag_places import NO_TAGS
from auralis_cli.audio.tag_set import CoverPicture
from auralis_cli.audio.tags_vorbis import MAX_FLAC_PICTURE_BYTES
from auralis_cli.errors import UnsupportedError
from auralis_cli.quick_dataclasses import dataclass

_JPEG, _PNG = "image/jpeg", "image/png"


class _Edit(Protocol):
    def __call__(self, file: IO[bytes], key: str, change: CoverChange, /, *, wanted: bool) -> None: ...


@dataclass(frozen=True, slots=True)
class _Place:
    """One kind of tag in a file."""

    edit: _Edit
    is_there: Callable[[IO[bytes], str], bool] = lambda _, __: True


@dataclass(frozen=True, slots=True)
class EmbedCover:
    """Puts a picture into a file, in the place of those of its kind: a `FileEdit`."""

    picture: CoverPicture

    def apply(self, file: IO[bytes], format_key: str) -> tuple[str, ...]:
        """See `FileEdit.apply`; raises UnsupportedError where the format cannot hold it."""
        reason = cannot_hold(format_key, self.picture)
        if reason is not None:
            raise UnsupportedError("", reason)
        _edit(file, format_key, CoverChange((self.picture.kind,), self.picture))
        return ()


@dataclass(frozen=True, slots=True)
class RemoveCovers:
    """Takes the pictures of some kinds out of a file, all of them where none is named: a `FileEdit`."""

    # By their numbers in ID3 and FLAC.
    kinds: tuple[int, ...] = ()

    def apply(self, file: IO[bytes], format_key: str) -> tuple[str, ...]:
        """See `FileEdit.apply`; raises UnsupportedError where the format has no pictures."""
        if format_key in NO_TAGS:
            raise UnsupportedError("", NO_TAGS[format_key])
        _edit(file, format_key, CoverChange(self.kinds))
        return ()


def cannot_hold(key: str, picture: CoverPicture) -> str | None:
    """Why a file of the registry's kind `key` cannot hold a picture; None where it can."""
    if key in NO_TAGS:
        return NO_TAGS[key]
    if picture.mime not in (_JPEG, _PNG):
        return f"covers are JPEG or PNG, not {picture.mime.removeprefix('image/')}"
    if key == "m4a" and picture.kind != FRONT_COVER:
        return "m4a does not keep what kind of picture a cover is: it holds a front cover"
    if len(picture.data) > MAX_FLAC_PICTURE_BYTES:
        # Others hold more; a picture that cannot go along into every format is no cover.
        return f"covers hold up to 16 MiB, not {len(picture.data) >> 20}"
    return None


def _edit(file: IO[bytes], key: str, change: CoverChange) -> None:
    places = COVER_PLACES[key]
    present = [place for place in places if place.is_there(file, key)] or places[:1]
    for place in present:
        file.seek(0)
        place.edit(file, key, change, wanted=change.picture is not None and place is present[0])
    file.flush()


_LEADING_ID3 = _Place(edit_id3_pictures, has_id3)
_APE = _Place(edit_ape_pictures, has_ape)
_ID3_CHUNK = (_Place(edit_id3_pictures),)
_OGG = (_Place(edit_ogg_pictures),)

# Where each row of the registry that has pictures keeps them, in the order that readers ask.
COVER_PLACES: Mapping[str, Sequence[_Place]] = {
    "wav": _ID3_CHUNK,
    "aiff": _ID3_CHUNK,
    "dsf": _ID3_CHUNK,
    "dff": _ID3_CHUNK,
    "flac": (_Place(edit_flac_pictures), _LEADING_ID3),
    "oggflac": _OGG,
    "ogg": _OGG,
    "opus": _OGG,
    "spx": _OGG,
    "mp3": (_LEADING_ID3, _APE),
    "aac": (_LEADING_ID3, _APE),
    "tta": (_LEADING_ID3, _APE),
    "m4a": (_Place(edit_mp4_pictures),),
    "wma": (_Place(edit_asf_pictures),),
    "ape": (_APE, _LEADING_ID3),
    "wv": (_APE, _LEADING_ID3),
    "mpc": (_APE, _LEADING_ID3),
    "mpc8": (_APE, _LEADING_ID3),
    "tak": (_APE, _LEADING_ID3),
}
