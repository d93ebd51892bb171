"""The colours that a cover mostly has, for an interface that dresses in them."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path

from auralis_cli.services.thumbnails import Thumbnails

_SIDE_PX = 32
_MOST = 8
# Colours that share these bits of each part are one.
_SHIFT = 5


def colours_of_cover(track: Path, thumbnails: Thumbnails) -> tuple[tuple[int, int, int], ...]:
    """Red, green and blue from 0 to 255, the most frequent first; none where the track has no cover.

    Decoding may take a while: not for a thread that draws.
    """
    from auralis_cli.services.cover_images import decoded_image

    image = thumbnails.of_track(track, _SIDE_PX)
    if image is None:
        return ()
    try:
        pixels = decoded_image(image.read_bytes(), _SIDE_PX).rgb(_SIDE_PX, _SIDE_PX)
    except (OSError, ValueError):
        # The cache was tidied meanwhile.
        return ()
    alike: dict[tuple[int, int, int], list[tuple[int, int, int]]] = defaultdict(list)
    for at in range(0, len(pixels), 3):
        red, green, blue = pixels[at : at + 3]
        alike[red >> _SHIFT, green >> _SHIFT, blue >> _SHIFT].append((red, green, blue))
    largest = sorted(alike.values(), key=len, reverse=True)[:_MOST]
    return tuple(_mean(group) for group in largest)


def _mean(group: list[tuple[int, int, int]]) -> tuple[int, int, int]:
    red, green, blue = (round(sum(part) / len(group)) for part in zip(*group, strict=True))
    return red, green, blue
