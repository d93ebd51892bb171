"""What is asked of the player when it starts. Frozen values; no audio in here."""

from __future__ import annotations

from auralis_cli.model.player_choices import NormalizeMode, RepeatMode
from auralis_cli.model.preferences import Aspect
from auralis_cli.model.queue import QueueTrack, ShuffleMode
from auralis_cli.model.sound_profile import Reference
from auralis_cli.quick_dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PlayWishes:
    """How it is to play; None leaves a thing as it was."""

    volume: float | None = None
    is_enhanced: bool | None = None
    preset: str | None = None
    intensity: float | None = None
    normalize: NormalizeMode | None = None
    repeat: RepeatMode | None = None
    crossfade_s: float | None = None
    shuffle: ShuffleMode | None = None
    # What its master is to sound like.
    reference: Reference | None = None
    tilt_db: float | None = None
    width_db: float | None = None
    # Whether what was learnt of somebody's choices goes into the master.
    preferences: bool | None = None

    @property
    def said(self) -> frozenset[Aspect]:
        """What of the master's sound is wished for, whatever it is."""
        figures = {
            Aspect.PRESET: self.preset, Aspect.INTENSITY: self.intensity,
            Aspect.TILT: self.tilt_db, Aspect.WIDTH: self.width_db,
        }  # fmt: skip
        return frozenset(aspect for aspect, value in figures.items() if value is not None)


@dataclass(frozen=True, slots=True)
class DeviceWishes:
    """On what it is to play."""

    # Name, or a part of it; None for the system's own.
    device: str | None = None
    latency_s: float = 0.1
    # Always this rate; None for that of what plays first.
    rate_hz: int | None = None
    # Whether the device is opened anew for a track of another rate.
    exact_rate: bool = False


@dataclass(frozen=True, slots=True)
class PlayRequest:
    """What is to be played; without tracks the queue that is there."""

    tracks: tuple[QueueTrack, ...] = ()
    wishes: PlayWishes = PlayWishes()
    device: DeviceWishes = DeviceWishes()
