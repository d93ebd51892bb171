"""What comes of what was heard: items that begin and end, loads that fail, devices that go, plans that arrive."""

from __future__ import annotations

from collections.abc import Callable

from auralis_cli.errors import AuralisError
from auralis_cli.model.live_mastering import LivePlan, MasteringWish, PlanStage
from auralis_cli.model.playback import BROKEN_IN_A_ROW, PlayableTrack, PlayerState, TrackLevels
from auralis_cli.model.player_choices import NormalizeMode
from auralis_cli.model.queue import QueueItem
from auralis_cli.player.feed import Mark
from auralis_cli.player.inbox import Load
from auralis_cli.player.rendering import NoticeKind, read_notice
from auralis_cli.player.states import StateEvent
from auralis_cli.player.transport import HEARS, Transport

_STAGES = tuple(PlanStage)


class Progress:
    """Has the transport go on by itself. Every method wants the player's lock held."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport
        self._last_broken: QueueItem | None = None
        # What is still to come of which no master can be made, and why.
        self._unplanned: tuple[PlayableTrack, MasteringWish, AuralisError] | None = None

    def catch_up(self) -> None:
        """Takes note of what was heard since: whoever asks or wishes anything finds it done, exactly once."""
        if self._transport.state not in HEARS:
            return
        # Looked at before the place: what is heard up to the end begins below, however far the device gets meanwhile.
        newest, has_ended = self._transport.sounding.newest, self._transport.sounding.has_ended()
        place = self._transport.sounding.place()
        if place is not None:
            self._transport.move(StateEvent.READY)
            self._transport.hear()
        while place is not None:
            is_first = not self._transport.sounding.has_begun
            mark = self._transport.sounding.next_passed(place)
            if mark is None:
                break
            self._pass(mark, is_first=is_first)
            # It may have cut what was heard there.
            place = self._transport.sounding.place()
        if newest is not None and has_ended:
            # Refused where that was noticed before, or something else is wanted since.
            epoch = self._transport.flight.begin(after=newest.epoch)
            if epoch is None:
                return
            gives_up = newest.epoch == self._transport.gave_up_epoch
            current = self._transport.play_queue.current
            if newest.problem is not None and current is not None and not gives_up:
                # A defect ended its feeder, which could tell nothing.
                self.has_broken(current, newest.problem)
                gives_up = self._transport.broken_in_a_row >= BROKEN_IN_A_ROW
            if gives_up:
                self._give_up()
            else:
                self._transport.hear_out()
                self.end_current(epoch)

    def noticed(self, notice: int) -> None:
        """The engine has something to tell."""
        epoch, kind = read_notice(notice)
        if kind is NoticeKind.HANDED_OVER:
            self._transport.sounding.handed_over(epoch)
            if self._transport.rebuild_again and not self._transport.sounding.is_handing_over:
                self._transport.rebuild_again = False
                self._transport.rebuild(
                    other_follower=self._transport.play_queue.follows_otherwise(self._transport.sounding.joined())
                )

    def has_broken(self, item: QueueItem, error: AuralisError) -> None:
        """That item cannot be played."""
        self._transport.broken_in_a_row += 1
        self._transport.play_queue.broken.add(item.ticket)
        self._last_broken = item
        self._transport.known.forget(item.track)
        self._transport.blame(error, item.track.path)

    def device_failed(self, error: AuralisError) -> None:
        """There is no device: what was to be heard is, from here on, when there is one again."""
        self._transport.blame(error, None)
        if self._transport.state in (PlayerState.LOADING, PlayerState.PLAYING):
            self._transport.lost_in = self._transport.state
            self._transport.fail()
        elif self._transport.state is PlayerState.PAUSED:
            self._transport.silence(self._transport.position_s())

    def device_is_back(self) -> None:
        """There is a device again."""
        current = self._transport.play_queue.current
        if self._transport.state is PlayerState.ERROR and self._transport.lost_in is not None and current is not None:
            self._transport.lost_in = None
            self._transport.problem = None
            if self._transport.move(StateEvent.LOAD):
                self._transport.load(current, self._transport.sounding.target_s)

    def load_failed(self, load: Load, error: AuralisError) -> None:
        """What was to be loaded cannot be played: what comes after it is."""
        if not self._transport.landed(load):
            return
        self.has_broken(load.item, error)
        epoch = self._transport.flight.begin(after=load.epoch)
        if self._transport.broken_in_a_row >= BROKEN_IN_A_ROW:
            self._give_up()
        elif epoch is not None:
            self.end_current(epoch)

    def plan_arrived(self, track: PlayableTrack, wish: MasteringWish, plan: LivePlan | AuralisError) -> None:
        """A plan was made: what is heard, or joined, by a poorer one goes on by this one."""
        marks = [mark for mark in self._transport.sounding.to_be_heard() if mark.track.source == track.source]
        if isinstance(plan, AuralisError):
            if marks and self._transport.sound.hears_master:
                self._transport.blame(plan, track.source.name)
            elif not marks:
                # Said once it is heard. Not of more than one: that was asked for ahead.
                self._unplanned = (track, wish, plan)
        elif wish == self._transport.sound.wish:
            stage = plan.stage
            if self._goes_by(track, lambda mark: _is_poorer(mark.plan_stage, stage)):
                self._transport.rebuild()

    def levels_arrived(self, track: PlayableTrack, levels: TrackLevels | AuralisError) -> None:
        """A track was measured: what is heard, or joined, at a guessed level goes on at its own."""
        if isinstance(levels, AuralisError) or not self._transport.known.measured(track, levels):
            return
        normalizes = self._transport.sound.normalize is not NormalizeMode.OFF
        if self._goes_by(track, lambda mark: normalizes or mark.plan_stage is None):
            self._transport.rebuild()

    def _goes_by(self, track: PlayableTrack, lacks: Callable[[Mark], bool]) -> bool:
        """Whether `track` is heard, or joined, and lacks what has come; or it is being made ready without that."""
        marks = self._transport.sounding.to_be_heard()
        if marks:
            return any(mark.track.source == track.source and lacks(mark) for mark in marks)
        current = self._transport.now().track
        return current is not None and current.source == track.source

    def gave_up(self, epoch: int) -> None:
        """The feed of that epoch ends because so many items in a row could not be played."""
        self._transport.gave_up_epoch = epoch

    def _pass(self, mark: Mark, *, is_first: bool) -> None:
        """That item is heard now, the first of what was loaded or joined to what was heard."""
        self._say_unplanned(mark)
        current = self._transport.play_queue.current
        if is_first and current is not None and mark.item.ticket == current.ticket:
            self._transport.changed()
            return
        before = self._transport.now().track
        self._transport.hear_out()
        self._transport.leave(ended=True)
        if not self._transport.move_on(mark.item.ticket, consume=True):
            # It was taken out a moment ago.
            self.end_current(self._transport.flight.supersede())
            return
        self._transport.before = before
        self._transport.hear()

    def _say_unplanned(self, mark: Mark) -> None:
        """That the item is heard without its master, where that was found out ahead."""
        if self._unplanned is None or self._unplanned[0].source != mark.track.source:
            return
        (track, wish, error), self._unplanned = self._unplanned, None
        if self._transport.sound.hears_master and wish == self._transport.sound.wish:
            self._transport.blame(error, track.source.name)

    def end_current(self, epoch: int) -> None:
        """The current track has ended: on to what follows, or the end."""
        current, before = self._transport.play_queue.current, self._transport.now().track
        following = None if current is None else self._transport.play_queue.following(current)
        self._transport.leave(ended=True)
        if following is None:
            items = self._transport.play_queue.queue.items
            self._transport.play_queue.end()
            self._transport.remember_played(consumed=items is not self._transport.play_queue.queue.items)
            self._transport.move(StateEvent.END)
            self._transport.silence(0.0)
            return
        self._transport.move_on(following.ticket, consume=True)
        self._transport.before = before
        if self._transport.state is not PlayerState.PAUSED:
            self._transport.move(StateEvent.LOAD)
        self._transport.load(following, 0.0, epoch)

    def _give_up(self) -> None:
        """So many in a row cannot be played: it stands at the last of them, so that `next` goes on behind it."""
        self._transport.hear_out()
        self._transport.leave(ended=True)
        if self._last_broken is not None:
            self._transport.play_queue.move_on(self._last_broken.ticket, consume=False)
        self._transport.sounding.cut(0.0)
        self._transport.fail()


def _is_poorer(stage: PlanStage | None, than: PlanStage) -> bool:
    return stage is None or _STAGES.index(stage) < _STAGES.index(than)
