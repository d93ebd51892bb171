"""The ring between feeder and audio thread: every frame once, in order, and nothing shared."""

from __future__ import annotations

import threading

import numpy as np
import pytest
from sounding_feeds import numbered, numbers

from auralis_cli.player.ring import COLUMNS, FrameRing


@pytest.mark.parametrize("block", [1, 17, 99, 100])
def test_frames_come_out_once_and_in_order_whatever_the_blocks(block: int) -> None:
    ring = FrameRing(100)
    sent = numbered(0, 1_000)
    heard: list[np.ndarray] = []
    written = 0
    while len(heard) < len(sent):
        frames = min(block, ring.room, len(sent) - written)
        ring.write(sent[written : written + frames])
        written += frames
        count = min(ring.filled, 61)
        heard.extend(np.concatenate([piece.copy() for piece in ring.peek(count)]))
        ring.advance(count)
    assert np.array_equal(np.array(heard), sent)


@pytest.mark.invariant("S4-D1.5")
def test_what_a_producer_does_to_its_block_afterwards_is_not_heard() -> None:
    """Kills: the ring keeps the block it is given."""
    ring = FrameRing(100)
    block = numbered(0, 100)
    before = block.copy()
    ring.write(block)
    assert not np.shares_memory(block, ring.samples)
    block[:] = 9.0
    assert np.array_equal(ring.peek(100)[0], before)


@pytest.mark.invariant("S4-D1.5")
def test_what_is_read_cannot_be_written_and_is_given_to_the_producer_only_once_it_was_let_go() -> None:
    """Kills: room is counted before the consumer has let go."""
    ring = FrameRing(100)
    ring.write(numbered(0, 100))
    view, _ = ring.peek(60)
    with pytest.raises(ValueError, match="read-only"):
        view[0, 0] = 1.0
    with pytest.raises(ValueError, match="no room"):
        ring.write(numbered(100, 1))
    ring.advance(60)
    ring.write(numbered(100, 60))
    assert ring.room == 0


@pytest.mark.parametrize("block", [np.zeros((3, 2), np.float32), np.zeros((3, COLUMNS)), np.zeros(3, np.float32)])
def test_a_block_of_another_shape_is_refused_and_changes_nothing(block: np.ndarray) -> None:
    ring = FrameRing(10)
    with pytest.raises(ValueError, match="float32"):
        ring.write(block)
    assert (ring.written, ring.filled) == (0, 0)


def test_two_threads_without_a_lock_neither_lose_nor_repeat_a_frame() -> None:
    """Kills: the counter is moved before the samples are copied."""
    ring, total = FrameRing(997), 20_000
    sent = numbered(0, total)

    def produce() -> None:
        written = 0
        while written < total:
            frames = min(ring.room, 313, total - written)
            if frames:
                ring.write(sent[written : written + frames])
                written += frames

    producer = threading.Thread(target=produce)
    producer.start()
    place = 0
    while place < total:
        count = ring.filled
        for piece in ring.peek(count):
            assert np.array_equal(numbers(piece), np.arange(place, place + len(piece)))
            place += len(piece)
        ring.advance(count)
    producer.join()
