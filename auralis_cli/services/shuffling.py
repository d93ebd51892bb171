"""Orders of chance: tracks, whole albums, or tracks with no artist twice in a row. The one place that draws lots."""

from __future__ import annotations

import heapq
from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Sequence
from pathlib import Path
from random import Random, SystemRandom
from typing import TypeVar

from auralis_cli.model.queue import Queue, QueueItem, ShuffleMode
from auralis_cli.quick_dataclasses import dataclass

Thing = TypeVar("Thing")


@dataclass(frozen=True, slots=True)
class ShuffleFacts:
    """What an order has to know of a track: who plays it, and which place on which album it has."""

    # None where nobody is known; two of those are no pair.
    artist: str | None
    album: Hashable
    disc: int = 0
    track: int = 0


# What is known of the tracks of items, in their order.
FactsOf = Callable[[Sequence[QueueItem]], Sequence[ShuffleFacts]]


class QueueShuffler:
    """Shuffles queues by what the library knows of their tracks; `player/ports.py` says what the player expects."""

    def __init__(self, library: Path | None, lots: Random | None = None) -> None:
        self._library = library
        self._lots = SystemRandom() if lots is None else lots

    def __call__(self, queue: Queue, mode: ShuffleMode) -> tuple[int, ...]:
        """The tickets of the queue in an order of chance that begins with what plays, or its album."""
        from auralis_cli.services.shuffle_facts import facts_of

        return shuffled(queue, mode, lambda items: facts_of(self._library, items), self._lots)

    def start_in(self, queue: Queue, mode: ShuffleMode) -> int:
        """Where a queue that has not begun yet is to begin: by lot, and at the first track of an album by albums."""
        if not queue.items:
            return 0
        drawn = queue.jump(self._lots.randrange(len(queue.items)))
        if mode is not ShuffleMode.ALBUMS:
            return drawn.index
        return queue.position_of(self(drawn, mode)[0]) or 0


def shuffled(queue: Queue, mode: ShuffleMode, facts_of: FactsOf, lots: Random) -> tuple[int, ...]:
    """The tickets of the queue in another order; `facts_of` is asked unless only tracks are shuffled."""
    current = queue.current
    if current is None:
        return ()
    if mode is ShuffleMode.ALBUMS:
        ordered = _by_album(queue, facts_of(queue.items), lots)
    else:
        rest = [item for item in queue.items if item is not current]
        if mode is ShuffleMode.TRACKS:
            lots.shuffle(rest)
        else:
            first, *others = facts_of([current, *rest])
            rest = _apart(rest, others, first, lots)
        ordered = [current, *rest]
    return tuple(item.ticket for item in ordered)


def apart(things: Sequence[Thing], kinds: Sequence[Hashable], last: Hashable, lots: Random) -> list[Thing]:
    """The things in an order of chance in which as few as can be follow one of their own kind; `last` came before.

    Of m that are left, one kind needs no repeat while it is at most half of them, or (m + 1) / 2 where the last one
    was of another kind. So a kind that reaches that is taken now; any other choice keeps the optimum within reach.
    """
    of_kind: defaultdict[Hashable, list[Thing]] = defaultdict(list)
    for thing, kind in zip(things, kinds, strict=True):
        of_kind[kind].append(thing)
    for same in of_kind.values():
        lots.shuffle(same)
    drawing = _Drawing(kinds, lots)
    ordered = []
    for _ in things:
        last = drawing.next_after(last)
        ordered.append(of_kind[last].pop())
    return ordered


class _Drawing:
    """Draws kinds, the more of one are left the likelier."""

    def __init__(self, kinds: Sequence[Hashable], lots: Random) -> None:
        self._lots = lots
        self._left = Counter(kinds)
        self._total = len(kinds)
        # One lot for each thing. A kind that had to be taken leaves lots behind, which are void when they are drawn.
        self._box = list(kinds)
        self._void: Counter[Hashable] = Counter()
        # Counts as they once were, the highest first: a kind's own only ever falls.
        self._most = [(-count, place, kind) for place, (kind, count) in enumerate(self._left.items())]
        heapq.heapify(self._most)

    def next_after(self, last: Hashable) -> Hashable:
        """The kind that is next, taken out."""
        kind = self._due(last)
        if kind is None:
            kind = self._drawn(last)
        else:
            self._void[kind] += 1
        self._left[kind] -= 1
        self._total -= 1
        return kind

    def _due(self, last: Hashable) -> Hashable | None:
        """The kind that has to be taken now lest it repeats itself more often than it must."""
        most = self._commonest()
        return most if most != last and 2 * self._left[most] > self._total else None

    def _commonest(self) -> Hashable:
        while True:
            count, place, kind = self._most[0]
            if -count == self._left[kind]:
                return kind
            heapq.heapreplace(self._most, (-self._left[kind], place, kind))

    def _drawn(self, last: Hashable) -> Hashable:
        """By lot: another kind than the last, unless that is so common that it has to repeat itself anyway."""
        may_repeat = 2 * self._left[last] > self._total
        while True:
            place = self._lots.randrange(len(self._box))
            kind = self._box[place]
            if kind == last and not may_repeat and not self._void[kind]:
                continue
            self._box[place] = self._box[-1]
            self._box.pop()
            if self._void[kind]:
                self._void[kind] -= 1
            else:
                return kind


def _apart(items: list[QueueItem], facts: Sequence[ShuffleFacts], first: ShuffleFacts, lots: Random) -> list[QueueItem]:
    kinds = [(item.ticket,) if known.artist is None else known.artist for item, known in zip(items, facts, strict=True)]
    return apart(items, kinds, first.artist, lots)


def _by_album(queue: Queue, facts: Sequence[ShuffleFacts], lots: Random) -> list[QueueItem]:
    """Albums in an order of chance, that of the current item first. What is queued twice makes the album come twice."""
    times: Counter[tuple[str, int]] = Counter()
    albums: defaultdict[Hashable, list[tuple[int, int, int, QueueItem]]] = defaultdict(list)
    playing: Hashable = None
    for place, (item, known) in enumerate(zip(queue.items, facts, strict=True)):
        track = (item.track.path, item.track.cue_number)
        album = (known.album, times[track])
        times[track] += 1
        albums[album].append((known.disc, known.track, place, item))
        if place == queue.index:
            playing = album
    others = [album for album in albums if album != playing]
    lots.shuffle(others)
    return [item for album in (playing, *others) for *_, item in sorted(albums[album])]
