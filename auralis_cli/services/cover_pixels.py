"""Covers as pixels, two a character, for interfaces that draw them line by line; slow work, for a thread."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from auralis_cli.model.covers import DrawnAs
from auralis_cli.quick_dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class CoverPixels:
    """A picture of `columns` by twice `rows` pixels: red, green and blue, in rows from the upper left."""

    columns: int
    rows: int
    rgb: bytes

    def cell(self, column: int, row: int) -> tuple[tuple[int, int, int], tuple[int, int, int]]:
        """The upper and the lower colour of a character."""
        upper = 3 * (2 * row * self.columns + column)
        lower = upper + 3 * self.columns
        return _color(self.rgb, upper), _color(self.rgb, lower)


def _color(rgb: bytes, at: int) -> tuple[int, int, int]:
    return rgb[at], rgb[at + 1], rgb[at + 2]


def cover_pixels(path: Path, columns: int, rows: int, environ: Mapping[str, str] = os.environ) -> CoverPixels | None:
    """The cover that stands for a track, as large as the room lets it be; None where there is none to be shown."""
    # Readers of tags and images are nothing for a screen that is just coming up.
    from auralis_cli.services.cover_drawing import canvas_for, size_in_cells
    from auralis_cli.services.thumbnails import Thumbnails, thumbnails_folder

    small = Thumbnails(thumbnails_folder(environ)).of_track(path, max(columns, 2 * rows))
    if small is None:
        return None
    from auralis_cli.services.cover_images import decoded_image

    try:
        image = decoded_image(small.read_bytes(), max(columns, 2 * rows))
    except (OSError, ValueError):
        # Somebody else's tidying took it away.
        return None
    canvas = canvas_for({}, DrawnAs.BLOCKS, (columns, rows), None)
    wide, high = size_in_cells(image.aspect, canvas)
    return CoverPixels(wide, high, image.rgb(wide, 2 * high))
