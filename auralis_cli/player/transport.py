"""What the player does: its state, its queue and its sound changed together, by whoever holds the lock.

Nothing here waits, opens or reads anything: what takes time is put into the inbox, for the conductor.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from auralis_cli.errors import AuralisError, UsageError
from auralis_cli.model.live_mastering import LivePlan, MasteringWish, PlanStage
from auralis_cli.model.playback import (
    BROKEN_IN_A_ROW,
    PlayableTrack,
    PlaybackProblem,
    PlayerSettings,
    PlayerState,
    TrackLevels,
)
from auralis_cli.model.queue import Queue, QueueEdit, QueueItem
from auralis_cli.player.engine import Engine
from auralis_cli.player.feed import Mark
from auralis_cli.player.hearings import Hearings
from auralis_cli.player.inbox import Inbox, Load, Remember, Wake
from auralis_cli.player.known_tracks import KnownTracks
from auralis_cli.player.play_queue import PlayQueue
from auralis_cli.player.ports import PlayerMemory
from auralis_cli.player.rendering import NoticeKind, read_notice
from auralis_cli.player.single_flight import SingleFlight
from auralis_cli.player.sound_settings import SoundSettings
from auralis_cli.player.sounding import Sounding
from auralis_cli.player.states import StateEvent, next_state

_STAGES = tuple(PlanStage)
_HEARS = (PlayerState.LOADING, PlayerState.PLAYING, PlayerState.PAUSED)


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
        self._engine, self._inbox, self._hearings = engine, inbox, hearings
        self.play_queue = play_queue
        self.sound = sound
        self.sounding = Sounding(engine, ends_openly=exact_rate)
        self.known = KnownTracks()
        self.problem: PlaybackProblem | None = None
        # Rises with every change that can be seen.
        self.revision = 0
        self.is_woken = False
        # It stops because it ends: its place was kept before.
        self.has_quit = False
        self._flight = SingleFlight()
        # The load that has not landed yet.
        self.loading: Load | None = None
        # Something changed while one feed was taking over from another: once more, then.
        self._rebuild_again = False
        # What was heard before the current track, by which albums in order are told.
        self._before: PlayableTrack | None = None
        self.broken_in_a_row = 0
        self._gave_up_epoch = 0
        self._last_broken: QueueItem | None = None
        # What it did when the device went away, to be done again when it is back; None while there is no need.
        self._lost_in: PlayerState | None = None
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
        return self._lost_in is not None

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

    # Wishes

    def play(self) -> None:
        """On from where it is."""
        current = self.play_queue.current
        if current is None or not self.move(StateEvent.PLAY):
            return
        self._forgive()
        self._engine.resume()
        if self.loading is None and self.sounding.newest is None:
            self._load(current, self.sounding.target_s)
        self.catch_up()

    def pause(self) -> None:
        """Still, in place."""
        if self.move(StateEvent.PAUSE):
            self._lost_in = None
            self._engine.pause()

    def stop(self) -> None:
        """Silence, and the current track from its beginning next."""
        if self.move(StateEvent.STOP):
            self.leave(stopped=True)
            self.silence(0.0)

    def skip(self, queue: Queue | None, *, consume: bool = False) -> None:
        """Another item, as the state is; where there is none it stops."""
        if queue is None or queue.current is None:
            self.stop()
            return
        before = self.now().track
        self.leave()
        played = self._state is not PlayerState.STOPPED
        self._move_on(queue.current.ticket, consume=consume and played)
        self._before = before
        self._forgive()
        self.begin_current(0.0)

    def jump(self, queue: Queue) -> None:
        """Plays another item."""
        self.leave()
        self.play_queue.go_to(queue)
        self._before = None
        self._forgive()
        if queue.current is not None and self.move(StateEvent.LOAD):
            self._load(queue.current, 0.0)

    def seek(self, position_s: float) -> None:
        """On at another position of the current track; its end, or beyond, ends it."""
        if not math.isfinite(position_s):
            raise UsageError("seek", f"{position_s} is no position")
        current, duration_s = self.play_queue.current, self.now().duration_s
        if current is None or self._state is PlayerState.STOPPED:
            return
        position_s = max(0.0, position_s)
        if duration_s is not None and position_s >= duration_s:
            if self._state is not PlayerState.ERROR:
                self._end_current(self._flight.supersede())
            return
        self._hearings.sought(position_s)
        if self._state is PlayerState.ERROR:
            self.sounding.cut(position_s)
            self.changed()
        else:
            self._load(current, position_s)

    # What comes of it

    def catch_up(self) -> None:
        """Takes note of what was heard since: whoever asks or wishes anything finds it done, exactly once."""
        if self._state not in _HEARS:
            return
        place = self.sounding.place()
        if place is not None:
            self.move(StateEvent.READY)
            self._hear()
        while place is not None:
            is_first = not self.sounding.has_begun
            mark = self.sounding.next_passed(place)
            if mark is None:
                break
            self._pass(mark, is_first=is_first)
        newest = self.sounding.newest
        if newest is not None and self.sounding.has_ended():
            # Refused where that was noticed before, or something else is wanted since.
            epoch = self._flight.begin(after=newest.epoch)
            if epoch is None:
                return
            if newest.epoch == self._gave_up_epoch:
                self._give_up()
            else:
                self._hear_out()
                self._end_current(epoch)

    def noticed(self, notice: int) -> None:
        """The engine has something to tell."""
        epoch, kind = read_notice(notice)
        if kind is NoticeKind.HANDED_OVER:
            self.sounding.handed_over(epoch)
            if self._rebuild_again and not self.sounding.is_handing_over:
                self._rebuild_again = False
                self.rebuild(other_follower=self.play_queue.follows_otherwise(self.sounding.joined()))

    def rebuild(self, *, other_follower: bool = False) -> None:
        """What is heard goes on, aligned, with the settings, or the follower, of now."""
        if self._state not in _HEARS or self.sounding.newest is None:
            # A load that is under way will be made with them.
            return
        current = self.play_queue.current
        if current is None:
            return
        if self._state is PlayerState.PAUSED:
            # Nothing is heard that could be cut.
            self._load(current, self.position_s())
            return
        if self.sounding.is_handing_over:
            self._rebuild_again = True
            return
        place = self.sounding.hand_over_place(other_follower=other_follower)
        if place is None:
            self._load(current, self.position_s())
            return
        if other_follower:
            self.sounding.follows_wrongly()
        mark = place.mark
        track = self.known.get(mark.item.track) or mark.track
        epoch = self._flight.supersede()
        self.loading = Load(epoch, mark.item, track, 0.0, self._before, place.at, place.start_frame)
        self._inbox.put(self.loading)

    def follow_again(self) -> None:
        """What follows may have changed: what was joined already is joined anew where it has."""
        newest = self.sounding.newest
        if self._state not in _HEARS or newest is None or newest.epoch == self._gave_up_epoch:
            return
        if self.play_queue.follows_otherwise(self.sounding.joined()):
            self.rebuild(other_follower=True)

    def has_broken(self, item: QueueItem, error: AuralisError) -> None:
        """That item cannot be played."""
        self.broken_in_a_row += 1
        self.play_queue.broken.add(item.ticket)
        self._last_broken = item
        self.known.forget(item.track)
        self.blame(error, item.track.path)

    def device_failed(self, error: AuralisError) -> None:
        """There is no device: what was to be heard is, from here on, when there is one again."""
        self.blame(error, None)
        if self._state in (PlayerState.LOADING, PlayerState.PLAYING):
            self._lost_in = self._state
            self._fail()
        elif self._state is PlayerState.PAUSED:
            self.silence(self.position_s())

    def device_is_back(self) -> None:
        """There is a device again."""
        current = self.play_queue.current
        if self._state is PlayerState.ERROR and self._lost_in is not None and current is not None:
            self._lost_in = None
            self.problem = None
            if self.move(StateEvent.LOAD):
                self._load(current, self.sounding.target_s)

    def load_again(self) -> None:
        """What is heard is loaded anew, for a device of another rate."""
        current = self.play_queue.current
        if self._state in _HEARS and current is not None:
            self._load(current, self.position_s())

    def load_failed(self, load: Load, error: AuralisError) -> None:
        """What was to be loaded cannot be played: what comes after it is."""
        if not self.landed(load):
            return
        self.has_broken(load.item, error)
        epoch = self._flight.begin(after=load.epoch)
        if self.broken_in_a_row >= BROKEN_IN_A_ROW:
            self._give_up()
        elif epoch is not None:
            self._end_current(epoch)

    def plan_arrived(self, track: PlayableTrack, wish: MasteringWish, plan: LivePlan | AuralisError) -> None:
        """A plan was made: what is heard, or joined, by a poorer one goes on by this one."""
        marks = [mark for mark in self.sounding.to_be_heard() if mark.track.source == track.source]
        if isinstance(plan, AuralisError):
            if marks and self.sound.hears_master:
                self.blame(plan, track.source.name)
        elif wish == self.sound.wish and any(_is_poorer(mark.plan_stage, plan.stage) for mark in marks):
            self.rebuild()

    def levels_arrived(self, track: PlayableTrack, levels: TrackLevels | AuralisError) -> None:
        """A track was measured: what is heard, or joined, at a guessed level goes on at its own."""
        if isinstance(levels, AuralisError) or not self.known.measured(track, levels):
            return
        if any(mark.track.source == track.source for mark in self.sounding.to_be_heard()):
            self.rebuild()

    # Telling

    def blame(self, error: AuralisError, path: str | None) -> None:
        """That is the problem now."""
        self.problem = PlaybackProblem(error.code, str(error), path)
        self.changed()

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

    def gave_up(self, epoch: int) -> None:
        """The feed of that epoch ends because so many items in a row could not be played."""
        self._gave_up_epoch = epoch

    def landed(self, load: Load) -> bool:
        """Whether what was made ready for `load` is still wanted; once for each."""
        if self.loading is not load or not self._flight.land(load.epoch):
            return False
        self.loading = None
        return True

    def quit(self) -> None:
        """The end: silence, the play that is under way kept, and where it was: the next player goes on there."""
        queue, settings = self.queue, self.settings()
        playing = self._state in (PlayerState.LOADING, PlayerState.PLAYING)
        self.remember(lambda memory: memory.save_place(queue, settings, playing=playing))
        self.has_quit = True
        self.leave(stopped=True)
        self._lost_in = None
        self.move(StateEvent.STOP)
        self.silence(0.0)

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

    def _load(self, item: QueueItem, start_s: float, epoch: int | None = None) -> None:
        """The one way to another sound: what was heard is cut at once, what was being loaded is stale."""
        self.sounding.cut(start_s)
        self._rebuild_again = False
        if self._state is PlayerState.PAUSED:
            self._engine.pause()
        else:
            self._engine.resume()
        epoch = self._flight.supersede() if epoch is None else epoch
        self.loading = Load(epoch, item, self.known.get(item.track), start_s, self._before)
        self._inbox.put(self.loading)
        self.changed()

    def silence(self, target_s: float) -> None:
        """Nothing is heard, nothing is being loaded; what is played next begins at `target_s` of its item."""
        self._flight.supersede()
        self.loading, self._rebuild_again, self._lost_in = None, False, None
        self.sounding.cut(target_s)
        self.changed()

    def _fail(self) -> None:
        lost_in, position_s = self._lost_in, self.position_s()
        self.move(StateEvent.FAIL)
        self.leave(stopped=True)
        self.silence(position_s)
        self._lost_in = lost_in

    def begin_current(self, start_s: float) -> None:
        """The current item is another one: it is played where something played."""
        current = self.play_queue.current
        if current is None or self._state is PlayerState.STOPPED:
            self.silence(0.0)
            return
        if self._state is not PlayerState.PAUSED:
            self.move(StateEvent.LOAD)
        self._lost_in = None
        self._load(current, start_s)

    def _pass(self, mark: Mark, *, is_first: bool) -> None:
        """That item is heard now, the first of what was loaded or joined to what was heard."""
        current = self.play_queue.current
        if is_first and current is not None and mark.item.ticket == current.ticket:
            self.changed()
            return
        before = self.now().track
        self._hear_out()
        self.leave(ended=True)
        if not self._move_on(mark.item.ticket, consume=True):
            # It was taken out a moment ago.
            self._end_current(self._flight.supersede())
            return
        self._before = before
        self._hear()

    def _end_current(self, epoch: int) -> None:
        """The current track has ended: on to what follows, or the end."""
        current, before = self.play_queue.current, self.now().track
        following = None if current is None else self.play_queue.following(current)
        self.leave(ended=True)
        if following is None:
            items = self.play_queue.queue.items
            self.play_queue.end()
            self._remember_played(consumed=items is not self.play_queue.queue.items)
            self.move(StateEvent.END)
            self.silence(0.0)
            return
        self._move_on(following.ticket, consume=True)
        self._before = before
        if self._state is not PlayerState.PAUSED:
            self.move(StateEvent.LOAD)
        self._load(following, 0.0, epoch)

    def _give_up(self) -> None:
        """So many in a row cannot be played: it stands at the last of them, so that `next` goes on behind it."""
        self._hear_out()
        self.leave(ended=True)
        if self._last_broken is not None:
            self.play_queue.move_on(self._last_broken.ticket, consume=False)
        self.sounding.cut(0.0)
        self._fail()

    def _move_on(self, ticket: int, *, consume: bool) -> bool:
        items = self.play_queue.queue.items
        moved = self.play_queue.move_on(ticket, consume=consume and self.play_queue.consume)
        self._remember_played(consumed=items is not self.play_queue.queue.items)
        self.changed()
        return moved

    def _remember_played(self, *, consumed: bool) -> None:
        if consumed:
            queue = self.play_queue.queue
            self.remember(lambda memory: memory.save_queue(queue, QueueEdit.PLAYED))

    def _hear(self) -> None:
        now = self.now()
        if now.mark is not None:
            begun_s = now.mark.offset_frames / self.sounding.rate_hz
            self._hearings.heard(now.mark.track, begun_s, now.position_s, now.duration_s)

    def _hear_out(self) -> None:
        current = self.play_queue.current
        if current is not None and current.ticket not in self.play_queue.broken:
            self._hearings.heard_out()

    def leave(self, *, ended: bool = False, stopped: bool = False) -> None:
        """The current track is not played on: that was a play."""
        write = self._hearings.left(ended=ended, stopped=stopped)
        if write is not None:
            self.remember(write)

    def _forgive(self) -> None:
        """The user tries again: what was broken may be whole, and the device there."""
        self.broken_in_a_row, self.problem, self._lost_in = 0, None, None
        self.play_queue.broken.clear()


def _is_poorer(stage: PlanStage | None, than: PlanStage) -> bool:
    return stage is None or _STAGES.index(stage) < _STAGES.index(than)
