"""`auralis scan`: brings the library up to date with the folders it knows.

A walk against the store says what is new, changed, moved or gone, at the cost of one stat for each file that is as it
was. What has to be read is read in worker processes and applied in batches, each one transaction. Only when all was
read is anything marked missing, because a file may have moved to where the walk came last.
"""

from __future__ import annotations

import os
import time
from collections.abc import Generator, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

from auralis_cli.audio.walk import Walk
from auralis_cli.db.store import Store
from auralis_cli.model.folders import is_below
from auralis_cli.model.library import (
    FileFailure,
    FileKind,
    FileRecord,
    FileStat,
    FileStatus,
    Root,
    ScanOutcome,
    ScanReport,
    StoredFile,
    TrackPlace,
)
from auralis_cli.model.progress import BatchProgressSink, CancelToken
from auralis_cli.model.source import is_cue_sheet
from auralis_cli.quick_dataclasses import dataclass
from auralis_cli.services.changes import Change
from auralis_cli.services.scan_absence import Absence, Judge
from auralis_cli.services.scan_apply import BATCH_FILES, Applier, path_of
from auralis_cli.services.scan_changes import Changes, compare, renamed
from auralis_cli.services.scan_lock import one_scan_at_a_time
from auralis_cli.services.scan_roots import ScanPlace, absorbed, places_of, reaches
from auralis_cli.services.scan_work import read_files
from auralis_cli.terminal_text import printable

# What holds the lock of scans while it is under way, so that none of it is where another holds it.
_LOCKING_VERBS = ("scan", "scan --relocate", "cleanup", "duplicates")


@dataclass(frozen=True, slots=True)
class ScanRequest:
    """What is to be scanned, and how."""

    # None named: every known root.
    folders: tuple[Path, ...] = ()
    # Whether unchanged files are read as well.
    full: bool = False
    # Whether tracks are measured that have no loudness yet, or no fingerprint.
    analyze: bool = False
    fingerprint: bool = False
    # Whether it is only said what would be done.
    dry_run: bool = False
    # Worker processes.
    jobs: int = 1
    # Without a sign of life for so long, a file is given up.
    stall_s: float = 60.0
    # Patterns of what is left out, relative to each root.
    ignore: tuple[str, ...] = ()


@dataclass(slots=True)
class _Look:
    """One place after its walk."""

    place: ScanPlace
    # Device and inode of its root, None where there is none.
    identity: tuple[int, int] | None
    walk: Walk
    changes: Changes

    def absence(self, roots: Sequence[Root]) -> Absence:
        """The judge of what is gone, at this moment."""
        return Absence(self.place, self.walk, self.changes, roots)


def scan(store: Store, request: ScanRequest, sink: BatchProgressSink, cancel: CancelToken, *, now: int) -> ScanReport:
    """Scans, and says what it did. Waits for another scan of this library to end.

    Raises InputError where all that is named is no folder, LibraryError where the store cannot be used, CancelledError
    when asked to stop: what was applied by then stays, and the next scan goes on from there.
    """
    if request.dry_run:
        return _Scan(store, request, sink, cancel, now).run()
    with alone(store, sink, cancel, now):
        return _Scan(store, request, sink, cancel, now).run()


@contextmanager
def alone(store: Store, sink: BatchProgressSink, cancel: CancelToken, now: int) -> Iterator[None]:
    """While no other scan of this library is under way; waits for one to end."""
    with one_scan_at_a_time(store.database.path, sink.note, cancel):
        store.journal.close_cut_short(_LOCKING_VERBS, now)
        yield


def scan_within(
    change: Change, store: Store, request: ScanRequest, sink: BatchProgressSink, cancel: CancelToken, *, now: int
) -> ScanReport:
    """As `scan`, as part of a change that is under way `alone`."""
    return _Scan(store, request, sink, cancel, now, change).run()


