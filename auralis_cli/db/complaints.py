"""What SQLite and the system complain of, as one line that says what to do."""

from __future__ import annotations

import errno
import os
import sqlite3
from pathlib import Path

from auralis_cli.db.lock_holders import writer_of
from auralis_cli.errors import LibraryError

_DAMAGED = ("is damaged", "auralis db check tells where, auralis db restore brings back a backup")
_FULL = ("the disk is full; what was begun is undone", "make room and try again")
READ_ONLY = ("is read-only", "the file and its folder have to be writable")
_NO_ACCESS = ("cannot be opened", "is its folder there, and yours?")
_INPUT_OUTPUT = ("cannot be read or written; what was begun is undone", "is its disk well, and is there room?")

# The beginning of SQLite's name for the failure → why and hint; the first that fits.
_MEANINGS = {
    "SQLITE_FULL": _FULL,
    "SQLITE_READONLY": READ_ONLY,
    "SQLITE_CORRUPT": _DAMAGED,
    "SQLITE_NOTADB": ("is no library", "auralis db restore brings back a backup"),
    "SQLITE_CANTOPEN": _NO_ACCESS,
    "SQLITE_PERM": _NO_ACCESS,
    "SQLITE_AUTH": _NO_ACCESS,
    "SQLITE_IOERR": _INPUT_OUTPUT,
}
_SYSTEM_MEANINGS = {
    errno.ENOSPC: _FULL,
    errno.EDQUOT: _FULL,
    errno.EROFS: READ_ONLY,
    errno.EACCES: ("may not be used (permission denied)", "the file and its folder have to be yours"),
    errno.EPERM: ("may not be used (permission denied)", "the file and its folder have to be yours"),
}


def is_busy(error: BaseException) -> bool:
    """Whether another connection is in the way, which ends by waiting."""
    return _name_of(_foreign(error)).startswith(("SQLITE_BUSY", "SQLITE_LOCKED"))


def is_of_writing(error: BaseException) -> bool:
    """Whether a file could not be written."""
    return _name_of(_foreign(error)).startswith(("SQLITE_FULL", "SQLITE_IOERR", "SQLITE_READONLY"))


def is_defect(error: BaseException) -> bool:
    """Whether SQLite did not understand what it was told."""
    return all(_name_of(one) in ("", "SQLITE_ERROR", "SQLITE_MISUSE") for one in _causes(error)) and any(
        _name_of(one) for one in _causes(error)
    )


def library_error(path: Path, error: BaseException, *, waited_s: float) -> LibraryError:
    """The failure of a statement on the library at `path`, in our words."""
    names = [(_name_of(one), one) for one in _causes(error)]
    # What came first is why; that a transaction then is gone, or a savepoint, is only how it was noticed.
    for name, _ in reversed(names):
        for beginning, (why, hint) in _MEANINGS.items():
            if name.startswith(beginning):
                return LibraryError(str(path), why, hint)
    if any(name.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")) for name, _ in names):
        holder = writer_of(path)
        who = f"{holder} is writing to it" if holder else "another program is writing to it"
        return LibraryError(str(path), f"{who}, and did not end within {waited_s:g} s", "try again when it is done")
    text = next(iter(str(names[-1][1]).splitlines()), "")
    return LibraryError(str(path), f"cannot be used ({text})", "auralis db check tells more")


def damaged(path: Path) -> LibraryError:
    """The failure of a library that holds what no library can."""
    return LibraryError(str(path), *_DAMAGED)


def system_error(path: Path, error: OSError) -> LibraryError:
    """The failure of the system to open, lock or write a file of the library."""
    why, hint = _SYSTEM_MEANINGS.get(
        error.errno or 0, (f"cannot be used: {error.strerror or os.strerror(errno.EIO)}", None)
    )
    return LibraryError(str(path), why, hint)


def _causes(error: BaseException) -> list[BaseException]:
    """The failure and those before it, SQLite's own instead of Peewee's wrapping."""
    found: list[BaseException] = []
    current: BaseException | None = error
    while current is not None and current not in found:
        found.append(current)
        current = current.__cause__ or current.__context__
    return [_foreign(one) for one in found]


def _foreign(error: BaseException) -> BaseException:
    wrapped = getattr(error, "orig", None)
    return wrapped if isinstance(wrapped, sqlite3.Error) else error


def _name_of(error: BaseException) -> str:
    return str(getattr(error, "sqlite_errorname", None) or "")
