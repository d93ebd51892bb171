"""The queue from outside of the player: of the one that runs through its socket, else as the library keeps it."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from typing import Protocol

from auralis_cli.db.store import Store
from auralis_cli.errors import UsageError
from auralis_cli.model.action_kinds import Positions
from auralis_cli.model.library import Track
from auralis_cli.model.player_choices import RepeatMode
from auralis_cli.model.playlists import PlaylistEntry
from auralis_cli.model.query_words import Surroundings, parse_query
from auralis_cli.model.queue import Queue, QueueEdit, QueueItem, QueueTrack, ShuffleMode
from auralis_cli.quick_dataclasses import dataclass
from auralis_cli.services.found_tracks import found_ids
from auralis_cli.services.queue_pages import remove_items
from auralis_cli.services.remote_player import RemotePlayer
from auralis_cli.services.shuffling import QueueShuffler

_PAGE = 500
_EDITS = frozenset(edit.value for edit in QueueEdit)


@dataclass(frozen=True, slots=True)
class QueueReport:
    """What an edit made of the queue, or would make of it."""

    # The edit, or `undo`, `redo`, `jump`, `repeat`.
    edit: str
    tracks_before: int
    tracks: int
    # Of the current track, from 1; None where there is none.
    position: int | None
    # Whether it is the queue of a player that runs.
    running: bool


@dataclass(frozen=True, slots=True)
class QueueWish:
    """One thing to be done to the queue: as arithmetic, and as what a running player is told."""

    edit: str
    # None where there is nothing to do.
    apply: Callable[[Queue], Queue | None]
    tell: Callable[[RemotePlayer], object]


class EditableQueue(Protocol):
    """A queue that can be read and changed."""

    def queue(self) -> Queue:
        """As it is now."""
        ...

    def do(self, wish: QueueWish, *, dry_run: bool) -> QueueReport | None:
        """Does it, or says what it would make of the queue; None where there is nothing to do."""
        ...


class StoredQueue:
    """The queue of the library, with which the next player begins."""

    def __init__(self, store: Store, now: int) -> None:
        self._store = store
        self._now = now

    def queue(self) -> Queue:
        """As it was saved last."""
        return self._store.queue.load()

    def do(self, wish: QueueWish, *, dry_run: bool) -> QueueReport | None:
        """Reads, changes and stores in one transaction, so that no other edit comes between."""
        with self._store.database.snapshot() if dry_run else self._store.database.write():
            before = self.queue()
            after = wish.apply(before)
            if after is None:
                return None
            if not dry_run:
                self._save(wish, after)
        return _report(wish, before, after, running=False)

    def _save(self, wish: QueueWish, after: Queue) -> None:
        if wish.edit == "undo":
            self._store.queue.undo(now=self._now)
        elif wish.edit == "redo":
            self._store.queue.redo(now=self._now)
        elif wish.edit in _EDITS:
            self._store.queue.save(after, QueueEdit(wish.edit), now=self._now)
        else:
            self._store.queue.save_place(after, now=self._now)


class RunningQueue:
    """The queue of a running player."""

    def __init__(self, player: RemotePlayer) -> None:
        self._player = player

    def queue(self) -> Queue:
        """As it is at this moment."""
        while True:
            status = self._player.status()
            told = self._player.queue()
            if told.revision == status.queue_revision:
                break
        items = tuple(QueueItem(item.ticket, item.track) for item in told.items)
        index = -1 if told.index is None else told.index
        # Which order it would go back to is not told, only that there is one.
        back = tuple(item.ticket for item in items) if status.shuffle else None
        return Queue(items, index, RepeatMode(status.repeat), status.position_s, back)

    def do(self, wish: QueueWish, *, dry_run: bool) -> QueueReport | None:
        """Tells the player, once it is known to make sense."""
        before = self.queue()
        after = wish.apply(before)
        if after is None:
            return None
        if dry_run:
            return _report(wish, before, after, running=True)
        wish.tell(self._player)
        status = self._player.status()
        position = None if status.queue_index is None else status.queue_index + 1
        return QueueReport(wish.edit, len(before.items), status.queue_length, position, running=True)


# What can be wished for. Positions count from 0 in here.


def adding(tracks: Sequence[QueueTrack]) -> QueueWish:
    """More tracks at the end."""
    return QueueWish(
        QueueEdit.ADD,
        lambda queue: queue.add(tracks) if tracks else None,
        lambda player: player.add(tracks),
    )


def inserting(position: int, tracks: Sequence[QueueTrack]) -> QueueWish:
    """More tracks in front of a position."""
    return QueueWish(
        QueueEdit.ADD,
        lambda queue: queue.insert(_checked(queue, position, beyond=1), tracks) if tracks else None,
        lambda player: player.insert(position, tracks),
    )


def playing_next(tracks: Sequence[QueueTrack]) -> QueueWish:
    """More tracks behind the current one."""
    return QueueWish(
        QueueEdit.ADD,
        lambda queue: queue.insert(queue.index + 1, tracks) if tracks else None,
        lambda player: player.play_next(tracks),
    )


def setting(tracks: Sequence[QueueTrack]) -> QueueWish:
    """Other tracks in place of all there are."""
    return QueueWish(
        QueueEdit.SET,
        lambda queue: queue.set(tracks),
        lambda player: player.set_queue(tracks, play=player.status().state in ("playing", "loading")),
    )


def loading(kept: Queue) -> QueueWish:
    """A queue that was kept, in place of the one there is."""
    tracks = [item.track for item in kept.items]
    return QueueWish(
        QueueEdit.TEMPLATE,
        lambda queue: queue.load(kept),
        lambda player: player.set_queue(
            tracks, start=max(0, kept.index), play=player.status().state in ("playing", "loading")
        ),
    )


def removing(chosen: Callable[[Queue], Sequence[int]]) -> QueueWish:
    """Without the positions that are `chosen` of the queue as it is."""
    # Where they stood by their tickets: a library takes its time to choose, and a queue that plays moves meanwhile.
    gone: dict[int, int | None] = {}

    def apply(queue: Queue) -> Queue | None:
        positions = sorted({_checked(queue, position) for position in chosen(queue)})
        gone.clear()
        gone.update((queue.items[position].ticket, position) for position in positions)
        return queue.remove(positions) if positions else None

    return QueueWish(QueueEdit.REMOVE, apply, lambda player: remove_items(player, gone))


def moving(origin: int, target: int) -> QueueWish:
    """A track to another position."""
    return QueueWish(
        QueueEdit.MOVE,
        lambda queue: queue.move(_checked(queue, origin), _checked(queue, target)),
        lambda player: player.do("move", origin=origin + 1, target=target + 1),
    )


def jumping(position: int) -> QueueWish:
    """Another track as the current one."""
    return QueueWish(
        "jump",
        lambda queue: queue.jump(_checked(queue, position)),
        lambda player: player.do("jump", position=position + 1),
    )


def clearing() -> QueueWish:
    """Nothing."""
    return QueueWish(
        QueueEdit.CLEAR,
        lambda queue: queue.clear() if queue.items else None,
        lambda player: player.do("clear"),
    )


def shuffling(mode: ShuffleMode, shuffler: QueueShuffler) -> QueueWish:
    """An order of chance."""
    return QueueWish(
        QueueEdit.SHUFFLE,
        lambda queue: queue.shuffle(shuffler(queue, mode)) if queue.items else None,
        lambda player: player.do("shuffle", order=mode.value),
    )


def unshuffling() -> QueueWish:
    """The order before."""
    return QueueWish(
        QueueEdit.UNSHUFFLE,
        lambda queue: queue.unshuffle() if queue.is_shuffled else None,
        lambda player: player.do("shuffle", order="off"),
    )


def repeating(mode: RepeatMode) -> QueueWish:
    """Another way of repeating."""
    return QueueWish("repeat", lambda queue: queue.repeating(mode), lambda player: player.do("repeat", mode=mode.value))


def undoing(store: Store) -> QueueWish:
    """The last edit taken back."""

    def apply(queue: Queue) -> Queue | None:
        done = store.queue.load_history().undo(queue)
        return None if done is None else done[1]

    return QueueWish("undo", apply, lambda player: player.do("undo"))


def redoing(store: Store) -> QueueWish:
    """What was taken back last made again."""

    def apply(queue: Queue) -> Queue | None:
        done = store.queue.load_history().redo(queue)
        return None if done is None else done[1]

    return QueueWish("redo", apply, lambda player: player.do("redo"))


# What is in it


def positions_named(store: Store, words: Sequence[str], now: int) -> Callable[[Queue], Sequence[int]]:
    """What chooses the positions that words say: numbers and ranges of them, else paths, else a query."""
    try:
        numbers = Positions().parse(" ".join(words))
    except ValueError:
        return lambda queue: _found(store, queue, words, now)
    return lambda queue: numbers


def queue_entries(store: Store, queue: Queue) -> Iterator[PlaylistEntry]:
    """Its tracks with what the library knows of them, from position 1 on."""
    items = iter(enumerate(queue.items, 1))
    while page := list(islice(items, _PAGE)):
        ids = _ids_of(store, [item.track for _, item in page])
        known = {track.id: track for track in store.tracks.by_ids([id_ for id_ in ids if id_ is not None])}
        for (position, item), id_ in zip(page, ids, strict=True):
            yield _entry(position, item.track, None if id_ is None else known.get(id_))


def _ids_of(store: Store, tracks: Sequence[QueueTrack]) -> list[int | None]:
    """The tracks of the library: by their paths, which say the same in every library, or where their files moved to."""
    by_path = store.tracks.ids_at({track.path for track in tracks})
    return [
        by_path.get((track.path, track.cue_number), None if os.path.exists(track.path) else track.track_id)
        for track in tracks
    ]


def _entry(position: int, queued: QueueTrack, track: Track | None) -> PlaylistEntry:
    if track is None:
        return PlaylistEntry(position, queued.path, queued.cue_number, None, None, None, None)
    return PlaylistEntry(position, track.path, track.cue_number, track.title, track.artist, track.duration_s, track)


def _found(store: Store, queue: Queue, words: Sequence[str], now: int) -> Sequence[int]:
    paths = {os.path.abspath(word) for word in words}
    named = [position for position, item in enumerate(queue.items) if item.track.path in paths]
    if {queue.items[position].track.path for position in named} == paths:
        return named
    ids = set(found_ids(store, parse_query(words, Surroundings(now, os.path.exists))))
    known = _ids_of(store, [item.track for item in queue.items])
    return [position for position, id_ in enumerate(known) if id_ in ids]


def _checked(queue: Queue, position: int, *, beyond: int = 0) -> int:
    count = len(queue.items)
    if not 0 <= position < count + beyond:
        hint = "it is empty" if not count else f"the queue has {count:,}"
        raise UsageError(str(position + 1), "there is no such position", hint)
    return position


def _report(wish: QueueWish, before: Queue, after: Queue, *, running: bool) -> QueueReport:
    position = after.index + 1 if after.items else None
    return QueueReport(str(wish.edit), len(before.items), len(after.items), position, running)
