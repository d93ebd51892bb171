"""`scan --relocate OLD NEW`: a folder of the library is mounted elsewhere now; every row in it goes along as it is."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

from auralis_cli.db.store import Store
from auralis_cli.errors import InputError, RefusedError
from auralis_cli.model.folders import is_below
from auralis_cli.model.library import FileStatus, ScanCounts, ScanReport
from auralis_cli.model.progress import BatchProgressSink, CancelToken
from auralis_cli.services.changes import changes
from auralis_cli.services.scan import ScanRequest, alone, scan_within
from auralis_cli.terminal_text import printable


def relocate(
    store: Store, old: Path, new: Path, request: ScanRequest, sink: BatchProgressSink, cancel: CancelToken, *, now: int
) -> ScanReport:
    """Gives everything known below `old` its place below `new`, and scans that as asked: both are one change.

    A dry run says only how many files have another place then. Raises what `scan` raises, InputError where the library
    knows nothing of `old`, or `new` holds none of its files, and RefusedError where the library has others of the same
    names there.
    """
    target = os.path.realpath(new)
    if not os.path.isdir(target):
        raise InputError(str(new), "is no folder")
    source = _known_folder(store, old)
    if request.dry_run:
        return ScanReport(ScanCounts(), (), (), 0.0, relocated=_found(store, source, target, cancel))
    with alone(store, sink, cancel, now):
        _found(store, source, target, cancel)
        summary = f"{printable(source)[:400]} is {printable(target)[:400]}"
        with changes(store, "scan --relocate", summary, lambda: now) as change:
            with change.transaction():
                relocated = store.roots.relocate(source, target)
            request = replace(request, folders=(Path(target),))
            report = scan_within(change, store, request, sink, cancel, now=now)
    return replace(report, relocated=relocated)


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
