"""Who is told of changes, and when: in order, each once, with no lock held."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import FrozenInstanceError

import pytest
from patience import PATIENCE_S
from player_fakes import PlayerRig, tracks

from auralis_cli.model.playback import PlayerState, Snapshot
from auralis_cli.player.telling import Subscribers


def test_changes_are_told_in_order_as_frozen_values() -> None:
    rig, told = PlayerRig(), list[Snapshot]()
    rig.player.subscribe(told.append)
    rig.playing(3)
    rig.player.pause()
    rig.turn()
    assert [snapshot.revision for snapshot in told] == sorted({snapshot.revision for snapshot in told})
    assert [told[0].state, told[-1].state] == [PlayerState.LOADING, PlayerState.PAUSED]
    with pytest.raises(FrozenInstanceError):
        told[0].position_s = 3.0  # type: ignore[misc]


def test_nothing_is_told_twice_and_the_place_each_second() -> None:
    rig, told = PlayerRig().playing(3), list[Snapshot]()
    rig.player.subscribe(told.append)
    rig.play_for(2.5)
    assert 2 <= len(told) <= 3
    rig.player.pause()
    rig.turn()
    told.clear()
    rig.play_for(2.5)
    assert told == []


@pytest.mark.invariant("S1-M-13")
def test_a_subscriber_may_end_itself_and_others_while_being_told() -> None:
    """✗ the subscribers that are told are the ones there are at each moment."""
    rig, told = PlayerRig(), list[int]()
    ends: list[Callable[[], None]] = []

    def subscriber(number: int) -> Callable[[Snapshot], None]:
        def tell(snapshot: Snapshot) -> None:
            told.append(number)
            ends[number]()

        return tell

    for number in range(1000):
        ends.append(rig.player.subscribe(subscriber(number)))
    rig.player.set_volume(50)
    rig.turn()
    assert told == list(range(1000))
    rig.player.set_volume(60)
    rig.turn()
    assert len(told) == 1000


def test_who_was_ended_by_another_is_not_told_any_more() -> None:
    rig, told = PlayerRig(), list[str]()
    rig.player.subscribe(lambda _: end())
    end = rig.player.subscribe(lambda _: told.append("second"))
    rig.player.set_volume(50)
    rig.turn()
    assert told == []


@pytest.mark.invariant("S4-D1.6")
def test_a_subscriber_may_wish_anything_and_from_another_thread() -> None:
    """✗ subscribers are told while the lock is held."""
    rig, told = PlayerRig(), list[PlayerState]()

    def tell(snapshot: Snapshot) -> None:
        told.append(snapshot.state)
        if len(told) == 1:
            # Would wait for ever, were the lock held by the one who tells.
            other = threading.Thread(target=rig.player.stop)
            other.start()
            other.join(PATIENCE_S)
            assert not other.is_alive()
            rig.player.play()
            rig.player.seek(1.0)
            rig.player.next()
            rig.player.set_volume(rig.snapshot.volume / 2)

    rig.player.subscribe(tell)
    rig.player.set_queue(tracks(3))
    rig.play_for(0.3)
    assert (rig.current, rig.state, rig.snapshot.volume) == (2, PlayerState.PLAYING, 50.0)
    assert told[-1] is PlayerState.PLAYING


def test_a_subscriber_that_fails_harms_nobody() -> None:
    rig, told = PlayerRig(), list[Snapshot]()

    def fail(snapshot: Snapshot) -> None:
        raise RuntimeError(snapshot.state)

    rig.player.subscribe(fail)
    rig.player.subscribe(told.append)
    rig.player.set_queue(tracks(3))
    rig.play_for(0.2)
    assert rig.state is PlayerState.PLAYING
    assert told[-1].state is PlayerState.PLAYING


@pytest.mark.invariant("S2-u4")
def test_who_leaves_while_the_player_ends_hears_of_the_end_once_or_not_at_all() -> None:
    """✗ who is told of the end is told again when the player is closed."""
    for _ in range(60):
        rig, stays, leaves = PlayerRig().playing(2), list[Snapshot](), list[Snapshot]()
        rig.player.subscribe(stays.append)
        leave = rig.player.subscribe(leaves.append)
        rig.player.start()
        leaver = threading.Thread(target=leave)
        leaver.start()
        rig.player.close()
        leaver.join()
        # The player waits for it no longer than it has promised to.
        rig.player._conductor._thread.join()
        for told in (stays, leaves):
            revisions = [snapshot.revision for snapshot in told]
            assert revisions == sorted(set(revisions))
        assert [snapshot.state for snapshot in stays].count(PlayerState.STOPPED) == 1
        assert len(leaves) <= len(stays)


def test_a_subscriber_may_be_there_twice_and_leaves_once() -> None:
    subscribers, told = Subscribers(), list[Snapshot]()
    first, second = subscribers.add(told.append), subscribers.add(told.append)
    subscribers.remove(first)
    subscribers.remove(first)
    assert [number for number, _ in subscribers.current] == [second]
