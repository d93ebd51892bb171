"""Windows through which spectra are seen: made once in a process, shared by all that look through them."""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray


@cache
def hann(length: int) -> NDArray[np.float32]:
    """A periodic Hann window, read-only. No lock is held while it is made; threads at once get equal ones."""
    if length < 1:
        raise ValueError(f"length must be at least 1, not {length}")
    window = np.asarray(0.5 - 0.5 * np.cos(2.0 * np.pi * np.arange(length) / length), np.float32)
    window.flags.writeable = False
    return window


@cache
def hann_power_scale(length: int) -> float:
    """What turns |spectrum|² of such a window into mean squares: a full-scale sine has 0.5 in all its bins together."""
    return 2.0 / (length * float(np.sum(hann(length).astype(np.float64) ** 2)))
