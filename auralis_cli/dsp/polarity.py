"""Turns one channel upside down: exact, sample by sample."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from auralis_cli.dsp.processor import check_block, check_stream


class PolarityFlip:
    """A `Processor` that negates the channel of index `channel` and leaves the others as they are."""

    latency_frames = 0

    def __init__(self, channel: int, sample_rate_hz: int, channels: int) -> None:
        check_stream(sample_rate_hz, channels)
        if not 0 <= channel < channels:
            raise ValueError(f"channel must lie in 0…{channels - 1}, not {channel}")
        self._channel = channel
        self._channels = channels

    def reset(self) -> None:
        """Nothing is remembered."""

    def process(self, block: NDArray[np.float32]) -> NDArray[np.float32]:
        """As many frames as went in."""
        check_block(block, self._channels)
        out = np.empty_like(block)
        out[:] = block
        np.negative(block[:, self._channel], out=out[:, self._channel])
        return out

    def flush(self) -> NDArray[np.float32]:
        """Nothing is left."""
        return np.zeros((0, self._channels), np.float32)
