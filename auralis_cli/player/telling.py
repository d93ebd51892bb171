"""Tells subscribers of changes: one after the other, in the order of revisions, with no lock held."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace

from auralis_cli.model.playback import PlaybackProblem, Snapshot

Subscriber = Callable[[Snapshot], None]


class Subscribers:
    """Changed by replacing a tuple as a whole, under the player's lock: whoever goes through it goes through one."""

    def __init__(self) -> None:
        self._entries: tuple[tuple[int, Subscriber], ...] = ()
        self._made = 0

    @property
    def current(self) -> tuple[tuple[int, Subscriber], ...]:
        """Those there are at this moment, with what tells them apart."""
        return self._entries

    def add(self, subscriber: Subscriber) -> int:
        """One more; the number takes it away again. The same one may be there twice."""
        self._made += 1
        self._entries = (*self._entries, (self._made, subscriber))
        return self._made

    def remove(self, number: int) -> None:
        """Without it; that it is not there any more is fine."""
        self._entries = tuple(entry for entry in self._entries if entry[0] != number)

    def has(self, number: int) -> bool:
        """Whether it is still there."""
        return any(entry[0] == number for entry in self._entries)


class Telling:
    """Used by the conductor's thread alone. Who is told may call anything, and what it changes is told next."""

    def __init__(
        self,
        lock: threading.RLock,
        subscribers: Subscribers,
        look: Callable[[], Snapshot],
        revision: Callable[[], int],
        take_blamed: Callable[[], tuple[PlaybackProblem, ...]],
    ) -> None:
        """`take_blamed` gives the problems there were since it was called last; each is told, however many at once."""
        self._lock, self._subscribers = lock, subscribers
        self._look, self._revision, self._take_blamed = look, revision, take_blamed
        self._told_revision = -1

    def tell(self) -> None:
        """The newest state, where it was not told yet. What raises is not told again, and its error goes on."""
        with self._lock:
            if self._told_revision == self._revision():
                return
            snapshot = self._look()
            earlier = tuple(problem for problem in self._take_blamed() if problem is not snapshot.problem)
            snapshot = replace(snapshot, earlier_problems=earlier) if earlier else snapshot
            self._told_revision = snapshot.revision
            entries = self._subscribers.current
        for number, subscriber in entries:
            with self._lock:
                if not self._subscribers.has(number):
                    continue
            self._tell_one(number, subscriber, snapshot)

    def _tell_one(self, number: int, subscriber: Subscriber, snapshot: Snapshot) -> None:
        told = False
        try:
            subscriber(snapshot)
            told = True
        finally:
            if not told:
                with self._lock:
                    self._subscribers.remove(number)
