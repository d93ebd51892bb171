"""The real player and its real feeder on tapes: from track to track, while somebody asks all the time."""

from __future__ import annotations

import threading
import time

import numpy as np
import pytest
from feeding import RATE_HZ, Block, Plans, Shelf, Tape, numbers_of
from patience import PATIENCE_S, until, without_halts_s
from player_fakes import FakeClock, FakeMemory, FakeOutputs, backwards

from auralis_cli.model.playback import PlayerState, Snapshot
from auralis_cli.model.queue import QueueTrack
from auralis_cli.player.feed import Feed
from auralis_cli.player.feed_request import FeedRequest
from auralis_cli.player.feeder import Feeder
from auralis_cli.player.player import Player
from auralis_cli.player.ports import PlanSource, TrackLookup
from auralis_cli.player.world import PlayerWorld

TRACKS, FRAMES, BLOCK = 1_000, 60, 400


class WatchedPlayer:
    """A player on a device that is pulled as fast as there is sound, and a subscriber that calls back in."""

    def __init__(self, shelf: Shelf) -> None:
        self.shelf, self.clock = shelf, FakeClock()
        self.outputs = FakeOutputs(self.clock)
        self.feeds: list[Feed] = []
        self.heard: list[Block] = []
        self.seen: list[int] = []
        self.told_s: list[float] = []
        self.is_over = threading.Event()
        memory = FakeMemory()
        world = PlayerWorld(
            shelf, Plans(), memory, self.outputs, backwards, feeders=self._feeder, clock=self.clock, rate_hz=RATE_HZ
        )
        self.player = Player(world)

    def play(self) -> None:
        """All tracks to their end."""
        self.player.start()
        self.player.subscribe(self._watch)
        self.player.set_queue([QueueTrack(name) for name in self.shelf.tapes])
        while not self.is_over.is_set():
            if self.feeds and self.outputs.open_ones and self.feeds[0].wait_filled(4 * BLOCK, 0.05):
                self.heard.append(self.outputs.open_ones[0].pull(BLOCK))
                self.clock.now_s += BLOCK / RATE_HZ
        self.player.close()

    def _feeder(self, feed: Feed, request: FeedRequest, lookup: TrackLookup, plans: PlanSource) -> Feeder:
        self.feeds.append(feed)
        return Feeder(feed, request, lookup, plans)

    def _watch(self, snapshot: Snapshot) -> None:
        self.told_s.append(time.monotonic())
        self.seen.append(self.player.snapshot().queue_index)
        if snapshot.state is PlayerState.STOPPED and snapshot.queue_index == TRACKS - 1:
            self.is_over.set()


@pytest.mark.alone
@pytest.mark.invariant("S1-C-01")
def test_a_thousand_hand_overs_of_a_player_that_is_watched_take_less_than_five_seconds() -> None:
    """With a lock that no thread can take twice it waits for itself."""
    shelf = Shelf({f"t{n}": Tape(FRAMES, 1 + FRAMES * n) for n in range(TRACKS)})
    before = set(threading.enumerate())
    watched = WatchedPlayer(shelf)
    # What hangs is left behind with its thread.
    driver = threading.Thread(target=watched.play, daemon=True)
    driver.start()
    driver.join(2 * PATIENCE_S)
    assert not driver.is_alive()
    assert without_halts_s(watched.told_s) < 5.0
    numbers = numbers_of(np.concatenate(watched.heard))
    assert np.array_equal(numbers[numbers > 0], np.arange(1, 1 + TRACKS * FRAMES))
    assert watched.seen == sorted(watched.seen)
    assert watched.seen[-1] == TRACKS - 1
    # Those of tests before may have ended meanwhile, and who closes a player waits for it no longer than promised.
    until(lambda: set(threading.enumerate()) <= before)
    assert not shelf.open_now
