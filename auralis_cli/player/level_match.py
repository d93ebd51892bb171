"""How much louder the master of a moment is than its original: what comparing them lowers the louder one by."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from auralis_cli.dsp.loudness import WeightedEnergy, channel_weights

_SEGMENTS_PER_SECOND = 100
_WINDOW_SEGMENTS = 300


class LevelMatch:
    """Short-term level of the master ÷ that of the original, linear, smooth, frame by frame.

    One serves one stream and one thread. `expected_db` is what it is taken for before anything was heard: the
    difference of the whole tracks.
    """

    def __init__(self, sample_rate_hz: int, channels: int, expected_db: float = 0.0) -> None:
        self._sample_rate_hz, self._channels = sample_rate_hz, channels
        ratio = (sample_rate_hz, _SEGMENTS_PER_SECOND)
        self._meters = [WeightedEnergy(sample_rate_hz, channel_weights(channels), ratio) for _ in range(2)]
        self._last = 10.0 ** (expected_db / 20.0)

    def process(self, original: NDArray[np.float32], mastered: NDArray[np.float32]) -> NDArray[np.float32]:
        """The ratio for every frame of two blocks of one length, float32 `(frames,)`."""
        return np.full(len(original), self._last, np.float32)
