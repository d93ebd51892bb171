"""Where an Ogg stream ends: its last page numbers the last frame and says that it is the last (RFC 3533)."""

from __future__ import annotations

import os
import struct
from dataclasses import dataclass

from auralis_cli.audio.bytes_at import bytes_at

# A page holds at most 65307 bytes, and a tag may stand behind the last.
_TAIL_BYTES = 1 << 18
_ENDS_ITS_STREAM = 0x04


@dataclass(frozen=True, slots=True)
class LastPage:
    """The last page of a file."""

    # In the codec's own count; None where no packet ends on the page.
    granule: int | None
    # Whether the stream was written to its end.
    is_end: bool
    # Whether it belongs to the stream the file begins with, and that one alone is in its last part.
    is_of_first: bool


def last_page(descriptor: int, head: bytes) -> LastPage | None:
    """The last page of the file that begins with `head`, None where there is none near its end."""
    size = os.fstat(descriptor).st_size
    tail = bytes_at(descriptor, _TAIL_BYTES, max(0, size - _TAIL_BYTES))
    found = _page_heads(tail)
    if not found:
        return None
    flags, granule, serial, is_whole = found[-1]
    serials = {page[2] for page in found} | {struct.unpack_from("<I", head.ljust(18, b"\0"), 14)[0]}
    is_end = is_whole and bool(flags & _ENDS_ITS_STREAM)
    return LastPage(granule if granule >= 0 else None, is_end, serials == {serial})


def _page_heads(data: bytes) -> list[tuple[int, int, int, bool]]:
    """Flags, granule and serial number of each page that begins in `data`, and whether all of it is there."""
    heads: list[tuple[int, int, int, bool]] = []
    start = -1
    while (start := data.find(b"OggS\0", start + 1)) >= 0 and start + 27 <= len(data):
        table = data[start + 27 : start + 27 + data[start + 26]]
        is_whole = len(table) == data[start + 26] and start + 27 + len(table) + sum(table) <= len(data)
        heads.append((*struct.unpack_from("<BqI", data, start + 5), is_whole))
    return heads
