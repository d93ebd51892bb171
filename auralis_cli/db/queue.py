"""The queue as it is kept between runs: the one that plays, those before it, those under a name.

An edit never rewrites items: it stores a new snapshot, and the one before becomes history. To take an edit back is
to point at that snapshot again.
"""

from __future__ import annotations

import os

from auralis_cli.db.connection import LibraryDatabase
from auralis_cli.errors import RefusedError, UsageError
from auralis_cli.model.playlists import check_name, name_key
from auralis_cli.model.queue import (
    Queue,
    QueueEdit,
    QueueHistoryEntry,
    QueueItem,
    QueueTemplate,
    QueueTrack,
    RepeatMode,
)

HISTORY_LENGTH = 20
# Twenty edits of a queue of everything are not worth the room they take.
HISTORY_ITEMS = 200_000

_READ = """
SELECT s.current_index, s.position_s, s.repeat, s.shuffled,
    i.ticket, coalesce(f.path, i.path), i.cue_number, i.track_id, i.unshuffled_position
FROM queue_snapshots s
LEFT JOIN queue_items i ON i.snapshot_id = s.id
LEFT JOIN tracks t ON t.id = i.track_id
LEFT JOIN files f ON f.id = t.file_id
WHERE s.id = (SELECT snapshot_id FROM {table} WHERE {condition})
ORDER BY i.position
"""
_ADD_ITEM = """
INSERT INTO queue_items (snapshot_id, position, unshuffled_position, ticket, track_id, path, cue_number)
VALUES (?, ?, ?, ?, (SELECT id FROM tracks WHERE id = ?), ?, ?)
"""
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


