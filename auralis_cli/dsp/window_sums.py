"""Sums over windows that slide along a series: one value further at a time."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def sliding_sums(values: NDArray[np.float64], length: int) -> NDArray[np.float64]:
    """Sums over `length` neighbours by prefix sums; what rounding leaves of silence is cut off at 0."""
    if len(values) < length:
        return np.empty(0)
    return window_sums(prefix_sums(values), length)


def prefix_sums(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """What lies before each of `(n,)` values, and all of it at the end: `(n + 1,)`."""
    total = np.zeros(len(values) + 1)
    np.cumsum(values, out=total[1:])
    return total


def window_sums(total: NDArray[np.float64], length: int) -> NDArray[np.float64]:
    """The same of a piece of prefix sums."""
    sums = total[length:] - total[:-length]
    return np.asarray(np.where(sums > total[length:] * 1e-13, sums, 0.0))
