"""A list of any length: only the rows on the screen are drawn, only pages around them fetched, in a thread."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import ClassVar, TypeVar

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.geometry import Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from auralis_cli.errors import AuralisError, CancelledError
from auralis_cli.tui.widgets.row_line import GAP, column_widths, fitted, line_of
from auralis_cli.tui.widgets.row_pages import PAGE_ROWS, RowPages
from auralis_cli.tui.widgets.rows import Column, Row, RowsInMemory, RowSource, RowStyle

_Answer = TypeVar("_Answer")
_HEADING_LINES = 1
_MARK = "▌"
_MARK_WIDTH = 1
_DOUBLE = 2
# Of a row that is not at hand yet.
_COMING = "…"


class LongList(ScrollView, can_focus=True, inherit_bindings=False):
    """Rows of a source in columns, with a cursor and marks; the mouse works as in any list.

    The cursor stays on the row it is on, by its id, when rows come and go. What moves it are the methods that the
    commands of a view call (`run`).
    """

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "long-list--heading",
        "long-list--cursor",
        "long-list--marked",
        "long-list--empty",
        *(f"long-list--{style}" for style in RowStyle),
    }
    DEFAULT_CSS = """
    LongList { height: 1fr; overflow-x: hidden; overflow-y: auto; scrollbar-size-vertical: 1; }
    LongList .long-list--heading { color: $text-muted; text-style: bold; }
    LongList .long-list--cursor { background: $surface-lighten-2; }
    LongList:focus .long-list--cursor { background: $primary; color: $text; text-style: bold; }
    LongList:nocolor .long-list--cursor { text-style: underline; }
    LongList:focus:nocolor .long-list--cursor { text-style: bold reverse; }
    LongList .long-list--marked { color: $warning; }
    LongList .long-list--playing { color: $success; text-style: bold; }
    LongList .long-list--dim { color: $text-muted; }
    LongList .long-list--bad { color: $error; }
    LongList .long-list--title { color: $secondary; text-style: bold; }
    LongList .long-list--empty { color: $text-muted; }
    """

    class Told(Message):
        """Something about a list; `control` says which."""

        def __init__(self, long_list: LongList) -> None:
            super().__init__()
            self.long_list = long_list

        @property
        def control(self) -> LongList:
            """The list."""
            return self.long_list

    class Chosen(Told):
        """The row under the cursor is meant: Enter, or a double click."""

        def __init__(self, long_list: LongList, row: Row, place: int) -> None:
            super().__init__(long_list)
            self.row = row
            self.place = place

    class Moved(Told):
        """The cursor is on another row, or on none."""

        def __init__(self, long_list: LongList, row: Row | None) -> None:
            super().__init__(long_list)
            self.row = row

    class Counted(Told):
        """How many rows there are is known."""

        def __init__(self, long_list: LongList, count: int) -> None:
            super().__init__(long_list)
            self.count = count

    class MarksChanged(Told):
        """Rows were marked, or are no more."""

    class HeadingClicked(Told):
        """The title of a column was clicked."""

        def __init__(self, long_list: LongList, column: int) -> None:
            super().__init__(long_list)
            self.column = column

    class Failed(Told):
        """The source could not answer."""

        def __init__(self, long_list: LongList, error: AuralisError) -> None:
            super().__init__(long_list)
            self.error = error

    def __init__(
        self,
        columns: Sequence[Column],
        *,
        id: str | None = None,  # noqa: A002
        classes: str | None = None,
        has_heading: bool = True,
        empty: str = "",
    ) -> None:
        super().__init__(id=id, classes=classes)
        self._columns = tuple(columns)
        self._heading_lines = _HEADING_LINES if has_heading else 0
        self._empty = empty
        self._source: RowSource = RowsInMemory(())
        self._pages = RowPages()
        self._count = 0
        self._cursor = 0
        self._marks: set[int] = set()
        self._playing: int | None = None
        # Where a range of marks begins.
        self._anchor: int | None = None
        # Done in the list's thread when nothing will be asked any more.
        self.at_end: Callable[[], object] = lambda: None
        # Answers to an older question are dropped.
        self._generation = 0
        self._fillers = 0
        self._thread: ThreadPoolExecutor | None = None

    # What is shown

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

    @property
    def marked(self) -> frozenset[int]:
        """The ids of the rows that are marked."""
        return frozenset(self._marks)

    def set_source(self, source: RowSource, *, keep: bool = False) -> None:
        """Shows another source; with `keep`, where it is a newer state of the same, the cursor stays on its row."""
        if source is not self._source:
            self._source.leave()
        self._source = source
        self._ask(keep=keep)

    def reload(self) -> None:
        """Asks the source again, whose rows have changed; what is on the screen stays until the answer is there."""
        self._ask(keep=True)

    def set_playing(self, row_id: int | None) -> None:
        """Shows which row plays, wherever it is."""
        if row_id != self._playing:
            self._playing = row_id
            self.refresh()

    async def seek(self, row_id: int) -> bool:
        """Puts the cursor on the row of that id; whether it is there."""
        place = await self.ask(self._source.place_of, row_id)
        if place is not None:
            self.move_to(place)
        return place is not None

    def set_columns(self, columns: Sequence[Column]) -> None:
        """Shows other columns, or other titles of them; the source gives cells for them."""
        self._columns = tuple(columns)
        self.refresh()

    def set_empty(self, text: str) -> None:
        """What is said where there are no rows."""
        self._empty = text
        self.refresh()

    # What moves, and what is marked

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

    def toggle_mark(self) -> None:
        """Marks the row under the cursor, or takes its mark away, and goes on to the next."""
        if (row := self.row) is not None:
            self._marks ^= {row.id}
            self._marks_changed()
            self.move_by(1)

    def mark_range(self) -> None:
        """Begins a range at the cursor; then marks all rows from there up to the cursor."""
        if self._anchor is None:
            self._anchor = self._cursor
            self.toggle_mark()
            return
        first, last = sorted((self._anchor, self._cursor))
        self._anchor = None
        self._mark_places(first, last - first + 1)

    def mark_all(self) -> None:
        """Marks every row; takes all marks away where every row is marked."""
        if self._count and len(self._marks) >= self._count:
            self.clear_marks()
        else:
            self._mark_places(0, self._count)

    def clear_marks(self) -> bool:
        """Takes all marks away, and the beginning of a range; whether there were any."""
        had_any = bool(self._marks) or self._anchor is not None
        self._marks.clear()
        self._anchor = None
        if had_any:
            self._marks_changed()
        return had_any

    def choose(self) -> None:
        """Says that the row under the cursor is meant."""
        if (row := self.row) is not None:
            self.post_message(self.Chosen(self, row, self._cursor))

    async def chosen_ids(self) -> Sequence[int]:
        """The ids of the marked rows in their order; without marks, that of the row under the cursor."""
        if not self._marks:
            return () if self.row is None else (self.row.id,)
        marks = frozenset(self._marks)
        ids = await self.ask(self._source.ids, 0, self._count)
        return [row_id for row_id in ids if row_id in marks]

    async def ids_of_all(self) -> Sequence[int]:
        """The ids of all rows, in their order."""
        return await self.ask(self._source.ids, 0, self._count)

    def run(self, command: str) -> bool:
        """Does one of the commands that mean the same in every list; False for any other.

        `back` is taken only where there are marks to be taken away.
        """
        if command == "back":
            return self.clear_marks()
        done = _COMMANDS.get(command)
        if done is not None:
            done(self)
        return done is not None

    # Asking the source

    def _ask(self, *, keep: bool) -> None:
        self._generation += 1
        if self.is_mounted:
            self._begin(partial(self._load, keep=keep), "rows")

    def _begin(self, work: Callable[[], Awaitable[None]], group: str) -> None:
        # Made when it begins: what is replaced before that was never asked.
        self.run_worker(work, group=group, exclusive=True)

    async def _load(self, *, keep: bool) -> None:
        """What the source holds now, from its first rows or from around the cursor on."""
        self._fillers += 1
        try:
            if keep and self._count:
                await self._load_around()
            else:
                await self._load_from_start()
            await self._fill()
        except CancelledError:
            pass
        except AuralisError as error:
            self.post_message(self.Failed(self, error))
        finally:
            self._fillers -= 1

    async def _load_from_start(self) -> None:
        first = await self.ask(self._source.rows, 0, PAGE_ROWS)
        pages = RowPages()
        pages.put(0, first)
        self._cursor = 0
        self._marks.clear()
        self._anchor = None
        self._took(pages, len(first))
        self.scroll_to(y=0, animate=False, immediate=True)
        # A page that is not full is all there is.
        count = len(first) if len(first) < PAGE_ROWS else await self.ask(self._source.count)
        self._took(pages, count)
        self.post_message(self.Counted(self, count))
        self.post_message(self.Moved(self, self.row))

    async def _load_around(self) -> None:
        """Replaces what is at hand at once, so that nothing flickers; what moved the cursor meanwhile still counts."""
        began, row = self._cursor, self.row
        count = await self.ask(self._source.count)
        place = None if row is None else await self.ask(self._source.place_of, row.id)
        shift = 0 if place is None else place - began
        cursor = max(min(self._cursor + shift, count - 1), 0)
        top = max(round(self.scroll_y) + cursor - self._cursor, 0)
        pages = RowPages()
        while (page := pages.first_missing(min(top, cursor), min(top + self._shown_rows, count - 1))) is not None:
            pages.put(page, await self.ask(self._source.rows, page * PAGE_ROWS, PAGE_ROWS))
            cursor = max(min(self._cursor + shift, count - 1), 0)
        top = max(round(self.scroll_y) + cursor - self._cursor, 0)
        self._cursor = cursor
        self._took(pages, count)
        self.scroll_to(y=top, animate=False, immediate=True)
        self._show_cursor()
        self.post_message(self.Counted(self, count))
        self.post_message(self.Moved(self, self.row))

    def _took(self, pages: RowPages, count: int) -> None:
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
        if not self._fillers and self._missing() is not None:
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

    async def ask(self, asked: Callable[..., _Answer], *values: object) -> _Answer:
        """What `asked` answers in the list's thread; CancelledError where another source has come meanwhile."""
        generation = self._generation
        if self._thread is None:
            self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="rows")
        answer = await asyncio.get_running_loop().run_in_executor(self._thread, asked, *values)
        if generation != self._generation:
            raise CancelledError()
        return answer

    def _mark_places(self, first: int, number: int) -> None:
        self._begin(partial(self._mark, first, number), "marks")

    async def _mark(self, first: int, number: int) -> None:
        try:
            self._marks.update(await self.ask(self._source.ids, first, number))
        except CancelledError:
            return
        except AuralisError as error:
            self.post_message(self.Failed(self, error))
        self._marks_changed()

    def _marks_changed(self) -> None:
        self.refresh()
        self.post_message(self.MarksChanged(self))

    # What Textual calls

    def on_mount(self) -> None:
        """Asks for the source that was set before."""
        super().on_mount()  # type: ignore[no-untyped-call]
        self._ask(keep=False)

    def on_unmount(self) -> None:
        """Lets go of the source and of the thread."""
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

    def on_click(self, event: events.Click) -> None:
        """Puts the cursor where the mouse is; with control it marks, twice it chooses."""
        line = event.y - self._heading_lines
        if line < 0:
            self._click_heading(event.x)
            return
        place = round(self.scroll_y) + line
        if place >= self._count:
            return
        if event.shift:
            self._mark_places(min(place, self._cursor), abs(place - self._cursor) + 1)
        self.move_to(place)
        if event.ctrl and (row := self.row) is not None:
            self._marks ^= {row.id}
            self._marks_changed()
        elif event.chain == _DOUBLE:
            self.choose()

    def _click_heading(self, x: int) -> None:
        left = _MARK_WIDTH
        for number, width in enumerate(column_widths(self._columns, self._width)):
            if left <= x < left + width:
                self.post_message(self.HeadingClicked(self, number))
            left += width + GAP if width else 0

    # Drawing

    @property
    def _shown_rows(self) -> int:
        return max(self.scrollable_content_region.height - self._heading_lines, 1)

    @property
    def _width(self) -> int:
        return max(self.scrollable_content_region.width - _MARK_WIDTH, 1)

    def _show_cursor(self) -> None:
        top = round(self.scroll_y)
        if self._cursor < top:
            self.scroll_to(y=self._cursor, animate=False, immediate=True)
        elif self._cursor >= top + self._shown_rows:
            self.scroll_to(y=self._cursor - self._shown_rows + 1, animate=False, immediate=True)

    def render_line(self, y: int) -> Strip:
        """One line of the screen: the heading, a row, or nothing."""
        if y < self._heading_lines:
            titles = [column.title for column in self._columns]
            return self._strip(" ", titles, self.get_component_rich_style("long-list--heading"))
        place = round(self.scroll_y) + y - self._heading_lines
        if place >= self._count:
            return self._nothing(y)
        row = self._pages.row(place)
        if row is None:
            return self._strip(" ", [_COMING], self._style_of(RowStyle.DIM, place))
        is_marked = row.id in self._marks
        return self._strip(_MARK if is_marked else " ", row.cells, self._style_of(row.style, place, row))

    def _nothing(self, y: int) -> Strip:
        is_said = not self._count and y == self._heading_lines and not self._fillers
        style = self.get_component_rich_style("long-list--empty")
        text = fitted(self._empty if is_said else "", self._width + _MARK_WIDTH)
        return Strip([Segment(text, style)])

    def _strip(self, mark: str, cells: Sequence[str], style: Style) -> Strip:
        width = self._width
        text = line_of(cells, self._columns, column_widths(self._columns, width))
        return Strip([Segment(mark, style), Segment(fitted(text, width), style)])

    def _style_of(self, kind: RowStyle, place: int, row: Row | None = None) -> Style:
        if row is not None and row.id == self._playing:
            kind = RowStyle.PLAYING
        style = self.get_component_rich_style(f"long-list--{kind}")
        if row is not None and row.id in self._marks:
            style += self.get_component_rich_style("long-list--marked", partial=True)
        if place == self._cursor:
            style += self.get_component_rich_style("long-list--cursor", partial=True)
        return style


# What the commands of lists do.
_COMMANDS: Mapping[str, Callable[[LongList], object]] = {
    "up": lambda one: one.move_by(-1),
    "down": lambda one: one.move_by(1),
    "page-up": lambda one: one.move_by_pages(-1),
    "page-down": lambda one: one.move_by_pages(1),
    "top": lambda one: one.move_to(0),
    "bottom": lambda one: one.move_to(one.count - 1),
    "mark": LongList.toggle_mark,
    "mark-range": LongList.mark_range,
    "mark-all": LongList.mark_all,
    "play-selected": LongList.choose,
}
