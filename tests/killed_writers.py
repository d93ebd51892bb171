"""Kills programs that write to a library at random moments, and knows which of them were inside a transaction.

The program is stopped first (SIGSTOP); whether it then holds SQLite's lock for writing says `/proc/locks`, so that any
program can be asked, without its help. What it printed up to then went into a file.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import tempfile
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

_WAL_WRITE_LOCK = "120"
_START_WITHIN_S = 60.0


@dataclass(frozen=True)
class Killed:
    """A program that was killed."""

    # Whether it was inside a transaction that writes.
    inside: bool
    # What it had printed.
    lines: list[str]
    after_s: float
    # Whether it had ended by itself before.
    too_late: bool = False


def kill_at_random(
    command: Sequence[str | Path],
    library: Path,
    rng: random.Random,
    *,
    within_s: float,
    variables: Mapping[str, str] | None = None,
    starts_with_output: bool = True,
) -> Killed:
    """Runs `command`, which writes to `library`, and kills it within `within_s` of its first line of output.

    Without `starts_with_output`, within that time of its first transaction.
    """
    after_s = rng.uniform(0.0, within_s)
    with tempfile.TemporaryFile() as printed:
        process = subprocess.Popen(
            [os.fspath(word) for word in command],
            stdout=printed,
            stderr=subprocess.DEVNULL,
            env={**os.environ, **(variables or {})},
        )
        try:
            began = _wait_for_start(process, printed.fileno() if starts_with_output else None, library)
            threading.Event().wait(after_s)
            inside = False
            if began and process.poll() is None:
                # It may end at any moment: until it is waited for its number is no other's.
                os.kill(process.pid, signal.SIGSTOP)
                _, status = os.waitpid(process.pid, os.WUNTRACED)
                inside = os.WIFSTOPPED(status) and is_writing(process.pid, library)
        finally:
            ended = process.poll() is not None
            process.kill()
            process.wait()
        printed.seek(0)
        lines = printed.read().decode(errors="replace").split("\n")[:-1]
    return Killed(inside, lines, after_s, too_late=ended)


def is_writing(process: int, library: Path) -> bool:
    """Whether a process is inside a transaction that writes to the library (in WAL mode)."""
    try:
        inode = library.with_name(library.name + "-shm").stat().st_ino
    except OSError:
        return False
    for line in Path("/proc/locks").read_text().splitlines():
        words = line.split()
        if words[1:2] == ["POSIX"] and words[3:5] == ["WRITE", str(process)] and words[6] == _WAL_WRITE_LOCK:
            return words[5].endswith(f":{inode}")
    return False


def _wait_for_start(process: subprocess.Popen[bytes], printed: int | None, library: Path) -> bool:
    ends_at = time.monotonic() + _START_WITHIN_S
    pause = threading.Event()
    while process.poll() is None and time.monotonic() < ends_at:
        if os.fstat(printed).st_size > 0 if printed is not None else is_writing(process.pid, library):
            return True
        pause.wait(0.002)
    return False
