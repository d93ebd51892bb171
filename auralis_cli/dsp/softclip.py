"""A soft clip: samples below the threshold pass bit for bit, the rest bends towards the ceiling."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from auralis_cli.dsp._jit import kernel
from auralis_cli.dsp.processor import MAX_LEVEL_DB, check_block, check_range, check_stream
from auralis_cli.quick_dataclasses import dataclass

_HIGHEST = 10.0 ** (MAX_LEVEL_DB / 20.0)


@dataclass(frozen=True, slots=True)
class SoftClipSettings:
    """Linear amplitudes: `threshold`, where bending begins, and `ceiling`, which nothing exceeds.

    Raises ValueError unless 0 < threshold < ceiling.
    """

    threshold: float
    ceiling: float

    def __post_init__(self) -> None:
        check_range("threshold", self.threshold, 1e-6, _HIGHEST)
        check_range("ceiling", self.ceiling, self.threshold, _HIGHEST)
        if not self.threshold < self.ceiling:
            raise ValueError(f"threshold {self.threshold} must lie below ceiling {self.ceiling}")


class SoftClip:
    """A `Processor` without latency or memory: float32 `(frames, channels)`.

    Above the threshold: threshold + range · tanh((|x| − threshold) / range), range = ceiling −
    threshold; its slope is 1 where it begins, so there is no corner.
    """

    latency_frames: int = 0

    def __init__(self, settings: SoftClipSettings, sample_rate_hz: int, channels: int) -> None:
        check_stream(sample_rate_hz, channels)
        self._channels = channels
        self._settings = settings

    def reset(self) -> None:
        """Nothing to forget: each sample is on its own."""

    def process(self, block: NDArray[np.float32]) -> NDArray[np.float32]:
        """As many frames as went in."""
        check_block(block, self._channels)
        out = np.empty_like(block)
        _clip(block.reshape(-1), self._settings.threshold, self._settings.ceiling, out.reshape(-1))
        return out

    def flush(self) -> NDArray[np.float32]:
        """No frames: nothing is held back."""
        return np.empty((0, self._channels), np.float32)


@kernel
def _clip(samples, threshold, ceiling, out):  # type: ignore[no-untyped-def]  # pragma: no cover
    span = ceiling - threshold
    for i in range(len(samples)):
        sample = samples[i]
        out[i] = sample
        if sample > threshold:
            out[i] = threshold + span * math.tanh((sample - threshold) / span)
        elif sample < -threshold:
            out[i] = -threshold + span * math.tanh((sample + threshold) / span)
