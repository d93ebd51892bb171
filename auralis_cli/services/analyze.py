"""Measuring one file from its first frame to its last."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

from auralis_cli.analysis.measure import TrackMeter
from auralis_cli.audio.readahead import read_ahead
from auralis_cli.audio.reader import open_reader
from auralis_cli.errors import InputError
from auralis_cli.model.measurements import Measurements
from auralis_cli.model.progress import CancelToken, ProgressSink
from auralis_cli.model.reports import AnalysisReport
from auralis_cli.services.warm_up import announce_compilation

_BLOCK_FRAMES = 1 << 17
_BLOCKS_AHEAD = 4
# Loudness, peaks and spectrum are measured side by side; the first in the calling thread.
_METER_THREADS = 2


def analyze_file(path: Path, progress: ProgressSink, cancel: CancelToken) -> AnalysisReport:
    """Decodes and measures the whole of `path`.

    Raises InputError for what cannot be read or holds no audio, CancelledError when asked to stop.
    """
    started = time.perf_counter()
    announce_compilation(progress)
    with open_reader(path) as reader, ThreadPoolExecutor(_METER_THREADS) as threads:
        info = reader.info
        meter = TrackMeter(info.sample_rate_hz, info.channels, threads)
        frames = 0
        with closing(read_ahead(reader.blocks(_BLOCK_FRAMES), _BLOCKS_AHEAD)) as blocks:
            for block in blocks:
                cancel.raise_if_cancelled()
                meter.add(block)
                frames += len(block)
                progress.step("measuring", min(1.0, frames / info.frames) if info.frames else None)
        if frames == 0:
            raise InputError(str(path), "holds no audio")
        analysis = meter.result()
        faults = (*reader.warnings, *_non_finite(analysis.measurements))
    warnings = (*faults, "shorter than 0.4 s: loudness is undefined") if analysis.measurements.too_short else faults
    return AnalysisReport(path, info, analysis, time.perf_counter() - started, faults, warnings)


def _non_finite(measured: Measurements) -> tuple[str, ...]:
    frame = measured.first_non_finite_frame
    return () if frame is None else (f"holds NaN or Inf at frame {frame}: the figures mean nothing",)
