"""`auralis cleanup`: finds what is wrong with the library, page by page, and mends it where that is asked for.

Every page is judged by what is there at that moment, and its rows go in one transaction of the journal's entry. What
is out of sight, because its root, or a volume within it, is away, is never taken for missing.
"""

from __future__ import annotations

import os
import stat
from collections import Counter
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import closing

from auralis_cli.db.orphans import TABLES
from auralis_cli.db.store import Store
from auralis_cli.errors import AuralisError, InputError, OutputError
from auralis_cli.model.cleanup import USUAL_KINDS, CleanupAction, Finding, FindingKind
from auralis_cli.model.duplicates import DuplicateGroup
from auralis_cli.model.folders import is_below
from auralis_cli.model.library import FileFailure, FileStat, FileStatus, StoredFailure, StoredFile
from auralis_cli.model.progress import CancelToken, ProgressSink
from auralis_cli.quick_dataclasses import dataclass
from auralis_cli.services.changes import Change, changes
from auralis_cli.services.scan_absence import Devices, is_there
from auralis_cli.services.scan_lock import one_scan_at_a_time
from auralis_cli.services.scan_work import read_files, stat_now

PAGE_FILES = 500
# Of how the words for a table's rows begin.
_ORPHANS = {
    "loudness": "loudness of",
    "fingerprints": "fingerprint of",
    "landmarks": "landmarks of",
    "analyses": "analysis of",
    "fingerprint_failures": "failed fingerprint of",
    "albums": "album",
    "artists": "artist",
    "genres": "genre",
}


@dataclass(frozen=True, slots=True)
class CleanupRequest:
    """What to look for, and whether to mend it."""

    kinds: frozenset[FindingKind] = USUAL_KINDS
    apply: bool = False
    # Whether files that cannot be read go to the trash, after they were tried once more.
    trash_corrupt: bool = False
    # Without a sign of life for so long, a file cannot be read.
    stall_s: float = 60.0


def cleanup(
    store: Store, request: CleanupRequest, progress: ProgressSink, cancel: CancelToken, clock: Callable[[], int]
) -> Generator[Finding]:
    """What is wrong, as it is found; with `apply` it is mended by the time it is told.

    Raises LibraryError where the store cannot be used, CancelledError when asked to stop: what was mended by then
    stands in the journal.
    """
    if not request.apply:
        yield from _Cleanup(store, request, progress, cancel, None).findings()
        return
    with (
        one_scan_at_a_time(store.database.path, progress.note, cancel),
        changes(store, "cleanup", "cleanup", clock) as change,
    ):
        done: Counter[str] = Counter()
        for finding in _Cleanup(store, request, progress, cancel, change).findings():
            if finding.action is not CleanupAction.KEEP:
                done[finding.kind] += 1
                change.summary = ", ".join(f"{count} {kind}" for kind, count in done.items())
            yield finding


