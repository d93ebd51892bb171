"""Pictures in a terminal: as blocks of two pixels a character, or through kitty's protocol, or as sixels.

How is told by the environment, never by asking the terminal: one that does not answer would have to be waited for, and
one that answers late types the answer into the next prompt.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator, Mapping

from auralis_cli.model.covers import DrawnAs
from auralis_cli.quick_dataclasses import dataclass
from auralis_cli.services.cover_images import DecodedImage
from auralis_cli.services.sixels import sixel_text

# Of a character, where the terminal does not say.
_CELL_PX = (10, 20)
_MAX_CELL_PX = 100
_UPPER_HALF = "▀"
_RESET = "\x1b[0m"
_KITTY_PIECE_BYTES = 4096
# The levels of the colour cube that 256 colours hold, numbered from 16 on, and of the greys, from 232 on.
_CUBE = (0, 95, 135, 175, 215, 255)
_FIRST_OF_CUBE, _FIRST_GREY, _GREYS = 16, 232, 24


@dataclass(frozen=True, slots=True)
class Canvas:
    """Where a picture goes: how much room there is, and what the terminal shows."""

    columns: int
    rows: int
    cell_width_px: int
    cell_height_px: int
    drawn_as: DrawnAs
    has_true_color: bool
    # Within tmux what is not text has to be wrapped, or it does not come through.
    is_wrapped: bool = False


def canvas_for(
    variables: Mapping[str, str],
    drawn_as: DrawnAs,
    room: tuple[int, int],
    cell_px: tuple[int, int] | None,
) -> Canvas:
    """The room in columns and rows, and how large a character is, None where that is not known."""
    width, height = cell_px or _CELL_PX
    if not (0 < width <= _MAX_CELL_PX and 0 < height <= _MAX_CELL_PX):
        width, height = _CELL_PX
    term = variables.get("TERM", "")
    return Canvas(
        columns=max(room[0], 1),
        rows=max(room[1], 1),
        cell_width_px=width,
        cell_height_px=height,
        drawn_as=best_drawing(variables) if drawn_as is DrawnAs.AUTO else drawn_as,
        has_true_color=variables.get("COLORTERM", "") in ("truecolor", "24bit") or term.endswith("-direct"),
        is_wrapped=bool(variables.get("TMUX")),
    )


def best_drawing(variables: Mapping[str, str]) -> DrawnAs:
    """What the terminal is known to show by its name; blocks where it is none of those, or within tmux or screen."""
    term, program = variables.get("TERM", ""), variables.get("TERM_PROGRAM", "")
    if variables.get("TMUX") or variables.get("STY") or term.startswith(("tmux", "screen")):
        return DrawnAs.BLOCKS
    if term in ("xterm-kitty", "xterm-ghostty") or variables.get("KITTY_WINDOW_ID"):
        return DrawnAs.KITTY
    if program in ("ghostty", "WezTerm") or _konsole_shows_kitty(variables):
        return DrawnAs.KITTY
    if term.startswith(("foot", "mlterm", "yaft", "contour")) or "sixel" in term:
        return DrawnAs.SIXEL
    return DrawnAs.BLOCKS


def drawn(image: DecodedImage, canvas: Canvas) -> Iterator[str]:
    """The lines that show the whole picture as large as the room lets it be, its sides as they are to each other."""
    columns, rows = size_in_cells(image.aspect, canvas)
    if canvas.drawn_as is DrawnAs.BLOCKS:
        return _blocks(image.rgb(columns, 2 * rows), columns, true_color=canvas.has_true_color)
    width_px, height_px = size_in_pixels(image.aspect, columns, rows, canvas)
    if canvas.drawn_as is DrawnAs.KITTY:
        return iter((_kitty(image.png(width_px, height_px), columns, rows, is_wrapped=canvas.is_wrapped),))
    text = sixel_text(image.indexed(width_px, height_px))
    return iter((_wrapped(text) if canvas.is_wrapped else text,))


def size_in_cells(aspect: float, canvas: Canvas) -> tuple[int, int]:
    """Columns and rows for a picture so many times as wide as it is high."""
    of_cells = aspect * canvas.cell_height_px / canvas.cell_width_px
    columns = min(float(canvas.columns), canvas.rows * of_cells)
    return max(round(columns), 1), min(max(round(columns / of_cells), 1), canvas.rows)


def size_in_pixels(aspect: float, columns: int, rows: int, canvas: Canvas) -> tuple[int, int]:
    """Width and height of that picture in those cells."""
    width, height = columns * canvas.cell_width_px, rows * canvas.cell_height_px
    return max(min(width, round(height * aspect)), 1), max(min(height, round(width / aspect)), 1)


def _blocks(pixels: bytes, columns: int, *, true_color: bool) -> Iterator[str]:
    """A line for two rows of pixels: the upper one is the letter's colour, the lower one that behind it."""
    row_bytes = 3 * columns
    for start in range(0, len(pixels), 2 * row_bytes):
        upper, lower = pixels[start : start + row_bytes], pixels[start + row_bytes : start + 2 * row_bytes]
        line, before = [], ("", "")
        for at in range(0, row_bytes, 3):
            colors = (
                _color(38, upper[at], upper[at + 1], upper[at + 2], true_color=true_color),
                _color(48, lower[at], lower[at + 1], lower[at + 2], true_color=true_color),
            )
            changed = [new for new, old in zip(colors, before, strict=True) if new != old]
            line.append(f"\x1b[{';'.join(changed)}m{_UPPER_HALF}" if changed else _UPPER_HALF)
            before = colors
        yield "".join(line) + _RESET


