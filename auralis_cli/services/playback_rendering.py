"""What would be heard, written as fast as it can be computed: the feeder of the player, without its device.

Nothing depends on how fast that is: what a live player begins without, a plan or a loudness, is waited for here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import field, replace
from queue import Empty, SimpleQueue
from typing import Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from auralis_cli.audio.reader import AudioReader
from auralis_cli.errors import AuralisError, InputError
from auralis_cli.model.live_mastering import LivePlan, MasteringWish, PlanStage
from auralis_cli.model.playback import PlayableTrack, PlayerSettings, TrackLevels
from auralis_cli.model.player_choices import NormalizeMode
from auralis_cli.model.progress import CancelToken, ProgressSink
from auralis_cli.model.queue import Queue, QueueItem, QueueTrack
from auralis_cli.player.feed import Feed
from auralis_cli.player.feed_request import FeederReport, FeedRequest, FeedSettings, Following, ReportKind
from auralis_cli.player.feeder import Feeder
from auralis_cli.player.normalization import is_level_known
from auralis_cli.player.ports import PlanSource, TrackLookup
from auralis_cli.player.ring import FrameRing
from auralis_cli.player.volume import volume_to_gain
from auralis_cli.quick_dataclasses import dataclass

Answer = TypeVar("Answer")

BLOCK_FRAMES = 4096
_ORIGINAL, _MASTERED = slice(0, 2), slice(2, 4)
# What the feeder may be ahead: little, for somebody who closes a pipe has no use for it.
_RING_BLOCKS = 8
_TURN_S = 0.05
_CLOSES_WITHIN_S = 10.0


class PlaybackSink(Protocol):
    """Takes what is heard."""

    def write(self, block: NDArray[np.float32]) -> None:
        """Appends float32 `(frames, 2)`; BrokenPipeError where nobody takes it any more."""
        ...


@dataclass(frozen=True, slots=True)
class RenderedPlayback:
    """What became of a queue."""

    frames: int
    failures: tuple[FeederReport, ...]
    warnings: tuple[FeederReport, ...]
    # How many items were begun, those that failed later among them.
    begun: int


@dataclass(frozen=True, slots=True)
class PlaybackRender:
    """Plays a queue without a device, as its settings say; `plans` and `lookup` are those of a player."""

    queue: Queue
    settings: PlayerSettings
    lookup: TrackLookup
    plans: PlanSource
    progress: ProgressSink
    cancel: CancelToken
    _told: SimpleQueue[FeederReport] = field(default_factory=SimpleQueue)

    def natural_rate_hz(self) -> int:
        """The rate of the first track that opens; InputError, that of the first track, where none does."""
        first: InputError | None = None
        for item in self.queue.items:
            self.cancel.raise_if_cancelled()
            try:
                with self.lookup.open(self.lookup.look_up(item.track)) as reader:
                    return reader.info.sample_rate_hz
            except InputError as error:
                first = first or error
        raise first or InputError("queue", "is empty")

    def write(self, rate_hz: int, sink: PlaybackSink) -> RenderedPlayback:
        """Renders all into `sink`. Raises InputError where nothing of it can be played, whatever `sink` raises."""
        first = self.queue.items[0]
        feed = Feed(1, rate_hz, FrameRing(_RING_BLOCKS * BLOCK_FRAMES))
        wish = self.settings.wish if self.settings.is_enhanced else None
        request = FeedRequest(
            1, first, rate_hz, self._following, self._told.put, FeedSettings(wish, self.settings.normalize)
        )
        patient = PatientLookup(self.lookup, self.plans, self.settings, self.cancel)
        feeder = Feeder(feed, request, patient, PatientPlans(self.plans, self.cancel))
        frames = 0
        with _running(feeder):
            for block in self._heard(feed):
                sink.write(block)
                frames += len(block)
        # Too many broken tracks in a row end what is heard; anything else would leave a part of it untold.
        if feed.problem is not None and not (frames and isinstance(feed.problem, InputError)):
            raise feed.problem
        return self._result(frames)

    def _heard(self, feed: Feed) -> Iterator[NDArray[np.float32]]:
        gain = np.float32(0.0 if self.settings.is_muted else volume_to_gain(self.settings.volume))
        columns = _MASTERED if self.settings.is_enhanced else _ORIGINAL
        frames, ring = 0, feed.ring
        while True:
            self.cancel.raise_if_cancelled()
            # Before the ring is looked at: what came last is in it then.
            finished = feed.finished
            if not feed.wait_filled(BLOCK_FRAMES, _TURN_S) and not finished:
                continue
            count = min(ring.filled, BLOCK_FRAMES)
            if not count:
                return
            block = np.concatenate([view[:, columns] for view in ring.peek(count)])
            ring.advance(count)
            self._show(feed, frames)
            frames += count
            yield block if gain == 1.0 else block * gain

    def _show(self, feed: Feed, frame: int) -> None:
        """Progress by items, and within the one that is rendered by its length."""
        mark = feed.mark_at(frame)
        if mark is None:
            return
        position = self.queue.position_of(mark.item.ticket) or 0
        share = min(1.0, (frame - mark.frame + mark.offset_frames) / mark.length_frames) if mark.length_frames else 0.0
        self.progress.step("rendering", (position + share) / len(self.queue.items))

    def _following(self, item: QueueItem) -> Following | None:
        position = self.queue.position_of(item.ticket)
        assert position is not None
        following = self.queue.jump(position).next(ended=True)
        if following is None or following.current is None:
            return None
        return Following(following.current, crossfade_s=self.settings.crossfade_s)

    def _result(self, frames: int) -> RenderedPlayback:
        reports: list[FeederReport] = []
        while not self._told.empty():
            reports.append(self._told.get())
        failures = tuple(one for one in reports if one.kind is ReportKind.FAILED)
        if not frames and failures and failures[0].error is not None:
            raise failures[0].error
        return RenderedPlayback(
            frames,
            failures,
            tuple(one for one in reports if one.kind is ReportKind.WARNED),
            sum(one.kind is ReportKind.BEGUN for one in reports),
        )


@contextmanager
def _running(feeder: Feeder) -> Iterator[None]:
    feeder.start()
    try:
        yield
    finally:
        feeder.cancel()
        feeder.join(_CLOSES_WITHIN_S)


class PatientPlans:
    """The plans of another source, each waited for until it is the one that is rendered."""

    def __init__(self, plans: PlanSource, cancel: CancelToken) -> None:
        self._plans, self._cancel = plans, cancel

    def ready(self, track: PlayableTrack, wish: MasteringWish) -> LivePlan | None:
        """The solved plan; None where the track cannot be analysed. Raises CancelledError once the run is cancelled."""
        answers: SimpleQueue[LivePlan | AuralisError] = SimpleQueue()
        self._plans.request(track, wish, answers.put)
        while True:
            answer = _waited_for(answers, self._cancel)
            if isinstance(answer, AuralisError):
                return None
            if answer.stage is PlanStage.SOLVED:
                return answer

    def request(
        self, track: PlayableTrack, wish: MasteringWish, done: Callable[[LivePlan | AuralisError], None]
    ) -> Callable[[], None]:
        """As of the other source."""
        return self._plans.request(track, wish, done)

    def measure(self, track: PlayableTrack, done: Callable[[TrackLevels | AuralisError], None]) -> Callable[[], None]:
        """As of the other source."""
        return self._plans.measure(track, done)

    def close(self) -> None:
        """Nothing is this one's own."""


