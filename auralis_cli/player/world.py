"""All that a player asks of the world, in one value."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import field
from typing import Protocol

from auralis_cli.model.presets import PRESETS, Preset
from auralis_cli.player.feed import Feed
from auralis_cli.player.feed_request import FeedRequest
from auralis_cli.player.feeder import Feeder
from auralis_cli.player.ports import Clock, OutputOpener, PlanSource, PlayerMemory, Shuffler, TrackLookup
from auralis_cli.player.tap import SoundTap
from auralis_cli.quick_dataclasses import dataclass


class RunningFeeder(Protocol):
    """What fills a feed on a thread of its own, as `Feeder` does."""

    def start(self) -> None:
        """Begins; returns at once."""
        ...

    def cancel(self) -> None:
        """Asks it to end; returns at once."""
        ...

    def join(self, timeout_s: float) -> bool:
        """Whether it has ended by then."""
        ...


def _unix_now() -> int:
    return int(time.time())


@dataclass(frozen=True, slots=True)
class PlayerWorld:
    """What is needed to play, and how it is to be done for as long as the player lives."""

    lookup: TrackLookup
    plans: PlanSource
    memory: PlayerMemory
    # What opens the device of that name, the system's own choice for None.
    outputs: Callable[[str | None], OutputOpener]
    shuffler: Shuffler
    # Those that may be wished for.
    presets: Mapping[str, Preset] = field(default_factory=lambda: PRESETS)
    feeders: Callable[[Feed, FeedRequest, TrackLookup, PlanSource], RunningFeeder] = Feeder
    clock: Clock = time.monotonic
    # For whoever looks at what is played.
    tap: SoundTap = field(default_factory=SoundTap)
    # Seconds since 1970, for the history of plays.
    now: Callable[[], int] = _unix_now
    # The device is opened at this rate; None for that of the track that is played first.
    rate_hz: int | None = None
    # The device is opened anew for each track of another rate, rather than the track resampled.
    exact_rate: bool = False
