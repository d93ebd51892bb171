"""Files that no library knows, as tracks all the same: in a library of their own that is kept nowhere."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from auralis_cli.audio.cue import tracks_of
from auralis_cli.audio.sheet_finding import SheetFinder
from auralis_cli.audio.track_file import read_track_file
from auralis_cli.audio.walk import Gap, Walk
from auralis_cli.db.store import Store
from auralis_cli.errors import InputError
from auralis_cli.model.library import FileFailure, FileRecord, FileStat
from auralis_cli.model.progress import CancelToken
from auralis_cli.model.source import is_cue_sheet
from auralis_cli.services.scan_work import failure_of, stat_now
from auralis_cli.version import VERSION


def library_of(paths: Sequence[str], *, now: int, cancel: CancelToken) -> tuple[Store, tuple[FileFailure, ...]]:
    """A library of the files at `paths` and below them, to be closed, and those that cannot be read."""
    sheets = SheetFinder()
    records: list[FileRecord] = []
    failures: list[FileFailure] = []
    for found in _found(paths):
        cancel.raise_if_cancelled()
        if isinstance(found, FileFailure):
            failures.append(found)
            continue
        try:
            records.append(read_track_file(found, None, sheets))
        except InputError as error:
            failures.append(failure_of(found, error))
    store = Store.empty(program=VERSION, now=now)
    root = store.roots.add("/", now=now)
    store.files.apply(records, root_id=root.id, now=now)
    return store, tuple(failures)


def _found(paths: Sequence[str]) -> Iterator[FileStat | FileFailure]:
    """The files, each once; with a cue sheet come those beside it that it names."""
    seen: set[str] = set()
    for path in paths:
        for one in _below(os.path.abspath(path)):
            if one.path not in seen:
                seen.add(one.path)
                yield one


def _below(path: str) -> Iterator[FileStat | FileFailure]:
    if os.path.isdir(path):
        for found in Walk(path, sheets=True):
            yield _failure(found.error) if isinstance(found, Gap) else found
        return
    names = [path]
    try:
        if is_cue_sheet(path):
            names += dict.fromkeys(str(one.path) for one in tracks_of(Path(path)))
        yield from map(stat_now, names)
    except InputError as error:
        yield _failure(error)


def _failure(error: InputError) -> FileFailure:
    return FileFailure(None, error.what, error.code, error.why, error.hint)
