"""Mastering an album: one stream of all its tracks is measured, planned, solved and limited, and cut into files again.

So joins cannot be heard, levels and tone of the tracks to each other stay as they are, and the loudness asked for is
that of the album, gated over all of it. The limiter does not begin anew where tracks meet: in a pause between two it
has come to rest long before the next begins, and where there is none it must not.
"""

from __future__ import annotations

import hashlib
import math
import time
from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import replace
from functools import partial
from itertools import accumulate
from pathlib import Path
from typing import TYPE_CHECKING

from auralis_cli.audio.formats import AudioFormat
from auralis_cli.audio.joined import JoinedTrack, JoinedTracks
from auralis_cli.audio.opening import open_audio
from auralis_cli.audio.output_choice import output_choice, output_format, output_rate_hz
from auralis_cli.audio.reader import AudioReader
from auralis_cli.audio.replay import BLOCK_FRAMES, ReplayableAudio
from auralis_cli.errors import InputError, OutputError, RefusedError, UnsupportedError
from auralis_cli.model.album_mastering import AlbumRequest
from auralis_cli.model.audio import Dither, OutputFormat, StreamInfo
from auralis_cli.model.master_reports import AlbumShare, MasterPreview, MasterReport, MasterSkipped
from auralis_cli.model.mastering import MasteringPlan, MasterRequest, SolvedPlan
from auralis_cli.model.measurements import Measurements, TrackAnalysis
from auralis_cli.model.progress import CancelToken, ProgressSink
from auralis_cli.model.published_file import PublishedFile
from auralis_cli.model.report_curves import AlbumCurves, ReportCurves, SoundCurves
from auralis_cli.model.source import AudioSource
from auralis_cli.quick_dataclasses import dataclass
from auralis_cli.services.decoding import decode_ahead
from auralis_cli.services.master import lies_on_grid, make_result_folder, refuse_bad_paths, report_curves
from auralis_cli.services.master_batch import note_made, refuse_made_before
from auralis_cli.services.receipts import Receipts

if TYPE_CHECKING:
    from auralis_cli.mastering.album import AlbumLevels
    from auralis_cli.services.album_files import AlbumFiles, Block, TrackMeters
    from auralis_cli.services.encoding import Encoded
    from auralis_cli.services.passes import Rendering

# A file is open for every track while they are written.
MOST_TRACKS = 500


def master_album(
    album: AlbumRequest, receipts: Path, progress: ProgressSink, cancel: CancelToken
) -> tuple[MasterReport | MasterSkipped, ...]:
    """Masters all tracks of `album`, in its order, or none of them.

    An album all of whose files an earlier run made of the same tracks with the same wishes, untouched since, stays as
    it is; of one that was interrupted while its files were given their names, those that are missing get theirs.
    Raises what `master_file` raises, for the first track that fails, and UnsupportedError for tracks of differing
    numbers of channels. Nothing is left behind then.
    """
    with _failing_as_one(album):
        return _master(album, Receipts(receipts), progress, cancel)


def preview_album(
    album: AlbumRequest, receipts: Path, progress: ProgressSink, cancel: CancelToken
) -> tuple[MasterPreview | MasterSkipped, ...]:
    """Foretells what `master_album` would do, and writes nothing."""
    with _failing_as_one(album):
        started = _Started.of(album, Receipts(receipts), progress)
        if started.is_done:
            return tuple(MasterSkipped(one.source, one.destination, dry_run=True) for one in album.tracks)
        with closing(_replayable(album, started.joined, memory_bytes=0)) as audio:
            found = _measured(audio, started.joined, album, progress, cancel)
        plan = _decided(found.analysis, album)
        return tuple(_preview(album, started, found, plan, number) for number in range(len(album.tracks)))


@contextmanager
def _failing_as_one(album: AlbumRequest) -> Iterator[None]:
    """Says of an error of one track that nothing of the whole album is there."""
    try:
        yield
    except (InputError, RefusedError, OutputError) as error:
        why = f"{error.why}; nothing of the album {album.title} is written"
        raise type(error)(error.what, why, error.hint) from error


