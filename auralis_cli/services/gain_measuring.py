"""Measuring one file for its gain, in this process or in a worker: loudness, true peak and blocks, nothing else."""

from __future__ import annotations

import numpy as np

from auralis_cli.audio.opening import open_audio
from auralis_cli.audio.replay import BLOCK_FRAMES
from auralis_cli.audio.track_file import full_hash
from auralis_cli.errors import InputError
from auralis_cli.model.degraded import is_degradation
from auralis_cli.model.library import FileStat
from auralis_cli.model.progress import CancelToken, ProgressSink
from auralis_cli.model.replaygain import GainMeasurement, peak_of
from auralis_cli.model.source import AudioSource
from auralis_cli.services.scan_work import stat_if_any
from auralis_cli.services.warm_up import announce_compilation


def measure_for_gain(source: AudioSource, progress: ProgressSink, cancel: CancelToken) -> GainMeasurement:
    """Decodes the whole of `source` in the calling thread; a damaged file as far as it goes, with warnings.

    Raises InputError for what cannot be read, holds no audio or no sound, CancelledError when asked to stop.
    """
    announce_compilation(progress)
    was, audio_hash = _hashed(source, progress, cancel)
    with open_audio(source) as reader:
        from auralis_cli.analysis.measure import LoudnessMeter

        info = reader.info
        meter = LoudnessMeter(info.sample_rate_hz, info.channels)
        block = np.empty((BLOCK_FRAMES, info.channels), np.float32)
        done = 0
        while filled := reader.read_into(block):
            cancel.raise_if_cancelled()
            meter.add(block[:filled])
            done += filled
            progress.step("measuring", min(1.0, done / info.frames) if info.frames else None)
        warnings = tuple(warning for warning in reader.warnings if not is_degradation(warning))
    measured = meter.result()
    if measured.frames == 0:
        raise InputError(source.name, "holds no audio")
    if measured.meaningless is not None:
        raise InputError(source.name, f"{measured.meaningless}: no gain can be had from it")
    if was is None or stat_if_any(str(source.path)) != was:
        audio_hash = None
    return GainMeasurement(
        measured.integrated_lufs, peak_of(measured.true_peak_dbtp), meter.block_levels(), warnings, audio_hash
    )


def _hashed(source: AudioSource, progress: ProgressSink, cancel: CancelToken) -> tuple[FileStat | None, str | None]:
    """The file as it is, and the hash of its audio; None where that cannot be told."""

    def going_on() -> None:
        cancel.raise_if_cancelled()
        progress.step("measuring", None)

    path = str(source.path)
    was = stat_if_any(path)
    try:
        return was, None if was is None else full_hash(path, going_on)
    except InputError:
        return None, None
