"""`auralis replaygain`: measures tracks and albums, and writes into files by how much they are to be made louder.

Worker processes decode and measure, while files whose album is complete are written here. What was measured once is
kept by what the audio is, so that files are not decoded again; and a file whose tags say already what they should is
not touched.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import field, replace
from enum import StrEnum
from pathlib import Path

from auralis_cli.audio.gain_tags import GainsEdit, read_gain_tags
from auralis_cli.db.store import Store
from auralis_cli.errors import (
    AuralisError,
    InputError,
    OutputError,
    RefusedError,
    StalledError,
    UnsupportedError,
)
from auralis_cli.model.block_levels import album_lufs
from auralis_cli.model.file_rewrites import RewriteTask, Rewritten
from auralis_cli.model.progress import BatchProgressSink, CancelToken, SilentBatchProgress
from auralis_cli.model.replaygain import (
    ALBUM_NAMES,
    GAIN_NAMES,
    REFERENCE_NAME,
    TRACK_NAMES,
    AlbumBy,
    GainMeasurement,
    Gains,
    OpusTags,
    album_gain,
    gain_changes,
    gain_texts,
    track_gain,
)
from auralis_cli.model.source import AudioSource
from auralis_cli.quick_dataclasses import dataclass
from auralis_cli.services.changes import Change, changes
from auralis_cli.services.file_rewriting import RewriteOptions, rewrite_files
from auralis_cli.services.gain_albums import GainAlbum, GainFile, albums_of, gain_file
from auralis_cli.services.gain_measurements import Measured, measurements
from auralis_cli.services.measured_gains import MeasuredGains, gains_folder
from auralis_cli.units import count_in_words

# So many files at least are written in one go: each costs two transactions.
_WRITTEN_AT_ONCE = 16
_ERRORS: Mapping[str, type[AuralisError]] = {
    kind.code: kind for kind in (InputError, UnsupportedError, StalledError, OutputError, RefusedError)
}


@dataclass(frozen=True, slots=True)
class GainRequest:
    """What is to be written, and how."""

    # Of albums as well as of tracks.
    album: bool = True
    album_by: AlbumBy = AlbumBy.TAGS
    # Whether gains are lowered so that no peak comes above −1 dBTP.
    clip_safe: bool = False
    opus: OpusTags = OpusTags.R128
    # Takes all gains out instead.
    remove: bool = False
    # Whether what is known is measured again.
    again: bool = False
    keep_mtime: bool = False
    dry_run: bool = False
    jobs: int = 1
    # Without a sign of life for so long, a file is given up.
    stall_s: float = 300.0


class GainState(StrEnum):
    """What became of a file, or would."""

    WRITTEN = "written"
    REMOVED = "removed"
    UNCHANGED = "unchanged"


@dataclass(frozen=True, slots=True)
class GainReport:
    """One file: what was found and done."""

    # As it was named.
    path: str
    format_key: str | None = None
    album_title: str | None = None
    measured: GainMeasurement | None = None
    album_lufs: float | None = None
    gains: Gains = field(default_factory=Gains)
    # What its tags say now, by the names of Vorbis comments.
    tags: Mapping[str, str] = field(default_factory=dict)
    state: GainState | None = None
    warnings: tuple[str, ...] = ()
    error: AuralisError | None = None


Found = AudioSource | AuralisError


@dataclass(frozen=True, slots=True)
class _Prepared:
    """A file, and what is to be done to it; None where that is nothing."""

    report: GainReport
    task: RewriteTask | None = None


def replaygain(
    store: Store,
    inputs: Iterable[Found],
    request: GainRequest,
    sink: BatchProgressSink,
    cancel: CancelToken,
    clock: Callable[[], int],
) -> Generator[GainReport]:
    """Does it, and gives a report of each file, those of an album one after the other.

    Raises LibraryError where the store cannot be used, CancelledError when asked to stop: what was written by then
    stays, and what was measured is kept.
    """
    looked_at = _looked_at(inputs, request, sink, cancel)
    albums = albums_of(looked_at, single=request.remove or not request.album)
    prepared_files = _removals(albums, cancel) if request.remove else _gained(store, albums, request, sink, cancel)
    with closing(prepared_files) as prepared:
        if request.dry_run:
            for one in prepared:
                yield one.report
            return
        with changes(store, "replaygain", "gains", clock) as change:
            yield from _written(store, change, prepared, request, cancel)


def _looked_at(
    inputs: Iterable[Found], request: GainRequest, sink: BatchProgressSink, cancel: CancelToken
) -> Iterator[GainFile | tuple[str, AuralisError]]:
    for one in inputs:
        cancel.raise_if_cancelled()
        if isinstance(one, AuralisError):
            yield one.what, one
            continue
        sink.item(one.name, "reading", None)
        try:
            yield gain_file(one, request.album_by)
        except AuralisError as error:
            yield one.name, error


def _removals(albums: Sequence[GainAlbum], cancel: CancelToken) -> Generator[_Prepared]:
    """Files of which all gains go."""
    for album in albums:
        cancel.raise_if_cancelled()
        yield from _failed(album)
        for file in album.files:
            yield _changed(file, GainReport(file.source.name, file.format_key, file.album_title), GAIN_NAMES, {})


def _gained(
    store: Store, albums: Sequence[GainAlbum], request: GainRequest, sink: BatchProgressSink, cancel: CancelToken
) -> Generator[_Prepared]:
    """Files with the gains they are to have, album by album, as soon as each is measured."""
    files = [file for album in albums for file in album.files]
    kept = MeasuredGains(gains_folder())
    found = measurements(files, kept, sink, cancel, again=request.again, jobs=request.jobs, stall_s=request.stall_s)
    with closing(found) as measured:
        for album in albums:
            yield from _failed(album)
            found_in_it = [(file, next(measured)) for file in album.files]
            yield from _album(found_in_it, request, _other_files(store, album, request))


def _failed(album: GainAlbum) -> Iterator[_Prepared]:
    if album.failed is not None:
        path, error = album.failed
        yield _Prepared(GainReport(path, error=error))


def _other_files(store: Store, album: GainAlbum, request: GainRequest) -> int:
    """How many files of the album the library has that were not asked for."""
    if not request.album or request.album_by is not AlbumBy.TAGS or not album.files:
        return 0
    return len(store.tracks.album_paths(album.files[0].path) - {file.path for file in album.files})


def _album(measured: Sequence[tuple[GainFile, Measured]], request: GainRequest, others: int) -> Iterator[_Prepared]:
    """The files of an album; a track that cannot be measured is left out of it, since nobody will hear it."""
    tracks = [one for _, one in measured if isinstance(one, GainMeasurement)]
    of_album = album_gain(tracks, clip_safe=request.clip_safe) if request.album else None
    loudness = album_lufs(track.blocks for track in tracks) if request.album else None
    names = (*TRACK_NAMES, *(ALBUM_NAMES if request.album else ()), REFERENCE_NAME)
    for number, (file, one) in enumerate(measured):
        report = GainReport(file.source.name, file.format_key, file.album_title)
        if isinstance(one, AuralisError):
            yield _Prepared(replace(report, error=one))
            continue
        gains = Gains(track_gain(one, clip_safe=request.clip_safe), of_album)
        silent = () if gains.track is not None else ("is silent, or shorter than 0.4 s: there is no gain for it",)
        partial = (f"the library has {others:,} more of its album, which is gated without them",)
        warnings = (*one.warnings, *silent, *(partial if others and number == 0 else ()))
        report = replace(report, measured=one, album_lufs=loudness, gains=gains, warnings=warnings)
        yield _changed(file, report, names, gain_texts(gains, file.format_key, request.opus))


def _changed(file: GainFile, report: GainReport, names: Iterable[str], texts: Mapping[str, str]) -> _Prepared:
    """What has to be done so that the file's tags say `texts` and nothing else by `names`."""
    report = replace(report, tags=texts)
    try:
        now = read_gain_tags(Path(file.path))
    except AuralisError as error:
        return _Prepared(replace(report, error=type(error)(report.path, error.why, error.hint)))
    wanted = gain_changes(texts, names)
    if not now.is_odd and all(now.values.get(name, ()) == values for name, values in wanted.items()):
        return _Prepared(replace(report, state=GainState.UNCHANGED))
    state = GainState.WRITTEN if texts else GainState.REMOVED
    return _Prepared(replace(report, state=state), RewriteTask(file.path, GainsEdit(wanted)))


