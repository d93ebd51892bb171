"""What is put right before anything else is decided."""

from __future__ import annotations

from auralis_cli.quick_dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class DeclipPlan:
    """Flat tops put back as the sound around them suggests."""

    # Per channel the level of its flat tops, linear; 0 for one that was not clipped.
    levels: tuple[float, ...]
    # How far above it a top may rise.
    max_rise_db: float


@dataclass(frozen=True, slots=True)
class PolarityRepairPlan:
    """One channel turned over, exactly: the two were mirror images and cancelled in mono."""

    # From 1; 1 is left.
    channel: int


@dataclass(frozen=True, slots=True)
class OffsetRemovalPlan:
    """A constant or drifting offset taken out below hearing; three running means of this length."""

    window_ms: float
