"""Broken files, devices that come and go, what is kept, and the end."""

from __future__ import annotations

import gc
import os
import threading
from collections.abc import Callable
from itertools import pairwise

import pytest
from patience import PATIENCE_S, until
from player_fakes import TRACK_S, FakeFeeder, PlayerRig, tracks

from auralis_cli.errors import AuralisError, NoPlayerError, UsageError
from auralis_cli.model.live_mastering import PlanStage
from auralis_cli.model.playback import (
    BROKEN_IN_A_ROW,
    PlayableTrack,
    PlaybackProblem,
    PlayerSettings,
    PlayerState,
    Snapshot,
    TrackLevels,
)
from auralis_cli.model.player_choices import NormalizeMode, RepeatMode
from auralis_cli.model.plays import PlayOutcome
from auralis_cli.model.queue import Queue, QueueEdit, QueueTrack
from auralis_cli.player.loudspeaker import LAST_PAUSE_S, RESTS_AFTER_S

# Broken tracks


@pytest.mark.invariant("S0-M08")
def test_a_broken_track_is_skipped_and_said() -> None:
    rig = PlayerRig()
    rig.files.broken = {2}
    rig.playing(3)
    rig.play_for(TRACK_S + 0.1)
    assert (rig.current, rig.sounds(), rig.state) == (3, 3, PlayerState.PLAYING)
    problem = rig.snapshot.problem
    assert problem is not None
    assert (problem.code, problem.path) == ("unreadable", "/music/2.flac")


def test_each_of_several_broken_tracks_is_said_though_they_are_found_at_once() -> None:
    """✗ who is told sees the newest problem alone."""
    rig, told = PlayerRig(), list[Snapshot]()
    rig.files.broken = {2, 3, 4}
    rig.player.subscribe(told.append)
    rig.playing(5)
    rig.play_for(TRACK_S + 0.1)
    assert rig.sounds() == 5
    said: list[PlaybackProblem | None] = []
    for snapshot in told:
        for problem in (*snapshot.earlier_problems, snapshot.problem):
            if problem is not None and problem not in said:
                said.append(problem)
    assert [problem.path for problem in said if problem] == [f"/music/{number}.flac" for number in (2, 3, 4)]
    assert sum(len(snapshot.earlier_problems) for snapshot in told) <= 2


@pytest.mark.parametrize("skips", [False, True])
def test_a_plan_that_failed_ahead_is_said_once_its_track_is_heard(skips: bool) -> None:
    """✗ a track plays without its master, and nobody learns why."""
    rig = PlayerRig().playing(3)
    # The second is known before it is joined.
    rig.player.jump(1)
    rig.play_for(0.3)
    rig.player.jump(0)
    rig.player.enhance(on=True)
    rig.play_for(0.3)
    (done,) = [done for track, _, done in rig.plans.requests if track.title == "track 2"][-1:]
    assert (rig.current, len(rig.feeders[-1].feed.marks)) == (1, 1)
    done(AuralisError("track 2", "its process crashed"))
    rig.turn()
    said_ahead = rig.snapshot.problem
    assert said_ahead is None
    if skips:
        rig.player.next()
    rig.play_for(0.3 if skips else TRACK_S)
    problem = rig.snapshot.problem
    assert problem is not None
    assert (rig.current, "its process crashed" in problem.message) == (2, True)


def test_a_feeder_that_dies_of_a_defect_is_said_and_the_next_track_plays() -> None:
    """✗ the sound ends in the middle of a track without a word, and that was a whole play."""
    rig = PlayerRig().playing(3)
    rig.feeders[-1].cancel()
    rig.feeders[-1].feed.finish(AuralisError("unforeseen", "the feeder broke off"))
    rig.play_for(1.2)
    problem = rig.snapshot.problem
    assert problem is not None
    assert (rig.current, rig.sounds(), problem.path) == (2, 2, "/music/1.flac")
    assert "the feeder broke off" in problem.message
    assert all(outcome is not PlayOutcome.FINISHED for *_, outcome in rig.memory.plays)