class QueueRepository:
    """The queue, its history and its templates."""

    def __init__(self, database: LibraryDatabase) -> None:
        self._database = database

    def load(self) -> Queue:
        """The queue as it was saved last; an empty one where there was none."""
        return self._read("queue_state", "id = 1", ())

    def save(self, queue: Queue, edit: QueueEdit, *, now: int) -> None:
        """Stores what `edit` made of the queue; the one before becomes the newest of the history."""
        with self._database.write():
            former = self._current()
            self._point_at(self._store(queue), now)
            self._database.run(
                "INSERT INTO queue_history (operation, snapshot_id, created_at) VALUES (?, ?, ?)",
                (edit.value, former, now),
            )
            self._database.run(_PRUNE, (HISTORY_LENGTH, HISTORY_ITEMS))

    def save_place(self, queue: Queue, *, now: int) -> None:
        """Stores where the queue plays and how it repeats; its items have to be those that are stored."""
        with self._database.write():
            snapshot = self._current()
            changed = self._database.run(
                "UPDATE queue_snapshots SET current_index = ?, position_s = ?, repeat = ? WHERE id = ? AND length = ?",
                (queue.index, queue.position_s, queue.repeat.value, snapshot, len(queue.items)),
            )
            if changed == 0:
                raise ValueError("the stored queue has other items")
            self._point_at(snapshot, now)

    def undo(self, *, now: int) -> Queue | None:
        """Takes the newest edit back and returns the queue before it; None where there is none."""
        with self._database.write():
            newest = self._database.one("SELECT id, snapshot_id FROM queue_history ORDER BY id DESC LIMIT 1")
            if newest is None:
                return None
            edited = self._current()
            self._point_at(newest[1], now)
            self._database.run("DELETE FROM queue_history WHERE id = ?", (newest[0],))
            self._database.run("DELETE FROM queue_snapshots WHERE id = ?", (edited,))
            return self.load()

    def history(self) -> tuple[QueueHistoryEntry, ...]:
        """The edits that can be taken back, the newest first."""
        rows = self._database.all(
            "SELECT h.operation, s.length, h.created_at FROM queue_history h "
            "JOIN queue_snapshots s ON s.id = h.snapshot_id ORDER BY h.id DESC"
        )
        return tuple(QueueHistoryEntry(QueueEdit(edit), items, edited_at) for edit, items, edited_at in rows)

    # Templates

    def save_template(self, name: str, queue: Queue, *, now: int, replace: bool = False) -> None:
        """Keeps the queue under a name; one that is taken is refused unless it is to be replaced."""
        key = name_key(check_name(name))
        with self._database.write():
            if self._database.one("SELECT 1 FROM queue_templates WHERE key = ?", (key,)) is not None:
                if not replace:
                    raise RefusedError(name, "there is a template of that name", "another name, or replace it")
                self.delete_template(name)
            self._database.run(
                "INSERT INTO queue_templates (key, name, snapshot_id, created_at) VALUES (?, ?, ?, ?)",
                (key, name, self._store(queue), now),
            )

    def load_template(self, name: str, *, now: int) -> Queue:
        """Makes the queue kept under `name` the one that plays; an edit like any other."""
        key = name_key(name)
        with self._database.write():
            counted = self._database.run(
                "UPDATE queue_templates SET load_count = load_count + 1, loaded_at = ? WHERE key = ?", (now, key)
            )
            if counted == 0:
                raise _no_template(name)
            queue = self._read("queue_templates", "key = ?", (key,))
            self.save(queue, QueueEdit.TEMPLATE, now=now)
            return queue

    def templates(self) -> tuple[QueueTemplate, ...]:
        """The templates by name."""
        rows = self._database.all(
            "SELECT t.name, s.length, s.repeat, t.load_count, t.loaded_at, t.created_at FROM queue_templates t "
            "JOIN queue_snapshots s ON s.id = t.snapshot_id ORDER BY t.key"
        )
        return tuple(
            QueueTemplate(name, items, RepeatMode(repeat), load_count, loaded_at, saved_at)
            for name, items, repeat, load_count, loaded_at, saved_at in rows
        )

    def delete_template(self, name: str) -> None:
        """Forgets what is kept under `name`."""
        deleted = self._database.run(
            "DELETE FROM queue_snapshots WHERE id = (SELECT snapshot_id FROM queue_templates WHERE key = ?)",
            (name_key(name),),
        )
        if deleted == 0:
            raise _no_template(name)

    # Snapshots

    def _current(self) -> int:
        """The snapshot of the queue that plays, made where there is none."""
        row = self._database.one("SELECT snapshot_id FROM queue_state WHERE id = 1")
        return self._store(Queue()) if row is None else int(row[0])

    def _point_at(self, snapshot: int, now: int) -> None:
        self._database.run(
            "INSERT INTO queue_state (id, snapshot_id, updated_at) VALUES (1, ?, ?) "
            "ON CONFLICT (id) DO UPDATE SET snapshot_id = excluded.snapshot_id, updated_at = excluded.updated_at",
            (snapshot, now),
        )

    def _store(self, queue: Queue) -> int:
        snapshot = self._database.insert(
            "INSERT INTO queue_snapshots (length, current_index, position_s, repeat, shuffled) VALUES (?, ?, ?, ?, ?)",
            (len(queue.items), queue.index, queue.position_s, queue.repeat.value, int(queue.is_shuffled)),
        )
        places = {ticket: place for place, ticket in enumerate(queue.unshuffled or ())}
        self._database.run_many(
            _ADD_ITEM,
            (
                (
                    snapshot,
                    position,
                    places.get(item.ticket),
                    item.ticket,
                    item.track.track_id,
                    os.fsencode(item.track.path),
                    item.track.cue_number,
                )
                for position, item in enumerate(queue.items)
            ),
        )
        return snapshot

    def _read(self, table: str, condition: str, values: tuple[str, ...]) -> Queue:
        rows = self._database.all(_READ.format(table=table, condition=condition), values)
        if not rows:
            return Queue()
        index, position_s, repeat, shuffled = rows[0][:4]
        placed = [row[4:] for row in rows if row[4] is not None]
        items = tuple(
            QueueItem(ticket, QueueTrack(os.fsdecode(path), cue_number, track_id))
            for ticket, path, cue_number, track_id, _ in placed
        )
        order = sorted((place, ticket) for ticket, _, _, _, place in placed if place is not None)
        unshuffled = tuple(ticket for _, ticket in order) if shuffled else None
        return Queue(items, index, RepeatMode(repeat), position_s, unshuffled)


def _no_template(name: str) -> UsageError:
    return UsageError(name, "there is no template of that name")
