"""WAV files put together by hand, with the sizes and chunks that programs really write to pipes."""

from __future__ import annotations

import io
import struct

PCM, FLOAT, ALAW, EXTENSIBLE = 1, 3, 6, 0xFFFE
_SUBFORMAT_TAIL = bytes.fromhex("000000001000800000aa00389b71")


class Trickle(io.BytesIO):
    """A stream that, as pipes do, gives what it has: `size` bytes at a time and no seeking."""

    def __init__(self, data: bytes, size: int = 7) -> None:
        super().__init__(data)
        self._size = size

    def read(self, size: int | None = -1) -> bytes:
        return super().read(self._size if size is None or size < 0 else min(size, self._size))

    def seekable(self) -> bool:
        return False


def chunk(name: bytes, body: bytes, size: int | None = None, order: str = "<") -> bytes:
    """One chunk, padded to an even length; `size` where the header lies."""
    head = name + struct.pack(order + "I", len(body) if size is None else size)
    return head + body + b"\0" * (len(body) % 2)


def fmt(
    codec: int = PCM, channels: int = 2, rate_hz: int = 44_100, bits: int = 16, order: str = "<", subformat: int = PCM
) -> bytes:
    """A fmt chunk; with EXTENSIBLE the real codec is `subformat`."""
    align = channels * -(-bits // 8)
    body = struct.pack(order + "HHIIHH", codec, channels, rate_hz, rate_hz * align, align, bits)
    if codec == EXTENSIBLE:
        body += struct.pack(order + "HHIH", 22, bits, 3, subformat) + _SUBFORMAT_TAIL
    return chunk(b"fmt ", body, order=order)


def wav(
    samples: bytes,
    *,
    head: bytes | None = None,
    before: bytes = b"",
    after: bytes = b"",
    data_size: int | None = None,
    riff_size: int | None = None,
    magic: bytes = b"RIFF",
) -> bytes:
    """A whole file: `head` is its fmt chunk, `before` and `after` chunks around the audio."""
    order = ">" if magic == b"RIFX" else "<"
    inside = b"WAVE" + (fmt(order=order) if head is None else head) + before
    inside += chunk(b"data", samples, data_size, order) + after
    return magic + struct.pack(order + "I", len(inside) if riff_size is None else riff_size) + inside


def ds64(data_bytes: int) -> bytes:
    """The chunk of RF64 that holds the real sizes."""
    return chunk(b"ds64", struct.pack("<QQQI", data_bytes + 1000, data_bytes, 0, 0))
