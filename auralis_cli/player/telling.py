"""Tells subscribers of changes: one after the other, in the order of revisions, with no lock held."""

from __future__ import annotations

import threading
from collections.abc import Callable

from auralis_cli.model.playback import Snapshot
from auralis_cli.player.subscribers import Subscribers


class Telling:
    """Used by the conductor's thread alone. Who is told may call anything, and what it changes is told next."""

    def __init__(
        self, lock: threading.RLock, subscribers: Subscribers, look: Callable[[], Snapshot], revision: Callable[[], int]
    ) -> None:
        self._lock, self._subscribers = lock, subscribers
        self._look, self._revision = look, revision
        self._told_revision = -1

    def tell(self) -> None:
        """The newest state, where it was not told yet. What raises is not told again, and its error goes on."""
        with self._lock:
            if self._told_revision == self._revision():
                return
            snapshot = self._look()
            self._told_revision = snapshot.revision
            entries = self._subscribers.current
        for number, subscriber in entries:
            with self._lock:
                if not self._subscribers.has(number):
                    continue
            self._tell_one(number, subscriber, snapshot)

    def _tell_one(self, number: int, subscriber: Callable[[Snapshot], None], snapshot: Snapshot) -> None:
        told = False
        try:
            subscriber(snapshot)
            told = True
        finally:
            if not told:
                with self._lock:
                    self._subscribers.remove(number)
