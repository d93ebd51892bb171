"""Small files written whole or not at all: a reader sees the old one or the new one."""

from __future__ import annotations

import errno
import os
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path

from auralis_cli.errors import OutputError, RefusedError

# How the names of files begin that are not whole yet; hidden.
PART_PREFIX = ".auralis-"
# File systems without hard links.
_NO_LINKS = (errno.EPERM, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK)
# Linux: names are seen from the folder of the process, and what is there stays.
_HERE, _NEVER_REPLACE = -100, 1


def temporary_prefix(process: int) -> str:
    """How the names of a process's temporary files begin: who had to kill it knows what to remove."""
    return f"{PART_PREFIX}{process}-"


def new_file_mode() -> int:
    """The permissions of an ordinary new file; temporary files are private ones."""
    # The umask can only be read by setting it: to the one that harms nobody who makes a file meanwhile.
    mask = os.umask(0o077)
    os.umask(mask)
    return 0o666 & ~mask


def check_no_folder(path: Path) -> None:
    """Raises RefusedError where a folder is in the place of a file: with it all that it holds would be replaced."""
    if os.path.isdir(path):
        raise RefusedError(str(path), "is a folder", "name a file in it")


def write_whole_file(
    path: Path,
    data: bytes | Iterable[bytes],
    *,
    mode: int | None = None,
    displace: Callable[[Path], object] | None = None,
) -> None:
    """Writes `data`, in pieces where it is long, beside `path`, then gives it the name.

    What stands there is handed to `displace` first, which takes it away; but for a folder (RefusedError).

    `mode` are the permissions, by default an ordinary file's. Raises OutputError where it cannot be written.
    """
    if displace is not None:
        check_no_folder(path)
    try:
        handle, name = tempfile.mkstemp(prefix=PART_PREFIX, suffix=path.suffix, dir=path.parent)
        temporary = Path(name)
        try:
            with os.fdopen(handle, "wb") as stream:
                os.fchmod(handle, new_file_mode() if mode is None else mode)
                stream.writelines((data,) if isinstance(data, bytes) else data)
                stream.flush()
                os.fsync(handle)
            if displace is None:
                temporary.replace(path)
            else:
                if os.path.lexists(path):
                    displace(path)
                # What somebody else put there by now is nothing that was displaced.
                give_name(temporary, path)
        finally:
            temporary.unlink(missing_ok=True)
    except OSError as error:
        raise OutputError(str(path), error.strerror or "cannot be written") from error


def give_name(temporary: Path, path: Path) -> None:
    """Renames a file; one that is in the place stays (FileExistsError): a link, unlike a rename, never replaces."""
    try:
        os.link(temporary, path, follow_symlinks=False)
    except FileExistsError:
        raise
    except OSError as error:
        if error.errno not in _NO_LINKS:
            raise
        if _renamed_at_one_stroke(temporary, path):
            return
        # The name is taken first, exclusively, then given to the file.
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        try:
            os.replace(temporary, path)
        except OSError:
            os.unlink(path)
            raise
    else:
        os.unlink(temporary)


def _renamed_at_one_stroke(temporary: Path, path: Path) -> bool:
    """Renames a file unless the name is taken (FileExistsError); False where the system cannot do both at once.

    Who is killed meanwhile leaves no empty file in the place, as would who takes the name first.
    """
    # Costs more than most who come here have to do.
    import ctypes

    rename = getattr(ctypes.CDLL(None, use_errno=True), "renameat2", None)
    if rename is None:
        return False
    if rename(_HERE, os.fsencode(temporary), _HERE, os.fsencode(path), _NEVER_REPLACE) == 0:
        return True
    number = ctypes.get_errno()
    if number in (errno.EINVAL, errno.ENOSYS, errno.EOPNOTSUPP):
        return False
    raise OSError(number, os.strerror(number), str(temporary), None, str(path))
