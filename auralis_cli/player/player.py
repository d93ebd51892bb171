"""The player: every wish is a method, which returns at once; what is heard, and who is told, comes of it.

All may be called from any thread, also by those who are told of a change. What makes no sense now changes nothing.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import contextmanager
from queue import SimpleQueue
from typing import cast

from auralis_cli.errors import NoPlayerError, UsageError
from auralis_cli.model.playback import RESTART_AFTER_S, PlayerSettings, PlayerState, Side, Snapshot
from auralis_cli.model.player_choices import NormalizeMode, RepeatMode
from auralis_cli.model.plays import LikingWish
from auralis_cli.model.preferences import Aspect, Taste
from auralis_cli.model.queue import Queue, QueueEdit, QueueTrack, ShuffleMode
from auralis_cli.model.queue_history import QueueHistory
from auralis_cli.model.sound_profile import Reference
from auralis_cli.model.sound_wishes import MasteringMode
from auralis_cli.player import wishes
from auralis_cli.player.conductor import Conductor
from auralis_cli.player.controls import Controls
from auralis_cli.player.engine import Engine
from auralis_cli.player.feeding import Feeding
from auralis_cli.player.inbox import DeviceWanted, Inbox, ShuffleWanted
from auralis_cli.player.loudspeaker import Loudspeaker
from auralis_cli.player.play_counting import Hearings
from auralis_cli.player.play_queue import PlayQueue
from auralis_cli.player.progress import Progress
from auralis_cli.player.queue_edits import QueueEdits
from auralis_cli.player.snapshots import snapshot_of
from auralis_cli.player.sound_settings import SoundSettings
from auralis_cli.player.telling import Subscriber, Subscribers, Telling
from auralis_cli.player.transport import Transport
from auralis_cli.player.world import PlayerWorld

CLOSES_WITHIN_S = 2.0


class Player:
    """Plays a queue. Made with the queue, place and settings of the last time; `start` sets it going."""

    def __init__(
        self,
        world: PlayerWorld,
        *,
        queue: Queue | None = None,
        history: QueueHistory | None = None,
        settings: PlayerSettings | None = None,
        device: str | None = None,
        said: Collection[Aspect] = (),
    ) -> None:
        """`device` is a device's name, None for the system's own choice; of what was `said` no taste is used."""
        # The only lock there is: it guards all that is made here, but what the conductor's thread has to itself.
        self._lock = threading.RLock()
        self._closed = False
        self._world = world
        self._subscribers = Subscribers()
        self._inbox: Inbox = SimpleQueue()
        self._engine = Engine(cast("SimpleQueue[int]", self._inbox), world.clock, world.tap)
        self.tap = world.tap
        kept = settings or PlayerSettings()
        self._sound = SoundSettings(self._engine, kept, said)
        self._queue = PlayQueue(
            queue or Queue(),
            history or QueueHistory(),
            consume=kept.consume,
            stop_after_current=kept.stop_after_current,
        )
        self._transport = Transport(
            self._engine, self._inbox, self._queue, self._sound, Hearings(world.now), exact_rate=world.exact_rate
        )
        self._progress = Progress(self._transport)
        self._controls = Controls(self._transport, self._progress)
        self._edits = QueueEdits(self._transport, self._controls, world.now)
        self._loudspeaker = Loudspeaker(world.outputs, self._engine.render, self._inbox, world.clock)
        self._loudspeaker.name = device
        transport, progress = self._transport, self._progress
        feeding = Feeding(self._lock, transport, progress, exact_rate=world.exact_rate)
        telling = Telling(self._lock, self._subscribers, self._look, lambda: transport.revision, transport.take_blamed)
        self._conductor = Conductor(
            self._lock, self._inbox, transport, progress, feeding, self._loudspeaker, telling, self._edits, world
        )

    # What is there

    @property
    def state(self) -> PlayerState:
        """What it does at the moment."""
        return self.snapshot().state

    @property
    def queue(self) -> Queue:
        """The queue at the moment, a value that no later edit changes."""
        with self._lock:
            self._progress.catch_up()
            return self._transport.queue

    @property
    def history(self) -> QueueHistory:
        """The edits that can be taken back and made again."""
        with self._lock:
            return self._queue.history

    @property
    def settings(self) -> PlayerSettings:
        """What is kept between runs beside the queue."""
        with self._lock:
            return self._transport.settings()

    def snapshot(self) -> Snapshot:
        """All that can be seen of it at this moment."""
        with self._lock:
            self._progress.catch_up()
            return self._look()

    def subscribe(self, subscriber: Subscriber) -> Callable[[], None]:
        """Calls `subscriber` after changes, and each second while something plays, the newest revision last.

        It is called on a thread of the player's, with no lock held, and has to return soon. What is returned ends it:
        nothing later is told; a call that is under way at that moment is not waited for.
        """
        with self._lock:
            number = self._subscribers.add(subscriber)

        def unsubscribe() -> None:
            with self._lock:
                self._subscribers.remove(number)

        return unsubscribe

    # Its life

    def start(self) -> None:
        """Sets it going, in the state of the last time: paused where it played, else stopped."""
        self._conductor.start()

    def close(self) -> None:
        """Ends it within two seconds: place kept, device and files given back. Closing twice is fine."""
        with self._lock:
            if self._closed:
                return
            self._closed = True
            self._controls.quit()
        self._conductor.close(CLOSES_WITHIN_S)

    # Playing

    def play(self) -> None:
        """Plays, from where it paused or else from the beginning of the current track."""
        with self._wish():
            self._controls.play()

    def pause(self) -> None:
        """Holds still where it is."""
        with self._wish():
            self._controls.pause()

    def toggle(self) -> None:
        """Pauses what plays, else plays."""
        with self._wish() as transport:
            if transport.state in (PlayerState.PLAYING, PlayerState.LOADING):
                self._controls.pause()
            else:
                self._controls.play()

    def stop(self) -> None:
        """Stops; the current track will begin anew."""
        with self._wish():
            self._controls.stop()

    def next(self) -> None:
        """The next track; paused and stopped it stays so. At the end of a queue that is not repeated it stops."""
        with self._wish() as transport:
            self._controls.skip(transport.queue.next(), consume=True)

    def previous(self) -> None:
        """The track before; the current one from its beginning where more than five seconds of it have played."""
        with self._wish() as transport:
            before = transport.queue.previous()
            if before is None or transport.position_s() > RESTART_AFTER_S:
                self._controls.seek(0.0)
            else:
                self._controls.skip(before)

    def jump(self, position: int) -> None:
        """Plays the item at `position` of the queue from its beginning."""
        with self._wish() as transport:
            self._controls.jump(transport.queue.jump(position))

    def seek(self, position_s: float, *, ticket: int | None = None) -> None:
        """Plays on at `position_s` of the current track; its end or beyond ends it.

        With a ticket: if that is still the item that plays, else nothing happens.
        """
        with self._wish() as transport:
            current = transport.queue.current
            if ticket is None or (current is not None and current.ticket == ticket):
                self._controls.seek(position_s)

    def seek_by(self, seconds: float) -> None:
        """Further on by so many seconds, or back where they are below 0."""
        with self._wish() as transport:
            self._controls.seek(transport.position_s() + seconds)

    def like(self, wish: LikingWish) -> None:
        """What is said of the current track is kept in the library; UsageError where that does not have it."""
        with self._wish():
            self._controls.like(wish, keeps=self._world.memory.keeps)

    # The queue

    def set_queue(
        self, tracks: Iterable[QueueTrack], *, start: int = 0, play: bool = True, edit: QueueEdit = QueueEdit.SET
    ) -> None:
        """Other tracks in place of all there are; plays them from `start` on, unless it is not to."""
        new = tuple(tracks)
        with self._wish() as transport:
            self._edits.replace(transport.queue.set(new, start), edit, play=play)

    def add(self, tracks: Iterable[QueueTrack], *, play: bool = False) -> None:
        """More tracks at the end, of which the first is played at once where that is wished."""
        new = tuple(tracks)
        with self._wish() as transport:
            first = len(transport.queue.items)
            self._edits.edit(transport.queue.add(new), QueueEdit.ADD)
            if play and new:
                self._controls.jump(transport.queue.jump(first))

    def play_next(self, tracks: Iterable[QueueTrack]) -> None:
        """More tracks right behind the current one."""
        new = tuple(tracks)
        with self._wish() as transport:
            self._edits.edit(transport.queue.insert(transport.queue.index + 1, new), QueueEdit.ADD)

    def insert(self, position: int, tracks: Iterable[QueueTrack]) -> None:
        """More tracks in front of the item at `position`."""
        new = tuple(tracks)
        with self._wish() as transport:
            self._edits.edit(transport.queue.insert(position, new), QueueEdit.ADD)

    def remove(self, positions: Collection[int]) -> None:
        """Without the items at `positions`; where the current one is among them, what follows it is played."""
        with self._wish() as transport:
            self._edits.edit(transport.queue.remove(positions), QueueEdit.REMOVE)

    def move(self, origin: int, target: int) -> None:
        """The item at `origin` put so that it stands at `target`."""
        with self._wish() as transport:
            self._edits.edit(transport.queue.move(origin, target), QueueEdit.MOVE)

    def clear(self) -> None:
        """Stops, and nothing is queued any more."""
        with self._wish() as transport:
            self._edits.shuffling = None
            self._edits.edit(transport.queue.clear(), QueueEdit.CLEAR)

    @property
    def is_shuffled(self) -> bool:
        """Whether the queue is in an order of chance, or will be in a moment."""
        with self._lock:
            return self._edits.shuffling is not None or self._queue.queue.is_shuffled

    def shuffle(self, mode: ShuffleMode = ShuffleMode.TRACKS) -> None:
        """An order of chance, made beside the player: the queue has it a moment later."""
        with self._wish():
            self._edits.shuffling = wanted = ShuffleWanted(mode)
            self._inbox.put(wanted)

    def unshuffle(self) -> None:
        """The order from before the shuffle."""
        with self._wish():
            self._edits.unshuffle()

    def undo(self) -> None:
        """Takes the newest edit of the queue back; what plays goes on where it is still there."""
        with self._wish():
            self._edits.undo()

    def redo(self) -> None:
        """Makes the edit again that was taken back last."""
        with self._wish():
            self._edits.redo()

    # How it sounds

    def set_volume(self, volume: float) -> None:
        """0 to 100, along the curve of `player/volume.py`."""
        with self._wish() as transport:
            self._sound.set_volume(wishes.checked_volume(volume))
            transport.changed()

    def mute(self, *, on: bool | None = None) -> None:
        """Silence, the volume kept; None is the other way round than it was, here and below."""
        with self._wish() as transport:
            self._sound.mute(on=wishes.switched(self._sound.is_muted, on=on))
            transport.changed()

    def enhance(self, *, on: bool | None = None) -> None:
        """Hears the master instead of the original."""
        with self._wish() as transport:
            self._sound.enhance(on=wishes.switched(self._sound.is_enhanced, on=on))
            transport.changed()

    def preset(self, name: str) -> None:
        """What the master is made by; raises UsageError where there is no such preset."""
        checked = wishes.checked_preset(name, self._world.presets)
        self._remake(lambda: self._sound.prefer(preset=checked))

    def intensity(self, intensity: float) -> None:
        """How far the master goes, 0 to 1."""
        checked = wishes.checked_intensity(intensity)
        self._remake(lambda: self._sound.prefer(intensity=checked))

    def lean(self, *, tilt_db: float | None = None, width_db: float | None = None) -> None:
        """Brighter or wider than the master is by itself, or, negative, darker or narrower."""
        tilt_db, width_db = wishes.checked_tilt_db(tilt_db), wishes.checked_width_db(width_db)
        self._remake(lambda: self._sound.prefer(tilt_db=tilt_db, width_db=width_db))

    def reference(self, reference: Reference | None, mode: MasteringMode = MasteringMode.REFERENCE) -> None:
        """What the master is to sound like; None is as the music itself asks for."""
        self._remake(lambda: self._sound.refer(reference, mode))

    def preferences(self, *, on: bool | None = None) -> None:
        """Whether what was learnt of somebody's choices goes into the master, in what nothing is said of."""
        self._remake(lambda: self._sound.go_by_taste(on=wishes.switched(self._sound.goes_by_taste, on=on)))

    def use_taste(self, taste: Taste | None) -> None:
        """What was learnt by now, in the place of what was learnt before."""
        self._remake(lambda: self._sound.like(taste))

    def compare(self, side: Side | None) -> None:
        """Hears one side at the loudness of the quieter one; None ends the comparison."""
        with self._wish() as transport:
            self._sound.compare(side)
            transport.changed()

    def normalize(self, mode: NormalizeMode) -> None:
        """By what loudness tracks are made equal."""
        self._remake(lambda: self._sound.normalize_by(mode))

    def _remake(self, is_other: Callable[[], bool]) -> None:
        """What was made ahead is made anew where that is other than it was."""
        with self._wish() as transport:
            if is_other():
                transport.changed()
                transport.rebuild()

    def device(self, name: str | None) -> None:
        """Plays on another device, the system's own choice where that is None."""
        with self._wish():
            self._inbox.put(DeviceWanted(name))

    # What comes next

    def repeat(self, mode: RepeatMode) -> None:
        """What happens at the end of a track and of the queue."""
        with self._wish() as transport:
            self._queue.go_to(self._queue.queue.repeating(mode))
            transport.changed()
            transport.follow_again()

    def consume(self, *, on: bool | None = None) -> None:
        """Takes each track out of the queue once it was played."""
        with self._wish() as transport:
            self._queue.consume = wishes.switched(self._queue.consume, on=on)
            transport.changed()
            transport.follow_again()

    def stop_after_current(self, *, on: bool | None = None) -> None:
        """Stops at the end of the current track, once."""
        with self._wish() as transport:
            self._queue.stop_after_current = wishes.switched(self._queue.stop_after_current, on=on)
            transport.changed()
            transport.follow_again()

    def crossfade(self, seconds: float) -> None:
        """How long two tracks overlap that do not follow each other in an album; 0 for not at all."""
        with self._wish() as transport:
            self._sound.crossfade_s = wishes.checked_crossfade_s(seconds)
            transport.changed()

    def _look(self) -> Snapshot:
        with self._lock:
            return snapshot_of(self._transport, self._engine, self._loudspeaker.device, self._loudspeaker.rate_hz)

    @contextmanager
    def _wish(self) -> Iterator[Transport]:
        """The lock, what has played so far taken note of: a wish is about what is heard when it is made."""
        with self._lock:
            if self._closed:
                raise NoPlayerError("player", "it has ended")
            self._progress.catch_up()
            try:
                yield self._transport
            except IndexError as error:
                raise UsageError("queue", str(error)) from error
