"""A Vorbis stream from libsndfile, cut into pages anew.

libsndfile gives each stream a serial number by chance, and a short one a single page of audio. Where a stream ends
on the page it begins on, ffmpeg does not find out where it begins, and gives whole packets.
"""

from __future__ import annotations

import os
from typing import IO

from auralis_cli.audio.encoder import EncodeError
from auralis_cli.audio.ogg_pages import FIRST_PAGE, LAST_PAGE, MAX_SEGMENTS, PacketSplitter, make_page, segments_of

_SERIAL = 1
_HEADERS = 3
_PAGE_BYTES = 4096
_MODE_BITS = 41
_MAX_MAPPING = 63


class VorbisPages:
    """A file for libsndfile to write to; failures of the file behind it are kept, for libsndfile knows no reasons."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self.failure: OSError | None = None
        self._splitter = PacketSplitter()
        self._headers: list[bytes] = []
        self._clock: _PacketClock | None = None
        self._received_bytes = 0
        # Packets of the page in the making, and where they end, in frames.
        self._page: list[tuple[bytes, int]] = []
        self._page_number = 0

    def write(self, data: bytes) -> int:
        """Takes bytes of the stream; 0 after a failure."""
        if self.failure is not None:
            return 0
        self._received_bytes += len(data)
        try:
            for packet in self._splitter.add(bytes(data)):
                self._take(packet)
        except OSError as error:
            self.failure = error
            return 0
        return len(data)

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """Where the stream stands: it is only appended to."""
        return self._received_bytes

    def tell(self) -> int:
        """Bytes received."""
        return self._received_bytes

    def raise_failure(self) -> None:
        """Raises what went wrong with the file."""
        if self.failure is not None:
            raise self.failure

    def finish(self) -> None:
        """Writes what is left: the last packet is the one in which the stream ends."""
        if not self._page:
            raise EncodeError("libsndfile wrote no audio")
        last, _ = self._page.pop()
        self._page.append((last, self._splitter.granule))
        self._write_page(LAST_PAGE)
        self._file.flush()

    def _take(self, packet: bytes) -> None:
        if self._clock is None:
            self._headers.append(packet)
            if len(self._headers) == _HEADERS:
                self._clock = _PacketClock(self._headers[0], self._headers[2])
                self._write(self._headers[:1], 0, FIRST_PAGE)
                self._write(self._headers[1:], 0, 0)
            return
        self._append(packet, self._clock.end_of(packet))

    def _append(self, packet: bytes, end: int) -> None:
        """Full pages are written only once more follows: what comes last goes on a page that is marked so."""
        segments = sum(segments_of(held) for held, _ in self._page)
        size = sum(len(held) for held, _ in self._page)
        # The first page of audio ends as soon as it says where it is.
        begins = self._page_number == 2 and len(self._page) == 2
        if begins or size >= _PAGE_BYTES or segments + segments_of(packet) > MAX_SEGMENTS:
            self._write_page(0)
        self._page.append((packet, end))

    def _write_page(self, flags: int) -> None:
        self._write([packet for packet, _ in self._page], self._page[-1][1], flags)
        self._page = []

    def _write(self, packets: list[bytes], granule: int, flags: int) -> None:
        page = make_page(packets, granule=granule, serial=_SERIAL, number=self._page_number, flags=flags)
        self._file.write(page)
        self._page_number += 1


class _PacketClock:
    """Says where each packet ends (Vorbis I specification, 4.3.8)."""

    def __init__(self, identification: bytes, setup: bytes) -> None:
        sizes = identification[28]
        self._sizes = (1 << (sizes & 15), 1 << (sizes >> 4))
        self._long_modes = _mode_flags(setup)
        self._mode_mask = (1 << (len(self._long_modes) - 1).bit_length()) - 1
        self._last_size = 0
        self._end = 0

    def end_of(self, packet: bytes) -> int:
        """Frames decoded once the next packet is."""
        size = self._sizes[self._long_modes[(packet[0] >> 1) & self._mode_mask]]
        if self._last_size:
            self._end += (self._last_size + size) // 4
        self._last_size = size
        return self._end


def _mode_flags(setup: bytes) -> list[bool]:
    """Which modes have long blocks. They stand at the header's end, hence are read from there, as others do."""
    bits = int.from_bytes(setup, "little")
    top = bits.bit_length() - 1  # the framing bit
    flags: list[bool] = []
    found: list[bool] = []
    while top > _MODE_BITS:
        mode = bits >> (top - _MODE_BITS) & ((1 << _MODE_BITS) - 1)
        if mode >> 33 > _MAX_MAPPING or mode >> 1 & 0xFFFFFFFF:
            break
        flags.insert(0, bool(mode & 1))
        top -= _MODE_BITS
        if (bits >> (top - 6) & 63) + 1 == len(flags):
            found = list(flags)
    if not found:
        raise EncodeError("libsndfile wrote a Vorbis header without modes")
    return found
