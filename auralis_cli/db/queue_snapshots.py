"""Queues as rows: what one is at one time, stored as a whole and never changed but for its place."""

from __future__ import annotations

import os

from auralis_cli.db.connection import LibraryDatabase, Row
from auralis_cli.model.player_choices import RepeatMode
from auralis_cli.model.queue import Queue, QueueItem, QueueTrack

_READ = """
SELECT s.current_index, s.position_s, s.repeat, s.shuffled,
    i.ticket, coalesce(f.path, i.path), i.cue_number, i.track_id, i.unshuffled_position
FROM queue_snapshots s
LEFT JOIN queue_items i ON i.snapshot_id = s.id
LEFT JOIN tracks t ON t.id = i.track_id
LEFT JOIN files f ON f.id = t.file_id
WHERE s.id = ?
ORDER BY i.position
"""
# An item is the library's track that it says it is, or that has its path, or whose file a stored queue followed when it
# moved: ids of tracks that went are given anew, so that the id alone tells nothing.
_ADD_ITEM = """
INSERT INTO queue_items (snapshot_id, position, unshuffled_position, ticket, cue_number, path, track_id)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, coalesce(
    (SELECT t.id FROM tracks t JOIN files f ON f.id = t.file_id
        WHERE t.id = ?7 AND f.path = ?6 AND t.cue_number = ?5),
    (SELECT t.id FROM files f JOIN tracks t ON t.file_id = f.id WHERE f.path = ?6 AND t.cue_number = ?5),
    (SELECT track_id FROM queue_items WHERE ?7 IS NOT NULL AND track_id = ?7 AND cue_number = ?5 LIMIT 1)
))
"""


def store_snapshot(database: LibraryDatabase, queue: Queue) -> int:
    """Stores a queue; the id of what it is now."""
    snapshot = database.insert(
        "INSERT INTO queue_snapshots (length, current_index, position_s, repeat, shuffled) VALUES (?, ?, ?, ?, ?)",
        (len(queue.items), queue.index, queue.position_s, queue.repeat.value, int(queue.is_shuffled)),
    )
    places = {ticket: place for place, ticket in enumerate(queue.unshuffled or ())}
    database.run_many(
        _ADD_ITEM,
        (
            (
                snapshot,
                position,
                places.get(item.ticket),
                item.ticket,
                item.track.cue_number,
                os.fsencode(item.track.path),
                item.track.track_id,
            )
            for position, item in enumerate(queue.items)
        ),
    )
    return snapshot


def read_snapshot(database: LibraryDatabase, snapshot: int, known: dict[Row, QueueItem] | None = None) -> Queue:
    """The queue that was stored, its files where they are now.

    Whoever reads several that are mostly alike gives the same `known` for them, so that they share their items.
    """
    shared = {} if known is None else known
    rows = database.all(_READ, (snapshot,))
    if not rows:
        return Queue()
    index, position_s, repeat, shuffled = rows[0][:4]
    placed = [row[4:8] for row in rows if row[4] is not None]
    items = tuple([shared.get(row) or shared.setdefault(row, _item_of(row)) for row in placed])
    unshuffled = None
    if shuffled:
        order = sorted((row[8], row[4]) for row in rows if row[8] is not None)
        unshuffled = tuple(ticket for _, ticket in order)
    return Queue(items, index, RepeatMode(repeat), position_s, unshuffled)


def _item_of(row: Row) -> QueueItem:
    ticket, path, cue_number, track_id = row
    return QueueItem(ticket, QueueTrack(os.fsdecode(path), cue_number, track_id))


def place_snapshot(database: LibraryDatabase, snapshot: int, queue: Queue) -> bool:
    """Stores where a queue plays and how it repeats; whether its items may be those that are stored."""
    changed = database.run(
        "UPDATE queue_snapshots SET current_index = ?, position_s = ?, repeat = ? WHERE id = ? AND length = ?",
        (queue.index, queue.position_s, queue.repeat.value, snapshot, len(queue.items)),
    )
    return changed > 0


def tickets_of(database: LibraryDatabase, snapshot: int) -> list[int]:
    """The tickets of a stored queue, in order."""
    rows = database.all("SELECT ticket FROM queue_items WHERE snapshot_id = ? ORDER BY position", (snapshot,))
    return [ticket for (ticket,) in rows]
