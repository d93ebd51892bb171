"""Images of covers are decoded within bounds, whatever they say of themselves."""

from __future__ import annotations

import io
import resource
import struct
import subprocess
import sys
import time
import zlib
from pathlib import Path
from typing import Any

import pytest
from images import image, painted_over, png_bomb, png_head, png_of
from PIL import Image

from auralis_cli.model.covers import ImageFormat
from auralis_cli.services.cover_images import check_image, decoded_image, scaled_image
from auralis_cli.services.image_heads import MAX_IMAGE_BYTES, MAX_PIXELS, bounded_facts, image_facts

_KINDS = ("JPEG", "PNG", "GIF", "WEBP", "BMP")


@pytest.mark.parametrize("kind", _KINDS)
def test_the_head_of_every_format_says_what_pillow_finds(kind: str) -> None:
    facts = check_image(image(123, 45, kind))
    assert (facts.format, facts.width_px, facts.height_px) == (ImageFormat(kind.lower()), 123, 45)


@pytest.mark.parametrize("options", [{"lossless": True}, {"quality": 10}, {"exif": b"Exif\0\0II*\0\x08\0\0\0\0\0"}])
def test_all_three_kinds_of_webp_are_known(options: dict[str, Any]) -> None:
    facts = check_image(image(123, 45, "WEBP", **options))
    assert (facts.width_px, facts.height_px) == (123, 45)


def test_a_progressive_jpeg_of_any_colours_is_decoded() -> None:
    data = image(300, 200, progressive=True)
    assert image_facts(data).passes > 1
    check_image(data)
    check_image(image(30, 20, mode="L"))
    check_image(image(30, 20, mode="CMYK"))


@pytest.mark.parametrize("kind", _KINDS)
def test_an_image_cut_anywhere_is_refused_in_a_few_words(kind: str) -> None:
    data = image(64, 64, kind)
    # What stands behind the last pixel may be missing.
    for size in [*range(60), *range(60, int(0.85 * len(data)), max(len(data) // 23, 1))]:
        with pytest.raises(ValueError, match=r"^(is|ends|says|cannot)[^\n]+$"):
            check_image(data[:size])


def test_ten_kilobytes_that_say_they_are_gigabytes_are_refused_unread() -> None:
    data = png_bomb()
    assert len(data) < 10_240
    # Of this thread's processor: what others do meanwhile does not count.
    started = time.thread_time()
    for look in (check_image, lambda bomb: scaled_image(bomb, 100), lambda bomb: decoded_image(bomb, 100)):
        with pytest.raises(ValueError, match="50000 × 50000 pixels: more than is decoded"):
            look(data)
    assert time.thread_time() - started < 0.1


def test_the_bounds_are_of_bytes_pixels_sides_and_passes() -> None:
    with pytest.raises(ValueError, match="larger than 32 MiB"):
        bounded_facts(image() + bytes(MAX_IMAGE_BYTES))
    with pytest.raises(ValueError, match="more than is decoded"):
        bounded_facts(png_of([png_head(40_000, 1)]))
    with pytest.raises(ValueError, match="more than is decoded"):
        bounded_facts(png_of([png_head(6325, 6325)]))
    with pytest.raises(ValueError, match="paints 4000 × 4000 pixels"):
        bounded_facts(painted_over(scans=60))
    with pytest.raises(ValueError, match="no pixels"):
        bounded_facts(png_of([png_head(0, 7)]))


def test_a_bmp_that_is_packed_and_a_jpeg_without_a_frame_are_refused() -> None:
    packed = bytearray(image(kind="BMP"))
    packed[30] = 1
    with pytest.raises(ValueError, match="BMP of a kind"):
        image_facts(bytes(packed))
    with pytest.raises(ValueError, match="without a head"):
        image_facts(b"\xff\xd8\xff\xe0" + b"\0\2\xff\xe0" * 5000)


def test_an_image_that_says_two_things_of_its_size_is_refused() -> None:
    frame = image(20, 10, "GIF")
    # The canvas is said to be smaller than the frame on it.
    data = frame[:6] + struct.pack("<HH", 5, 5) + frame[10:]
    with pytest.raises(ValueError, match="says two things"):
        check_image(data)


def test_of_what_moves_the_first_picture_is_decoded_and_no_other() -> None:
    frames = [Image.new("RGB", (50, 50), (number, 0, 0)) for number in range(200)]
    target = io.BytesIO()
    frames[0].save(target, "GIF", save_all=True, append_images=frames[1:])
    small, facts = scaled_image(target.getvalue(), 20)
    assert (facts.format, facts.width_px) == (ImageFormat.JPEG, 20)
    assert len(small) < 2000


def test_a_profile_of_colours_that_unpacks_to_gigabytes_is_not_unpacked() -> None:
    profile = b"icc\0\0" + zlib.compress(bytes(50_000_000), 1)
    body = zlib.compress(b"\0" + bytes(8))
    data = png_of([png_head(8, 1), (b"iCCP", profile), (b"IDAT", body), (b"IEND", b"")])
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(ValueError, match="cannot be decoded"):
        check_image(data)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 20_000


def test_the_largest_image_that_is_decoded_stays_within_memory_and_time(tmp_path: Path) -> None:
    path = tmp_path / "large"
    Image.new("RGB", (8000, 5000), (200, 30, 30)).save(path, "PNG", compress_level=1)
    assert MAX_PIXELS == 8000 * 5000
    script = (
        "import re, resource, sys\n"
        "from auralis_cli.services.cover_images import scaled_image\n"
        "data = open(sys.argv[1], 'rb').read()\n"
        "scaled_image(data, 500)\n"
        # Of this very program: the system's own figure counts the one that started it along.
        "peak = re.search(r'VmHWM:\\s+(\\d+)', open('/proc/self/status').read())[1]\n"
        "print(peak, resource.getrusage(resource.RUSAGE_SELF).ru_utime)"
    )
    done = subprocess.run([sys.executable, "-c", script, path], capture_output=True, text=True, check=True)
    kilobytes, seconds = map(float, done.stdout.split())
    assert kilobytes < 400_000
    assert seconds < 10.0


def test_what_is_scaled_keeps_its_sides_its_holes_and_never_grows() -> None:
    small, facts = scaled_image(image(1000, 500), 200)
    assert (facts.format, facts.width_px, facts.height_px) == (ImageFormat.JPEG, 200, 100)
    assert image_facts(small) == facts
    holes = Image.new("RGBA", (300, 300), (255, 0, 0, 0))
    target = io.BytesIO()
    holes.save(target, "PNG")
    assert scaled_image(target.getvalue(), 100)[1].format is ImageFormat.PNG
    assert scaled_image(image(30, 40, "WEBP"), 100)[1].width_px == 30


def test_a_picture_held_sideways_is_shown_upright() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    assert decoded_image(image(80, 40, exif=exif), 80).aspect == pytest.approx(0.5)
    assert scaled_image(image(80, 40, exif=exif), 80)[1].width_px == 40
