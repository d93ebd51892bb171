"""What the writer asks of an encoding library."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

import numpy as np
from numpy.typing import NDArray


class EncodeError(Exception):
    """An encoder cannot go on; the text says why."""


class Encoder(Protocol):
    """An encoder at work on an open descriptor, which stays the caller's. Raises EncodeError or OSError."""

    def write(self, block: NDArray[np.float32]) -> None:
        """Appends float32 `(frames, channels)`; whole numbers are made of it where the format stores them."""
        ...

    def close(self) -> None:
        """Ends the stream: the file is final."""
        ...

    def abandon(self) -> None:
        """Frees what the library holds, whatever has become of the file; raises nothing."""
        ...


class FrameCutter:
    """Cuts a stream into blocks of one size, however it comes: codecs take no others, or decide by them."""

    def __init__(self, frames: int, channels: int, lead: int = 0) -> None:
        """`lead` frames of silence come first."""
        self._frames = frames
        self.rest = np.zeros((lead, channels), np.float32)

    def add(self, block: NDArray[np.float32]) -> Iterator[NDArray[np.float32]]:
        """The blocks that `block` completes; what is left over waits in `rest`."""
        samples = np.concatenate((self.rest, block)) if len(self.rest) else block
        whole = len(samples) - len(samples) % self._frames
        for start in range(0, whole, self._frames):
            yield samples[start : start + self._frames]
        self.rest = samples[whole:].copy()
