"""Vorbis comments (flac, ogg, opus, speex) to and from plain tags, whose names are theirs."""

from __future__ import annotations

import base64
import re
import struct
from collections.abc import Iterable

from mutagen import MutagenError
from mutagen.flac import Picture

from auralis_cli.audio.tag_set import TagSet

# What a FLAC metadata block holds, less room for the fields of a picture.
MAX_FLAC_PICTURE_BYTES = (1 << 24) - (1 << 14)
_VALID_NAME = re.compile(r"[\x20-\x3c\x3e-\x7d]+")
_BLOCK = "metadata_block_picture"
_OLD_COVER, _OLD_COVER_MIME = "coverart", "coverartmime"
_FRONT_COVER = 3


def read_vorbis(comments: Iterable[tuple[str, str]], pictures: Iterable[Picture] = ()) -> TagSet:
    """Vorbis comments, and the picture blocks of a FLAC file, as plain tags."""
    found = TagSet()
    old_mime = "image/jpeg"
    old_covers: list[str] = []
    for picture in pictures:
        _add_block(picture, found)
    for name, value in comments:
        plain = name.lower()
        if plain == _BLOCK:
            _add_encoded(value, found)
        elif plain == _OLD_COVER:
            old_covers.append(value)
        elif plain == _OLD_COVER_MIME:
            old_mime = value
        else:
            found.add(name, value)
    if not found.pictures:
        for value in old_covers:
            _add_old(value, old_mime, found)
    return found


def comments_of(tags: TagSet) -> list[tuple[str, str]]:
    """The fields as Vorbis comments; what is not allowed in a name becomes `_`."""
    comments = []
    for name, value in tags.fields:
        if not _VALID_NAME.fullmatch(name):
            name = "".join(sign if _VALID_NAME.fullmatch(sign) else "_" for sign in name) or "_"
        comments.append((name, value))
    return comments


def blocks_of(tags: TagSet) -> list[Picture]:
    """The covers as FLAC pictures; one that is too large for that is left out with a warning."""
    blocks = []
    for cover in tags.pictures:
        if len(cover.data) > MAX_FLAC_PICTURE_BYTES:
            tags.warnings.append(f"a cover of {len(cover.data) >> 20} MiB was left out: the format holds up to 16 MiB")
            continue
        block = Picture()
        block.type, block.mime, block.desc, block.data = cover.kind, cover.mime, cover.description, cover.data
        blocks.append(block)
    return blocks


def encoded_blocks_of(tags: TagSet) -> list[tuple[str, str]]:
    """The covers as comments, for Ogg, which has no blocks."""
    return [(_BLOCK.upper(), base64.b64encode(block.write()).decode("ascii")) for block in blocks_of(tags)]


def _add_block(picture: Picture, found: TagSet) -> None:
    found.add_picture(int(picture.type), picture.mime, picture.desc, picture.data)


def _add_encoded(value: str, found: TagSet) -> None:
    try:
        _add_block(Picture(base64.b64decode(value)), found)
    except (MutagenError, ValueError, LookupError, TypeError, EOFError, struct.error) as error:
        _warn_of(error, found)


def _add_old(value: str, mime: str, found: TagSet) -> None:
    try:
        found.add_picture(_FRONT_COVER, mime, "", base64.b64decode(value))
    except ValueError as error:
        _warn_of(error, found)


def _warn_of(error: Exception, found: TagSet) -> None:
    found.warnings.append(f"a damaged cover was left out ({type(error).__name__})")
