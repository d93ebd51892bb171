"""The audio files below a folder, each once, however the folders are linked to each other."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from auralis_cli.audio.formats import FORMATS
from auralis_cli.errors import InputError

# Deeper than any library, and a bound on what a hostile tree costs.
MAX_DEPTH = 256
_EXTENSIONS = frozenset(extension for row in FORMATS for extension in row.extensions)


def audio_files_below(folder: Path) -> Iterator[Path | InputError]:
    """Regular files in `folder` and below it whose extension tells audio; files first, sorted by name.

    Hidden files and folders are left out. Links are followed as long as they lead to a place below `folder`;
    what is reached twice, by links or as a hard link, is visited once. In its place stands an error for a folder
    that cannot be read or lies too deep, and for a link to a file or folder elsewhere.
    """
    return _Walk(folder).files()


class _Walk:
    """Folders still to be read, and what was visited, by device and inode."""

    def __init__(self, folder: Path) -> None:
        self._pending = [(folder, 0)]
        self._root = os.path.realpath(folder) if "\0" not in str(folder) else str(folder)
        self._visited: set[tuple[int, int]] = set()

    def files(self) -> Iterator[Path | InputError]:
        """What `audio_files_below` says."""
        while self._pending:
            folder, depth = self._pending.pop()
            try:
                if not self._is_new(os.stat(folder)):
                    continue
                with os.scandir(folder) as listing:
                    entries = sorted(listing, key=lambda entry: entry.name)
            except (OSError, ValueError) as error:
                yield InputError(str(folder), f"cannot be read ({_reason(error)})")
                continue
            folders: list[Path] = []
            yield from self._sifted(entries, folder, folders)
            if folders and depth == MAX_DEPTH:
                yield InputError(str(folder), f"holds folders more than {MAX_DEPTH} deep, which are left out")
            else:
                self._pending += [(below, depth + 1) for below in reversed(folders)]

    def _sifted(
        self, entries: list[os.DirEntry[str]], folder: Path, folders: list[Path]
    ) -> Iterator[Path | InputError]:
        """The audio files of one folder; the folders in it are added to `folders`."""
        for entry in entries:
            path = folder / entry.name
            try:
                is_folder = entry.is_dir()
                if entry.name.startswith(".") or not (is_folder or (_is_called_audio(path) and entry.is_file())):
                    continue
                if entry.is_symlink() and not self._is_below(path):
                    yield InputError(str(path), "is a link to a place outside the folder named", "name it as well")
                elif is_folder:
                    folders.append(path)
                elif self._is_new(entry.stat()):
                    yield path
            except OSError:
                continue  # a link in a circle, or gone meanwhile

    def _is_below(self, path: Path) -> bool:
        return Path(os.path.realpath(path)).is_relative_to(self._root)

    def _is_new(self, status: os.stat_result) -> bool:
        identity = (status.st_dev, status.st_ino)
        is_new = identity not in self._visited
        self._visited.add(identity)
        return is_new


def _is_called_audio(path: Path) -> bool:
    return path.suffix.lower() in _EXTENSIONS


def _reason(error: OSError | ValueError) -> str:
    text = error.strerror if isinstance(error, OSError) else None
    return (text or "no possible name").lower()
