"""Small files written whole or not at all: a reader sees the old one or the new one."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from pathlib import Path

from auralis_cli.errors import OutputError


def new_file_mode() -> int:
    """The permissions of an ordinary new file; temporary files are private ones."""
    # The umask can only be read by setting it: to the one that harms nobody who makes a file meanwhile.
    mask = os.umask(0o077)
    os.umask(mask)
    return 0o666 & ~mask


def write_whole_file(
    path: Path, data: bytes, *, mode: int | None = None, displace: Callable[[Path], None] | None = None
) -> None:
    """Writes `data` beside `path`, then gives it the name; what stands there is handed to `displace` first.

    `mode` are the permissions, by default an ordinary file's. Raises OutputError where it cannot be written.
    """
    try:
        handle, name = tempfile.mkstemp(prefix=".auralis-", suffix=path.suffix, dir=path.parent)
        temporary = Path(name)
        try:
            with os.fdopen(handle, "wb") as stream:
                os.fchmod(handle, new_file_mode() if mode is None else mode)
                stream.write(data)
                stream.flush()
                os.fsync(handle)
            if displace is not None and os.path.lexists(path):
                displace(path)
            temporary.replace(path)
        finally:
            temporary.unlink(missing_ok=True)
    except OSError as error:
        raise OutputError(str(path), error.strerror or "cannot be written") from error
