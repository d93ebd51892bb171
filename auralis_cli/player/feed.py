"""What one feeder fills and the engine plays: sound in a ring, and where in it the items of the queue begin."""

from __future__ import annotations

import threading
import time

import numpy as np
from numpy.typing import NDArray

from auralis_cli.errors import AuralisError
from auralis_cli.model.audio import StreamInfo
from auralis_cli.model.live_mastering import LivePlan, PlanStage
from auralis_cli.model.playback import PlayableTrack, TrackLevels
from auralis_cli.model.queue import QueueItem
from auralis_cli.player.ring import FrameRing
from auralis_cli.quick_dataclasses import dataclass

# The audio thread wakes nobody, so who waits for it looks again this often.
_POLL_S = 0.01
# Far less than what a full ring lasts.
_LONGEST_POLL_S = 0.1


@dataclass(frozen=True, slots=True)
class Mark:
    """Where in a feed an item of the queue begins to sound."""

    # Of the feed.
    frame: int
    item: QueueItem
    track: PlayableTrack
    # As decoded.
    stream: StreamInfo
    # Frame of the track there, at the feed's rate, and how many it has in all; None is not known.
    offset_frames: int
    length_frames: int | None
    # None where nothing is mastered.
    plan_stage: PlanStage | None = None
    normalize_db: float = 0.0
    # Of the track as it is, and of its master; as far as they are known.
    levels: TrackLevels | None = None
    mastered_levels: TrackLevels | None = None
    # What it is mastered by.
    plan: LivePlan | None = None


class Feed:
    """A stream of frames for one engine, from one feeder, of one epoch.

    The feeder alone writes `marks` (replaced whole, before the sound they speak of), the ring's end and `finished`
    (last of all); the engine alone reads the ring. Whoever makes a feed superfluous calls `cancel`.
    """

    def __init__(self, epoch: int, rate_hz: int, ring: FrameRing) -> None:
        self.epoch = epoch
        self.rate_hz = rate_hz
        self.ring = ring
        self.marks: tuple[Mark, ...] = ()
        # All that there will ever be has been written.
        self.finished = False
        # Why it ends before its time, None where it does not.
        self.problem: AuralisError | None = None
        # The engine's: feeds handed over to each other are of one line, and `origin` is frame 0's place in it.
        self.line = 0
        self.origin = 0
        self._cancelled = threading.Event()
        self._written = threading.Event()

    @property
    def is_cancelled(self) -> bool:
        """Whether nobody wants it any more."""
        return self._cancelled.is_set()

    @property
    def is_over(self) -> bool:
        """Whether all was written and all was read."""
        # In this order: what was written before it was finished is there to be read.
        return self.finished and self.ring.filled == 0

    def mark_at(self, frame: int) -> Mark | None:
        """The item that sounds at `frame` of the feed."""
        return next((mark for mark in reversed(self.marks) if mark.frame <= frame), None)

    def cancel(self) -> None:
        """Ends its feeder; may be called by anybody, more than once. What is in the ring can still be played."""
        self._cancelled.set()
        self._written.set()

    def write(self, block: NDArray[np.float32]) -> bool:
        """The feeder's: waits for room and writes, piece by piece; False once cancelled."""
        step = max(1, self.ring.capacity // 4)
        for start in range(0, len(block), step):
            piece = block[start : start + step]
            if not self.wait_for_room(len(piece)):
                return False
            self.ring.write(piece)
            self._written.set()
        return not self.is_cancelled

    def finish(self, problem: AuralisError | None = None) -> None:
        """The feeder's: nothing follows."""
        self.problem = problem
        self.finished = True
        self._written.set()

    def wait_for_room(self, frames: int) -> bool:
        """The feeder's: waits until `frames` frames may be written; False once cancelled."""
        pause_s = _POLL_S
        while self.ring.room < frames:
            if self._cancelled.wait(pause_s):
                return False
            # While it is paused, for minutes, nobody is to be woken a hundred times a second.
            pause_s = min(2.0 * pause_s, _LONGEST_POLL_S)
        return not self.is_cancelled

    def wait_filled(self, frames: int, timeout_s: float) -> bool:
        """Waits until `frames` frames may be read, or all there will be; False by then, or where it was cancelled.

        For one who may wait, one at a time: the audio thread may not.
        """
        deadline_s = time.monotonic() + timeout_s
        wanted = min(frames, self.ring.capacity)
        while not (self.finished or self.ring.filled >= wanted):
            left_s = deadline_s - time.monotonic()
            if left_s <= 0 or self.is_cancelled:
                return False
            self._written.wait(min(left_s, _POLL_S))
            self._written.clear()
        return True


@dataclass(frozen=True, slots=True)
class FeedPlace:
    """A frame of a feed."""

    feed: Feed
    frame: int

    @property
    def epoch(self) -> int:
        """Of its feed."""
        return self.feed.epoch

    @property
    def mark(self) -> Mark | None:
        """The item that sounds there."""
        return self.feed.mark_at(self.frame)
