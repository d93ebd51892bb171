"""Edits of the queue that are shown at once, before the player has answered: what is shown where, meanwhile. Pure."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import replace

from auralis_cli.quick_dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Removed:
    """Places that are shown no more, in order; counted as they were shown before."""

    places: tuple[int, ...]

    def length(self, before: int) -> int:
        """How long the queue is then."""
        return before - len(self.places)

    def place_before(self, place: int) -> int:
        """Where what is shown at `place` was shown before."""
        # The k-th place that is gone hides behind what now is shown at its place less k.
        shifted = [gone - number for number, gone in enumerate(self.places)]
        return place + bisect_right(shifted, place)

    def place_after(self, place: int) -> int | None:
        """Where what was at `place` is shown now; None where it is gone."""
        if place in self.places:
            return None
        return place - bisect_right(self.places, place)


@dataclass(frozen=True, slots=True)
class Moved:
    """What was shown at one place is shown at another."""

    origin: int
    target: int

    def length(self, before: int) -> int:
        """As it was."""
        return before

    def place_before(self, place: int) -> int:
        """Where what is shown at `place` was shown before."""
        if place == self.target:
            return self.origin
        if self.origin < self.target and self.origin <= place < self.target:
            return place + 1
        if self.target < self.origin and self.target < place <= self.origin:
            return place - 1
        return place

    def place_after(self, place: int) -> int | None:
        """Where what was at `place` is shown now."""
        return Moved(self.target, self.origin).place_before(place)


@dataclass(frozen=True, slots=True)
class _Sent:
    number: int
    edits: tuple[Removed | Moved, ...]
    is_done: bool = False


@dataclass(frozen=True, slots=True)
class PendingEdits:
    """What was sent since the player told its queue last, oldest first; nothing once all of it is answered."""

    sent: tuple[_Sent, ...] = ()
    # The number of the last one ever sent.
    last: int = 0

    @property
    def edits(self) -> tuple[Removed | Moved, ...]:
        """All single edits, in order."""
        return tuple(edit for one in self.sent for edit in one.edits)

    def send(self, edits: Iterable[Removed | Moved]) -> PendingEdits:
        """With one more; its number is then `last`."""
        number = self.last + 1
        return PendingEdits((*self.sent, _Sent(number, tuple(edits))), number)

    def settle(self, number: int, *, is_done: bool) -> PendingEdits:
        """One is answered. Refused, it is shown no more; done, it is shown until the queue is told with it."""
        kept = [one for one in self.sent if is_done or one.number != number]
        sent = tuple(replace(one, is_done=True) if one.number == number else one for one in kept)
        return self.forget() if all(one.is_done for one in sent) else replace(self, sent=sent)

    def forget(self) -> PendingEdits:
        """Without all of it: the queue is told anew."""
        return PendingEdits(last=self.last)

    def length(self, told: int) -> int:
        """How many are shown, of so many that were told."""
        for edit in self.edits:
            told = edit.length(told)
        return max(0, told)

    def told_place(self, place: int) -> int:
        """Where the player has what is shown at `place`."""
        for edit in reversed(self.edits):
            place = edit.place_before(place)
        return place

    def shown_place(self, place: int) -> int | None:
        """Where that is shown what the player has at `place`; None where it is gone."""
        shown: int | None = place
        for edit in self.edits:
            if shown is None:
                return None
            shown = edit.place_after(shown)
        return shown
