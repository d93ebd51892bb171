"""A copy of a file beside it, which is to take its place: as cheap as can be, with all that the file has."""

from __future__ import annotations

import contextlib
import ctypes
import errno
import fcntl
import os
import shutil
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import IO

from auralis_cli.errors import OutputError
from auralis_cli.units import bytes_in_words

# How the names of copies begin; the process that makes them comes next, then what it makes them for.
_PREFIX = ".auralis-edit-"
# Shares the blocks of a file with its copy, where the file system can.
_FICLONE = 0x40049409
_NO_RANGES = (errno.EXDEV, errno.ENOSYS, errno.EINVAL, errno.EOPNOTSUPP, errno.EPERM)
# From so many files of one volume on, all that is to be written of it is.
_MANY_FILES = 8
_RANGE_BYTES = 1 << 30
_LONGEST_SUFFIX_BYTES = 16
NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_REASONS = {
    errno.ENOSPC: "the disk is full",
    errno.EDQUOT: "the disk quota is used up",
    errno.EROFS: "its folder is read-only",
    errno.EACCES: "its folder may not be written to",
    errno.EPERM: "may not be replaced",
    errno.EFBIG: "the file grows too large",
    errno.ENOENT: "was removed meanwhile",
    errno.ENAMETOOLONG: "is no possible file name (too long)",
}


def copy_prefix(process: int, purpose: str = "") -> str:
    """How the names of the copies of a process begin that it makes for something."""
    return f"{_PREFIX}{process}-{purpose}"


@contextlib.contextmanager
def copy_beside(path: str, source: int, prefix: str) -> Iterator[tuple[IO[bytes], str]]:
    """A copy of the open file `source` beside `path`, open too, and its name; removed where the body raises."""
    with new_file_beside(path, prefix) as (copy, name):
        _copy_bytes(source, copy.fileno())
        yield copy, name


@contextlib.contextmanager
def new_file_beside(path: str, prefix: str) -> Iterator[tuple[IO[bytes], str]]:
    """An empty file in the folder of `path`, and its name; removed where the body raises."""
    folder, base = os.path.split(path)
    suffix = os.path.splitext(base)[1]
    fitting = suffix if len(os.fsencode(suffix)) <= _LONGEST_SUFFIX_BYTES else ""
    handle, name = tempfile.mkstemp(prefix=prefix, suffix=fitting, dir=folder)
    try:
        with os.fdopen(handle, "w+b") as file:
            yield file, name
    except BaseException:
        remove_quietly(name)
        raise


def dress_as(path: str, copy: str, *, mtime_ns: int | None) -> None:
    """Gives the copy the file's owner where that is permitted, mode and attributes; and a time, by default now."""
    status = os.stat(path)
    with contextlib.suppress(PermissionError):
        os.chown(copy, status.st_uid, status.st_gid)
    shutil.copystat(path, copy)
    if mtime_ns is None:
        os.utime(copy)
    else:
        os.utime(copy, ns=(status.st_atime_ns, mtime_ns))


def check_room(paths: Iterable[str]) -> None:
    """Raises OutputError where a volume has no room for copies of all the files on it at once."""
    wanted: Counter[int] = Counter()
    folders: dict[int, str] = {}
    for path in paths:
        with contextlib.suppress(OSError):
            status = os.stat(path)
            wanted[status.st_dev] += status.st_size
            folders[status.st_dev] = os.path.dirname(path)
    for device, folder in folders.items():
        volume = os.statvfs(folder)
        room = volume.f_bavail * volume.f_frsize
        if wanted[device] > room:
            why = f"has {bytes_in_words(room)} left, and copies of all files take {bytes_in_words(wanted[device])}"
            raise OutputError(folder, why, "without --all-or-nothing they are made a few at a time")


def sync_files(files: Sequence[int]) -> None:
    """Puts open files on the disk; OSError where one cannot be. Many of a volume are so at once."""
    by_volume: dict[int, list[int]] = {}
    for file in files:
        by_volume.setdefault(os.fstat(file).st_dev, []).append(file)
    for group in by_volume.values():
        if len(group) < _MANY_FILES or not _sync_volume(group[0]):
            for file in group:
                os.fsync(file)


def _sync_volume(file: int) -> bool:
    """Puts all of the volume of a file on the disk, which costs little more than one file; False where that fails."""
    syncfs = getattr(ctypes.CDLL(None), "syncfs", None)
    return syncfs is not None and syncfs(file) == 0


def sync_folders(folders: Iterable[str]) -> None:
    """What was renamed in them is so for good; a file system that cannot is left alone."""
    for folder in folders:
        with contextlib.suppress(OSError):
            descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
            try:
                os.fsync(descriptor)
            finally:
                os.close(descriptor)


def is_untouched(before: os.stat_result, now: os.stat_result) -> bool:
    """Whether a file is the very same as when it was looked at before, to the last byte."""
    return all(
        getattr(before, name) == getattr(now, name)
        for name in ("st_dev", "st_ino", "st_size", "st_mtime_ns", "st_ctime_ns")
    )


def remove_left_copies(folder: str, *, prefix: str | None = None) -> None:
    """Removes from a folder the copies of processes that are gone; or those that begin with `prefix`."""
    with contextlib.suppress(OSError, ValueError), os.scandir(folder) as entries:
        for entry in entries:
            if entry.name.startswith(prefix or _PREFIX) and (prefix is not None or _is_orphan(entry.name)):
                remove_quietly(entry.path)


def remove_quietly(path: str) -> None:
    """Removes a file of ours, which may be gone."""
    with contextlib.suppress(OSError):
        os.unlink(path)


def is_alive(process: int) -> bool:
    """Whether there is a process of that number, whoever's it is."""
    try:
        os.kill(process, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except PermissionError:
        return True
    return True


def cannot_be_written(path: str, error: OSError) -> OutputError:
    """The failure of a file whose place cannot be taken."""
    why = _REASONS.get(error.errno or 0) or f"cannot be written ({error.strerror or error})"
    return OutputError(str(Path(path)), why)


def _is_orphan(name: str) -> bool:
    process = name[len(_PREFIX) :].partition("-")[0]
    return process.isdecimal() and not is_alive(int(process))


def _copy_bytes(source: int, copy: int) -> None:
    try:
        fcntl.ioctl(copy, _FICLONE, source)
    except OSError:
        _copy_ranges(source, copy)


def _copy_ranges(source: int, copy: int) -> None:
    if hasattr(os, "copy_file_range"):
        try:
            while os.copy_file_range(source, copy, _RANGE_BYTES):
                pass
        except OSError as error:
            if error.errno not in _NO_RANGES or os.lseek(source, 0, os.SEEK_CUR):
                raise
        else:
            os.lseek(copy, 0, os.SEEK_SET)
            return
    with open(source, "rb", closefd=False) as reading, open(copy, "wb", closefd=False) as writing:
        shutil.copyfileobj(reading, writing, 1 << 20)
    os.lseek(copy, 0, os.SEEK_SET)
