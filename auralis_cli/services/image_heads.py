"""What an image says of itself in its first bytes: format and size, before anything is decoded.

Who decodes is asked only when this is known: a file of ten kilobytes may say that it is an image of gigabytes.
"""

from __future__ import annotations

import struct
from collections.abc import Callable

from auralis_cli.model.covers import ImageFacts, ImageFormat

MAX_IMAGE_BYTES = 32 << 20
# 6324 × 6324; in memory 160 MB.
MAX_PIXELS = 40_000_000
# Pixels of all passes of a progressive JPEG: a file of a few kilobytes may paint a large image a thousand times.
MAX_PAINTED_PIXELS = 640_000_000
MAX_SIDE_PX = 30_000

_PNG = b"\x89PNG\r\n\x1a\n"
# Heads of JPEG frames; the others between them are tables and the like.
_JPEG_FRAMES = frozenset({*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC})
# Markers without a body.
_JPEG_BARE = frozenset({0x01, *range(0xD0, 0xD9)})
_JPEG_SCAN, _JPEG_END = 0xDA, 0xD9
_BMP_UNCOMPRESSED = (0, 3)
# A JPEG has a dozen before its frame, or some hundreds where it carries a profile of colours.
_MAX_JPEG_SEGMENTS = 4096


def bounded_facts(data: bytes) -> ImageFacts:
    """What the head says of an image that may be decoded; raises ValueError, in a few words, for any other."""
    if len(data) > MAX_IMAGE_BYTES:
        raise ValueError(f"is larger than {MAX_IMAGE_BYTES >> 20} MiB")
    facts = image_facts(data)
    sides = f"{facts.width_px} × {facts.height_px} pixels"
    if facts.pixels > MAX_PIXELS or max(facts.width_px, facts.height_px) > MAX_SIDE_PX:
        raise ValueError(f"says that it has {sides}: more than is decoded")
    if facts.pixels * facts.passes > MAX_PAINTED_PIXELS:
        raise ValueError(f"paints {sides} {facts.passes} times over")
    return facts


def image_facts(data: bytes) -> ImageFacts:
    """Raises ValueError, with a few words, for what is no image of a known format, or says nothing that can be."""
    for begins, read in _READERS:
        if begins(data):
            try:
                facts = read(data)
            except (struct.error, IndexError):
                raise ValueError("ends before it says how large it is") from None
            if facts.width_px <= 0 or facts.height_px <= 0:
                raise ValueError("says that it has no pixels")
            return facts
    raise ValueError("is no JPEG, PNG, GIF, WebP or BMP" if data else "is empty")


def _png(data: bytes) -> ImageFacts:
    if data[12:16] != b"IHDR":
        raise ValueError("is a PNG without a head")
    return ImageFacts(ImageFormat.PNG, *struct.unpack_from(">II", data, 16))


def _jpeg(data: bytes) -> ImageFacts:
    at = 2
    for _ in range(_MAX_JPEG_SEGMENTS):
        at = data.index(b"\xff", at) if b"\xff" in data[at : at + 64] else len(data)
        while data[at] == 0xFF:
            at += 1
        marker = data[at]
        at += 1
        if marker in _JPEG_FRAMES:
            height, width = struct.unpack_from(">HH", data, at + 3)
            # Within what is coded a marker cannot occur; in a thumbnail before it can, which does no harm.
            return ImageFacts(ImageFormat.JPEG, width, height, max(data.count(b"\xff\xda", at), 1))
        if marker in (_JPEG_SCAN, _JPEG_END):
            raise ValueError("is a JPEG without a head")
        if marker not in _JPEG_BARE:
            (size,) = struct.unpack_from(">H", data, at)
            at += max(size, 2)
    raise ValueError("is a JPEG without a head")


def _gif(data: bytes) -> ImageFacts:
    return ImageFacts(ImageFormat.GIF, *struct.unpack_from("<HH", data, 6))


def _webp(data: bytes) -> ImageFacts:
    kind = data[12:16]
    if kind == b"VP8X":
        width, height = (int.from_bytes(data[start : start + 3], "little") + 1 for start in (24, 27))
        if len(data) < 30:
            raise IndexError
    elif kind == b"VP8L":
        (packed,) = struct.unpack_from("<I", data, 21)
        width, height = (packed & 0x3FFF) + 1, (packed >> 14 & 0x3FFF) + 1
    elif kind == b"VP8 ":
        width, height = (side & 0x3FFF for side in struct.unpack_from("<HH", data, 26))
    else:
        raise ValueError("is a WebP without a head")
    return ImageFacts(ImageFormat.WEBP, width, height)


def _bmp(data: bytes) -> ImageFacts:
    (head_bytes,) = struct.unpack_from("<I", data, 14)
    if head_bytes == 12:
        return ImageFacts(ImageFormat.BMP, *struct.unpack_from("<HH", data, 18))
    width, height, _, _, compression = struct.unpack_from("<iiHHI", data, 18)
    if compression not in _BMP_UNCOMPRESSED:
        raise ValueError("is a BMP of a kind that is not read here")
    # A negative height says that the first row is the upper one.
    return ImageFacts(ImageFormat.BMP, width, abs(height))


_READERS: tuple[tuple[Callable[[bytes], bool], Callable[[bytes], ImageFacts]], ...] = (
    (lambda data: data.startswith(b"\xff\xd8\xff"), _jpeg),
    (lambda data: data.startswith(_PNG), _png),
    (lambda data: data[:6] in (b"GIF87a", b"GIF89a"), _gif),
    (lambda data: data[:4] == b"RIFF" and data[8:12] == b"WEBP", _webp),
    (lambda data: data.startswith(b"BM"), _bmp),
)
