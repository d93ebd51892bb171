"""Whether a terminal shows pictures between the letters of a screen: told by its name first, then asked itself.

A screen needs more than a line of output does: its letters are written over and over, so pictures have to stand in
cells (kitty's placeholders) or be drawn with the very line they end on (sixels). Only a terminal whose environment
makes it likely is asked, once, before the screen takes it over, and never one far away, whose answer might come late
and be taken for keys.
"""

from __future__ import annotations

import os
import re
import select
import subprocess
import termios
import time
import tty
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from auralis_cli.model.covers import DrawnAs
from auralis_cli.quick_dataclasses import dataclass

# A terminal of this machine answers within some milliseconds.
PATIENCE_S = 0.15
_QUESTION_ID = 31
_ASKS_KITTY = f"\x1b_Gi={_QUESTION_ID},s=1,v=1,a=q,t=d,f=24;AAAA\x1b\\".encode()
_KITTY_CAN = f"\x1b_Gi={_QUESTION_ID};OK\x1b\\".encode()
# How large a cell is, then what the terminal is: that is answered by all of them, so nothing comes behind it.
_ASKS_ALL = b"\x1b[16t\x1b[c"
_CELL = re.compile(rb"\x1b\[6;(\d+);(\d+)t")
_WHAT_IT_IS = re.compile(rb"\x1b\[\?([\d;]*)c")
_SHOWS_SIXELS = b"4"
_LARGEST_CELL_PX = 100

_KITTY_TERMS = ("xterm-kitty", "xterm-ghostty")
_SIXEL_TERMS = ("foot", "mlterm", "yaft", "contour")
# Those that know kitty's pictures, but not its placeholders, show sixels as well.
_SIXEL_PROGRAMS = ("WezTerm", "iTerm.app", "mintty")
_FAR_AWAY = ("SSH_CONNECTION", "SSH_CLIENT", "SSH_TTY")
_TMUX_PATIENCE_S = 0.3


@dataclass(frozen=True, slots=True)
class ScreenGraphics:
    """How pictures come onto a screen: BLOCKS, KITTY or SIXEL."""

    drawn_as: DrawnAs = DrawnAs.BLOCKS
    # Width and height of a character.
    cell_px: tuple[int, int] = (10, 20)
    # Within tmux what is not text has to be wrapped, or it does not come through.
    is_wrapped: bool = False


BLOCKS = ScreenGraphics()


def screen_graphics(
    terminal: int | None, variables: Mapping[str, str], wish: str = "auto", patience_s: float = PATIENCE_S
) -> ScreenGraphics:
    """What the terminal of that descriptor shows; None is a browser. `graphics` asks those of any name.

    Whatever is not sure is BLOCKS: a terminal that does not answer, or into which was typed already.
    """
    if terminal is None or wish not in ("auto", "graphics") or variables.get("NO_COLOR"):
        return BLOCKS
    if variables.get("TMUX"):
        return _in_tmux(variables)
    likely = likely_graphics(variables)
    if variables.get("STY") or (likely is DrawnAs.BLOCKS and wish == "auto"):
        return BLOCKS
    try:
        known_cell_px = _cell_px(terminal)
        if any(variables.get(name) for name in _FAR_AWAY):
            return _by_name(variables, known_cell_px)
        answer = _asked(terminal, _ASKS_KITTY + _ASKS_ALL, patience_s)
    except (OSError, termios.error):
        return BLOCKS
    return answered_graphics(answer, known_cell_px)


def likely_graphics(variables: Mapping[str, str]) -> DrawnAs:
    """What the environment makes likely; a shell in a shell may have that of another terminal."""
    term = variables.get("TERM", "")
    if term in _KITTY_TERMS or variables.get("KITTY_WINDOW_ID") or variables.get("TERM_PROGRAM") == "ghostty":
        return DrawnAs.KITTY
    is_sixel = term.startswith(_SIXEL_TERMS) or "sixel" in term or variables.get("KONSOLE_VERSION")
    if is_sixel or variables.get("TERM_PROGRAM") in _SIXEL_PROGRAMS:
        return DrawnAs.SIXEL
    return DrawnAs.BLOCKS


