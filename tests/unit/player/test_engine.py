"""What is heard when the engine is steered: every frame once, each turn at its frame, and nothing that clicks."""

from __future__ import annotations

import threading
from collections.abc import Callable

import numpy as np
import pytest
from patience import until
from sounding_feeds import RATE_HZ, Driven, constant, feed_of, mark, numbered, numbers

from auralis_cli.model.playback import Side
from auralis_cli.player.engine import Engine
from auralis_cli.player.feed import Feed, FeedPlace
from auralis_cli.player.rendering import CROSSING_S, CUT_S, ENHANCE_S, ENTRY_S, PAUSE_S, VOLUME_S, NoticeKind
from auralis_cli.player.ring import FrameRing

CUT_FRAMES = int(CUT_S * RATE_HZ)
PAUSE_FRAMES = int(PAUSE_S * RATE_HZ)
CROSSING_FRAMES = int(CROSSING_S * RATE_HZ)
ENTRY_FRAMES = int(ENTRY_S * RATE_HZ)
BLOCKS = (1, 17, 509, 512, 1102)


# Sound as it is


@pytest.mark.parametrize("block", BLOCKS)
def test_a_feed_is_heard_bit_for_bit_from_its_first_frame_to_its_last(block: int) -> None:
    sound = np.random.default_rng(1).standard_normal((4_001, 5)).astype(np.float32)
    driven = Driven()
    driven.engine.play(feed_of(sound))
    heard = driven.render(5_000, block)
    assert heard[:4_001].tobytes() == np.ascontiguousarray(sound[:, :2]).tobytes()
    assert not heard[4_001:].any()
    assert driven.engine.underruns == 0


def test_nothing_is_heard_of_what_is_not_wanted() -> None:
    driven = Driven()
    assert not driven.render(1_000).any()
    assert driven.engine.played() is None
    assert driven.engine.reached() is None


def test_a_feed_waits_for_a_little_of_it_to_be_there_and_that_is_no_underrun() -> None:
    feed = feed_of(numbered(0, ENTRY_FRAMES - 1), finished=False)
    driven = Driven()
    driven.engine.play(feed)
    assert not driven.render(2_000).any()
    feed.ring.write(numbered(ENTRY_FRAMES - 1, 1))
    assert np.array_equal(numbers(driven.render(1_000)), np.arange(1_000))
    assert driven.engine.underruns == 0


def test_what_begins_in_the_midst_of_a_track_is_faded_in() -> None:
    driven = Driven()
    driven.engine.play(feed_of(constant(5_000), marks=(mark(offset_frames=1_000),)))
    heard = driven.render(2_000)[:, 0]
    assert heard[0] < 0.001
    assert (heard[CUT_FRAMES:] == 1.0).all()


def test_a_volume_set_before_the_first_sound_is_there_from_its_first_frame() -> None:
    driven = Driven()
    driven.engine.set_volume(0.25)
    driven.engine.set_enhanced(True)
    driven.engine.play(feed_of(constant(2_000, original=0.1, mastered=0.5)))
    assert (driven.render(1_000) == 0.125).all()


# Cuts, pauses, gains


def test_what_is_cut_is_faded_out_at_once_and_the_next_is_whole() -> None:
    driven = Driven()
    driven.engine.play(feed_of(constant(20_000)))
    driven.render(1_000)
    driven.engine.play(feed_of(numbered(0, 20_000), 2))
    heard = driven.render(3_000, 256)
    faded = heard[:CUT_FRAMES, 0]
    assert (np.diff(faded) <= 0).all()
    assert faded[-1] == 0.0
    assert np.abs(np.diff(faded)).max() < 1.6 / CUT_FRAMES
    assert np.array_equal(numbers(heard[CUT_FRAMES:]), np.arange(3_000 - CUT_FRAMES))


@pytest.mark.invariant("S4-D1.2")
@pytest.mark.parametrize("wait", [0, 1, 100, CUT_FRAMES - 1, CUT_FRAMES, CUT_FRAMES + 1])
def test_of_two_cuts_the_newer_is_heard_however_soon_it_comes(wait: int) -> None:
    """Kills: a cut that is under way is finished before the newer is looked at."""
    driven = Driven()
    driven.engine.play(feed_of(constant(20_000)))
    driven.render(1_000)
    driven.engine.play(feed_of(numbered(500_000, 20_000), 2))
    driven.render(wait, 64)
    driven.engine.play(feed_of(numbered(0, 20_000), 3))
    heard = numbers(driven.render(6_000, 64))
    assert np.array_equal(
        heard[2 * CUT_FRAMES :], np.arange(len(heard))[: len(heard) - 2 * CUT_FRAMES] + heard[2 * CUT_FRAMES]
    )
    assert 0 < heard[2 * CUT_FRAMES] < 1_000
    place = driven.engine.played()
    assert place is not None
    assert place.epoch == 3


