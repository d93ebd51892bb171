"""What the user wishes of what plays, as far as it makes sense in the state there is."""

from __future__ import annotations

import math

from auralis_cli.errors import UsageError
from auralis_cli.model.playback import PlayerState
from auralis_cli.model.plays import LikingWish
from auralis_cli.model.queue import Queue
from auralis_cli.player.progress import Progress
from auralis_cli.player.states import StateEvent
from auralis_cli.player.transport import Transport


class Controls:
    """The keys of a player. Every method wants the player's lock held, and what was heard taken note of."""

    def __init__(self, transport: Transport, progress: Progress) -> None:
        self._transport, self._progress = transport, progress

    def play(self) -> None:
        """On from where it is."""
        current = self._transport.play_queue.current
        if current is None or not self._transport.move(StateEvent.PLAY):
            return
        self._forgive()
        self._transport.engine.resume()
        if self._transport.loading is None and self._transport.sounding.newest is None:
            self._transport.load(current, self._transport.sounding.target_s)
        self._progress.catch_up()

    def pause(self) -> None:
        """Still, in place."""
        if self._transport.move(StateEvent.PAUSE):
            self._transport.lost_in = None
            self._transport.engine.pause()

    def stop(self) -> None:
        """Silence, and the current track from its beginning next."""
        if self._transport.move(StateEvent.STOP):
            self._transport.leave(stopped=True)
            self._transport.silence(0.0)

    def skip(self, queue: Queue | None, *, consume: bool = False) -> None:
        """Another item, as the state is; where there is none it stops."""
        if queue is None or queue.current is None:
            self.stop()
            return
        before = self._transport.now().track
        self._transport.leave()
        played = self._transport.state is not PlayerState.STOPPED
        self._transport.move_on(queue.current.ticket, consume=consume and played)
        self._transport.before = before
        self._forgive()
        self.begin_current(0.0)

    def jump(self, queue: Queue) -> None:
        """Plays another item."""
        self._transport.leave()
        self._transport.play_queue.go_to(queue)
        self._transport.before = None
        self._forgive()
        if queue.current is not None and self._transport.move(StateEvent.LOAD):
            self._transport.load(queue.current, 0.0)

    def seek(self, position_s: float) -> None:
        """On at another position of the current track; its end, or beyond, ends it."""
        if not math.isfinite(position_s):
            raise UsageError("seek", f"{position_s} is no position")
        current, duration_s = self._transport.play_queue.current, self._transport.now().duration_s
        if current is None or self._transport.state is PlayerState.STOPPED:
            return
        position_s = max(0.0, position_s)
        if duration_s is not None and position_s >= duration_s:
            if self._transport.state is not PlayerState.ERROR:
                self._progress.end_current(self._transport.flight.supersede())
            return
        self._transport.hearings.sought(position_s)
        if self._transport.state is PlayerState.ERROR:
            self._transport.sounding.cut(position_s)
            self._transport.changed()
        else:
            self._transport.load(current, position_s)

    def like(self, wish: LikingWish, *, keeps: bool) -> None:
        """The current track is liked so; `keeps`: whether anything this player is told is kept."""
        current, track = self._transport.play_queue.current, self._transport.now().track
        if current is None:
            raise UsageError("player", "nothing is queued")
        if not keeps:
            raise UsageError("player", "it keeps nothing", "auralis rate VALUE QUERY writes into the library")
        track_id = current.track.track_id if track is None or track.track_id is None else track.track_id
        if track_id is None:
            raise UsageError(current.track.path, "is not in the library", "auralis scan adds it")
        self._transport.remember(lambda memory: memory.like(track_id, wish))

    def begin_current(self, start_s: float) -> None:
        """The current item is another one: it is played where something played."""
        current = self._transport.play_queue.current
        if current is None or self._transport.state is PlayerState.STOPPED:
            self._transport.silence(0.0)
            return
        if self._transport.state is not PlayerState.PAUSED:
            self._transport.move(StateEvent.LOAD)
        self._transport.lost_in = None
        self._transport.load(current, start_s)

    def quit(self) -> None:
        """The end: silence, the play that is under way kept, and where it was: the next player goes on there."""
        queue, settings = self._transport.queue, self._transport.settings()
        playing = self._transport.state in (PlayerState.LOADING, PlayerState.PLAYING)
        self._transport.remember(lambda memory: memory.save_place(queue, settings, playing=playing))
        self._transport.has_quit = True
        self._transport.leave(stopped=True)
        self._transport.lost_in = None
        self._transport.move(StateEvent.STOP)
        self._transport.silence(0.0)

    def _forgive(self) -> None:
        """The user tries again: what was broken may be whole, and the device there."""
        self._transport.broken_in_a_row, self._transport.problem, self._transport.lost_in = 0, None, None
        self._transport.play_queue.broken.clear()
