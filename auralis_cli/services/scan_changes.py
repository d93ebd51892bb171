"""What a walk finds against what the library knows: one pass over both, in the order of paths."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from auralis_cli.audio.walk import Gap
from auralis_cli.model.folders import is_below
from auralis_cli.model.library import FileStat, FileStatus, StoredFile
from auralis_cli.model.progress import CancelToken

# So many files between two looks at whether to stop, and two steps of progress.
_LOOK_FILES = 50
_STEP_FILES = 1000

# What tells that two paths are one file: it was renamed, not written.
Identity = tuple[int, int, int, int]


@dataclass(slots=True)
class Changes:
    """What is to be done about the files of one walk."""

    # Without a row yet.
    new: list[FileStat] = field(default_factory=list)
    # With the row of their path, whose stat is another, or which was not to be trusted.
    changed: list[tuple[StoredFile, FileStat]] = field(default_factory=list)
    # Missing until now, and there again as they were.
    returned: list[StoredFile] = field(default_factory=list)
    # Rows whose files the walk did not come by.
    gone: list[StoredFile] = field(default_factory=list)
    gaps: list[Gap] = field(default_factory=list)
    unchanged: int = 0
    # Devices on which known files were found where they were known to be, and roots below which any was found.
    alive_devices: set[int] = field(default_factory=set)
    alive_roots: set[str] = field(default_factory=set)

    @property
    def found(self) -> int:
        """Files the walk came by."""
        return len(self.new) + len(self.changed) + len(self.returned) + self.unchanged


def compare(
    walk: Iterable[FileStat | Gap],
    known: Iterator[StoredFile],
    roots: Iterable[str],
    cancel: CancelToken,
    *,
    full: bool,
    step: Callable[[int], None],
) -> Changes:
    """Merges both streams, which come in the byte order of paths; memory grows with what changed, not with the rest.

    With `full` nothing counts as unchanged. `step` is called every so often with how many files were found.
    """
    changes, unseen = Changes(), list(roots)
    devices = changes.alive_devices
    missing = FileStatus.MISSING
    row = next(known, None)
    found = unchanged = 0
    for one in walk:
        if isinstance(one, Gap):
            changes.gaps.append(one)
            continue
        found += 1
        if found % _LOOK_FILES == 0:
            cancel.raise_if_cancelled()
            if found % _STEP_FILES == 0:
                step(found)
        path = one.path
        if unseen:
            changes.alive_roots.update(root for root in unseen if is_below(path, root))
            unseen = [root for root in unseen if root not in changes.alive_roots]
        if row is not None and row.path != path:
            key = os.fsencode(path)
            while row is not None and os.fsencode(row.path) < key:
                changes.gone.append(row)
                row = next(known, None)
        if row is None or row.path != path:
            changes.new.append(one)
            continue
        devices.add(row.device)
        # Most files are as they were: this is asked of each, and asks as little as can be.
        if row.size_bytes != one.size_bytes or row.mtime_ns != one.mtime_ns or row.inode != one.inode or full:
            changes.changed.append((row, one))
        elif row.status is missing:
            changes.returned.append(row)
        else:
            unchanged += 1
        row = next(known, None)
    changes.unchanged = unchanged
    while row is not None:
        changes.gone.append(row)
        row = next(known, None)
    return changes


def renamed(looks: Sequence[Changes]) -> dict[str, StoredFile]:
    """Which rows' files now have another path, told without reading them: by device, inode, size and time.

    Also where names were swapped: then each path is another row's.
    """
    lost: dict[Identity, StoredFile] = {}
    for changes in looks:
        for row in (*changes.gone, *(row for row, _ in changes.changed)):
            lost.setdefault((row.device, row.inode, row.size_bytes, row.mtime_ns), row)
    moved: dict[str, StoredFile] = {}
    taken: dict[str, int] = {}
    for changes in looks if lost else ():
        taken |= {stat.path: row.id for row, stat in changes.changed}
        for stat in (*changes.new, *(found for _, found in changes.changed)):
            row_of = lost.get((stat.device, stat.inode, stat.size_bytes, stat.mtime_ns))
            if row_of is not None and row_of.path != stat.path:
                moved[stat.path] = row_of
    return _without_overwritten(moved, taken)


def _without_overwritten(moved: dict[str, StoredFile], taken: dict[str, int]) -> dict[str, StoredFile]:
    """Leaves out moves onto a path whose own row stays: there a file was replaced by another."""
    while True:
        leaving = {row.id for row in moved.values()}
        kept = {path: row for path, row in moved.items() if taken.get(path) is None or taken[path] in leaving}
        if len(kept) == len(moved):
            return kept
        moved = kept
