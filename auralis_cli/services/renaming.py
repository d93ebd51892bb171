"""A file gets another name, never one that is taken, on its own volume or another one; and its old one again."""

from __future__ import annotations

import errno
import os
from collections.abc import Collection, Iterable, Sequence
from pathlib import Path

from auralis_cli.errors import OutputError, RefusedError
from auralis_cli.model.journal import FileChange
from auralis_cli.services.copy_beside import (
    cannot_be_written,
    copy_beside,
    copy_prefix,
    dress_as,
    is_untouched,
    remove_quietly,
    sync_folders,
)
from auralis_cli.whole_file import give_name

_BLOCK_BYTES = 1 << 20


def rename(old: str, new: str) -> None:
    """Gives a file a new name, in a folder that is made where there is none.

    Raises RefusedError where the name is taken, OutputError where the disk fails: then the file is where it was.
    """
    folder = existing = os.path.dirname(new)
    while not os.path.lexists(existing):
        existing = os.path.dirname(existing)
    try:
        _make_folder(new, folder)
        _take_name(old, new)
    except BaseException:
        _remove_made(folder, existing)
        raise
    sync_folders({os.path.dirname(old), os.path.dirname(new)})


def _make_folder(new: str, folder: str) -> None:
    try:
        os.makedirs(folder, exist_ok=True)
    except OSError as error:
        if isinstance(error, FileExistsError | NotADirectoryError):
            raise RefusedError(new, "cannot be: in the place of its folder is a file") from error
        if error.errno == errno.ENOENT:
            raise OutputError(new, f"cannot be: its folder, {folder}, cannot be made") from error
        raise cannot_be_written(new, error) from error


def _remove_made(folder: str, existing: str) -> None:
    """Removes the folders that were made below `existing` for a name, as far as they came to be."""
    while folder != existing and not os.path.lexists(folder):
        folder = os.path.dirname(folder)
    remove_if_empty([folder], but={existing})


def _take_name(old: str, new: str) -> None:
    try:
        if _differs_in_case_only(old, new):
            os.rename(old, new)
        else:
            _give_name(old, new)
    except FileExistsError as error:
        raise RefusedError(new, "exists already") from error
    except OSError as error:
        raise cannot_be_written(new, error) from error


def is_to_move_back(
    change: FileChange, at: str, names: Sequence[str], *, will_be_free: bool, will_be_restored: bool
) -> bool:
    """Whether a renamed file, which lies at `at` now, is still to get its old name; `names` are that one and those it
    is to get then.

    Raises RefusedError where it cannot: it is gone or was changed, or its old name is taken. Where names went round in
    a circle and an undo was cut short, there is some file under each name: time and size tell which.
    """
    if not os.path.lexists(at):
        if any(map(os.path.lexists, names)):
            return False
        raise RefusedError(at, "is not there any more", f"it was {change.path}")
    if not (will_be_restored or _is_as_left(change, at)):
        if any(_is_as_left(change, name) for name in names):
            return False
        raise RefusedError(at, "was changed since it was renamed", f"it was {change.path}")
    # Cut short when one name was given and the other not yet taken, the file has both.
    if not os.path.lexists(change.path) or will_be_free or _is_the_same(change.path, at):
        return True
    raise RefusedError(change.path, "is in the place of the file that would come back", "move it away first")


def move_back(change: FileChange) -> None:
    """Gives a renamed file its old name; raises as `rename` does."""
    assert change.place is not None
    if os.path.lexists(change.path) and _is_the_same(change.path, change.place):
        remove_quietly(change.place)
    else:
        rename(change.place, change.path)


def remove_if_empty(folders: Iterable[str], *, but: Collection[str]) -> None:
    """Removes the folders in which nothing is any more, and those above that were for them alone; never one of
    `but`, nor the one that somebody works in.
    """
    for folder in folders:
        while folder not in but:
            try:
                if os.path.samefile(folder, os.curdir):
                    break
                os.rmdir(folder)
            except OSError:
                break
            folder = os.path.dirname(folder)


def begins_with(path: str, part: str) -> bool:
    """Whether a file holds all that another does, so that nothing is lost without the latter."""
    if not (os.path.isfile(path) and os.path.isfile(part)):
        return False
    try:
        with open(path, "rb") as whole, open(part, "rb") as beginning:
            while block := beginning.read(_BLOCK_BYTES):
                if whole.read(len(block)) != block:
                    return False
    except OSError:
        return False
    return True


def _is_the_same(path: str, other: str) -> bool:
    """Whether two names are of one file, or of a file and a whole copy of it: what goes on behind that is another."""
    try:
        here, there = os.lstat(path), os.lstat(other)
    except OSError:
        return False
    return os.path.samestat(here, there) or (here.st_size == there.st_size and begins_with(path, other))


def _is_as_left(change: FileChange, path: str) -> bool:
    try:
        status = os.lstat(path)
    except OSError:
        return False
    return (status.st_size, status.st_mtime_ns) == (change.size_bytes, change.mtime_ns)


def _differs_in_case_only(old: str, new: str) -> bool:
    """Whether both are names of one file where case does not matter."""
    if old == new or old.casefold() != new.casefold() or not os.path.lexists(new):
        return False
    return os.path.samestat(os.lstat(old), os.lstat(new)) and os.lstat(old).st_nlink == 1


def _give_name(old: str, new: str) -> None:
    try:
        give_name(Path(old), Path(new))
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
        _give_name_afar(old, new)


def _give_name_afar(old: str, new: str) -> None:
    """On another volume: a copy is on the disk there before the file goes here."""
    status = os.lstat(old)
    if os.path.islink(old):
        os.symlink(os.readlink(old), new)
    else:
        source = os.open(old, os.O_RDONLY | os.O_CLOEXEC)
        try:
            with copy_beside(new, source, copy_prefix(os.getpid(), "move-")) as (copy, name):
                os.fsync(copy.fileno())
                dress_as(old, name, mtime_ns=status.st_mtime_ns)
                if not is_untouched(status, os.lstat(old)):
                    # What came in meanwhile is not in the copy.
                    raise RefusedError(old, "was changed while it was copied to another volume")
                give_name(Path(name), Path(new))
        finally:
            os.close(source)
    # The name is on the disk there as well, should the power fail.
    sync_folders([os.path.dirname(new)])
    os.unlink(old)