def _path(one: MasterRequest) -> Path:
    assert one.destination.path is not None, "an album becomes files"
    return one.destination.path


@dataclass(frozen=True, slots=True)
class _Started:
    """What is known before anything is measured."""

    row: AudioFormat
    joined: JoinedTracks
    # Of the receipt of every result, and whether it is there already and stays.
    keys: tuple[str, ...]
    held: tuple[bool, ...]

    @staticmethod
    def of(album: AlbumRequest, book: Receipts, progress: ProgressSink) -> _Started:
        """Raises what stands in the way of any of the tracks."""
        progress.step("reading", None)
        if len(album.tracks) > MOST_TRACKS:
            raise UnsupportedError(
                album.source.name, f"is an album of {len(album.tracks)} tracks ({MOST_TRACKS} at most)"
            )
        keys = _keys([book.key(one) for one in album.tracks])
        outputs = [_path(one) for one in album.tracks]
        held = tuple(
            not one.force and book.holds(key, output)
            for one, key, output in zip(album.tracks, keys, outputs, strict=True)
        )
        for one, output, is_there in zip(album.tracks, outputs, held, strict=True):
            if not is_there:
                if not one.force:
                    refuse_made_before(book, output)
                refuse_bad_paths(one)
        row = output_choice(album.tracks[0])
        return _Started(row, _joined(album, row), keys, held)

    @property
    def is_done(self) -> bool:
        """Whether every file of the album is there."""
        return all(self.held)


def _keys(of_tracks: Sequence[str]) -> tuple[str, ...]:
    """Every file of an album hangs on all of its tracks, and on their order."""
    album = hashlib.sha256("\n".join(("album", *of_tracks)).encode()).hexdigest()
    return tuple(hashlib.sha256(f"{album} {number}".encode()).hexdigest() for number in range(len(of_tracks)))


def _joined(album: AlbumRequest, row: AudioFormat) -> JoinedTracks:
    """The tracks at one rate, the highest of theirs: what is converted up loses nothing, and refusing helps nobody.

    Channels are another matter: a mono track as two channels would be another track, and louder by 3 LU.
    """
    infos: list[StreamInfo] = []
    for one in album.tracks:
        with open_audio(one.source) as reader:
            infos.append(reader.info)
        if infos[-1].channels != infos[0].channels:
            why = f"has {infos[-1].channels} channels, and {album.tracks[0].source.name} has {infos[0].channels}"
            raise UnsupportedError(one.source.name, why, "leave it out, or master without --album")
    rate_hz = output_rate_hz(album.tracks[0], row, max(info.sample_rate_hz for info in infos))
    tracks = []
    for one in album.tracks:
        opener = partial(_open_at, one.source, rate_hz)
        with opener() as reader:
            tracks.append(JoinedTrack(one.source.name, opener, reader.info))
    return JoinedTracks(tracks)


def _open_at(source: AudioSource, rate_hz: int) -> AudioReader:
    reader = open_audio(source)
    if reader.info.sample_rate_hz == rate_hz:
        return reader
    from auralis_cli.audio.resample import ResampledReader

    return ResampledReader(reader, rate_hz)


def _replayable(album: AlbumRequest, joined: JoinedTracks, memory_bytes: int | None = None) -> ReplayableAudio:
    return ReplayableAudio(joined.open, album.source.name, memory_bytes=memory_bytes)


@dataclass(frozen=True, slots=True)
class _Measured:
    """The album as one stream, and each of its tracks."""

    analysis: TrackAnalysis
    tracks: tuple[Measurements, ...]


