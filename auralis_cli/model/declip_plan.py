"""What is done about flat tops."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class DeclipPlan:
    """Flat tops put back as the sound around them suggests."""

    # Per channel the level of its flat tops, linear; 0 for one that was not clipped.
    levels: tuple[float, ...]
    # How far above it a top may rise.
    max_rise_db: float
