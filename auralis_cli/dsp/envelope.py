"""The outline of a waveform: smallest and largest sample per bin, in bounded memory however long the stream is."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from auralis_cli.dsp._jit import kernel
from auralis_cli.dsp.processor import check_block

_BINS = 4096
_FIRST_BIN_FRAMES = 16


class WaveformEnvelope:
    """At most 4096 bins of equal length, at least half as many once there are enough frames.

    When all are full, neighbours are joined and bins are twice as long from then on.
    """

    def __init__(self, channels: int) -> None:
        if channels < 1:
            raise ValueError(f"channels must be at least 1, not {channels}")
        self._channels = channels
        self.reset()

    def reset(self) -> None:
        """Forgets everything heard so far."""
        self.bin_frames = _FIRST_BIN_FRAMES
        self._lowest = np.full((_BINS, self._channels), np.inf, np.float32)
        self._highest = np.full((_BINS, self._channels), -np.inf, np.float32)
        self._frames = 0

    def process(self, block: NDArray[np.float32]) -> None:
        """Looks at `block`, float32 `(frames, channels)`."""
        check_block(block, self._channels)
        done = 0
        while done < len(block):
            if self._frames == _BINS * self.bin_frames:
                self._join()
            take = min(len(block) - done, _BINS * self.bin_frames - self._frames)
            _outline(block[done : done + take], self._frames, self.bin_frames, self._lowest, self._highest)
            self._frames += take
            done += take

    def result(self) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Smallest and largest samples, each `(bins, channels)`; the last bin may be unfinished."""
        bins = -(-self._frames // self.bin_frames)
        return self._lowest[:bins].copy(), self._highest[:bins].copy()

    def _join(self) -> None:
        half = _BINS // 2
        self._lowest[:half] = self._lowest.reshape(half, 2, -1).min(axis=1)
        self._highest[:half] = self._highest.reshape(half, 2, -1).max(axis=1)
        self._lowest[half:], self._highest[half:] = np.inf, -np.inf
        self.bin_frames *= 2


@kernel
def _outline(block, first, bin_frames, lowest, highest):  # type: ignore[no-untyped-def]
    done = 0
    while done < block.shape[0]:
        place = (first + done) // bin_frames
        take = min((place + 1) * bin_frames - first - done, block.shape[0] - done)
        piece = block[done : done + take]
        for channel in range(block.shape[1]):
            low, high = lowest[place, channel], highest[place, channel]
            for i in range(take):
                value = piece[i, channel]
                low = value if value < low else low
                high = value if value > high else high
            lowest[place, channel], highest[place, channel] = low, high
        done += take
