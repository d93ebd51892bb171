"""A log that runs are appended to, line by line with the time, so that what went wrong can be read later."""

from __future__ import annotations

import os
import re
import shlex
import stat
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import datetime
from pathlib import Path

from auralis_cli.errors import OutputError, RefusedError
from auralis_cli.version import VERSION


def _now() -> datetime:
    return datetime.now().astimezone()


# How every line of a log begins.
_RECORD = re.compile(rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}[+-]\d\d:\d\d\S* \d+ \w+: ")
_LONGEST_HEAD_BYTES = 100


class LogFile:
    """Appends to a file; several processes may do so at once, each line is written whole."""

    def __init__(self, path: Path, words: Sequence[str], now: Callable[[], datetime] = _now) -> None:
        self._now = now
        try:
            self._descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o666)
        except OSError as error:
            raise OutputError(str(path), f"the log cannot be opened: {error.strerror}") from error
        if not _may_be_appended_to(path, self._descriptor):
            self.close()
            raise RefusedError(str(path), "is no log of auralis, and stays as it is", "name a new file for the log")
        self.path = path
        self.write("start", f"auralis {VERSION}: {shlex.join(['auralis', *words])}")

    def write(self, level: str, text: str) -> None:
        """One record; every line of `text` gets its time. Its foreign text is `printable` already."""
        time = self._now().isoformat(timespec="milliseconds")
        lines = "".join(f"{time} {os.getpid()} {level}: {line}\n" for line in text.split("\n"))
        # Work does not fail because its remarks cannot be kept.
        with suppress(OSError):
            os.write(self._descriptor, lines.encode("utf-8", "backslashreplace"))

    def close(self) -> None:
        """Gives the descriptor back."""
        with suppress(OSError):
            os.close(self._descriptor)


def _may_be_appended_to(path: Path, descriptor: int) -> bool:
    """Whether the file is empty or a log; devices and pipes hold nothing that could be spoilt."""
    status = os.fstat(descriptor)
    if not stat.S_ISREG(status.st_mode) or not status.st_size:
        return True
    try:
        with path.open("rb") as file:
            return _RECORD.match(file.read(_LONGEST_HEAD_BYTES)) is not None
    except OSError:
        return False
