"""Points as fingerprints are where tracks are alike: in clouds, of kinds of music."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def clouds(count: int, seed: int, dimensions: int = 25) -> NDArray[np.float32]:
    """So many points, some fifty to a cloud."""
    dice = np.random.default_rng(seed)
    centres = dice.random((max(count // 50, 1), dimensions))
    points = centres[dice.integers(0, len(centres), count)]
    return (points + 0.1 * dice.standard_normal((count, dimensions))).astype(np.float32)
