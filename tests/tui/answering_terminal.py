"""A terminal of a test's own that answers questions as terminals of some kind do, with a screen in it."""

from __future__ import annotations

import os
import pty
import select
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from fcntl import ioctl
from pathlib import Path

from patience import PATIENCE_S

_SCRIPT = Path(__file__).parent / "terminal_screen.py"
# What only kitty's pictures and sixels begin with; questions about them are told apart by `a=q`.
KITTY_SENT, SIXELS_SENT = b"\x1b_Ga=T", b'\x1bPq"1;1;'
KITTY_FORGOTTEN = b"\x1b_Ga=d,d=I,"
KITTY_ASKED = b"\x1b_Gi=31,"
KITTY = {KITTY_ASKED: b"\x1b_Gi=31;OK\x1b\\", b"\x1b[16t": b"\x1b[6;20;10t", b"\x1b[c": b"\x1b[?62;c"}
SIXEL = {b"\x1b[16t": b"\x1b[6;20;10t", b"\x1b[c": b"\x1b[?62;4;22c"}
NEITHER = {b"\x1b[c": b"\x1b[?62;22c"}
SILENT: Mapping[bytes, bytes] = {}


class AnsweringTerminal:
    """The end that a terminal emulator holds."""

    def __init__(self, end: int, process: subprocess.Popen[bytes], answers: Mapping[bytes, bytes]) -> None:
        self.end, self.process = end, process
        self._answers = dict(answers)
        self.written = b""

    def read_until(self, holds: Callable[[bytes], bool]) -> None:
        """Reads, and answers each question once."""
        end_s = time.monotonic() + PATIENCE_S
        while not holds(self.written):
            assert time.monotonic() < end_s, self.written[-1000:]
            if select.select([self.end], [], [], 0.1)[0]:
                self.written += os.read(self.end, 1 << 16)
            for question in [one for one in self._answers if one in self.written]:
                os.write(self.end, self._answers.pop(question))

    def begin_anew(self, key: bytes, shows: bytes) -> None:
        """Forgets what was written, up to what a key does: by then all is through that was under way before it."""
        while select.select([self.end], [], [], 0.4)[0]:
            self.written += os.read(self.end, 1 << 16)
        self.press(key)
        self.read_until(lambda written: shows in written)
        self.written = b""

    def press(self, keys: bytes) -> None:
        """Types."""
        os.write(self.end, keys)


@contextmanager
def answering_terminal(
    home: Path, how: str, answers: Mapping[bytes, bytes], variables: Mapping[str, str]
) -> Iterator[AnsweringTerminal]:
    """A screen in a terminal that answers so, and has those variables."""
    end, inner = pty.openpty()
    termios.tcsetwinsize(inner, (24, 80))
    kept = {name: value for name, value in os.environ.items() if name not in ("TMUX", "STY", "SSH_CONNECTION")}
    process = subprocess.Popen(
        [sys.executable, str(_SCRIPT), str(home), how],
        stdin=inner, stdout=inner, stderr=inner, start_new_session=True,
        preexec_fn=lambda: ioctl(0, termios.TIOCSCTTY, 0),
        env={**kept, "COLORTERM": "truecolor", "AURALIS_HOME": str(home), **variables},
    )  # fmt: skip
    try:
        yield AnsweringTerminal(end, process, answers)
    finally:
        process.kill()
        process.wait()
        for one in (inner, end):
            os.close(one)
