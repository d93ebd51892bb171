"""Pictures in Vorbis comments, FLAC blocks, APE, MP4 and ASF tags: those meant change, the others stay as they are.

Each function is given whether what comes is wanted in this place even where no picture of the kind is: a file may have
several tags, and one new picture in the first that readers ask is enough.
"""

from __future__ import annotations

import base64
import struct
from typing import IO, Any

from mutagen import MutagenError
from mutagen.apev2 import BINARY, APENoHeaderError, APEv2, APEValue
from mutagen.asf import ASF
from mutagen.asf._attrs import ASFByteArrayAttribute
from mutagen.flac import FLAC, Picture
from mutagen.mp4 import MP4, MP4Cover
from mutagen.oggflac import OggFLAC
from mutagen.oggopus import OggOpus
from mutagen.oggspeex import OggSpeex
from mutagen.oggvorbis import OggVorbis

from auralis_cli.audio.cover_change import CoverChange
from auralis_cli.audio.tag_set import CoverPicture
from auralis_cli.audio.tags_ape import COVER_WORDS, cover_kind

FRONT_COVER = 3
_OTHER = 0
_BLOCK, _OLD_COVER, _OLD_MIME = "metadata_block_picture", "coverart", "coverartmime"
_MP4_COVERS, _ASF_PICTURE = "covr", "WM/Picture"
_MP4_FORMATS = {"image/jpeg": MP4Cover.FORMAT_JPEG, "image/png": MP4Cover.FORMAT_PNG}
_OGG_KINDS: dict[str, type[Any]] = {"ogg": OggVorbis, "opus": OggOpus, "spx": OggSpeex, "oggflac": OggFLAC}


def edit_flac_pictures(file: IO[bytes], _: str, change: CoverChange, *, wanted: bool) -> None:
    """Blocks of a FLAC file, and comments that hold pictures as well, which other programs write there."""
    audio: Any = FLAC(fileobj=file)
    before = list(audio.pictures)
    comments_changed = audio.tags is not None and _edit_comments(audio.tags, change, wanted=False)
    comes = wanted or any(change.takes(block.type) for block in before)
    after = change.done_to(before, lambda block: int(block.type), _block_of if comes else None)
    if after == before and not comments_changed:
        return
    audio.clear_pictures()
    for block in after:
        audio.add_picture(block)
    _save(audio, file)


def edit_ogg_pictures(file: IO[bytes], key: str, change: CoverChange, *, wanted: bool) -> None:
    """Comments of an Ogg file that hold FLAC's blocks in base64."""
    audio = _OGG_KINDS[key](fileobj=file)
    if audio.tags is None:
        audio.add_tags()
    if _edit_comments(audio.tags, change, wanted=wanted):
        _save(audio, file)


def edit_ape_pictures(file: IO[bytes], _: str, change: CoverChange, *, wanted: bool) -> None:
    """Items of an APE tag."""
    try:
        tag = APEv2(fileobj=file)
    except APENoHeaderError:
        if not wanted or change.picture is None:
            return
        tag = APEv2()
    kinds = {name: kind for name in list(tag.keys()) if (kind := cover_kind(name)) is not None}
    gone = [name for name, kind in kinds.items() if change.takes(kind)]
    comes = change.picture is not None and (wanted or bool(gone))
    for name in gone:
        del tag[name]
    if comes and change.picture is not None:
        tag[_ape_name(change.picture.kind)] = APEValue(_ape_value(change.picture), BINARY)
    if gone or comes:
        _save(tag, file)


def edit_mp4_pictures(file: IO[bytes], _: str, change: CoverChange, *, wanted: bool) -> None:
    """Covers of an MP4 file, of which the first is the front and of the others nothing is known."""
    audio: Any = MP4(fileobj=file)
    if audio.tags is None:
        if not wanted or change.picture is None:
            return
        audio.add_tags()
    before = [(_OTHER if place else FRONT_COVER, cover) for place, cover in enumerate(audio.tags.get(_MP4_COVERS, []))]
    after = change.done_to(before, lambda pair: pair[0], None)
    if change.picture is not None:
        cover = MP4Cover(change.picture.data, _MP4_FORMATS[change.picture.mime])
        after.insert(0, (FRONT_COVER, cover))
    if after == before:
        return
    if after:
        audio.tags[_MP4_COVERS] = [cover for _, cover in after]
    else:
        del audio.tags[_MP4_COVERS]
    _save(audio, file)


def edit_asf_pictures(file: IO[bytes], _: str, change: CoverChange, *, wanted: bool) -> None:
    """Attributes of a WMA file."""
    audio: Any = ASF(fileobj=file)
    before = list(audio.tags.get(_ASF_PICTURE, []))
    after = change.done_to(before, lambda one: one.value[0] if one.value else _OTHER, _asf_attribute)
    if after == before:
        return
    audio.tags[_ASF_PICTURE] = after
    _save(audio, file)


def has_ape_tag(file: IO[bytes]) -> bool:
    """Whether there is an APE tag."""
    file.seek(0)
    try:
        APEv2(fileobj=file)
    except APENoHeaderError:
        return False
    return True


def _edit_comments(comments: Any, change: CoverChange, *, wanted: bool) -> bool:
    """Whether any comment is another then."""
    before = list(comments)
    kinds = {pair: kind for pair in before if (kind := _kind_in_comment(*pair)) is not None}
    comes = wanted or any(change.takes(kind) for kind in kinds.values())
    pictures = change.done_to(kinds, kinds.__getitem__, _comment_of if comes else None)
    # The type of a picture that is gone says nothing.
    has_old = any(name.lower() == _OLD_COVER for name, _ in pictures)
    others = [pair for pair in before if pair not in kinds and (has_old or pair[0].lower() != _OLD_MIME)]
    if set(pictures) == set(kinds):
        return False
    comments.clear()
    comments.extend([*others, *pictures])
    return True


def _kind_in_comment(name: str, value: str) -> int | None:
    """The kind of picture that a comment holds; None for any other, one that is damaged is of none."""
    if name.lower() == _OLD_COVER:
        return FRONT_COVER
    if name.lower() != _BLOCK:
        return None
    try:
        return int(Picture(base64.b64decode(value)).type)
    except (MutagenError, ValueError, LookupError, TypeError, EOFError, struct.error):
        return _OTHER


def _comment_of(picture: CoverPicture) -> tuple[str, str]:
    return _BLOCK.upper(), base64.b64encode(_block_of(picture).write()).decode("ascii")


def _block_of(picture: CoverPicture) -> Picture:
    block = Picture()
    block.type, block.mime, block.desc, block.data = picture.kind, picture.mime, picture.description, picture.data
    block.width, block.height = picture.width_px, picture.height_px
    return block


def _ape_name(kind: int) -> str:
    return f"Cover Art ({COVER_WORDS[kind]})"


def _ape_value(picture: CoverPicture) -> bytes:
    """What stands before the picture is shown as its name: players tell the format by how it ends."""
    suffix = ".png" if picture.mime == "image/png" else ".jpg"
    name = picture.description or f"{COVER_WORDS[picture.kind]}{suffix}"
    return name.replace("\0", "").encode() + b"\0" + picture.data


def _asf_attribute(picture: CoverPicture) -> ASFByteArrayAttribute:
    texts = b"".join(text.encode("utf-16-le", "replace") + b"\0\0" for text in (picture.mime, picture.description))
    return ASFByteArrayAttribute(struct.pack("<BI", picture.kind, len(picture.data)) + texts + picture.data)


def _save(audio: Any, file: IO[bytes]) -> None:
    file.seek(0)
    audio.save(fileobj=file)
