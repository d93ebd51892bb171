"""Who comes late changes nothing: loads, ends, joins and wishes against each other."""

from __future__ import annotations

import threading
from itertools import pairwise

import pytest
from patience import PATIENCE_S, until
from player_fakes import BLOCK, RATE_HZ, TRACK_S, PlayerRig, backwards, number_of, tracks

from auralis_cli.model.playback import PlayerState, Snapshot
from auralis_cli.model.queue import Queue, ShuffleMode
from auralis_cli.player.actions import PlayerActions
from auralis_cli.player.feed import FeedPlace


def at_the_end_of(rig: PlayerRig, seconds_before: float = 0.05) -> None:
    """Plays on until the current track has so long to go."""
    left_s = TRACK_S - rig.snapshot.position_s - seconds_before
    rig.play_for(left_s)


@pytest.mark.invariant("S4-D5.5")
def test_a_slow_advance_cannot_undo_the_users_jump() -> None:
    """✗ what was loaded for an epoch lands though another one is wanted."""
    rig = PlayerRig(exact_rate=True)
    rig.files.rate_hz[2] = 2000
    rig.player.start()
    try:
        rig.player.set_queue(tracks(6))
        until(lambda: rig.feeders)
        # At the end of the first, what follows has to be looked up for its rate, which takes its time.
        rig.files.gate.clear()
        rig.files.asked.clear()
        rig.player.seek(TRACK_S)
        assert rig.files.asked.wait(PATIENCE_S)
        rig.player.jump(4)
        rig.files.gate.set()
        until(lambda: rig.feeders[-1].request.item.ticket == 5)

        def is_heard() -> bool:
            # It may have been made, and not be started yet.
            rig.pump()
            rig.pull()
            return rig.state is PlayerState.PLAYING

        until(is_heard)
        assert (rig.current, rig.sounds()) == (5, 5)
        assert [feeder.request.item.ticket for feeder in rig.feeders if not feeder.feed.is_cancelled] == [5]
    finally:
        rig.player.close()


@pytest.mark.invariant("S4-D5.5")
def test_thirty_skips_at_once_end_on_the_thirtieth_track_and_load_one() -> None:
    """✗ loads are queued, each is carried out."""
    rig = PlayerRig().playing(40)
    loaded = len(rig.feeders)
    for _ in range(30):
        rig.player.next()
    assert (rig.current, rig.state) == (31, PlayerState.LOADING)
    rig.turn()
    assert len(rig.feeders) == loaded
    rig.play_for(0.2)
    assert (rig.current, rig.sounds(), rig.state) == (31, 31, PlayerState.PLAYING)


@pytest.mark.invariant("S0-C01")
def test_the_end_of_a_track_is_one_advance_however_many_notice_it() -> None:
    """✗ an item that has begun to be heard is told of at each look."""
    rig = PlayerRig().playing(30)
    told: list[Snapshot] = []
    rig.player.subscribe(told.append)
    for number in range(2, 7):
        at_the_end_of(rig)
        looks = poll(rig, threads=8, looks=20)
        rig.play_for(0.2)
        assert rig.current == number
        assert {look for look in looks if look} <= {number - 1, number}
    tickets = [snapshot.item.ticket for snapshot in told if snapshot.item]
    changes = [after for before, after in pairwise(tickets) if after != before]
    assert changes == sorted(set(changes))
    assert len(rig.memory.plays) == 5


def poll(rig: PlayerRig, *, threads: int, looks: int) -> list[int]:
    """What so many threads see while a track ends."""
    seen: list[int] = []
    go = threading.Event()

    def look() -> None:
        go.wait()
        for _ in range(looks):
            item = rig.player.snapshot().item
            seen.append(0 if item is None else item.ticket)

    pollers = [threading.Thread(target=look) for _ in range(threads)]
    for poller in pollers:
        poller.start()
    go.set()
    while any(poller.is_alive() for poller in pollers):
        rig.pull()
    for poller in pollers:
        poller.join()
    return seen


@pytest.mark.invariant("S4-D1.2")
@pytest.mark.parametrize("early_s", [0.03, 0.02, 0.01, 0.0, -0.01, -0.02])
def test_a_seek_during_a_join_lands_in_the_one_track_that_is_heard(early_s: float) -> None:
    """✗ a wish is not preceded by taking note of what was heard."""
    rig = PlayerRig().playing(3)
    at_the_end_of(rig, early_s)
    # Not noticed by anybody yet, but heard.
    rig.pull()
    heard = rig.sounds()
    rig.player.seek(1.0)
    rig.play_for(0.2)
    assert (rig.current, rig.sounds()) == (heard, heard)
    assert rig.snapshot.position_s == pytest.approx(1.2, abs=0.15)
    rig.play_for(2.0)
    assert rig.current == heard + 1


@pytest.mark.invariant("S3-prior")
def test_the_next_track_is_the_next_of_what_is_heard_also_right_after_a_join() -> None:
    """✗ a wish is not preceded by taking note of what was heard."""
    rig = PlayerRig().playing(5)
    at_the_end_of(rig, 0.0)
    for _ in range(3):
        rig.pull()
    assert rig.sounds() == 2
    rig.player.next()
    rig.play_for(0.2)
    assert (rig.current, rig.sounds()) == (3, 3)


