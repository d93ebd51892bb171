"""Text as a terminal shows it: foreign control characters made visible, columns counted, cells aligned."""

from __future__ import annotations

import math
import os
import re
import unicodedata
from collections.abc import Iterable, Sequence

# C0, DEL, C1, line separators, bidirectional controls, BOM, surrogates.
_UNPRINTABLE = re.compile("[\x00-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\ud800-\udfff]")

_STYLE_SEQUENCE = re.compile("\x1b\\[[0-9;]*m")


def printable(text: str | os.PathLike[str]) -> str:
    r"""`text` with everything a terminal might obey written as an escape: `\n`, `\x1b`, `\u202e`.

    Bytes of a name that are not UTF-8 (surrogates in Python) show as the byte: `\xff`.
    """

    def escape(match: re.Match[str]) -> str:
        code = ord(match.group())
        if 0xDC80 <= code <= 0xDCFF:
            return f"\\x{code - 0xDC00:02x}"
        return match.group().encode("unicode_escape", "surrogatepass").decode("ascii")

    return _UNPRINTABLE.sub(escape, os.fspath(text))


def display_width(text: str) -> int:
    """Columns that `text` takes on a terminal: CJK letters take two, combining marks none, styles none."""
    text = _STYLE_SEQUENCE.sub("", text)
    if text.isascii():
        return len(text)
    wide = sum(unicodedata.east_asian_width(letter) in "WF" for letter in text)
    return len(text) + wide - sum(unicodedata.category(letter) in ("Mn", "Me", "Cf") for letter in text)


def shortened(text: str, columns: int) -> str:
    """`text`, which has no styles, cut to at most `columns`; an ellipsis tells that there is more."""
    if display_width(text) <= columns:
        return text
    kept, width = 0, 1
    while (width := width + display_width(text[kept])) <= columns:
        kept += 1
    return text[:kept].rstrip() + "…"


def align(cells: Sequence[str], widths: Sequence[int], *, right: Iterable[int] = ()) -> str:
    """One line of a table: cells padded to `widths`, those at the indices `right` flush right."""
    to_the_right = set(right)
    padded = []
    for index, (cell, width) in enumerate(zip(cells, widths, strict=True)):
        fill = " " * (width - display_width(cell))
        padded.append(fill + cell if index in to_the_right else cell + fill)
    return "  ".join(padded).rstrip()


def number(value: float) -> str:
    """One decimal, as levels are read; a dash where there is no value."""
    return f"{value:z.1f}" if math.isfinite(value) else "–"
