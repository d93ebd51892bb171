"""Which process keeps others out of a library, where the system tells (Linux does)."""

from __future__ import annotations

import os
from pathlib import Path

# The byte of the `-shm` file that SQLite locks while it writes in WAL mode.
_WAL_WRITE_LOCK = 120
_LOCKS = Path("/proc/locks")
_PROCESSES = Path("/proc")
_LONGEST_NAME = 60


def writer_of(library: Path) -> str | None:
    """The process that is inside a transaction that writes; None where that is not known."""
    return _holder(library.with_name(library.name + "-shm"), "POSIX", exclusive=True)


def user_of(lock_file: Path, *, exclusive: bool) -> str | None:
    """A process, not this one, that has locked the whole of `lock_file`; None where that is not known."""
    return _holder(lock_file, "FLOCK", exclusive=exclusive)


def _holder(path: Path, kind: str, *, exclusive: bool) -> str | None:
    try:
        inode = path.stat().st_ino
        lines = _LOCKS.read_text(encoding="ascii", errors="replace").splitlines()
    except OSError:
        return None
    for line in lines:
        # `1: POSIX  ADVISORY  WRITE 4711 fe:00:1655316 120 120`; who only waits has `->` behind the number.
        words = line.split()
        if len(words) != 8 or words[1] != kind or words[5].rpartition(":")[2] != str(inode):
            continue
        if exclusive and words[3] != "WRITE":
            continue
        if kind == "POSIX" and not _covers(words[6], words[7], _WAL_WRITE_LOCK):
            continue
        if words[4].isdigit() and int(words[4]) not in (0, os.getpid()):
            return _described(int(words[4]))
    return None


def _covers(first: str, last: str, byte: int) -> bool:
    return first.isdigit() and int(first) <= byte and (last == "EOF" or (last.isdigit() and byte <= int(last)))


def _described(process: int) -> str:
    """`auralis scan /music (process 4711)`."""
    try:
        words = (_PROCESSES / str(process) / "cmdline").read_bytes().split(b"\0")
    except OSError:
        words = []
    named = [
        os.path.basename(os.fsdecode(word)) if index == 0 else os.fsdecode(word) for index, word in enumerate(words)
    ]
    text = " ".join(" ".join(named).split())
    if len(text) > _LONGEST_NAME:
        text = text[: _LONGEST_NAME - 1] + "…"
    return f"{text} (process {process})" if text else f"process {process}"
