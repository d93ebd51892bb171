"""Pictures in terminals: their sides as they are to each other, within the room, in what the terminal shows."""

from __future__ import annotations

import base64
import io
import re
from dataclasses import replace

import pytest
from images import image
from PIL import Image

from auralis_cli.model.covers import DrawnAs
from auralis_cli.services.cover_drawing import best_drawing, canvas_for, color_number, drawn, size_in_cells
from auralis_cli.services.cover_images import IndexedPixels, decoded_image
from auralis_cli.services.sixels import sixel_text

BLOCKS = canvas_for({"COLORTERM": "truecolor"}, DrawnAs.BLOCKS, (40, 20), None)


@pytest.mark.parametrize(
    ("variables", "expected"),
    [
        ({"TERM": "xterm-256color"}, DrawnAs.BLOCKS),
        ({"TERM": "linux"}, DrawnAs.BLOCKS),
        ({}, DrawnAs.BLOCKS),
        ({"TERM": "xterm-kitty"}, DrawnAs.KITTY),
        ({"TERM": "xterm-256color", "TERM_PROGRAM": "WezTerm"}, DrawnAs.KITTY),
        ({"TERM": "xterm-256color", "KONSOLE_VERSION": "230801"}, DrawnAs.KITTY),
        ({"TERM": "xterm-256color", "KONSOLE_VERSION": "180000"}, DrawnAs.BLOCKS),
        ({"TERM": "foot"}, DrawnAs.SIXEL),
        ({"TERM": "tmux-256color", "KITTY_WINDOW_ID": "1", "TMUX": "/tmp/x"}, DrawnAs.BLOCKS),
        ({"TERM": "screen", "KITTY_WINDOW_ID": "1"}, DrawnAs.BLOCKS),
    ],
)
def test_how_is_told_by_the_environment(variables: dict[str, str], expected: DrawnAs) -> None:
    assert best_drawing(variables) is expected


@pytest.mark.parametrize("aspect", [0.1, 0.5, 1.0, 16 / 9, 10.0])
@pytest.mark.parametrize("cell_px", [None, (8, 16), (10, 25), (0, 0), (9, 9)])
def test_a_picture_fills_the_room_one_way_and_keeps_its_sides(aspect: float, cell_px: tuple[int, int] | None) -> None:
    canvas = canvas_for({}, DrawnAs.BLOCKS, (200, 100), cell_px)
    columns, rows = size_in_cells(aspect, canvas)
    assert columns <= 200
    assert rows <= 100
    assert columns == 200 or rows == 100
    shown = (columns * canvas.cell_width_px) / (rows * canvas.cell_height_px)
    assert shown == pytest.approx(aspect, rel=0.06)


def pixels_of(lines: list[str]) -> list[list[tuple[int, int, int]]]:
    """What a terminal would show of blocks in true colour."""
    rows = []
    for line in lines:
        upper, lower = list[tuple[int, int, int]](), list[tuple[int, int, int]]()
        front = back = (0, 0, 0)
        for codes, _ in re.findall(r"(?:\x1b\[([0-9;]*)m)?(▀)", line):
            for place, red, green, blue in re.findall(r"(38|48);2;(\d+);(\d+);(\d+)", codes):
                color = (int(red), int(green), int(blue))
                front, back = (color, back) if place == "38" else (front, color)
            upper.append(front)
            lower.append(back)
        rows += [upper, lower]
    return rows


def test_blocks_show_two_pixels_a_letter() -> None:
    decoded = decoded_image(image(40, 40, "PNG"), 400)
    lines = list(drawn(decoded, BLOCKS))
    assert len(lines) == 20
    assert all(line.count("▀") == 40 and line.endswith("\x1b[0m") for line in lines)
    flat = bytes(part for row in pixels_of(lines) for pixel in row for part in pixel)
    assert flat == decoded.rgb(40, 40)


def test_where_there_are_256_colours_the_nearest_is_taken() -> None:
    lines = drawn(decoded_image(image(), 400), replace(BLOCKS, has_true_color=False))
    assert all(re.fullmatch(r"(?:\x1b\[(?:[34]8;5;\d+;?)+m|▀)+\x1b\[0m", line) for line in lines)
    assert color_number(255, 0, 0) == 196
    assert color_number(0, 0, 0) == 16
    assert color_number(128, 128, 128) == 244
    assert color_number(250, 255, 250) == 231


def test_kitty_is_given_a_png_in_pieces_and_asked_for_no_answer() -> None:
    canvas = replace(BLOCKS, drawn_as=DrawnAs.KITTY)
    (text,) = drawn(decoded_image(image(400, 200), 400), canvas)
    pieces = re.findall(r"\x1b_G([^;]*);([^\x1b]*)\x1b\\", text)
    assert "".join(f"\x1b_G{head};{piece}\x1b\\" for head, piece in pieces) == text
    assert pieces[0][0] == "a=T,f=100,q=2,c=40,r=10,m=1"
    assert [head for head, _ in pieces[1:]] == ["m=1"] * (len(pieces) - 2) + ["m=0"]
    assert all(len(piece) <= 4096 for _, piece in pieces)
    with Image.open(io.BytesIO(base64.b64decode("".join(piece for _, piece in pieces)))) as shown:
        assert shown.size == (400, 200)


def test_within_tmux_an_image_is_wrapped() -> None:
    canvas = replace(BLOCKS, drawn_as=DrawnAs.KITTY, is_wrapped=True)
    (text,) = drawn(decoded_image(image(20, 20), 400), canvas)
    assert text.startswith("\x1bPtmux;\x1b\x1b_Ga=T")
    assert text.endswith("\x1b\x1b\\\x1b\\")


def decoded_sixels(text: str) -> tuple[int, int, dict[tuple[int, int], tuple[int, ...]]]:
    """What a terminal would show: a decoder of our own, by DEC's manual."""
    body = re.fullmatch(r'\x1bPq"1;1;(\d+);(\d+)(.*)\x1b\\', text, re.DOTALL)
    assert body is not None
    colors: dict[int, tuple[int, ...]] = {}
    shown: dict[tuple[int, int], tuple[int, ...]] = {}
    x = top = color = 0
    for define, parts, choose, count, letter, control in re.findall(
        r"#(\d+);2;(\d+;\d+;\d+)|#(\d+)|(?:!(\d+))?([?-~])|([$-])", body[3]
    ):
        if define:
            colors[int(define)] = tuple(map(int, parts.split(";")))
        elif choose:
            color = int(choose)
        elif control:
            x, top = 0, top + 6 * (control == "-")
        else:
            end = x + int(count or 1)
            rows = [row for row in range(6) if (ord(letter) - 63) >> row & 1]
            shown |= {(column, top + row): colors[color] for column in range(x, end) for row in rows}
            x = end
    return int(body[1]), int(body[2]), shown


@pytest.mark.parametrize(("width", "height"), [(1, 1), (7, 6), (30, 13), (64, 48)])
def test_sixels_show_every_pixel_in_its_colour(width: int, height: int) -> None:
    pixels = decoded_image(image(width, height, "PNG"), 400).indexed(width, height)
    wide, high, shown = decoded_sixels(sixel_text(pixels))
    assert (wide, high) == (width, height)
    expected = {
        (at % width, at // width): tuple(round(part * 100 / 255) for part in pixels.colors[number])
        for at, number in enumerate(pixels.data)
    }
    assert shown == expected


def test_sixels_of_one_colour_are_short() -> None:
    assert sixel_text(IndexedPixels(500, 6, bytes(3000), ((255, 0, 0),))) == '\x1bPq"1;1;500;6#0;2;100;0;0#0!500~\x1b\\'