def _color(place: int, red: int, green: int, blue: int, *, true_color: bool) -> str:
    if true_color:
        return f"{place};2;{red};{green};{blue}"
    return f"{place};5;{color_number(red, green, blue)}"


def color_number(red: int, green: int, blue: int) -> int:
    """The nearest of the 256 colours that terminals number alike."""
    parts = (red, green, blue)
    cube = tuple(_nearest_step(part) for part in parts)
    grey = min(max(round((sum(parts) / 3.0 - 8.0) / 10.0), 0), _GREYS - 1)
    grey_level = 8 + 10 * grey
    off_cube = sum((_CUBE[step] - part) ** 2 for step, part in zip(cube, parts, strict=True))
    off_grey = sum((grey_level - part) ** 2 for part in parts)
    if off_grey < off_cube:
        return _FIRST_GREY + grey
    return _FIRST_OF_CUBE + 36 * cube[0] + 6 * cube[1] + cube[2]


def _nearest_step(part: int) -> int:
    return min(range(len(_CUBE)), key=lambda step: abs(_CUBE[step] - part))


def placed_text(png: bytes, columns: int, rows: int, number: int, *, is_wrapped: bool) -> str:
    """A PNG that kitty shows wherever its placeholders of that number are written, in place of the one before."""
    forgets = _command(f"a=d,d=I,i={number},q=2", is_wrapped=is_wrapped)
    return forgets + _sent(png, f"a=T,U=1,i={number},f=100,q=2,c={columns},r={rows},", is_wrapped=is_wrapped)


def _kitty(png: bytes, columns: int, rows: int, *, is_wrapped: bool) -> str:
    return _sent(png, f"a=T,f=100,q=2,c={columns},r={rows},", is_wrapped=is_wrapped)


def _sent(png: bytes, control: str, *, is_wrapped: bool) -> str:
    """A PNG in pieces; `q=2` asks for no answer, which nobody here would read."""
    encoded = base64.b64encode(png).decode("ascii")
    pieces = [encoded[at : at + _KITTY_PIECE_BYTES] for at in range(0, len(encoded), _KITTY_PIECE_BYTES)]
    last = len(pieces) - 1
    return "".join(
        _command(f"{control if number == 0 else ''}m={int(number < last)};{piece}", is_wrapped=is_wrapped)
        for number, piece in enumerate(pieces)
    )


def _command(said: str, *, is_wrapped: bool) -> str:
    text = f"\x1b_G{said}\x1b\\"
    return _wrapped(text) if is_wrapped else text


def _wrapped(text: str) -> str:
    return "\x1bPtmux;" + text.replace("\x1b", "\x1b\x1b") + "\x1b\\"


def _konsole_shows_kitty(variables: Mapping[str, str]) -> bool:
    version = variables.get("KONSOLE_VERSION", "")
    return version.isdigit() and int(version) >= 220_400
