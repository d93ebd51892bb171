"""What people chose for their masters, and what is learnt of that: pure values."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from enum import StrEnum
from typing import Any

from auralis_cli.model.presets import Preset
from auralis_cli.model.track_kinds import TrackKind
from auralis_cli.quick_dataclasses import dataclass

MOST_OBSERVED = 10_000
OBSERVED_FOR_S = 365 * 86_400
# Of an observation against another: tracks that are liked count more.
WEIGHT_RANGE = (0.5, 1.5)
LONGEST_PRESET_NAME = 200


class Aspect(StrEnum):
    """What can be chosen of a master's sound."""

    PRESET = "preset"
    INTENSITY = "intensity"
    TILT = "tilt_db"
    WIDTH = "width_db"
    # Against what the preset would have had.
    LOUDNESS = "loudness_lu"


# What a figure may be, and how far from each other choices lie that agree in nothing.
FIGURES: dict[Aspect, tuple[float, float]] = {
    Aspect.INTENSITY: (0.0, 1.0),
    Aspect.TILT: (-3.0, 3.0),
    Aspect.WIDTH: (-3.0, 3.0),
    Aspect.LOUDNESS: (-6.0, 6.0),
}


@dataclass(frozen=True, slots=True)
class SoundChoice:
    """What was chosen for one track; None for what nothing was said of."""

    preset: str | None = None
    intensity: float | None = None
    tilt_db: float | None = None
    width_db: float | None = None
    loudness_lu: float | None = None

    def figure(self, aspect: Aspect) -> float | None:
        """What was chosen of an aspect that is a figure."""
        value: float | None = getattr(self, aspect.value)
        return value

    @property
    def is_empty(self) -> bool:
        """Whether nothing was said at all."""
        return self == SoundChoice()


@dataclass(frozen=True, slots=True)
class Observation:
    """A choice, with the kind of track it was made for. What weighs more was made for what is liked."""

    kind: TrackKind
    choice: SoundChoice
    # Seconds since 1970.
    observed_at: int
    weight: float = 1.0
    # By which the library knows the audio, so that its rating counts.
    content_key: str | None = None


@dataclass(frozen=True, slots=True)
class LearntPreset:
    """The preset that most choices fell on."""

    name: str
    confidence: float
    choices: int


@dataclass(frozen=True, slots=True)
class LearntFigure:
    """The middle of what was chosen, in full."""

    value: float
    confidence: float
    choices: int


@dataclass(frozen=True, slots=True)
class KindTaste:
    """What is liked of one kind of track; None for what too little is known of, or nothing certain enough."""

    kind: TrackKind
    preset: LearntPreset | None = None
    intensity: LearntFigure | None = None
    tilt_db: LearntFigure | None = None
    width_db: LearntFigure | None = None
    loudness_lu: LearntFigure | None = None

    @property
    def is_empty(self) -> bool:
        """Whether nothing was learnt that could be used."""
        return self == KindTaste(self.kind)


@dataclass(frozen=True, slots=True)
class Taste:
    """What was learnt, with the presets it speaks of: all that is needed to apply it anywhere."""

    kinds: tuple[KindTaste, ...]
    presets: tuple[Preset, ...] = ()

    def of(self, kind: TrackKind | None) -> KindTaste | None:
        """What is liked of a kind."""
        return next((one for one in self.kinds if one.kind is kind), None)

    def preset(self, name: str) -> Preset | None:
        """The preset of that name; None where there is none any more."""
        return next((one for one in self.presets if one.name == name), None)

    def without(self, said: Collection[Aspect]) -> Taste | None:
        """The taste in what nothing was said of; None where nothing is left."""
        nothing: dict[str, Any] = dict.fromkeys(map(str, said))
        left = (replace(one, **nothing) for one in self.kinds)
        kinds = tuple(one for one in left if not one.is_empty)
        return replace(self, kinds=kinds) if kinds else None


@dataclass(frozen=True, slots=True)
class AppliedFigure:
    """One figure that a taste changed, and how certain it is."""

    aspect: Aspect
    # As it was used: what was learnt times the confidence.
    value: float
    confidence: float
    choices: int


@dataclass(frozen=True, slots=True)
class AppliedTaste:
    """What of a taste went into a plan."""

    kind: TrackKind
    # None where it left the preset as it was; without one there is a figure at least.
    preset: LearntPreset | None
    figures: tuple[AppliedFigure, ...]

    @property
    def confidence(self) -> float:
        """That of what is least certain of it."""
        return min(one.confidence for one in (self.preset, *self.figures) if one is not None)

    @property
    def parts(self) -> tuple[str, ...]:
        """Each thing in words: `tilt -0.4 dB, confidence 0.62 of 14 choices`."""
        said = [(value_in_words(one.aspect, one.value), one.confidence, one.choices) for one in self.figures]
        if self.preset is not None:
            said.insert(0, (f"preset {self.preset.name}", self.preset.confidence, self.preset.choices))
        return tuple(f"{what}, {certainty(confidence, choices)}" for what, confidence, choices in said)

    @property
    def words(self) -> str:
        """`your taste for speech: tilt -0.4 dB, confidence 0.62 of 14 choices`."""
        return f"your taste for {self.kind.words}: {'; '.join(self.parts)}"


def certainty(confidence: float, choices: int) -> str:
    """`confidence 0.62 of 14 choices`."""
    return f"confidence {confidence:.2f} of {choices:,} choices"


def value_in_words(aspect: Aspect, value: str | float) -> str:
    """`preset warm`, `intensity 0.8`, `tilt -0.4 dB`, `loudness +1.0 LU`."""
    if isinstance(value, str):
        return f"{aspect.name.lower()} {value}"
    if aspect is Aspect.INTENSITY:
        return f"intensity {value:.2f}"
    return f"{aspect.name.lower()} {value:+.1f} {'LU' if aspect is Aspect.LOUDNESS else 'dB'}"