@pytest.mark.invariant("S0-M08")
def test_a_track_that_breaks_off_is_said_and_the_next_one_plays() -> None:
    """✗ what a feeder says of a failure is not heard."""
    rig = PlayerRig()
    rig.files.breaks_at_s[1] = 1.0
    rig.playing(3)
    rig.play_for(1.2)
    problem = rig.snapshot.problem
    assert problem is not None
    assert (rig.current, rig.sounds(), problem.path) == (2, 2, "/music/1.flac")
    assert all(outcome is not PlayOutcome.FINISHED for *_, outcome in rig.memory.plays)


def test_a_broken_track_that_is_first_is_skipped_whether_or_not_a_device_is_open() -> None:
    rig = PlayerRig()
    rig.files.broken = {1, 2}
    rig.player.set_queue(tracks(4))
    rig.play_for(0.3)
    assert (rig.current, rig.sounds()) == (3, 3)
    rig.player.jump(0)
    rig.play_for(0.3)
    assert (rig.current, rig.sounds()) == (3, 3)


@pytest.mark.invariant("S0-M08")
@pytest.mark.parametrize("what", ["look_up", "open"])
def test_a_first_track_that_is_damaged_as_nobody_thought_of_is_skipped_and_said(
    what: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """✗ what its rate is asked for raises, and the player loads it for ever."""
    rig = PlayerRig()
    sound = getattr(rig.files, what)

    def damaged(track: QueueTrack | PlayableTrack) -> object:
        path = track.path if isinstance(track, QueueTrack) else str(track.source.path)
        if path == "/music/1.flac":
            raise ValueError("buffer is too small")
        return sound(track)

    monkeypatch.setattr(rig.files, what, damaged)
    rig.player.set_queue(tracks(3))
    rig.play_for(0.3)
    problem = rig.snapshot.problem
    assert (rig.state, rig.current, rig.sounds()) == (PlayerState.PLAYING, 2, 2)
    assert problem is not None
    assert (problem.path, "buffer is too small" in problem.message) == ("/music/1.flac", True)


@pytest.mark.parametrize("is_open", [False, True])
def test_five_broken_tracks_in_a_row_stop_the_player_and_it_says_why(is_open: bool) -> None:
    rig = PlayerRig()
    rig.files.broken = set(range(2, 9))
    if is_open:
        rig.playing(9)
        rig.play_for(TRACK_S + 0.3)
    else:
        rig.player.set_queue(tracks(9), start=1)
        rig.play_for(0.3)
    assert (rig.state, rig.current, rig.sounds()) == (PlayerState.ERROR, 6, 0)
    assert rig.snapshot.problem is not None
    # `next` goes on behind the last of them, with a new five.
    rig.player.next()
    rig.play_for(0.3)
    assert (rig.state, rig.current) == (PlayerState.PLAYING, 9)


def test_a_queue_of_nothing_but_broken_tracks_stops_though_it_is_repeated() -> None:
    rig = PlayerRig()
    rig.files.broken = {1, 2}
    rig.player.repeat(RepeatMode.ALL)
    rig.player.set_queue(tracks(2))
    rig.play_for(0.5)
    assert rig.state is PlayerState.ERROR


@pytest.mark.invariant("S0-M08")
def test_feeders_that_die_before_anything_is_heard_are_not_begun_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    """✗ what follows is loaded however many feeders in a row have died."""
    died: list[int] = []

    def die(feeder: FakeFeeder) -> None:
        if feeder.is_started and not feeder.feed.finished:
            died.append(feeder.request.item.ticket)
            feeder.feed.finish(AuralisError("unforeseen", "the feeder broke off"))

    monkeypatch.setattr(FakeFeeder, "pump", die)
    rig = PlayerRig()
    rig.player.repeat(RepeatMode.ALL)
    rig.player.set_queue(tracks(2))
    rig.play_for(1.0)
    assert (rig.state, len(died)) == (PlayerState.ERROR, BROKEN_IN_A_ROW)
    problem = rig.snapshot.problem
    assert problem is not None
    assert "the feeder broke off" in problem.message


# The device


def test_a_lost_device_is_seen_and_tried_again_with_growing_pauses_until_it_is_back() -> None:
    rig = PlayerRig().playing(3)
    rig.play_for(1.0)
    place_s = rig.snapshot.position_s
    rig.outputs.refused = "is gone"
    rig.outputs.opened[-1].lost("was unplugged")
    rig.turn()
    snapshot = rig.snapshot
    assert snapshot.state is PlayerState.ERROR
    assert snapshot.problem is not None
    assert (snapshot.problem.code, snapshot.device) == ("device", None)
    assert snapshot.position_s == pytest.approx(place_s, abs=0.05)
    rig.play_for(1.0)
    rig.outputs.refused = None
    rig.play_for(1.5)
    assert (rig.state, rig.sounds(), rig.snapshot.problem) == (PlayerState.PLAYING, 1, None)
    assert rig.snapshot.position_s > place_s


def test_tries_to_open_a_device_grow_rarer() -> None:
    rig = PlayerRig().playing(3)
    rig.outputs.refused = "is gone"
    tries = rig.outputs.tried_at_s
    rig.outputs.opened[-1].lost("was unplugged")
    rig.play_for(20.0)
    del tries[0]
    pauses_s = [round(after - before, 1) for before, after in pairwise(tries)]
    assert pauses_s == sorted(pauses_s)
    assert pauses_s[-1] == pytest.approx(LAST_PAUSE_S, abs=0.1)
    assert len(tries) < 10


def test_a_stop_ends_the_wait_for_a_device() -> None:
    rig = PlayerRig().playing(3)
    rig.outputs.opened[-1].lost("was unplugged")
    rig.outputs.refused = "is gone"
    rig.turn()
    rig.player.stop()
    rig.outputs.refused = None
    rig.play_for(3.0)
    assert (rig.state, rig.outputs.open_ones) == (PlayerState.STOPPED, [])


def test_what_is_wished_while_the_device_is_gone_is_done_when_it_is_back() -> None:
    rig = PlayerRig().playing(5)
    rig.outputs.refused = "is gone"
    rig.outputs.opened[-1].lost("was unplugged")
    rig.turn()
    rig.player.next()
    rig.player.seek(1.0)
    rig.turn()
    assert (rig.state, rig.current) == (PlayerState.ERROR, 2)
    rig.outputs.refused = None
    rig.play_for(1.0)
    assert (rig.state, rig.current, rig.sounds()) == (PlayerState.PLAYING, 2, 2)
    assert rig.snapshot.position_s >= 1.0


def test_without_any_device_playing_is_an_error_that_says_so() -> None:
    rig = PlayerRig()
    rig.outputs.refused = "there is none"
    rig.player.set_queue(tracks(2))
    rig.turn()
    problem = rig.snapshot.problem
    assert problem is not None
    assert (rig.state, problem.code) == (PlayerState.ERROR, "device")


def test_another_device_goes_on_where_the_one_before_stopped() -> None:
    rig = PlayerRig().playing(3)
    rig.play_for(0.5)
    rig.outputs.own_rate_hz = 2000
    rig.player.device("hall")
    rig.play_for(0.2)
    assert (rig.snapshot.device, rig.snapshot.sample_rate_hz) == ("hall", 2000)
    assert len(rig.outputs.open_ones) == 1
    assert (rig.state, rig.sounds()) == (PlayerState.PLAYING, 1)
    assert 0.5 < rig.snapshot.position_s < 1.5


def test_where_another_device_is_not_there_the_one_before_plays_on() -> None:
    rig = PlayerRig().playing(3)
    rig.player.device("hall")
    rig.play_for(0.5)
    rig.outputs.unknown.add("hull")
    rig.player.device("hull")
    rig.play_for(0.2)
    problem = rig.snapshot.problem
    assert problem is not None
    assert (problem.code, rig.snapshot.device) == ("device", "hall")
    assert (rig.state, rig.sounds(), len(rig.outputs.open_ones)) == (PlayerState.PLAYING, 1, 1)


def test_a_device_that_nothing_is_played_on_is_let_go() -> None:
    rig = PlayerRig().playing(3)
    rig.player.pause()
    rig.play_for(RESTS_AFTER_S + 1.0)
    assert rig.outputs.open_ones == []
    rig.player.play()
    rig.play_for(0.2)
    assert (rig.state, rig.sounds(), len(rig.outputs.open_ones)) == (PlayerState.PLAYING, 1, 1)


def test_the_device_is_opened_at_the_rate_of_what_plays_first_and_anew_only_where_that_is_wished() -> None:
    for exact, rates_hz in ((False, [2000]), (True, [2000, 1000])):
        rig = PlayerRig(exact_rate=exact)
        rig.files.rate_hz[1] = 2000
        rig.player.set_queue(tracks(2))
        rig.play_for(0.2)
        rig.player.next()
        rig.play_for(0.3)
        assert [output.sample_rate_hz for output in rig.outputs.opened] == rates_hz
        assert rig.current == 2


# What is kept


def test_a_play_is_kept_once_with_how_much_was_heard() -> None:
    rig = PlayerRig().playing(4)
    rig.play_for(TRACK_S)
    rig.player.seek(2.0)
    rig.play_for(0.2)
    rig.player.next()
    rig.play_for(0.2)
    rig.player.stop()
    rig.turn()
    kept = [(track.title, outcome) for track, _, _, outcome in rig.memory.plays]
    assert kept == [
        ("track 1", PlayOutcome.FINISHED),
        ("track 2", PlayOutcome.SKIPPED),
        ("track 3", PlayOutcome.STOPPED),
    ]
    heard_s = [round(heard, 1) for _, _, heard, _ in rig.memory.plays]
    assert heard_s[0] == pytest.approx(TRACK_S, abs=0.1)
    assert heard_s[1] < 0.6


def test_what_a_seek_leaps_over_was_not_heard() -> None:
    rig = PlayerRig().playing(2)
    rig.player.seek(TRACK_S - 0.2)
    rig.play_for(0.4)
    assert [outcome for *_, outcome in rig.memory.plays] == [PlayOutcome.SKIPPED]


def test_the_place_is_kept_each_second_and_edits_as_they_are_made() -> None:
    rig = PlayerRig().playing(3)
    rig.memory.places.clear()
    rig.play_for(2.5)
    positions_s = [queue.position_s for queue, _, _ in rig.memory.places]
    assert len(positions_s) in (2, 3)
    assert positions_s == sorted(positions_s)
    assert all(playing for *_, playing in rig.memory.places)
    rig.player.add(tracks(1, 9))
    rig.player.undo()
    rig.player.redo()
    rig.turn()
    assert [edit for _, edit in rig.memory.queues] == [QueueEdit.SET, QueueEdit.ADD]
    assert [(word, len(queue.items)) for word, queue in rig.memory.steps] == [("undo", 3), ("redo", 4)]
    assert rig.memory.places[-1][0].items == rig.player.queue.items


def test_it_begins_paused_where_the_last_one_ended_and_goes_on_from_there() -> None:
    queue = Queue().set(tracks(3), 1)
    rig = PlayerRig(queue=replace_position(queue, 1.5), settings=PlayerSettings(volume=40.0))
    rig.play_for(0.2)
    assert (rig.state, rig.snapshot.position_s, rig.outputs.opened) == (PlayerState.PAUSED, 1.5, [])
    assert rig.snapshot.volume == 40.0
    assert rig.snapshot.track is not None
    assert (rig.snapshot.track.title, rig.snapshot.duration_s) == ("track 2", TRACK_S)
    rig.player.play()
    rig.play_for(0.2)
    assert (rig.state, rig.current) == (PlayerState.PLAYING, 2)
    assert rig.snapshot.position_s == pytest.approx(1.65, abs=0.1)


def replace_position(queue: Queue, position_s: float) -> Queue:
    return Queue(queue.items, queue.index, queue.repeat, position_s)


def test_the_end_keeps_the_place_that_was_heard() -> None:
    rig = PlayerRig().playing(3)
    rig.play_for(1.0)
    rig.player.close()
    queue, _, playing = rig.memory.places[-1]
    assert (queue.index, playing) == (0, True)
    assert queue.position_s == pytest.approx(1.1, abs=0.05)
    assert [outcome for *_, outcome in rig.memory.plays] == [PlayOutcome.STOPPED]


# The end


@pytest.mark.invariant("S0-H08")
def test_after_five_hundred_skips_and_the_end_nothing_is_left() -> None:
    """✗ the device is not given back at the end."""
    PlayerRig().playing(1).player.close()
    # What earlier tests have left may go meanwhile.
    gc.collect()
    threads, handles = set(threading.enumerate()), len(os.listdir("/proc/self/fd"))
    rig = PlayerRig().playing(3)
    rig.player.repeat(RepeatMode.ALL)
    rig.player.start()
    for _ in range(500):
        rig.player.next()
    rig.player.close()
    rig.player.close()
    until(lambda: set(threading.enumerate()) <= threads)
    until(lambda: len(os.listdir("/proc/self/fd")) <= handles)
    assert rig.outputs.open_ones == []
    assert all(feeder.feed.is_cancelled for feeder in rig.feeders)
    assert len([feeder for feeder in rig.feeders if not feeder.feed.is_cancelled]) == 0


def test_the_end_does_not_wait_for_a_file_that_does_not_answer() -> None:
    rig = PlayerRig()
    rig.player.start()
    rig.files.gate.clear()
    rig.player.set_queue(tracks(2))
    assert rig.files.asked.wait(PATIENCE_S)
    ends = threading.Thread(target=rig.player.close)
    ends.start()
    # The file answers only afterwards.
    ends.join(PATIENCE_S)
    is_there = not ends.is_alive()
    rig.files.gate.set()
    ends.join()
    assert is_there


def test_who_is_told_may_end_the_player() -> None:
    rig = PlayerRig()
    ended = threading.Event()

    def end(_: object) -> None:
        rig.player.close()
        ended.set()

    rig.player.subscribe(end)
    rig.player.start()
    rig.player.set_queue(tracks(2))
    assert ended.wait(PATIENCE_S)
    rig.player._conductor._thread.join(PATIENCE_S)
    assert not rig.player._conductor._thread.is_alive()


def test_a_wish_after_the_end_is_refused() -> None:
    rig = PlayerRig()
    rig.player.close()
    with pytest.raises(NoPlayerError):
        rig.player.play()
    assert rig.player.snapshot().state is PlayerState.STOPPED


def test_wishes_that_cannot_be_are_refused_and_change_nothing() -> None:
    rig = PlayerRig().playing(2)
    before = rig.snapshot
    wishes: list[Callable[[], None]] = [
        lambda: rig.player.set_volume(101.0),
        lambda: rig.player.set_volume(float("nan")),
        lambda: rig.player.intensity(1.1),
        lambda: rig.player.crossfade(-1.0),
        lambda: rig.player.preset("nothing"),
        lambda: rig.player.seek(float("inf")),
        lambda: rig.player.jump(7),
        lambda: rig.player.remove([2]),
    ]
    for wish in wishes:
        with pytest.raises(UsageError):
            wish()
    assert rig.snapshot == before


# Loudness


def test_a_track_of_unknown_loudness_is_measured_and_goes_on_at_its_own_level() -> None:
    rig = PlayerRig(settings=PlayerSettings(normalize=NormalizeMode.TRACK)).playing(2)
    rig.turn()
    assert [track.title for track, _ in rig.plans.measures] == ["track 1"]
    _, done = rig.plans.measures[0]
    done(TrackLevels(-9.0, -0.5))
    rig.turn()
    feeder = rig.feeders[-1]
    assert feeder.request.track is not None
    assert feeder.request.track.levels == TrackLevels(-9.0, -0.5)
    rig.play_for(0.3)
    assert (rig.state, rig.sounds()) == (PlayerState.PLAYING, 1)
    assert rig.snapshot.position_s == pytest.approx(0.4, abs=0.1)


def test_what_is_enhanced_and_unknown_is_measured_first_and_its_loudness_is_set_until_it_is_solved() -> None:
    rig = PlayerRig(settings=PlayerSettings(is_enhanced=True))
    rig.plans.guesses = False
    rig.playing(1)
    rig.turn()
    assert rig.snapshot.plan_stage is None
    assert [track.title for track, _ in rig.plans.measures] == ["track 1"]
    rig.plans.measures[0][1](TrackLevels(-9.0, -0.5))
    rig.turn()
    rig.play_for(0.3)
    assert rig.snapshot.plan_stage is PlanStage.LEVEL


def test_a_loudness_that_is_found_while_the_track_is_made_ready_is_what_it_is_heard_at() -> None:
    rig = PlayerRig(settings=PlayerSettings(normalize=NormalizeMode.TRACK)).playing(2)
    rig.player.stop()
    rig.turn()
    rig.player.play()
    # A feeder has begun, and has not got as far as its first sample.
    rig.player._conductor.turn(0.0)
    _, done = rig.plans.measures[-1]
    done(TrackLevels(-9.0, -0.5))
    rig.play_for(0.3)
    track = rig.feeders[-1].request.track
    assert track is not None
    assert track.levels == TrackLevels(-9.0, -0.5)
    assert (rig.state, rig.sounds()) == (PlayerState.PLAYING, 1)
