"""The gain that the header of an Opus stream asks for: part of what is heard, though not of its packets (RFC 7845)."""

from __future__ import annotations

import struct
from pathlib import Path

from auralis_cli.audio.signatures import OGG_OPUS

# The first page holds nothing but this packet; tags may stand before it.
_HEAD_BYTES = 1 << 16
_GAIN_AT = 16
_UNITS_PER_DB = 256.0


def opus_header_gain_db(path: Path) -> float:
    """In dB; 0 where there is none. Raises OSError."""
    with open(path, "rb") as file:
        head = file.read(_HEAD_BYTES)
    place = head.find(OGG_OPUS)
    if place < 0 or place + _GAIN_AT + 2 > len(head):
        return 0.0
    (units,) = struct.unpack_from("<h", head, place + _GAIN_AT)
    return float(units) / _UNITS_PER_DB
