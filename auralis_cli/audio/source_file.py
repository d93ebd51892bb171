"""Opening what the user named: a regular file, by its bytes, with one clear line where it is not one."""

from __future__ import annotations

import errno
import os
import re
import stat
from pathlib import Path

from auralis_cli.errors import InputError
from auralis_cli.units import bytes_in_words

_KINDS = {
    stat.S_IFDIR: "is a folder",
    stat.S_IFIFO: "is a named pipe",
    stat.S_IFCHR: "is a device",
    stat.S_IFBLK: "is a device",
    stat.S_IFSOCK: "is a socket",
}
_REASONS = {
    errno.ENOENT: "does not exist",
    errno.ENOTDIR: "does not exist",
    errno.EACCES: "may not be read (permission denied)",
    errno.EPERM: "may not be read (permission denied)",
    errno.ELOOP: "is a symbolic link that leads in a circle",
    errno.ENAMETOOLONG: "is no possible file name (too long)",
}
_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+:/")
# Opening must neither wait for a writer nor take a terminal, should the file have changed since it was asked.
_FLAGS = os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK | os.O_NOCTTY


def open_source(path: Path) -> int:
    """A descriptor of the file, for the caller to close. What is no regular file is never opened.

    Raises InputError: missing, unreadable, empty, or no file at all.
    """
    try:
        _check(path, os.stat(path))
        descriptor = os.open(path, _FLAGS)
    except (OSError, ValueError) as error:
        raise InputError(str(path), _reason(error, path), _hint(path)) from error
    try:
        _check(path, os.fstat(descriptor))
    except InputError:
        os.close(descriptor)
        raise
    return descriptor


def check_size(path: Path, max_bytes: int) -> None:
    """Raises InputError for a file beyond the limit; what cannot be asked is left to `open_source`."""
    size_bytes = size_of(path)
    if size_bytes is not None and size_bytes > max_bytes:
        raise InputError(str(path), f"is larger than {bytes_in_words(max_bytes)}", "--max-size raises the limit")


def size_of(path: Path) -> int | None:
    """The size of a file in bytes, None where it cannot be asked."""
    try:
        return os.stat(path).st_size
    except (OSError, ValueError):
        return None


def _check(path: Path, status: os.stat_result) -> None:
    if not stat.S_ISREG(status.st_mode):
        raise InputError(str(path), _KINDS.get(stat.S_IFMT(status.st_mode), "is not a file"), "name a file")
    if status.st_size == 0:
        raise InputError(str(path), "is empty")


def _reason(error: OSError | ValueError, path: Path) -> str:
    if isinstance(error, ValueError):
        return "is no possible file name"
    if error.errno == errno.ENOENT and path.is_symlink():
        return "is a symbolic link that leads nowhere"
    return _REASONS.get(error.errno or 0, f"cannot be opened ({error.strerror or error})")


def _hint(path: Path) -> str | None:
    return "addresses are not opened: download it first" if _URL.match(str(path)) else None
