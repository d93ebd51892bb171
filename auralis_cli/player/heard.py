"""Where the device is: what was rendered, less what it has not played yet.

The audio thread notes what it rendered, in runs of frames that follow each other, and how late the device is; from
that anybody can tell what is heard now. The clock only fills in between two renderings, so it cannot drift.
"""

from __future__ import annotations

from auralis_cli.player.feed import Feed, FeedPlace
from auralis_cli.player.ports import Clock
from auralis_cli.quick_dataclasses import dataclass

# Runs within the latency of any device: each gap, pause or hand-over begins one.
_KEPT_RUNS = 6


@dataclass(slots=True)
class _Run:
    """Frames of one feed that are rendered without a gap."""

    rendered: int
    feed: Feed
    frame: int
    # One past its last frame; grows.
    end: int

    def follows_on(self, rendered: int, frame: int) -> bool:
        return self.end == frame and self.rendered + self.end - self.frame == rendered


class HeardPlace:
    """Written by the audio thread (`rendering`, `sounded`), read by any."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        # Frames rendered in all, silence included; newest runs first.
        self._rendered = 0
        self._runs: tuple[_Run, ...] = ()
        # When it was rendered, its first frame, and how much later that is heard.
        self._anchor = (0.0, 0, 0.0)

    def rendering(self, frames: int, delay_s: float) -> None:
        """`frames` frames are being rendered, the first to be heard `delay_s` from now."""
        self._anchor = (self._clock(), self._rendered, delay_s)
        self._rendered += frames

    def sounded(self, feed: Feed, frames: int, *, before_end: int) -> None:
        """The `frames` frames before the ring's place were rendered, the last `before_end` frames before the end."""
        end = feed.ring.read
        rendered = self._rendered - before_end - frames
        newest = self._runs[0] if self._runs else None
        if newest is not None and newest.feed is feed and newest.follows_on(rendered, end - frames):
            newest.end = end
            return
        self._runs = (_Run(rendered, feed, end - frames, end), *self._runs[: _KEPT_RUNS - 1])

    def place(self) -> FeedPlace | None:
        """What is heard now; None where nothing of what was rendered was heard."""
        runs = self._runs
        if not runs:
            return None
        rendered_at_s, first, delay_s = self._anchor
        rate_hz = runs[0].feed.rate_hz
        heard = min(first + int((self._clock() - rendered_at_s - delay_s) * rate_hz), self._rendered)
        for run in runs:
            if run.rendered <= heard:
                return FeedPlace(run.feed, min(run.frame + heard - run.rendered, run.end))
        return None

    def has_heard_all_of(self, feed: Feed) -> bool:
        """Whether nothing that was rendered of it is still to be heard; also where nothing was rendered of it."""
        place = self.place()
        if not any(run.feed is feed for run in self._runs):
            return True
        return place is not None and place.feed is feed and place.frame >= feed.ring.read
