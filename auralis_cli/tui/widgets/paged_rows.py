"""Rows of a source that is asked page by page in a thread, under a cursor: what a long list is without its looks."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from textual.geometry import Size
from textual.message import Message
from textual.scroll_view import ScrollView

from auralis_cli.errors import AuralisError, CancelledError
from auralis_cli.tui.widgets.row_pages import PAGE_ROWS, RowPages
from auralis_cli.tui.widgets.rows import Row, RowsInMemory, RowSource

_Answer = TypeVar("_Answer")


class PagedRows(ScrollView, inherit_bindings=False):
    """Holds the rows around what the screen shows, and the cursor, which stays on its row by the row's id."""

    class Told(Message, namespace="long_list"):
        """Something about a list; `control` says which."""

        def __init__(self, long_list: Any) -> None:
            super().__init__()
            self.long_list: Any = long_list

        @property
        def control(self) -> PagedRows:
            """The list."""
            told: PagedRows = self.long_list
            return told

    class Moved(Told, namespace="long_list"):
        """The cursor is on another row, or on none."""

        def __init__(self, long_list: PagedRows, row: Row | None) -> None:
            super().__init__(long_list)
            self.row = row

    class Counted(Told, namespace="long_list"):
        """How many rows there are is known."""

        def __init__(self, long_list: PagedRows, count: int) -> None:
            super().__init__(long_list)
            self.count = count

    class Failed(Told, namespace="long_list"):
        """The source could not answer."""

        def __init__(self, long_list: PagedRows, error: AuralisError) -> None:
            super().__init__(long_list)
            self.error = error

    def __init__(self, *, id: str | None = None, classes: str | None = None, heading_lines: int = 0) -> None:  # noqa: A002
        super().__init__(id=id, classes=classes)
        self._heading_lines = heading_lines
        self._source: RowSource = RowsInMemory(())
        self._pages = RowPages()
        self._count = 0
        self._cursor = 0
        # Done in the list's thread when nothing will be asked any more.
        self.at_end: Callable[[], object] = lambda: None
        # Answers to an older question are dropped.
        self._generation = 0
        # Counts the lists shown; a newer state of one is the same list.
        self._shown_lists = 0
        # Whether the rows that are at hand are of a list that was shown before.
        self._is_other_list = True
        # The row that the cursor is to be on once they have come.
        self._begins_at: int | None = None
        # Whether the cursor's row was carried to where it stands now.
        self._follows = False
        self._fillers = 0
        # Whether the first rows of what is shown now are there, or cannot be had.
        self._has_begun = asyncio.Event()
        # Whether the source has answered what it was asked last, or cannot.
        self._is_answered = asyncio.Event()
        self._thread: ThreadPoolExecutor | None = None
        self._is_closed = False

    @property
    def count(self) -> int:
        """How many rows there are, as far as is known."""
        return self._count

    @property
    def cursor(self) -> int:
        """The place of the cursor, from 0."""
        return self._cursor

    @property
    def row(self) -> Row | None:
        """The row under the cursor, where it is at hand."""
        return self._pages.row(self._cursor) if self._cursor < self._count else None

    def set_source(self, source: RowSource, *, keep: bool = False, at: int | None = None) -> None:
        """Shows another source; with `keep`, where it is a newer state of the same, the cursor stays on its row.

        With `at` the cursor begins on the row of that id.
        """
        if source is not self._source:
            self._source.leave()
        self._source = source
        self._ask(keep=keep, at=at)

    def reload(self, *, is_moved: bool = False) -> None:
        """Asks the source again, whose rows have changed; what is on the screen stays until the answer is there.

        A row that came to stand elsewhere keeps its line of the screen; with `is_moved` it was carried there by hand,
        and the other rows keep theirs.
        """
        self._follows |= is_moved
        self._ask(keep=True)

    async def seek(self, row_id: int) -> bool:
        """Puts the cursor on the row of that id; whether it is there."""
        place = await self.place_of(row_id)
        if place is not None:
            self.move_to(place)
        return place is not None

    async def ids_of_all(self, *, shown: int | None = None) -> Sequence[int]:
        """The ids of all rows, in their order."""
        return await self.ask_list(lambda source: source.ids(0, source.count()), shown=shown)

    async def place_of(self, row_id: int) -> int | None:
        """Where the row of that id stands; None where it does not."""
        return await self.ask_list(lambda source: source.place_of(row_id))

    async def ids(self, first: int, number: int) -> Sequence[int]:
        """The ids of `number` rows from place `first` on."""
        return await self.ask_list(lambda source: source.ids(first, number))

    async def ask_list(self, asked: Callable[[RowSource], _Answer], *, shown: int | None = None) -> _Answer:
        """As `ask`, of what the list holds: where that is read anew meanwhile, it is asked again.

        What was pressed means this list, or the one of that number, in whatever state; CancelledError once another is
        shown, or none.
        """
        shown = self._shown_lists if shown is None else shown
        if shown != self._shown_lists:
            raise CancelledError()
        while True:
            generation = self._generation
            try:
                return await self.ask(asked, self._source)
            except CancelledError:
                if generation == self._generation:
                    raise
                await self.answered()
                if self._is_closed or shown != self._shown_lists:
                    raise

    async def answered(self) -> None:
        """Waits until the rows are those that the source held when it was asked last, or cannot be had."""
        await self._is_answered.wait()

    async def ask(self, asked: Callable[..., _Answer], *values: object) -> _Answer:
        """What `asked` answers in the list's thread; CancelledError once it is shown no more."""
        if self._is_closed:
            raise CancelledError()
        generation = self._generation
        if self._thread is None:
            self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="rows")
        answer = await asyncio.get_running_loop().run_in_executor(self._thread, asked, *values)
        if generation != self._generation:
            raise CancelledError()
        return answer

    def move_to(self, place: int) -> None:
        """Puts the cursor at a place, or at the nearest there is."""
        place = max(min(place, self._count - 1), 0)
        if place != self._cursor:
            before, self._cursor = self._cursor, place
            self.refresh_line(before + self._heading_lines)
            self.refresh_line(place + self._heading_lines)
            self.post_message(self.Moved(self, self.row))
        self._show_cursor()

    def move_by(self, rows: int) -> None:
        """Moves the cursor down, or up."""
        self.move_to(self._cursor + rows)

    def move_by_pages(self, pages: float) -> None:
        """Moves the cursor by what the screen shows."""
        self.move_by(round(pages * max(self._shown_rows - 1, 1)))

    def _began_anew(self) -> None:
        """Other rows are shown than before."""

    def _begun(self) -> None:
        """What was pressed for rows that were still to come can be done."""
        self._has_begun.set()

    # Asking the source

    def _ask(self, *, keep: bool, at: int | None = None) -> None:
        self._generation += 1
        self._shown_lists += not keep
        # A newer state of a list whose rows have not come yet is as new as that list.
        self._is_other_list |= not keep
        if at is not None or not keep:
            self._begins_at = at
        self._is_answered.clear()
        if not keep:
            self._has_begun.clear()
        if self.is_mounted:
            self._begin(self._load, "rows")

    def _begin(self, work: Callable[[], Awaitable[None]], group: str) -> None:
        # Made when it begins: what is replaced before that was never asked.
        self.run_worker(work, group=group, exclusive=True)

    async def _load(self) -> None:
        """What the source holds now, from its first rows or from around the cursor on."""
        generation = self._generation
        self._fillers += 1
        try:
            if self._begins_at is not None:
                await self._load_around(self._begins_at)
            elif self._count and not self._is_other_list:
                await self._load_around(None if self.row is None else self.row.id)
            else:
                await self._load_from_start()
            await self._fill()
            self._begun()
        except CancelledError:
            pass
        except AuralisError as error:
            self._begun()
            self.post_message(self.Failed(self, error))
        finally:
            self._fillers -= 1
        if generation == self._generation:
            self._is_answered.set()
            # What was pressed meanwhile may have brought others into sight.
            self._want_shown()

    async def _load_from_start(self) -> None:
        first = await self.ask(self._source.rows, 0, PAGE_ROWS)
        pages = RowPages()
        pages.put(0, first)
        self._cursor = 0
        self._took(pages, len(first))
        self.scroll_to(y=0, animate=False, immediate=True)
        # A page that is not full is all there is.
        count = len(first) if len(first) < PAGE_ROWS else await self.ask(self._source.count)
        self._took(pages, count)
        self.post_message(self.Counted(self, count))
        self.post_message(self.Moved(self, self.row))

    async def _load_around(self, row_id: int | None) -> None:
        """Replaces what is at hand at once, so that nothing flickers; what moved the cursor meanwhile still counts."""
        began = self._cursor
        count = await self.ask(self._source.count)
        place = None if row_id is None else await self.ask(self._source.place_of, row_id)
        if place is None:
            place = 0 if self._is_other_list else began
        shift = place - began
        follows = self._follows
        cursor = max(min(self._cursor + shift, count - 1), 0)
        top = max(round(self.scroll_y) + (0 if follows else cursor - self._cursor), 0)
        pages = RowPages()
        while (page := pages.first_missing(min(top, cursor), min(top + self._shown_rows, count - 1))) is not None:
            pages.put(page, await self.ask(self._source.rows, page * PAGE_ROWS, PAGE_ROWS))
            cursor = max(min(self._cursor + shift, count - 1), 0)
        top = max(round(self.scroll_y) + (0 if follows else cursor - self._cursor), 0)
        self._cursor, self._follows = cursor, False
        self._took(pages, count)
        self.scroll_to(y=top, animate=False, immediate=True)
        self._show_cursor()
        self.post_message(self.Counted(self, count))
        self.post_message(self.Moved(self, self.row))

    def _took(self, pages: RowPages, count: int) -> None:
        if self._is_other_list:
            self._is_other_list = False
            self._began_anew()
        self._begins_at = None
        self._pages, self._count = pages, count
        self.virtual_size = Size(0, count + self._heading_lines)
        self.refresh()
        # Until it is laid out anew, nothing scrolls beyond what there was.
        self.call_after_refresh(self._show_cursor)

    async def _fill(self) -> None:
        """Fetches what the screen shows and is not at hand, wherever it has been scrolled to meanwhile."""
        while (page := self._missing()) is not None:
            self._pages.put(page, await self.ask(self._source.rows, page * PAGE_ROWS, PAGE_ROWS))
            if self._cursor // PAGE_ROWS == page:
                self.post_message(self.Moved(self, self.row))
            self.refresh()

    def _missing(self) -> int | None:
        if not self._count:
            return None
        top = round(self.scroll_y)
        return self._pages.first_missing(top, min(top + self._shown_rows, self._count - 1))

    def _want_shown(self) -> None:
        """Sees to it that the rows on the screen are fetched; what is on its way looks again itself."""
        if self._is_answered.is_set() and not self._fillers and self._missing() is not None:
            self._begin(self._fill_alone, "rows")

    async def _fill_alone(self) -> None:
        self._fillers += 1
        try:
            await self._fill()
        except CancelledError:
            pass
        except AuralisError as error:
            self.post_message(self.Failed(self, error))
        finally:
            self._fillers -= 1

    # What Textual calls

    def on_mount(self) -> None:
        """Asks for the source that was set before."""
        self._ask(keep=False)

    def on_unmount(self) -> None:
        """Lets go of the source and of the thread."""
        self._is_closed = True
        self._is_answered.set()
        self._source.leave()
        if self._thread is not None:
            # In the thread that uses what is closed, behind what it is at.
            self._thread.submit(self.at_end)
            self._thread.shutdown(wait=False)

    def on_resize(self) -> None:
        """Keeps the cursor in sight."""
        self._show_cursor()
        self._want_shown()

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Fetches what has come into sight."""
        super().watch_scroll_y(old_value, new_value)
        self._want_shown()

    @property
    def _shown_rows(self) -> int:
        return max(self.scrollable_content_region.height - self._heading_lines, 1)

    @property
    def in_sight(self) -> range:
        """The places of the rows on the screen."""
        top = round(self.scroll_y)
        return range(top, min(top + self._shown_rows, self._count))

    def line_of(self, place: int) -> int:
        """On which line of the screen a row in sight stands."""
        return self.content_region.y + self._heading_lines + place - round(self.scroll_y)

    def _show_cursor(self) -> None:
        top = round(self.scroll_y)
        if self._cursor < top:
            self.scroll_to(y=self._cursor, animate=False, immediate=True)
        elif self._cursor >= top + self._shown_rows:
            self.scroll_to(y=self._cursor - self._shown_rows + 1, animate=False, immediate=True)
