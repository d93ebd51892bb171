"""Mastering one file: measure the whole track, decide, solve for the gain, render, measure again."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, closing, nullcontext
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from auralis_cli.audio.formats import AudioFormat
from auralis_cli.audio.opening import open_audio
from auralis_cli.audio.output_choice import output_choice, output_format, output_rate_hz
from auralis_cli.audio.pipes import WhileRead
from auralis_cli.audio.reader import AudioReader
from auralis_cli.audio.replay import BLOCK_FRAMES, ReplayableAudio
from auralis_cli.audio.spool import spool_folder
from auralis_cli.errors import InputError, OutputError, RefusedError
from auralis_cli.model.audio import Dither, OutputFormat
from auralis_cli.model.master_reports import MasterPreview, MasterReport
from auralis_cli.model.mastering import MasterRequest, SolvedPlan
from auralis_cli.model.measurements import TrackAnalysis
from auralis_cli.model.passages import PreviewFiles, before_path
from auralis_cli.model.progress import CancelToken, ProgressSink
from auralis_cli.model.published_file import PublishedFile
from auralis_cli.model.report_curves import ReportCurves, SoundCurves
from auralis_cli.model.source import NO_STREAMS, StandardStreams
from auralis_cli.services.decoding import decode_ahead
from auralis_cli.services.known_analysis import known_analysis

if TYPE_CHECKING:
    from auralis_cli.services.encoding import Encoded
    from auralis_cli.services.passes import Rendering
    from auralis_cli.services.preview_writing import Preview


def preview_master(
    request: MasterRequest,
    progress: ProgressSink,
    cancel: CancelToken,
    streams: StandardStreams = NO_STREAMS,
    *,
    library: Path | None = None,
) -> MasterPreview:
    """Measures and decides, renders nothing; the gain is only predicted.

    What the `library` has measured of the same samples is not measured again, here and in `master_file`.

    Raises what `master_file` raises before it renders.
    """
    row = output_choice(request)
    refuse_bad_paths(request)
    with closing(ReplayableAudio(lambda: _open(request, row, streams), request.source.name, memory_bytes=0)) as audio:
        output = output_format(request, row, audio.info)
        analysis, is_stored = analysis_of(audio, request, library, progress, cancel)
        from auralis_cli.services.passes import decide

        return MasterPreview(
            source=request.source,
            destination=request.destination,
            source_info=audio.info,
            output_format=output,
            input=analysis.measurements,
            plan=decide(analysis, request),
            warnings=(*request.source.warnings, *audio.warnings),
            is_stored=is_stored,
        )


def master_file(
    request: MasterRequest,
    progress: ProgressSink,
    cancel: CancelToken,
    streams: StandardStreams = NO_STREAMS,
    *,
    library: Path | None = None,
    before_publishing: Callable[[Path], None] = lambda _finished: None,
) -> MasterReport:
    """Masters `request.source` into `request.destination`; either may be one of `streams`.

    `before_publishing` receives the finished file just before it is given its name.

    Raises InputError for a source that cannot be read or holds what is no sound (NaN, Inf), RefusedError for a
    destination that is the source or exists already (without `force`), OutputError where the result
    cannot be written, StageError where a stage breaks its contract, CancelledError when asked to
    stop. Nothing is left behind in any of these cases.
    """
    started = time.perf_counter()
    row = output_choice(request)
    refuse_bad_paths(request)
    if request.destination.path is None and streams.stdout is not None:
        cancel = WhileRead(cancel, streams.stdout)
    # What comes through a pipe comes once.
    spool = spool_folder() if request.source.path is None else None
    opener = partial(_open, request, row, streams)
    with closing(ReplayableAudio(opener, request.source.name, spool_folder=spool)) as audio:
        output = output_format(request, row, audio.info)
        analysis, is_stored = analysis_of(audio, request, library, progress, cancel)
        from auralis_cli.services.passes import Rendering, decide, measure_curves

        plan = decide(analysis, request)
        before: SoundCurves | None = None
        if request.with_curves:
            # Now: rendering writes over what the source holds.
            before = measure_curves(audio.blocks(BLOCK_FRAMES), audio.info, progress, cancel)
        if request.destination.path is not None:
            make_result_folder(request.destination.path.parent)
        with (
            _preview(audio, analysis, request, output) as preview,
            closing(Rendering(audio, plan, request, progress, cancel)) as rendering,
        ):
            solved = rendering.solve()
            if lies_on_grid(analysis, solved, output):
                output = replace(output, dither=Dither.NONE)
            files: PreviewFiles | None = None
            published: PublishedFile | None
            if preview is not None:
                encoded, published, files = preview.write(rendering, solved, output, before_publishing)
            else:
                written = _write(rendering, solved, request, output, audio.frames, streams, before_publishing)
                encoded, published = written
            curves = report_curves(before, rendering, encoded.solved, request)
    return MasterReport(
        source=request.source,
        destination=request.destination,
        source_info=audio.info,
        analysis=analysis,
        output=encoded.measured,
        output_format=output,
        solved=encoded.solved,
        seconds=time.perf_counter() - started,
        warnings=(*request.source.warnings, *audio.warnings, *encoded.warnings),
        encoding=encoded.encoding,
        published=published,
        is_stored=is_stored,
        preview=files,
        curves=curves,
    )


def report_curves(
    before: SoundCurves | None, rendering: Rendering, solved: SolvedPlan, request: MasterRequest
) -> ReportCurves | None:
    """What a report draws; None where nothing was measured for it."""
    if before is None or rendering.curves is None:
        return None
    reference = request.sound.reference
    spectrum = None if reference is None or solved.plan.reference is None else reference.profile.together_db
    return ReportCurves(before, rendering.curves, rendering.reduction(solved), spectrum)


def _preview(
    audio: ReplayableAudio, analysis: TrackAnalysis, request: MasterRequest, output: OutputFormat
) -> AbstractContextManager[Preview | None]:
    """What the source has there is taken now: rendering writes over it."""
    if request.preview_s is None:
        return nullcontext()
    from auralis_cli.services.preview_writing import Preview

    return Preview(audio, analysis, request, output)


def refuse_bad_paths(request: MasterRequest) -> None:
    """Says before the work, not after it, that the result could not be put where it is wanted."""
    source, destination = request.source.path, request.destination.path
    if destination is None:
        return
    folder = destination.parent
    while request.make_folders and not folder.exists():
        folder = folder.parent
    if not folder.is_dir():
        raise OutputError(str(destination), "its folder does not exist")
    if not os.access(folder, os.W_OK | os.X_OK):
        raise OutputError(str(destination), "its folder may not be written to")
    reference = request.sound.reference
    if reference is not None and _is_same(Path(reference.name), destination):
        raise RefusedError(str(destination), "reference and output are the same file")
    _refuse_taken(destination, source, force=request.force)
    if request.preview_s is not None:
        _refuse_taken(before_path(destination), source, force=request.force)


def _is_same(one: Path, other: Path) -> bool:
    # A query is no path, and may be longer than one can be.
    return os.path.exists(one) and os.path.exists(other) and os.path.samefile(one, other)


def _refuse_taken(destination: Path, source: Path | None, *, force: bool) -> None:
    if not destination.exists() and not destination.is_symlink():
        return
    if source is not None and _is_same(source, destination):
        raise RefusedError(str(destination), "input and output are the same file")
    if destination.is_dir():
        raise RefusedError(str(destination), "is a folder")
    if not force:
        raise RefusedError(str(destination), "exists already", "--force replaces it; the old file goes to the trash")


def _open(request: MasterRequest, row: AudioFormat, streams: StandardStreams) -> AudioReader:
    """The source at the rate of the result: what converts later moves peaks that were set right."""
    reader = open_audio(request.source, streams.stdin)
    rate_hz = output_rate_hz(request, row, reader.info.sample_rate_hz)
    if rate_hz == reader.info.sample_rate_hz:
        return reader
    from auralis_cli.audio.resample import ResampledReader

    return ResampledReader(reader, rate_hz)


def analysis_of(
    audio: ReplayableAudio, request: MasterRequest, library: Path | None, progress: ProgressSink, cancel: CancelToken
) -> tuple[TrackAnalysis, bool]:
    """The analysis of all of `audio`, and whether the library had it."""
    with closing(decode_ahead(audio.blocks(BLOCK_FRAMES), audio.info.channels)) as blocks:
        # Decoding has begun; what is imported now takes as long as decoding a few minutes of audio.
        known = known_analysis(library, request.source, audio.info)
        from auralis_cli.analysis.profile_part import ProfilePart
        from auralis_cli.services.passes import holds_samples, measure_track

        compares = request.sound.reference is not None
        if known is None:
            found = measure_track(blocks, audio.info, progress, cancel, with_profile=compares)
            return _sound(found, audio, request), False
        part = ProfilePart(audio.info.sample_rate_hz, audio.info.channels) if compares else None
        hear = (lambda _block: None) if part is None else part.add
        if holds_samples(blocks, audio.info, known.sample_digest, progress, cancel, hear):
            if part is not None:
                known = replace(known, profile=part.result(known.measurements))
            return _sound(known, audio, request), True
    with closing(decode_ahead(audio.blocks(BLOCK_FRAMES), audio.info.channels)) as blocks:
        found = measure_track(blocks, audio.info, progress, cancel, with_profile=compares)
        return _sound(found, audio, request), False


def _sound(analysis: TrackAnalysis, audio: ReplayableAudio, request: MasterRequest) -> TrackAnalysis:
    """The analysis; raises InputError where there is nothing that sound could be made of."""
    if analysis.measurements.meaningless is not None:
        raise InputError(request.source.name, analysis.measurements.meaningless)
    if audio.frames == 0:
        raise InputError(request.source.name, "holds no audio")
    return analysis


def lies_on_grid(analysis: TrackAnalysis, solved: SolvedPlan, output: OutputFormat) -> bool:
    """Whether every sample comes out as it went in and fits: then there is nothing to dither."""
    grid = analysis.measurements.on_grid_bits
    return solved.leaves_samples and grid is not None and grid <= (output.subtype.bits or 0)


def _write(
    rendering: Rendering,
    solved: SolvedPlan,
    request: MasterRequest,
    output: OutputFormat,
    frames: int,
    streams: StandardStreams,
    before_publishing: Callable[[Path], None],
) -> tuple[Encoded, PublishedFile | None]:
    """Renders beside the destination and publishes only what is complete."""
    from auralis_cli.audio.writer import AtomicWriter
    from auralis_cli.services.encoding import encode
    from auralis_cli.services.publishing import publish
    from auralis_cli.services.streaming import copy_source_tags, write_stream

    source, path = request.source.path, request.destination.path
    if path is None:
        return write_stream(rendering, solved, request, output, frames, streams.stdout), None
    mtime_ns = os.stat(source).st_mtime_ns if request.keep_mtime and source is not None else None
    with AtomicWriter(path, output, expected_frames=frames) as writer:
        encoded = encode(rendering, solved, writer, output, lambda: rendering.measure_written(writer.temporary_path))
        warnings = copy_source_tags(request.source, writer.temporary_path)
        published = publish(writer, path, frames, mtime_ns=mtime_ns, ready=before_publishing, force=request.force)
    return replace(encoded, warnings=(*encoded.warnings, *warnings)), published


def make_result_folder(folder: Path) -> None:
    """Makes the folder a result goes to; only where that was asked for is it missing here."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(str(folder), error.strerror or "cannot be made") from error
