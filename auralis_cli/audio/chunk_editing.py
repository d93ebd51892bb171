"""Chunks of RIFF, RF64, AIFF and DSDIFF files put in, changed and taken out; the sizes around them follow."""

from __future__ import annotations

import os
import struct
from collections.abc import Iterable
from typing import IO

from auralis_cli.audio.bytes_at import bytes_at
from auralis_cli.audio.chunks import MAX_SIZE, SIZE_ELSEWHERE, chunks_of
from auralis_cli.audio.resizing import replace_bytes
from auralis_cli.quick_dataclasses import dataclass

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
    """Puts `body` in the place of the chunk `old`, else behind all; without a body the chunk is taken away.

    Raises ValueError where the chunks do not end where they should, or it would be more than they can count.
    """
    size_format = _SIZES[bytes_at(file.fileno(), _NAME_BYTES, 0)]
    head_bytes = _NAME_BYTES + struct.calcsize(size_format)
    end = _end(file, size_format)
    if old is None:
        if not body:
            return
        if end is None:
            raise ValueError("its chunks do not end where the file does")
        start, room = end, 0
    else:
        name, start = old.name, old.start - head_bytes
        room = head_bytes + old.size + old.size % 2
    before = file.seek(0, os.SEEK_END)
    # What stands before a new chunk may lack the byte that makes it even.
    missing = max(0, start - before)
    chunk = name + struct.pack(size_format, len(body)) + body + bytes(len(body) % 2) if body else b""
    replace_bytes(file, start - missing, room, bytes(missing) + chunk)
    size = file.seek(0, os.SEEK_END)
    _state_size(file, size_format, size if end is None else end + size - before - missing)


def _end(file: IO[bytes], size_format: str) -> int | None:
    """Where the last chunk ends, with the byte that makes it even; behind that there may be something else.

    None where neither the file's end nor its head bears it out.
    """
    size = file.seek(0, os.SEEK_END)
    ends = [chunk.start + chunk.size + chunk.size % 2 for chunk in found_chunks(file)]
    stated = _stated_end(file, size_format)
    if stated + stated % 2 in ends and stated <= size:
        return stated + stated % 2
    return ends[-1] if ends and ends[-1] in (size, size + 1) else None


def _stated_end(file: IO[bytes], size_format: str) -> int:
    head_bytes = _NAME_BYTES + struct.calcsize(size_format)
    (stated,) = struct.unpack(size_format, bytes_at(file.fileno(), head_bytes - _NAME_BYTES, _NAME_BYTES))
    if _has_ds64(file, stated):
        stated = int.from_bytes(bytes_at(file.fileno(), 8, _DS64_SIZE_AT), "little")
    return int(stated) + head_bytes


def _has_ds64(file: IO[bytes], stated: int) -> bool:
    return stated == SIZE_ELSEWHERE and bytes_at(file.fileno(), _NAME_BYTES, 12) == _DS64


def _state_size(file: IO[bytes], size_format: str, end: int) -> None:
    size = end - _NAME_BYTES - struct.calcsize(size_format)
    stated = int.from_bytes(bytes_at(file.fileno(), _NAME_BYTES, _NAME_BYTES), "little")
    if _has_ds64(file, stated):
        file.seek(_DS64_SIZE_AT)
        file.write(struct.pack("<Q", size))
    elif size_format != _BIG_64 and size >= MAX_SIZE:
        raise ValueError("it would be more than the 4 GiB that its header can count")
    else:
        file.seek(_NAME_BYTES)
        file.write(struct.pack(size_format, size))
    file.flush()
