"""The letters in whose place kitty and those like it show a picture: each says by its marks which part of it."""

from __future__ import annotations

import os
from collections.abc import Iterator

from rich.color import Color
from rich.segment import Segment
from rich.style import Style

from auralis_cli.quick_dataclasses import dataclass

PLACEHOLDER = "\U0010eeee"
# Marks above a letter that stand for the numbers from 0 on, as kitty's protocol has them.
_MARKS = """
0305 030D-030E 0310 0312 033D-033F 0346 034A-034C 0350-0352 0357 035B 0363-036F 0483-0487 0592-0595 0597-0599 059C-05A1
05A8-05A9 05AB-05AC 05AF 05C4 0610-0617 0657-065B 065D-065E 06D6-06DC 06DF-06E2 06E4 06E7-06E8 06EB-06EC 0730 0732-0733
0735-0736 073A 073D 073F-0741 0743 0745 0747 0749-074A 07EB-07F1 07F3 0816-0819 081B-0823 0825-0827 0829-082D 0951
0953-0954 0F82-0F83 0F86-0F87 135D-135F 17DD 193A 1A17 1A75-1A7C 1B6B 1B6D-1B73 1CD0-1CD2 1CDA-1CDB 1CE0 1DC0-1DC1
1DC3-1DC9 1DCB-1DCC 1DD1-1DE6 1DFE 20D0-20D1 20D4-20D7 20DB-20DC 20E1 20E7 20E9 20F0 2CEF-2CF1 2DE0-2DFF A66F A67C-A67D
A6F0-A6F1 A8E0-A8F1 AAB0 AAB2-AAB3 AAB7-AAB8 AABE-AABF AAC1 FE20-FE26 10A0F 10A38 1D185-1D189 1D1AA-1D1AD 1D242-1D244
"""
# A level of the cube of 256 colours, so that a terminal with so few has the colour as well, by its number.
_LEVELS = (0, 95, 135, 175, 215, 255)


def _marks() -> Iterator[str]:
    for word in _MARKS.split():
        first, _, last = word.partition("-")
        yield from map(chr, range(int(first, 16), int(last or first, 16) + 1))


MARKS = tuple(_marks())
# Further to the right, or below, no cell can be named.
MOST_CELLS = len(MARKS)


@dataclass(frozen=True, slots=True)
class PictureName:
    """A number of a picture: of its 32 bits the highest eight are a mark, the others the colour of the letters."""

    number: int
    style: Style
    mark: str

    @classmethod
    def own(cls, *, has_true_color: bool, process: int | None = None) -> PictureName:
        """One that other programs in the same terminal hardly have; by the number of this process."""
        process = os.getpid() if process is None else process
        # Never three alike: greys have other numbers.
        red, green, blue = 1 + process % 5, 1 + process // 5 % 5, 0
        levels = [_LEVELS[part] for part in (red, green, blue)]
        style = Style(color=Color.from_rgb(*levels))
        high = process // 25 % 254 + 1
        in_cube = 16 + 36 * red + 6 * green + blue
        low = levels[0] << 16 | levels[1] << 8 | levels[2] if has_true_color else in_cube
        return cls(high << 24 | low, style, MARKS[high])

    @property
    def forgotten(self) -> str:
        """Has the terminal let go of the picture, and say nothing to that."""
        return f"\x1b_Ga=d,d=I,i={self.number},q=2\x1b\\"

    def cells(self, row: int, columns: int) -> Segment:
        """A line of the picture."""
        text = "".join(f"{PLACEHOLDER}{MARKS[row]}{mark}{self.mark}" for mark in MARKS[:columns])
        return Segment(text, self.style)
