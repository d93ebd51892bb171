"""Measures how a track sounds, as it is compared with another: blocks in, a `SoundProfile` out, in constant memory."""

from __future__ import annotations

from concurrent.futures import Executor

import numpy as np
from numpy.typing import NDArray

from auralis_cli.analysis.measure import LoudnessMeter
from auralis_cli.analysis.profile_part import ProfilePart
from auralis_cli.model.measurements import Measurements
from auralis_cli.model.sound_profile import SoundProfile


class ProfileMeter:
    """The profile of one stream: `add` its blocks, then ask for the `result`.

    An executor only changes where the work is done, never the result.
    """

    def __init__(self, sample_rate_hz: int, channels: int, executor: Executor | None = None) -> None:
        self._loudness = LoudnessMeter(sample_rate_hz, channels)
        self._part = ProfilePart(sample_rate_hz, channels)
        self._executor = executor

    def add(self, block: NDArray[np.float32]) -> None:
        """Looks at the next block, float32 `(frames, channels)`; keeps no reference to it."""
        if self._executor is None:
            self._part.add(block)
            self._loudness.add(block)
            return
        running = self._executor.submit(self._part.add, block)
        self._loudness.add(block)
        running.result()

    def result(self) -> tuple[Measurements, SoundProfile]:
        """Ends the track and says all about it."""
        measured = self._loudness.result()
        return measured, self._part.result(measured)
