"""Covers as pictures of a terminal, made ready to be written; slow work, for a thread."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from auralis_cli.model.covers import DrawnAs
from auralis_cli.quick_dataclasses import dataclass
from auralis_cli.services.terminal_graphics import ScreenGraphics


@dataclass(frozen=True, slots=True)
class CoverGraphic:
    """A picture over so many columns and rows; `text` is what the terminal is given."""

    columns: int
    rows: int
    text: str


def cover_graphic(
    path: Path, columns: int, rows: int, graphics: ScreenGraphics, number: int, environ: Mapping[str, str] = os.environ
) -> CoverGraphic | None:
    """The cover that stands for a track, as large as the room lets it be; None where there is none to be shown.

    `number` is what kitty's placeholders call it by.
    """
    # Readers of tags and images are nothing for a screen that is just coming up.
    from auralis_cli.services.cover_drawing import canvas_for, placed_text, size_in_cells, size_in_pixels
    from auralis_cli.services.sixels import sixel_text
    from auralis_cli.services.thumbnails import Thumbnails, thumbnails_folder

    canvas = canvas_for({}, graphics.drawn_as, (columns, rows), graphics.cell_px)
    largest_px = max(columns * canvas.cell_width_px, rows * canvas.cell_height_px)
    small = Thumbnails(thumbnails_folder(environ)).of_track(path, largest_px)
    if small is None:
        return None
    from auralis_cli.services.cover_images import decoded_image

    try:
        image = decoded_image(small.read_bytes(), largest_px)
    except (OSError, ValueError):
        # Somebody else's tidying took it away.
        return None
    wide, high = size_in_cells(image.aspect, canvas)
    width_px, height_px = size_in_pixels(image.aspect, wide, high, canvas)
    if graphics.drawn_as is DrawnAs.SIXEL:
        return CoverGraphic(wide, high, sixel_text(image.indexed(width_px, height_px)))
    png = image.png(width_px, height_px)
    return CoverGraphic(wide, high, placed_text(png, wide, high, number, is_wrapped=graphics.is_wrapped))
