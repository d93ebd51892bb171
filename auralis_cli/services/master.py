"""Mastering one file: measure the whole track, decide, solve for the gain, render, measure again."""

from __future__ import annotations

import time
from collections.abc import Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import numpy as np
from numpy.typing import NDArray

from auralis_cli.analysis.measure import LoudnessMeter, TrackMeter
from auralis_cli.audio.formats import writable_format
from auralis_cli.audio.readahead import WriteBehind, read_ahead
from auralis_cli.audio.reader import AudioReader, open_reader
from auralis_cli.audio.replay import ReplayableAudio
from auralis_cli.audio.resample import ResampledReader
from auralis_cli.audio.tags import copy_tags
from auralis_cli.audio.writer import AtomicWriter
from auralis_cli.errors import InputError, RefusedError
from auralis_cli.mastering.control import ControlTrack
from auralis_cli.mastering.plan import make_plan
from auralis_cli.mastering.render import BLOCK_FRAMES, StagedSignal, limited_blocks, measure_control
from auralis_cli.mastering.solve import solve_gain
from auralis_cli.mastering.targets import choose_delivery
from auralis_cli.model.audio import Dither, OutputFormat, StreamInfo, Subtype
from auralis_cli.model.mastering import MasteringPlan, MasterPreview, MasterReport, MasterRequest, SolvedPlan
from auralis_cli.model.measurements import TrackAnalysis
from auralis_cli.model.progress import CancelToken, ProgressSink
from auralis_cli.services.trash import move_to_trash
from auralis_cli.services.warm_up import announce_compilation

Block = NDArray[np.float32]

# Decoding runs ahead while kernels are loaded: 64 blocks are a minute and a half of stereo, 32 MiB.
_BLOCKS_AHEAD = 64
_BLOCKS_BEHIND = 4
_DEFAULT_BITS = 24


def preview_master(request: MasterRequest, progress: ProgressSink, cancel: CancelToken) -> MasterPreview:
    """Measures and decides, renders nothing; the gain is only predicted.

    Raises what `master_file` raises before it renders.
    """
    _refuse_bad_paths(request)
    announce_compilation(progress)
    with closing(ReplayableAudio(lambda: _open(request), memory_bytes=0)) as audio:
        analysis = _measure(audio, request, progress, cancel)
        return MasterPreview(
            source=request.source,
            destination=request.destination,
            input=analysis.measurements,
            plan=_plan(analysis, request),
            warnings=audio.warnings,
        )


def master_file(request: MasterRequest, progress: ProgressSink, cancel: CancelToken) -> MasterReport:
    """Masters `request.source` into `request.destination`.

    Raises InputError for a source that cannot be read or holds NaN or Inf, RefusedError for a
    destination that is the source or exists already (without `force`), OutputError where the result
    cannot be written, StageError where a stage breaks its contract, CancelledError when asked to
    stop. Nothing is left behind in any of these cases.
    """
    started = time.perf_counter()
    _refuse_bad_paths(request)
    announce_compilation(progress)
    with closing(ReplayableAudio(lambda: _open(request))) as audio:
        analysis = _measure(audio, request, progress, cancel)
        plan = _plan(analysis, request)
        signal = StagedSignal(audio, plan)
        info = audio.info
        track = ControlTrack(info.sample_rate_hz, info.channels, request.destination.parent)
        with closing(track):
            if plan.limiter is not None:
                with closing(_watched(signal.blocks(), audio.frames, "shaping", progress, cancel)) as blocks:
                    measure_control(blocks, track)
            progress.step("solving", None)
            solved = solve_gain(plan, track)
            output = _output_format(request, info, analysis, solved)
            with closing(_watched(signal.blocks(), audio.frames, "rendering", progress, cancel)) as blocks:
                meter, warnings = _render(limited_blocks(blocks, track, solved), request, output, audio.frames)
    return MasterReport(
        source=request.source,
        destination=request.destination,
        source_info=info,
        analysis=analysis,
        output=meter.result(),
        output_subtype=output.subtype,
        solved=solved,
        seconds=time.perf_counter() - started,
        warnings=(*audio.warnings, *warnings),
    )


