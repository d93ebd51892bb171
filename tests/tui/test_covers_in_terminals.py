"""Covers in terminals: pictures where those can be shown, and not a byte of them anywhere else."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile
from images import image
from tui.answering_terminal import (
    KITTY,
    KITTY_ASKED,
    KITTY_FORGOTTEN,
    KITTY_SENT,
    NEITHER,
    SIXEL,
    SIXELS_SENT,
    AnsweringTerminal,
    answering_terminal,
)  # fmt: skip

PLACEHOLDER = "\U0010eeee".encode()
BLOCK = "▀".encode()
IN_KITTY = {"TERM": "xterm-kitty"}
IN_FOOT = {"TERM": "foot"}


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A folder with a cover, which stands for any track in it."""
    (tmp_path / "cover.png").write_bytes(image(64, 64, "PNG"))
    soundfile.write(tmp_path / "a.flac", np.zeros(1000), 44_100)
    return tmp_path


def drawn(terminal: AnsweringTerminal, mark: bytes) -> None:
    terminal.read_until(lambda written: mark in written and b"a.flac" in written)


def test_a_terminal_that_says_it_can_is_given_the_picture_itself(home: Path) -> None:
    with answering_terminal(home, "covers", KITTY, IN_KITTY) as terminal:
        drawn(terminal, PLACEHOLDER)
        assert terminal.written.index(KITTY_SENT) < terminal.written.index(PLACEHOLDER)
        assert BLOCK * 3 not in terminal.written
        assert SIXELS_SENT not in terminal.written
        # Behind a dialog there is none, and behind it again.
        terminal.begin_anew(b"-", b"vol 98")
        terminal.press(b"?")
        terminal.read_until(lambda written: b"Now" in written and b"seek" in written)
        assert PLACEHOLDER not in terminal.written
        terminal.press(b"\x1b")
        drawn(terminal, PLACEHOLDER)
        # Nor is the terminal left with it.
        terminal.press(b"\x11")
        terminal.read_until(lambda written: KITTY_FORGOTTEN in written)


def test_sixels_are_drawn_in_their_cells(home: Path) -> None:
    with answering_terminal(home, "covers", SIXEL, IN_FOOT) as terminal:
        drawn(terminal, SIXELS_SENT)
        for sent in (KITTY_SENT, PLACEHOLDER, BLOCK):
            assert sent not in terminal.written


@pytest.mark.invariant("S0-L06")
def test_nothing_of_a_picture_is_written_to_a_terminal_that_cannot(home: Path) -> None:
    """Kills: pictures sent for a name in the environment alone, which may be that of another terminal."""
    with answering_terminal(home, "covers", NEITHER, {"TERM": "xterm-256color", "KITTY_WINDOW_ID": "1"}) as terminal:
        drawn(terminal, BLOCK)
        assert KITTY_ASKED in terminal.written
        for sent in (KITTY_SENT, SIXELS_SENT, PLACEHOLDER):
            assert sent not in terminal.written
