"""Vorbis comments of FLAC files changed: one block of metadata, the others as they are, padding used up first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import IO

from auralis_cli.audio.resizing import replace_bytes
from auralis_cli.audio.surrounding_tags import leading_tag_bytes
from auralis_cli.audio.vorbis_block import CommentBlock, change_comments, parsed_block

_COMMENTS, _PADDING, _LAST = 4, 1, 0x80
_MAX_BLOCKS = 256
_MAX_BLOCK_BYTES = (1 << 24) - 1
_NEW_PADDING_BYTES = 4096
_HEAD_BYTES = 4
_MARK = b"fLaC"
_TAG_HEAD_BYTES = 32


@dataclass(slots=True)
class _Block:
    kind: int
    start: int
    body: bytes


def flac_names(file: IO[bytes]) -> set[str]:
    """The names of the comments, in lower case."""
    blocks, _ = _blocks(file)
    return {name for block in blocks if block.kind == _COMMENTS for name in parsed_block(block.body).names()}


def edit_flac(file: IO[bytes], fields: Mapping[str, Sequence[str]]) -> None:
    """Changes the comments of a FLAC file; raises ValueError for metadata that cannot be followed."""
    blocks, end = _blocks(file)
    place = next((number for number, block in enumerate(blocks) if block.kind == _COMMENTS), None)
    if place is None:
        place = 1
        blocks.insert(place, _Block(_COMMENTS, 0, CommentBlock().rendered()))
    comments = parsed_block(blocks[place].body)
    change_comments(comments, fields)
    body = comments.rendered() + comments.rest
    if len(body) > _MAX_BLOCK_BYTES:
        raise ValueError("FLAC holds up to 16 MiB of texts")
    if body == blocks[place].body:
        return
    blocks[place].body = body
    start = blocks[0].start
    replace_bytes(file, start, end - start, _rendered(blocks, end - start))


def _rendered(blocks: list[_Block], room_bytes: int) -> bytes:
    """The blocks in as much room as they had, where padding can be made to fit."""
    kept = [block for block in blocks if block.kind != _PADDING]
    size = sum(_HEAD_BYTES + len(block.body) for block in kept)
    padding = room_bytes - size - _HEAD_BYTES
    if padding < 0 and size != room_bytes:
        padding = _NEW_PADDING_BYTES
    while padding >= 0:
        kept.append(_Block(_PADDING, 0, bytes(min(padding, _MAX_BLOCK_BYTES))))
        padding -= _MAX_BLOCK_BYTES + _HEAD_BYTES
    heads = [block.kind for block in kept]
    heads[-1] |= _LAST
    return b"".join(
        bytes([head]) + len(block.body).to_bytes(3, "big") + block.body for head, block in zip(heads, kept, strict=True)
    )


def _blocks(file: IO[bytes]) -> tuple[list[_Block], int]:
    """The blocks of metadata, and the first byte behind them."""
    place = 0
    file.seek(0)
    while size := leading_tag_bytes(file.read(_TAG_HEAD_BYTES)):
        place += size
        file.seek(place)
    file.seek(place)
    if file.read(4) != _MARK:
        raise ValueError("its FLAC stream cannot be found")
    place += 4
    blocks = []
    for _ in range(_MAX_BLOCKS):
        head = file.read(_HEAD_BYTES)
        size = int.from_bytes(head[1:4], "big")
        body = file.read(size)
        if len(head) < _HEAD_BYTES or len(body) < size:
            break
        blocks.append(_Block(head[0] & 0x7F, place, body))
        place += _HEAD_BYTES + size
        if head[0] & _LAST:
            return blocks, place
    raise ValueError("its FLAC metadata do not end")
