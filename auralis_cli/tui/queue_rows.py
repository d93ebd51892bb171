"""The rows of the queue: the player's own, page by page, with what the library knows, under edits not answered yet."""

from __future__ import annotations

import os
from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from auralis_cli.errors import NoPlayerError
from auralis_cli.model.playlists import PlaylistEntry
from auralis_cli.model.progress import CancelToken
from auralis_cli.services.queue_pages import ItemText, QueuePage, described, described_by_tags, queue_page
from auralis_cli.services.remote_player import QueuedItem
from auralis_cli.tui.link import Port
from auralis_cli.tui.pending_edits import PendingEdits
from auralis_cli.tui.widgets.rows import Row, RowStyle, has_words, words_to_find
from auralis_cli.units import seconds_to_clock

# Pages of the player have some 600 items.
_MOST_PAGES = 12
_MOST_TEXTS = 4096
_FILES_AT_ONCE = 24
_FOUND_AT_ONCE = 512
_MOST_PLACES = 50_000
# So far from where an item stood it is looked for: a scan of a long queue keeps the player busy.
_NEARBY = 400


class PlayingPlace(NamedTuple):
    """What plays: its ticket and its place from 0; nothing in an empty queue."""

    ticket: int | None = None
    place: int | None = None


class QueueRows:
    """A source of rows with the items' tickets as ids, in the order in which the queue will be once all is answered."""

    def __init__(self, connect: Callable[[], Port], library: Path) -> None:
        self._connect = connect
        self._library = library
        self._port: Port | None = None
        # Set by the view, on the event loop.
        self.pending = PendingEdits()
        self.playing = PlayingPlace()
        self._is_stale = False
        self._has_other_texts = False
        self._is_other_player = False
        self._revision = -1
        self._length = 0
        self._pages: OrderedDict[int, QueuePage] = OrderedDict()
        self._places: dict[int, int] = {}
        self._texts: OrderedDict[int, ItemText] = OrderedDict()
        # Items that no library has, whose files are to be asked.
        self._untold: dict[int, QueuedItem] = {}

    @property
    def shown_count(self) -> int:
        """How many items are shown, as far as was told."""
        return self.pending.length(self._length)

    def told_place(self, ticket: int) -> int | None:
        """Where the player had the item when it told of it; None where that was never asked."""
        return self._places.get(ticket)

    def text_of(self, ticket: int) -> ItemText:
        """What is shown of an item, as far as it is known by now."""
        return self._texts.get(ticket) or ItemText()

    def outdate(self, *, texts: bool = False) -> None:
        """Has the queue asked anew when it is wanted next; with `texts` also what its tracks are called."""
        self._has_other_texts |= texts
        self._is_stale = True

    def follow_another(self) -> None:
        """Has another player asked: nothing that was told, and no connection, is of it."""
        self.outdate(texts=True)
        self._is_other_player = True

    def read_tags(self) -> bool:
        """Asks the files of some items that no library has; whether there were any. In any thread."""
        asked = list(self._untold.values())[:_FILES_AT_ONCE]
        for item in asked:
            self._texts[item.ticket] = described_by_tags(item.track)
            self._untold.pop(item.ticket, None)
        return bool(asked)

    # What a list asks, in its thread

    def count(self) -> int:
        """How many items are shown."""
        pending = self.pending
        with self._asking() as port:
            self._page(port, 0)
        return pending.length(self._length)

    def rows(self, first: int, number: int) -> Sequence[Row]:
        """Those from `first` on."""
        playing = self.playing
        found = self._items(first, number)
        texts = self._texts_of([item for _, item in found])
        return [
            _row(first + n, place, item, text, playing)
            for n, ((place, item), text) in enumerate(zip(found, texts, strict=True))
        ]

    def ids(self, first: int, number: int) -> Sequence[int]:
        """Their tickets."""
        return [item.ticket for _, item in self._items(first, number)]

    def place_of(self, row_id: int) -> int | None:
        """Where the item of that ticket is shown; None where it is gone, or far from where it was."""
        pending, playing = self.pending, self.playing
        hint = self._places.get(row_id, playing.place if row_id == playing.ticket else None)
        if hint is None:
            return None
        with self._asking() as port:
            first = max(0, hint - _NEARBY)
            while first <= hint + _NEARBY:
                page = self._page(port, first)
                if (
                    place := next((p for p, one in enumerate(page.items, page.first) if one.ticket == row_id), -1)
                ) >= 0:
                    return pending.shown_place(place)
                first = page.first + len(page.items)
                if not page.items or first >= page.length:
                    break
        return None

    def find(self, text: str, place: int, *, forwards: bool, cancel: CancelToken) -> int | None:
        """The first place from `place` on, in either direction, whose row has all words of `text`; None for none.

        Raises CancelledError once nobody waits for it.
        """
        words, count = words_to_find(text), self.count()
        while 0 <= place < count:
            cancel.raise_if_cancelled()
            first = place if forwards else max(0, place - _FOUND_AT_ONCE + 1)
            rows = list(self.rows(first, _FOUND_AT_ONCE if forwards else place - first + 1))
            found = [first + number for number, row in enumerate(rows) if has_words(row, words)]
            if found:
                return found[0 if forwards else -1]
            place = first + len(rows) if forwards and rows else first - 1 if not forwards else count
        return None

    def leave(self) -> None:
        """Nobody shows it any more."""
        self.close()

    def close(self) -> None:
        """Lets go of the player."""
        if self._port is not None:
            self._port.close()

    @contextmanager
    def _asking(self) -> Iterator[Port]:
        """A connection, while what is known is what was told last; one that broke is made anew the next time."""
        if self._is_other_player:
            self._is_other_player = False
            self._places.clear()
            self._hang_up()
        if self._has_other_texts:
            # Here, where they are read: the list's thread may be at a page of them.
            self._has_other_texts = False
            self._texts.clear()
            self._untold.clear()
        if self._is_stale:
            self._is_stale = False
            self._forget()
        if self._port is None:
            self._port = self._connect()
        try:
            yield self._port
        except NoPlayerError:
            self._hang_up()
            raise

    def _hang_up(self) -> None:
        if self._port is not None:
            self._port.close()
            self._port = None

    def _items(self, first: int, number: int) -> list[tuple[int, QueuedItem]]:
        """The items shown from `first` on, each with its place at the player."""
        pending = self.pending
        found: list[tuple[int, QueuedItem]] = []
        with self._asking() as port:
            self._page(port, 0)
            for shown in range(first, min(first + number, pending.length(self._length))):
                place = pending.told_place(shown)
                page = self._page(port, place)
                if not page.first <= place < page.first + len(page.items):
                    break
                found.append((place, page.items[place - page.first]))
        return found

    def _page(self, port: Port, place: int) -> QueuePage:
        """The page with that place, asked for if it is not at hand."""
        for page in reversed(self._pages.values()):
            if page.first <= place < page.first + max(1, len(page.items)):
                return page
        page = queue_page(port, place)
        if page.revision != self._revision:
            self._forget()
        self._revision, self._length = page.revision, page.length
        self._pages[page.first] = page
        while len(self._pages) > _MOST_PAGES:
            _, gone = self._pages.popitem(last=False)
            for item in gone.items:
                self._places.pop(item.ticket, None)
        self._places.update((item.ticket, where) for where, item in enumerate(page.items, page.first))
        return page

    def _forget(self) -> None:
        """What was told: where items stood is kept, to look for them there; what they are called does not change."""
        self._pages.clear()
        if len(self._places) > _MOST_PLACES:
            self._places.clear()

    def _texts_of(self, items: Sequence[QueuedItem]) -> list[ItemText]:
        unknown = [item for item in items if item.ticket not in self._texts]
        for item, text in zip(unknown, described(self._library, unknown), strict=True):
            if text is None:
                self._untold[item.ticket] = item
            self._texts[item.ticket] = text or ItemText()
        texts = [self.text_of(item.ticket) for item in items]
        while len(self._texts) > _MOST_TEXTS:
            gone, _ = self._texts.popitem(last=False)
            self._untold.pop(gone, None)
        return texts


def title_of(entry: PlaylistEntry) -> str:
    """What stands for a title: the name of the file where nothing better is known."""
    return entry.title or _file_name(entry.path, entry.cue_number)


def length_of(entry: PlaylistEntry) -> str:
    """Its duration, where it is known."""
    return "" if entry.duration_s is None else seconds_to_clock(entry.duration_s)


def _row(shown: int, place: int, item: QueuedItem, text: ItemText, playing: PlayingPlace) -> Row:
    if item.ticket == playing.ticket:
        style = RowStyle.PLAYING
    elif playing.place is not None and place < playing.place:
        style = RowStyle.DIM
    else:
        style = RowStyle.BAD if text.is_missing else RowStyle.PLAIN
    title = text.title or _file_name(item.track.path, item.track.cue_number)
    duration = "" if text.duration_s is None else seconds_to_clock(text.duration_s)
    return Row(item.ticket, (f"{shown + 1}", title, text.artist or "", text.album or "", duration), style)


def _file_name(path: str, cue_number: int) -> str:
    name = os.path.basename(path)
    return f"{name}#{cue_number}" if cue_number else name
