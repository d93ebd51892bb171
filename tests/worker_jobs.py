"""Jobs for worker processes to do, well-behaved and otherwise; they are imported where they run."""

from __future__ import annotations

import os
import signal
import threading
import time
from pathlib import Path

from auralis_cli.errors import InputError
from auralis_cli.model.progress import CancelToken, ProgressSink


def square(value: int, progress: ProgressSink, cancel: CancelToken) -> int:
    """Says what it does and returns the square."""
    progress.step("squaring", 0.5)
    progress.note("squares are computed")
    return value * value


def process_id(progress: ProgressSink, cancel: CancelToken) -> int:
    """Which process works."""
    return os.getpid()


def count_up(steps: int, progress: ProgressSink, cancel: CancelToken) -> int:
    """Computes for a while without letting go."""
    total = 0
    for number in range(steps):
        total += number * number
    return os.getpid()


def fail(name: str, progress: ProgressSink, cancel: CancelToken) -> None:
    """Fails as a decoder does."""
    raise InputError(name, "is damaged", "a hint")


def stumble(progress: ProgressSink, cancel: CancelToken) -> None:
    """Fails as a defect does."""
    raise ZeroDivisionError("in /usr/lib/site-packages/x.py: division")


def unpicklable(progress: ProgressSink, cancel: CancelToken) -> object:
    """Returns what cannot be sent."""
    return threading.Lock()


def crash(folder: Path, progress: ProgressSink, cancel: CancelToken) -> None:
    """Dies in the middle of a file."""
    leave_part(folder)
    os.kill(os.getpid(), signal.SIGSEGV)


def be_killed(progress: ProgressSink, cancel: CancelToken) -> None:
    """Dies as the system ends what needs too much memory."""
    progress.step("reading", 0.5)
    os.kill(os.getpid(), signal.SIGKILL)


def hang(folder: Path, progress: ProgressSink, cancel: CancelToken) -> None:
    """Holds a file open and never comes back, deaf to requests."""
    with leave_part(folder).open("ab"):
        while True:
            signal.pause()


def obey(folder: Path, progress: ProgressSink, cancel: CancelToken) -> None:
    """Works until asked to stop, and tidies up then."""
    part = leave_part(folder)
    try:
        while True:
            cancel.raise_if_cancelled()
            progress.step("working", None)
            time.sleep(0.01)
    finally:
        part.unlink()


def leave_part(folder: Path) -> Path:
    """A file such as a writer leaves that is killed."""
    part = folder / f".auralis-{os.getpid()}-test.part"
    part.write_bytes(b"half")
    return part
