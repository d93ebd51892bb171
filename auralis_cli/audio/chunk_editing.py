"""Chunks of RIFF, RF64, AIFF and DSDIFF files put in, changed and taken out; the sizes around them follow."""

from __future__ import annotations

import os
import struct
from collections.abc import Iterable
from dataclasses import dataclass
from typing import IO

from auralis_cli.audio.bytes_at import bytes_at
from auralis_cli.audio.chunks import MAX_SIZE, SIZE_ELSEWHERE, chunks_of
from auralis_cli.audio.resizing import replace_bytes

_LITTLE, _BIG, _BIG_64 = "<I", ">I", ">Q"
_SIZES = {
    b"RIFF": _LITTLE,
    b"RIFX": _BIG,
    b"RF64": _LITTLE,
    b"BW64": _LITTLE,
    b"FORM": _BIG,
    b"FRM8": _BIG_64,
}
_NAME_BYTES = 4
# Of an RF64 file, where its true size stands: first in the chunk ds64, which comes first.
_DS64, _DS64_SIZE_AT = b"ds64", 20


@dataclass(frozen=True, slots=True)
class FoundChunk:
    """A chunk of a file: its name, the first byte of its body, the size of that."""

    name: bytes
    start: int
    size: int


def found_chunks(file: IO[bytes]) -> list[FoundChunk]:
    """The chunks, as far as they are there."""
    return [FoundChunk(*chunk) for chunk in chunks_of(file.fileno())]


def first_chunk(file: IO[bytes], names: Iterable[bytes]) -> FoundChunk | None:
    """The first of any of those names."""
    names = tuple(names)
    return next((chunk for chunk in found_chunks(file) if chunk.name in names), None)


def put_chunk(file: IO[bytes], old: FoundChunk | None, name: bytes, body: bytes) -> None:
    """Puts `body` in the place of the chunk `old`, else at the end; without a body the chunk is taken away.

    Raises ValueError where the chunks do not end with the file, or it would be more than they can count.
    """
    size_format = _SIZES[bytes_at(file.fileno(), _NAME_BYTES, 0)]
    head_bytes = _NAME_BYTES + struct.calcsize(size_format)
    if old is None:
        if not body:
            return
        start, room = _end(file), 0
    else:
        name, start = old.name, old.start - head_bytes
        room = head_bytes + old.size + old.size % 2
    chunk = name + struct.pack(size_format, len(body)) + body + bytes(len(body) % 2) if body else b""
    replace_bytes(file, start, room, chunk)
    _state_size(file, size_format)


def _end(file: IO[bytes]) -> int:
    """Where a further chunk begins, after a byte that makes the last one even."""
    chunks = found_chunks(file)
    size = file.seek(0, os.SEEK_END)
    end = chunks[-1].start + chunks[-1].size if chunks else 0
    if chunks and chunks[-1].size and end == size and end % 2:
        file.write(b"\0")
        file.flush()
        return size + 1
    if not chunks or end + end % 2 != size:
        raise ValueError("its chunks do not end where the file does")
    return size


def _state_size(file: IO[bytes], size_format: str) -> None:
    head_bytes = _NAME_BYTES + struct.calcsize(size_format)
    size = file.seek(0, os.SEEK_END) - head_bytes
    (stated,) = struct.unpack(size_format, bytes_at(file.fileno(), head_bytes - _NAME_BYTES, _NAME_BYTES))
    if stated == SIZE_ELSEWHERE and bytes_at(file.fileno(), _NAME_BYTES, 12) == _DS64:
        file.seek(_DS64_SIZE_AT)
        file.write(struct.pack("<Q", size))
    elif size_format != _BIG_64 and size >= MAX_SIZE:
        raise ValueError("it would be more than the 4 GiB that its header can count")
    else:
        file.seek(_NAME_BYTES)
        file.write(struct.pack(size_format, size))
    file.flush()
