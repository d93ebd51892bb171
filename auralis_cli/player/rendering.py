"""What the audio thread does with each block: it turns to what is wanted, fades, crosses, sounds, rests and tells.

Everything in here belongs to that thread. It takes no lock, allocates no audio, opens and waits for nothing; of the
others' it reads `Steering`, field by field, and feeds, whose rings it alone empties.
"""

from __future__ import annotations

from enum import IntEnum
from queue import SimpleQueue

import numpy as np
from numpy.typing import NDArray

from auralis_cli.dsp.playback_mix import PlaybackMix, Ramp
from auralis_cli.model.playback import Side
from auralis_cli.player.feed import Feed
from auralis_cli.player.heard import HeardPlace
from auralis_cli.player.tap import SoundTap
from auralis_cli.quick_dataclasses import dataclass

# So much is in the ring before a feed begins to sound, or sounds again after it ran dry.
ENTRY_S = 0.05
CUT_S = 0.010
PAUSE_S = 0.015
VOLUME_S = 0.020
ENHANCE_S = 0.015
CROSSING_S = 0.020
UNDERRUN_S = 0.005


class NoticeKind(IntEnum):
    """What the audio thread tells."""

    # An item of the queue begins to be heard; the first of a feed is when the feed is first heard.
    MARK_PASSED = 0
    # All of the feed was heard; once for each.
    FEED_ENDED = 1
    # The feed has taken over: the one before it is not read any more.
    HANDED_OVER = 2


@dataclass(slots=True)
class Steering:
    """What is wanted. Each field is stored whole by the steering side and read once for each stretch."""

    feed: Feed | None = None
    # The one that began the line it is of: what is handed over before it was ever heard begins with that.
    first: Feed | None = None
    paused: bool = False
    volume: float = 1.0
    enhanced: bool = False
    compared: Side | None = None


def read_notice(notice: int) -> tuple[int, NoticeKind]:
    """The epoch of the feed it is about, and what happened."""
    return notice // len(NoticeKind), NoticeKind(notice % len(NoticeKind))


