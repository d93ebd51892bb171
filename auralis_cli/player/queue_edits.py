"""Edits of the queue while it plays: what plays goes on where it is still there."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from auralis_cli.model.queue import Queue, QueueEdit
from auralis_cli.player.controls import Controls
from auralis_cli.player.inbox import ShuffleWanted
from auralis_cli.player.states import StateEvent
from auralis_cli.player.transport import Transport


class QueueEdits:
    """Changes the queue and has the transport follow. Every method wants the player's lock held."""

    def __init__(self, transport: Transport, controls: Controls, now: Callable[[], int]) -> None:
        self._transport, self._controls = transport, controls
        self._play_queue = transport.play_queue
        self._now = now
        # The order of chance that is still to be made, unless it is forgotten before: the newest wish counts.
        self.shuffling: ShuffleWanted | None = None

    def shuffled(self, wanted: ShuffleWanted, order: Sequence[int]) -> None:
        """The order that was wanted is made; nothing where something else was wished since."""
        if self.shuffling is wanted:
            self.shuffling = None
            self.edit(self._transport.queue.shuffle(order), QueueEdit.SHUFFLE)

    def unshuffle(self) -> None:
        """The order before the shuffle, also where that is still to be made."""
        self.shuffling = None
        if self._play_queue.queue.is_shuffled:
            self.edit(self._transport.queue.unshuffle(), QueueEdit.UNSHUFFLE)

    def edit(self, queue: Queue, edit: QueueEdit) -> None:
        """What an edit made of the queue."""
        before = self._transport.queue
        self._play_queue.edit(before, queue, edit, self._now())
        self._transport.remember(lambda memory: memory.save_queue(queue, edit))
        self._follow(before)

    def replace(self, queue: Queue, edit: QueueEdit, *, play: bool) -> None:
        """Other items; what plays is left."""
        # It was meant for those there were.
        self.shuffling = None
        before = self._transport.queue
        self._transport.leave()
        self._play_queue.edit(before, queue, edit, self._now())
        self._transport.remember(lambda memory: memory.save_queue(queue, edit))
        self._transport.changed()
        if play and queue.current is not None:
            self._controls.jump(queue)
        else:
            self._transport.move(StateEvent.STOP)
            self._transport.silence(0.0)

    def undo(self) -> None:
        """Takes the newest edit back."""
        if self.shuffling is not None:
            # That is the newest: there is nothing of it yet.
            self.shuffling = None
            return
        before = self._transport.queue
        if self._play_queue.undo(before):
            undone = self._play_queue.queue
            self._transport.remember(lambda memory: memory.save_undone(undone))
            self._follow(before)

    def redo(self) -> None:
        """Makes again what was taken back last."""
        before = self._transport.queue
        if self._play_queue.redo(before):
            redone = self._play_queue.queue
            self._transport.remember(lambda memory: memory.save_redone(redone))
            self._follow(before)

    def _follow(self, before: Queue) -> None:
        transport, queue = self._transport, self._play_queue.queue
        now, then = queue.current, before.current
        transport.changed()
        if now is None:
            self._controls.stop()
        elif then is not None and now.ticket == then.ticket:
            transport.follow_again()
        elif then is not None:
            transport.leave()
            stood = before.position_of(now.ticket)
            if stood is not None and stood < before.index and queue.position_of(then.ticket) is None:
                # The last one was taken out, and nothing follows it.
                self._controls.stop()
            else:
                self._controls.begin_current(queue.position_s)
