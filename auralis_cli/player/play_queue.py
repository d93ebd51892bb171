"""The queue while it plays: its edits with undo, what comes after what, and when it moves on. Without sound."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from auralis_cli.model.player_choices import RepeatMode
from auralis_cli.model.queue import Queue, QueueEdit, QueueItem
from auralis_cli.model.queue_history import QueueHistory
from auralis_cli.player.feed import Mark


class PlayQueue:
    """One queue, its history, and what is to happen at the end of an item. Guarded by the player's lock."""

    def __init__(self, queue: Queue, history: QueueHistory, *, consume: bool, stop_after_current: bool) -> None:
        # Its position is the one the current item begins at; how far it has played is known where it sounds.
        self.queue = queue
        self.history = history
        self.consume = consume
        self.stop_after_current = stop_after_current
        # Rises with every edit.
        self.revision = 0
        # Tickets of items that could not be played lately: what comes after them comes in their place.
        self.broken: set[int] = set()

    @property
    def current(self) -> QueueItem | None:
        """The item that plays, or would."""
        return self.queue.current

    def place_at(self, position_s: float) -> Queue:
        """The queue with how far the current item has played."""
        return self.queue if self.queue.position_s == position_s else replace(self.queue, position_s=position_s)

    # Edits; each is told the queue with its place at that moment

    def edit(self, before: Queue, queue: Queue, edit: QueueEdit, now: int) -> None:
        """What an edit made of it."""
        self.history = self.history.edited(before, edit, now)
        self._become(queue)

    def undo(self, before: Queue) -> bool:
        """Takes the newest edit back; False where there is none."""
        return self._step(self.history.undo(before))

    def redo(self, before: Queue) -> bool:
        """Makes again what was taken back last; False where there is none."""
        return self._step(self.history.redo(before))

    def _step(self, made: tuple[QueueHistory, Queue] | None) -> bool:
        if made is None:
            return False
        self.history, queue = made
        self._become(queue)
        return True

    def _become(self, queue: Queue) -> None:
        self.queue = queue
        self.revision += 1

    # Where it plays

    def following(self, item: QueueItem) -> QueueItem | None:
        """What comes after `item` ends by itself; None where it was taken out, or nothing does."""
        position = self.queue.position_of(item.ticket)
        if position is None or (self.stop_after_current and position == self.queue.index):
            return None
        return self._after(position)

    def _after(self, position: int) -> QueueItem | None:
        after = self.queue.jump(position).next(ended=True)
        if after is None or (
            self.consume and after.index == self.queue.index and self.queue.repeat is not RepeatMode.ONE
        ):
            # All round to the current item, which was consumed by then, as was all that played since.
            return None
        return after.current

    def follows_otherwise(self, joined: Iterable[tuple[Mark, Mark | None]]) -> bool:
        """Whether something else follows now than what was joined."""
        return any(not self._follows(mark.item, behind) for mark, behind in joined)

    def _follows(self, item: QueueItem, behind: Mark | None) -> bool:
        following = self.following(item)
        for _ in range(len(self.broken) + 1):
            if following is None or behind is None:
                return following is None and behind is None
            if following.ticket == behind.item.ticket:
                return True
            if following.ticket not in self.broken:
                return False
            following = self.following(following)
        return False

    def go_to(self, queue: Queue) -> None:
        """The same items, another one current."""
        self.queue = queue

    def move_on(self, ticket: int, *, consume: bool) -> bool:
        """Makes the item of that ticket current from its beginning; False where it is gone.

        The one that was current is taken out where it is consumed.
        """
        position = self.queue.position_of(ticket)
        if position is None:
            return False
        played = self.queue.index
        self.queue = self.queue.jump(position)
        if consume and played != position:
            self._become(self.queue.remove([played]))
        return True

    def end(self) -> None:
        """The current item was the last one to play, for now: after a wished stop the next one is current."""
        stopped, self.stop_after_current = self.stop_after_current, False
        after = self._after(self.queue.index) if stopped and self.queue.items else None
        if after is not None:
            self.move_on(after.ticket, consume=self.consume)
        elif self.consume and self.queue.items and self.queue.repeat is not RepeatMode.ONE:
            self._become(self.queue.remove([self.queue.index]))
        self.queue = replace(self.queue, position_s=0.0)
