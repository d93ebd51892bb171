"""What is heard: the feeds the engine plays or is about to, and where in which item of the queue that is."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from auralis_cli.player.engine import Engine
from auralis_cli.player.feed import Feed, FeedPlace, Mark
from auralis_cli.quick_dataclasses import dataclass

# A feed takes over so long after what is rendered at the moment, so that it is there by then.
TAKES_OVER_AFTER_S = 0.1


@dataclass(frozen=True, slots=True)
class HandOverPlace:
    """Where another feed can take over: a place, and what of the queue it begins with there."""

    at: FeedPlace
    mark: Mark
    # Of the item of `mark`, at the feed's rate.
    start_frame: int


class Sounding:
    """Feeds that take over from each other are of one line; a cut begins another. Guarded by the player's lock."""

    def __init__(self, engine: Engine, *, ends_openly: bool) -> None:
        """`ends_openly`: that a feed is finished does not mean that nothing follows."""
        self._engine = engine
        self._ends_openly = ends_openly
        # Of one line, the newest last; one, or two while a hand-over is under way.
        self._feeds: list[Feed] = []
        # What is to take over, until it has.
        self._taking_over: Feed | None = None
        # Where in the line the current item began to be heard; before the first, nowhere.
        self._passed = -1
        # What follows the current item has changed, and the feed that is heard does not know it.
        self._follows_wrongly: Feed | None = None
        # Where the item will begin that is to be heard, while none is.
        self.target_s = 0.0

    @property
    def newest(self) -> Feed | None:
        """What is to be heard in the end."""
        return self._feeds[-1] if self._feeds else None

    @property
    def rate_hz(self) -> int:
        """Of what is heard; of all feeds of a line alike."""
        return self._feeds[-1].rate_hz if self._feeds else 1

    @property
    def is_handing_over(self) -> bool:
        """Whether one feed is still to take over from another."""
        return self._taking_over is not None

    def cut(self, target_s: float) -> None:
        """Silence; the next that is heard begins at `target_s` of its item."""
        self._engine.stop()
        for feed in self._feeds:
            feed.cancel()
        self._feeds, self._taking_over = [], None
        self._passed, self._follows_wrongly = -1, None
        self.target_s = target_s

    def begin(self, feed: Feed) -> None:
        """The first feed after a cut."""
        self._feeds = [feed]
        self._engine.play(feed)

    def hand_over(self, feed: Feed, at: FeedPlace) -> None:
        """A feed that takes over at a place of the one there is."""
        self._engine.hand_over(feed, at)
        self._feeds.append(feed)
        self._taking_over = feed

    def handed_over(self, epoch: int) -> None:
        """The feed of that epoch is rendered: those before it need no more feeding, though they are still heard."""
        if self._taking_over is None or self._taking_over.epoch != epoch:
            return
        self._taking_over = None
        for feed in self._feeds[:-1]:
            feed.cancel()

    @property
    def has_begun(self) -> bool:
        """Whether an item was heard since the last cut."""
        return self._passed >= 0

    def has(self, epoch: int) -> bool:
        """Whether the feed of that epoch is heard, or to be heard."""
        return any(feed.epoch == epoch for feed in self._feeds)

    @property
    def is_followed_wrongly(self) -> bool:
        """Whether what the newest feed has behind the current item is not what follows."""
        return self._follows_wrongly is not None and self._follows_wrongly is self.newest

    def follows_wrongly(self) -> None:
        """The item that the newest feed has behind the current one is not what follows any more."""
        self._follows_wrongly = self.newest

    # Where

    def place(self) -> FeedPlace | None:
        """What is heard; None while that is silence before the first sound."""
        place = self._engine.played()
        if place is None or _line_frame(place) == 0 or place.feed not in self._feeds:
            return None
        if self._taking_over is None and place.feed is not self._feeds[0]:
            # Those before are not heard any more.
            del self._feeds[: self._feeds.index(place.feed)]
        return place

    def current(self, place: FeedPlace | None) -> Mark | None:
        """The item that is heard at `place`, or is the first to be heard of what is ready."""
        feed = self.newest if place is None else place.feed
        if feed is None:
            return None
        # Read once: feeders replace them.
        marks = feed.marks
        return marks[self._index_of_current(feed, marks)] if marks else None

    def next_passed(self, place: FeedPlace) -> Mark | None:
        """The next item that has begun to be heard and was not told of yet; None where none has."""
        if place.feed is self._follows_wrongly and self.has_begun:
            return None
        for index, mark in enumerate(place.feed.marks):
            if mark.frame > place.frame:
                return None
            if not self._has_passed(place.feed, mark, index):
                self._passed = place.feed.origin + mark.frame
                return mark
        return None

    def has_ended(self) -> bool:
        """Whether all that was to be heard was."""
        newest = self.newest
        if newest is None or not newest.finished:
            return False
        place = self._engine.played()
        return place is not None and _line_frame(place) >= newest.origin + newest.ring.written

    def left_s(self) -> float | None:
        """How long until another item, or the end, is heard; None where that is not known."""
        place, newest = self.place(), self.newest
        if place is None or newest is None:
            return None
        turns = [mark.frame for mark in place.feed.marks if mark.frame > place.frame]
        if place.feed.finished:
            turns.append(place.feed.ring.written)
        return max(0, min(turns) - place.frame) / place.feed.rate_hz if turns else None

    def joined(self) -> Iterator[tuple[Mark, Mark | None]]:
        """From the current item on: each with the one the newest feed has behind it.

        None behind the last one where the feed is finished; else what comes there is not decided yet.
        """
        feed = self.newest
        finished, marks = feed is not None and feed.finished, self.to_be_heard()
        yield from pairwise(marks)
        if finished and marks and not self._ends_openly:
            yield marks[-1], None

    def to_be_heard(self) -> tuple[Mark, ...]:
        """The current item and those joined to it already."""
        feed = self.newest
        if feed is None:
            return ()
        marks = feed.marks
        return marks[self._index_of_current(feed, marks) :]

    def hand_over_place(self, *, other_follower: bool) -> HandOverPlace | None:
        """Where a feed with other settings can take over; None where nothing plays that it could take over from.

        Where something else follows now: not beyond the current item.
        """
        reached = self._engine.reached()
        if reached is None or reached.feed not in self._feeds:
            return None
        feed, finished, marks = reached.feed, reached.feed.finished, reached.feed.marks
        if not marks:
            return None
        frame = reached.frame + int(TAKES_OVER_AFTER_S * feed.rate_hz)
        if finished:
            frame = min(frame, feed.ring.written)
        index = max((index for index, mark in enumerate(marks) if mark.frame <= frame), default=0)
        if other_follower:
            index = self._index_of_current(feed, marks)
            if index + 1 < len(marks):
                frame = min(frame, max(marks[index + 1].frame, reached.frame))
        mark = marks[index]
        return HandOverPlace(FeedPlace(feed, frame), mark, max(0, mark.offset_frames + frame - mark.frame))

    def _index_of_current(self, feed: Feed, marks: tuple[Mark, ...]) -> int:
        passed = [index for index, mark in enumerate(marks) if self._has_passed(feed, mark, index)]
        return passed[-1] if passed else 0

    def _has_passed(self, feed: Feed, mark: Mark, index: int) -> bool:
        if index == 0 and feed.origin and mark.offset_frames:
            # It goes on with what the feed before it has begun.
            return True
        return feed.origin + mark.frame <= self._passed


def _line_frame(place: FeedPlace) -> int:
    return place.feed.origin + place.frame
