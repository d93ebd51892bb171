"""The folder that is exported into: held by one export at a time, and known again should its stick be taken out."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

from auralis_cli.db.filesystem import filesystem_kind
from auralis_cli.errors import OutputError, RefusedError
from auralis_cli.quick_dataclasses import dataclass
from auralis_cli.services.copy_beside import is_alive
from auralis_cli.whole_file import PART_PREFIX

# Those whose names Windows has to be able to say as well.
_PORTABLE_ONLY = frozenset({"vfat", "msdos", "exfat", "ntfs", "ntfs3", "fuseblk", "cifs", "smb3"})
_FAT = frozenset({"vfat", "msdos"})
_FAT_MAX_BYTES = (1 << 32) - 1
# With less a disk is full for whoever writes music.
_LEAST_ROOM_BYTES = 1 << 16


@dataclass(frozen=True, slots=True)
class FolderIdentity:
    """By what a folder is known again, in workers too."""

    path: str
    device: int
    inode: int

    def check(self) -> None:
        """Raises OutputError where the folder is no longer the one it was: taken out, unmounted, or moved. What a
        stick was mounted on is another one.
        """
        try:
            status = os.stat(self.path)
        except OSError as error:
            raise _gone(self.path) from error
        if (status.st_dev, status.st_ino) != (self.device, self.inode):
            raise _gone(self.path)


class ExportFolder:
    """A folder, open as long as it is exported into; leaving the context gives it back."""

    def __init__(self, path: Path, *, only_look: bool = False) -> None:
        """Makes the folder where only that is missing: what a stick would be mounted on is never made.

        Raises OutputError where it cannot be used, RefusedError where another export is at it. Who only looks needs
        none, and changes nothing.
        """
        self.path = Path(os.path.abspath(path))
        self._descriptor = -1
        # None for who only looks.
        self.identity: FolderIdentity | None = None
        # Where room is asked for.
        self._volume = self.path
        try:
            if not only_look:
                self._hold()
        except BlockingIOError as error:
            self.close()
            raise RefusedError(str(self.path), "another export is at work there") from error
        except OSError as error:
            self.close()
            missing = isinstance(error, FileNotFoundError)
            why = "the folder it is to be made in does not exist" if missing else error.strerror or "cannot be used"
            raise OutputError(str(self.path), why) from error
        while not self._volume.exists():
            self._volume = self._volume.parent
        self._real = os.path.realpath(self.path)
        # Folders of this export's that were found to lie within.
        self._known: set[Path] = set()
        self._kind = filesystem_kind(self._volume)

    def _hold(self) -> None:
        if not self.path.exists():
            self.path.mkdir()
        self._descriptor = os.open(self.path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        status = os.fstat(self._descriptor)
        self.identity = FolderIdentity(str(self.path), status.st_dev, status.st_ino)

    @property
    def takes_portable_names_only(self) -> bool:
        """Whether names have to be names on FAT, by the kind of its file system."""
        return self._kind in _PORTABLE_ONLY

    @property
    def longest_file_bytes(self) -> int | None:
        """The size beyond which the file system has no file; None where nothing comes near it."""
        return _FAT_MAX_BYTES if self._kind in _FAT else None

    @property
    def free_bytes(self) -> int:
        """Room that is left for this user."""
        try:
            status = os.statvfs(self._volume)
        except OSError as error:
            raise _gone(str(self.path)) from error
        return status.f_bavail * status.f_frsize

    def check(self) -> None:
        """Raises OutputError where the folder is no longer the one it was: taken out, unmounted, or moved."""
        if self.identity is not None:
            self.identity.check()
        elif not self.path.exists():
            raise _gone(str(self.path))

    def failure_of_all(self) -> OutputError | None:
        """What keeps anything at all from being written; None where a failure was that of one file."""
        try:
            self.check()
            if not os.access(self.path, os.W_OK | os.X_OK):
                return OutputError(str(self.path), "may not be written to any more")
            if self.free_bytes < _LEAST_ROOM_BYTES:
                return OutputError(str(self.path), "the disk is full", "what is there stays; the next export goes on")
        except OutputError as gone:
            return gone
        return None

    def make_room_for(self, target: Path) -> None:
        """Makes the folders that `target` is to lie in; RefusedError where a link leads out of the export."""
        parent = target.parent
        if parent in self._known:
            return
        self.check()
        try:
            existing = parent
            while not os.path.lexists(existing) and existing != self.path:
                existing = existing.parent
            if not _is_within(os.path.realpath(existing), self._real):
                raise RefusedError(str(target), "a link in its path leads out of the folder that is exported into")
            parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise OutputError(str(parent), error.strerror or "cannot be made") from error
        self._known.add(parent)

    def holds(self, target: Path) -> bool:
        """Whether `target`, links in its path followed, lies within."""
        return target.parent in self._known or _is_within(os.path.realpath(target.parent), self._real)

    def remove_parts(self, folders: Iterable[Path]) -> None:
        """Removes what exports that were killed had begun to write; of a process that lives nothing."""
        for folder in {self.path, *folders}:
            with suppress(OSError):
                for part in folder.glob(f"{PART_PREFIX}*.part"):
                    process = part.name.removeprefix(PART_PREFIX).partition("-")[0]
                    if process.isdecimal() and not is_alive(int(process)):
                        part.unlink(missing_ok=True)

    def remove_empty(self, folders: Iterable[Path]) -> None:
        """Removes folders in which nothing is left, and those above them in the same case."""
        for folder in sorted(set(folders), key=lambda one: len(one.parts), reverse=True):
            while folder != self.path and folder.is_relative_to(self.path) and not folder.is_symlink():
                try:
                    folder.rmdir()
                except OSError:
                    break
                folder = folder.parent

    def close(self) -> None:
        """Lets the next export in."""
        descriptor, self._descriptor = self._descriptor, -1
        if descriptor >= 0:
            with suppress(OSError):
                os.close(descriptor)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _gone(path: str) -> OutputError:
    return OutputError(path, "is gone: taken out, or unmounted", "the next export goes on where it was")


def _is_within(path: str, folder: str) -> bool:
    return path == folder or path.startswith(folder.rstrip("/") + "/")