def _refuse_bad_paths(request: MasterRequest) -> None:
    source, destination = request.source, request.destination
    if not destination.exists():
        return
    if source.exists() and source.samefile(destination):
        raise RefusedError(str(destination), "input and output are the same file")
    if not request.force:
        raise RefusedError(str(destination), "exists already", "--force replaces it; the old file goes to the trash")


def _open(request: MasterRequest) -> AudioReader:
    reader = open_reader(request.source)
    if request.rate_hz is None or request.rate_hz == reader.info.sample_rate_hz:
        return reader
    return ResampledReader(reader, request.rate_hz)


def _measure(
    audio: ReplayableAudio, request: MasterRequest, progress: ProgressSink, cancel: CancelToken
) -> TrackAnalysis:
    ahead = read_ahead(audio.blocks(BLOCK_FRAMES), _BLOCKS_AHEAD)
    with (
        ThreadPoolExecutor(2, "meter") as threads,
        closing(_watched(ahead, audio.info.frames, "measuring", progress, cancel)) as blocks,
    ):
        meter = TrackMeter(audio.info.sample_rate_hz, audio.info.channels, threads)
        for block in blocks:
            meter.add(block)
        analysis = meter.result()
    where = analysis.measurements.first_non_finite_frame
    if where is not None:
        raise InputError(str(request.source), f"holds NaN or Inf at frame {where}")
    if audio.frames == 0:
        raise InputError(str(request.source), "holds no audio")
    return analysis


def _plan(analysis: TrackAnalysis, request: MasterRequest) -> MasteringPlan:
    delivery = choose_delivery(
        request.preset,
        loudness_lufs=request.loudness_lufs,
        level_off=request.level_off,
        target=request.target,
        ceiling_dbtp=request.ceiling_dbtp,
    )
    return make_plan(analysis, delivery, request.preset, request.intensity)


def _output_format(
    request: MasterRequest, info: StreamInfo, analysis: TrackAnalysis, solved: SolvedPlan
) -> OutputFormat:
    subtype = request.subtype or _default_subtype(info)
    grid = analysis.measurements.on_grid_bits
    untouched = solved.leaves_samples and grid is not None and grid <= (subtype.bits or 0)
    return OutputFormat(
        format=writable_format(request.destination).key,
        sample_rate_hz=info.sample_rate_hz,
        channels=info.channels,
        subtype=subtype,
        dither=Dither.NONE if untouched else request.dither,
    )


def _default_subtype(info: StreamInfo) -> Subtype:
    """24 bit, or the source's where that is less (never below 16)."""
    bits = info.subtype.bits
    return Subtype.PCM_16 if bits is not None and bits <= 16 < _DEFAULT_BITS else Subtype.PCM_24


def _render(
    blocks: Iterator[Block], request: MasterRequest, output: OutputFormat, frames: int
) -> tuple[LoudnessMeter, tuple[str, ...]]:
    """Encodes on one thread while limiting and metering on another; publishes only what is complete."""
    meter = LoudnessMeter(output.sample_rate_hz, output.channels)
    with AtomicWriter(request.destination, output, expected_frames=frames) as writer:
        with WriteBehind(writer.write, _BLOCKS_BEHIND) as encoder:
            for block in blocks:
                encoder.put(block)
                meter.add(block)
        writer.close_audio()
        warnings = copy_tags(request.source, writer.temporary_path)
        if request.force and request.destination.exists():
            move_to_trash(request.destination)
        writer.commit(expected_frames=frames, replace=request.force)
    return meter, warnings


def _watched(
    blocks: Generator[Block], total_frames: int | None, task: str, progress: ProgressSink, cancel: CancelToken
) -> Generator[Block]:
    """`blocks` with progress and a way out; closing it closes them, and with them their threads."""
    done = 0
    with closing(blocks):
        for block in blocks:
            cancel.raise_if_cancelled()
            yield block
            done += len(block)
            progress.step(task, min(1.0, done / total_frames) if total_frames else None)
    cancel.raise_if_cancelled()
