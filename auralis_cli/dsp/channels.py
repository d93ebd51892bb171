"""Whether two channels are one: the largest difference between left and right."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from auralis_cli.dsp._jit import kernel
from auralis_cli.dsp.processor import check_block


class ChannelDifference:
    """The largest |left − right| of the first two channels, looked for only until it exceeds `enough`."""

    def __init__(self, channels: int, enough: float) -> None:
        if channels < 2:
            raise ValueError(f"channels must be at least 2, not {channels}")
        if not enough >= 0.0:
            raise ValueError(f"enough must not be negative, not {enough}")
        self._channels = channels
        self._enough = enough
        self.reset()

    def reset(self) -> None:
        """Forgets everything heard so far."""
        self._largest = 0.0

    def process(self, block: NDArray[np.float32]) -> None:
        """Looks at `block`, float32 `(frames, channels)`."""
        check_block(block, self._channels)
        if self._largest <= self._enough:
            self._largest = _largest_difference(block, self._largest, self._enough)

    def result(self) -> float:
        """The difference so far; infinite where it is more than `enough`, or not a number."""
        return self._largest if self._largest <= self._enough else math.inf


@kernel
def _largest_difference(block, largest, enough):  # type: ignore[no-untyped-def]
    for i in range(block.shape[0]):
        # float32 samples differ by what float64 holds exactly; written so that NaN ends the search.
        difference = abs(np.float64(block[i, 0]) - np.float64(block[i, 1]))
        if not difference <= largest:
            largest = difference
            if not largest <= enough:
                break
    return largest
