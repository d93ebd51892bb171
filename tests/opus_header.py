"""An Opus file whose header asks for a gain: bytes changed, and the page's checksum with them."""

from __future__ import annotations

import struct

_HEAD_BYTES, _CHECKSUM_AT, _GAIN_AT = 27, 22, 16
_POLYNOMIAL = 0x04C11DB7


def with_header_gain(data: bytes, gain_db: float) -> bytes:
    """The same file with `gain_db` in its header."""
    changed = bytearray(data)
    struct.pack_into("<h", changed, changed.index(b"OpusHead") + _GAIN_AT, round(gain_db * 256))
    table = changed[26]
    page_bytes = _HEAD_BYTES + table + sum(changed[_HEAD_BYTES : _HEAD_BYTES + table])
    changed[_CHECKSUM_AT : _CHECKSUM_AT + 4] = bytes(4)
    struct.pack_into("<I", changed, _CHECKSUM_AT, _checksum(bytes(changed[:page_bytes])))
    return bytes(changed)


def _checksum(page: bytes) -> int:
    value = 0
    for byte in page:
        value ^= byte << 24
        for _ in range(8):
            value = (value << 1 ^ _POLYNOMIAL if value & 0x8000_0000 else value << 1) & 0xFFFF_FFFF
    return value
