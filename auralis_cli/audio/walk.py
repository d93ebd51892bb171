"""The audio files below a folder, each once, in the byte order of their paths, however the folders are linked."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Sequence
from contextlib import suppress
from operator import attrgetter
from pathlib import Path

from auralis_cli.audio.formats import FORMATS
from auralis_cli.audio.ignored import IGNORE_FILE, Ignored
from auralis_cli.errors import InputError, UsageError
from auralis_cli.model.folders import is_below
from auralis_cli.model.library import FileStat
from auralis_cli.model.source import SHEET_EXTENSION
from auralis_cli.quick_dataclasses import dataclass

# Deeper than any library, and a bound on what a hostile tree costs.
MAX_DEPTH = 256
# By which files are taken for audio, in small letters.
AUDIO_EXTENSIONS = frozenset(extension for row in FORMATS for extension in row.extensions)
# Folders of systems and programs in small letters; those that begin with a dot are hidden anyway.
_SYSTEM_FOLDERS = frozenset(
    {
        "$recycle.bin",
        "recycler",
        "system volume information",
        "lost+found",
        "node_modules",
        "__pycache__",
        "__macosx",
        "@eadir",
        "#recycle",
        "@recycle",
        "#snapshot",
    }
)
_new_tuple = tuple.__new__
_name = attrgetter("name")


@dataclass(frozen=True, slots=True)
class Gap:
    """A place of a walk that was not looked into, or a remark on it."""

    path: str
    error: InputError
    # Whether files may be there that were not seen: what was known of them still stands.
    hides: bool


@dataclass(slots=True)
class _Folder:
    path: str
    depth: int
    ignored: Ignored


def audio_files_below(folder: Path) -> Iterator[Path | InputError]:
    """Regular files in `folder` and below it whose extension tells audio, in the order of their paths.

    Hidden files and folders are left out, and what ignore files name. Links are followed as long as they lead to a
    place below `folder`; what is reached twice, by links or as a hard link, is visited once. In its place stands
    an error for a folder that cannot be read or lies too deep, and for a link to a file or folder elsewhere.
    """
    for found in Walk(str(folder)):
        yield Path(found.path) if isinstance(found, FileStat) else found.error


def is_left_out(name: str) -> bool:
    """Whether a file or folder of this name is hidden, or a system's own."""
    return name.startswith(".") or name.lower() in _SYSTEM_FOLDERS


