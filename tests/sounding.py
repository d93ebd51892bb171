"""Fingerprints of music that was never made, spread as music is."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from auralis_cli.model.fingerprint import DIMENSIONS, Fingerprint, FingerprintedTrack


def vectors(count: int, *, seed: int) -> NDArray[np.float64]:
    """Rows of 25 values within what each dimension may be, most of them within what is typical."""
    rng = np.random.default_rng(seed)
    lowest, highest = np.array([one.typical for one in DIMENSIONS]).T
    drawn = lowest + (highest - lowest) * rng.normal(0.5, 0.3, (count, len(DIMENSIONS)))
    least, most = np.array([(one.lowest, one.highest) for one in DIMENSIONS]).T
    return np.clip(drawn, least, most)


def fingerprinted(vector: NDArray[np.float64]) -> FingerprintedTrack:
    """What a store keeps of such a row."""
    return FingerprintedTrack(Fingerprint(*vector.tolist()))