def entry_frames(feed: Feed) -> int:
    """How much of it has to be there before it sounds."""
    return min(int(ENTRY_S * feed.rate_hz), feed.ring.capacity // 2)


def can_enter(feed: Feed) -> bool:
    """Whether enough of it is there to sound, or all there will be."""
    return feed.finished or feed.ring.filled >= entry_frames(feed)


class Renderer:
    """Fills blocks with what `steering` wants and notes in `heard` what it rendered."""

    def __init__(self, steering: Steering, heard: HeardPlace, notices: SimpleQueue[int], tap: SoundTap) -> None:
        self._steering = steering
        self._heard = heard
        self._notices = notices
        self._tap = tap
        self._mix = PlaybackMix()
        # How often a feed that was to sound ran dry before its end.
        self.underruns = 0
        # What sounds, or is to sound next; what told its end.
        self.feed: Feed | None = None
        self.ended: Feed | None = None
        # What is being crossed out of.
        self._outgoing: Feed | None = None
        # Not to be sounded until enough of it is there.
        self._waiting = False
        # Whether the last frame that was rendered is one of a feed.
        self._sounded = False
        self._marked: Feed | None = None
        self._marks_told = 0

    def render(self, out: NDArray[np.float32], delay_s: float) -> None:
        """Fills `out`, the first frame of which is heard `delay_s` from now; it may have none."""
        frames = len(out)
        self._heard.rendering(frames, delay_s)
        if (tap := self._tap.ring) is not None:
            tap.rendering(delay_s)
        self._turn(self._steering.feed)
        done = 0
        while done < frames:
            done += self._stretch(out, done, frames - done)
        self._tell_marks()
        self._tell_end()

    def _stretch(self, out: NDArray[np.float32], start: int, room: int) -> int:
        """Renders up to the next turn of events, one frame at least and `room` at most; returns how many."""
        wanted, paused = self._steering.feed, self._steering.paused
        self._turn(wanted)
        feed = self.feed
        if feed is None:
            return self._rest(out, start, room)
        leaving = wanted is None or feed.line != wanted.line
        resting = paused or leaving
        self._follow_settings(feed.rate_hz)
        if self._waiting and not resting and can_enter(feed) and not self._mix.left(Ramp.TAIL):
            self._begin(feed)
        if self._waiting:
            return self._rest(out, start, room)
        fade_s = CUT_S if leaving else PAUSE_S
        self._mix.aim(Ramp.TRANSPORT, 0.0 if resting else 1.0, int(fade_s * feed.rate_hz))
        if resting:
            fading = self._mix.left(Ramp.TRANSPORT)
            if not fading:
                return self._rest(out, start, room)
            room = min(room, fading)
        elif wanted is not None and wanted is not feed and self._outgoing is None:
            room = min(room, max(_place_in_line(wanted) - _place_in_line(feed), 0) or room)
        return self._sound(feed, out, start, room, resting=resting)

    def _turn(self, wanted: Feed | None) -> None:
        """Comes as close to what is wanted as it can without a sound."""
        feed = self.feed
        if feed is wanted:
            return
        if feed is None or wanted is None or feed.line != wanted.line:
            if feed is None or self._is_silent or feed.is_over:
                first = self._steering.first
                self._enter(first if wanted and first and first.line == wanted.line else wanted)
        elif self._outgoing is None:
            self._meet(feed, wanted)

    def _enter(self, wanted: Feed | None) -> None:
        self.feed = wanted
        self._outgoing = None
        self._mix.jump(Ramp.CROSSING, 1.0)
        self._wait()

    def _meet(self, feed: Feed, wanted: Feed) -> None:
        """Hands over where both feeds are at the same place; what of the new one has passed is left out."""
        is_over = feed.is_over
        behind = _place_in_line(feed) - _place_in_line(wanted)
        if behind > 0:
            skipped = min(behind, wanted.ring.filled)
            wanted.ring.advance(skipped)
            behind -= skipped
        if behind > 0 and not wanted.is_over:
            return
        if behind < 0 and not is_over:
            return
        if not can_enter(wanted):
            return
        if self._is_silent or is_over:
            self.feed = wanted
            if not (is_over and self._sounded):
                self._wait()
            self._tell(wanted, NoticeKind.HANDED_OVER)
            return
        self._outgoing, self.feed = feed, wanted
        frames = int(CROSSING_S * wanted.rate_hz)
        self._mix.jump(Ramp.CROSSING, 0.0)
        self._mix.aim(Ramp.CROSSING, 1.0, min(frames, feed.ring.filled) if feed.finished else frames)

    def _wait(self) -> None:
        self._waiting = True
        self._mix.jump(Ramp.TRANSPORT, 0.0)

    def _begin(self, feed: Feed) -> None:
        """A track from its very beginning starts as it is; whatever starts in the midst of one is faded in."""
        self._waiting = False
        marks = feed.marks
        if feed.ring.read == 0 and marks and marks[0].offset_frames == 0:
            self._mix.jump(Ramp.TRANSPORT, 1.0)
        else:
            self._mix.aim(Ramp.TRANSPORT, 1.0, int((CUT_S if feed.ring.read == 0 else UNDERRUN_S) * feed.rate_hz))

    @property
    def _is_silent(self) -> bool:
        return self._waiting or self._mix.value(Ramp.TRANSPORT) == 0.0

    def _follow_settings(self, rate_hz: int) -> None:
        """Ramps go where they are to; while nothing is heard they are there at once."""
        steering, is_silent = self._steering, self._is_silent
        compared = steering.compared
        mastered = steering.enhanced if compared is None else compared is Side.MASTERED
        for ramp, target, ramp_s in (
            (Ramp.VOLUME, steering.volume, VOLUME_S),
            (Ramp.MASTERED, float(mastered), ENHANCE_S),
            (Ramp.COMPARED, float(compared is not None), ENHANCE_S),
        ):
            if is_silent:
                self._mix.jump(ramp, target)
            else:
                self._mix.aim(ramp, target, int(ramp_s * rate_hz))

    def _sound(self, feed: Feed, out: NDArray[np.float32], start: int, room: int, *, resting: bool) -> int:
        """Plays what is there of up to `room` frames."""
        finished = feed.finished
        frames = min(room, feed.ring.filled)
        if not frames:
            return self._rest(out, start, room) if finished else self._run_dry(feed, out, start, room, resting=resting)
        outgoing = self._outgoing
        if outgoing is not None:
            crossed = min(frames, outgoing.ring.filled, self._mix.left(Ramp.CROSSING))
            if not crossed:
                self._crossed(feed)
                outgoing = None
            frames = crossed or frames
        if outgoing is None:
            self._mix.mix(out, start, frames, feed.ring.samples, feed.ring.read)
        else:
            ring, old = feed.ring, outgoing.ring
            self._mix.mix(out, start, frames, ring.samples, ring.read, old.samples, old.read)
            old.advance(frames)
        if (tap := self._tap.ring) is not None:
            tap.copy(frames, feed.ring.samples, feed.ring.read, feed.rate_hz)
        feed.ring.advance(frames)
        self._sounded = True
        self._heard.sounded(feed, frames, before_end=len(out) - start - frames)
        if outgoing is not None and not self._mix.left(Ramp.CROSSING):
            self._crossed(feed)
        return frames

    def _crossed(self, feed: Feed) -> None:
        self._outgoing = None
        self._mix.jump(Ramp.CROSSING, 1.0)
        self._tell(feed, NoticeKind.HANDED_OVER)

    def _run_dry(self, feed: Feed, out: NDArray[np.float32], start: int, room: int, *, resting: bool) -> int:
        if not resting:
            self.underruns += 1
        self._wait()
        self._mix.jump(Ramp.TAIL, 1.0)
        self._mix.aim(Ramp.TAIL, 0.0, int(UNDERRUN_S * feed.rate_hz))
        return self._rest(out, start, room)

    def _rest(self, out: NDArray[np.float32], start: int, room: int) -> int:
        self._mix.rest(out, start, room)
        self._sounded = False
        return room

    def _tell_marks(self) -> None:
        place, wanted = self._heard.place(), self._steering.feed
        if place is None or wanted is None or place.feed.line != wanted.line:
            return
        if place.feed is not self._marked:
            self._marked, self._marks_told = place.feed, 0
        marks = place.feed.marks
        while self._marks_told < len(marks) and marks[self._marks_told].frame <= place.frame:
            self._marks_told += 1
            self._tell(place.feed, NoticeKind.MARK_PASSED)

    def _tell_end(self) -> None:
        feed = self.feed
        if feed is None or feed is self.ended or feed is not self._steering.feed or not feed.is_over:
            return
        if self._heard.has_heard_all_of(feed):
            self.ended = feed
            self._tell(feed, NoticeKind.FEED_ENDED)

    def _tell(self, feed: Feed, kind: NoticeKind) -> None:
        self._notices.put(feed.epoch * len(NoticeKind) + kind)


def _place_in_line(feed: Feed) -> int:
    return feed.origin + feed.ring.read
