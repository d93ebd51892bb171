"""A gain for every channel: left and right against each other."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from auralis_cli.dsp.processor import check_block, check_range, check_stream

_MOST_DB = 24.0


class ChannelGains:
    """A `Processor` without latency: channel k times `gains_db[k]`."""

    latency_frames = 0

    def __init__(self, gains_db: Sequence[float], sample_rate_hz: int) -> None:
        check_stream(sample_rate_hz, len(gains_db))
        for gain_db in gains_db:
            check_range("gains_db", gain_db, -_MOST_DB, _MOST_DB)
        self._gains = np.array([10.0 ** (gain_db / 20.0) for gain_db in gains_db], np.float32)

    def reset(self) -> None:
        """Nothing is remembered."""

    def process(self, block: NDArray[np.float32]) -> NDArray[np.float32]:
        """As many frames as went in."""
        check_block(block, len(self._gains))
        out = np.empty_like(block)
        np.multiply(block, self._gains, out=out)
        return out

    def flush(self) -> NDArray[np.float32]:
        """Nothing is left."""
        return np.zeros((0, len(self._gains)), np.float32)
