"""Ogg pages: taken apart into packets, made of packets, and the last one of a file (RFC 3533)."""

from __future__ import annotations

import os
import struct
import zlib
from collections.abc import Iterator, Sequence

from auralis_cli.audio.bytes_at import bytes_at
from auralis_cli.quick_dataclasses import dataclass

FIRST_PAGE, LAST_PAGE = 2, 4
MAX_SEGMENTS = 255
_CONTINUED = 1
_HEAD_BYTES = 27
_NO_GRANULE = -1
# A page holds at most 65307 bytes, and a tag may stand behind the last.
_TAIL_BYTES = 1 << 18
# Every byte with its bits the other way round: Ogg's checksum is zlib's, mirrored and without the two inversions.
_MIRRORED = bytes(int(f"{byte:08b}"[::-1], 2) for byte in range(256))


def segments_of(packet: bytes) -> int:
    """Entries that `packet` takes in a page's table."""
    return len(packet) // 255 + 1


def make_page(packets: Sequence[bytes], *, granule: int, serial: int, number: int, flags: int = 0) -> bytes:
    """A page of whole packets, `MAX_SEGMENTS` segments at most."""
    table = b"".join(b"\xff" * (len(packet) // 255) + bytes((len(packet) % 255,)) for packet in packets)
    if len(table) > MAX_SEGMENTS:
        raise ValueError(f"a page holds {MAX_SEGMENTS} segments, not {len(table)}")
    head = struct.pack("<4sBBqIIIB", b"OggS", 0, flags, granule, serial, number, 0, len(table))
    page = head + table + b"".join(packets)
    return page[:22] + _checksum(page) + page[26:]


class PacketSplitter:
    """Takes one logical stream apart, however its bytes are cut."""

    def __init__(self) -> None:
        self._bytes = bytearray()
        self._begun = bytearray()
        # End of the last page that said where its packets end, in frames; the last page's is the stream's.
        self.granule = 0

    def add(self, data: bytes) -> Iterator[bytes]:
        """The packets that `data` completes."""
        self._bytes += data
        while (page := self._take_page()) is not None:
            flags, granule, table, body = page
            if granule != _NO_GRANULE:
                self.granule = granule
            if not flags & _CONTINUED:
                self._begun.clear()
            start = 0
            for size in table:
                self._begun += body[start : start + size]
                start += size
                if size < 255:
                    yield bytes(self._begun)
                    self._begun.clear()

    def _take_page(self) -> tuple[int, int, bytes, bytes] | None:
        data = self._bytes
        if len(data) < _HEAD_BYTES:
            return None
        table_end = _HEAD_BYTES + data[_HEAD_BYTES - 1]
        table = bytes(data[_HEAD_BYTES:table_end])
        end = table_end + sum(table)
        if len(data) < end:
            return None
        body = bytes(data[table_end:end])
        granule = int(struct.unpack_from("<q", data, 6)[0])
        flags = data[5]
        del data[:end]
        return flags, granule, table, body


def _checksum(page: bytes) -> bytes:
    """CRC of polynomial 0x04c11db7, not mirrored, of a page whose checksum is zero."""
    mirrored = zlib.crc32(page.translate(_MIRRORED), 0xFFFFFFFF) ^ 0xFFFFFFFF
    # Mirroring 32 bits and storing them with the lowest byte first is mirroring each byte, highest first.
    return mirrored.to_bytes(4, "big").translate(_MIRRORED)


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
    is_end = is_whole and bool(flags & LAST_PAGE)
    return LastPage(granule if granule >= 0 else None, is_end, serials == {serial})


def _page_heads(data: bytes) -> list[tuple[int, int, int, bool]]:
    """Flags, granule and serial number of each page that begins in `data`, and whether all of it is there."""
    heads: list[tuple[int, int, int, bool]] = []
    start = -1
    while (start := data.find(b"OggS\0", start + 1)) >= 0 and start + _HEAD_BYTES <= len(data):
        body = start + _HEAD_BYTES
        segments = data[body - 1]
        table = data[body : body + segments]
        is_whole = len(table) == segments and body + segments + sum(table) <= len(data)
        heads.append((*struct.unpack_from("<BqI", data, start + 5), is_whole))
    return heads
