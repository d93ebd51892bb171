"""RIFF and IFF headers, walked chunk by chunk: what they announce, and one thing to put right in ours."""

from __future__ import annotations

import os
import struct
from collections.abc import Iterator

_MAX_CHUNKS = 1000
# Sizes that say "not known": written to a pipe.
_STREAMING_SIZE = 0x7FFFF000


def announced_audio(descriptor: int, key: str) -> tuple[int | None, bool]:
    """Frames that a WAV or AIFF header announces (None: no claim), and whether it was left unfinished."""
    if key == "wav":
        return _announced_wav(descriptor)
    if key == "aiff":
        return _announced_aiff(descriptor), False
    return None, False


def zero_peak_time(descriptor: int) -> None:
    """Takes the clock out of the PEAK chunk libsndfile writes, so that the same audio gives the same file."""
    for name, start, size in _chunks(descriptor, "<"):
        if name == b"PEAK" and size >= 8:
            os.pwrite(descriptor, b"\0\0\0\0", start + 4)
        if name == b"data":
            return


def _announced_wav(descriptor: int) -> tuple[int | None, bool]:
    file_size, frame_bytes = os.fstat(descriptor).st_size, 0
    order = ">" if os.pread(descriptor, 4, 0) == b"RIFX" else "<"
    for name, start, size in _chunks(descriptor, order):
        if name == b"fmt ":
            codec, _, _, _, align, _ = struct.unpack(order + "HHIIHH", os.pread(descriptor, 16, start).ljust(16, b"\0"))
            frame_bytes = align if codec in (1, 3, 0xFFFE) else 0
        if name == b"data":
            if size == 0 and start < file_size and not _is_chain(descriptor, order, start):
                return None, True
            known = frame_bytes and size < _STREAMING_SIZE
            return (size // frame_bytes if known else None), False
    return None, False


def _announced_aiff(descriptor: int) -> int | None:
    for name, start, size in _chunks(descriptor, ">"):
        if name == b"COMM" and size >= 18:
            return int.from_bytes(os.pread(descriptor, 4, start + 2), "big")
    return None


def _is_chain(descriptor: int, order: str, start: int) -> bool:
    """Whether whole chunks follow from `start` to the end of the file: tags, not audio."""
    end = start
    for _, body, size in _chunks(descriptor, order, start):
        end = body + size + size % 2
    return os.fstat(descriptor).st_size in (end, end - 1) and end > start


def _chunks(descriptor: int, order: str, start: int = 12) -> Iterator[tuple[bytes, int, int]]:
    """Name, first byte and size of each chunk."""
    for _ in range(_MAX_CHUNKS):
        head = os.pread(descriptor, 8, start)
        if len(head) < 8:
            return
        name, size = head[:4], struct.unpack(order + "I", head[4:])[0]
        yield name, start + 8, size
        start += 8 + size + size % 2
