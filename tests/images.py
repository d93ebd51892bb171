"""Images for tests of covers: plain ones, and those that harm whoever believes them."""

from __future__ import annotations

import io
import struct
import zlib

from PIL import Image


def image(
    width_px: int = 40, height_px: int = 30, kind: str = "JPEG", *, mode: str = "RGB", **options: object
) -> bytes:
    """A picture that is light at the upper left and dark at the lower right, in the colours of red and blue."""
    ramp = Image.linear_gradient("L").resize((width_px, height_px)).transpose(Image.Transpose.FLIP_TOP_BOTTOM)
    side = Image.linear_gradient("L").transpose(Image.Transpose.ROTATE_270).resize((width_px, height_px))
    made = Image.merge("RGB", (ramp, side, ramp.point(lambda level: 255 - level)))
    target = io.BytesIO()
    made.convert(mode).save(target, kind, **options)
    return target.getvalue()


def png_of(chunks: list[tuple[bytes, bytes]]) -> bytes:
    """A PNG of those chunks, with right checksums."""
    parts = [b"\x89PNG\r\n\x1a\n"]
    for name, body in chunks:
        parts += [struct.pack(">I", len(body)), name, body, struct.pack(">I", zlib.crc32(name + body))]
    return b"".join(parts)


def png_head(width_px: int, height_px: int) -> tuple[bytes, bytes]:
    """IHDR of eight-bit grey."""
    return b"IHDR", struct.pack(">IIBBBBB", width_px, height_px, 8, 0, 0, 0, 0)


def png_bomb(side_px: int = 50_000) -> bytes:
    """A few kilobytes that say they are an image of gigabytes."""
    lines = zlib.compress(bytes(9_000_000), 9)
    return png_of([png_head(side_px, side_px), (b"IDAT", lines), (b"IEND", b"")])


def painted_over(scans: int, side_px: int = 4000) -> bytes:
    """A progressive JPEG that paints all of itself again and again."""
    target = io.BytesIO()
    Image.new("L", (side_px, side_px)).save(target, "JPEG", progressive=True, quality=1)
    data = target.getvalue()
    first = data.index(b"\xff\xda")
    second = data.index(b"\xff\xda", first + 2) if data.count(b"\xff\xda") > 1 else data.index(b"\xff\xd9", first)
    return data[:second] + data[first:second] * scans + data[second:]