class _Scan:
    """One scan under way."""

    def __init__(
        self,
        store: Store,
        request: ScanRequest,
        sink: BatchProgressSink,
        cancel: CancelToken,
        now: int,
        change: Change | None = None,
    ) -> None:
        self._store, self._request, self._sink, self._cancel, self._now = store, request, sink, cancel, now
        self._applier = Applier(store, dry_run=request.dry_run, now=now, change=change)
        self._roots = store.roots.all()

    def run(self) -> ScanReport:
        """All of it, with the record of it."""
        started_s = time.monotonic()
        places, errors = places_of(self._request.folders, self._roots)
        applier, scans = self._applier, self._store.scans
        for error in errors:
            applier.fail(FileFailure(None, error.what, error.code, error.why, error.hint))
        scan_id = None if self._request.dry_run else scans.begin(now=self._now)
        outcome = ScanOutcome.INTERRUPTED
        offline: tuple[str, ...] = ()
        try:
            with applier.journalled(_in_words(places)):
                offline = self._bring_up_to_date(places)
            outcome = ScanOutcome.DONE
        finally:
            seconds = time.monotonic() - started_s
            if scan_id is not None:
                ended_at = self._now + round(seconds)
                scans.finish(scan_id, outcome, applier.counts, applier.failures, seconds=seconds, now=ended_at)
        return ScanReport(
            applier.counts,
            tuple(applier.failures),
            offline,
            seconds,
            tuple(applier.warnings),
            applier.measured,
            no_folders=tuple(error.what for error in errors),
        )

    def _bring_up_to_date(self, places: Sequence[ScanPlace]) -> tuple[str, ...]:
        """The scan itself; returns the roots that are offline."""
        for place in places:
            if place.is_root and all(root.path != place.root for root in self._roots):
                inside = any(is_below(place.root, root.path) for root in self._roots)
                self._applier.add_root(place.root, separate=inside, within=absorbed(place.root, self._roots))
        self._roots = self._store.roots.all()
        looks = [self._look(place) for place in places]
        to_read, rows = self._to_read(looks)
        self._read(looks, to_read, rows)
        for look in looks:
            self._applier.mark_present(look.changes.returned)
        offline = self._close(looks)
        if self._request.dry_run and (self._request.analyze or self._request.fingerprint):
            # What is new is taken for audio that was never heard.
            self._applier.measured = len(self._unmeasured(places)) + self._applier.counts.added
        elif self._request.analyze or self._request.fingerprint:
            self._measure(places)
            if self._request.fingerprint:
                from auralis_cli.services.similarity import keep_neighbours

                keep_neighbours(self._store, self._cancel, self._sink)
        return offline

    def _look(self, place: ScanPlace) -> _Look:
        """Walks one place, and compares."""

        def step(found: int) -> None:
            self._sink.item(place.folder, f"{found:,} found in", None)

        step(0)
        walk = Walk(place.folder, within=place.root, ignore=self._request.ignore, sheets=True)
        roots = [root.path for root in self._roots if is_below(root.path, place.folder)]
        others = [path for path in roots if not reaches(place.folder, path)]
        known = self._store.files.rows_below(place.folder)
        if others:
            known = (row for row in known if not any(is_below(os.fsdecode(row[0]), path) for path in others))
        identity = _identity(place.root)
        changes = compare(walk, known, roots, self._cancel, full=self._request.full, step=step)
        self._applier.count("unchanged", changes.unchanged)
        if not os.path.isdir(place.folder):
            # Gone from its root, or with it: nothing is hidden there.
            changes.gaps.clear()
        self._report_gaps(changes)
        return _Look(place, identity, walk, changes)

    def _report_gaps(self, changes: Changes) -> None:
        for gap in changes.gaps:
            if gap.hides:
                self._applier.fail(FileFailure(None, gap.path, gap.error.code, gap.error.why, gap.error.hint))
            else:
                self._applier.count("skipped")
                self._applier.warnings.append(str(gap.error))

    def _to_read(self, looks: Sequence[_Look]) -> tuple[list[FileStat], dict[str, StoredFile]]:
        """The files to be read, and the row of each that has one."""
        all_changes = [look.changes for look in looks]
        stats = {stat.path: stat for changes in all_changes for stat in changes.new}
        rows = {stat.path: row for changes in all_changes for row, stat in changes.changed}
        stats |= {stat.path: stat for changes in all_changes for _, stat in changes.changed}
        moves = renamed(all_changes)
        self._applier.rename(moves, stats)
        rows |= moves
        self._with_files_of_sheets(all_changes, stats, rows)
        return [stats[path] for path in sorted(stats)], rows

    def _with_files_of_sheets(
        self, all_changes: Sequence[Changes], stats: dict[str, FileStat], rows: dict[str, StoredFile]
    ) -> None:
        """Adds the unchanged audio files that a sheet tells about which is new, changed or gone."""
        files = self._store.files
        paths = {path for path in stats if is_cue_sheet(path)}
        changed = [row for row in rows.values() if row.kind is FileKind.SHEET]
        for changes in all_changes:
            newly_gone = [row for row in changes.gone if row.status is not FileStatus.MISSING]
            changed += [row for row in (*newly_gone, *changes.returned) if row.kind is FileKind.SHEET]
        if not (paths or changed):
            return
        folders = {os.path.dirname(path) for path in (*paths, *(row.path for row in changed))}
        beside = [
            row for folder in sorted(folders) for row in files.stream_below(folder) if _may_describe(folder, row.path)
        ]
        gone = {row.id for changes in all_changes for row in changes.gone}
        for row in (*beside, *files.naming_sheets([row.id for row in changed])):
            path = row.path
            if row.kind is FileKind.AUDIO and row.id not in gone and path not in stats:
                stats[path] = FileStat(path, row.size_bytes, row.mtime_ns, row.device, row.inode)
                rows[path] = row
                self._applier.count("unchanged", -1)

    def _read(self, looks: Sequence[_Look], stats: Sequence[FileStat], rows: dict[str, StoredFile]) -> None:
        """Reads files in workers and applies what they hold, batch by batch."""
        applier, sink = self._applier, self._sink
        judge = Judge([look.absence(self._roots) for look in looks], self._roots)
        for look in looks:
            sink.overall(0, len(stats), look.place.folder)
        roots = [look.place.root for look in looks] + [root.path for root in self._roots]
        if not stats:
            return
        # Most scans find nothing to read, and are over before this is imported.
        from auralis_cli.services.audio_proofs import AudioProofs

        proofs = AudioProofs(self._store, rows, judge.is_gone, again=self._request.full)
        for batch in self._batches(stats, roots):
            # A dry run stores nothing that would have to be proved.
            applier.apply(batch if self._request.dry_run else proofs.clear(batch), rows, judge.is_gone)
        if doubtful := proofs.doubtful():
            holders = proofs.holders()
            for batch in self._batches(holders, roots, whole=True):
                proofs.note(batch, holders)
            for batch in self._batches(doubtful, roots, whole=True):
                applier.apply(proofs.settled(batch), rows, judge.is_gone)

    def _batches(
        self, stats: Sequence[FileStat], roots: Sequence[str], **whole: bool
    ) -> Generator[list[FileRecord | FileFailure]]:
        """What is read, in batches to be stored."""
        request, sink = self._request, self._sink
        batch: list[FileRecord | FileFailure] = []
        through = 0
        reading = read_files(stats, roots, jobs=request.jobs, stall_s=request.stall_s, cancel=self._cancel, **whole)
        with closing(reading) as chunks:
            for chunk in chunks:
                batch += chunk
                through += len(chunk)
                if len(batch) >= BATCH_FILES or through == len(stats):
                    yield batch
                    batch = []
                sink.overall(through, len(stats), path_of(chunk[-1]))

    def _measure(self, places: Sequence[ScanPlace]) -> None:
        """Measures what is there and was not yet; each track is stored whole, soon after it is there."""
        from auralis_cli.services.measure_places import measure_place
        from auralis_cli.services.track_work import work_on_places

        request = self._request
        measuring = work_on_places(
            self._unmeasured(places),
            measure_place,
            jobs=request.jobs,
            stall_s=request.stall_s,
            sink=self._sink,
            cancel=self._cancel,
        )
        with closing(measuring) as results:
            self._applier.store_measured(results)

    def _unmeasured(self, places: Sequence[ScanPlace]) -> list[TrackPlace]:
        """What is asked for and not known, each content once: one decoding tells all there is."""
        store, request = self._store, self._request
        wanted: dict[str, TrackPlace] = {}
        for place in places:
            found: list[TrackPlace] = []
            if request.analyze:
                found += store.loudness.unmeasured_below(place.folder, again=request.full)
            if request.fingerprint:
                found += store.fingerprints.places(below=place.folder, again=request.full)
            wanted |= {one.content_key: one for one in found if one.content_key not in wanted}
        return sorted(wanted.values(), key=lambda one: (os.fsencode(one.path), one.cue_number))

    def _close(self, looks: Sequence[_Look]) -> tuple[str, ...]:
        """Marks what is gone, now that nothing more can turn up; returns the roots that are offline."""
        applier = self._applier
        offline: dict[str, int] = {}
        scanned: list[int] = []
        for look in looks:
            absence = look.absence(self._roots)
            offline |= {root.path: root.id for root in absence.offline}
            if look.place.root not in offline and _identity(look.place.root) == look.identity:
                known = [row for row in look.changes.gone if row.status is not FileStatus.MISSING]
                applier.mark_missing([row for row in known if row.id not in applier.moved_ids and absence.is_gone(row)])
            for folder in sorted(absence.unmounted):
                applier.warnings.append(f"{folder}: its volume is not mounted; what is known of it is kept")
            scanned += [root.id for root in self._roots if is_below(root.path, look.place.folder)]
        applier.mark_roots(
            scanned=[number for number in scanned if number not in offline.values()], offline=offline.values()
        )
        return tuple(offline)


def _may_describe(folder: str, path: str) -> bool:
    """Whether a sheet in `folder` is looked at for the file at `path`: beside it, or in the folder above."""
    own = os.path.dirname(path)
    return folder in (own, os.path.dirname(own))


def _in_words(places: Sequence[ScanPlace]) -> str:
    named = [printable(place.folder)[:1000] for place in places[:3]]
    return ", ".join(named) + (f" and {len(places) - 3} more" if len(places) > 3 else "")


def _identity(folder: str) -> tuple[int, int] | None:
    try:
        status = os.stat(folder)
    except OSError:
        return None
    return status.st_dev, status.st_ino
