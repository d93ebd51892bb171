"""What was played, and how it was liked."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from auralis_cli.model.library import Track


class PlayOutcome(StrEnum):
    """How a play came to its end."""

    FINISHED = "finished"
    # Something else was wanted.
    SKIPPED = "skipped"
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True)
class Play:
    """One time a track was played."""

    id: int
    track: Track
    started_at: int
    played_s: float
    outcome: PlayOutcome


@dataclass(frozen=True, slots=True)
class PlayCounts:
    """All plays together."""

    plays: int
    tracks: int
    played_s: float
    rated: int
