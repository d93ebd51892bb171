"""What lies in the ring already, and what is wished meanwhile: edits, settings and plans while something plays."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from player_fakes import RATE_HZ, TRACK_S, PlayerRig, tracks

from auralis_cli.model.live_mastering import MasteringWish, PlanStage
from auralis_cli.model.playback import PlayableTrack, PlayerState, Side
from auralis_cli.model.player_choices import NormalizeMode, RepeatMode
from auralis_cli.model.queue import QueueTrack


def near_the_end(rig: PlayerRig) -> PlayerRig:
    """What follows was joined a while ago, and is not heard yet."""
    rig.play_for(TRACK_S - rig.snapshot.position_s - 0.5)
    feed = rig.feeders[-1].feed
    assert len(feed.marks) > 1 or feed.finished
    return rig


@pytest.mark.invariant("S4-D1.3")
@pytest.mark.parametrize(
    ("wish", "heard"),
    [
        (lambda player: player.remove([1]), 3),
        (lambda player: player.move(2, 1), 3),
        (lambda player: player.play_next(tracks(1, 50)), 4),
        (lambda player: player.move(0, 2), 0),
        (lambda player: player.repeat(RepeatMode.ONE), 1),
        (lambda player: player.stop_after_current(on=True), 0),
        (lambda player: player.add(tracks(1, 50)), 2),
        (lambda player: player.shuffle(), 3),
    ],
)
def test_what_follows_is_what_the_queue_says_at_the_end_of_the_track(
    wish: Callable[[object], None], heard: int
) -> None:
    """✗ what was joined is played whatever became of the queue."""
    rig = near_the_end(PlayerRig().playing(3))
    wish(rig.player)
    rig.play_for(0.3)
    assert (rig.sounds(), rig.current) == (1, 1)
    rig.play_for(0.4)
    assert rig.sounds() == heard
    assert rig.state is (PlayerState.PLAYING if heard else PlayerState.STOPPED)


@pytest.mark.parametrize("early_s", [0.09, 0.05, 0.02, 0.01])
def test_what_follows_may_change_at_the_last_moment(early_s: float) -> None:
    rig = PlayerRig().playing(3)
    rig.play_for(TRACK_S - rig.snapshot.position_s - early_s)
    assert rig.current == 1
    rig.player.remove([1])
    rig.play_for(0.4)
    assert (rig.current, rig.sounds(), rig.state) == (3, 3, PlayerState.PLAYING)
    assert [track.title for track, *_ in rig.memory.plays] == ["track 1"]


@pytest.mark.parametrize("early_s", [0.09, 0.05, 0.02])
@pytest.mark.invariant("S4-D1.3")
def test_other_settings_right_after_an_edit_do_not_bring_back_what_was_taken_out(early_s: float) -> None:
    """✗ the settings' feed supersedes the edit's before that landed, and begins in the item that is gone."""
    rig = PlayerRig().playing(3)
    rig.play_for(TRACK_S - rig.snapshot.position_s - early_s)
    rig.player.remove([1])
    rig.player.intensity(0.5)
    heard = []
    for _ in range(60):
        rig.turn()
        rig.pull()
        heard.append(rig.sounds())
    assert (rig.current, rig.sounds()) == (3, 3)
    # What was joined is crossed out of within 20 ms.
    assert heard.count(2) <= 2


def test_what_is_added_behind_the_last_track_is_joined_though_the_end_was_in_the_ring() -> None:
    rig = near_the_end(PlayerRig().playing(1))
    assert rig.feeders[-1].feed.finished
    rig.player.add(tracks(1, 2))
    heard = set()
    for _ in range(80):
        rig.turn()
        rig.pull()
        heard.add(rig.sounds())
    assert (rig.current, heard) == (2, {1, 2})


@pytest.mark.invariant("S4-D1.3")
def test_an_edit_while_what_followed_is_being_opened_is_not_overtaken(monkeypatch: pytest.MonkeyPatch) -> None:
    """✗ the feeder has its answer, no mark says so yet, and what it joins then is not what follows any more."""
    rig = PlayerRig().playing(3)
    look_up = rig.files.look_up

    def slow(track: QueueTrack) -> PlayableTrack:
        if track == tracks(1, 2)[0] and len(rig.player.queue.items) == 3:
            rig.player.remove([1])
        return look_up(track)

    monkeypatch.setattr(rig.files, "look_up", slow)
    heard = []
    for _ in range(320):
        rig.turn()
        rig.pull()
        heard.append(rig.sounds())
    assert (rig.current, rig.sounds()) == (3, 3)
    assert heard.count(2) == 0


def test_an_item_that_is_heard_though_it_was_taken_out_is_cut_and_what_follows_plays() -> None:
    """Should a feed ever have joined what the queue does not know any more."""
    rig = near_the_end(PlayerRig().playing(3))
    rig.player._queue.queue = rig.player._queue.queue.remove([1])
    rig.play_for(0.8)
    assert (rig.current, rig.sounds(), rig.state) == (3, 3, PlayerState.PLAYING)


def test_tracks_are_added_and_the_first_of_them_is_played_in_one_wish() -> None:
    rig = PlayerRig().playing(2)
    rig.player.add(tracks(2, 50), play=True)
    rig.play_for(0.1)
    assert (rig.current, rig.sounds(), rig.snapshot.queue_index) == (50, 3, 2)
    rig.player.add([], play=True)
    assert rig.current == 50


def test_an_edit_that_changes_nothing_of_what_follows_leaves_the_sound_alone() -> None:
    rig = near_the_end(PlayerRig().playing(5))
    made = len(rig.feeders)
    rig.player.remove([3])
    rig.player.move(3, 2)
    rig.player.add(tracks(2))
    rig.turn()
    assert len(rig.feeders) == made


def test_the_current_track_goes_on_whatever_is_edited_around_it() -> None:
    rig = PlayerRig().playing(5, start=2)
    rig.play_for(0.5)
    place_s = rig.snapshot.position_s
    rig.player.remove([0, 1])
    rig.player.move(0, 2)
    rig.player.insert(0, tracks(2, 60))
    rig.player.shuffle()
    rig.turn()
    rig.player.undo()
    rig.play_for(0.1)
    assert (rig.current, rig.sounds()) == (3, 3)
    assert rig.snapshot.position_s == pytest.approx(place_s + 0.1, abs=0.03)
    assert rig.player.queue.current is not None
    assert rig.snapshot.queue_index == 4


def test_consuming_takes_out_what_was_played_and_nothing_else() -> None:
    rig = PlayerRig().playing(4)
    rig.player.consume(on=True)
    rig.play_for(TRACK_S)
    assert [item.ticket for item in rig.player.queue.items] == [2, 3, 4]
    rig.player.next()
    rig.player.previous()
    rig.play_for(0.2)
    assert [item.ticket for item in rig.player.queue.items] == [3, 4]
    rig.play_for(2 * TRACK_S + 0.5)
    assert (rig.player.queue.items, rig.state) == ((), PlayerState.STOPPED)


def test_what_will_be_consumed_by_then_is_not_joined_again_where_all_is_repeated() -> None:
    """✗ the current item is still in the queue when the end of what follows it is joined, and is heard once more."""
    rig = PlayerRig()
    rig.files.length_s = {1: 0.3, 2: 0.3, 3: 0.3}
    rig.player.consume(on=True)
    rig.player.repeat(RepeatMode.ALL)
    rig.player.set_queue(tracks(3), start=1)
    rig.play_for(0.1)
    feed = rig.feeders[-1].feed
    assert ([mark.item.ticket for mark in feed.marks], feed.finished) == ([2, 3, 1], True)
    rig.play_for(1.4)
    assert (rig.player.queue.items, rig.state) == ((), PlayerState.STOPPED)


def test_stopping_after_the_current_track_stands_at_the_next_and_is_over_then() -> None:
    rig = PlayerRig().playing(3)
    rig.player.stop_after_current()
    rig.play_for(TRACK_S)
    assert (rig.state, rig.current, rig.snapshot.stop_after_current) == (PlayerState.STOPPED, 2, False)
    rig.player.play()
    rig.play_for(TRACK_S + 0.2)
    assert (rig.state, rig.current) == (PlayerState.PLAYING, 3)


def test_previous_begins_the_track_again_past_five_seconds_else_goes_back() -> None:
    rig = PlayerRig()
    rig.files.length_s[2] = 20.0
    rig.playing(3, start=1)
    rig.play_for(4.5)
    rig.player.previous()
    rig.play_for(0.1)
    assert rig.current == 1
    rig.player.next()
    rig.play_for(5.5)
    rig.player.previous()
    rig.play_for(0.1)
    assert (rig.current, rig.sounds()) == (2, 2)
    assert rig.snapshot.position_s < 0.2


@pytest.mark.parametrize("state", [PlayerState.STOPPED, PlayerState.PAUSED])
def test_skipping_leaves_the_player_as_still_as_it_was(state: PlayerState) -> None:
    rig = PlayerRig().playing(3)
    rig.player.stop() if state is PlayerState.STOPPED else rig.player.pause()
    rig.player.next()
    rig.play_for(0.2)
    assert (rig.state, rig.current, rig.sounds()) == (state, 2, 0)
    rig.player.play()
    rig.play_for(0.2)
    assert (rig.current, rig.sounds()) == (2, 2)


# Settings and plans: another feed takes over in place


def test_other_settings_take_over_without_a_gap_at_the_same_place() -> None:
    rig = PlayerRig().playing(3)
    rig.heard.clear()
    wishes: list[Callable[[], None]] = [
        lambda: rig.player.intensity(0.5),
        lambda: rig.player.normalize(NormalizeMode.TRACK),
        lambda: rig.player.preset("warm"),
    ]
    for wish in wishes:
        wish()
        rig.play_for(0.4)
    assert rig.feeders[-1].request.settings.wish == MasteringWish("warm", 0.5)
    assert np.all(np.concatenate(rig.heard)[:, 0] == np.float32(0.001))
    assert rig.snapshot.underruns == 0
    assert rig.snapshot.position_s == pytest.approx(1.3, abs=0.03)
    assert len([feeder for feeder in rig.feeders if not feeder.feed.is_cancelled]) == 1


def test_a_preset_is_heard_within_a_quarter_of_a_second() -> None:
    rig = PlayerRig().playing(3)
    rig.player.intensity(0.5)
    rig.play_for(0.25)
    feeder = next(feeder for feeder in rig.feeders if feeder.request.settings.wish == MasteringWish(intensity=0.5))
    assert feeder.feed.ring.read > 0


def test_of_many_settings_in_a_row_the_last_is_heard_and_few_feeds_are_made() -> None:
    rig = PlayerRig().playing(3)
    made = {feeder.feed.epoch for feeder in rig.feeders}
    seen = set()
    for step in range(1, 50):
        rig.player.intensity(step / 50)
        rig.play_for(0.01)
        seen |= {feeder.feed.epoch for feeder in rig.feeders}
        assert len(rig.feeders) <= 3
    rig.play_for(0.5)
    assert rig.feeders[-1].request.settings.wish == MasteringWish(intensity=49 / 50)
    assert len(seen - made) < 10
    assert (rig.sounds(), rig.state) == (1, PlayerState.PLAYING)


def test_a_plan_crosses_over_as_it_gets_better_and_the_next_one_is_asked_for_ahead() -> None:
    rig = PlayerRig().playing(3)
    assert rig.plans.requests == []
    rig.player.enhance(on=True)
    rig.turn()
    track, wish, _ = rig.plans.requests[-1]
    assert (track.title, rig.snapshot.plan_stage) == ("track 1", PlanStage.LEVEL)
    for stage in (PlanStage.PREDICTED, PlanStage.SOLVED):
        rig.plans.arrive(track, wish, stage)
        rig.play_for(0.3)
        assert rig.snapshot.plan_stage is stage
    made = rig.feeders[-1]
    near_the_end(rig)
    ahead = [asked.title for asked, _, _ in rig.plans.requests]
    assert ahead[-1] == "track 2"
    rig.plans.arrive(rig.plans.requests[-1][0], wish, PlanStage.SOLVED)
    rig.play_for(1.0)
    assert (rig.current, rig.sounds()) == (2, 2)
    assert rig.snapshot.plan_stage is PlanStage.SOLVED
    assert made.feed.epoch <= rig.feeders[-1].feed.epoch


def test_a_plan_for_what_is_not_wished_any_more_changes_nothing() -> None:
    rig = PlayerRig().playing(3)
    rig.player.enhance(on=True)
    rig.turn()
    track, wish, _ = rig.plans.requests[-1]
    rig.player.intensity(0.3)
    rig.play_for(0.3)
    made = len(rig.feeders)
    rig.plans.arrive(track, wish, PlanStage.SOLVED)
    rig.turn()
    rig.player.next()
    rig.play_for(0.2)
    rig.plans.arrive(track, MasteringWish(intensity=0.3), PlanStage.SOLVED)
    rig.turn()
    assert (len(rig.feeders), rig.snapshot.plan_stage) == (made, PlanStage.LEVEL)
    assert rig.plans.withdrawn > 0


def test_enhancing_and_comparing_need_no_other_feed() -> None:
    rig = PlayerRig().playing(3)
    made = rig.feeders[-1].feed.epoch
    rig.player.enhance(on=True)
    rig.play_for(0.1)
    assert rig.heard[-1][-1, 0] < 0
    rig.player.compare(Side.ORIGINAL)
    rig.play_for(0.1)
    assert (rig.heard[-1][-1, 0] > 0, rig.snapshot.compared) == (True, Side.ORIGINAL)
    rig.player.compare(None)
    rig.play_for(0.1)
    assert rig.heard[-1][-1, 0] < 0
    assert rig.feeders[-1].feed.epoch == made
    assert rig.snapshot.sample_rate_hz == RATE_HZ


def test_settings_changed_as_the_device_comes_back_at_another_rate_are_loaded_at_that_rate() -> None:
    """✗ a feed of the new rate takes over from one of the old, at a frame counted by the old."""
    rig = PlayerRig().playing(3)
    rig.play_for(1.0)
    rig.player.pause()
    rig.turn()
    rig.clock.now_s += 10
    rig.turn()
    assert not rig.outputs.open_ones
    rig.outputs.own_rate_hz = 2 * RATE_HZ
    place_s = rig.snapshot.position_s
    rig.player.play()
    rig.player.intensity(0.5)
    rig.turn()
    (feeder,) = rig.feeders
    assert (feeder.feed.rate_hz, feeder.request.first_frame) == (2 * RATE_HZ, round(place_s * 2 * RATE_HZ))


def test_settings_changed_in_a_pause_are_heard_from_the_first_moment_on() -> None:
    rig = PlayerRig().playing(3)
    rig.play_for(0.5)
    rig.player.pause()
    rig.play_for(0.1)
    place_s = rig.snapshot.position_s
    rig.player.intensity(0.5)
    rig.play_for(0.1)
    assert rig.snapshot.position_s == pytest.approx(place_s, abs=0.001)
    rig.player.play()
    rig.play_for(0.1)
    feeder = rig.feeders[-1]
    assert feeder.request.settings.wish == MasteringWish(intensity=0.5)
    assert feeder.feed.ring.read > 0
