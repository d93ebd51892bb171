"""The thread behind the player: does what takes time, one thing after the other, and tells of changes.

It opens devices and starts feeders outside the lock, lands what came of it inside, and holds no lock while it tells.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from contextlib import closing
from queue import Empty

from auralis_cli.errors import AuralisError, DeviceError, unforeseen
from auralis_cli.model.playback import PlayerState
from auralis_cli.model.queue import QueueTrack
from auralis_cli.player.asking import Asking, questions_of
from auralis_cli.player.feeding import Feeding
from auralis_cli.player.inbox import (
    DeviceWanted,
    Inbox,
    LevelsArrived,
    Load,
    Message,
    OutputLost,
    PlanArrived,
    Quit,
    Remember,
    ShuffleWanted,
    Wake,
)
from auralis_cli.player.loudspeaker import Loudspeaker
from auralis_cli.player.ports import PlayerMemory
from auralis_cli.player.progress import Progress
from auralis_cli.player.queue_edits import QueueEdits
from auralis_cli.player.telling import Telling
from auralis_cli.player.transport import Transport
from auralis_cli.player.world import PlayerWorld, RunningFeeder

# How often the place is kept, and told, while something plays.
TICK_S = 1.0
# How soon it looks again whether what is loaded can be heard; the engine tells it sooner, where there is sound.
LOADING_LOOK_S = 0.05
# After the moment at which another item should be heard.
_SETTLES_S = 0.005
_PLAYS = (PlayerState.LOADING, PlayerState.PLAYING)


class Conductor:
    """One thread and its inbox. `turn` is one round of it, for whoever wants to drive it by hand."""

    def __init__(
        self,
        lock: threading.RLock,
        inbox: Inbox,
        transport: Transport,
        progress: Progress,
        feeding: Feeding,
        loudspeaker: Loudspeaker,
        telling: Telling,
        edits: QueueEdits,
        world: PlayerWorld,
    ) -> None:
        self._progress = progress
        self._lock, self._inbox, self._transport, self._edits = lock, inbox, transport, edits
        self._feeding, self._loudspeaker, self._telling, self._world = feeding, loudspeaker, telling, world
        self._asking = Asking(world.plans, inbox)
        self._feeders: list[RunningFeeder] = []
        # What was looked up last without being played.
        self._described: QueueTrack | None = None
        self._kept_revision = -1
        self._tick_at_s = 0.0
        self._ended = False
        self._thread = threading.Thread(target=self._run, name="conductor", daemon=True)

    def start(self) -> None:
        """Begins; once."""
        self._thread.start()

    def close(self, within_s: float) -> None:
        """Device, files and threads are given back, the last news told; the player is silent already."""
        deadline_s = time.monotonic() + within_s
        self._loudspeaker.close()
        for feeder in tuple(self._feeders):
            feeder.cancel()
            feeder.join(max(0.0, deadline_s - time.monotonic()))
        self._inbox.put(Quit())
        if threading.current_thread() is self._thread:
            return
        if self._thread.is_alive():
            self._thread.join(max(0.1, deadline_s - time.monotonic()))
        else:
            while not self._ended:
                self.turn(0.0)

    def turn(self, timeout_s: float | None) -> None:
        """Waits for something to do, so long at most, and does all that there is."""
        for message in self._messages(timeout_s):
            try:
                self._handle(message)
            except Exception as error:
                self._failed(message, unforeseen(error))
            if self._ended:
                break
        try:
            self._look()
        except Exception as error:
            self._blame(unforeseen(error))

    def _run(self) -> None:
        while not self._ended:
            self.turn(self._wait_s())

    def _messages(self, timeout_s: float | None) -> list[Message]:
        try:
            messages = [self._inbox.get(timeout=timeout_s) if timeout_s != 0.0 else self._inbox.get_nowait()]
        except Empty:
            return []
        while True:
            try:
                messages.append(self._inbox.get_nowait())
            except Empty:
                return messages

    def _wait_s(self) -> float | None:
        with self._lock:
            state, left_s = self._transport.state, self._transport.sounding.left_s()
            waits = self._transport.waits_for_device
        waits_s = [self._loudspeaker.due_in_s(waits=waits)]
        if state is PlayerState.LOADING:
            waits_s.append(LOADING_LOOK_S)
        elif state is PlayerState.PLAYING:
            waits_s += [
                max(0.0, self._tick_at_s - self._world.clock()),
                None if left_s is None else left_s + _SETTLES_S,
            ]
        return min((wait_s for wait_s in waits_s if wait_s is not None), default=None)

    # Messages

    def _handle(self, message: Message) -> None:
        match message:
            case int():
                with self._lock:
                    self._progress.noticed(message)
            case Load():
                self._load(message)
            case Remember():
                message.write(self._world.memory)
            case ShuffleWanted():
                self._shuffle(message)
            case OutputLost():
                self._lost(message)
            case DeviceWanted():
                self._change_device(message)
            case PlanArrived():
                with self._lock:
                    self._progress.plan_arrived(message.track, message.wish, message.plan)
            case LevelsArrived():
                with self._lock:
                    self._progress.levels_arrived(message.track, message.levels)
            case Quit():
                self._asking.close()
                self._ended = True
            case Wake():
                with self._lock:
                    self._transport.is_woken = False

    def _load(self, load: Load) -> None:
        with self._lock:
            if self._transport.loading is not load:
                # Something else is wanted by now.
                return
            if self._transport.state is PlayerState.PAUSED and self._loudspeaker.rate_hz is None:
                # It is loaded once it is to be heard: no device is opened for silence.
                self._transport.landed(load)
                return
        try:
            rate_hz = self._loudspeaker.open(self._rate_for(load))
        except DeviceError as error:
            self._loudspeaker.failed()
            with self._lock:
                if self._transport.landed(load):
                    self._progress.device_failed(error)
            return
        except AuralisError as error:
            with self._lock:
                self._progress.load_failed(load, error)
            return
        if load.at is not None and rate_hz != load.at.feed.rate_hz:
            # The device was given back in a pause and opens at another rate by now: no feed of the old one goes on.
            with self._lock:
                if self._transport.landed(load):
                    self._transport.load_again()
            return
        made = self._feeding.land(load, rate_hz)
        if made is None:
            return
        feed, request = made
        feeder = self._world.feeders(feed, request, self._world.lookup, self._world.plans)
        self._feeders = [old for old in self._feeders if not old.join(0.0)]
        self._feeders.append(feeder)
        feeder.start()

    def _rate_for(self, load: Load) -> int:
        """The rate of the device: the one it has, or that of the track that is to be played."""
        there = self._loudspeaker.rate_hz
        if load.at is not None:
            return load.at.feed.rate_hz
        given = there or self._world.rate_hz
        if given is not None and not self._world.exact_rate:
            return given
        track = load.track or self._world.lookup.look_up(load.item.track)
        with self._lock:
            self._transport.known.put(load.item.track, track)
        with closing(self._world.lookup.open(track)) as reader:
            rate_hz = reader.info.sample_rate_hz
        if there is not None and there != rate_hz:
            self._loudspeaker.let_go()
        return rate_hz

    def _shuffle(self, wanted: ShuffleWanted) -> None:
        with self._lock:
            if self._edits.shuffling is not wanted:
                # Something else is wished by now.
                return
            queue = self._transport.queue
        order = self._world.shuffler(queue, wanted.mode)
        with self._lock:
            self._progress.catch_up()
            self._edits.shuffled(wanted, order)

    def _lost(self, lost: OutputLost) -> None:
        if not self._loudspeaker.is_open_as(lost.number):
            return
        error = DeviceError(self._loudspeaker.device or "", lost.reason)
        self._loudspeaker.failed()
        with self._lock:
            self._progress.device_failed(error)

    def _change_device(self, wanted: DeviceWanted) -> None:
        former, former_hz = self._loudspeaker.name, self._loudspeaker.rate_hz
        self._loudspeaker.name = wanted.name
        self._loudspeaker.let_go()
        with self._lock:
            plays, waits = self._transport.state in _PLAYS, self._transport.waits_for_device
        if waits:
            self._try_again()
        elif plays and former_hz is not None:
            try:
                self._loudspeaker.open(former_hz)
            except DeviceError as error:
                # Nobody is left in silence by a wrong name: it goes on where it was.
                self._loudspeaker.let_go()
                self._loudspeaker.name = former
                with self._lock:
                    self._transport.blame(error, None)
            self._reopen(former_hz)

    def _reopen(self, former_hz: int) -> None:
        try:
            rate_hz = self._loudspeaker.open(former_hz)
        except DeviceError as error:
            self._loudspeaker.failed()
            with self._lock:
                self._progress.device_failed(error)
            return
        with self._lock:
            self._transport.changed()
            if rate_hz != former_hz:
                self._transport.load_again()

    def _try_again(self) -> None:
        """Whether the device that has gone is there again."""
        try:
            self._loudspeaker.open(self._loudspeaker.last_rate_hz)
        except DeviceError:
            self._loudspeaker.failed()
            return
        with self._lock:
            self._progress.device_is_back()

    # Each time round

    def _look(self) -> None:
        """Takes note of what was heard, and does what time and that bring with them."""
        now_s = self._world.clock()
        with self._lock:
            self._progress.catch_up()
            state, waits, feed = (
                self._transport.state,
                self._transport.waits_for_device,
                self._transport.sounding.newest,
            )
            questions = questions_of(self._transport) if state in _PLAYS or state is PlayerState.PAUSED else ()
            ticks = state is PlayerState.PLAYING and now_s >= self._tick_at_s
            if ticks:
                self._tick_at_s = now_s + TICK_S
                self._transport.revision += 1
            keep = self._place() if self._kept_revision != self._transport.revision else None
        if keep is not None:
            keep(self._world.memory)
        self._telling.tell()
        if self._ended:
            return
        self._asking.ask(questions)
        self._describe()
        if waits and self._loudspeaker.is_due():
            self._try_again()
        elif state in _PLAYS:
            self._loudspeaker.wanted()
            if feed is not None and self._loudspeaker.rate_hz is None:
                # It was let go in a long pause.
                self._reopen(feed.rate_hz)
        else:
            self._loudspeaker.rest()

    def _place(self) -> Callable[[PlayerMemory], None] | None:
        """How the place is kept; None while an edit of the queue is still to be kept before, and after the end."""
        if not self._inbox.empty() or self._transport.has_quit:
            return None
        transport = self._transport
        self._kept_revision = transport.revision
        queue, settings, playing = transport.queue, transport.settings(), transport.state in _PLAYS
        return lambda memory: memory.save_place(queue, settings, playing=playing)

    def _describe(self) -> None:
        """What is current while nothing plays is looked up as well: it is shown, and its length is known."""
        with self._lock:
            current, state = self._transport.play_queue.current, self._transport.state
            if current is None or state in _PLAYS or self._transport.known.get(current.track) is not None:
                return
        if self._described == current.track:
            return
        self._described = current.track
        try:
            track = self._world.lookup.look_up(current.track)
        except AuralisError:
            # Said once it is to be played.
            return
        with self._lock:
            self._transport.known.put(current.track, track)
            self._transport.changed()

    def _failed(self, message: Message, error: AuralisError) -> None:
        """Nobody thought of that; a load that nothing comes of any more is not waited for."""
        with self._lock:
            if isinstance(message, Load) and self._transport.loading is message:
                self._progress.load_failed(message, error)
            else:
                self._transport.blame(error, None)

    def _blame(self, error: AuralisError) -> None:
        with self._lock:
            self._transport.blame(error, None)
