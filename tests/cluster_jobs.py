"""Jobs for the workers of a cluster: they leave marks, wait, or take their worker down."""

from __future__ import annotations

import os
import signal
import threading
from pathlib import Path

from auralis_cli.errors import InputError
from auralis_cli.model.progress import CancelToken, ProgressSink


def mark(folder: Path, number: int, wait_s: float, progress: ProgressSink, cancel: CancelToken) -> int:
    """Says by a file which process has it, waits, and gives its number back."""
    (folder / f"{number}-{os.getpid()}").touch()
    progress.step("waiting", 0.5)
    threading.Event().wait(wait_s)
    return number


def hold(folder: Path, number: int, progress: ProgressSink, cancel: CancelToken) -> int:
    """As `mark`, and waits until there is a file `released`; the first number waits for nothing."""
    (folder / f"{number}-{os.getpid()}").touch()
    while number and not (folder / "released").exists():
        cancel.raise_if_cancelled()
        threading.Event().wait(0.05)
    return number


def wait_to_be_stopped(folder: Path, progress: ProgressSink, cancel: CancelToken) -> None:
    """Says when it began, and when it was stopped."""
    (folder / "began").touch()
    for _ in range(600):
        if cancel.is_cancelled:
            (folder / "stopped").touch()
        cancel.raise_if_cancelled()
        threading.Event().wait(0.05)


def fail(progress: ProgressSink, cancel: CancelToken) -> None:
    """As of a file that cannot be read."""
    progress.note("a note")
    raise InputError("song.flac", "is damaged", "a hint")


def kill_worker(progress: ProgressSink, cancel: CancelToken) -> None:
    """As a decoder that crashes."""
    os.kill(os.getpid(), signal.SIGKILL)
