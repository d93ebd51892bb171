"""RIFF and IFF files, walked chunk by chunk, and one thing to put right in ours."""

from __future__ import annotations

import os
import struct
from collections.abc import Iterator

from auralis_cli.audio.bytes_at import bytes_at

_MAX_CHUNKS = 1000


def zero_peak_time(descriptor: int, order: str) -> None:
    """Takes the clock out of the PEAK chunk libsndfile writes, so that the same audio gives the same file."""
    for name, start, size in chunks(descriptor, order):
        if name == b"PEAK" and size >= 8:
            os.pwrite(descriptor, b"\0\0\0\0", start + 4)
        if name in (b"data", b"SSND"):
            return


def chunks(descriptor: int, order: str, start: int = 12) -> Iterator[tuple[bytes, int, int]]:
    """Name, first byte and size of each chunk; sizes are claims, and `order` is theirs (`<` or `>`)."""
    for _ in range(_MAX_CHUNKS):
        head = bytes_at(descriptor, 8, start)
        if len(head) < 8:
            return
        name, size = head[:4], struct.unpack(order + "I", head[4:])[0]
        yield name, start + 8, size
        start += 8 + size + size % 2


def is_chain(descriptor: int, order: str, start: int) -> bool:
    """Whether whole chunks follow from `start` to the end of the file: tags, not audio."""
    end = start
    for _, body, size in chunks(descriptor, order, start):
        end = body + size + size % 2
    return os.fstat(descriptor).st_size in (end, end - 1) and end > start
