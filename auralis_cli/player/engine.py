"""The sound of the player: the few words by which it is steered, and what it tells.

The audio thread's side is `rendering.py`; this side stores single references, which that one reads.
"""

from __future__ import annotations

import time
from queue import SimpleQueue

import numpy as np
from numpy.typing import NDArray

from auralis_cli.model.playback import Side
from auralis_cli.player.feed import Feed, FeedPlace
from auralis_cli.player.heard import HeardPlace
from auralis_cli.player.ports import Clock
from auralis_cli.player.rendering import Renderer, Steering
from auralis_cli.player.tap import SoundTap


class Engine:
    """Plays feeds, one after the other or from one into the next, into whatever calls `render`.

    `render` is the audio thread's. All other verbs are for one caller at a time (the player's lock sees to that);
    they return at once and are heard within the next block. What is wanted, paused, loud and enhanced are four things
    apart: `play` while paused gets the feed ready and is heard with `resume`.
    """

    def __init__(self, notices: SimpleQueue[int], clock: Clock = time.monotonic, tap: SoundTap | None = None) -> None:
        self._steering = Steering()
        self._heard = HeardPlace(clock)
        # Compiles what `render` runs, so it never does.
        self._renderer = Renderer(self._steering, self._heard, notices, tap or SoundTap())
        self._lines = 0
        self._told: FeedPlace | None = None

    @property
    def underruns(self) -> int:
        """How often a feed that was to sound ran dry before its end."""
        return self._renderer.underruns

    def play(self, feed: Feed) -> None:
        """What sounds is faded out at once, then `feed` sounds as soon as enough of it is there."""
        self._lines += 1
        feed.line, feed.origin = self._lines, 0
        self._steering.first = feed
        self._steering.feed = feed

    def hand_over(self, feed: Feed, at: FeedPlace) -> None:
        """Crosses into `feed`, whose frame 0 is the frame `at` of a feed that plays or is to.

        Where that has passed already, as many of its frames are left out. The feed before it has to be fed until
        HANDED_OVER is told of this one. Raises ValueError where `at` is of what was cut or stopped.
        """
        if self._steering.feed is None or at.feed.line != self._steering.feed.line:
            raise ValueError(f"epoch {at.epoch} does not play")
        feed.line, feed.origin = at.feed.line, at.feed.origin + at.frame
        self._steering.feed = feed

    def stop(self) -> None:
        """Silence; nothing is wanted."""
        self._steering.feed = None

    def pause(self) -> None:
        """Silence, in place."""
        self._steering.paused = True

    def resume(self) -> None:
        """On from there."""
        self._steering.paused = False

    def set_volume(self, gain: float) -> None:
        """Linear, 0 to 1; unity passes samples unchanged."""
        if not 0.0 <= gain <= 1.0:
            raise ValueError(f"gain must lie in 0…1, not {gain}")
        self._steering.volume = gain

    def set_enhanced(self, enhanced: bool) -> None:
        """The mastered columns, or the original ones."""
        self._steering.enhanced = enhanced

    def set_compared(self, side: Side | None) -> None:
        """This side, the louder of the two lowered to the other; None ends comparing."""
        self._steering.compared = side

    def played(self) -> FeedPlace | None:
        """What the device has played of what is wanted; never backwards while that is one line of feeds."""
        wanted = self._steering.feed
        if wanted is None:
            return None
        place, told = self._heard.place(), self._told
        if told is not None and told.feed.line != wanted.line:
            told = None
        if place is None or place.feed.line != wanted.line:
            place = told or self._beginning(wanted)
        elif told is not None and place.feed.origin + place.frame < told.feed.origin + told.frame:
            place = told
        self._told = place
        return place

    def reached(self) -> FeedPlace | None:
        """What will be rendered next of what is wanted: the first place that a hand-over can still meet."""
        wanted, feed = self._steering.feed, self._renderer.feed
        if wanted is None:
            return None
        if feed is None or feed.line != wanted.line:
            return self._beginning(wanted)
        return FeedPlace(feed, feed.ring.read)

    def render(self, out: NDArray[np.float32], delay_s: float = 0.0) -> None:
        """The audio thread's: fills `out`, float32 `(frames, 2)`, whose first frame is heard `delay_s` from now."""
        self._renderer.render(out, delay_s)

    def _beginning(self, wanted: Feed) -> FeedPlace:
        """Of its line."""
        first = self._steering.first
        return FeedPlace(first if first is not None and first.line == wanted.line else wanted, 0)
