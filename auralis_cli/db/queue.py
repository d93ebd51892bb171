"""The queue as it is kept between runs: the one that plays, those before it, those that were taken back.

An edit never rewrites items: it stores a new snapshot, and the one before becomes history. To take an edit back is
to point at that snapshot again; what was taken back waits to be made again until the next edit.
"""

from __future__ import annotations

from auralis_cli.db.connection import LibraryDatabase, Row
from auralis_cli.db.queue_snapshots import place_snapshot, read_snapshot, store_snapshot, tickets_of
from auralis_cli.model.queue import Queue, QueueEdit, QueueHistoryEntry, QueueItem
from auralis_cli.model.queue_history import HISTORY_ITEMS, HISTORY_LENGTH, QueueChange, QueueHistory

# The newest that fit, and the newest in any case.
_PRUNE = """
DELETE FROM queue_snapshots WHERE id IN (
    SELECT snapshot_id FROM (
        SELECT h.snapshot_id, row_number() OVER newest AS edits, sum(s.length) OVER newest AS items
        FROM queue_history h JOIN queue_snapshots s ON s.id = h.snapshot_id
        WINDOW newest AS (ORDER BY h.id DESC)
    ) WHERE edits > ? OR (edits > 1 AND items > ?)
)
"""
_UNDONE = "DELETE FROM queue_snapshots WHERE id IN (SELECT snapshot_id FROM queue_redo)"
_DONE_TABLE, _UNDONE_TABLE = "queue_history", "queue_redo"


