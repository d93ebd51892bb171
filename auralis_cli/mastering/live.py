"""A master while it plays: what `mastering/render.py` renders of a solved plan, block by block, from any frame on."""

from __future__ import annotations

from dataclasses import asdict

import numpy as np
from numpy.typing import NDArray

from auralis_cli.dsp.limiter import Limiter, LimiterSettings
from auralis_cli.dsp.truepeak import control_block_frames
from auralis_cli.mastering.chain import Chain
from auralis_cli.mastering.stages import Stage, build_stages
from auralis_cli.model.mastering import SolvedPlan

Block = NDArray[np.float32]

_PRE_ROLL_S = 7.0


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
        self._chain = Chain(stages, channels)
        self._dropped_frames = self._chain.latency_frames + start_frame - self.first_frame

    def process(self, block: Block) -> Block:
        """What has become known by `block`, float32 `(frames, channels)`: none at first, in the end as much as went in.

        Raises StageError where a stage breaks its contract; this master must then be thrown away.
        """
        return self._aligned(self._chain.process(block))

    def flush(self) -> Block:
        """The rest, once the track has ended."""
        return self._aligned(self._chain.flush())

    def _aligned(self, block: Block) -> Block:
        dropped = min(self._dropped_frames, len(block))
        self._dropped_frames -= dropped
        return block[dropped:]
