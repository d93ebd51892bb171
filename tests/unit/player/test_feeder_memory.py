"""What a feeder held is given back when it ends, not when the collector finds it."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Iterator

import pytest
from feeding import Feeding, Shelf, Tape, items_of
from sound_sinks import waited_for

from auralis_cli.model.queue import QueueItem
from auralis_cli.player.feed_request import Following


@pytest.fixture
def no_collector() -> Iterator[None]:
    gc.disable()
    yield
    gc.enable()


@pytest.mark.invariant("S0-H08")
@pytest.mark.usefixtures("no_collector")
def test_the_ring_of_a_cancelled_feeder_that_had_opened_ahead_is_free_at_once() -> None:
    first, second = items_of(["a", "b"])

    def follow(item: QueueItem) -> Following | None:
        return Following(second) if item == first else None

    shelf = Shelf({"a": Tape(9_000), "b": Tape(9_000)})
    playing = Feeding(shelf, ["a", "b"], ring_frames=1_000, follow=follow)
    waited_for(lambda: "b" in shelf.opened, "what follows")
    playing.cancel()
    ring, feeder = weakref.ref(playing.feed.ring), weakref.ref(playing.feeder)
    del playing
    assert (ring(), feeder()) == (None, None)
