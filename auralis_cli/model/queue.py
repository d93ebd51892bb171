"""The queue as one frozen value: what plays, in which order, and what an edit makes of it.

A queue that is empty has the index -1; any other has exactly one current item. Every edit keeps the current item,
wherever it moves, unless that is what was removed.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import field, replace
from enum import StrEnum
from itertools import chain
from typing import Self

from auralis_cli.model.player_choices import RepeatMode
from auralis_cli.quick_dataclasses import dataclass

# So far behind what plays an item is looked for first.
_NEAR = 16


class ShuffleMode(StrEnum):
    """What is put in an order of chance."""

    TRACKS = "tracks"
    # Albums stay whole, each in the order of its discs and tracks.
    ALBUMS = "albums"
    # Tracks, no artist twice in a row where that can be.
    SMART = "smart"


class QueueEdit(StrEnum):
    """What was done to a queue: the kinds of change that its history keeps, and one that it does not."""

    SET = "set"
    ADD = "add"
    REMOVE = "remove"
    MOVE = "move"
    SHUFFLE = "shuffle"
    UNSHUFFLE = "unshuffle"
    CLEAR = "clear"
    TEMPLATE = "template"
    # What was played is taken out (consume): nobody's edit, hence nothing to take back.
    PLAYED = "played"


@dataclass(frozen=True, slots=True)
class QueueTrack:
    """What may be queued: a track of the library, or a file by its path alone."""

    path: str
    # 0 for the whole file, else the number in its cue sheet.
    cue_number: int = 0
    track_id: int | None = None


@dataclass(frozen=True, slots=True)
class QueueItem:
    """A place in the queue. The same track may stand in it more than once, its tickets tell which is which."""

    ticket: int
    track: QueueTrack


@dataclass(frozen=True, slots=True)
class Queue:
    """What plays now and next. Positions count from 0; one that is not there raises IndexError."""

    items: tuple[QueueItem, ...] = ()
    index: int = -1
    repeat: RepeatMode = RepeatMode.OFF
    # How far the current item has played.
    position_s: float = 0.0
    # While shuffled: the tickets in the order to go back to.
    unshuffled: tuple[int, ...] | None = None
    # The highest ever given: no ticket stands for a second item, also where the first is gone.
    last_ticket: int = field(default=0, compare=False)
    # The items and the order that were looked through: a jump among 100,000 has nothing to look through again.
    _sound: tuple[tuple[QueueItem, ...], tuple[int, ...] | None] | None = field(default=None, compare=False, repr=False)

    def __post_init__(self) -> None:
        if not (0 <= self.index < len(self.items) if self.items else self.index == -1):
            raise ValueError(f"index {self.index} of {len(self.items)} items")
        if self._sound is not None and self._sound[0] is self.items and self._sound[1] is self.unshuffled:
            return
        tickets = {item.ticket for item in self.items}
        if len(tickets) != len(self.items):
            raise ValueError("two items have one ticket")
        back = self.unshuffled
        if back is not None and (len(back) != len(tickets) or set(back) != tickets):
            raise ValueError("the order to go back to is of other items")
        object.__setattr__(self, "last_ticket", max(self.last_ticket, max(tickets, default=0)))
        object.__setattr__(self, "_sound", (self.items, self.unshuffled))

    @property
    def current(self) -> QueueItem | None:
        """The item that plays; None where the queue is empty."""
        return self.items[self.index] if self.items else None

    @property
    def is_shuffled(self) -> bool:
        """Whether there is an order to go back to."""
        return self.unshuffled is not None

    def position_of(self, ticket: int) -> int | None:
        """Where the item of this ticket stands; None where it is gone. At once where that is near what plays."""
        near = range(max(0, self.index - 1), min(len(self.items), self.index + _NEAR))
        for position in chain(near, range(len(self.items))):
            if self.items[position].ticket == ticket:
                return position
        return None

    # Edits

    def set(self, tracks: Iterable[QueueTrack], start: int = 0) -> Self:
        """Other tracks in place of all there are, from `start` on."""
        items = self._ticketed(tracks)
        if items and not 0 <= start < len(items):
            raise IndexError(f"no position {start} in {len(items)}")
        return self._of(items, start if items else -1, None, position_s=0.0, new=len(items))

    def add(self, tracks: Iterable[QueueTrack]) -> Self:
        """More tracks at the end."""
        return self.insert(len(self.items), tracks)

    def insert(self, position: int, tracks: Iterable[QueueTrack]) -> Self:
        """More tracks in front of the one at `position`; at the end where that is the length."""
        if not 0 <= position <= len(self.items):
            raise IndexError(f"no position {position} in {len(self.items)}")
        new = self._ticketed(tracks)
        items = (*self.items[:position], *new, *self.items[position:])
        back = self.unshuffled
        if back is not None:
            # They go where their neighbour in front goes.
            place = back.index(self.items[position - 1].ticket) + 1 if position else 0
            back = (*back[:place], *(item.ticket for item in new), *back[place:])
        return self._with(items, back, new=len(new))

    def remove(self, positions: Collection[int]) -> Self:
        """Without the items at `positions`; what follows a removed current item is the new one."""
        gone = {self._checked(position) for position in positions}
        items = tuple(item for position, item in enumerate(self.items) if position not in gone)
        kept = {item.ticket for item in items}
        back = tuple(ticket for ticket in self.unshuffled or () if ticket in kept) or None
        if self.index not in gone:
            return self._with(items, back)
        following = self.index - sum(position < self.index for position in gone)
        return self._of(items, min(following, len(items) - 1), back, position_s=0.0)

    def move(self, origin: int, target: int) -> Self:
        """The item at `origin` taken out and put in again so that it stands at `target`."""
        items = list(self.items)
        item = items.pop(self._checked(origin))
        items.insert(self._checked(target), item)
        return self._with(items, self.unshuffled)

    def clear(self) -> Self:
        """Empty; the way of repeating stays."""
        return replace(self, items=(), index=-1, position_s=0.0, unshuffled=None)

    def shuffle(self, order: Sequence[int]) -> Self:
        """The order of these tickets; the first shuffle remembers the one to go back to.

        The order may have been made of the queue as it was a moment ago: what came since follows as it stands.
        """
        if not self.items:
            return self
        back = self.unshuffled or tuple(item.ticket for item in self.items)
        left = {item.ticket: item for item in self.items}
        ordered = [left.pop(ticket) for ticket in order if ticket in left]
        return self._with((*ordered, *left.values()), back)

    def unshuffle(self) -> Self:
        """The order before the shuffle, with what has come and gone since."""
        if self.unshuffled is None:
            return self
        by_ticket = {item.ticket: item for item in self.items}
        return self._with([by_ticket[ticket] for ticket in self.unshuffled], None)

    def load(self, kept: Queue) -> Self:
        """A queue that was kept, from where it stood, in place of this one; its items are new ones."""
        renewed = {item.ticket: ticket for ticket, item in enumerate(kept.items, self.last_ticket + 1)}
        items = tuple(QueueItem(renewed[item.ticket], item.track) for item in kept.items)
        back = None if kept.unshuffled is None else tuple(renewed[ticket] for ticket in kept.unshuffled)
        return replace(
            self, items=items, index=kept.index, position_s=kept.position_s, repeat=kept.repeat, unshuffled=back
        )

    def going_on_from(self, playing: Self) -> Self:
        """This queue while another plays: with its current item still playing, where this one has it as well.

        How an undo brings items back and not what was heard then.
        """
        now = playing.current
        position = None if now is None else self.position_of(now.ticket)
        index, position_s = (self.index, self.position_s) if position is None else (position, playing.position_s)
        last_ticket = max(self.last_ticket, playing.last_ticket)
        return replace(self, index=index, position_s=position_s, repeat=playing.repeat, last_ticket=last_ticket)

    # Where it plays

    def next(self, *, ended: bool = False) -> Self | None:
        """One further; None where nothing follows. A track that `ended` by itself is repeated where one is."""
        if not self.items:
            return None
        if ended and self.repeat is RepeatMode.ONE:
            return self.jump(self.index)
        following = self.index + 1
        if following >= len(self.items):
            return self.jump(0) if self.repeat is RepeatMode.ALL else None
        return self.jump(following)

    def previous(self) -> Self | None:
        """One back; before the first comes the last where all is repeated, else None."""
        if not self.items:
            return None
        if self.index == 0:
            return self.jump(len(self.items) - 1) if self.repeat is RepeatMode.ALL else None
        return self.jump(self.index - 1)

    def jump(self, position: int) -> Self:
        """The item at `position` from its beginning."""
        return replace(self, index=self._checked(position), position_s=0.0)

    def repeating(self, mode: RepeatMode) -> Self:
        """Another way of repeating."""
        return replace(self, repeat=mode)

    def _with(self, items: Sequence[QueueItem], unshuffled: tuple[int, ...] | None, new: int = 0) -> Self:
        """Other items with the same one current; the first where there was none."""
        current = self.current
        if current is None:
            return self._of(items, 0 if items else -1, unshuffled, new=new)
        index = next(position for position, item in enumerate(items) if item.ticket == current.ticket)
        return self._of(items, index, unshuffled, new=new)

    def _of(
        self,
        items: Sequence[QueueItem],
        index: int,
        unshuffled: tuple[int, ...] | None,
        position_s: float | None = None,
        new: int = 0,
    ) -> Self:
        """What an edit makes of it, so many items of which are new: none needs to be looked through again."""
        found = tuple(items)
        return replace(
            self,
            items=found,
            index=index,
            position_s=self.position_s if position_s is None else position_s,
            unshuffled=unshuffled,
            last_ticket=self.last_ticket + new,
            _sound=(found, unshuffled),
        )

    def _checked(self, position: int) -> int:
        if not 0 <= position < len(self.items):
            raise IndexError(f"no position {position} in {len(self.items)}")
        return position

    def _ticketed(self, tracks: Iterable[QueueTrack]) -> tuple[QueueItem, ...]:
        return tuple(QueueItem(ticket, track) for ticket, track in enumerate(tracks, self.last_ticket + 1))


@dataclass(frozen=True, slots=True)
class QueueHistoryEntry:
    """An edit that can be taken back, and how long the queue was before it."""

    edit: QueueEdit
    items: int
    edited_at: int


@dataclass(frozen=True, slots=True)
class QueueTemplate:
    """A queue that was kept under a name."""

    name: str
    items: int
    repeat: RepeatMode
    load_count: int
    loaded_at: int | None
    saved_at: int
    tags: tuple[str, ...] = ()
