"""What the tags of tracks that sound alike suggest for those without, and how often such suggestions are right."""

from __future__ import annotations

import math
from enum import StrEnum

from auralis_cli.model.library import Track
from auralis_cli.quick_dataclasses import dataclass

# Of the normal distribution: 95 % lie below so many deviations.
_ONE_SIDED = 1.645


class SuggestedField(StrEnum):
    """What is suggested."""

    GENRE = "genre"
    MOOD = "mood"


@dataclass(frozen=True, slots=True)
class TagTrial:
    """How often a tag was guessed for tagged tracks, and how often they have it."""

    tag: str
    guessed: int
    right: int


@dataclass(frozen=True, slots=True)
class Trial:
    """Tagged tracks, each guessed from all the others as if it had no tag."""

    # How many were guessed; of more, a sample is.
    asked: int
    right: int
    # What most of them are tagged with, and how many: what is right when always the same is guessed.
    commonest: str
    commonest_right: int
    # Of each tag that was guessed, by name.
    tags: tuple[TagTrial, ...]

    @property
    def accuracy(self) -> float:
        """How often the guess is right, 0…1."""
        return self.right / self.asked

    @property
    def commonest_accuracy(self) -> float:
        """How often always the same would be right, 0…1."""
        return self.commonest_right / self.asked

    @property
    def beats_the_commonest(self) -> bool:
        """Whether guessing is right more often, by more than chance would have it in 19 of 20 cases."""
        chance = math.sqrt(self.commonest_accuracy * (1.0 - self.commonest_accuracy) / self.asked)
        return self.accuracy > self.commonest_accuracy + _ONE_SIDED * chance


@dataclass(frozen=True, slots=True)
class TagSuggestion:
    """What is suggested for a track."""

    track: Track
    value: str
    # How often this value is right where it is guessed for a tagged track, 0…1.
    confidence: float
    # Tagged tracks that sound alike, the nearest first: what speaks for it.
    like: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class TagSuggestions:
    """All that is suggested, and what it rests on."""

    field: SuggestedField
    # In the order of the query.
    suggestions: tuple[TagSuggestion, ...]
    # None where too few tracks are tagged to try anything.
    trial: Trial | None
    # How many of the tracks found have no such tag, how many of them no fingerprint either, and how many are silent.
    untagged: int
    without_fingerprint: int
    silent: int
    # Why nothing is suggested, where that is so for a reason.
    refusal: str | None = None
