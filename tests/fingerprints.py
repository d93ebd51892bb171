"""Fingerprints and landmarks that were never computed: what tests give the library."""

from __future__ import annotations

import random

from auralis_cli.model.fingerprint import DIMENSIONS, Fingerprint, FingerprintedTrack, FingerprintFlag
from auralis_cli.model.landmarks import Landmarks


def fingerprint(seed: int) -> Fingerprint:
    """Values within the ranges of their dimensions, the same for the same seed."""
    chance = random.Random(seed)
    return Fingerprint(*(chance.uniform(one.lowest, one.highest) for one in DIMENSIONS))


def fingerprinted(seed: int, *, flags: tuple[FingerprintFlag, ...] = (), confidence: float = 0.5) -> FingerprintedTrack:
    return FingerprintedTrack(fingerprint(seed), flags, confidence)


def landmarks(count: int, seed: int = 0) -> Landmarks:
    """So many words, all valid."""
    words = random.Random(seed).randbytes(4 * count)
    bits = (1 << count) - 1
    return Landmarks(words, bits.to_bytes((count + 7) // 8, "little"))
