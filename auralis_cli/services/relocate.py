"""`scan --relocate OLD NEW`: a folder of the library is mounted elsewhere now; every row in it goes along as it is."""

from __future__ import annotations

import os
from pathlib import Path

from auralis_cli.db.store import Store
from auralis_cli.errors import InputError, RefusedError
from auralis_cli.model.folders import is_below
from auralis_cli.model.library import FileStatus
from auralis_cli.model.progress import BatchProgressSink, CancelToken
from auralis_cli.services.changes import changes
from auralis_cli.services.scan_lock import one_scan_at_a_time
from auralis_cli.terminal_text import printable


def relocate(
    store: Store, old: Path, new: Path, sink: BatchProgressSink, cancel: CancelToken, *, dry_run: bool, now: int
) -> int:
    """Gives everything known below `old` its place below `new`; returns how many files that is.

    Raises InputError where the library knows nothing of `old`, or `new` holds none of its files, RefusedError where
    the library has others of the same names there.
    """
    target = os.path.realpath(new)
    if not os.path.isdir(target):
        raise InputError(str(new), "is no folder")
    source = _known_folder(store, old)
    if dry_run:
        return _found(store, source, target, cancel)
    with one_scan_at_a_time(store.database.path, sink.note, cancel):
        _found(store, source, target, cancel)
        summary = f"{printable(source)[:1500]} is {printable(target)[:1500]}"
        with changes(store, "scan --relocate", summary, lambda: now) as change, change.transaction():
            return store.roots.relocate(source, target)


def _known_folder(store: Store, old: Path) -> str:
    """The folder as the library names it: as it is written, or where it leads to."""
    for folder in (os.path.abspath(old), os.path.realpath(old)):
        if next(store.files.stream_below(folder), None) is not None:
            return folder
        if any(is_below(root.path, folder) for root in store.roots.all()):
            return folder
    raise InputError(str(old), "the library knows nothing there")


def _found(store: Store, source: str, target: str, cancel: CancelToken) -> int:
    """How many files of `source` the library has; InputError unless some of them are below `target`, as they were."""
    if target == source:
        raise RefusedError(target, "is the same place")
    total = present = there = 0
    for row in store.files.stream_below(source):
        cancel.raise_if_cancelled()
        total += 1
        if row.status is FileStatus.MISSING:
            continue
        present += 1
        there += _has_size(target + row.path[len(source.rstrip("/")) :], row.size_bytes)
    if present and not there:
        raise InputError(target, f"holds none of the {present:,} files of {source}", "nothing was changed")
    return total


def _has_size(path: str, size_bytes: int) -> bool:
    try:
        return os.stat(path).st_size == size_bytes
    except OSError:
        return False
