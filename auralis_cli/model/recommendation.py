"""What `auralis recommend` says of a track."""

from __future__ import annotations

from enum import StrEnum

from auralis_cli.model.preferences import AppliedTaste
from auralis_cli.model.source import AudioSource
from auralis_cli.quick_dataclasses import dataclass


class Recommended(StrEnum):
    """What is recommended of a master."""

    PRESET = "preset"
    INTENSITY = "intensity"


@dataclass(frozen=True, slots=True)
class RecommendationReason:
    """One thing that was measured, and what follows of it."""

    # For which preset it speaks, or why the intensity is no more.
    about: Recommended
    # The key of what was measured, as in JSON everywhere; None where no number says it.
    measured: str | None
    value: float | None
    text: str


@dataclass(frozen=True, slots=True)
class PresetScore:
    """How well a preset suits a track, 0…1."""

    preset: str
    score: float


@dataclass(frozen=True, slots=True)
class Recommendation:
    """Which preset suits a track, how much of it, how sure that is, and why."""

    preset: str
    intensity: float
    # 0…1.
    confidence: float
    reasons: tuple[RecommendationReason, ...]
    # Every preset, the best first.
    scores: tuple[PresetScore, ...]


@dataclass(frozen=True, slots=True)
class RecommendReport:
    """What is recommended for one source."""

    source: AudioSource
    recommendation: Recommendation
    # Whether the library had the analysis.
    is_stored: bool
    warnings: tuple[str, ...]
    # What of somebody's taste a master has where nothing is said of it; None where that is nothing.
    taste: AppliedTaste | None = None
