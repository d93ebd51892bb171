"""Pictures as sixels: strips six pixels high, colour by colour, as DEC's printers and terminals took them."""

from __future__ import annotations

import re

from auralis_cli.services.cover_images import IndexedPixels

_BEGIN, _END = "\x1bPq", "\x1b\\"
_STRIP_ROWS = 6
# A strip's six pixels of one column are the bits of a letter from here on.
_NO_PIXEL = 63
_LETTERS = bytes(_NO_PIXEL + bits % 64 for bits in range(256))
# Four letters alike, or more, are shorter as a number and a letter.
_REPEATED = re.compile(r"(.)\1{3,}", re.DOTALL)


def sixel_text(pixels: IndexedPixels) -> str:
    """The picture as one piece of text for a terminal."""
    parts = [f'{_BEGIN}"1;1;{pixels.width_px};{pixels.height_px}']
    for number in sorted(set(pixels.data)):
        shares = ";".join(str(round(part * 100 / 255)) for part in pixels.colors[number])
        parts.append(f"#{number};2;{shares}")
    strips = (_strip(pixels, top) for top in range(0, pixels.height_px, _STRIP_ROWS))
    return "".join([*parts, "-".join(strips), _END])


def _strip(pixels: IndexedPixels, top: int) -> str:
    width, rows = pixels.width_px, min(_STRIP_ROWS, pixels.height_px - top)
    letters: dict[int, bytearray] = {}
    for row in range(rows):
        bit, start = 1 << row, (top + row) * width
        for column, number in enumerate(pixels.data[start : start + width]):
            of_color = letters.get(number)
            if of_color is None:
                of_color = letters[number] = bytearray(width)
            of_color[column] |= bit
    return "$".join(f"#{number}{_shortened(of_color)}" for number, of_color in sorted(letters.items()))


def _shortened(bits: bytearray) -> str:
    text = bytes(bits.rstrip(b"\0")).translate(_LETTERS).decode("ascii")
    return _REPEATED.sub(lambda run: f"!{len(run[0])}{run[1]}", text)
