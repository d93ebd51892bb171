"""Who is told of changes. Told without any lock held, so that whoever is told may do anything."""

from __future__ import annotations

from collections.abc import Callable

from auralis_cli.model.playback import Snapshot

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