def _written(
    store: Store, change: Change, prepared: Iterable[_Prepared], request: GainRequest, cancel: CancelToken
) -> Iterator[GainReport]:
    """The reports, in their order, once their files are written."""
    options = RewriteOptions(keep_mtime=request.keep_mtime)
    done = 0
    for some in _by_tasks(prepared):
        tasks = [one.task for one in some if one.task is not None]
        rewriting = rewrite_files(store, change, tasks, options, SilentBatchProgress(), cancel) if tasks else ()
        results = {result.path: result for result in rewriting}
        done += sum(result.changed for result in results.values())
        change.summary = f"gains of {count_in_words(done, 'file')} {'removed' if request.remove else 'written'}"
        for one in some:
            result = None if one.task is None else results.get(one.task.path)
            yield one.report if result is None else _as_written(one.report, result)


def _by_tasks(prepared: Iterable[_Prepared]) -> Iterator[list[_Prepared]]:
    """As many at a time as are worth two transactions; those for which nothing is to be done wait for nobody."""
    some: list[_Prepared] = []
    tasks = 0
    for one in prepared:
        some.append(one)
        tasks += one.task is not None
        if tasks == 0 or tasks >= _WRITTEN_AT_ONCE:
            yield some
            some, tasks = [], 0
    yield some


def _as_written(report: GainReport, result: Rewritten) -> GainReport:
    warnings = (*report.warnings, *result.notes)
    if (failure := result.failure) is not None:
        error = _ERRORS.get(failure.code, AuralisError)(report.path, failure.message, failure.hint)
        return replace(report, warnings=warnings, state=None, error=error)
    return replace(report, warnings=warnings, state=report.state if result.changed else GainState.UNCHANGED)
