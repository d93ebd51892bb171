"""The rows of a queue in which words stand: all of it where there are none."""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Sequence

from auralis_cli.model.progress import CancelToken
from auralis_cli.tui.queue_rows import QueueRows
from auralis_cli.tui.widgets.rows import Row, has_words, words_to_find

_ROWS_AT_ONCE = 500


class FittingQueueRows:
    """A source over the queue's, which stays the one that is edited: rows keep their tickets and their numbers."""

    def __init__(self, rows: QueueRows, text: str = "") -> None:
        self._rows = rows
        self._words = words_to_find(text)
        self._cancel = CancelToken()
        # Places in the whole queue; None before it was looked through.
        self._places: array[int] | None = None

    @property
    def is_narrowed(self) -> bool:
        """Whether it leaves rows out."""
        return bool(self._words)

    def count(self) -> int:
        """How many rows fit; looks through all of it anew, which may have changed."""
        self._places = None
        return len(self._fitting()) if self._words else self._rows.count()

    def rows(self, first: int, number: int) -> Sequence[Row]:
        """Those that fit, from `first` on."""
        if not self._words:
            return self._rows.rows(first, number)
        places = self._fitting()[first : first + number]
        return [row for place in places for row in self._rows.rows(place, 1)]

    def ids(self, first: int, number: int) -> Sequence[int]:
        """Their tickets."""
        return [row.id for row in self.rows(first, number)] if self._words else self._rows.ids(first, number)

    def place_of(self, row_id: int) -> int | None:
        """Where the item of that ticket is among them."""
        place = self._rows.place_of(row_id)
        if place is None or not self._words:
            return place
        places = self._fitting()
        found = bisect_left(places, place)
        return found if found < len(places) and places[found] == place else None

    def leave(self) -> None:
        """What is looked through is given up; the queue's own rows are those of the view."""
        self._cancel.cancel()

    def _fitting(self) -> array[int]:
        if self._places is None:
            found, first = array("q"), 0
            while rows := self._rows.rows(first, _ROWS_AT_ONCE):
                self._cancel.raise_if_cancelled()
                found.extend(place for place, row in enumerate(rows, first) if has_words(row, self._words))
                first += len(rows)
            self._places = found
        return self._places
