"""How alike tracks are: what a distance is made of, and what was found near."""

from __future__ import annotations

from enum import StrEnum

from auralis_cli.model.library import Track
from auralis_cli.quick_dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Normalisation:
    """How fingerprints are brought to a scale of 0…1, in the order of `DIMENSIONS`, after their transforms."""

    lowest: tuple[float, ...]
    highest: tuple[float, ...]
    # How many tracks it was fitted on; 0 where a library has too few and typical values stand for them.
    tracks: int
    # `FINGERPRINT_VERSION` of those.
    version: int


@dataclass(frozen=True, slots=True)
class DimensionShare:
    """What one dimension adds to a distance; `share` of the squared distance, all together 1."""

    dimension: str
    share: float
    a: float
    b: float


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A track near another; `distance` 0…1, `score` 1 − distance."""

    track: Track
    distance: float
    score: float
    # The dimensions that part them, the widest first; empty where not asked for.
    explain: tuple[DimensionShare, ...] = ()


class Weighting(StrEnum):
    """Which dimensions count how much in a distance."""

    # As `DIMENSIONS` weighs them: loudness hardly counts.
    BALANCED = "balanced"
    # All the same.
    EQUAL = "equal"
    # Twice what the spectrum says: bands, centroid, rolloff, flatness.
    TONE = "tone"
    # Twice what tempo, beat and onsets say.
    RHYTHM = "rhythm"
    # Twice what loudness and its movement say.
    DYNAMICS = "dynamics"