@pytest.mark.parametrize("block", BLOCKS)
def test_a_pause_keeps_the_place_and_loses_no_frame(block: int) -> None:
    driven = Driven()
    driven.engine.play(feed_of(numbered(0, 30_000)))
    driven.render(1_000, block)
    driven.engine.pause()
    assert not driven.render(3_000, block)[PAUSE_FRAMES:].any()
    place = driven.engine.reached()
    assert place is not None
    assert place.frame == 1_000 + PAUSE_FRAMES
    driven.engine.resume()
    heard = driven.render(3_000, block)
    assert np.array_equal(numbers(heard[PAUSE_FRAMES:]), np.arange(PAUSE_FRAMES, 3_000) + place.frame)
    assert driven.engine.underruns == 0


def test_a_feed_that_is_played_while_paused_is_heard_whole_once_it_is_resumed() -> None:
    driven = Driven()
    driven.engine.pause()
    driven.engine.play(feed_of(numbered(0, 5_000)))
    assert not driven.render(1_000).any()
    driven.engine.resume()
    assert np.array_equal(numbers(driven.render(5_000)), np.arange(5_000))


def test_after_a_stop_nothing_is_heard_or_told() -> None:
    driven = Driven()
    driven.engine.play(feed_of(numbered(0, 20_000)))
    driven.render(1_000)
    driven.told()
    driven.engine.stop()
    assert not driven.render(3_000)[CUT_FRAMES:].any()
    assert driven.told() == []
    assert driven.engine.played() is None


@pytest.mark.invariant("S1-M-03")
@pytest.mark.parametrize("block", [1, 100, 1102, 8192])
def test_no_turn_makes_a_gain_jump_at_any_block_size(block: int) -> None:
    """Kills: a gain that is applied from one block to the next. The signal is 1, so what is heard is the gain."""
    driven = Driven()
    driven.engine.play(feed_of(constant(100_000, original=1.0, mastered=0.5, match=0.5)))
    turns: tuple[Callable[[], None], ...] = (
        lambda: driven.engine.set_volume(0.3),
        lambda: driven.engine.set_enhanced(True),
        driven.engine.pause,
        driven.engine.resume,
        lambda: driven.engine.set_compared(Side.ORIGINAL),
        lambda: driven.engine.set_volume(1.0),
        lambda: driven.engine.set_compared(None),
        driven.engine.stop,
    )
    trace = [driven.render(500, block)[:, 0]]
    for turn in turns:
        turn()
        trace.append(driven.render(3_000, block)[:, 0])
    gains = np.concatenate(trace).astype(np.float64)
    steepest = 1.5 / CUT_FRAMES
    assert np.abs(np.diff(gains)).max() <= 1.05 * steepest
    assert np.abs(np.diff(gains, 2)).max() <= 1.05 * 6.0 / CUT_FRAMES**2 + 1e-6


def test_volume_and_enhancement_arrive_within_their_times_and_exactly() -> None:
    driven = Driven()
    driven.engine.play(feed_of(constant(50_000, original=1.0, mastered=0.5)))
    driven.render(1_000)
    driven.engine.set_enhanced(True)
    assert (driven.render(2_000)[int(ENHANCE_S * RATE_HZ) :] == 0.5).all()
    driven.engine.set_volume(0.5)
    assert (driven.render(2_000)[int(VOLUME_S * RATE_HZ) :] == 0.25).all()
    with pytest.raises(ValueError, match="gain"):
        driven.engine.set_volume(1.01)


@pytest.mark.parametrize(("match", "expected"), [(2.0, (0.25, 0.25)), (0.5, (0.125, 0.125))])
def test_comparing_is_level_matched_by_the_column(match: float, expected: tuple[float, float]) -> None:
    driven = Driven()
    driven.engine.play(feed_of(constant(50_000, original=0.25, mastered=0.25 * match, match=match)))
    for side, level in zip(Side, expected, strict=True):
        driven.engine.set_compared(side)
        assert driven.render(2_000)[-1, 0] == pytest.approx(level)
    driven.engine.set_compared(None)
    assert driven.render(2_000)[-1, 0] == 0.25


# Hand-overs


def handed_over(driven: Driven, at_frame: int, old: Feed, *, frames: int = 30_000) -> Feed:
    """A feed whose samples go on where the old one's are, from `at_frame` on."""
    new = feed_of(numbered(at_frame, frames), 2, marks=(mark(offset_frames=at_frame),))
    driven.engine.hand_over(new, FeedPlace(old, at_frame))
    return new


