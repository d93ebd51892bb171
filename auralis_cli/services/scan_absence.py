"""Whether a file that a walk did not come by is gone, or only out of sight: then nothing is changed about it."""

from __future__ import annotations

import os
from collections.abc import Sequence

from auralis_cli.audio.walk import Walk
from auralis_cli.model.folders import is_below
from auralis_cli.model.library import FileStatus, Root, StoredFile
from auralis_cli.services.scan_changes import Changes
from auralis_cli.services.scan_roots import ScanPlace, reaches


class Absence:
    """Judges the rows of one place after its walk, by what is there at this moment."""

    def __init__(self, place: ScanPlace, walk: Walk, changes: Changes, roots: Sequence[Root]) -> None:
        self._place = place
        self._walk = walk
        self._changes = changes
        self._hidden = [gap.path for gap in changes.gaps if gap.hides]
        self._devices = Devices()
        touched = [root for root in roots if is_below(root.path, place.folder) or is_below(place.folder, root.path)]
        self.offline = [root for root in touched if self._is_away(root)]
        # Folders whose volume is away, though their root is not.
        self.unmounted: set[str] = set()

    def covers(self, path: str) -> bool:
        """Whether `path` lies where the walk went."""
        return reaches(self._place.folder, path)

    def is_gone(self, row: StoredFile) -> bool:
        """Whether nothing speaks for the file's being somewhere still; only for rows that the walk did not come by."""
        if any(is_below(row.path, path) for path in self._hidden):
            return False
        if any(is_below(row.path, root.path) for root in self.offline) or not os.path.isdir(self._place.root):
            return False
        if row.device not in self._changes.alive_devices and self._devices.around(row.path) != row.device:
            self.unmounted.add(os.path.dirname(row.path))
            return False
        return not is_there(row.path) or self._walk.leaves_out(row.path)

    def _is_away(self, root: Root) -> bool:
        """A root that is no folder any more, or that holds nothing where known files were."""
        if not os.path.isdir(root.path):
            return True
        if not is_below(root.path, self._place.folder):
            return _is_empty(root.path)
        if root.path in self._changes.alive_roots:
            return False
        return any(row.status is not FileStatus.MISSING and is_below(row.path, root.path) for row in self._changes.gone)


class Judge:
    """Judges any row of the library in the middle of a scan: of places that were walked, and of others."""

    def __init__(self, walked: Sequence[Absence], roots: Sequence[Root]) -> None:
        self._walked = walked
        self._roots = roots
        self._devices = Devices()

    def is_gone(self, row: StoredFile) -> bool:
        """Whether the file is no longer where it was known to be, so that it may be elsewhere."""
        for absence in self._walked:
            if absence.covers(row.path):
                return absence.is_gone(row)
        holding = [root.path for root in self._roots if is_below(row.path, root.path)]
        return (
            all(os.path.isdir(path) for path in holding)
            and not is_there(row.path)
            and self._devices.around(row.path) == row.device
        )


class Devices:
    """Which devices folders are on, each asked once."""

    def __init__(self) -> None:
        self._known: dict[str, int | None] = {}

    def around(self, path: str) -> int | None:
        """The device of the nearest folder above `path` that is there."""
        folder = os.path.dirname(path)
        if folder not in self._known:
            try:
                self._known[folder] = os.stat(folder).st_dev
            except OSError:
                self._known[folder] = self.around(folder) if folder not in ("/", "") else None
        return self._known[folder]


def is_there(path: str) -> bool:
    """Whether something is at `path`; what cannot be asked may be."""
    try:
        os.lstat(path)
    except (FileNotFoundError, NotADirectoryError):
        return False
    except (OSError, ValueError):
        return True
    return True


def _is_empty(folder: str) -> bool:
    try:
        with os.scandir(folder) as entries:
            return next(entries, None) is None
    except OSError:
        return True
