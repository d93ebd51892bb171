"""What a worker process does for the player: solves a track for live mastering, or measures its level."""

from __future__ import annotations

import math
import os
from contextlib import closing
from dataclasses import replace
from pathlib import Path

from auralis_cli.analysis.track_kind import kind_of
from auralis_cli.audio.downmix import two_channels
from auralis_cli.audio.opening import open_audio
from auralis_cli.audio.reader import AudioReader
from auralis_cli.audio.replay import BLOCK_FRAMES, ReplayableAudio
from auralis_cli.errors import InputError
from auralis_cli.mastering.early_plans import can_plan
from auralis_cli.model.live_mastering import LivePlan, MasteringWish, PlanStage
from auralis_cli.model.mastering import MasterRequest
from auralis_cli.model.measurements import Measurements, TrackAnalysis
from auralis_cli.model.playback import TrackLevels
from auralis_cli.model.presets import Preset
from auralis_cli.model.progress import CancelToken, ProgressSink
from auralis_cli.model.source import AudioSource, Destination
from auralis_cli.quick_dataclasses import dataclass
from auralis_cli.services.decoding import decode_ahead
from auralis_cli.services.master import analysis_of
from auralis_cli.services.passes import Rendering, decide, measure_loudness

# Whatever else the machine does goes first, the player above all.
_NICENESS = 19


@dataclass(frozen=True, slots=True)
class SolveJob:
    """A track to be solved: what was found out of it before is not found out again."""

    source: AudioSource
    wish: MasteringWish
    preset: Preset
    # Of just this file, else None; then the `library` may have it.
    analysis: TrackAnalysis | None
    library: Path | None


@dataclass(frozen=True, slots=True)
class Solved:
    """A plan, and the analysis it came from, without what only files of their own need."""

    plan: LivePlan
    analysis: TrackAnalysis


def solve_live(job: SolveJob, progress: ProgressSink, cancel: CancelToken) -> Solved:
    """The plan that `auralis master` would render, to the sample. Raises what `master_file` raises before it writes."""
    _be_nice()
    source, wish = job.source, job.wish
    request = MasterRequest(source, Destination(None), wish.sound(job.preset))
    with closing(ReplayableAudio(lambda: _open(source), source.name)) as audio:
        # A profile is no part of what is kept on disk: where one is needed, what is known is listened to again.
        known = job.analysis if job.analysis is not None and can_plan(job.analysis, wish) else None
        analysis = known or analysis_of(audio, request, job.library, progress, cancel)[0]
        with closing(Rendering(audio, decide(analysis, request), request, progress, cancel)) as rendering:
            solved = rendering.solve()
    measured = analysis.measurements
    plan = LivePlan(
        wish=wish,
        stage=PlanStage.SOLVED,
        solved=solved,
        input_lufs=_known(measured.integrated_lufs),
        input_true_peak_dbtp=_known(measured.true_peak_dbtp),
        output_lufs=_known(solved.expected_lufs if solved.plan.limiter is not None else measured.integrated_lufs),
        kind=kind_of(analysis),
    )
    return Solved(plan, replace(analysis, landmarks=None, picture=None))


def measure_levels(source: AudioSource, progress: ProgressSink, cancel: CancelToken) -> TrackLevels:
    """Loudness and true peak of all of `source`."""
    _be_nice()
    with _open(source) as reader, closing(decode_ahead(reader.blocks(BLOCK_FRAMES), reader.info.channels)) as blocks:
        return levels_of(measure_loudness(blocks, reader.info, progress, cancel), source.name)


def levels_of(measured: Measurements, name: str) -> TrackLevels:
    """What of `measured` normalising goes by; raises InputError where it is the measure of no sound."""
    if measured.meaningless is not None:
        raise InputError(name, measured.meaningless)
    return TrackLevels(_known(measured.integrated_lufs), _known(measured.true_peak_dbtp))


def _open(source: AudioSource) -> AudioReader:
    return two_channels(open_audio(source))


def _be_nice() -> None:
    os.setpriority(os.PRIO_PROCESS, 0, _NICENESS)


def _known(level: float) -> float | None:
    return level if math.isfinite(level) else None
