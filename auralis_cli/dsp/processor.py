"""What every processor of sound promises, and the checks they all share.

A *block* is float32, C-ordered, `(frames, channels)`; mono is `(n, 1)`. Values beyond ±1 are legal.
"""

from __future__ import annotations

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

# The highest level a float32 sample can have, dB over full scale.
MAX_LEVEL_DB = 770.0


class Processor(Protocol):
    """Sound in, as many frames of sound out, `latency_frames` late.

    What `process` returned, followed by what `flush` returns, is `latency_frames` longer than the
    input; without its first `latency_frames` frames it has the input's length and is aligned with it.
    The result does not depend on how the input was cut into blocks, sample for sample. Inputs are
    never written, results never share memory with inputs or state. `flush` ends a stream; `reset`
    begins the next one and leaves the processor exactly as it was when it was made, whatever happened
    before. Wrong blocks raise ValueError and change nothing.
    """

    @property
    def latency_frames(self) -> int:
        """By how many frames the output lags behind the input; constant."""

    def process(self, block: NDArray[np.float32]) -> NDArray[np.float32]:
        """As many frames as went in."""

    def flush(self) -> NDArray[np.float32]:
        """The last `latency_frames` frames."""

    def reset(self) -> None:
        """The state of a fresh processor."""


def check_block(block: NDArray[np.float32], channels: int) -> None:
    """Raises ValueError unless `block` is float32, C-ordered and `(frames, channels)`; 0 frames are legal."""
    if not isinstance(block, np.ndarray):
        raise ValueError(f"a block must be a NumPy array, not {type(block).__name__}")
    if block.dtype != np.float32:
        raise ValueError(f"a block must be float32, not {block.dtype}")
    if block.ndim != 2 or block.shape[1] != channels:
        raise ValueError(f"a block must be (frames, {channels}), not {block.shape}")
    if not block.flags.c_contiguous:
        raise ValueError("a block must be C-ordered and contiguous")


def check_stream(sample_rate_hz: int, channels: int) -> None:
    """Raises ValueError unless both are positive whole numbers."""
    for name, value in (("sample_rate_hz", sample_rate_hz), ("channels", channels)):
        if isinstance(value, bool) or not isinstance(value, int) or value <= 0:
            raise ValueError(f"{name} must be a positive whole number, not {value!r}")


def check_range(name: str, value: float, lowest: float, highest: float) -> None:
    """Raises ValueError naming the parameter unless lowest ≤ value ≤ highest (NaN is outside)."""
    if not lowest <= value <= highest:
        raise ValueError(f"{name} must lie in {lowest:g}…{highest:g}, not {value}")
