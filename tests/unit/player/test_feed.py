"""A feed: who fills it waits for room, who reads it knows what it reads, and anybody can end it."""

from __future__ import annotations

import threading

import numpy as np
import pytest
from patience import PATIENCE_S
from sounding_feeds import RATE_HZ, feed_of, mark, numbered, numbers

from auralis_cli.player.feed import Feed, FeedPlace
from auralis_cli.player.ring import FrameRing


@pytest.mark.invariant("S2-NEW-7")
def test_a_feeder_stops_when_the_ring_is_full_and_goes_on_without_loss() -> None:
    """Kills: a producer that does not wait for room. The device stands still for as long as nothing is read."""
    feed = Feed(1, RATE_HZ, FrameRing(1_000))
    sent = numbered(0, 10_000)
    written = threading.Event()

    def produce() -> None:
        assert feed.write(sent)
        feed.finish()
        written.set()

    producer = threading.Thread(target=produce)
    producer.start()
    assert feed.wait_filled(1_000, PATIENCE_S)
    assert not written.wait(0.1)
    assert feed.ring.filled == 1_000
    heard: list[np.ndarray] = []
    while not feed.is_over and feed.wait_filled(1, PATIENCE_S):
        count = feed.ring.filled
        heard += [piece.copy() for piece in feed.ring.peek(count)]
        feed.ring.advance(count)
    producer.join()
    assert np.array_equal(numbers(np.concatenate(heard)), np.arange(10_000))


def test_a_feeder_that_waits_for_room_is_ended_by_cancelling() -> None:
    feed = Feed(1, RATE_HZ, FrameRing(100))
    answers: list[bool] = []
    producer = threading.Thread(target=lambda: answers.append(feed.write(numbered(0, 1_000))))
    producer.start()
    assert feed.wait_filled(100, PATIENCE_S)
    feed.cancel()
    producer.join()
    assert answers == [False]


def test_waiting_for_sound_ends_with_the_time_the_feed_or_its_cancelling() -> None:
    feed = feed_of(numbered(0, 10), finished=False)
    assert feed.wait_filled(10, 0.0)
    assert not feed.wait_filled(11, 0.02)
    feed.finish()
    assert feed.wait_filled(11, 0.0)
    cancelled = feed_of(numbered(0, 10), finished=False)
    cancelled.cancel()
    assert not cancelled.wait_filled(11, PATIENCE_S)


def test_a_place_knows_the_item_that_sounds_there() -> None:
    first, second = mark(0, 7), mark(100, 8)
    feed = feed_of(numbered(0, 200), 3, marks=(first, second))
    assert [FeedPlace(feed, frame).mark for frame in (0, 99, 100, 500)] == [first, first, second, second]
    assert FeedPlace(feed, 0).epoch == 3
    assert feed_of(numbered(0, 1), marks=()).mark_at(0) is None
