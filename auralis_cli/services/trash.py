"""Nothing of the user's is deleted: what must go, goes to the freedesktop trash, and can be brought back.

Done here by the specification (specifications.freedesktop.org/trash-spec) rather than by a library, because undo has
to know the place beforehand, and no two programs may be given the same.
"""

from __future__ import annotations

import errno
import filecmp
import os
import shutil
import stat
import tempfile
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from urllib.parse import quote_from_bytes

from auralis_cli.errors import OutputError, RefusedError
from auralis_cli.quick_dataclasses import dataclass
from auralis_cli.services.copy_beside import is_untouched, sync_folders
from auralis_cli.whole_file import give_name

_SUFFIX = ".trashinfo"
# A name in the trash, with a number and the suffix of its note, has to fit into 255 bytes.
_LONGEST_NAME_BYTES = 230
_LONGEST_SUFFIX_BYTES = 16


@dataclass(frozen=True, slots=True)
class TrashPlace:
    """Where a file lies in the trash, or will; the note beside it holds the name for it."""

    file: Path

    @property
    def note(self) -> Path:
        """The file that tells every trash program where the other one came from."""
        return self.file.parent.parent / "info" / f"{self.file.name}{_SUFFIX}"


def move_to_trash(path: Path) -> TrashPlace:
    """Moves a file to the home trash or its volume's; raises OutputError where neither takes it."""
    place = reserve_place(path, int(time.time()))
    put_into_trash(path, place)
    return place


def reserve_place(path: Path, deleted_at: int, variables: Mapping[str, str] = os.environ) -> TrashPlace:
    """A place for `path` that no other program will take; the file itself is not touched yet.

    Raises OutputError where there is no such file, or no trash that may be written to.
    """
    name = Path(os.path.realpath(path.parent)) / path.name
    failure: OSError | None = None
    try:
        os.lstat(name)
        for folder, top in _folders(name, variables):
            try:
                return _note_down(name, folder, top, deleted_at)
            except OSError as error:
                failure = failure or error
    except OSError as error:
        failure = error
    assert failure is not None
    raise _cannot_be_moved(path, failure) from failure


def put_into_trash(path: Path, place: TrashPlace) -> None:
    """Moves the file to its place; where that fails the place is given back and OutputError raised."""
    try:
        try:
            os.rename(path, place.file)
        except OSError as error:
            if error.errno != errno.EXDEV:
                raise
            _copy_there(path, place.file)
            os.unlink(path)
    except OSError as error:
        if os.path.lexists(path):
            place.file.unlink(missing_ok=True)
            place.note.unlink(missing_ok=True)
        raise _cannot_be_moved(path, error) from error


def check_return(place: TrashPlace, path: Path, *, will_be_free: bool = False) -> None:
    """Raises RefusedError where the file cannot come back: it left the trash, or its place is taken."""
    if not os.path.lexists(place.file):
        raise RefusedError(str(path), "is not in the trash any more", f"it lay at {place.file}")
    if os.path.lexists(path) and not will_be_free and not is_back(place, path):
        raise RefusedError(str(path), "is in the place of the file that would come back", "move it away first")


def is_back(place: TrashPlace, path: Path) -> bool:
    """Whether what lies in the trash is in its own place as well: bringing it back was cut short between the two."""
    try:
        here, there = os.lstat(path), os.lstat(place.file)
        if os.path.samestat(here, there):
            return True
        if not (stat.S_ISREG(here.st_mode) and stat.S_ISREG(there.st_mode)) or here.st_mtime_ns != there.st_mtime_ns:
            return False
        return filecmp.cmp(path, place.file, shallow=False)
    except OSError:
        return False


def bring_back(place: TrashPlace, path: Path) -> None:
    """Moves a file from the trash to where it came from, as it was.

    Raises RefusedError as `check_return` does, OutputError where the disk fails.
    """
    check_return(place, path)
    try:
        if os.path.lexists(path):
            place.file.unlink()
        else:
            _give_back(place.file, path)
        place.note.unlink(missing_ok=True)
    except OSError as error:
        why = error.strerror or "the disk fails"
        raise OutputError(str(path), f"cannot be brought back from the trash: {why}") from error


