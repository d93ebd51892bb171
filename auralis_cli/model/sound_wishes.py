"""What shapes a master besides where it is delivered to: the same for a file that is written and for what plays."""

from __future__ import annotations

from enum import StrEnum

from auralis_cli.model.preferences import FIGURES, Aspect, Taste
from auralis_cli.model.presets import ADAPTIVE, Preset
from auralis_cli.model.sound_profile import Reference
from auralis_cli.quick_dataclasses import dataclass

TILT_RANGE_DB, WIDTH_RANGE_DB = FIGURES[Aspect.TILT], FIGURES[Aspect.WIDTH]


class MasteringMode(StrEnum):
    """By what a master is decided."""

    # The music itself, and the preset.
    ADAPTIVE = "adaptive"
    # Another track, or the middle of several.
    REFERENCE = "reference"
    # Every move is the mean of the two.
    HYBRID = "hybrid"


@dataclass(frozen=True, slots=True)
class SoundWishes:
    """How the sound is to be changed; as it stands here, as the music itself asks for."""

    preset: Preset = ADAPTIVE
    # 0…1: how far every stage goes.
    intensity: float = 1.0
    mode: MasteringMode = MasteringMode.ADAPTIVE
    # None where, and only where, the mode is adaptive.
    reference: Reference | None = None
    # Flat tops rounded, offsets removed, inverted polarity put right.
    repairs: bool = True
    # Between 100 Hz and 10 kHz; positive is brighter. Neither this nor the width is scaled by the intensity.
    tilt_db: float = 0.0
    # Of the side against mid, 300 Hz to 16 kHz.
    width_db: float = 0.0
    # What was learnt, for what nothing was said of; it goes in once the kind of the track is known.
    taste: Taste | None = None

    @property
    def reference_share(self) -> float:
        """How much of every move is the reference's: 0 none, 1 all of it."""
        return {MasteringMode.ADAPTIVE: 0.0, MasteringMode.HYBRID: 0.5, MasteringMode.REFERENCE: 1.0}[self.mode]


AS_THE_MUSIC_ASKS = SoundWishes()