def _measured(
    audio: ReplayableAudio, joined: JoinedTracks, album: AlbumRequest, progress: ProgressSink, cancel: CancelToken
) -> _Measured:
    with closing(decode_ahead(audio.blocks(BLOCK_FRAMES), audio.info.channels)) as blocks:
        # Decoding has begun; what is imported now takes its time.
        from auralis_cli.services.album_files import TrackMeters
        from auralis_cli.services.passes import measure_track

        meters = TrackMeters(joined)
        compares = album.tracks[0].sound.reference is not None
        analysis = measure_track(_heard_by(blocks, meters.add), audio.info, progress, cancel, with_profile=compares)
    tracks = meters.results()
    for one, measured in zip(album.tracks, tracks, strict=True):
        if measured.meaningless is not None:
            raise InputError(one.source.name, measured.meaningless)
    return _Measured(analysis, tracks)


def _heard_by(blocks: Generator[Block], hear: Callable[[Block], None]) -> Generator[Block]:
    """Passes blocks on while `hear` looks at each on a thread of its own."""
    with closing(blocks), ThreadPoolExecutor(1, "tracks") as thread:
        pending: Future[None] | None = None
        for block in blocks:
            if pending is not None:
                pending.result()
            pending = thread.submit(hear, block)
            yield block
        if pending is not None:
            pending.result()


def _decided(analysis: TrackAnalysis, album: AlbumRequest) -> MasteringPlan:
    from auralis_cli.mastering.album import keeping_relations
    from auralis_cli.services.passes import decide

    return keeping_relations(decide(analysis, album.tracks[0]))


def _levels(found: _Measured, joined: JoinedTracks) -> AlbumLevels:
    from auralis_cli.mastering.album import AlbumLevels

    loudness = tuple(measured.integrated_lufs for measured in found.tracks)
    return AlbumLevels(joined.lengths, loudness, found.analysis.measurements.integrated_lufs)


def _outputs(album: AlbumRequest, started: _Started) -> list[OutputFormat]:
    infos = [track.info for track in started.joined.tracks]
    return [output_format(one, started.row, info) for one, info in zip(album.tracks, infos, strict=True)]


def _preview(
    album: AlbumRequest, started: _Started, found: _Measured, plan: MasteringPlan, number: int
) -> MasterPreview:
    one, measured = album.tracks[number], found.analysis.measurements
    loudness = plan.goal_lufs if plan.goal_lufs is not None else measured.integrated_lufs
    share = AlbumShare(
        title=album.title,
        number=number + 1,
        tracks=len(album.tracks),
        input_lufs=measured.integrated_lufs,
        integrated_lufs=loudness,
        gain_db=plan.predicted_gain_db,
    )
    return MasterPreview(
        source=one.source,
        destination=one.destination,
        source_info=started.joined.tracks[number].info,
        output_format=_outputs(album, started)[number],
        input=found.tracks[number],
        plan=plan,
        warnings=(*one.source.warnings, *started.joined.warnings[number]),
        album=share,
    )


def _master(
    album: AlbumRequest, book: Receipts, progress: ProgressSink, cancel: CancelToken
) -> tuple[MasterReport | MasterSkipped, ...]:
    began_s = time.perf_counter()
    started = _Started.of(album, book, progress)
    if started.is_done:
        return tuple(MasterSkipped(one.source, one.destination) for one in album.tracks)
    outputs = _outputs(album, started)
    with closing(_replayable(album, started.joined)) as audio:
        found = _measured(audio, started.joined, album, progress, cancel)
        from auralis_cli.mastering.album import draw_levels
        from auralis_cli.services.passes import Rendering, measure_curves

        plan = _decided(found.analysis, album)
        for folder in album.folders:
            make_result_folder(folder)
        draw = partial(draw_levels, levels=_levels(found, started.joined))
        request = album.tracks[0]
        before: SoundCurves | None = None
        if request.with_curves:
            before = measure_curves(audio.blocks(BLOCK_FRAMES), audio.info, progress, cancel)
        with closing(Rendering(audio, plan, request, progress, cancel, draw)) as rendering:
            solved = rendering.solve()
            if lies_on_grid(found.analysis, solved, outputs[0]):
                outputs = [replace(output, dither=Dither.NONE) for output in outputs]
            written = _write(rendering, solved, album, started, outputs, book, cancel)
            curves = report_curves(before, rendering, written.encoded.solved, request)
    seconds = time.perf_counter() - began_s
    reports = [_report(album, started, found, written, outputs, number, seconds) for number in range(len(outputs))]
    if curves is not None:
        reports[0] = replace(reports[0], album_curves=_album_curves(curves, started.joined, found, written))
    return tuple(reports)


