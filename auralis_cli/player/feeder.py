"""The thread that fills a feed: opens track after track, and puts what is heard of them into its ring."""

from __future__ import annotations

import threading

from auralis_cli.player.feed import Feed
from auralis_cli.player.feed_request import FeedRequest
from auralis_cli.player.ports import PlanSource, TrackLookup


class Feeder:
    """Fills one feed by one request on a thread of its own; the feed says what it has made and when it is finished."""

    def __init__(self, feed: Feed, request: FeedRequest, lookup: TrackLookup, plans: PlanSource) -> None:
        self._feed, self._request = feed, request
        self._lookup, self._plans = lookup, plans
        self._thread = threading.Thread(target=self._run, name=f"feeder {request.epoch}", daemon=True)

    @property
    def feed(self) -> Feed:
        """What it fills."""
        return self._feed

    def start(self) -> None:
        """Begins; returns at once."""
        self._thread.start()

    def cancel(self) -> None:
        """Asks it to end at the next block, what it has open closed; returns at once."""
        self._feed.cancel()

    def join(self, timeout_s: float) -> bool:
        """Waits for its end; False where it is stuck in a file that does not answer."""
        self._thread.join(timeout_s)
        return not self._thread.is_alive()

    def _run(self) -> None:
        """Comes with the joining."""