class PatientLookup:
    """The tracks of another lookup, each with its loudness where tracks are made equally loud by it."""

    def __init__(self, lookup: TrackLookup, plans: PlanSource, settings: PlayerSettings, cancel: CancelToken) -> None:
        self._lookup, self._plans, self._settings, self._cancel = lookup, plans, settings, cancel

    def look_up(self, track: QueueTrack) -> PlayableTrack:
        """All that playing it asks for, measured where nothing says how loud it is."""
        found = self._lookup.look_up(track)
        if self._settings.is_enhanced:
            # It is looked up while the one before is rendered; its plan is made meanwhile.
            self._plans.request(found, self._settings.wish, lambda _plan: None)
        if self._settings.normalize is NormalizeMode.OFF or is_level_known(found):
            return found
        answers: SimpleQueue[TrackLevels | AuralisError] = SimpleQueue()
        self._plans.measure(found, answers.put)
        measured = _waited_for(answers, self._cancel)
        if isinstance(measured, AuralisError):
            raise measured
        return replace(found, levels=measured)

    def open(self, track: PlayableTrack) -> AudioReader:
        """As of the other lookup."""
        return self._lookup.open(track)


def _waited_for(answers: SimpleQueue[Answer], cancel: CancelToken) -> Answer:
    while True:
        cancel.raise_if_cancelled()
        try:
            return answers.get(timeout=_TURN_S)
        except Empty:
            continue
