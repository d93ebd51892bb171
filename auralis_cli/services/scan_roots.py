"""Which folders a scan walks: what the user named, resolved, or every known root, each place once."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Sequence
from pathlib import Path

from auralis_cli.audio.walk import is_left_out
from auralis_cli.errors import InputError
from auralis_cli.model.folders import is_below
from auralis_cli.model.library import Root
from auralis_cli.quick_dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ScanPlace:
    """A folder to walk, and the root by whose rules: links stay within it, its ignore files hold."""

    folder: str
    root: str

    @property
    def is_root(self) -> bool:
        """Whether the whole of the root is walked."""
        return self.folder == self.root


def places_of(folders: Sequence[Path], roots: Sequence[Root]) -> tuple[tuple[ScanPlace, ...], tuple[InputError, ...]]:
    """Where to walk: `folders`, or all `roots` where none is named. What lies within another place is part of it.

    And what is wrong with names that are no folders and none of a known root's. Raises InputError where all are such.
    """
    paths, errors = [], []
    for folder in dict.fromkeys(folders):
        try:
            paths.append(_resolved(folder, roots))
        except InputError as error:
            errors.append(error)
    if errors and not paths:
        raise errors[0]
    if not folders:
        paths = [root.path for root in roots]
    distinct = sorted(set(paths), key=os.fsencode)
    outermost = [path for path in distinct if not any(other != path and reaches(other, path) for other in distinct)]
    known = [root.path for root in roots]
    # Without a root around it, a place is a root of its own.
    return tuple(ScanPlace(path, innermost(path, known) or path) for path in outermost), tuple(errors)


def reaches(folder: str, path: str) -> bool:
    """Whether a walk of `folder` comes by `path`, as far as names tell."""
    if not is_below(path, folder):
        return False
    return not any(is_left_out(name) for name in path[len(folder.rstrip("/")) :].split("/"))


def absorbed(path: str, roots: Iterable[Root]) -> list[Root]:
    """The roots that are part of a new one at `path`: not what it does not come by, and no volumes of their own."""
    return [root for root in roots if reaches(path, root.path) and not os.path.ismount(root.path)]


def innermost(path: str, roots: Iterable[str]) -> str | None:
    """The innermost of `roots` that comes by `path`."""
    return max((root for root in roots if reaches(root, path)), key=len, default=None)


def _resolved(folder: Path, roots: Sequence[Root]) -> str:
    name = str(folder)
    if "\0" in name:
        raise InputError(name, "is no possible file name")
    path = os.path.realpath(name)
    try:
        if stat.S_ISDIR(os.stat(path).st_mode):
            return path
        why = "is no folder"
    except FileNotFoundError:
        why = "does not exist"
    except OSError as error:
        why = f"cannot be read ({(error.strerror or str(error)).lower()})"
    if any(is_below(path, root.path) for root in roots):
        return path  # offline, or gone from a root that is there
    raise InputError(name, why, "scan takes folders")
