"""Pictures in Vorbis comments, FLAC blocks, APE, MP4 and ASF tags: those meant change, the others stay as they are.

Each function is given whether what comes is wanted in this place even where no picture of the kind is: a file may have
several tags, and one new picture in the first that readers ask is enough.
"""

from __future__ import annotations

import base64
import struct
from typing import IO, Any

from mutagen.asf import ASF
from mutagen.asf._attrs import ASFByteArrayAttribute
from mutagen.mp4 import MP4, MP4Cover

from auralis_cli.audio.ape_tag import ApeItem, find_ape, write_ape
from auralis_cli.audio.cover_change import CoverChange
from auralis_cli.audio.flac_blocks import COMMENT_BLOCK, PICTURE_BLOCK, FlacBlock, flac_blocks, write_blocks
from auralis_cli.audio.tag_edit_ogg import rewrite_comments
from auralis_cli.audio.tag_set import CoverPicture
from auralis_cli.audio.tags_ape import COVER_WORDS, cover_kind
from auralis_cli.audio.vorbis_block import CommentBlock, parsed_block

FRONT_COVER = 3
_OTHER = 0
_BLOCK, _OLD_COVER, _OLD_MIME = b"metadata_block_picture", b"coverart", b"coverartmime"
# Flags of an item that holds bytes.
_APE_BINARY = 2
_MP4_COVERS, _ASF_PICTURE = "covr", "WM/Picture"
_MP4_FORMATS = {"image/jpeg": MP4Cover.FORMAT_JPEG, "image/png": MP4Cover.FORMAT_PNG}


def edit_flac_pictures(file: IO[bytes], _: str, change: CoverChange, *, wanted: bool) -> None:
    """Blocks of a FLAC file, and comments that hold pictures as well, which other programs write there."""
    blocks, end = flac_blocks(file)
    before = [block.body for block in blocks]
    for block in blocks:
        if block.kind == COMMENT_BLOCK:
            comments = parsed_block(block.body)
            if change_pictures(comments, change, wanted=False):
                block.body = comments.rendered() + comments.rest
    pictures = [block for block in blocks if block.kind == PICTURE_BLOCK]
    comes = wanted or any(change.takes(_kind_of_block(block.body)) for block in pictures)
    after = change.done_to(pictures, lambda block: _kind_of_block(block.body), _flac_block_of if comes else None)
    first = blocks.index(pictures[0]) if pictures else len(blocks)
    others = [block for block in blocks if block.kind != PICTURE_BLOCK]
    changed = [*others[:first], *after, *others[first:]]
    if [block.body for block in changed] != before:
        write_blocks(file, changed, end)


def edit_ogg_pictures(file: IO[bytes], _: str, change: CoverChange, *, wanted: bool) -> None:
    """Comments of an Ogg file that hold FLAC's blocks in base64."""
    rewrite_comments(file, lambda comments: _change_quietly(comments, change, wanted=wanted))


def edit_ape_pictures(file: IO[bytes], _: str, change: CoverChange, *, wanted: bool) -> None:
    """Items of an APE tag."""
    file.flush()
    tag = find_ape(file)
    pictures = [item for item in tag.items if cover_kind(item.key) is not None]
    comes = wanted or any(change.takes(_kind_of_item(item)) for item in pictures)
    after = change.done_to(pictures, _kind_of_item, _ape_item if comes else None)
    if after != pictures:
        tag.items[:] = [*(item for item in tag.items if item not in pictures), *after]
        write_ape(file, tag)


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


def has_ape(file: IO[bytes], _: str) -> bool:
    """Whether there is an APE tag."""
    file.flush()
    return bool(find_ape(file).items)


def change_pictures(comments: CommentBlock, change: CoverChange, *, wanted: bool) -> bool:
    """Changes the comments that hold pictures; whether any is another then."""
    before = list(comments.comments)
    pictures = [comment for comment in before if _kind_in_comment(comment) is not None]
    comes = wanted or any(change.takes(_kind_in_comment(comment) or _OTHER) for comment in pictures)
    after = change.done_to(
        pictures, lambda comment: _kind_in_comment(comment) or _OTHER, _comment_of if comes else None
    )
    if after == pictures:
        return False
    # The type of a picture that is gone says nothing.
    has_old = any(_name_of(comment) == _OLD_COVER for comment in after)
    others = [comment for comment in before if comment not in pictures]
    comments.comments[:] = [*(one for one in others if has_old or _name_of(one) != _OLD_MIME), *after]
    return True


def _change_quietly(comments: CommentBlock, change: CoverChange, *, wanted: bool) -> None:
    change_pictures(comments, change, wanted=wanted)


def _name_of(comment: bytes) -> bytes:
    return comment.partition(b"=")[0].lower()


def _kind_in_comment(comment: bytes) -> int | None:
    """The kind of picture that a comment holds; None for any other, one that is damaged is of none."""
    name = _name_of(comment)
    if name == _OLD_COVER:
        return FRONT_COVER
    if name != _BLOCK:
        return None
    try:
        return _kind_of_block(base64.b64decode(comment[len(_BLOCK) + 1 :][:8], validate=True))
    except ValueError:
        return _OTHER


def _kind_of_block(body: bytes) -> int:
    kind = int.from_bytes(body[:4], "big")
    return kind if len(body) >= 4 and kind < len(COVER_WORDS) else _OTHER


def _kind_of_item(item: ApeItem) -> int:
    return cover_kind(item.key) or _OTHER


def _comment_of(picture: CoverPicture) -> bytes:
    return _BLOCK.upper() + b"=" + base64.b64encode(_block_of(picture))


def _flac_block_of(picture: CoverPicture) -> FlacBlock:
    return FlacBlock(PICTURE_BLOCK, 0, _block_of(picture))


def _block_of(picture: CoverPicture) -> bytes:
    """As FLAC keeps a picture; 24 bits a pixel is what players expect, and what nobody looks at."""
    mime, description = picture.mime.encode("ascii", "replace"), picture.description.encode("utf-8", "replace")
    sized = (struct.pack(">I", len(text)) + text for text in (mime, description))
    sides = struct.pack(">IIII", picture.width_px, picture.height_px, 24, 0)
    return (
        struct.pack(">I", picture.kind) + b"".join(sized) + sides + struct.pack(">I", len(picture.data)) + picture.data
    )


def _ape_item(picture: CoverPicture) -> ApeItem:
    """What stands before the picture is shown as its name: players tell the format by how it ends."""
    suffix = ".png" if picture.mime == "image/png" else ".jpg"
    name = (picture.description or f"{COVER_WORDS[picture.kind]}{suffix}").replace("\0", "")
    value = name.encode("utf-8", "replace") + b"\0" + picture.data
    return ApeItem(f"Cover Art ({COVER_WORDS[picture.kind]})", value, _APE_BINARY)


def _asf_attribute(picture: CoverPicture) -> ASFByteArrayAttribute:
    texts = b"".join(text.encode("utf-16-le", "replace") + b"\0\0" for text in (picture.mime, picture.description))
    return ASFByteArrayAttribute(struct.pack("<BI", picture.kind, len(picture.data)) + texts + picture.data)


def _save(audio: Any, file: IO[bytes]) -> None:
    file.seek(0)
    audio.save(fileobj=file)
