"""FLAC without decoding it: metadata blocks, of which pictures are stepped over. Layout: RFC 9639, 8."""

from __future__ import annotations

import struct

from auralis_cli.audio.file_window import FileWindow
from auralis_cli.audio.survey import NothingToHearError, Survey, Texts
from auralis_cli.audio.tag_names import LIBRARY_NAMES

STREAM_INFO_BYTES = 34
_STREAM_INFO, _COMMENTS = 0, 4
_MAX_BLOCKS = 256
_SLACK_BYTES = 4096
_MAX_COMMENTS_BYTES = 16 << 20
_MAX_COMMENTS = 65_536
# Of no samples at all: it tells nothing apart.
_EMPTY_MD5 = "d41d8cd98f00b204e9800998ecf8427e"
_NAMES = {name.encode(): name for name in LIBRARY_NAMES}


def survey_flac(file: FileWindow, start: int, end: int) -> Survey:
    """The FLAC stream whose marker stands at `start`, up to `end`."""
    place, found, texts = start + 4, None, Texts()
    for _ in range(_MAX_BLOCKS):
        head = file.at(place, 4)
        if len(head) < 4:
            break
        kind, size = head[0] & 0x7F, head[1] << 16 | head[2] << 8 | head[3]
        if kind == _STREAM_INFO and found is None:
            found = stream_info(file.at(place + 4, STREAM_INFO_BYTES))
        elif kind == _COMMENTS and not texts:
            # Some writers say too little of its size.
            texts = comments_in(file.at(place + 4, size)) or comments_in(file.at(place + 4, size + _SLACK_BYTES))
        place += 4 + size
        if head[0] & 0x80:
            break
    if found is None:
        raise NothingToHearError("has no FLAC stream info")
    found.texts = texts
    found.audio = ((place, max(0, end - place)),)
    return found


def stream_info(block: bytes) -> Survey:
    """What the STREAMINFO block says."""
    if len(block) < STREAM_INFO_BYTES:
        raise NothingToHearError("has a damaged FLAC stream info")
    (packed,) = struct.unpack_from(">Q", block, 10)
    rate_hz, samples = packed >> 44, packed & 0xF_FFFF_FFFF
    md5 = block[18:34].hex()
    return Survey(
        "flac",
        rate_hz,
        channels=(packed >> 41 & 7) + 1,
        lossless=True,
        bits=(packed >> 36 & 31) + 1,
        duration_s=samples / rate_hz if samples and rate_hz else None,
        audio_md5=None if md5 == _EMPTY_MD5 or not md5.strip("0") else md5,
    )


def comments_in(data: bytes) -> Texts:
    """The comments of a Vorbis comment header that the library keeps, as far as they are there."""
    texts: Texts = {}
    if len(data) < 8 or len(data) > _MAX_COMMENTS_BYTES:
        return texts
    number_at = 4 + int.from_bytes(data[:4], "little")
    place, end = number_at + 4, len(data)
    for _ in range(min(int.from_bytes(data[number_at:place], "little"), _MAX_COMMENTS)):
        first = place + 4
        place = first + int.from_bytes(data[place:first], "little")
        if place > end:
            break
        middle = data.find(b"=", first, min(place, first + 64))
        if middle > 0 and (name := _NAMES.get(data[first:middle].lower())) is not None:
            value = data[middle + 1 : place].decode("utf-8", "replace")
            if name in texts:
                texts[name].append(value)
            else:
                texts[name] = [value]
    return texts