class QueueRepository:
    """The queue, what can be taken back of it, and what can be made again."""

    def __init__(self, database: LibraryDatabase) -> None:
        self._database = database

    def load(self) -> Queue:
        """The queue as it was saved last; an empty one where there was none."""
        row = self._database.one("SELECT snapshot_id FROM queue_state WHERE id = 1")
        return Queue() if row is None else read_snapshot(self._database, row[0])

    def load_history(self) -> QueueHistory:
        """The edits on both sides of it, with the queues that they lead to."""
        shared: dict[Row, QueueItem] = {}
        return QueueHistory(self._changes(_DONE_TABLE, shared), self._changes(_UNDONE_TABLE, shared))

    def save(self, queue: Queue, edit: QueueEdit, *, now: int) -> None:
        """Stores what `edit` made of the queue; the one before becomes the newest of the history."""
        with self._database.write():
            former = self._current()
            self._point_at(store_snapshot(self._database, queue), now)
            if edit is QueueEdit.PLAYED:
                self._forget(former)
                return
            self._database.run(_UNDONE)
            self._note(_DONE_TABLE, edit.value, former, now)
            self._database.run(_PRUNE, (HISTORY_LENGTH, HISTORY_ITEMS))

    def save_place(self, queue: Queue, *, now: int) -> None:
        """Stores where the queue plays and how it repeats; its items have to be those that are stored."""
        with self._database.write():
            snapshot = self._current()
            if not place_snapshot(self._database, snapshot, queue):
                raise ValueError("the stored queue has other items")
            self._point_at(snapshot, now)

    def keep_place(self, queue: Queue, *, now: int) -> None:
        """As `save_place`; where the stored queue is of other items after all (a library put back), all is stored."""
        with self._database.write():
            snapshot = self._current()
            if place_snapshot(self._database, snapshot, queue):
                self._point_at(snapshot, now)
            else:
                self.save(queue, QueueEdit.SET, now=now)

    def undo(self, *, now: int) -> Queue | None:
        """Takes the newest edit back and returns the queue before it, which goes on with the item that is current.

        None where there is nothing to take back.
        """
        return self._step(_DONE_TABLE, _UNDONE_TABLE, now)

    def redo(self, *, now: int) -> Queue | None:
        """Makes the edit again that was taken back last; None where there is none."""
        return self._step(_UNDONE_TABLE, _DONE_TABLE, now)

    def undo_to(self, queue: Queue, *, now: int) -> None:
        """As `undo`, which has happened elsewhere already and led to `queue`: that is what is stored in any case."""
        with self._database.write():
            self.undo(now=now)
            self._make_sure_of(queue, now)

    def redo_to(self, queue: Queue, *, now: int) -> None:
        """As `redo`, which has happened elsewhere already and led to `queue`: that is what is stored in any case."""
        with self._database.write():
            self.redo(now=now)
            self._make_sure_of(queue, now)

    def history(self) -> tuple[QueueHistoryEntry, ...]:
        """The edits that can be taken back, the newest first."""
        return self._entries(_DONE_TABLE)

    def undone(self) -> tuple[QueueHistoryEntry, ...]:
        """The edits that can be made again, the next one first."""
        return self._entries(_UNDONE_TABLE)

    # Snapshots

    def _step(self, origin: str, target: str, now: int) -> Queue | None:
        """From an edit in one table to the queue on its other side, and the edit into the other table."""
        with self._database.write():
            newest = self._database.one(
                f"SELECT id, operation, snapshot_id, created_at FROM {origin} ORDER BY id DESC LIMIT 1"
            )
            if newest is None:
                return None
            entry, operation, snapshot, edited_at = newest
            left = self._current()
            shared: dict[Row, QueueItem] = {}
            queue = read_snapshot(self._database, snapshot, shared)
            queue = queue.going_on_from(read_snapshot(self._database, left, shared))
            self._point_at(snapshot, now)
            place_snapshot(self._database, snapshot, queue)
            self._database.run(f"DELETE FROM {origin} WHERE id = ?", (entry,))
            self._note(target, operation, left, edited_at)
            return queue

    def _make_sure_of(self, queue: Queue, now: int) -> None:
        snapshot = self._current()
        if tickets_of(self._database, snapshot) != [item.ticket for item in queue.items]:
            self._point_at(store_snapshot(self._database, queue), now)
            self._forget(snapshot)
        else:
            place_snapshot(self._database, snapshot, queue)

    def _current(self) -> int:
        """The snapshot of the queue that plays, made where there is none."""
        row = self._database.one("SELECT snapshot_id FROM queue_state WHERE id = 1")
        return store_snapshot(self._database, Queue()) if row is None else int(row[0])

    def _point_at(self, snapshot: int, now: int) -> None:
        self._database.run(
            "INSERT INTO queue_state (id, snapshot_id, updated_at) VALUES (1, ?, ?) "
            "ON CONFLICT (id) DO UPDATE SET snapshot_id = excluded.snapshot_id, updated_at = excluded.updated_at",
            (snapshot, now),
        )

    def _forget(self, snapshot: int) -> None:
        self._database.run("DELETE FROM queue_snapshots WHERE id = ?", (snapshot,))

    def _note(self, table: str, operation: str, snapshot: int, now: int) -> None:
        self._database.run(
            f"INSERT INTO {table} (operation, snapshot_id, created_at) VALUES (?, ?, ?)", (operation, snapshot, now)
        )

    def _changes(self, table: str, shared: dict[Row, QueueItem]) -> tuple[QueueChange, ...]:
        rows = self._database.all(f"SELECT operation, snapshot_id, created_at FROM {table} ORDER BY id")
        return tuple(
            QueueChange(QueueEdit(edit), read_snapshot(self._database, snapshot, shared), edited_at)
            for edit, snapshot, edited_at in rows
        )

    def _entries(self, table: str) -> tuple[QueueHistoryEntry, ...]:
        rows = self._database.all(
            f"SELECT h.operation, s.length, h.created_at FROM {table} h "
            "JOIN queue_snapshots s ON s.id = h.snapshot_id ORDER BY h.id DESC"
        )
        return tuple(QueueHistoryEntry(QueueEdit(edit), items, edited_at) for edit, items, edited_at in rows)
