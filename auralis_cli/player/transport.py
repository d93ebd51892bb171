"""What the player does: its state, its queue and its sound changed together, by whoever holds the lock.

Nothing here waits, opens or reads anything: what takes time is put into the inbox, for the conductor.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

from auralis_cli.errors import AuralisError
from auralis_cli.model.playback import (
    PlayableTrack,
    PlaybackProblem,
    PlayerSettings,
    PlayerState,
)
from auralis_cli.model.queue import Queue, QueueEdit, QueueItem
from auralis_cli.player.engine import Engine
from auralis_cli.player.feed import Mark
from auralis_cli.player.inbox import Inbox, Load, Remember, Wake
from auralis_cli.player.known_tracks import KnownTracks
from auralis_cli.player.play_counting import Hearings
from auralis_cli.player.play_queue import PlayQueue
from auralis_cli.player.ports import PlayerMemory
from auralis_cli.player.single_flight import SingleFlight
from auralis_cli.player.sound_settings import SoundSettings
from auralis_cli.player.sounding import Sounding
from auralis_cli.player.states import StateEvent, next_state
from auralis_cli.quick_dataclasses import dataclass

# Of more between two tellings the oldest are not said.
_MOST_UNTOLD = 64
HEARS = (PlayerState.LOADING, PlayerState.PLAYING, PlayerState.PAUSED)


@dataclass(frozen=True, slots=True)
class Now:
    """The current item, as far as it is known, and how far it has been heard."""

    # None while it is not there to be heard.
    mark: Mark | None = None
    track: PlayableTrack | None = None
    position_s: float = 0.0
    duration_s: float | None = None


class Transport:
    """State, queue and sound. Every method wants the player's lock held."""

    def __init__(
        self,
        engine: Engine,
        inbox: Inbox,
        play_queue: PlayQueue,
        sound: SoundSettings,
        hearings: Hearings,
        *,
        exact_rate: bool,
    ) -> None:
        self.engine, self.hearings = engine, hearings
        self._inbox = inbox
        self.play_queue = play_queue
        self.sound = sound
        self.sounding = Sounding(engine, ends_openly=exact_rate)
        self.known = KnownTracks()
        self.problem: PlaybackProblem | None = None
        # Those that were not told yet.
        self._blamed: deque[PlaybackProblem] = deque(maxlen=_MOST_UNTOLD)
        # Rises with every change that can be seen.
        self.revision = 0
        self.is_woken = False
        # It stops because it ends: its place was kept before.
        self.has_quit = False
        self.flight = SingleFlight()
        # The load that has not landed yet.
        self.loading: Load | None = None
        # Something changed while one feed was taking over from another: once more, then.
        self.rebuild_again = False
        # What was heard before the current track, by which albums in order are told.
        self.before: PlayableTrack | None = None
        self.broken_in_a_row = 0
        # The feed that ends because so many items in a row could not be played.
        self.gave_up_epoch = 0
        # What it did when the device went away, to be done again when it is back; None while there is no need.
        self.lost_in: PlayerState | None = None
        place_s = play_queue.queue.position_s
        self._state = PlayerState.PAUSED if play_queue.current is not None and place_s > 0 else PlayerState.STOPPED
        self.sounding.cut(place_s)
        engine.pause()

    # What is there

    @property
    def state(self) -> PlayerState:
        """What it does."""
        return self._state

    @property
    def queue(self) -> Queue:
        """The queue with how far the current item has played."""
        return self.play_queue.place_at(self.position_s())

    @property
    def waits_for_device(self) -> bool:
        """Whether it goes on by itself once there is a device."""
        return self.lost_in is not None

    def now(self) -> Now:
        """The current item as it is heard: 0 ≤ position ≤ duration, always, and 0 where stopped."""
        place = self.sounding.place()
        mark, current = self.sounding.current(place), self.play_queue.current
        if current is None:
            return Now()
        if mark is None or mark.item.ticket != current.ticket:
            track = self.known.get(current.track)
            duration_s = None if track is None else track.duration_s
            return Now(None, track, self._clamped(self.sounding.target_s, duration_s), duration_s)
        rate_hz = self.sounding.rate_hz
        length_s = None if mark.length_frames is None else mark.length_frames / rate_hz
        duration_s = mark.track.duration_s if length_s is None else length_s
        position_s = self.sounding.target_s
        if place is not None:
            position_s = (mark.offset_frames + max(0, place.frame - mark.frame)) / rate_hz
        return Now(mark, mark.track, self._clamped(position_s, duration_s), duration_s)

    def _clamped(self, position_s: float, duration_s: float | None) -> float:
        if self._state is PlayerState.STOPPED:
            return 0.0
        return max(0.0, position_s if duration_s is None else min(position_s, duration_s))

    def position_s(self) -> float:
        """How far the current item has been heard."""
        return self.now().position_s

    def tracks_ahead(self) -> tuple[PlayableTrack, ...]:
        """What is known of the current item and of what follows it."""
        current = self.play_queue.current
        following = None if current is None else self.play_queue.following(current)
        known = self.now().track, None if following is None else self.known.get(following.track)
        return tuple(track for track in known if track is not None)

    def settings(self) -> PlayerSettings:
        """What is kept between runs."""
        return self.sound.kept(consume=self.play_queue.consume, stop_after_current=self.play_queue.stop_after_current)

    # What is to be heard

    def rebuild(self, *, other_follower: bool = False) -> None:
        """What is heard goes on, aligned, with the settings, or the follower, of now."""
        if self._state not in HEARS or self.sounding.newest is None:
            # A load that is under way will be made with them.
            return
        current = self.play_queue.current
        if current is None:
            return
        if self._state is PlayerState.PAUSED:
            # Nothing is heard that could be cut.
            self.load(current, self.position_s())
            return
        if self.sounding.is_handing_over:
            self.rebuild_again = True
            return
        # Also where that was to be mended by a load that has not landed, and that this one supersedes.
        other_follower = other_follower or self.sounding.is_followed_wrongly
        place = self.sounding.hand_over_place(other_follower=other_follower)
        if place is None:
            self.load(current, self.position_s())
            return
        if other_follower:
            self.sounding.follows_wrongly()
        mark = place.mark
        track = self.known.get(mark.item.track) or mark.track
        epoch = self.flight.supersede()
        self.loading = Load(epoch, mark.item, track, 0.0, self.before, place.at, place.start_frame)
        self._inbox.put(self.loading)

    def follow_again(self) -> None:
        """What follows may have changed: what was joined already is joined anew where it has."""
        newest = self.sounding.newest
        if self._state not in HEARS or newest is None or newest.epoch == self.gave_up_epoch:
            return
        if self.play_queue.follows_otherwise(self.sounding.joined()):
            self.rebuild(other_follower=True)

    def load_again(self) -> None:
        """What is heard is loaded anew, for a device of another rate."""
        current = self.play_queue.current
        if self._state in HEARS and current is not None:
            self.load(current, self.position_s())

    # Telling

    def blame(self, error: AuralisError, path: str | None) -> None:
        """That is the problem now."""
        self.problem = PlaybackProblem(error.code, str(error), path)
        self._blamed.append(self.problem)
        self.changed()

    def take_blamed(self) -> tuple[PlaybackProblem, ...]:
        """All problems there were since this was asked last: who is told of one is told of each."""
        blamed = tuple(self._blamed)
        self._blamed.clear()
        return blamed

    def changed(self) -> None:
        """Something that can be seen is not as it was."""
        self.revision += 1
        self.wake()

    def wake(self) -> None:
        """Has the conductor look again, once."""
        if not self.is_woken:
            self.is_woken = True
            self._inbox.put(Wake())

    def remember(self, write: Callable[[PlayerMemory], None]) -> None:
        """Has the conductor keep something, in the order of what happened."""
        self._inbox.put(Remember(write))

    def landed(self, load: Load) -> bool:
        """Whether what was made ready for `load` is still wanted; once for each."""
        if self.loading is not load or not self.flight.land(load.epoch):
            return False
        self.loading = None
        return True

    # Within

    def move(self, event: StateEvent) -> bool:
        """The one place where the state changes, by the table; False where the event means nothing now."""
        state = next_state(self._state, event)
        if state is None:
            return False
        if state is not self._state:
            self._state = state
            self.changed()
        return True

    def load(self, item: QueueItem, start_s: float, epoch: int | None = None) -> None:
        """The one way to another sound: what was heard is cut at once, what was being loaded is stale."""
        self.sounding.cut(start_s)
        self.rebuild_again = False
        if self._state is PlayerState.PAUSED:
            self.engine.pause()
        else:
            self.engine.resume()
        epoch = self.flight.supersede() if epoch is None else epoch
        self.loading = Load(epoch, item, self.known.get(item.track), start_s, self.before)
        self._inbox.put(self.loading)
        self.changed()

    def silence(self, target_s: float) -> None:
        """Nothing is heard, nothing is being loaded; what is played next begins at `target_s` of its item."""
        self.flight.supersede()
        self.loading, self.rebuild_again, self.lost_in = None, False, None
        self.sounding.cut(target_s)
        self.changed()

    def fail(self) -> None:
        """Nothing can be heard, for now."""
        lost_in, position_s = self.lost_in, self.position_s()
        self.move(StateEvent.FAIL)
        self.leave(stopped=True)
        self.silence(position_s)
        self.lost_in = lost_in

    def move_on(self, ticket: int, *, consume: bool) -> bool:
        """Makes another item current, what was played taken out where that is wished; False where it is gone."""
        items = self.play_queue.queue.items
        moved = self.play_queue.move_on(ticket, consume=consume and self.play_queue.consume)
        self.remember_played(consumed=items is not self.play_queue.queue.items)
        self.changed()
        return moved

    def remember_played(self, *, consumed: bool) -> None:
        """What was played is gone from the queue: nobody's edit."""
        if consumed:
            queue = self.play_queue.queue
            self.remember(lambda memory: memory.save_queue(queue, QueueEdit.PLAYED))

    def hear(self) -> None:
        """What plays has been heard so far."""
        now = self.now()
        if now.mark is not None:
            begun_s = now.mark.offset_frames / self.sounding.rate_hz
            self.hearings.heard(now.mark.track, begun_s, now.position_s, now.duration_s)

    def hear_out(self) -> None:
        """What plays has been heard to its end, unless it broke off."""
        current = self.play_queue.current
        if current is not None and current.ticket not in self.play_queue.broken:
            self.hearings.heard_out()

    def leave(self, *, ended: bool = False, stopped: bool = False) -> None:
        """The current track is not played on: that was a play."""
        write = self.hearings.left(ended=ended, stopped=stopped)
        if write is not None:
            self.remember(write)
