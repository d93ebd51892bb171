"""A little music that is quick to make: what has to be clipped, cut or drawn."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

RATE = 44_100


def chords(seconds: float = 3.0) -> NDArray[np.float32]:
    """Partials that come and go, the loudest moment at full scale."""
    time = np.arange(round(seconds * RATE)) / RATE
    rng = np.random.default_rng(3)
    sound = np.zeros((len(time), 2))
    for note in (110.0, 164.8, 220.0, 277.2, 329.6):
        for harmonic in range(1, 9):
            swell = 1.0 + 0.5 * np.sin(2 * np.pi * rng.uniform(0.3, 2.0) * time)[:, None]
            phases = rng.uniform(0, 2 * np.pi, 2)
            sound += swell * np.sin(2 * np.pi * note * harmonic * time[:, None] + phases) / harmonic**1.5
    sound += 0.01 * rng.standard_normal(sound.shape)
    return np.ascontiguousarray(sound / np.abs(sound).max(), np.float32)
