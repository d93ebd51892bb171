"""Measuring one file from its first frame to its last."""

from __future__ import annotations

import time
from collections.abc import Generator
from contextlib import closing
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from auralis_cli.audio.opening import open_audio
from auralis_cli.audio.reader import AudioReader
from auralis_cli.audio.replay import BLOCK_FRAMES
from auralis_cli.errors import InputError
from auralis_cli.model.degraded import is_degradation
from auralis_cli.model.fingerprint import FingerprintFlag
from auralis_cli.model.measurements import Measurements
from auralis_cli.model.progress import CancelToken, ProgressSink
from auralis_cli.model.reports import AnalysisReport
from auralis_cli.model.source import NO_STREAMS, AudioSource, StandardStreams
from auralis_cli.services.decoding import decode_ahead


def analyze_file(
    source: AudioSource,
    progress: ProgressSink,
    cancel: CancelToken,
    streams: StandardStreams = NO_STREAMS,
    *,
    with_picture: bool = False,
    in_turn: bool = False,
) -> AnalysisReport:
    """Decodes and measures the whole of `source`; the picture is for plots.

    `in_turn` decodes and measures in one thread, for processes of which every core has one.

    Raises InputError for what cannot be read or holds no audio, CancelledError when asked to stop.
    """
    started = time.perf_counter()
    with (
        open_audio(source, streams.stdin) as reader,
        closing(_blocks(reader, in_turn=in_turn)) as blocks,
    ):
        # Decoding has begun; what is imported now takes as long as decoding a few minutes of audio.
        from auralis_cli.services.passes import measure_track

        analysis = measure_track(blocks, reader.info, progress, cancel, with_picture=with_picture, in_turn=in_turn)
        if analysis.measurements.frames == 0:
            raise InputError(source.name, "holds no audio")
        from auralis_cli.analysis.defects import find_defects

        defects = find_defects(analysis, reader.info, reader.warnings)
        of_audio = tuple(warning for warning in reader.warnings if not is_degradation(warning))
        if of_audio:
            analysis = replace(analysis, flags=(*analysis.flags, FingerprintFlag.DAMAGED))
        faults = (*of_audio, *_meaningless(analysis.measurements))
        ours = tuple(warning for warning in reader.warnings if is_degradation(warning))
    too_short = ("shorter than 0.4 s: loudness is undefined",) if analysis.measurements.too_short else ()
    warnings = (*source.warnings, *ours, *faults, *too_short)
    return AnalysisReport(source, reader.info, analysis, time.perf_counter() - started, faults, warnings, defects)


def _blocks(reader: AudioReader, *, in_turn: bool) -> Generator[NDArray[np.float32]]:
    return _in_one_place(reader) if in_turn else decode_ahead(reader.blocks(BLOCK_FRAMES), reader.info.channels)


def _in_one_place(reader: AudioReader) -> Generator[NDArray[np.float32]]:
    """Blocks that are valid until the next: memory that is new each time costs a twentieth of the work."""
    block = np.empty((BLOCK_FRAMES, reader.info.channels), np.float32)
    while filled := reader.read_into(block):
        yield block[:filled]


def _meaningless(measured: Measurements) -> tuple[str, ...]:
    return () if measured.meaningless is None else (f"{measured.meaningless}: the figures mean nothing",)
