"""What feeders ask of the player and tell it, on their own threads: each takes the player's lock for microseconds."""

from __future__ import annotations

import threading

from auralis_cli.model.queue import QueueItem
from auralis_cli.player.feed import Feed
from auralis_cli.player.feed_request import FeederReport, FeedRequest, Following, ReportKind
from auralis_cli.player.inbox import Load
from auralis_cli.player.progress import Progress
from auralis_cli.player.ring import FrameRing
from auralis_cli.player.transport import Transport

# How far ahead of what is heard a feed is filled.
RING_S = 1.0


class Feeding:
    """Turns loads into feeds, and answers those who fill them."""

    def __init__(self, lock: threading.RLock, transport: Transport, progress: Progress, *, exact_rate: bool) -> None:
        self._lock, self._transport, self._progress = lock, transport, progress
        self._exact_rate = exact_rate

    def land(self, load: Load, rate_hz: int) -> tuple[Feed, FeedRequest] | None:
        """The feed for a load, to be filled by the request; None where something else is wanted by now."""
        with self._lock:
            if not self._transport.landed(load):
                return None
            sounding, sound = self._transport.sounding, self._transport.sound
            feed = Feed(load.epoch, rate_hz, FrameRing(int(RING_S * rate_hz)))
            if load.at is None:
                sounding.begin(feed)
            else:
                sounding.hand_over(feed, load.at)
            return feed, FeedRequest(
                epoch=load.epoch,
                item=load.item,
                rate_hz=rate_hz,
                follow=lambda item: self._follow(load.epoch, item),
                report=self._reported,
                settings=sound.feed,
                # Its level may have been found out since.
                track=self._transport.known.get(load.item.track) or load.track,
                start_s=load.start_s,
                start_frame=load.start_frame,
                before=load.before,
                exact_rate=self._exact_rate,
                broken_before=self._transport.broken_in_a_row,
            )

    def _follow(self, epoch: int, item: QueueItem) -> Following | None:
        with self._lock:
            transport = self._transport
            if not transport.sounding.has(epoch):
                return None
            following = transport.play_queue.following(item)
            if following is None:
                return None
            return Following(following, transport.known.get(following.track), transport.sound.crossfade_s)

    def _reported(self, report: FeederReport) -> None:
        with self._lock:
            transport = self._transport
            if not transport.sounding.has(report.epoch):
                return
            if report.track is not None:
                transport.known.put(report.item.track, report.track)
            if report.kind is ReportKind.BEGUN:
                transport.broken_in_a_row = 0
                # What follows may be another item since the feeder was answered.
                transport.follow_again()
            elif report.kind is ReportKind.FAILED and report.error is not None:
                self._progress.has_broken(report.item, report.error)
            elif report.kind is ReportKind.WARNED and report.error is not None:
                transport.blame(report.error, report.item.track.path)
            elif report.kind is ReportKind.GAVE_UP:
                self._progress.gave_up(report.epoch)
            transport.changed()
