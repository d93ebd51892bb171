"""Which terminals are given pictures: those that say so, asked where that is likely and can be waited for."""

from __future__ import annotations

import os
import pty
import select
import termios
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import pytest
from patience import PATIENCE_S, until

from auralis_cli.model.covers import DrawnAs
from auralis_cli.services.terminal_graphics import BLOCKS, ScreenGraphics, screen_graphics, tmux_graphics

KITTY = b"\x1b_Gi=31;OK\x1b\\\x1b[6;18;9t\x1b[?62;c"
SIXEL = b"\x1b[6;20;10t\x1b[?62;4;22c"
BOTH = b"\x1b_Gi=31;OK\x1b\\" + SIXEL
NEITHER = b"\x1b[?62;22c"
IN_KITTY = {"TERM": "xterm-kitty"}


@contextmanager
def terminal(answer: bytes) -> Iterator[tuple[int, list[bytes]]]:
    """A terminal that answers so whatever it is asked first, and what it was written."""
    end, inner = pty.openpty()
    written: list[bytes] = []
    is_over = threading.Event()

    def serve() -> None:
        while not is_over.is_set():
            if select.select([end], [], [], 0.01)[0]:
                written.append(os.read(end, 4096))
                if answer and len(written) == 1:
                    os.write(end, answer)

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield inner, written
    finally:
        is_over.set()
        thread.join()
        os.close(end)
        os.close(inner)


@pytest.mark.invariant("S0-L06")
@pytest.mark.parametrize(
    ("variables", "wish", "answer", "expected"),
    [
        (IN_KITTY, "auto", KITTY, ScreenGraphics(DrawnAs.KITTY, (9, 18))),
        ({"TERM": "xterm-256color", "TERM_PROGRAM": "ghostty"}, "auto", KITTY, ScreenGraphics(DrawnAs.KITTY, (9, 18))),
        ({"TERM": "foot"}, "auto", SIXEL, ScreenGraphics(DrawnAs.SIXEL, (10, 20))),
        # It has kitty's pictures, and not its placeholders.
        ({"TERM": "xterm", "TERM_PROGRAM": "WezTerm"}, "auto", BOTH, ScreenGraphics(DrawnAs.SIXEL, (10, 20))),
        ({"TERM": "xterm"}, "graphics", SIXEL, ScreenGraphics(DrawnAs.SIXEL, (10, 20))),
        # How large a cell is, sixels have to know.
        ({"TERM": "foot"}, "auto", b"\x1b[?62;4;22c", BLOCKS),
        ({"TERM": "xterm", "KITTY_WINDOW_ID": "1"}, "auto", NEITHER, BLOCKS),
        ({"TERM": "xterm"}, "graphics", NEITHER, BLOCKS),
        (IN_KITTY, "auto", b"jjjj", BLOCKS),
    ],
)
def test_what_a_terminal_says_it_can_is_what_it_is_given(
    variables: Mapping[str, str], wish: str, answer: bytes, expected: ScreenGraphics
) -> None:
    # What comes before an answer that is none is waited for in vain.
    patience_s = PATIENCE_S if answer.endswith(b"c") else 0.15
    with terminal(answer) as (inner, _written):
        before = termios.tcgetattr(inner)
        assert screen_graphics(inner, variables, wish, patience_s) == expected
        assert termios.tcgetattr(inner) == before


@pytest.mark.parametrize(
    ("variables", "wish"),
    [
        ({"TERM": "xterm-256color"}, "auto"),
        ({"TERM": "linux"}, "auto"),
        (IN_KITTY, "blocks"),
        (IN_KITTY, "off"),
        ({**IN_KITTY, "NO_COLOR": "1"}, "graphics"),
        ({**IN_KITTY, "TMUX": "/nowhere,1,0"}, "graphics"),
        ({**IN_KITTY, "STY": "1.pts-0"}, "auto"),
        ({"TERM": "xterm-256color", "KITTY_WINDOW_ID": "1", "SSH_CONNECTION": "a b"}, "auto"),
    ],
)
def test_who_hardly_can_is_not_even_asked(variables: Mapping[str, str], wish: str) -> None:
    """Kills: a question typed into the screen of who does not understand it, or answers late."""
    with terminal(KITTY) as (inner, written):
        assert screen_graphics(inner, variables, wish) == BLOCKS
        assert written == []
    assert screen_graphics(None, variables, wish) == BLOCKS


def test_a_terminal_far_away_is_known_by_its_name_and_not_asked() -> None:
    with terminal(NEITHER) as (inner, written):
        assert screen_graphics(inner, {**IN_KITTY, "SSH_TTY": "/dev/pts/1"}).drawn_as is DrawnAs.KITTY
        termios.tcsetwinsize(inner, (0, 0))
        assert screen_graphics(inner, {"TERM": "foot", "SSH_TTY": "/dev/pts/1"}) == BLOCKS
        assert written == []


def test_who_does_not_answer_is_waited_for_a_moment_and_keys_typed_before_are_left_alone() -> None:
    with terminal(b"") as (inner, written):
        begun_s = time.monotonic()
        assert screen_graphics(inner, IN_KITTY, patience_s=0.05) == BLOCKS
        assert 0.05 <= time.monotonic() - begun_s < PATIENCE_S
        until(lambda: written)
    end, inner = pty.openpty()
    os.write(end, b"jj")
    # Echoed, they have come to the inner end.
    assert shown(end, 2) == b"jj"
    assert screen_graphics(inner, IN_KITTY) == BLOCKS
    assert typed(inner) == b"jj"
    # Nothing was asked before this.
    os.write(inner, b".")
    assert shown(end, 1) == b"."
    os.close(end)
    os.close(inner)


def shown(end: int, count: int) -> bytes:
    """At least so many bytes of what comes out of a terminal."""
    came = b""
    while len(came) < count:
        assert select.select([end], [], [], PATIENCE_S)[0]
        came += os.read(end, 99)
    return came


def typed(inner: int) -> bytes:
    mode = termios.tcgetattr(inner)
    mode[3] &= ~termios.ICANON
    termios.tcsetattr(inner, termios.TCSANOW, mode)
    assert select.select([inner], [], [], PATIENCE_S)[0]
    return os.read(inner, 99)


@pytest.mark.parametrize(
    ("told", "drawn_as"),
    [
        ("xterm-kitty bpaste,ccolour,RGB,title on\n", DrawnAs.KITTY),
        ("xterm-ghostty RGB 1\n", DrawnAs.KITTY),
        ("xterm-kitty RGB,title off\n", DrawnAs.BLOCKS),
        ("xterm-kitty title on\n", DrawnAs.BLOCKS),
        ("xterm-256color RGB on\n", DrawnAs.BLOCKS),
        ("\n", DrawnAs.BLOCKS),
    ],
)
def test_in_tmux_pictures_pass_where_it_lets_them_and_keeps_colours(told: str, drawn_as: DrawnAs) -> None:
    assert tmux_graphics(told).drawn_as is drawn_as
    assert tmux_graphics(told).is_wrapped is (drawn_as is DrawnAs.KITTY)
