"""A player on strings: device, files, feeders, plans and time move only when a test moves them.

The rate is low and tracks are short, so that a whole queue plays in milliseconds. What sounds tells which item it is:
each sample of the item with ticket `t` is `t / 1000`.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray
from patience import PATIENCE_S

from auralis_cli.audio.reader import AudioReader
from auralis_cli.errors import AuralisError, DeviceError, InputError
from auralis_cli.model.audio import StreamInfo, Subtype
from auralis_cli.model.live_mastering import LivePlan, MasteringWish, PlanStage
from auralis_cli.model.playback import (
    BROKEN_IN_A_ROW,
    PlayableTrack,
    PlayerSettings,
    PlayerState,
    Snapshot,
    TrackLevels,
)
from auralis_cli.model.plays import LikingWish, PlayOutcome
from auralis_cli.model.queue import Queue, QueueEdit, QueueItem, QueueTrack, ShuffleMode
from auralis_cli.model.source import AudioSource
from auralis_cli.player.feed import Feed, Mark
from auralis_cli.player.feed_request import FeederReport, FeedRequest, ReportKind
from auralis_cli.player.player import Player
from auralis_cli.player.ports import OutputOpener, Render
from auralis_cli.player.world import PlayerWorld

RATE_HZ = 1000
TRACK_S = 3.0
BLOCK = 10


def tracks(count: int, first: int = 1) -> list[QueueTrack]:
    return [QueueTrack(f"/music/{number}.flac") for number in range(first, first + count)]


def number_of(track: QueueTrack) -> int:
    return int(Path(track.path).stem)


class FakeClock:
    def __init__(self) -> None:
        self.now_s = 0.0

    def __call__(self) -> float:
        return self.now_s


class FakeOutput:
    """A device without latency that asks for a block when it is told to."""

    def __init__(self, name: str, rate_hz: int, render: Render, lost: Callable[[str], None]) -> None:
        self.device, self.sample_rate_hz, self.latency_s = name, rate_hz, 0.0
        self.render, self.lost = render, lost
        self.is_started = self.is_closed = False

    def start(self) -> None:
        assert not self.is_closed
        self.is_started = True

    def close(self) -> None:
        self.is_started, self.is_closed = False, True

    def pull(self, frames: int = BLOCK) -> NDArray[np.float32]:
        block = np.zeros((frames, 2), np.float32)
        if self.is_started:
            self.render(block, 0.0)
        return block


class FakeOutputs:
    """Every device there is; none while `refused` says why."""

    def __init__(self, clock: FakeClock) -> None:
        self._clock = clock
        self.tried_at_s: list[float] = []
        self.opened: list[FakeOutput] = []
        self.refused: str | None = None
        # Names that no device has.
        self.unknown: set[str] = set()
        self.own_rate_hz: int | None = None

    def __call__(self, name: str | None) -> OutputOpener:
        def opened(sample_rate_hz: int, render: Render, lost: Callable[[str], None]) -> FakeOutput:
            self.tried_at_s.append(self._clock.now_s)
            if name in self.unknown:
                raise DeviceError(str(name), "is no device here")
            if self.refused is not None:
                raise DeviceError(name or "default", self.refused)
            self.opened.append(FakeOutput(name or "default", self.own_rate_hz or sample_rate_hz, render, lost))
            return self.opened[-1]

        return opened

    @property
    def open_ones(self) -> list[FakeOutput]:
        return [output for output in self.opened if not output.is_closed]


@dataclass
class FakeReader:
    info: StreamInfo

    def close(self) -> None:
        pass


class FakeFiles:
    """Files by their number: how long they are, at which rate, and which are broken; a `TrackLookup`."""

    def __init__(self) -> None:
        self.length_s: dict[int, float] = {}
        # What its header says, where that is not so.
        self.claimed_s: dict[int, float] = {}
        self.rate_hz: dict[int, int] = {}
        self.broken: set[int] = set()
        # Fails so many seconds in.
        self.breaks_at_s: dict[int, float] = {}
        self.levels: dict[int, TrackLevels] = {}
        # Looked up only once this is set.
        self.gate = threading.Event()
        self.gate.set()
        self.asked = threading.Event()

    def info(self, number: int) -> StreamInfo:
        rate_hz = self.rate_hz.get(number, RATE_HZ)
        frames = int(self.length_s.get(number, TRACK_S) * rate_hz)
        return StreamInfo(rate_hz, 2, frames, "flac", "flac", Subtype.PCM_16)

    def look_up(self, track: QueueTrack) -> PlayableTrack:
        self.asked.set()
        assert self.gate.wait(4 * PATIENCE_S)
        number = number_of(track)
        if number in self.broken:
            raise InputError(track.path, "is broken")
        return PlayableTrack(
            AudioSource(Path(track.path)),
            f"track {number}",
            duration_s=self.info(number).duration_s,
            levels=self.levels.get(number),
        )

    def open(self, track: PlayableTrack) -> AudioReader:
        assert track.source.path is not None
        return cast(AudioReader, FakeReader(self.info(int(track.source.path.stem))))


class FakeFeeder:
    """Fills its feed when it is pumped, as the real one does: it asks what follows, marks, reports."""

    def __init__(self, feed: Feed, request: FeedRequest, files: FakeFiles, plans: FakePlans) -> None:
        self.feed, self.request, self._files, self._plans = feed, request, files, plans
        self.is_started = False
        self._work = self._play_all()
        self._lock = threading.Lock()
        self.has_ended = False

    def start(self) -> None:
        self.is_started = True

    def cancel(self) -> None:
        self.feed.cancel()

    def join(self, timeout_s: float) -> bool:
        del timeout_s
        return self.feed.is_cancelled or self.feed.finished

    def pump(self) -> None:
        """As much as there is room for."""
        with self._lock:
            while self.is_started and not self.has_ended and not self.feed.is_cancelled:
                if next(self._work, "end") is None:
                    return
                self.has_ended = self.feed.finished

    def _play_all(self) -> Iterator[str | None]:
        """Yields None where it waits for room."""
        item, known, start, broken = self.request.item, self.request.track, self.request.first_frame, 0
        broken = self.request.broken_before
        while True:
            try:
                track = known or self._files.look_up(item.track)
            except AuralisError as error:
                broken += 1
                self._tell(ReportKind.FAILED, item, error=error)
                if broken >= BROKEN_IN_A_ROW:
                    self._tell(ReportKind.GAVE_UP, item, error=error)
                    break
            else:
                broken = 0
                yield from self._play(item, track, start)
            following = self.request.follow(item)
            if following is None:
                break
            item, known, start = following.item, following.track, 0
        self.feed.finish()
        yield "end"

    def _play(self, item: QueueItem, track: PlayableTrack, start: int) -> Iterator[str | None]:
        number = number_of(item.track)
        info = self._files.info(number)
        length = info.frames or 0
        if start >= length:
            return
        self._tell(ReportKind.OPENED, item, track=track)
        claimed = int(self._files.claimed_s.get(number, length / RATE_HZ) * RATE_HZ)
        wish = self.request.settings.wish
        plan = None if wish is None else self._plans.ready(track, wish)
        stage = None if plan is None else plan.stage
        mark = Mark(self.feed.ring.written, item, track, info, start, claimed, stage, 0.0)
        self.feed.marks = (*self.feed.marks, mark)
        self._tell(ReportKind.BEGUN, item, track=track)
        breaks = int(self._files.breaks_at_s.get(number, 1e9) * RATE_HZ)
        while start < length:
            count = min(self.feed.ring.room, length - start, max(0, breaks - start))
            if start >= breaks:
                self._tell(ReportKind.FAILED, item, error=InputError(item.track.path, "breaks off"))
                return
            if count == 0:
                yield None
                continue
            self.feed.ring.write(sound_of(item, count, mastered=plan is not None))
            start += count

    def _tell(self, kind: ReportKind, item: QueueItem, **what: Any) -> None:
        self.request.report(FeederReport(self.request.epoch, kind, item, **what))


def sound_of(item: QueueItem, frames: int, *, mastered: bool) -> NDArray[np.float32]:
    del mastered
    block = np.full((frames, 5), item.ticket / 1000, np.float32)
    block[:, 2:4] *= -1.0
    block[:, 4] = 1.0
    return block


class FakePlans:
    """A `PlanSource` whose plans are made when a test says so."""

    def __init__(self) -> None:
        self.stages: dict[tuple[str, MasteringWish], PlanStage] = {}
        self.requests: list[tuple[PlayableTrack, MasteringWish, Callable[[LivePlan | AuralisError], None]]] = []
        self.measures: list[tuple[PlayableTrack, Callable[[TrackLevels | AuralisError], None]]] = []
        self.withdrawn = 0
        # Whether there is a plan, of the level alone, also for what nobody has measured.
        self.guesses = True

    def ready(self, track: PlayableTrack, wish: MasteringWish) -> LivePlan | None:
        if not self.guesses and track.levels is None:
            return None
        return plan_of(wish, self.stages.get((track.source.name, wish), PlanStage.LEVEL))

    def request(
        self, track: PlayableTrack, wish: MasteringWish, done: Callable[[LivePlan | AuralisError], None]
    ) -> Callable[[], None]:
        self.requests.append((track, wish, done))
        return self._withdraw

    def measure(self, track: PlayableTrack, done: Callable[[TrackLevels | AuralisError], None]) -> Callable[[], None]:
        self.measures.append((track, done))
        return self._withdraw

    def arrive(self, track: PlayableTrack, wish: MasteringWish, stage: PlanStage) -> None:
        """The plan is there."""
        self.stages[track.source.name, wish] = stage
        for asked, wished, done in tuple(self.requests):
            if asked.source == track.source and wished == wish:
                done(plan_of(wish, stage))

    def close(self) -> None:
        pass

    def _withdraw(self) -> None:
        self.withdrawn += 1


def plan_of(wish: MasteringWish, stage: PlanStage) -> LivePlan:
    return LivePlan(wish, stage, cast(Any, None), None, None, None)


@dataclass
class FakeMemory:
    queues: list[tuple[Queue, QueueEdit]] = field(default_factory=list)
    steps: list[tuple[str, Queue]] = field(default_factory=list)
    places: list[tuple[Queue, PlayerSettings, bool]] = field(default_factory=list)
    plays: list[tuple[PlayableTrack, int, float, PlayOutcome]] = field(default_factory=list)

    def save_queue(self, queue: Queue, edit: QueueEdit) -> None:
        self.queues.append((queue, edit))

    def save_undone(self, queue: Queue) -> None:
        self.steps.append(("undo", queue))

    def save_redone(self, queue: Queue) -> None:
        self.steps.append(("redo", queue))

    def save_place(self, queue: Queue, settings: PlayerSettings, *, playing: bool) -> None:
        self.places.append((queue, settings, playing))

    keeps: bool = True
    likings: list[tuple[int, LikingWish]] = field(default_factory=list)

    def like(self, track_id: int, wish: LikingWish) -> None:
        self.likings.append((track_id, wish))

    def record_play(self, track: PlayableTrack, started_at: int, played_s: float, outcome: PlayOutcome) -> None:
        self.plays.append((track, started_at, played_s, outcome))

    def close(self) -> None:
        pass


def backwards(queue: Queue, mode: ShuffleMode) -> tuple[int, ...]:
    """An order of chance that is always the same: what plays first, then the rest from behind."""
    del mode
    current = queue.current
    rest = [item.ticket for item in reversed(queue.items) if item is not current]
    return (*([] if current is None else [current.ticket]), *rest)


class PlayerRig:
    """A player with all its fakes. Nothing of it runs by itself, unless it is made `alive`."""

    def __init__(self, queue: Queue | None = None, settings: PlayerSettings | None = None, **world: Any) -> None:
        self.clock, self.files = FakeClock(), FakeFiles()
        self.outputs = FakeOutputs(self.clock)
        self.plans, self.memory = FakePlans(), FakeMemory()
        self.feeders: list[FakeFeeder] = []
        self.shuffler: Callable[[Queue, ShuffleMode], tuple[int, ...]] = backwards
        self.world = PlayerWorld(
            lookup=self.files,
            plans=self.plans,
            memory=self.memory,
            outputs=self.outputs,
            shuffler=lambda queue, mode: self.shuffler(queue, mode),
            feeders=self._feeder,
            clock=self.clock,
            now=lambda: 1_000 + int(self.clock.now_s),
            **world,
        )
        self.player = Player(self.world, queue=queue, settings=settings)
        self.heard: list[NDArray[np.float32]] = []

    def _feeder(self, feed: Feed, request: FeedRequest, lookup: object, plans: object) -> FakeFeeder:
        del lookup, plans
        made = FakeFeeder(feed, request, self.files, self.plans)
        self.feeders.append(made)
        return made

    def turn(self) -> None:
        """The conductor does all that is to be done, and feeders as much as there is room for."""
        for _ in range(4):
            self.player._conductor.turn(0.0)
            self.pump()

    def pump(self) -> None:
        # In place: the conductor may be adding another.
        for feeder in tuple(self.feeders):
            if feeder.feed.is_cancelled:
                self.feeders.remove(feeder)
        for feeder in tuple(self.feeders):
            feeder.pump()

    def pull(self, frames: int = BLOCK) -> NDArray[np.float32]:
        """The open device plays one block."""
        blocks = [output.pull(frames) for output in self.outputs.open_ones]
        self.clock.now_s += frames / RATE_HZ
        block = blocks[-1] if blocks else np.zeros((frames, 2), np.float32)
        self.heard.append(block)
        return block

    def play_for(self, seconds: float) -> None:
        """So much time passes, in which everything runs."""
        for _ in range(round(seconds * RATE_HZ / BLOCK)):
            self.turn()
            self.pull()
        self.turn()

    def playing(self, count: int = 3, **set_queue: Any) -> PlayerRig:
        """Plays a queue of so many tracks, heard already."""
        self.player.set_queue(tracks(count), **set_queue)
        self.play_for(0.1)
        assert self.state is PlayerState.PLAYING, self.snapshot
        return self

    @property
    def snapshot(self) -> Snapshot:
        return self.player.snapshot()

    @property
    def state(self) -> PlayerState:
        return self.snapshot.state

    @property
    def current(self) -> int:
        """The number of the file that is current."""
        item = self.snapshot.item
        return 0 if item is None else number_of(item.track)

    def sounds(self) -> int:
        """The ticket of what is heard now; 0 for silence."""
        return round(float(np.abs(self.heard[-1][-1, 0])) * 1000) if self.heard else 0

    def messages_of(self, edits: Iterable[tuple[Queue, QueueEdit]]) -> list[QueueEdit]:
        return [edit for _, edit in edits]
