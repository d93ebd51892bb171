"""The buffer between the thread that makes sound and the one that plays it. Neither ever waits for the other here."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

# Original left and right, mastered left and right, and by how much the mastered is louder (a linear ratio).
COLUMNS = 5
MATCH = 4


class FrameRing:
    """Frames of `COLUMNS` float32, written by one thread and read by one other.

    `written` and `read` only grow; each is stored by its own side alone, after the samples it speaks of were copied,
    which is all that keeps the two apart. What is written is copied: the producer keeps its block.
    """

    def __init__(self, capacity_frames: int) -> None:
        if capacity_frames <= 0:
            raise ValueError(f"capacity_frames must be positive, not {capacity_frames}")
        self.capacity = capacity_frames
        self.samples = np.zeros((capacity_frames, COLUMNS), np.float32)
        self.written = 0
        self.read = 0

    @property
    def filled(self) -> int:
        """Frames that may be read."""
        return self.written - self.read

    @property
    def room(self) -> int:
        """Frames that may be written."""
        return self.capacity - self.filled

    def write(self, block: NDArray[np.float32]) -> None:
        """Appends a copy of `block`; raises ValueError where it is of another shape or there is no room for it."""
        if block.dtype != np.float32 or block.ndim != 2 or block.shape[1] != COLUMNS:
            raise ValueError(f"a block must be float32 (frames, {COLUMNS}), not {block.dtype} {block.shape}")
        frames = len(block)
        if frames > self.room:
            raise ValueError(f"no room for {frames} frames, only for {self.room}")
        start = self.written % self.capacity
        first = min(frames, self.capacity - start)
        self.samples[start : start + first] = block[:first]
        self.samples[: frames - first] = block[first:]
        self.written += frames

    def peek(self, frames: int) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """The next `frames` frames in two read-only pieces, the second mostly empty; valid until `advance`."""
        if not 0 <= frames <= self.filled:
            raise ValueError(f"{frames} of {self.filled} frames")
        start = self.read % self.capacity
        first = min(frames, self.capacity - start)
        pieces = self.samples[start : start + first], self.samples[: frames - first]
        for piece in pieces:
            piece.flags.writeable = False
        return pieces

    def advance(self, frames: int) -> None:
        """Gives the next `frames` frames back to be written over."""
        if not 0 <= frames <= self.filled:
            raise ValueError(f"{frames} of {self.filled} frames")
        self.read += frames
