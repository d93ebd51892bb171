"""RIFF and IFF files, walked chunk by chunk, and one thing to put right in ours."""

from __future__ import annotations

import os
import struct
from collections.abc import Iterator

from auralis_cli.audio.bytes_at import bytes_at

_MAX_CHUNKS = 1000
# Of a file that begins so: how the sizes of its chunks are stored, and where the first begins.
_LAYOUTS = {
    b"RIFF": ("<I", 12),
    b"RIFX": (">I", 12),
    b"RF64": ("<I", 12),
    b"BW64": ("<I", 12),
    b"FORM": (">I", 12),
    b"FRM8": (">Q", 16),
}
# Sizes from here on mean "not known".
MAX_SIZE = 0xFFFFF000
# What stands for a size of 64 bits, which is in the chunk ds64.
SIZE_ELSEWHERE = 0xFFFFFFFF

# Name, first byte and size of a chunk; sizes are claims.
Chunk = tuple[bytes, int, int]


def chunks_of(descriptor: int) -> Iterator[Chunk]:
    """The chunks of a RIFF (RF64, BW64, RIFX), AIFF or DSDIFF file, none of any other."""
    layout = _LAYOUTS.get(bytes_at(descriptor, 4, 0))
    return iter(()) if layout is None else _walk(descriptor, *layout)


def is_placeholder(size: int) -> bool:
    """What is written for "not known": the largest numbers of 32 and 31 bits, rounded down or up by some kB."""
    return size >= MAX_SIZE or 0x7FFFF000 <= size <= 0x80001000


def is_chain(descriptor: int, order: str, start: int) -> bool:
    """Whether whole chunks follow from `start` to the end of the file: tags, not audio. `order` is `<` or `>`."""
    end = start
    for _, body, size in _walk(descriptor, order + "I", start):
        end = body + size + size % 2
    return os.fstat(descriptor).st_size in (end, end - 1) and end > start


def zero_peak_time(descriptor: int) -> None:
    """Takes the clock out of the PEAK chunk libsndfile writes, so that the same audio gives the same file."""
    for name, start, size in chunks_of(descriptor):
        if name == b"PEAK" and size >= 8:
            os.pwrite(descriptor, b"\0\0\0\0", start + 4)
        if name in (b"data", b"SSND"):
            return


def _walk(descriptor: int, size_format: str, start: int) -> Iterator[Chunk]:
    head_bytes, data_bytes = 4 + struct.calcsize(size_format), 0
    for _ in range(_MAX_CHUNKS):
        head = bytes_at(descriptor, head_bytes, start)
        if len(head) < head_bytes:
            return
        name, (size,) = head[:4], struct.unpack(size_format, head[4:])
        start += head_bytes
        if name == b"ds64" and size >= 16:
            data_bytes = int.from_bytes(bytes_at(descriptor, 8, start + 8), "little")
        if name == b"data" and size == SIZE_ELSEWHERE and data_bytes:
            size = data_bytes
        yield name, start, size
        start += size + size % 2