def _folders(path: Path, variables: Mapping[str, str]) -> Iterator[tuple[Path, Path | None]]:
    """The trash folders to try for a file, and the top of the volume where names are relative to that."""
    base = Path(variables.get("XDG_DATA_HOME", ""))
    home = (base if base.is_absolute() else Path.home() / ".local/share") / "Trash"
    known = next(folder for folder in (home, *home.parents) if folder.exists())
    is_near = os.stat(known).st_dev == os.lstat(path).st_dev
    if is_near:
        yield home, None
    yield from _volume_folders(path)
    if not is_near:
        yield home, None


def _volume_folders(path: Path) -> Iterator[tuple[Path, Path]]:
    device = os.stat(path.parent).st_dev
    top = path.parent
    while top != top.parent and os.stat(top.parent).st_dev == device:
        top = top.parent
    shared, user = top / ".Trash", os.getuid()
    if shared.is_dir() and not shared.is_symlink() and shared.stat().st_mode & stat.S_ISVTX:
        yield shared / str(user), top
    yield top / f".Trash-{user}", top


def _note_down(path: Path, folder: Path, top: Path | None, deleted_at: int) -> TrashPlace:
    """Takes the first free name in a trash folder, by making its note."""
    files = folder / "files"
    for part in (folder, files, folder / "info"):
        part.mkdir(mode=0o700, parents=True, exist_ok=True)
    if top is not None and (folder.is_symlink() or os.lstat(folder).st_uid != os.getuid()):
        raise PermissionError(errno.EPERM, "the trash of the volume is not ours")
    shown = quote_from_bytes(os.fsencode(path if top is None else path.relative_to(top)))
    when = time.strftime("%Y-%m-%dT%H:%M:%S", time.localtime(deleted_at))
    for number in range(1, 1_000_000):
        place = TrashPlace(files / _numbered(path, number))
        if os.path.lexists(place.file):
            continue
        try:
            handle = os.open(place.note, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
        except FileExistsError:
            continue
        try:
            with os.fdopen(handle, "w", encoding="ascii") as note:
                note.write(f"[Trash Info]\nPath={shown}\nDeletionDate={when}\n")
        except BaseException:
            # Half a note of no file would be shown by trash programs for ever.
            place.note.unlink(missing_ok=True)
            raise
        return place
    raise FileExistsError(errno.EEXIST, "the trash is full of files of that name")


def _numbered(path: Path, number: int) -> str:
    mark = "" if number == 1 else f".{number}"
    suffix = os.fsencode(path.suffix)
    if len(suffix) > _LONGEST_SUFFIX_BYTES:
        # A dot in a name, and not what its kind is told by.
        suffix = b""
    name = os.fsencode(path.name)
    stem = name[: len(name) - len(suffix)][: _LONGEST_NAME_BYTES - len(suffix)]
    return os.fsdecode(stem + os.fsencode(mark) + suffix)


def _copy(source: Path, destination: Path) -> None:
    """All of a file, on disk; for where it cannot be moved."""
    shutil.copy2(source, destination, follow_symlinks=False)
    if not destination.is_symlink():
        descriptor = os.open(destination, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _copy_there(path: Path, destination: Path) -> None:
    """A copy in the trash of another volume, so that the file can go: all that is in it by now."""
    before = os.lstat(path)
    _copy(path, destination)
    if not is_untouched(before, os.lstat(path)):
        raise OSError(errno.EBUSY, "it was changed while it was copied")
    # The names are on the disk as well, should the power fail.
    sync_folders([str(destination.parent), str(destination.parent.parent / "info")])


def _give_back(file: Path, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        give_name(file, path)
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
        _bring_back_from_afar(file, path)


def _bring_back_from_afar(file: Path, path: Path) -> None:
    with tempfile.TemporaryDirectory(prefix=".auralis-", dir=path.parent) as folder:
        copy = Path(folder) / "copy"
        _copy(file, copy)
        give_name(copy, path)
    sync_folders([str(path.parent)])
    file.unlink()


def _cannot_be_moved(path: Path, error: OSError) -> OutputError:
    return OutputError(str(path), f"cannot be moved to the trash: {error.strerror or error}")