@pytest.mark.parametrize("block", BLOCKS)
@pytest.mark.parametrize("at_frame", [1_000, 1_001, 3_333, 10, 0])
def test_a_hand_over_is_aligned_to_the_frame_be_it_early_or_late(block: int, at_frame: int) -> None:
    """Kills: what a late feed has missed is played all the same."""
    driven = Driven()
    old = feed_of(numbered(0, 30_000))
    driven.engine.play(old)
    before = driven.render(1_000, block)
    new = handed_over(driven, at_frame, old)
    heard = np.concatenate([before, driven.render(5_000, block)])
    assert np.array_equal(numbers(heard), np.arange(6_000))
    assert (2, NoticeKind.HANDED_OVER) in driven.told()
    assert old.ring.read == max(1_000, at_frame) + CROSSING_FRAMES
    assert new.origin + new.ring.read == 6_000


def test_a_hand_over_crosses_from_one_feed_to_the_other() -> None:
    driven = Driven()
    old = feed_of(constant(30_000, original=1.0))
    driven.engine.play(old)
    driven.render(1_000)
    driven.engine.hand_over(feed_of(constant(30_000, original=0.5), 2), FeedPlace(old, 1_500))
    heard = driven.render(5_000)[:, 0]
    assert (heard[:500] == 1.0).all()
    assert (np.diff(heard[500 : 500 + CROSSING_FRAMES]) <= 1e-6).all()
    assert (heard[500 + CROSSING_FRAMES :] == 0.5).all()


def test_a_feed_that_comes_later_than_it_was_to_catches_up_unheard_while_the_old_one_plays() -> None:
    driven = Driven()
    old = feed_of(numbered(0, 60_000))
    driven.engine.play(old)
    new = Feed(2, RATE_HZ, FrameRing(8_000))
    driven.engine.hand_over(new, FeedPlace(old, 0))
    heard = [driven.render(10_000)]
    sent = numbered(0, 60_000)
    for start in range(0, 60_000, 4_000):
        while new.ring.room < 4_000:
            heard.append(driven.render(512))
        new.ring.write(sent[start : start + 4_000])
        heard.append(driven.render(512))
    new.finish()
    played = numbers(np.concatenate(heard))
    assert np.array_equal(played, np.arange(len(played)))
    assert (2, NoticeKind.HANDED_OVER) in driven.told()


def test_a_newer_hand_over_supersedes_one_that_has_not_begun_or_is_under_way() -> None:
    for wait in (100, 1_200, 1_500, 3_000):
        driven = Driven()
        old = feed_of(numbered(0, 30_000))
        driven.engine.play(old)
        heard = [driven.render(1_000)]
        second = handed_over(driven, 2_000, old)
        heard.append(driven.render(wait))
        third = feed_of(numbered(2_500, 30_000), 3)
        driven.engine.hand_over(third, FeedPlace(second, 500))
        heard.append(driven.render(8_000))
        played = numbers(np.concatenate(heard))
        assert np.array_equal(played, np.arange(len(played)))
        place = driven.engine.reached()
        assert place is not None
        assert place.feed is third


def test_a_hand_over_while_paused_is_made_unheard() -> None:
    driven = Driven()
    old = feed_of(numbered(0, 30_000))
    driven.engine.play(old)
    driven.render(1_000)
    driven.engine.pause()
    driven.render(2_000)
    handed_over(driven, 100, old)
    driven.render(1_000)
    assert (2, NoticeKind.HANDED_OVER) in driven.told()
    driven.engine.resume()
    heard = numbers(driven.render(4_000))
    at = 1_000 + PAUSE_FRAMES
    assert np.array_equal(heard[PAUSE_FRAMES:], np.arange(at + PAUSE_FRAMES, at + 4_000))


def test_a_hand_over_at_the_end_of_the_old_feed_goes_on_without_a_gap_and_tells_no_end() -> None:
    driven = Driven()
    old = feed_of(numbered(0, 3_000))
    driven.engine.play(old)
    heard = [driven.render(1_000)]
    handed_over(driven, 3_000, old, frames=4_000)
    heard.append(driven.render(6_000))
    assert np.array_equal(numbers(np.concatenate(heard)), np.arange(7_000))
    driven.render(512)
    assert [notice for notice in driven.told() if notice[1] is NoticeKind.FEED_ENDED] == [(2, NoticeKind.FEED_ENDED)]


