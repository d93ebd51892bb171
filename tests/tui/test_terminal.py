"""Whatever becomes of the screen, the terminal is left as it was found."""

from __future__ import annotations

import os
import pty
import select
import signal
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

_SCRIPT = Path(__file__).parent / "terminal_screen.py"
_ENTERED, _LEFT, _CURSOR_SHOWN = b"\x1b[?1049h", b"\x1b[?1049l", b"\x1b[?25h"
_PATIENCE_S = 30.0


class Terminal:
    """The end that a terminal emulator holds, with a screen at the other."""

    def __init__(self, home: Path, how: str) -> None:
        self.end, inner = pty.openpty()
        termios.tcsetwinsize(inner, (24, 80))
        self.before = termios.tcgetattr(inner)
        self.inner = inner
        self.written = b""
        self.process = subprocess.Popen(
            [sys.executable, str(_SCRIPT), str(home), how],
            stdin=inner, stdout=inner, stderr=inner, preexec_fn=self._take_terminal,
            env={**os.environ, "TERM": "xterm-256color", "AURALIS_HOME": str(home)},
        )  # fmt: skip

    def _take_terminal(self) -> None:
        os.setsid()
        import fcntl

        fcntl.ioctl(0, termios.TIOCSCTTY, 0)

    def read_until(self, holds: Callable[[bytes], bool]) -> None:
        end_s = time.monotonic() + _PATIENCE_S
        while not holds(self.written) and time.monotonic() < end_s:
            if select.select([self.end], [], [], 0.1)[0]:
                self.written += os.read(self.end, 1 << 16)
        assert holds(self.written), self.written[-500:]

    def ended(self) -> int:
        end_s = time.monotonic() + _PATIENCE_S
        while self.process.poll() is None and time.monotonic() < end_s:
            if select.select([self.end], [], [], 0.05)[0]:
                self.written += os.read(self.end, 1 << 16)
        assert self.process.poll() is not None
        while select.select([self.end], [], [], 0.0)[0]:
            self.written += os.read(self.end, 1 << 16)
        return int(self.process.returncode)

    def check_left_as_found(self) -> None:
        assert termios.tcgetattr(self.inner) == self.before
        assert self.written.rindex(_LEFT) > self.written.rindex(_ENTERED)
        assert _CURSOR_SHOWN in self.written[self.written.rindex(_LEFT) :]

    def close(self) -> None:
        self.process.kill()
        self.process.wait()
        for end in (self.inner, self.end):
            os.close(end)


@pytest.fixture
def terminal(tmp_path: Path) -> Iterator[Callable[[str], Terminal]]:
    opened: list[Terminal] = []

    def open_one(how: str) -> Terminal:
        opened.append(Terminal(tmp_path, how))
        return opened[-1]

    yield open_one
    for one in opened:
        one.close()


def test_a_screen_that_crashes_says_one_line_in_a_terminal_as_it_was(terminal: Callable[[str], Terminal]) -> None:
    """Kills: a screen that dies with the terminal still its own."""
    one = terminal("crashes")
    assert one.ended() == 1
    one.check_left_as_found()
    assert b"ZeroDivisionError" in one.written[one.written.rindex(_LEFT) :]


def test_a_sleep_gives_the_terminal_back_and_waking_draws_all_anew(terminal: Callable[[str], Terminal]) -> None:
    """Kills: a screen that sleeps with the terminal still its own."""
    one = terminal("waits")
    one.read_until(lambda written: b"keys" in written and b"a.flac" in written)
    os.write(one.end, b"\x1a")
    one.read_until(lambda written: _LEFT in written)
    os.waitpid(one.process.pid, os.WUNTRACED)
    assert termios.tcgetattr(one.inner) == one.before
    one.written = b""
    one.process.send_signal(signal.SIGCONT)
    one.read_until(lambda written: _ENTERED in written and b"keys" in written and b"Now" in written)
    os.write(one.end, b"q")
    assert one.ended() == 0
    one.check_left_as_found()
