"""The rows a long list has at hand: whole pages, those looked at last, and never more than so many."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence

from auralis_cli.tui.widgets.rows import Row

PAGE_ROWS = 128
# What a screen shows and some way in either direction: memory does not grow with what is scrolled through.
MOST_PAGES = 24


class RowPages:
    """Pages of rows by their number, the one used longest ago given up first."""

    def __init__(self) -> None:
        self._pages: OrderedDict[int, Sequence[Row]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._pages)

    def put(self, page: int, rows: Sequence[Row]) -> None:
        """Keeps a page."""
        self._pages[page] = rows
        self._pages.move_to_end(page)
        while len(self._pages) > MOST_PAGES:
            self._pages.popitem(last=False)

    def row(self, place: int) -> Row | None:
        """The row at a place, where it is at hand."""
        page, within = divmod(place, PAGE_ROWS)
        rows = self._pages.get(page)
        if rows is None or within >= len(rows):
            return None
        self._pages.move_to_end(page)
        return rows[within]

    def first_missing(self, first: int, last: int) -> int | None:
        """The first page that is not at hand of those with the places from `first` to `last`."""
        pages = range(max(first, 0) // PAGE_ROWS, max(last, 0) // PAGE_ROWS + 1)
        return next((page for page in pages if page not in self._pages), None)
