"""Mastering one file: measure the whole track, decide, solve for the gain, render, measure again."""

from __future__ import annotations

import os
import time
from contextlib import closing
from dataclasses import replace
from typing import TYPE_CHECKING

from auralis_cli.audio.formats import check_output, writable_format
from auralis_cli.audio.opening import open_audio
from auralis_cli.audio.reader import AudioReader
from auralis_cli.audio.replay import BLOCK_FRAMES, ReplayableAudio
from auralis_cli.audio.spool import spool_folder
from auralis_cli.errors import InputError, OutputError, RefusedError
from auralis_cli.model.audio import Dither, OutputFormat, StreamInfo, Subtype
from auralis_cli.model.mastering import MasterPreview, MasterReport, MasterRequest, SolvedPlan
from auralis_cli.model.measurements import Measurements, TrackAnalysis
from auralis_cli.model.progress import CancelToken, ProgressSink
from auralis_cli.model.source import NO_STREAMS, StandardStreams
from auralis_cli.services.decoding import decode_ahead
from auralis_cli.services.trash import move_to_trash

if TYPE_CHECKING:
    from auralis_cli.services.passes import Rendering


def preview_master(
    request: MasterRequest, progress: ProgressSink, cancel: CancelToken, streams: StandardStreams = NO_STREAMS
) -> MasterPreview:
    """Measures and decides, renders nothing; the gain is only predicted.

    Raises what `master_file` raises before it renders.
    """
    _refuse_bad_paths(request)
    with closing(ReplayableAudio(lambda: _open(request, streams), request.source.name, memory_bytes=0)) as audio:
        output = _output_format(request, audio.info)
        check_output(output)
        analysis = _measure(audio, request, progress, cancel)
        from auralis_cli.services.passes import decide

        return MasterPreview(
            source=request.source,
            destination=request.destination,
            source_info=audio.info,
            output_format=output,
            input=analysis.measurements,
            plan=decide(analysis, request),
            warnings=audio.warnings,
        )


def master_file(
    request: MasterRequest, progress: ProgressSink, cancel: CancelToken, streams: StandardStreams = NO_STREAMS
) -> MasterReport:
    """Masters `request.source` into `request.destination`; either may be one of `streams`.

    Raises InputError for a source that cannot be read or holds NaN or Inf, RefusedError for a
    destination that is the source or exists already (without `force`), OutputError where the result
    cannot be written, StageError where a stage breaks its contract, CancelledError when asked to
    stop. Nothing is left behind in any of these cases.
    """
    started = time.perf_counter()
    _refuse_bad_paths(request)
    # What comes through a pipe comes once.
    spool = spool_folder() if request.source.path is None else None
    with closing(ReplayableAudio(lambda: _open(request, streams), request.source.name, spool_folder=spool)) as audio:
        output = _output_format(request, audio.info)
        check_output(output)
        analysis = _measure(audio, request, progress, cancel)
        from auralis_cli.services.passes import Rendering, decide

        plan = decide(analysis, request)
        with closing(Rendering(audio, plan, request, progress, cancel)) as rendering:
            solved = rendering.solve()
            if _lies_on_grid(analysis, solved, output):
                output = replace(output, dither=Dither.NONE)
            measured, warnings = _write(rendering, solved, request, output, audio.frames, streams)
    return MasterReport(
        source=request.source,
        destination=request.destination,
        source_info=audio.info,
        analysis=analysis,
        output=measured,
        output_format=output,
        solved=solved,
        seconds=time.perf_counter() - started,
        warnings=(*audio.warnings, *warnings),
    )


def _refuse_bad_paths(request: MasterRequest) -> None:
    """Says before the work, not after it, that the result could not be put where it is wanted."""
    source, destination = request.source.path, request.destination.path
    if destination is None:
        return
    folder = destination.parent
    if not folder.is_dir():
        raise OutputError(str(destination), "its folder does not exist")
    if not os.access(folder, os.W_OK | os.X_OK):
        raise OutputError(str(destination), "its folder may not be written to")
    if not destination.exists() and not destination.is_symlink():
        return
    if source is not None and source.exists() and destination.exists() and source.samefile(destination):
        raise RefusedError(str(destination), "input and output are the same file")
    if not request.force:
        raise RefusedError(str(destination), "exists already", "--force replaces it; the old file goes to the trash")


def _open(request: MasterRequest, streams: StandardStreams) -> AudioReader:
    reader = open_audio(request.source, streams.stdin)
    if request.rate_hz is None or request.rate_hz == reader.info.sample_rate_hz:
        return reader
    from auralis_cli.audio.resample import ResampledReader

    return ResampledReader(reader, request.rate_hz)


def _measure(
    audio: ReplayableAudio, request: MasterRequest, progress: ProgressSink, cancel: CancelToken
) -> TrackAnalysis:
    with closing(decode_ahead(audio.blocks(BLOCK_FRAMES), audio.info.channels)) as blocks:
        # Decoding has begun; what is imported now takes as long as decoding a few minutes of audio.
        from auralis_cli.services.passes import measure_track

        analysis = measure_track(blocks, audio.info, progress, cancel)
    where = analysis.measurements.first_non_finite_frame
    if where is not None:
        raise InputError(request.source.name, f"holds NaN or Inf at frame {where}")
    if audio.frames == 0:
        raise InputError(request.source.name, "holds no audio")
    return analysis


def _output_format(request: MasterRequest, info: StreamInfo) -> OutputFormat:
    return OutputFormat(
        format=_chosen_format(request),
        sample_rate_hz=info.sample_rate_hz,
        channels=info.channels,
        subtype=request.subtype or _default_subtype(request, info),
        dither=request.dither,
    )


def _chosen_format(request: MasterRequest) -> str:
    if request.format is not None:
        return request.format
    return "wav" if request.destination.path is None else writable_format(request.destination.path).key


def _lies_on_grid(analysis: TrackAnalysis, solved: SolvedPlan, output: OutputFormat) -> bool:
    """Whether every sample comes out as it went in and fits: then there is nothing to dither."""
    grid = analysis.measurements.on_grid_bits
    return solved.leaves_samples and grid is not None and grid <= (output.subtype.bits or 0)


def _default_subtype(request: MasterRequest, info: StreamInfo) -> Subtype:
    """24 bit, or the source's where that is less (never below 16); what goes through a pipe is always alike."""
    if request.destination.path is None:
        return Subtype.PCM_24
    return Subtype.PCM_16 if info.subtype in (Subtype.PCM_8, Subtype.PCM_16) else Subtype.PCM_24


def _write(
    rendering: Rendering,
    solved: SolvedPlan,
    request: MasterRequest,
    output: OutputFormat,
    frames: int,
    streams: StandardStreams,
) -> tuple[Measurements, tuple[str, ...]]:
    """Renders beside the destination and publishes only what is complete."""
    from auralis_cli.audio.writer import AtomicWriter
    from auralis_cli.services.streaming import copy_source_tags, write_stream

    path = request.destination.path
    if path is None:
        return write_stream(rendering, solved, request, output, frames, streams.stdout)
    with AtomicWriter(path, output, expected_frames=frames) as writer:
        measured = rendering.write(solved, writer)
        writer.close_audio()
        warnings = copy_source_tags(request.source, writer.temporary_path)
        writer.commit(expected_frames=frames, displace=move_to_trash if request.force else None)
    return measured, warnings