def test_a_seek_to_the_end_ends_the_track() -> None:
    rig = PlayerRig().playing(3)
    rig.player.seek(TRACK_S)
    rig.play_for(0.2)
    assert (rig.current, rig.sounds()) == (2, 2)
    rig.player.seek_by(TRACK_S * 3)
    rig.play_for(0.2)
    rig.player.seek(TRACK_S * 3)
    rig.play_for(0.2)
    assert (rig.current, rig.state, rig.sounds()) == (3, PlayerState.STOPPED, 0)


def test_a_stop_during_a_load_stops() -> None:
    rig = PlayerRig()
    rig.player.set_queue(tracks(3))
    rig.player.stop()
    rig.play_for(0.5)
    assert (rig.state, rig.sounds(), rig.feeders) == (PlayerState.STOPPED, 0, [])
    rig.player.play()
    rig.turn()
    rig.player.stop()
    rig.play_for(0.5)
    assert (rig.state, rig.sounds()) == (PlayerState.STOPPED, 0)
    assert all(feeder.feed.is_cancelled for feeder in rig.feeders)


@pytest.mark.invariant("S4-D1.7")
def test_play_against_stop_ends_in_one_of_the_two_and_the_sound_agrees() -> None:
    """✗ the sound is stopped after the state was left."""
    rig = PlayerRig().playing(3)
    for _ in range(150):
        together(rig.player.play, rig.player.stop)
        rig.play_for(0.12)
        silent = rig.state is PlayerState.STOPPED
        assert rig.state in (PlayerState.STOPPED, PlayerState.PLAYING)
        assert rig.sounds() == (0 if silent else 1)


def together(*wishes: object) -> None:
    """Each on a thread of its own, begun at the same moment."""
    barrier = threading.Barrier(len(wishes))

    def wish(what: object) -> None:
        barrier.wait(PATIENCE_S)
        assert callable(what)
        what()

    threads = [threading.Thread(target=wish, args=(what,)) for what in wishes]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE_S)
        assert not thread.is_alive()


def test_an_older_end_is_stale_once_something_else_is_wanted() -> None:
    rig = PlayerRig().playing(2)
    at_the_end_of(rig, 0.0)
    rig.play_for(TRACK_S - 0.02)
    assert rig.current == 2
    rig.player.jump(0)
    for _ in range(10):
        rig.pull(BLOCK)
    rig.play_for(0.2)
    assert (rig.current, rig.sounds(), rig.state) == (1, 1, PlayerState.PLAYING)
    assert rig.snapshot.position_s < 1.0
    assert RATE_HZ * rig.snapshot.position_s > 0


def order_of(rig: PlayerRig) -> list[int]:
    return [number_of(item.track) for item in rig.player.queue.items]


@pytest.mark.invariant("S4-D5.5")
def test_an_order_of_chance_is_not_made_of_what_was_wished_for_since() -> None:
    """✗ a shuffle that is still to be made is made whatever was wished in between."""
    rig = PlayerRig().playing(5)
    actions = PlayerActions(rig.player, lambda: None)
    for wishes in (["on", "off"], ["toggle", "toggle"], ["on", "toggle"], ["toggle", "off", "off"]):
        for order in wishes:
            actions.perform("shuffle", {"order": order})
        rig.turn()
        assert (order_of(rig), rig.snapshot.is_shuffled) == ([1, 2, 3, 4, 5], False)
    edits = len(rig.player.history.done)
    rig.player.shuffle()
    rig.player.undo()
    rig.turn()
    assert (order_of(rig), len(rig.player.history.done)) == ([1, 2, 3, 4, 5], edits)
    rig.player.shuffle()
    rig.player.set_queue(tracks(3, first=7))
    rig.turn()
    assert (order_of(rig), rig.snapshot.is_shuffled) == ([7, 8, 9], False)
    rig.player.shuffle()
    rig.player.clear()
    rig.player.add(tracks(3))
    rig.turn()
    assert (order_of(rig), rig.snapshot.is_shuffled) == ([1, 2, 3], False)
    rig.player.shuffle()
    rig.player.unshuffle()
    rig.player.shuffle()
    rig.turn()
    assert (order_of(rig), rig.snapshot.is_shuffled) == ([1, 3, 2], True)


@pytest.mark.invariant("S4-D5.5")
def test_an_order_of_chance_that_is_being_made_is_dropped_once_none_is_wanted() -> None:
    """✗ an order lands though something else was wished while it was made."""
    rig = PlayerRig().playing(5)

    def slowly(queue: Queue, mode: ShuffleMode) -> tuple[int, ...]:
        rig.player.unshuffle()
        return backwards(queue, mode)

    rig.shuffler = slowly
    rig.player.shuffle()
    rig.turn()
    assert (order_of(rig), rig.snapshot.is_shuffled) == ([1, 2, 3, 4, 5], False)


@pytest.mark.invariant("S0-C01")
def test_what_the_device_plays_while_it_is_looked_at_is_not_played_again() -> None:
    """Kills: an end that was seen after the place, with tracks between that are taken for not heard, and begun anew."""
    rig = PlayerRig()
    rig.files.length_s = {2: 0.3, 3: 0.3}
    rig.playing(3)
    sounding = rig.player._transport.sounding
    while not (sounding.newest and sounding.newest.finished):
        rig.play_for(0.05)
    assert rig.current < 3
    look, is_late = sounding.place, True

    def late() -> FeedPlace | None:
        nonlocal is_late
        found = look()
        if is_late:
            is_late = False
            while not sounding.has_ended():
                rig.pull()
        return found

    sounding.place = late  # type: ignore[method-assign]
    rig.turn()
    assert not is_late
    assert (rig.state, rig.snapshot.queue_index, rig.feeders) == (PlayerState.STOPPED, 2, [])