def test_a_hand_over_that_is_asked_for_before_the_first_block_begins_with_the_feed_before_it() -> None:
    driven = Driven()
    old = feed_of(numbered(0, 30_000))
    driven.engine.play(old)
    handed_over(driven, 2_000, old)
    for place in (driven.engine.played(), driven.engine.reached()):
        assert place == FeedPlace(old, 0)
    assert np.array_equal(numbers(driven.render(8_000)), np.arange(8_000))


def test_a_hand_over_to_what_was_cut_is_refused() -> None:
    driven = Driven()
    old = feed_of(numbered(0, 3_000))
    driven.engine.play(old)
    driven.engine.play(feed_of(numbered(0, 3_000), 2))
    with pytest.raises(ValueError, match="does not play"):
        handed_over(driven, 10, old)


# Running dry


def test_an_underrun_is_counted_once_filled_with_zeros_and_loses_no_frame() -> None:
    driven = Driven()
    feed = feed_of(numbered(0, 5_000), finished=False)
    driven.engine.play(feed)
    heard = driven.render(9_000)
    assert np.array_equal(numbers(heard[:5_000]), np.arange(5_000))
    fade = int(0.005 * RATE_HZ)
    assert not heard[5_000 + fade :].any()
    assert np.abs(np.diff(heard[4_999 : 5_000 + fade, 0])).max() <= heard[4_999, 0] * 1.6 / fade
    assert driven.engine.underruns == 1
    feed.ring.write(numbered(5_000, 10_000))
    again = numbers(driven.render(9_000))
    assert np.array_equal(again[fade:], np.arange(5_000 + fade, 14_000))
    assert driven.engine.underruns == 1


def test_neither_an_end_nor_a_pause_nor_a_wait_for_the_first_frame_is_an_underrun() -> None:
    driven = Driven()
    driven.engine.play(feed_of(numbered(0, 100), finished=False))
    driven.render(2_000)
    driven.engine.play(feed_of(numbered(0, 3_000), 2, finished=False))
    driven.render(1_000)
    driven.engine.pause()
    driven.render(9_000)
    driven.engine.resume()
    driven.engine.play(feed_of(numbered(0, 3_000), 3))
    driven.render(9_000)
    assert driven.engine.underruns == 0


# What is told, and where the device is


def test_each_item_and_the_end_are_told_once_when_they_are_heard() -> None:
    """Kills: told when rendered. The device is 2,000 frames late."""
    driven = Driven()
    driven.engine.play(feed_of(numbered(0, 10_000), 5, marks=(mark(), mark(4_000, 1))))
    late_s = 2_000 / RATE_HZ
    driven.render(2_000, 100, late_s)
    assert driven.told() == []
    driven.render(100, 100, late_s)
    assert driven.told() == [(5, NoticeKind.MARK_PASSED)]
    driven.render(3_800, 100, late_s)
    assert driven.told() == []
    driven.render(200, 100, late_s)
    assert driven.told() == [(5, NoticeKind.MARK_PASSED)]
    driven.render(5_800, 100, late_s)
    assert driven.told() == []
    driven.render(4_000, 100, late_s)
    assert driven.told() == [(5, NoticeKind.FEED_ENDED)]


def test_a_feed_without_a_frame_ends_all_the_same() -> None:
    driven = Driven()
    driven.engine.play(feed_of(numbered(0, 0), 4, marks=()))
    driven.render(100)
    assert driven.told() == [(4, NoticeKind.FEED_ENDED)]


def test_the_last_block_of_a_feed_that_is_finished_meanwhile_is_heard() -> None:
    """Kills: the ring is looked at before whether the feed is finished."""

    class LateFinish(Feed):
        """Writes its last frames just before it says that there are no more."""

        _late = False

        @property
        def finished(self) -> bool:
            if self.ring.read >= 5_000 and not self._late:
                self._late = True
                self.ring.write(numbered(5_000, 700))
            return self._late

        @finished.setter
        def finished(self, _: bool) -> None: ...

    feed = LateFinish(1, RATE_HZ, FrameRing(20_000))
    feed.marks = (mark(),)
    feed.ring.write(numbered(0, 5_000))
    driven = Driven()
    driven.engine.play(feed)
    assert np.array_equal(numbers(driven.render(6_000))[:5_700], np.arange(5_700))
    assert driven.engine.underruns == 0


