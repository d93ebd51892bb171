"""Vorbis comments of FLAC files changed: one block of metadata, the others as they are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import IO

from auralis_cli.audio.flac_blocks import COMMENT_BLOCK, MAX_BLOCK_BYTES, FlacBlock, flac_blocks, write_blocks
from auralis_cli.audio.vorbis_block import CommentBlock, change_comments, parsed_block


def flac_names(file: IO[bytes]) -> set[str]:
    """The names of the comments, in lower case."""
    blocks, _ = flac_blocks(file)
    return {name for block in blocks if block.kind == COMMENT_BLOCK for name in parsed_block(block.body).names()}


def edit_flac(file: IO[bytes], fields: Mapping[str, Sequence[str]]) -> None:
    """Changes the comments of a FLAC file; raises ValueError for metadata that cannot be followed."""
    blocks, end = flac_blocks(file)
    place = next((number for number, block in enumerate(blocks) if block.kind == COMMENT_BLOCK), None)
    if place is None:
        place = 1
        blocks.insert(place, FlacBlock(COMMENT_BLOCK, 0, CommentBlock().rendered()))
    comments = parsed_block(blocks[place].body)
    change_comments(comments, fields)
    body = comments.rendered() + comments.rest
    if len(body) > MAX_BLOCK_BYTES:
        raise ValueError("FLAC holds up to 16 MiB of texts")
    if body == blocks[place].body:
        return
    blocks[place].body = body
    write_blocks(file, blocks, end)
