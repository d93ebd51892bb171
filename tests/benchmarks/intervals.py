"""How sure a figure is: of a share by Wilson's interval, of a difference of means by drawing again."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

# Of the normal distribution, for 95 %.
_Z = 1.959964
_RESAMPLES = 10_000
SEED = 5


def wilson(right: int, number: int) -> tuple[float, float]:
    """The 95 % interval of a share of which `right` of `number` were seen."""
    if number == 0:
        return 0.0, 1.0
    share, square = right / number, _Z * _Z
    middle = (share + square / (2 * number)) / (1 + square / number)
    spread = math.sqrt(share * (1 - share) / number + square / (4 * number * number))
    half = _Z / (1 + square / number) * spread
    return max(0.0, middle - half), min(1.0, middle + half)


def bootstrap(sums: NDArray[np.float64], counts: NDArray[np.float64] | None = None) -> tuple[float, float]:
    """The 95 % interval of Σ sums ÷ Σ counts; drawn are the entries, each with all that hangs together in it."""
    counts = np.ones(len(sums)) if counts is None else counts
    drawn = np.random.default_rng(SEED).integers(0, len(sums), (_RESAMPLES, len(sums)))
    low, high = np.percentile(sums[drawn].sum(axis=1) / counts[drawn].sum(axis=1), (2.5, 97.5))
    return float(low), float(high)
