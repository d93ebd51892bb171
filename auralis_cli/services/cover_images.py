"""Images of covers, decoded within bounds: of bytes, pixels and passes, all asked of the head before Pillow is.

What comes with music comes from anywhere. Pillow's own check against decompression bombs warns where it should refuse,
and guesses among seventy formats; here the format is the one that the head told, and no other parser is tried.
"""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Callable

from PIL import BmpImagePlugin, GifImagePlugin, Image, ImageOps, JpegImagePlugin, PngImagePlugin, WebPImagePlugin

from auralis_cli.model.covers import ImageFacts, ImageFormat
from auralis_cli.quick_dataclasses import dataclass
from auralis_cli.services.image_heads import bounded_facts

_JPEG_QUALITY = 90
_OPENERS: dict[ImageFormat, Callable[[io.BytesIO], Image.Image]] = {
    ImageFormat.JPEG: JpegImagePlugin.JpegImageFile,
    ImageFormat.PNG: PngImagePlugin.PngImageFile,
    ImageFormat.GIF: GifImagePlugin.GifImageFile,
    ImageFormat.WEBP: WebPImagePlugin.WebPImageFile,
    ImageFormat.BMP: BmpImagePlugin.BmpImageFile,
}
# What Pillow's parsers stumble over, and let through.
_UNDECODABLE = (
    OSError,
    SyntaxError,
    ValueError,
    LookupError,
    TypeError,
    AttributeError,
    ArithmeticError,
    EOFError,
    MemoryError,
    RuntimeError,
    struct.error,
    zlib.error,
    Image.DecompressionBombError,
    Image.DecompressionBombWarning,
)


@dataclass(frozen=True, slots=True)
class IndexedPixels:
    """Pixels in rows from the upper left, each the number of a colour, which is red, green and blue from 0 to 255."""

    width_px: int
    height_px: int
    data: bytes
    colors: tuple[tuple[int, int, int], ...]


class DecodedImage:
    """An image in memory, upright, from which others are made in any size; what is seen through is black."""

    def __init__(self, image: Image.Image) -> None:
        self._image = image

    @property
    def aspect(self) -> float:
        """Its width by its height."""
        return self._image.width / self._image.height

    def rgb(self, width_px: int, height_px: int) -> bytes:
        """Three bytes a pixel, in rows from the upper left."""
        return self._sized(width_px, height_px).tobytes()

    def png(self, width_px: int, height_px: int) -> bytes:
        """As a PNG, which every terminal that shows images reads."""
        target = io.BytesIO()
        self._sized(width_px, height_px).save(target, "PNG", compress_level=1)
        return target.getvalue()

    def indexed(self, width_px: int, height_px: int) -> IndexedPixels:
        """In at most 256 colours of its own."""
        image = self._sized(width_px, height_px).quantize(256)
        flat = image.getpalette() or []
        colors = tuple((flat[at], flat[at + 1], flat[at + 2]) for at in range(0, len(flat) - 2, 3))
        return IndexedPixels(image.width, image.height, image.tobytes(), colors)

    def _sized(self, width_px: int, height_px: int) -> Image.Image:
        image = _resized(self._image, width_px, height_px)
        if not _has_holes(image):
            return image.convert("RGB")
        backed = Image.new("RGB", image.size)
        backed.paste(image, mask=image.getchannel("A"))
        return backed


def check_image(data: bytes) -> ImageFacts:
    """Decodes an image to its end; raises ValueError where it is damaged, cut short or beyond the bounds."""
    facts = bounded_facts(data)
    _decoded(data, facts)
    return facts


def scaled_image(data: bytes, max_px: int) -> tuple[bytes, ImageFacts]:
    """The image with neither side longer than `max_px`: a JPEG, or a PNG where parts are seen through.

    Upright, without whatever else its file held. Raises ValueError where it cannot be decoded.
    """
    facts = bounded_facts(data)
    image = _fitted(_upright(_decoded(data, facts, within_px=max_px)), max_px)
    target, kind = io.BytesIO(), ImageFormat.JPEG
    if _has_holes(image):
        kind = ImageFormat.PNG
        image.save(target, "PNG", optimize=True)
    else:
        image.convert("RGB").save(target, "JPEG", quality=_JPEG_QUALITY, optimize=True)
    return target.getvalue(), ImageFacts(kind, image.width, image.height)


def decoded_image(data: bytes, within_px: int) -> DecodedImage:
    """The image, to be shown with neither side longer than `within_px`; raises ValueError where it cannot be."""
    return DecodedImage(_upright(_decoded(data, bounded_facts(data), within_px=within_px)))


def _decoded(data: bytes, facts: ImageFacts, *, within_px: int | None = None) -> Image.Image:
    """The first image of the file in RGB, RGBA or grey. A JPEG wanted small is decoded small."""
    try:
        image = _OPENERS[facts.format](io.BytesIO(data))
        if image.size != (facts.width_px, facts.height_px):
            raise ValueError("says two things of how large it is")
        if within_px is not None and facts.format is ImageFormat.JPEG:
            # Twice as large as wanted, so that what is left to scale is scaled well.
            image.draft("RGB", (2 * within_px, 2 * within_px))
        image.load()
        if image.mode in ("RGB", "RGBA", "L"):
            return image
        return image.convert("RGBA" if image.has_transparency_data else "RGB")
    except _UNDECODABLE as error:
        why = " ".join(str(error).split())[:80]
        raise ValueError(f"cannot be decoded ({why or type(error).__name__})") from error


def _upright(image: Image.Image) -> Image.Image:
    """As the camera was held; a note of it that is damaged is none."""
    try:
        return ImageOps.exif_transpose(image)
    except _UNDECODABLE:
        return image


def _fitted(image: Image.Image, max_px: int) -> Image.Image:
    """The whole image with neither side longer, its sides as they were to each other; never larger than it was."""
    scale = min(max_px / image.width, max_px / image.height, 1.0)
    return _resized(image, max(round(image.width * scale), 1), max(round(image.height * scale), 1))


def _resized(image: Image.Image, width_px: int, height_px: int) -> Image.Image:
    if image.size == (width_px, height_px):
        return image
    # `reducing_gap` takes whole pixels together first: many times quicker for large images, and not to be seen.
    return image.resize((width_px, height_px), Image.Resampling.LANCZOS, reducing_gap=3.0)


def _has_holes(image: Image.Image) -> bool:
    if image.mode != "RGBA":
        return False
    lowest, _ = image.getchannel("A").getextrema()
    return isinstance(lowest, (int, float)) and lowest < 255
