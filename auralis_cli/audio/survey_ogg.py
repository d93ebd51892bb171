"""Ogg without decoding it: Vorbis, Opus, FLAC and Speex by their first two packets and their last page."""

from __future__ import annotations

import struct

from auralis_cli.audio.file_window import FileWindow
from auralis_cli.audio.signatures import OGG_FLAC, OGG_OPUS, OGG_SPEEX, OGG_VORBIS
from auralis_cli.audio.survey import NothingToHearError, Survey
from auralis_cli.audio.survey_flac import STREAM_INFO_BYTES, comments_in, stream_info

_HEAD_BYTES = 27
_MARK = b"OggS\0"
_BEGINS = 2
_SERIAL_AT = 14
_MAX_STREAMS = 16
_MAX_HEADER_PAGES = 256
_MAX_PAGES = 1 << 20
_TAIL_BYTES = 8192
# A page holds at most 65307 bytes, and a tag may stand behind the last.
_LONG_TAIL_BYTES = 1 << 18
_OPUS_RATE_HZ = 48_000
# Codec → headers before its audio.
_HEADERS = {OGG_VORBIS: 3, OGG_OPUS: 2, OGG_FLAC: 2, OGG_SPEEX: 2}
_COMMENTS_AFTER = {OGG_VORBIS: 7, OGG_OPUS: 8, OGG_FLAC: 4, OGG_SPEEX: 0}


def survey_ogg(file: FileWindow, start: int) -> Survey:
    """The first stream of audio of the Ogg file whose pages begin at `start`."""
    codec, serial, identity = _first_stream(file, start)
    found, delay = _identified(codec, identity)
    comments, audio_start = _comments(file, start, serial, _HEADERS[codec])
    found.texts = comments_in(comments[_COMMENTS_AFTER[codec] :])
    found.audio, found.is_paged = ((audio_start, file.size_bytes - audio_start),), True
    end = _end(file, start, serial)
    if end is not None and found.sample_rate_hz:
        found.duration_s = max(0, end - delay) / found.sample_rate_hz
    return found


def _first_stream(file: FileWindow, start: int) -> tuple[bytes, int, bytes]:
    """Kind, serial number and first packet of the first stream that is audio."""
    for _ in range(_MAX_STREAMS):
        head = file.at(start, _HEAD_BYTES)
        if len(head) < _HEAD_BYTES or head[:4] != b"OggS" or not head[5] & _BEGINS:
            break
        body = start + _HEAD_BYTES + head[26]
        size = sum(file.at(start + _HEAD_BYTES, head[26]))
        packet = file.at(body, size)
        for codec in _HEADERS:
            if packet.startswith(codec):
                return codec, int.from_bytes(head[_SERIAL_AT : _SERIAL_AT + 4], "little"), packet
        start = body + size
    raise NothingToHearError("holds no audio")


def _identified(codec: bytes, packet: bytes) -> tuple[Survey, int]:
    """The stream as its first packet describes it, and how many of its frames come before the music."""
    packet = packet.ljust(80, b"\0")
    if codec == OGG_VORBIS:
        channels, rate_hz = struct.unpack_from("<BI", packet, 11)
        return Survey("vorbis", rate_hz, channels, lossless=False), 0
    if codec == OGG_OPUS:
        (delay,), (gain,) = struct.unpack_from("<H", packet, 10), struct.unpack_from("<h", packet, 16)
        return Survey("opus", _OPUS_RATE_HZ, packet[9], lossless=False, header_gain_db=gain / 256.0), delay
    if codec == OGG_FLAC:
        return stream_info(packet[17 : 17 + STREAM_INFO_BYTES]), 0
    rate_hz, _, _, channels = struct.unpack_from("<IIII", packet, 36)
    return Survey("speex", rate_hz, channels, lossless=False), 0


def _comments(file: FileWindow, start: int, serial: int, headers: int) -> tuple[bytes, int]:
    """The second packet of a stream, and where the page behind its headers begins."""
    parts: list[bytes] = []
    ended = 0
    for _ in range(_MAX_HEADER_PAGES):
        head = file.at(start, _HEAD_BYTES)
        if len(head) < _HEAD_BYTES or head[:4] != b"OggS":
            break
        table = file.at(start + _HEAD_BYTES, head[26])
        place = start + _HEAD_BYTES + len(table)
        is_ours = int.from_bytes(head[_SERIAL_AT : _SERIAL_AT + 4], "little") == serial
        for length, is_last in _pieces(table):
            if is_ours and ended == 1:
                parts.append(file.at(place, length))
            place += length
            ended += is_ours and is_last
        start = place
        if ended >= headers:
            break
    return b"".join(parts), start


def _pieces(table: bytes) -> list[tuple[int, bool]]:
    """Sizes of the packets or parts of packets on a page, and whether they end there."""
    pieces, size = [], 0
    for entry in table:
        size += entry
        if entry < 255:
            pieces.append((size, True))
            size = 0
    if size:
        pieces.append((size, False))
    return pieces


def _end(file: FileWindow, start: int, serial: int) -> int | None:
    """Where the stream ends, in its own count; of several in a row, all together."""
    for tail_bytes in (_TAIL_BYTES, _LONG_TAIL_BYTES):
        tail = file.tail(tail_bytes)
        place = len(tail)
        while (place := tail.rfind(_MARK, 0, place)) >= 0:
            if place + _HEAD_BYTES > len(tail):
                continue
            granule, its_serial = struct.unpack_from("<qI", tail, place + 6)
            if its_serial != serial:
                return _end_of_all(file, start)
            if granule >= 0:
                return int(granule)
        if len(tail) == file.size_bytes:
            break
    return None


def _end_of_all(file: FileWindow, start: int) -> int | None:
    """The lengths of all streams of audio of a file, page by page."""
    ends: dict[int, int] = {}
    for _ in range(_MAX_PAGES):
        head = file.at(start, _HEAD_BYTES + 255)
        if len(head) < _HEAD_BYTES or head[:4] != b"OggS":
            break
        granule, serial = struct.unpack_from("<qI", head, 6)
        body = start + _HEAD_BYTES + head[26]
        if head[5] & _BEGINS:
            first = file.at(body, 8)
            if any(first.startswith(codec) for codec in _HEADERS):
                ends[serial] = 0
        elif serial in ends and granule >= 0:
            ends[serial] = granule
        start = body + sum(head[_HEAD_BYTES : _HEAD_BYTES + head[26]])
    return sum(ends.values()) if ends else None
