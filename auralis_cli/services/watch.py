"""`scan --watch`: scans the folders in which something happened, until it is told to stop."""

from __future__ import annotations

import os
from collections.abc import Callable, Generator, Iterable, Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path

from watchfiles import watch

from auralis_cli.db.store import Store
from auralis_cli.errors import InputError
from auralis_cli.model.folders import is_below
from auralis_cli.model.library import ScanReport
from auralis_cli.model.progress import BatchProgressSink, CancelToken
from auralis_cli.services.scan import ScanRequest, scan
from auralis_cli.services.scan_roots import reaches

# Changes are gathered until none comes for so long, or for so long at most.
_QUIET_MS = 400
_LONGEST_MS = 3000
# How often roots are looked for that come and go, and whether to stop.
_TICK_MS = 500
# Between two looks at every file, where the system's events cannot be used.
_POLL_MS = 3000
# Of more folders at once, the roots are scanned instead.
_MANY_FOLDERS = 50
# How it complains of a name that is not UTF-8.
_UNTOLD = "Unable to decode path"


def watch_library(
    store: Store,
    request: ScanRequest,
    sink: BatchProgressSink,
    cancel: CancelToken,
    *,
    clock: Callable[[], int],
) -> Generator[ScanReport]:
    """Scans what is asked for, then again whatever changes there, and yields a report of each scan.

    Ends with CancelledError only. A root that vanishes goes offline, and is watched again when it is back.
    """
    first = _scanned(store, request, sink, cancel, clock())
    yield first
    sink.note("watching what changes; Ctrl-C ends it")
    places = [folder for folder in request.folders if str(folder) not in first.no_folders]
    named = [os.path.realpath(place) for place in places] or [root.path for root in store.roots.all()]
    library = str(store.database.path)
    there = _there(named)
    missed, by_events = True, True
    while True:
        with closing(_batches(there, by_events=by_events)) as batches:
            for batch in batches:
                cancel.raise_if_cancelled()
                if batch is None and by_events:
                    sink.note("names that are not UTF-8 are not watched for: folders are looked at every few seconds")
                    by_events = False
                    break
                now_there = _there(named)
                folders = {*(now_there ^ there)}
                if missed or batch is None:
                    # What happened before the watch began, or cannot be told.
                    folders.update(named)
                else:
                    folders.update(folders_of((path for path in batch if not path.startswith(library)), there))
                missed = False
                if folders:
                    again = replace(request, folders=tuple(map(Path, folders)), full=False)
                    yield _scanned(store, again, sink, cancel, clock())
                if now_there != there:
                    there = now_there
                    break
        missed = True


def _scanned(store: Store, request: ScanRequest, sink: BatchProgressSink, cancel: CancelToken, now: int) -> ScanReport:
    report = scan(store, request, sink, cancel, now=now)
    # Nothing is under way until something happens.
    sink.overall(0, 0, None)
    return report


def folders_of(paths: Iterable[str], roots: Iterable[str]) -> list[str]:
    """The folders to scan after something happened at `paths`: the nearest that are there, within their root."""
    known = sorted(roots, key=len)
    folders: set[str] = set()
    for path in paths:
        root = next((root for root in known if is_below(path, root)), None)
        if root is None:
            continue
        folder = path if path == root else os.path.dirname(path)
        while folder != root and not os.path.isdir(folder):
            folder = os.path.dirname(folder)
        if reaches(root, folder):
            folders.add(folder)
    if len(folders) > _MANY_FOLDERS:
        return [root for root in known if any(is_below(folder, root) for folder in folders)]
    return sorted(folder for folder in folders if not any(is_below(folder, one) for one in folders - {folder}))


def _batches(folders: Iterable[str], *, by_events: bool) -> Generator[set[str] | None]:
    """Names below `folders` at which something happened, a set at a time; an empty one now and then.

    None where it cannot be said what happened; that is the end of it.
    """
    watching = watch(
        *sorted(folders),
        watch_filter=None,
        debounce=_LONGEST_MS,
        step=_QUIET_MS,
        rust_timeout=_TICK_MS,
        yield_on_timeout=True,
        raise_interrupt=False,
        ignore_permission_denied=True,
        force_polling=not by_events,
        poll_delay_ms=_POLL_MS,
    )
    try:
        with closing(watching):
            for batch in watching:
                yield {path for _, path in batch}
    except (OSError, RuntimeError) as error:
        if _UNTOLD not in str(error):
            where = ", ".join(sorted(folders))
            hint = "fs.inotify.max_user_watches may be too low"
            raise InputError(where, f"cannot be watched ({error})", hint) from error
        yield None


def _there(folders: Sequence[str]) -> set[str]:
    return {folder for folder in folders if os.path.isdir(folder)}
