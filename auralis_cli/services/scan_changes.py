"""What a walk finds against what the library knows: one pass over both, in the order of paths."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import field

from auralis_cli.audio.walk import Gap
from auralis_cli.db.files import FileRow, stored_file
from auralis_cli.model.folders import is_below
from auralis_cli.model.library import FileStat, FileStatus, StoredFile
from auralis_cli.model.progress import CancelToken
from auralis_cli.quick_dataclasses import dataclass

# So many files between two looks at whether to stop, and two steps of progress.
_LOOK_FILES = 50
_STEP_FILES = 1000
_ENCODING = sys.getfilesystemencoding()

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
    known: Iterator[FileRow],
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
        # As os.fsencode has it, which looks at what it is given first.
        key = path.encode(_ENCODING, "surrogateescape")
        while row is not None and row[0] < key:
            changes.gone.append(stored_file(row))
            row = next(known, None)
        if row is None or row[0] != key:
            changes.new.append(one)
            continue
        # Most files are as they were, which two slices tell: this is asked of each, and costs as little as can be.
        if row[1:5] == one[1:] and row[6] is None and not full:
            devices.add(one.device)
            unchanged += 1
        else:
            file = stored_file(row)
            devices.add(file.device)
            if full or _is_another(file, one):
                changes.changed.append((file, one))
            elif file.status is FileStatus.MISSING:
                changes.returned.append(file)
            else:
                unchanged += 1
        row = next(known, None)
    changes.unchanged = unchanged
    while row is not None:
        changes.gone.append(stored_file(row))
        row = next(known, None)
    return changes


def _is_another(file: StoredFile, found: FileStat) -> bool:
    """Whether what is found has to be read again; on another device it need not be."""
    known = (file.size_bytes, file.mtime_ns, file.inode)
    return known != (found.size_bytes, found.mtime_ns, found.inode)


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
