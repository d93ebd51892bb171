"""ID3v2 tags wherever files keep them: in front of everything, in a chunk, behind a DSD stream's samples."""

from __future__ import annotations

import os
import struct
from collections.abc import Mapping, Sequence
from typing import IO

from auralis_cli.audio.chunk_editing import first_chunk, put_chunk
from auralis_cli.audio.id3_tag import HEAD_BYTES, Id3Tag, parsed_tag, rendered_tag
from auralis_cli.audio.resizing import replace_bytes
from auralis_cli.audio.surrounding_tags import leading_tag_bytes
from auralis_cli.audio.tag_edit_id3 import change_frames

_MARK = b"ID3"
_CHUNK_NAMES = (b"id3 ", b"ID3 ")
# What a new chunk is called, by the registry's kinds.
_CHUNK_OF = {"wav": b"id3 ", "aiff": b"ID3 ", "dff": b"ID3 "}
# Of a DSF file: where its size and the place of its tag are said.
_DSF_SIZE_AT, _DSF_TAG_AT = 12, 20
_MAX_TAG_BYTES = 256 << 20
_WRITTEN_ANEW = "its ID3 tag was stored oddly and was written anew, as version 2.4"


def id3_tag_of(file: IO[bytes], key: str) -> Id3Tag | None:
    """The ID3v2 tag of a file of the registry's kind `key`, None where it has none."""
    data = _bytes_of(file, key)
    return parsed_tag(data) if data[:3] == _MARK and len(data) >= HEAD_BYTES else None


def edit_id3(file: IO[bytes], key: str, fields: Mapping[str, Sequence[str]]) -> tuple[str, ...]:
    """Changes fields of the tag, which is made where there is none; returns a line for what is to be said."""
    tag = id3_tag_of(file, key) or Id3Tag()
    before = list(tag.frames)
    change_frames(tag, fields)
    if tag.frames == before:
        return ()
    _put(file, key, tag)
    return (_WRITTEN_ANEW,) if tag.is_anew else ()


def write_id3(file: IO[bytes], key: str, tag: Id3Tag) -> None:
    """Puts a tag in the place of the one that is there; one without frames is taken away."""
    _put(file, key, tag)


def _bytes_of(file: IO[bytes], key: str) -> bytes:
    if key in _CHUNK_OF:
        chunk = first_chunk(file, _CHUNK_NAMES)
        if chunk is None:
            return b""
        file.seek(chunk.start)
        return file.read(min(chunk.size, _MAX_TAG_BYTES))
    file.seek(_dsf_place(file) if key == "dsf" else 0)
    head = file.read(HEAD_BYTES)
    return head + file.read(max(0, leading_tag_bytes(head) - HEAD_BYTES))


def _put(file: IO[bytes], key: str, tag: Id3Tag) -> None:
    if key in _CHUNK_OF:
        chunk = first_chunk(file, _CHUNK_NAMES)
        put_chunk(file, chunk, _CHUNK_OF[key], rendered_tag(tag, chunk.size if chunk else 0, is_exact=True))
    elif key == "dsf":
        _put_behind_dsd(file, rendered_tag(tag, 0, is_exact=True))
    else:
        file.seek(0)
        room = leading_tag_bytes(file.read(HEAD_BYTES))
        replace_bytes(file, 0, room, rendered_tag(tag, room))


def _dsf_place(file: IO[bytes]) -> int:
    """Where the tag of a DSF file begins: its end, where it has none."""
    file.seek(_DSF_TAG_AT)
    (place,) = struct.unpack("<Q", file.read(8).ljust(8, b"\0"))
    size = file.seek(0, os.SEEK_END)
    return place if 0 < place < size else size


def _put_behind_dsd(file: IO[bytes], data: bytes) -> None:
    place = _dsf_place(file)
    file.truncate(place)
    file.seek(place)
    file.write(data)
    file.seek(_DSF_SIZE_AT)
    file.write(struct.pack("<QQ", place + len(data), place if data else 0))
    file.flush()
