"""In which order tracks are wanted: each near the one before, or all on the way from one to another."""

from __future__ import annotations

from auralis_cli.model.library import Track
from auralis_cli.quick_dataclasses import dataclass

DEFAULT_SONGS = 12
MAX_SONGS = 200


@dataclass(frozen=True, slots=True)
class JourneyEnds:
    """From one track to another, each named by its id, its path or a query, in so many songs with these two."""

    start: str
    end: str
    songs: int = DEFAULT_SONGS


@dataclass(frozen=True, slots=True)
class Ordering:
    """On the way between these ends; without them, in a smooth order."""

    journey: JourneyEnds | None = None


@dataclass(frozen=True, slots=True)
class OrderedTracks:
    """Tracks in the order wanted."""

    tracks: tuple[Track, ...]
    # How far each is from the one before, 0…1; of those that have a fingerprint.
    steps: tuple[float, ...]
    # How many stand at the end because they have none, and how many because silence is like nothing.
    without_fingerprint: int = 0
    silent: int = 0
