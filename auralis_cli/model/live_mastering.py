"""What live mastering is asked for, and what it plays by."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from auralis_cli.model.preferences import Taste
from auralis_cli.model.presets import ADAPTIVE, Preset
from auralis_cli.model.sound_profile import Reference
from auralis_cli.model.sound_wishes import MasteringMode, SoundWishes
from auralis_cli.model.track_kinds import TrackKind
from auralis_cli.quick_dataclasses import dataclass

if TYPE_CHECKING:
    # Brings NumPy along, which who only knows wishes does without.
    from auralis_cli.model.mastering import SolvedPlan


@dataclass(frozen=True, slots=True)
class MasteringWish:
    """How what plays is to be mastered: the same words as those of `auralis master`."""

    preset: str = ADAPTIVE.name
    intensity: float = 1.0
    mode: MasteringMode = MasteringMode.ADAPTIVE
    # None where, and only where, the mode is adaptive.
    reference: Reference | None = None
    # As those of `SoundWishes`.
    tilt_db: float = 0.0
    width_db: float = 0.0
    # What was learnt, for what nothing was said of.
    taste: Taste | None = None

    def sound(self, preset: Preset) -> SoundWishes:
        """The wish in full, `preset` being the one it names; a reference alone goes by none, nor by a lean."""
        if self.mode is MasteringMode.REFERENCE:
            return SoundWishes(ADAPTIVE, self.intensity, self.mode, self.reference)
        return SoundWishes(
            preset, self.intensity, self.mode, self.reference,
            tilt_db=self.tilt_db, width_db=self.width_db, taste=self.taste,
        )  # fmt: skip


class PlanStage(StrEnum):
    """How much is known of the track whose plan it is."""

    # Nothing was measured yet: only its level is set.
    LEVEL = "level"
    # Analysed; the gain is the one predicted, which the limiter holds below the ceiling.
    PREDICTED = "predicted"
    # What `auralis master` would render.
    SOLVED = "solved"


@dataclass(frozen=True, slots=True)
class LivePlan:
    """A plan that can be played at once. Of stage SOLVED it is, sample for sample, the one that is rendered."""

    wish: MasteringWish
    stage: PlanStage
    solved: SolvedPlan
    # Of the source, as it is heard without mastering; None where it has no loudness (silence, too short).
    input_lufs: float | None
    input_true_peak_dbtp: float | None
    # Of the mastered track, predicted or solved; None likewise.
    output_lufs: float | None
    # Of the track; None where it was not analysed, or is of none.
    kind: TrackKind | None = None
