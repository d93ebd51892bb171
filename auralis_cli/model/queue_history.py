"""Undo and redo of a queue, as one frozen value beside it."""

from __future__ import annotations

from dataclasses import replace
from typing import Self

from auralis_cli.model.queue import Queue, QueueEdit
from auralis_cli.quick_dataclasses import dataclass

HISTORY_LENGTH = 20
# Twenty edits of a queue of everything are not worth the room they take.
HISTORY_ITEMS = 200_000


@dataclass(frozen=True, slots=True)
class QueueChange:
    """An edit with the queue on its other side: the one before it where it was done, after it where it was undone."""

    edit: QueueEdit
    queue: Queue
    edited_at: int


@dataclass(frozen=True, slots=True)
class QueueHistory:
    """The edits that can be taken back and made again, each the newest last."""

    done: tuple[QueueChange, ...] = ()
    undone: tuple[QueueChange, ...] = ()

    def edited(self, before: Queue, edit: QueueEdit, now: int) -> Self:
        """With an edit more, of the queue `before` it; what was undone cannot be made again."""
        if edit is QueueEdit.PLAYED:
            return self
        return replace(self, done=_newest((*self.done, QueueChange(edit, before, now))), undone=())

    def undo(self, queue: Queue) -> tuple[Self, Queue] | None:
        """The queue before the newest edit, going on with what plays; None where there is nothing to take back."""
        if not self.done:
            return None
        last = self.done[-1]
        after = replace(last, queue=queue)
        return replace(self, done=self.done[:-1], undone=(*self.undone, after)), last.queue.going_on_from(queue)

    def redo(self, queue: Queue) -> tuple[Self, Queue] | None:
        """The queue after the edit undone last, going on with what plays; None where there is none."""
        if not self.undone:
            return None
        last = self.undone[-1]
        before = replace(last, queue=queue)
        return replace(self, done=(*self.done, before), undone=self.undone[:-1]), last.queue.going_on_from(queue)


def _newest(changes: tuple[QueueChange, ...]) -> tuple[QueueChange, ...]:
    """Those that are kept: the newest that fit, and the newest in any case."""
    kept, items = 0, 0
    for change in reversed(changes[-HISTORY_LENGTH:]):
        items += len(change.queue.items)
        if kept and items > HISTORY_ITEMS:
            break
        kept += 1
    return changes[len(changes) - kept :]