def answered_graphics(answer: bytes, known_cell_px: tuple[int, int] | None) -> ScreenGraphics:
    """What an answer says; sixels first, for kitty's placeholders are known to those alone that have no sixels."""
    what = _WHAT_IT_IS.search(answer)
    if what is None:
        return BLOCKS
    cell = _CELL.search(answer)
    told = None if cell is None else _plausible(int(cell[2]), int(cell[1]))
    cell_px = known_cell_px or told
    if cell_px is not None and _SHOWS_SIXELS in what[1].split(b";")[1:]:
        return ScreenGraphics(DrawnAs.SIXEL, cell_px)
    if _KITTY_CAN in answer:
        return ScreenGraphics(DrawnAs.KITTY, cell_px or BLOCKS.cell_px)
    return BLOCKS


def _by_name(variables: Mapping[str, str], cell_px: tuple[int, int] | None) -> ScreenGraphics:
    """Of a terminal far away: its name goes along, and is that of the terminal itself."""
    term = variables.get("TERM", "")
    if term in _KITTY_TERMS:
        return ScreenGraphics(DrawnAs.KITTY, cell_px or BLOCKS.cell_px)
    if term.startswith(_SIXEL_TERMS) and cell_px is not None:
        return ScreenGraphics(DrawnAs.SIXEL, cell_px)
    return BLOCKS


def _in_tmux(variables: Mapping[str, str]) -> ScreenGraphics:
    """Kitty's placeholders come through where tmux lets them, and colours are numbers of pictures there."""
    question = "#{client_termname} #{client_termfeatures} #{allow-passthrough}"
    try:
        done = subprocess.run(
            ("tmux", "display-message", "-p", question), env=dict(variables), stdin=subprocess.DEVNULL,
            capture_output=True, text=True, timeout=_TMUX_PATIENCE_S, check=True,
        )  # fmt: skip
    except (OSError, subprocess.SubprocessError, UnicodeDecodeError):
        return BLOCKS
    return tmux_graphics(done.stdout)


def tmux_graphics(told: str) -> ScreenGraphics:
    """What tmux says of the terminal outside and of what it lets through."""
    term, _, others = told.strip().partition(" ")
    features, _, passes = others.rpartition(" ")
    can = term in _KITTY_TERMS and "RGB" in features.split(",") and passes in ("on", "all", "1", "2")
    return ScreenGraphics(DrawnAs.KITTY, is_wrapped=True) if can else BLOCKS


def _asked(terminal: int, question: bytes, patience_s: float) -> bytes:
    """What comes back within that time; nothing was asked where keys wait to be read already."""
    answer = b""
    with _answers_unseen(terminal):
        if select.select([terminal], [], [], 0.0)[0]:
            return answer
        os.write(terminal, question)
        end_s = time.monotonic() + patience_s
        while _WHAT_IT_IS.search(answer) is None and (left_s := end_s - time.monotonic()) > 0.0:
            if select.select([terminal], [], [], left_s)[0]:
                answer += os.read(terminal, 1024)
    return answer


@contextmanager
def _answers_unseen(terminal: int) -> Iterator[None]:
    """What is typed is not echoed and comes at once, for that long."""
    before = termios.tcgetattr(terminal)
    tty.setcbreak(terminal, termios.TCSANOW)
    try:
        yield
    finally:
        termios.tcsetattr(terminal, termios.TCSANOW, before)


def _cell_px(terminal: int) -> tuple[int, int] | None:
    """As the kernel was told, None where it was not."""
    from fcntl import ioctl
    from struct import unpack

    rows, columns, width_px, height_px = unpack("HHHH", ioctl(terminal, termios.TIOCGWINSZ, bytes(8)))
    return _plausible(width_px // columns, height_px // rows) if rows and columns else None


def _plausible(width_px: int, height_px: int) -> tuple[int, int] | None:
    is_so = 2 <= width_px <= _LARGEST_CELL_PX and 2 <= height_px <= _LARGEST_CELL_PX
    return (width_px, height_px) if is_so else None
