"""What `auralis export` does: tracks copied or encoded into a folder, playlists along; what is there already stays.

Everything is written beside its place and named when it is whole, put on the disk a batch at a time, and only then
noted as done: in the folder's manifest, by which the next export goes on, and in the journal.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import ExitStack, closing, suppress
from dataclasses import field, replace
from pathlib import Path

from auralis_cli.db.store import Store
from auralis_cli.errors import AuralisError, CancelledError, OutputError, RefusedError
from auralis_cli.model.exports import ExportAction, ExportOutcome, ExportWish, NameKind
from auralis_cli.model.library import Track
from auralis_cli.model.progress import BatchProgressSink, CancelToken, OneOfBatch, PartOfBatch
from auralis_cli.model.published_file import PublishedFile
from auralis_cli.quick_dataclasses import dataclass
from auralis_cli.services.changes import Change, changes
from auralis_cli.services.copy_beside import sync_files
from auralis_cli.services.export_folder import ExportFolder
from auralis_cli.services.export_manifest import ExportedFile, ExportManifest
from auralis_cli.services.export_plan import (
    ExportPlace,
    ExportPlan,
    PlannedExport,
    UnplannedExport,
    check_room,
    plan_export,
)
from auralis_cli.services.export_playlists import ChosenPlaylists, PlaylistFile, playlist_files
from auralis_cli.services.export_work import ExportJob, MadeFile, make_file
from auralis_cli.units import count_in_words
from auralis_cli.whole_file import write_whole_file

# As much as may have to be made again after the power failed.
_BATCH_FILES = 64
_BATCH_BYTES = 256 << 20


@dataclass(frozen=True, slots=True)
class ExportOrder:
    """What is to be exported, where to, and how."""

    folder: Path
    now: int
    wish: ExportWish = field(default_factory=ExportWish)
    playlists: ChosenPlaylists = field(default_factory=ChosenPlaylists)
    template: str | None = None
    names: NameKind = NameKind.AUTO
    # Of all files together; what comes after is left out.
    max_bytes: int | None = None
    # What an earlier export made and nobody asks for any more goes to the trash.
    sync: bool = False
    # What is in the way goes to the trash.
    replace: bool = False
    dry_run: bool = False
    jobs: int = 1
    stall_s: float = 300.0


def export(
    store: Store, tracks: Sequence[Track], request: ExportOrder, sink: BatchProgressSink, cancel: CancelToken
) -> Generator[ExportOutcome]:
    """Exports `tracks` and tells what became of each file, as it is known; closing the generator ends the work.

    A dry run tells the same of what would be done. Raises UsageError for a template that cannot be served, RefusedError
    where another export is at work in the folder, OutputError where it cannot be written to: full, gone, read-only.
    What was done until then stays, is journalled, and is not done again.
    """
    with ExportFolder(request.folder, only_look=request.dry_run) as folder:
        manifest = ExportManifest(folder.path)
        place = ExportPlace(folder, request.template, request.names, request.replace)
        plan = plan_export(tracks, request.wish, place, manifest, cancel, max_bytes=request.max_bytes)
        _say_left_out(plan, folder, sink)
        check_room(plan, folder)
        run = _Export(store, request, place, manifest, plan)
        if request.dry_run:
            yield from run.preview()
            return
        with changes(store, "export", f"to {folder.path}", lambda: request.now) as change:
            try:
                yield from run.carry_out(change, sink, cancel)
            finally:
                change.summary = run.in_words()


def _say_left_out(plan: ExportPlan, folder: ExportFolder, sink: BatchProgressSink) -> None:
    if plan.own:
        sink.note(f"{folder.path}: {count_in_words(plan.own, 'track')} of the folder itself left out")
    if plan.left_out:
        sink.note(f"{count_in_words(plan.left_out, 'track')} left out, for which --max-total leaves no room")


class _Export:
    """One export from its plan on."""

    def __init__(
        self, store: Store, request: ExportOrder, place: ExportPlace, manifest: ExportManifest, plan: ExportPlan
    ) -> None:
        self._store, self._request, self._plan = store, request, plan
        self._place, self._folder, self._manifest = place, place.folder, manifest
        # Where each track is that is there in the end.
        self._there: dict[tuple[str, int], Path] = {}
        self.made = self.removed = 0

    def in_words(self) -> str:
        """What was done, for the history: `12 files to stick`, `3 files removed from stick`, or both."""
        parts = [f"{count_in_words(self.made, 'file')} to"] if self.made or not self.removed else []
        parts += [f"{count_in_words(self.removed, 'file')} removed from"] if self.removed else []
        return f"{', '.join(parts)} {self._folder.path}"

    def preview(self) -> Iterator[ExportOutcome]:
        """What would be done."""
        yield from self._told_already()
        for one in self._plan.to_write:
            self._there[one.track.path, one.track.cue_number] = one.target
            yield _outcome(one, one.size_bytes)
        lists = self._playlists()
        for made in lists:
            yield ExportOutcome(ExportAction.PLAYLIST, str(self._folder.path / made.name), size_bytes=len(made.data))
        for stale in self._unwanted(lists):
            yield ExportOutcome(ExportAction.REMOVE, str(self._folder.path / stale.path), size_bytes=stale.size_bytes)

    def carry_out(self, change: Change, sink: BatchProgressSink, cancel: CancelToken) -> Iterator[ExportOutcome]:
        """Does it."""
        to_write = list(self._plan.to_write)
        self._folder.remove_parts({one.target.parent for one in self._plan.files})
        yield from self._told_already()
        self._manifest.note(one.file for one in to_write)
        with (
            closing(_DoneFiles(self._folder, self._manifest, change)) as done,
            closing(self._made(to_write, sink, cancel)) as made,
        ):
            for one, result in made:
                if isinstance(result, AuralisError):
                    yield _failed(one, result)
                    continue
                self.made += 1
                self._there[one.track.path, one.track.cue_number] = one.target
                done.add(one, result.published)
                yield _outcome(one, result.published.size_bytes, result.warnings)
        lists = self._playlists()
        yield from (self._written(made, change) for made in lists)
        yield from self._trashed(self._unwanted(lists), change)
        self._manifest.forget([one.path for one in self._manifest if not self._is_left(one)])
        self._manifest.close()

    def _told_already(self) -> Iterator[ExportOutcome]:
        """What needs no work, or cannot be done."""
        for one in self._plan.items:
            if isinstance(one, UnplannedExport):
                target = "" if one.name is None else str(self._folder.path / one.name)
                yield ExportOutcome(ExportAction.KEEP, target, one.track.path, one.track.id, error=one.error)
            elif one.action is ExportAction.KEEP:
                self._there[one.track.path, one.track.cue_number] = one.target
                yield _outcome(one, one.size_bytes)
        if not self._request.dry_run:
            kept = (one.file for one in self._plan.files if one.action is ExportAction.KEEP)
            self._manifest.note(one for one in kept if self._manifest.get(one.path) != one)

    def _made(
        self, planned: Sequence[PlannedExport], sink: BatchProgressSink, cancel: CancelToken
    ) -> Generator[tuple[PlannedExport, MadeFile | AuralisError]]:
        """Copies are made here, one after the other, then what is encoded."""
        copies = [one for one in planned if one.action is ExportAction.COPY]
        for number, one in enumerate(copies, 1):
            cancel.raise_if_cancelled()
            yield one, self._attempt(one, OneOfBatch(one.source.name, sink), cancel)
            sink.overall(number, len(planned), one.source.name)
        if any(one.action is ExportAction.TRANSCODE for one in planned):
            yield from self._encoded(planned, PartOfBatch(sink, len(copies), len(planned)), cancel)

    def _encoded(
        self, planned: Sequence[PlannedExport], sink: BatchProgressSink, cancel: CancelToken
    ) -> Generator[tuple[PlannedExport, MadeFile | AuralisError]]:
        """What is encoded is so in worker processes, which nobody pays for who only copies."""
        from auralis_cli.services.batch import Item, run_batch

        encoded: list[PlannedExport] = []
        for one in planned:
            if one.action is ExportAction.TRANSCODE:
                try:
                    self._folder.make_room_for(one.target)
                    encoded.append(one)
                except RefusedError as error:
                    yield one, error
        if not encoded:
            return
        items = [Item(one.source.name, make_file, (self._job(one),), (one.target.parent,)) for one in encoded]
        with closing(run_batch(items, self._request.jobs, self._request.stall_s, sink, cancel)) as outcomes:
            for one, outcome in zip(encoded, outcomes, strict=True):
                if isinstance(outcome.error, OutputError):
                    self._raise_for_all(outcome.error)
                result = outcome.result if outcome.error is None else outcome.error
                assert result is not None
                yield one, result

    def _attempt(self, one: PlannedExport, progress: OneOfBatch, cancel: CancelToken) -> MadeFile | AuralisError:
        try:
            self._folder.make_room_for(one.target)
            return make_file(self._job(one), progress, cancel)
        except CancelledError:
            raise
        except OutputError as error:
            self._raise_for_all(error)
            return error
        except AuralisError as error:
            return error

    def _job(self, one: PlannedExport) -> ExportJob:
        return replace(_job(one), folder=self._folder.identity)

    def _raise_for_all(self, error: OutputError) -> None:
        if (of_all := self._folder.failure_of_all()) is not None:
            raise of_all from error

    def _playlists(self) -> list[PlaylistFile]:
        chosen = self._request.playlists.chosen_of(self._store, self._request.now)
        folder, portable = self._folder.path, self._place.portable
        return playlist_files(self._store, chosen, self._there, folder, portable=portable, now=self._request.now)

    def _written(self, made: PlaylistFile, change: Change) -> ExportOutcome:
        """Writes a playlist, unless it is there word for word."""
        target, known = self._folder.path / made.name, self._manifest.get(made.name)
        outcome = ExportOutcome(ExportAction.PLAYLIST, str(target), size_bytes=len(made.data))
        try:
            if os.path.lexists(target):
                if _holds(target, made.data):
                    outcome = replace(outcome, action=ExportAction.KEEP)
                elif not self._request.replace and (known is None or not known.is_as_left(os.lstat(target))):
                    raise RefusedError(
                        str(target), "is there already, and of no export", "--force moves it to the trash"
                    )
            if outcome.action is ExportAction.PLAYLIST:
                self._folder.check()
                write_whole_file(target, made.data, displace=lambda old: change.trash(str(old)))
                change.created(str(target))
                self.made += 1
            status = os.lstat(target)
            key = f"playlist:{made.playlist}"
            self._manifest.note(
                [ExportedFile(made.name, key, "playlist", len(made.data), 0, status.st_size, status.st_mtime_ns)]
            )
        except RefusedError as error:
            return replace(outcome, error=error)
        return outcome

    def _unwanted(self, lists: Iterable[PlaylistFile]) -> list[ExportedFile]:
        """What earlier exports made, is there as they left it, and is not wanted any more."""
        if not self._request.sync:
            return []
        wanted = self._plan.names | {one.name for one in lists}
        return [one for one in self._manifest if one.path not in wanted and self._is_left(one)]

    def _is_left(self, file: ExportedFile) -> bool:
        path = self._folder.path / file.path
        with suppress(OSError):
            return file.is_as_left(os.lstat(path)) and self._folder.holds(path)
        return False

    def _trashed(self, files: Sequence[ExportedFile], change: Change) -> Iterator[ExportOutcome]:
        for one in files:
            path = self._folder.path / one.path
            change.trash(str(path))
            self._manifest.forget([one.path])
            self.removed += 1
            yield ExportOutcome(ExportAction.REMOVE, str(path), size_bytes=one.size_bytes)
        self._folder.remove_empty((self._folder.path / one.path).parent for one in files)


_Done = list[tuple[PlannedExport, PublishedFile]]


class _DoneFiles:
    """Files that have their names, until they are on the disk and noted.

    While the disk takes a batch of them, the next is made.
    """

    def __init__(self, folder: ExportFolder, manifest: ExportManifest, change: Change) -> None:
        self._folder, self._manifest, self._change = folder, manifest, change
        self._files: _Done = []
        self._bytes = 0
        self._on_their_way: tuple[_Done, _Syncing] | None = None

    def add(self, one: PlannedExport, published: PublishedFile) -> None:
        """One more; a batch of them is handed to the disk."""
        self._files.append((one, published))
        self._bytes += published.size_bytes
        if len(self._files) >= _BATCH_FILES or self._bytes >= _BATCH_BYTES:
            self._hand_over()

    def close(self) -> None:
        """Waits until all are on the disk and noted."""
        try:
            self._hand_over()
        finally:
            self._settle()

    def _hand_over(self) -> None:
        files, self._files, self._bytes = self._files, [], 0
        try:
            self._settle()
        finally:
            if files:
                copies = [one.target for one, _ in files if one.action is ExportAction.COPY]
                self._on_their_way = files, _Syncing(copies)

    def _settle(self) -> None:
        """Notes those that were handed over, once they are there; in the journal also where the disk has gone."""
        if self._on_their_way is None:
            return
        (files, syncing), self._on_their_way = self._on_their_way, None
        try:
            syncing.wait()
            self._manifest.note(
                replace(one.file, size_bytes=published.size_bytes, mtime_ns=published.mtime_ns)
                for one, published in files
            )
        except OutputError as error:
            if (of_all := self._folder.failure_of_all()) is not None:
                raise of_all from error
            raise
        finally:
            self._change.all_published([(str(one.target), published) for one, published in files])


class _Syncing(threading.Thread):
    """Puts files on the disk beside what else is done."""

    def __init__(self, paths: Sequence[Path]) -> None:
        super().__init__(name="auralis-export-sync")
        self._paths = paths
        self._failed: OSError | None = None
        self.start()

    def run(self) -> None:
        """What the thread does."""
        try:
            with ExitStack() as stack:
                sync_files([stack.enter_context(path.open("rb")).fileno() for path in self._paths])
        except OSError as error:
            self._failed = error

    def wait(self) -> None:
        """Returns once they are there; OutputError where they cannot be."""
        self.join()
        if self._failed is not None:
            what, why = self._failed.filename or "the disk", self._failed.strerror or "cannot be written"
            raise OutputError(str(what), why) from self._failed


def _job(one: PlannedExport) -> ExportJob:
    track, mtime_ns = one.track, one.file.source_mtime_ns
    gains = (
        _gain(track.replaygain_track_gain_db, track.replaygain_track_peak),
        _gain(track.replaygain_album_gain_db, track.replaygain_album_peak),
    )
    if track.cue_number:
        # They are of the whole file.
        gains = (None, None)
    return ExportJob(one.source, one.target, one.format, one.bitrate_bps, mtime_ns, one.displaces, *gains)


def _gain(gain_db: float | None, peak: float | None) -> tuple[float, float] | None:
    return None if gain_db is None or peak is None else (gain_db, peak)


def _outcome(one: PlannedExport, size_bytes: int, warnings: tuple[str, ...] = ()) -> ExportOutcome:
    return ExportOutcome(one.action, str(one.target), one.source.name, one.track.id, size_bytes, warnings)


def _failed(one: PlannedExport, error: AuralisError) -> ExportOutcome:
    return ExportOutcome(one.action, str(one.target), one.source.name, one.track.id, error=error)


def _holds(path: Path, data: bytes) -> bool:
    try:
        return path.read_bytes() == data
    except OSError:
        return False
