"""Scales of plots in letters: frequencies as they are wide to the ear, levels in decibels. Pure."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from functools import lru_cache

from auralis_cli.model.sound_frame import HIGHEST_HZ, LOWEST_HZ

# What levels at the left of a plot take.
GUTTER_COLUMNS = 5
_FREQUENCIES_HZ = (20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 20_000)
# In narrow plots these come first.
_FIRST_HZ = (100, 1_000, 10_000, 20, 20_000, 50, 200, 500, 2_000, 5_000)


def share_of(frequency_hz: float) -> float:
    """How far to the right a frequency is, 0 to 1."""
    return math.log(frequency_hz / LOWEST_HZ) / math.log(HIGHEST_HZ / LOWEST_HZ)


def frequency_at(share: float) -> float:
    """What is so far to the right, Hz."""
    return float(LOWEST_HZ * (HIGHEST_HZ / LOWEST_HZ) ** share)


@lru_cache(maxsize=8)
def frequency_line(columns: int) -> str:
    """`20   50  100 … 10k 20k` below a plot so wide: as many as there is room for, none cut."""
    names = {hz: f"{hz // 1000}k" if hz >= 1000 else str(hz) for hz in _FREQUENCIES_HZ}
    return labelled(((share_of(hz), names[hz]) for hz in _FIRST_HZ), columns)


def labelled(labels: Iterable[tuple[float, str]], columns: int) -> str:
    """Labels at their places from the left, 0 to 1, those that come first before those that would touch them."""
    line = [" "] * columns
    for share, text in labels:
        first = min(max(round(share * (columns - 1)) - len(text) // 2, 0), columns - len(text))
        if first >= 0 and all(one == " " for one in line[max(first - 1, 0) : first + len(text) + 1]):
            line[first : first + len(text)] = text
    return "".join(line)


@lru_cache(maxsize=8)
def level_labels(lowest_db: float, highest_db: float, rows: int, columns: int) -> tuple[str, ...]:
    """What stands left of each row of a plot, from the top: round levels, no two closer than two rows."""
    lines = [" " * columns] * rows
    if rows < 1:
        return ()
    step = next(one for one in (1, 2, 3, 6, 12, 24, 48, 96) if (highest_db - lowest_db) / one <= max(rows / 2.0, 1.0))
    level = math.ceil(lowest_db / step) * step
    while level <= highest_db:
        row = min(int((highest_db - level) / (highest_db - lowest_db) * rows), rows - 1)
        lines[row] = f"{level:>{columns - 1}g} "
        level += step
    return tuple(lines)


def braille_lines(curves: Sequence[Sequence[float]], columns: int, rows: int) -> list[list[tuple[str, int]]]:
    """Curves as dots, two a column and four a row, in lines of letters with the number of the curve, -1 for none.

    Each curve has as many heights as there are dots in a line, 0 at the bottom to 1 at the top; the first covers the
    others. Dots of one curve that lie far apart are joined.
    """
    dots = [[0] * columns for _ in range(rows)]
    owners = [[-1] * columns for _ in range(rows)]
    for number in range(len(curves) - 1, -1, -1) if rows > 0 else ():
        places = [round((1.0 - min(max(height, 0.0), 1.0)) * (4 * rows - 1)) for height in curves[number]]
        for at, place in enumerate(places[: 2 * columns]):
            before = places[at - 1] if at else place
            nearest = before + (place > before) - (place < before)
            for dot in range(min(place, nearest), max(place, nearest) + 1):
                dots[dot // 4][at // 2] |= _DOTS[at % 2][dot % 4]
                owners[dot // 4][at // 2] = number
    return [
        [(chr(0x2800 + bits), owner) for bits, owner in zip(line, owned, strict=True)]
        for line, owned in zip(dots, owners, strict=True)
    ]


# Of a Braille letter: the bits of the left and the right column, from the top.
_DOTS = ((0x01, 0x02, 0x04, 0x40), (0x08, 0x10, 0x20, 0x80))