@pytest.mark.invariant("S2-u12")
def test_the_position_does_not_drift_from_what_was_delivered() -> None:
    """Kills: a position that adds up the clock. An hour of a clock that is wrong by 3.6 s in it."""
    rate_hz, block = 8_000, 8_000
    driven = Driven()
    feed = Feed(1, rate_hz, FrameRing(2 * block))
    feed.marks = (mark(),)
    driven.engine.play(feed)
    sound, out = constant(block), np.zeros((block, 2), np.float32)
    for second in range(3_600):
        feed.ring.write(sound)
        driven.engine.render(out, 0.1)
        driven.now_s += 0.999
        place = driven.engine.played()
        assert place is not None
        assert abs(place.frame / rate_hz - (second + 1 - 0.1)) <= 0.010


def test_the_position_never_runs_backwards_nor_beyond_what_was_rendered() -> None:
    driven = Driven()
    driven.engine.play(feed_of(numbered(0, 40_000)))
    random = np.random.default_rng(2)
    last = rendered = 0
    for _ in range(60):
        frames = int(random.integers(1, 1_000))
        driven.render(frames, frames, float(random.uniform(0.0, 0.2)))
        rendered = min(rendered + frames, 40_000)
        driven.now_s += float(random.uniform(0.0, 0.1))
        place = driven.engine.played()
        assert place is not None
        assert last <= place.frame <= rendered
        last = place.frame


def test_the_position_stands_while_paused_and_is_that_of_the_new_feed_after_a_cut() -> None:
    driven = Driven()
    driven.engine.play(feed_of(numbered(0, 40_000)))
    driven.render(10_000, 500, 0.1)
    driven.engine.pause()
    driven.render(20_000, 500, 0.1)
    place = driven.engine.played()
    assert place is not None
    assert place.frame == 10_000 + PAUSE_FRAMES
    driven.engine.play(feed_of(numbered(0, 40_000), 2))
    cut = driven.engine.played()
    assert cut is not None
    assert (cut.epoch, cut.frame) == (2, 0)


@pytest.mark.invariant("S1-M-07")
def test_monitors_on_other_threads_neither_disturb_nor_stop_what_is_heard() -> None:
    """Kills: a monitor that takes what the audio thread would read. Each of them fails at the end of its round."""
    driven = Driven()
    driven.engine.play(feed_of(numbered(0, 200_000)))
    ended = threading.Event()
    failures: list[Exception] = []

    def watch(engine: Engine) -> None:
        while not ended.is_set():
            try:
                place = engine.played()
                raise RuntimeError(f"{place} {engine.reached()} {engine.underruns}")
            except RuntimeError as error:
                failures.append(error)
                ended.wait(0.0005)

    monitors = [threading.Thread(target=watch, args=(driven.engine,)) for _ in range(4)]
    for monitor in monitors:
        monitor.start()
    heard = driven.render(200_000)
    until(lambda: failures)
    ended.set()
    for monitor in monitors:
        monitor.join()
    assert np.array_equal(numbers(heard), np.arange(200_000))
    assert failures


@pytest.mark.invariant("S1-M-03")
@pytest.mark.parametrize("seed", range(6))
def test_no_sequence_of_turns_underruns_and_hand_overs_clicks(seed: int) -> None:
    """Kills: any turn taken without a ramp. The signal is 1 throughout, so what is heard is the gain."""
    random = np.random.default_rng(seed)
    driven, epoch = Driven(), 1

    def next_feed() -> Feed:
        frames = int(random.choice([0, 300, 3_000, 9_000]))
        return feed_of(constant(frames), epoch, marks=(mark(offset_frames=7),), finished=False)

    driven.engine.play(feed := next_feed())
    heard: list[np.ndarray] = []
    for _ in range(300):
        match int(random.integers(0, 8)):
            case 0:
                epoch += 1
                driven.engine.play(feed := next_feed())
            case 1:
                place = driven.engine.reached()
                if place is not None:
                    epoch += 1
                    at = max(0, place.frame + int(random.integers(-2_000, 2_000)))
                    driven.engine.hand_over(feed := next_feed(), FeedPlace(place.feed, at))
            case 2:
                driven.engine.pause()
            case 3 | 4:
                driven.engine.resume()
            case 5:
                driven.engine.set_volume(float(random.uniform(0.0, 1.0)))
            case _:
                feed.ring.write(constant(min(feed.ring.room, int(random.integers(0, 4_000)))))
        frames = int(random.integers(1, 2_000))
        heard.append(driven.render(frames, int(random.choice([1, 64, 1_102])) if frames < 200 else 1_102)[:, 0])
    gains = np.concatenate(heard).astype(np.float64)
    assert np.isfinite(gains).all()
    assert gains.max() > 0.5
    steepest = 1.5 / int(0.005 * RATE_HZ) + 1.5 / int(VOLUME_S * RATE_HZ)
    assert np.abs(np.diff(gains)).max() <= steepest
