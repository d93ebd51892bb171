"""What a feeder is asked to play, what it asks back, and what it tells."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import field
from enum import StrEnum

from auralis_cli.errors import AuralisError
from auralis_cli.model.live_mastering import MasteringWish
from auralis_cli.model.playback import PlayableTrack
from auralis_cli.model.player_choices import NormalizeMode
from auralis_cli.model.queue import QueueItem
from auralis_cli.quick_dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class FeedSettings:
    """How the tracks of one feed sound; other settings make another feed."""

    # None: nothing is mastered, and both sides are the original.
    wish: MasteringWish | None = None
    normalize: NormalizeMode = NormalizeMode.OFF


@dataclass(frozen=True, slots=True)
class Following:
    """What comes after an item that ends by itself."""

    item: QueueItem
    # What is known of it by now (levels measured meanwhile); None where it has to be looked up.
    track: PlayableTrack | None = None
    # How long the two overlap; they do not where they follow each other in one album.
    crossfade_s: float = 0.0


# What comes after an item, None where nothing does. Asked on the feeder's thread, some times a second while the end of
# the item is near, to open ahead, and at its end, when the answer counts; answered in microseconds.
Follow = Callable[[QueueItem], Following | None]


class ReportKind(StrEnum):
    """What a feeder has to tell."""

    # An item was looked up and opened, maybe ahead of its time: its plan and its levels can be asked for.
    OPENED = "opened"
    # Its first frame goes into the ring next; `feed.marks` has it.
    BEGUN = "begun"
    # Something is wrong with what it plays, which goes on; told once an item for each thing.
    WARNED = "warned"
    # It cannot be played, or not to its end; what follows is asked for.
    FAILED = "failed"
    # So many in a row gave nothing to hear that no more are tried; the feed is finished.
    GAVE_UP = "gave_up"


@dataclass(frozen=True, slots=True)
class FeederReport:
    """One thing that happened to one item of a feed."""

    epoch: int
    kind: ReportKind
    item: QueueItem
    # None where the item could not even be looked up.
    track: PlayableTrack | None = None
    # Why it was warned or failed.
    error: AuralisError | None = None


Report = Callable[[FeederReport], None]


@dataclass(frozen=True, slots=True)
class FeedRequest:
    """One feed from its first item on."""

    epoch: int
    item: QueueItem
    rate_hz: int
    follow: Follow
    report: Report
    settings: FeedSettings = field(default_factory=FeedSettings)
    # What is known of the item already; None where it has to be looked up.
    track: PlayableTrack | None = None
    # Where in the item the feed begins; beyond its end it gives nothing of it.
    start_s: float = 0.0
    # The same counted in frames of `rate_hz`, to the sample; it counts where both are given.
    start_frame: int | None = None
    # What was heard before the item, by which albums played in order are told.
    before: PlayableTrack | None = None
    # A track of another rate than the one before it is not joined: the feed ends there. (Tracks of one rate are joined
    # also where the device has another.)
    exact_rate: bool = False
    # How many items in a row could not be played before this one.
    broken_before: int = 0

    @property
    def first_frame(self) -> int:
        """Where in the item the feed begins, in frames of `rate_hz`."""
        return max(0, round(self.start_s * self.rate_hz) if self.start_frame is None else self.start_frame)
