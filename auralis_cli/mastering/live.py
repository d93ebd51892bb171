"""A master while it plays: what `mastering/render.py` renders of a solved plan, block by block, from any frame on."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict

import numpy as np
from numpy.typing import NDArray

from auralis_cli.dsp.limiter import Limiter, LimiterSettings
from auralis_cli.dsp.truepeak import control_block_frames
from auralis_cli.errors import StageError
from auralis_cli.mastering.chain import Chain
from auralis_cli.mastering.stages import Stage, build_stages
from auralis_cli.model.mastering import SolvedPlan

Block = NDArray[np.float32]

# The limiter forgets slowest: what a seek has left is 9 dB lower with each second. Over the open music and its presets
# 5 s bring the worst of it below −90 dB from 2 s after the seek on.
_PRE_ROLL_S = 6.0


class LiveMaster:
    """The master of one track from `start_frame` to its end, for one stream and one thread; a seek makes another.

    It is fed the track from `first_frame` (at or before `start_frame`: how it sounds there depends on what was
    before) to its end. What `process` returns, followed by what `flush` returns, is aligned with the track from
    `start_frame` on and as long.
    """

    def __init__(self, solved: SolvedPlan, sample_rate_hz: int, channels: int, start_frame: int = 0) -> None:
        if start_frame < 0:
            raise ValueError(f"start_frame must not be negative, not {start_frame}")
        before = start_frame - round(_PRE_ROLL_S * sample_rate_hz)
        # The limiter's control blocks lie where they lie in the whole track.
        self.first_frame = max(0, before - before % control_block_frames(sample_rate_hz))
        stages = build_stages(solved.plan, sample_rate_hz, channels, self.first_frame)
        limiter = solved.plan.limiter
        if limiter is not None:
            settings = LimiterSettings(**asdict(limiter))
            stages += (Stage("limiter", Limiter(settings, sample_rate_hz, channels, gain_db=solved.gain_db)),)
        # Each is aligned with the track for itself, as in rendering: some go by where in it they are.
        self._stages = tuple(_AlignedStage(stage, channels) for stage in stages)
        self._channels = channels
        self._in_use = threading.Lock()
        self._unwanted_frames = start_frame - self.first_frame

    def process(self, block: Block) -> Block:
        """What has become known by `block`, float32 `(frames, channels)`: none at first, in the end as much as went in.

        Raises StageError where a stage breaks its contract, or a second thread comes; this master is then done with.
        """
        with self._alone():
            for stage in self._stages:
                block = stage.process(block)
            return self._wanted(block)

    def flush(self) -> Block:
        """The rest, once the track has ended."""
        with self._alone():
            rest = np.zeros((0, self._channels), np.float32)
            for stage in self._stages:
                rest = np.concatenate((stage.process(rest), stage.flush()))
            return self._wanted(rest)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Nobody waits here: a second thread is a mistake of its caller, and would be heard."""
        if not self._in_use.acquire(blocking=False):
            raise StageError("live mastering", "is in use by another thread")
        try:
            yield
        finally:
            self._in_use.release()

    def _wanted(self, block: Block) -> Block:
        unwanted = min(self._unwanted_frames, len(block))
        self._unwanted_frames -= unwanted
        return block[unwanted:]


class _AlignedStage:
    """A stage without its latency: what comes out first belongs to what went in first."""

    def __init__(self, stage: Stage, channels: int) -> None:
        self._chain = Chain((stage,), channels)
        self._late_frames = self._chain.latency_frames

    def process(self, block: Block) -> Block:
        return self._in_time(self._chain.process(block))

    def flush(self) -> Block:
        return self._in_time(self._chain.flush())

    def _in_time(self, block: Block) -> Block:
        late = min(self._late_frames, len(block))
        self._late_frames -= late
        return block[late:]