class Walk:
    """One walk: iterating gives each file as one stat sees it, and the gaps.

    `within` is how far links may lead, `folder` itself by default. `ignore` are patterns relative to it.
    """

    def __init__(
        self, folder: str, *, within: str | None = None, ignore: Sequence[str] = (), sheets: bool = False
    ) -> None:
        self._bound = _real(folder if within is None else within)
        self._wanted = AUDIO_EXTENSIONS | {SHEET_EXTENSION} if sheets else AUDIO_EXTENSIONS
        self._limit = folder if within is None else within
        try:
            self._patterns = Ignored().within(self._limit, ignore, "scan.ignore") if ignore else Ignored()
        except InputError as error:  # the user's own words, which a scan had better heed
            raise UsageError(error.what, error.why) from error
        self._top = _Folder(folder, 0, _with_files_above(self._patterns, os.path.dirname(folder), self._limit))
        # By device and inode: folders, and those files that may be met again.
        self._visited: set[tuple[int, int]] = set()

    def __iter__(self) -> Iterator[FileStat | Gap]:
        open_folders = [iter(self._listed(self._top))]
        while open_folders:
            for found in open_folders[-1]:
                if isinstance(found, _Folder):
                    within = self._listed(found)
                    if _Folder in map(type, within):
                        open_folders.append(iter(within))
                        break
                    # Most folders hold files only: those are handed on without a look at each.
                    yield from within  # type: ignore[misc]
                else:
                    yield found
            else:
                open_folders.pop()

    def leaves_out(self, path: str) -> bool:
        """Whether a file below the folder is none that this walk takes, whatever is there: by its name, or as asked."""
        names = path[len(self._top.path.rstrip("/")) + 1 :].split("/")
        if any(map(is_left_out, names[:-1])) or names[-1].startswith(".") or not self._is_wanted(names[-1]):
            return True
        ignored = _with_files_above(self._patterns, os.path.dirname(path), self._limit)
        folder = path
        while folder != self._limit:
            if ignored.holds(folder, is_folder=folder != path):
                return True
            folder = os.path.dirname(folder)
        return False

    def _listed(self, folder: _Folder) -> list[FileStat | Gap | _Folder]:
        """What is to be visited of one folder, in order."""
        try:
            if not self._is_new(os.stat(folder.path)):
                return []
            with os.scandir(folder.path) as listing:
                entries = sorted(listing, key=_name)
        except (OSError, ValueError) as error:
            return [Gap(folder.path, InputError(folder.path, f"cannot be read ({_reason(error)})"), hides=True)]
        remarks: list[FileStat | Gap | _Folder] = []
        ignored = folder.ignored
        names = [entry.name for entry in entries]
        if IGNORE_FILE in names:
            try:
                ignored = ignored.read(folder.path)
            except InputError as error:
                remarks.append(Gap(error.what, error, hides=False))
        # Of several names of one file the first is taken, in every walk the same.
        if not all(map(str.isascii, names)):
            entries.sort(key=lambda entry: os.fsencode(entry.name))
        visit, depth = self._visit, folder.depth + 1
        found = [one for entry in entries if (one := visit(entry, depth, ignored)) is not None]
        if _Folder in map(type, found):
            if folder.depth == MAX_DEPTH:
                found = [one for one in found if not isinstance(one, _Folder)]
                why = f"holds folders more than {MAX_DEPTH} deep, which are left out"
                remarks.append(Gap(folder.path, InputError(folder.path, why), hides=True))
            found.sort(key=_place)
        return found + remarks

    def _visit(self, entry: os.DirEntry[str], depth: int, ignored: Ignored) -> FileStat | Gap | _Folder | None:
        """What one entry is; None where it is nothing to visit."""
        name = entry.name
        if name[0] == ".":
            return None
        try:
            if name[name.rfind(".") :].lower() in self._wanted and entry.is_file(follow_symlinks=False):
                if ignored.layers and ignored.holds(entry.path, is_folder=False):
                    return None
                status = entry.stat(follow_symlinks=False)
                if status.st_nlink > 1 and not self._is_new(status):
                    return None
                # Every file comes by here: without the detour by which named tuples are usually made.
                numbers = (entry.path, status.st_size, status.st_mtime_ns, status.st_dev, status.st_ino)
                return _new_tuple(FileStat, numbers)
            if entry.is_symlink():
                return self._follow(entry, depth, ignored)
            if not entry.is_dir() or name.lower() in _SYSTEM_FOLDERS:
                return None
            return None if ignored.holds(entry.path, is_folder=True) else _Folder(entry.path, depth, ignored)
        except FileNotFoundError:
            return None  # gone meanwhile
        except OSError as error:
            return Gap(entry.path, InputError(entry.path, f"cannot be reached ({_reason(error)})"), hides=True)

    def _follow(self, link: os.DirEntry[str], depth: int, ignored: Ignored) -> FileStat | Gap | _Folder | None:
        """Where a link leads: what the walk reaches by its own name is not visited by another."""
        path = link.path
        try:
            status = os.stat(path)
        except OSError:
            return None  # a link in a circle, or to nothing
        is_folder = stat.S_ISDIR(status.st_mode)
        if not (is_folder or (self._is_wanted(link.name) and stat.S_ISREG(status.st_mode))):
            return None
        if (is_folder and is_left_out(link.name)) or ignored.holds(path, is_folder=is_folder):
            return None
        real = os.path.realpath(path)
        if not is_below(real, self._bound):
            error = InputError(path, "is a link to a place outside the folder named", "name it as well")
            return Gap(path, error, hides=False)
        if self._comes_by(real, is_folder=is_folder):
            return None
        if is_folder:
            return _Folder(path, depth, ignored)
        if not self._is_new(status):
            return None
        return FileStat(path, status.st_size, status.st_mtime_ns, status.st_dev, status.st_ino)

    def _comes_by(self, real: str, *, is_folder: bool) -> bool:
        """Whether a place below the bound is one that is walked under its own name."""
        names = real[len(self._bound) :].split("/")
        return not any(map(is_left_out, names)) and (is_folder or self._is_wanted(names[-1]))

    def _is_wanted(self, name: str) -> bool:
        return name[name.rfind(".") :].lower() in self._wanted

    def _is_new(self, status: os.stat_result) -> bool:
        identity = (status.st_dev, status.st_ino)
        is_new = identity not in self._visited
        self._visited.add(identity)
        return is_new


def _place(one: FileStat | Gap | _Folder) -> bytes:
    """Where it stands: of a folder that is decided by what follows its name in the paths below it."""
    return os.fsencode(one.path + "/" if isinstance(one, _Folder) else one.path)


def _with_files_above(ignored: Ignored, folder: str, limit: str) -> Ignored:
    """These patterns, and those of the ignore files of `folder` and the folders above it up to `limit`."""
    if not is_below(folder, limit):
        return ignored
    if folder != limit:
        ignored = _with_files_above(ignored, os.path.dirname(folder), limit)
    # One that cannot be read is reported by the walk that comes by it.
    with suppress(InputError):
        return ignored.read(folder) if os.path.lexists(os.path.join(folder, IGNORE_FILE)) else ignored
    return ignored


def _real(folder: str) -> str:
    return folder if "\0" in folder else os.path.realpath(folder)


def _reason(error: OSError | ValueError) -> str:
    text = error.strerror if isinstance(error, OSError) else None
    return (text or "no possible name").lower()
