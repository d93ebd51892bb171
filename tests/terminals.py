"""Terminals of a test's own: tmux, whose screen can be read, and a bare one in which every byte has its time."""

from __future__ import annotations

import os
import pty
import re
import select
import shlex
import shutil
import signal
import struct
import subprocess
import termios
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from fcntl import ioctl
from pathlib import Path

from patience import PATIENCE_S
from sound_sinks import waited_for

# Whoever does not end when it is asked to is ended.
_HEARS_WITHIN_S = 5.0
TMUX_MISSING = "needs tmux"
_CONTROL = re.compile(rb"\x1b\[[0-?]*[ -/]*[@-~]|\x1b[P_\]].*?(?:\x1b\\|\x07)|\x1b[@-_0-9=>]", re.DOTALL)
# What a terminal such as xterm answers to who it is, how large a cell is, and which modes it knows.
_ANSWERS = {
    b"\x1b[c": b"\x1b[?62;22c",
    b"\x1b[16t": b"\x1b[6;20;10t",
    b"\x1b[14t": b"\x1b[4;600;1000t",
    b"\x1b[?2026$p": b"\x1b[?2026;2$y",
    b"\x1b[?2048$p": b"\x1b[?2048;0$y",
}


def has_tmux() -> bool:
    """Whether tmux is installed."""
    return shutil.which("tmux") is not None


@dataclass(frozen=True, slots=True)
class Tmux:
    """A program in a window of tmux."""

    socket: Path

    def press(self, *keys: str) -> None:
        """Keys as tmux names them: `Enter`, `C-p`, `x`."""
        self._run("send-keys", *keys)

    def type(self, text: str) -> None:
        """Letters, one by one."""
        self._run("send-keys", "-l", text)

    @property
    def screen(self) -> str:
        """What is seen."""
        return self._run("capture-pane", "-p")

    @property
    def process_id(self) -> int:
        """The shell in it."""
        return int(self._run("display-message", "-p", "#{pane_pid}"))

    def shows(self, text: str, *, for_s: float = PATIENCE_S) -> None:
        """Waits until a text is seen; fails with the screen."""
        self.waits(lambda: text in self.screen, repr(text), for_s=for_s)

    def waits(self, holds: Callable[[], bool], what: str, *, for_s: float = PATIENCE_S) -> None:
        """Waits until something is so; fails with the screen."""
        try:
            waited_for(holds, what, for_s=for_s)
        except AssertionError:
            raise AssertionError(f"{what} is not there:\n{self.screen}") from None

    def _run(self, *words: str) -> str:
        return _tmux(self.socket, *words)


@contextmanager
def tmux(
    folder: Path, environ: Mapping[str, str], command: Sequence[str], *, columns: int = 100, lines: int = 30
) -> Iterator[Tmux]:
    """A window in which a shell runs `command`, then stays; ended at the end."""
    # A short name: that of a socket is bounded.
    socket = folder / "t"
    shell = f"{shlex.join(command)}; echo LEFT $?; exec sh"
    words = ("new-session", "-d", "-x", str(columns), "-y", str(lines), "sh", "-c", shell)
    subprocess.run(
        ("tmux", "-S", str(socket), "-f", os.devnull, *words), env=dict(environ), check=True, timeout=2 * PATIENCE_S
    )
    try:
        yield Tmux(socket)
    finally:
        _tmux(socket, "kill-server")


def _tmux(socket: Path, *words: str) -> str:
    done = subprocess.run(
        ("tmux", "-S", str(socket), *words), capture_output=True, text=True, timeout=2 * PATIENCE_S, check=False
    )
    return done.stdout


@dataclass(slots=True)
class BareTerminal:
    """A program on a terminal that keeps nothing but its bytes."""

    process: subprocess.Popen[bytes]
    descriptor: int
    started_s: float
    _raw: bytearray = field(default_factory=bytearray)

    @property
    def text(self) -> str:
        """All that was written so far, without what steers the terminal."""
        return _CONTROL.sub(b"", bytes(self._raw)).decode("utf-8", "replace")

    def send(self, data: bytes) -> None:
        """What is typed."""
        os.write(self.descriptor, data)

    def read(self, for_s: float) -> bytes:
        """What is written next, as soon as there is anything; nothing after so long."""
        if not select.select([self.descriptor], [], [], for_s)[0]:
            return b""
        data = b""
        with suppress(OSError):
            data = os.read(self.descriptor, 1 << 16)
        for question, answer in _ANSWERS.items():
            if question in data:
                self.send(answer)
        self._raw += data
        return data

    def settle(self, quiet_s: float) -> None:
        """Reads until nothing was written for so long."""
        while self.read(quiet_s):
            pass

    def seconds_until(self, text: str, *, for_s: float = 60.0) -> float:
        """How long after its start it had written a text; AssertionError where it has not."""
        while text not in self.text:
            now_s = time.perf_counter()
            assert now_s < self.started_s + for_s, f"{text!r} is not in {self.text[-2000:]!r}"
            # Asked first: what it wrote before its end is still to be read.
            is_over = self.process.poll() is not None
            assert self.read(0.5) or not is_over, self.text[-2000:]
        return time.perf_counter() - self.started_s

    def seconds_of_key(self, key: bytes, *, for_s: float = PATIENCE_S) -> float:
        """How long a key takes until the last byte of what it paints."""
        self.settle(0.02)
        begun_s = time.perf_counter()
        self.send(key)
        painted_s = 0.0
        while data := self.read(for_s if not painted_s else 0.015):
            painted_s = time.perf_counter()
            del data
        assert painted_s, f"{key!r} paints nothing"
        return painted_s - begun_s


@contextmanager
def bare_terminal(
    command: Sequence[str], environ: Mapping[str, str], *, columns: int = 100, lines: int = 30
) -> Iterator[BareTerminal]:
    """A terminal of that size with a program on it, which is ended at the end."""
    own, theirs = pty.openpty()
    ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))
    started_s = time.perf_counter()
    process = subprocess.Popen(
        command, stdin=theirs, stdout=theirs, stderr=theirs, env={**environ, "TERM": "xterm-256color"},
        start_new_session=True, preexec_fn=_take_terminal,
    )  # fmt: skip
    os.close(theirs)
    terminal = BareTerminal(process, own, started_s)
    try:
        yield terminal
    finally:
        with suppress(ProcessLookupError):
            process.send_signal(signal.SIGTERM)
        try:
            process.wait(_HEARS_WITHIN_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(PATIENCE_S)
        os.close(own)


def _take_terminal() -> None:
    """The program's own terminal, so that /dev/tty is it."""
    ioctl(0, termios.TIOCSCTTY, 0)
