"""What shapes a master besides where it is delivered to: the same for a file that is written and for what plays."""

from __future__ import annotations

from dataclasses import dataclass

from auralis_cli.model.presets import ADAPTIVE, Preset


@dataclass(frozen=True, slots=True)
class SoundWishes:
    """How the sound is to be changed; as it stands here, as the music itself asks for."""

    preset: Preset = ADAPTIVE
    # 0…1: how far every stage goes.
    intensity: float = 1.0


AS_THE_MUSIC_ASKS = SoundWishes()