class _Cleanup:
    """One run."""

    def __init__(
        self, store: Store, request: CleanupRequest, progress: ProgressSink, cancel: CancelToken, change: Change | None
    ) -> None:
        self._store, self._request = store, request
        self._progress, self._cancel, self._change = progress, cancel, change
        # Of the files that could not be read, those that are gone by now.
        self._gone: set[int] = set()

    def findings(self) -> Iterator[Finding]:
        """Of every kind that is asked for."""
        if FindingKind.ORPHAN in self._request.kinds:
            yield from self._orphans()
        if FindingKind.MISSING in self._request.kinds:
            yield from self._missing()
        if FindingKind.CORRUPT in self._request.kinds:
            yield from self._corrupt()
        if FindingKind.DUPLICATE in self._request.kinds:
            yield from self._duplicates()

    def _orphans(self) -> Iterator[Finding]:
        for table in TABLES:
            after = 0
            while page := self._store.orphans.page(table, after=after, limit=PAGE_FILES):
                self._step("orphans")
                after = page[-1].id
                if self._change is not None:
                    with self._change.transaction():
                        self._store.orphans.remove(table, [orphan.id for orphan in page])
                for orphan in page:
                    detail = f"{_ORPHANS[table]} {orphan.name}"
                    yield Finding(FindingKind.ORPHAN, orphan.id, None, CleanupAction.FORGET, detail)

    def _missing(self) -> Iterator[Finding]:
        places = _Places(self._store, self._progress.note)
        for status in FileStatus:
            after = 0
            while page := self._store.files.page(status, after=after, limit=PAGE_FILES):
                self._step("looking")
                after = page[-1].id
                gone = places.gone_from(page)
                if self._change is not None and gone:
                    with self._change.transaction():
                        self._store.files.remove([row.id for row in gone])
                if status is FileStatus.UNREADABLE:
                    self._gone.update(row.id for row in gone)
                for row in gone:
                    yield Finding(FindingKind.MISSING, row.id, row.path, CleanupAction.FORGET)

    def _corrupt(self) -> Iterator[Finding]:
        after = 0
        roots = [root.path for root in self._store.roots.all()]
        while page := self._store.files.failures(after=after, limit=PAGE_FILES):
            self._step("reading")
            after = page[-1].id
            if self._request.trash_corrupt and self._change is not None:
                yield from self._try_again(page, roots, self._change)
                continue
            for failure in (failure for failure in page if failure.id not in self._gone):
                is_to_go = self._request.trash_corrupt and _is_damaged(failure.code)
                yield _corrupt(failure, CleanupAction.TRASH if is_to_go else CleanupAction.KEEP, failure.message)

    def _try_again(self, page: Sequence[StoredFailure], roots: Sequence[str], change: Change) -> Iterator[Finding]:
        """Reads files once more, and moves to the trash those that are still no sound."""
        failures = {failure.path: failure for failure in page}
        stats: list[FileStat] = []
        for failure in page:
            try:
                stats.append(stat_now(failure.path))
            except AuralisError as error:
                yield _corrupt(failure, CleanupAction.KEEP, error.why)
        reading = read_files(stats, roots, jobs=1, stall_s=self._request.stall_s, cancel=self._cancel)
        with closing(reading):
            for found in reading:
                for one in found:
                    path = one.path if isinstance(one, FileFailure) else one.stat.path
                    yield self._settled(failures[path], one if isinstance(one, FileFailure) else None, change)

    def _settled(self, failure: StoredFailure, again: FileFailure | None, change: Change) -> Finding:
        if again is None:
            return _corrupt(failure, CleanupAction.KEEP, "can be read again: auralis scan takes it up")
        if again.stat is None or not _is_damaged(again.code):
            # The system's doing, or somebody is writing it, or it is whole and of a kind that nothing here reads.
            return _corrupt(failure, CleanupAction.KEEP, again.message)
        try:
            change.trash(failure.path)
        except OutputError as error:
            return Finding(FindingKind.CORRUPT, failure.id, failure.path, CleanupAction.KEEP, again.message, error)
        with change.transaction():
            self._store.files.remove([failure.id])
        return _corrupt(failure, CleanupAction.TRASH, again.message)

    def _duplicates(self) -> Iterator[Finding]:
        from auralis_cli.services.duplicate_removal import settle
        from auralis_cli.services.duplicates import find_duplicates

        groups: Iterable[DuplicateGroup] = find_duplicates(self._store, self._progress, self._cancel).groups
        ids = {copy.track.path: self._file_id(copy.track.path) for group in groups for copy in group.copies}
        if self._change is not None:
            groups = settle(self._store, groups, self._change, self._progress, self._cancel)
        for group in groups:
            for copy in group.copies:
                why = f"{copy.detail}; {group.keep.path} is kept" + (f"; {copy.stays}" if copy.stays else "")
                path = copy.track.path
                yield Finding(FindingKind.DUPLICATE, ids[path], path, copy.action, why, copy.error)

    def _file_id(self, path: str) -> int:
        file = self._store.files.get(path)
        return 0 if file is None else file.id

    def _step(self, task: str) -> None:
        self._cancel.raise_if_cancelled()
        self._progress.step(task, None)


class _Places:
    """Tells files that are gone from those that are only out of sight."""

    def __init__(self, store: Store, note: Callable[[str], None]) -> None:
        self._store, self._note = store, note
        self._roots = {root.path: _identity(root.path) for root in store.roots.all()}
        self._roots |= {path: None for path, identity in self._roots.items() if identity and self._is_bare(path)}
        self._known_devices: dict[int, bool] = {}
        for root, identity in self._roots.items():
            if identity is None:
                self._note_away(root)

    def _is_bare(self, root: str) -> bool:
        """Whether a root has nothing of what is known to be there: as a mount point of which only folders are left."""
        known = (row.path for row in self._store.files.stream_below(root) if row.status is not FileStatus.MISSING)
        first = next(known, None)
        return first is not None and not is_there(first) and not any(map(is_there, known))

    def gone_from(self, page: Sequence[StoredFile]) -> list[StoredFile]:
        """The files of a page that are gone; none of a root that went away while they were looked for."""
        devices = Devices()
        gone = [row for row in page if self._is_in_sight(row.path) and not is_there(row.path)]
        gone = [row for row in gone if self._is_on_its_volume(row, devices)]
        if gone:
            self._look_at_roots()
        return [row for row in gone if self._is_in_sight(row.path)]

    def _is_in_sight(self, path: str) -> bool:
        return all(identity is not None for root, identity in self._roots.items() if is_below(path, root))

    def _look_at_roots(self) -> None:
        """A root that is gone by now, or another one, is away for the rest of the run."""
        for root, identity in self._roots.items():
            if identity is not None and _identity(root) != identity:
                self._roots[root] = None
                self._note_away(root)

    def _note_away(self, root: str) -> None:
        self._note(f"{root}: is offline, or empty; nothing about it is changed")

    def _is_on_its_volume(self, row: StoredFile, devices: Devices) -> bool:
        """Whether the volume that held the file is there.

        Where its number is none of today's, as after a restart, only what a scan found missing while it was there is.
        """
        if devices.around(row.path) == row.device:
            return True
        if row.device not in self._known_devices:
            self._known_devices[row.device] = self._store.files.is_known_device(row.device)
        return row.status is FileStatus.MISSING and not self._known_devices[row.device]


def _identity(path: str) -> tuple[int, int] | None:
    """Device and inode of a folder that holds something; None where it is away."""
    try:
        status = os.stat(path)
        if not stat.S_ISDIR(status.st_mode):
            return None
        with os.scandir(path) as entries:
            return (status.st_dev, status.st_ino) if next(entries, None) is not None else None
    except OSError:
        return None


def _is_damaged(code: str) -> bool:
    return code == InputError.code


def _corrupt(failure: StoredFailure, action: CleanupAction, why: str) -> Finding:
    return Finding(FindingKind.CORRUPT, failure.id, failure.path, action, why)
