"""What the conductor is told, and by whom. An `int` among it is a notice of the engine's."""

from __future__ import annotations

from collections.abc import Callable
from queue import SimpleQueue

from auralis_cli.errors import AuralisError
from auralis_cli.model.live_mastering import LivePlan, MasteringWish
from auralis_cli.model.playback import PlayableTrack, TrackLevels
from auralis_cli.model.queue import QueueItem, ShuffleMode
from auralis_cli.player.feed import FeedPlace
from auralis_cli.player.ports import PlayerMemory
from auralis_cli.quick_dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Load:
    """A feed that is wanted; stale once its epoch is."""

    epoch: int
    item: QueueItem
    # None where it has to be looked up.
    track: PlayableTrack | None
    start_s: float
    # What was heard before the item.
    before: PlayableTrack | None = None
    # Where it takes over from the feed that sounds, and what frame of the item that is; None for a cut.
    at: FeedPlace | None = None
    start_frame: int | None = None


@dataclass(frozen=True, slots=True)
class PlanArrived:
    """A plan was made, or cannot be."""

    track: PlayableTrack
    wish: MasteringWish
    plan: LivePlan | AuralisError


@dataclass(frozen=True, slots=True)
class LevelsArrived:
    """A track's loudness was measured, or cannot be."""

    track: PlayableTrack
    levels: TrackLevels | AuralisError


@dataclass(frozen=True, slots=True)
class OutputLost:
    """The device went away."""

    # Which of the outputs that were opened it was.
    number: int
    reason: str


@dataclass(frozen=True, slots=True)
class ShuffleWanted:
    """An order of chance is to be made."""

    mode: ShuffleMode


@dataclass(frozen=True, slots=True)
class Remember:
    """Something to keep; called with the memory, in the order in which it happened."""

    write: Callable[[PlayerMemory], None]


@dataclass(frozen=True, slots=True)
class Wake:
    """Something changed: look again."""


@dataclass(frozen=True, slots=True)
class Quit:
    """The end."""


@dataclass(frozen=True, slots=True)
class DeviceWanted:
    """Another device is to be played on."""

    name: str | None


Message = int | Load | DeviceWanted | PlanArrived | LevelsArrived | OutputLost | ShuffleWanted | Remember | Wake | Quit
Inbox = SimpleQueue[Message]
