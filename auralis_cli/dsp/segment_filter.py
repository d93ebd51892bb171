"""What filters a stream by symmetric taps, segment by segment, keeping the frames that the taps reach to both sides."""

from __future__ import annotations

from abc import ABC, abstractmethod

import numpy as np
from numpy.typing import NDArray

from auralis_cli.dsp.processor import check_block

_FFT_PER_TAPS = 8
_HEAP_BYTES = 4 << 20


class SegmentFilter(ABC):
    """A `Processor` for float32 `(frames, channels)`, whose FFT segments lie at fixed positions of the stream.

    `taps` is the odd length of its symmetric filters. The sample that goes straight through lies half of them back.
    """

    def __init__(self, taps: int, channels: int) -> None:
        self._channels = channels
        self._centre = taps // 2
        self._size = _FFT_PER_TAPS * next_power_of_two(taps)
        self._hop = self._size - 2 * self._centre
        self._spectrum = np.empty(self._size // 2 + 1, np.complex128)
        _keep_freed_memory()
        self.reset()

    @property
    def latency_frames(self) -> int:
        """Half the taps and one segment of buffering."""
        return self._centre + self._hop

    def reset(self) -> None:
        """The state of a fresh filter."""
        self._history = np.zeros((self._size, self._channels), np.float32)
        self._ready = np.zeros((self._hop, self._channels), np.float32)
        self._position = 0  # frames of the segment that have arrived

    def process(self, block: NDArray[np.float32]) -> NDArray[np.float32]:
        """As many frames as went in, `latency_frames` late."""
        check_block(block, self._channels)
        out = np.empty_like(block)
        done = 0
        while done < len(block):
            count = min(len(block) - done, self._hop - self._position)
            here = self._position
            out[done : done + count] = self._ready[here : here + count]
            self._history[2 * self._centre + here :][:count] = block[done : done + count]
            self._position += count
            done += count
            if self._position == self._hop:
                self._filter_segment()
                self._history[: 2 * self._centre] = self._history[self._hop :]
                self._position = 0
        return out

    def flush(self) -> NDArray[np.float32]:
        """The last `latency_frames` frames."""
        return self.process(np.zeros((self.latency_frames, self._channels), np.float32))

    @abstractmethod
    def _filter_segment(self) -> None:
        """Fills `_ready`, `(hop, channels)`, by `_history`, which has half the taps before and behind it as well."""

    def _response_of_change(self, taps: NDArray[np.float64]) -> NDArray[np.complex128] | None:
        """Spectrum of h − δ; None where there is no change, which costs nothing."""
        change = taps.copy()
        change[len(taps) // 2] -= 1.0
        return np.fft.rfft(change, n=self._size) if np.any(change) else None


def next_power_of_two(count: int) -> int:
    """The power of two that holds `count`."""
    return 1 << (count - 1).bit_length()


def _keep_freed_memory() -> None:
    """Frees one large block, after which glibc keeps what the FFTs free.

    Their temporaries lie above its initial threshold, from which memory is mapped and page-faulted
    anew at each call: that doubles the time. Freeing a mapped block raises the threshold.
    """
    np.empty(_HEAP_BYTES, np.uint8)