def _album_curves(curves: ReportCurves, joined: JoinedTracks, found: _Measured, written: _Written) -> AlbumCurves:
    ends = accumulate(joined.lengths[:-1])
    joins_s = tuple(end / joined.info.sample_rate_hz for end in ends)
    return AlbumCurves(found.analysis.measurements, written.encoded.measured, curves, joins_s)


@dataclass(frozen=True, slots=True)
class _Written:
    encoded: Encoded
    tracks: tuple[Measurements, ...]
    published: list[PublishedFile | None]
    # What is to be said of each track.
    warnings: list[tuple[str, ...]]


def _write(
    rendering: Rendering, solved: SolvedPlan, album: AlbumRequest, started: _Started, outputs: Sequence[OutputFormat],
    book: Receipts, cancel: CancelToken,
) -> _Written:  # fmt: skip
    """Renders all files beside their places, and publishes them only when all are complete."""
    from auralis_cli.services.album_files import AlbumFiles, TrackMeters
    from auralis_cli.services.encoding import encode
    from auralis_cli.services.streaming import copy_source_tags

    meters = TrackMeters(started.joined)
    failures: list[str] = []
    with AlbumFiles(started.joined, album.tracks, outputs) as files:
        if outputs[0].bitrate_bps is None:
            files.hear = meters.add
        encoded = encode(rendering, solved, files, outputs[0], partial(_measure_decoded, rendering, files, meters))
        warnings = [
            copy_source_tags(one.source, path) for one, (path, _) in zip(album.tracks, files.parts, strict=True)
        ]
        cancel.raise_if_cancelled()
        notes = [
            partial(note_made, book, key, _path(one), failures)
            for one, key in zip(album.tracks, started.keys, strict=True)
        ]
        published = files.publish([not held for held in started.held], notes)
    warnings[0] += (*encoded.warnings, *dict.fromkeys(failures))
    return _Written(encoded, meters.results(), published, warnings)


def _measure_decoded(rendering: Rendering, files: AlbumFiles, meters: TrackMeters) -> Measurements:
    meters.restart()
    return rendering.measure_parts(files.parts, meters.add)


def _report(
    album: AlbumRequest, started: _Started, found: _Measured, written: _Written, outputs: Sequence[OutputFormat],
    number: int, seconds: float,
) -> MasterReport:  # fmt: skip
    one, whole, encoded = album.tracks[number], found.analysis.measurements, written.encoded
    album_won_lu = encoded.measured.integrated_lufs - whole.integrated_lufs
    track_won_lu = written.tracks[number].integrated_lufs - found.tracks[number].integrated_lufs
    astray_lu = track_won_lu - album_won_lu
    share = AlbumShare(
        title=album.title,
        number=number + 1,
        tracks=len(album.tracks),
        input_lufs=whole.integrated_lufs,
        integrated_lufs=encoded.measured.integrated_lufs,
        gain_db=encoded.solved.gain_db,
        astray_lu=astray_lu if math.isfinite(astray_lu) else 0.0,
    )
    return MasterReport(
        source=one.source,
        destination=one.destination,
        source_info=started.joined.tracks[number].info,
        analysis=replace(found.analysis, measurements=found.tracks[number]),
        output=written.tracks[number],
        output_format=outputs[number],
        solved=encoded.solved,
        # Its part of the work on all.
        seconds=seconds * found.tracks[number].frames / whole.frames,
        warnings=(*one.source.warnings, *started.joined.warnings[number], *written.warnings[number]),
        encoding=encoded.encoding,
        published=written.published[number],
        album=share,
    )
