"""The blocks of metadata at the beginning of a FLAC file: taken apart, put together again, padding used up first."""

from __future__ import annotations

from typing import IO

from auralis_cli.audio.resizing import replace_bytes
from auralis_cli.audio.surrounding_tags import leading_tag_bytes
from auralis_cli.quick_dataclasses import dataclass

COMMENT_BLOCK, PICTURE_BLOCK = 4, 6
MAX_BLOCK_BYTES = (1 << 24) - 1
_PADDING, _LAST = 1, 0x80
_MAX_BLOCKS = 256
_NEW_PADDING_BYTES = 4096
# More room than that is not kept for what may come where a picture went.
_MAX_GROWTH_BYTES = 1 << 16
_HEAD_BYTES = 4
_MARK = b"fLaC"
_TAG_HEAD_BYTES = 32


@dataclass(slots=True)
class FlacBlock:
    """One block: what it is, where it begins, what it holds."""

    kind: int
    start: int
    body: bytes


def write_blocks(file: IO[bytes], blocks: list[FlacBlock], end: int) -> None:
    """Puts blocks, the first of them where it was found, in the place of those up to `end`."""
    start = blocks[0].start
    replace_bytes(file, start, end - start, _rendered(blocks, end - start))


def _rendered(blocks: list[FlacBlock], room_bytes: int) -> bytes:
    """The blocks in as much room as they had, where padding can be made to fit."""
    kept = [block for block in blocks if block.kind != _PADDING]
    size = sum(_HEAD_BYTES + len(block.body) for block in kept)
    padding = room_bytes - size - _HEAD_BYTES
    padding_before = sum(len(block.body) for block in blocks if block.kind == _PADDING)
    if padding > padding_before + _MAX_GROWTH_BYTES or (padding < 0 and size != room_bytes):
        padding = _NEW_PADDING_BYTES
    while padding >= 0:
        kept.append(FlacBlock(_PADDING, 0, bytes(min(padding, MAX_BLOCK_BYTES))))
        padding -= MAX_BLOCK_BYTES + _HEAD_BYTES
    heads = [block.kind for block in kept]
    heads[-1] |= _LAST
    return b"".join(
        bytes([head]) + len(block.body).to_bytes(3, "big") + block.body for head, block in zip(heads, kept, strict=True)
    )


def flac_blocks(file: IO[bytes]) -> tuple[list[FlacBlock], int]:
    """The blocks of metadata, and the first byte behind them; ValueError for what cannot be followed."""
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
        blocks.append(FlacBlock(head[0] & 0x7F, place, body))
        place += _HEAD_BYTES + size
        if head[0] & _LAST:
            return blocks, place
    raise ValueError("its FLAC metadata do not end")
