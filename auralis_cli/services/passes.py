"""The passes over one track: measure all of it, shape it and solve for its gain, render it.

Importing this brings the kernels' compiler, a third of a second: callers begin to decode first.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, nullcontext
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from auralis_cli.analysis.measure import LoudnessMeter, TrackMeter
from auralis_cli.analysis.sound_curves import SoundCurvesPart
from auralis_cli.analysis.sound_profile import ProfileMeter
from auralis_cli.audio.readahead import WriteBehind
from auralis_cli.audio.reader import open_reader
from auralis_cli.audio.replay import BLOCK_FRAMES, ReplayableAudio
from auralis_cli.audio.spool import spool_folder
from auralis_cli.dsp.sample_digest import SampleDigest
from auralis_cli.errors import InputError
from auralis_cli.mastering.control import ControlTrack
from auralis_cli.mastering.delivery import choose_delivery
from auralis_cli.mastering.matched_dynamics import match_dynamics
from auralis_cli.mastering.plan import make_plan
from auralis_cli.mastering.reduction import reduction_line
from auralis_cli.mastering.render import StagedSignal, limited_blocks, measure_control
from auralis_cli.mastering.solve import solve_gain
from auralis_cli.mastering.taste import told_of_taste, with_taste
from auralis_cli.model.audio import StreamInfo
from auralis_cli.model.mastering import MasteringPlan, MasterRequest, SolvedPlan
from auralis_cli.model.measurements import Measurements, TrackAnalysis
from auralis_cli.model.progress import CancelToken, ProgressSink
from auralis_cli.model.report_curves import ReductionLine, SoundCurves
from auralis_cli.model.sound_profile import SoundProfile
from auralis_cli.services.decoding import decode_ahead
from auralis_cli.services.warm_up import announce_compilation, compile_kernels

Block = NDArray[np.float32]

# Loudness, peaks and spectrum are measured side by side; the first in the calling thread.
_METER_THREADS = 2
_BLOCKS_BEHIND = 4
_REDUCTION_COLUMNS = 1000


def measure_track(
    blocks: Generator[Block],
    info: StreamInfo,
    progress: ProgressSink,
    cancel: CancelToken,
    *,
    with_picture: bool = False,
    with_profile: bool = False,
    in_turn: bool = False,
) -> TrackAnalysis:
    """Measures all of `blocks` and closes them; the picture is for plots, the profile for a reference.

    `in_turn` keeps to the calling thread, for processes of which every core has one.
    """
    if in_turn:
        announce_compilation(progress)
    else:
        compile_kernels(progress, cancel)
    with (
        nullcontext() if in_turn else ThreadPoolExecutor(_METER_THREADS, "meter") as threads,
        closing(_watched(blocks, info.frames, "measuring", progress, cancel)) as watched,
    ):
        meter = TrackMeter(
            info.sample_rate_hz, info.channels, threads, with_picture=with_picture, with_profile=with_profile
        )
        for block in watched:
            meter.add(block)
        return meter.result()


def measure_loudness(
    blocks: Generator[Block], info: StreamInfo, progress: ProgressSink, cancel: CancelToken
) -> Measurements:
    """Loudness, peaks and levels of all of `blocks`, which are closed, in the calling thread."""
    announce_compilation(progress)
    meter = LoudnessMeter(info.sample_rate_hz, info.channels)
    with closing(_watched(blocks, info.frames, "measuring", progress, cancel)) as watched:
        for block in watched:
            meter.add(block)
    return meter.result()


def holds_samples(
    blocks: Generator[Block],
    info: StreamInfo,
    expected: str,
    progress: ProgressSink,
    cancel: CancelToken,
    hear: Callable[[Block], object] = lambda _block: None,
) -> bool:
    """Whether `blocks`, which are closed and which `hear` hears, are the very samples of the digest `expected`."""
    digest = SampleDigest(info.channels)
    with closing(_watched(blocks, info.frames, "reading", progress, cancel)) as watched:
        for block in watched:
            digest.process(block)
            hear(block)
    return digest.result() == expected


def measure_profile(
    blocks: Generator[Block], info: StreamInfo, progress: ProgressSink, cancel: CancelToken
) -> tuple[Measurements, SoundProfile]:
    """How all of `blocks`, which are closed, sounds, to be compared with another."""
    compile_kernels(progress, cancel)
    with (
        ThreadPoolExecutor(1, "meter") as thread,
        closing(_watched(blocks, info.frames, "listening to the reference", progress, cancel)) as watched,
    ):
        meter = ProfileMeter(info.sample_rate_hz, info.channels, thread)
        for block in watched:
            meter.add(block)
        return meter.result()


def measure_curves(
    blocks: Generator[Block], info: StreamInfo, progress: ProgressSink, cancel: CancelToken
) -> SoundCurves:
    """What a report draws of all of `blocks`, which are closed."""
    part = SoundCurvesPart(info.sample_rate_hz, info.channels)
    with closing(_watched(blocks, info.frames, "drawing", progress, cancel)) as watched:
        for block in watched:
            part.add(block)
    return part.result()


def decide(analysis: TrackAnalysis, request: MasterRequest) -> MasteringPlan:
    """The plan for what was asked."""
    nobody_asked = request.loudness_lufs is None and not request.level_off and request.target is None
    wished = with_taste(analysis, request.sound, own_loudness=nobody_asked)
    delivery = choose_delivery(
        wished.sound,
        loudness_lufs=request.loudness_lufs,
        level_off=request.level_off,
        target=request.target,
        ceiling_dbtp=request.ceiling_dbtp,
        loudness_lu=wished.loudness_lu,
    )
    plan = make_plan(analysis, delivery, wished.sound)
    return plan if wished.applied is None else told_of_taste(plan, wished.applied)


def _spool_folder(request: MasterRequest) -> Path:
    """Beside the result; where that is a pipe, where temporary files go."""
    return spool_folder() if request.destination.path is None else request.destination.path.parent


# What a plan is given once the signal before the limiter is known.
Draw = Callable[[MasteringPlan, ControlTrack, Callable[[], None]], MasteringPlan]


class BlockWriter(Protocol):
    """Takes the finished audio, whatever becomes of it."""

    def write(self, block: Block) -> None:
        """Appends float32 `(frames, channels)`."""
        ...


class Rendering:
    """A plan on its way into sound: `solve` first, then `write`; `close` gives memory and disk back."""

    def __init__(
        self, audio: ReplayableAudio, plan: MasteringPlan, request: MasterRequest, progress: ProgressSink,
        cancel: CancelToken, draw: Draw = match_dynamics,
    ) -> None:  # fmt: skip
        info = audio.info
        self._draw = draw
        self._audio, self._plan, self._progress, self._cancel = audio, plan, progress, cancel
        self._signal = StagedSignal(audio, plan)
        self._track = ControlTrack(info.sample_rate_hz, info.channels, _spool_folder(request))
        self._with_curves = request.with_curves
        # Of what was written last; None where no report asks for them.
        self.curves: SoundCurves | None = None

    def solve(self) -> SolvedPlan:
        """Runs the stages once, keeps what the limiter needs to know, and finds the gain."""
        if self._plan.limiter is not None:
            with closing(self._blocks("shaping")) as blocks:
                measure_control(blocks, self._track)
        self._draw_stages()
        return self.solve_again(self._plan)

    def _draw_stages(self) -> None:
        """What the plan's goal asks for is known only now; the signal then goes through that too."""
        self._plan = self._draw(self._plan, self._track, self._sign_of_life)
        if not self._plan.is_drawn:
            return
        self._signal.continue_with(self._plan)
        track = self._track.fresh()
        self._track.close()
        self._track = track
        with closing(self._blocks("matching")) as blocks:
            measure_control(blocks, track)

    def write(self, solved: SolvedPlan, writer: BlockWriter) -> Measurements:
        """Encodes on one thread while limiting and measuring what is written on another."""
        info = self._audio.info
        meter = LoudnessMeter(info.sample_rate_hz, info.channels)
        part = SoundCurvesPart(info.sample_rate_hz, info.channels) if self._with_curves else None
        with (
            closing(self._blocks("rendering")) as blocks,
            closing(limited_blocks(blocks, self._track, solved)) as limited,
            WriteBehind(writer.write, _BLOCKS_BEHIND) as encoder,
        ):
            for block in limited:
                encoder.put(block)
                meter.add(block)
                if part is not None:
                    part.add(block)
        self.curves = None if part is None else part.result()
        return meter.result()

    def reduction(self, solved: SolvedPlan) -> ReductionLine | None:
        """What the limiter did, as a report draws it."""
        return reduction_line(self._track, solved, _REDUCTION_COLUMNS)

    def solve_again(self, plan: MasteringPlan) -> SolvedPlan:
        """The gain for another loudness or ceiling; the stages must be the same. Cheap: nothing is rendered."""
        self._sign_of_life()
        return solve_gain(plan, self._track, self._sign_of_life)

    def measure_written(self, path: Path) -> Measurements:
        """Measures a finished file by decoding it; raises InputError where that is not as long as the source."""
        return self.measure_parts([(path, self._audio.frames)])

    def measure_parts(
        self, parts: Sequence[tuple[Path, int]], hear: Callable[[Block], object] = lambda _block: None
    ) -> Measurements:
        """The same for files that hold so many frames each of the source, as one stream; `hear` hears it too."""
        info = self._audio.info
        meter = LoudnessMeter(info.sample_rate_hz, info.channels)
        blocks = decode_ahead(_decoded(parts), info.channels)
        with closing(_watched(blocks, self._audio.frames, "checking", self._progress, self._cancel)) as watched:
            for block in watched:
                meter.add(block)
                hear(block)
        return meter.result()

    def close(self) -> None:
        """Nothing is kept."""
        self._track.close()

    def _sign_of_life(self) -> None:
        self._cancel.raise_if_cancelled()
        self._progress.step("solving", None)

    def _blocks(self, task: str) -> Generator[Block]:
        return _watched(self._signal.blocks(), self._audio.frames, task, self._progress, self._cancel)


def _decoded(parts: Sequence[tuple[Path, int]]) -> Generator[Block]:
    """What finished files decode to, one after the other; InputError for one that is not as long as it should be."""
    for path, expected_frames in parts:
        frames = 0
        with open_reader(path) as reader:
            for block in reader.blocks(BLOCK_FRAMES):
                frames += len(block)
                yield block
        if frames != expected_frames:
            raise InputError(str(path), f"decodes to {frames} of {expected_frames} frames")


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
