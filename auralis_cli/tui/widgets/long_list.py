"""A list of any length: only the rows on the screen are drawn, only pages around them fetched, in a thread."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Collection, Mapping, Sequence
from functools import partial
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.strip import Strip

from auralis_cli.errors import AuralisError, CancelledError
from auralis_cli.quick_dataclasses import dataclass
from auralis_cli.tui.widgets.paged_rows import PagedRows
from auralis_cli.tui.widgets.row_line import GAP, column_widths, fitted, line_of
from auralis_cli.tui.widgets.rows import Column, Row, RowsInMemory, RowStyle

_HEADING_LINES = 1
_MARK = "▌"
_MARK_WIDTH = 1
_DOUBLE = 2
_MOST_HELD = 100
# Of a row that is not at hand yet.
_COMING = "…"


@dataclass(frozen=True, slots=True)
class RowChoice:
    """The rows that a command means: those that were marked when it came, else the one that was under the cursor."""

    long_list: LongList
    row_id: int | None
    marks: frozenset[int]
    # Which of the lists that were shown one after the other.
    shown: int
    # The ids in their order, where that takes no question.
    known: tuple[int, ...] | None

    @property
    def is_shown(self) -> bool:
        """Whether the list that they were chosen in is shown still, in whatever state."""
        return self.shown == self.long_list._shown_lists

    async def ids(self) -> Sequence[int]:
        """Their ids in the order of the rows; CancelledError where that has to be asked and another list is shown."""
        if self.known is not None:
            return self.known
        ids = await self.long_list.ids_of_all(shown=self.shown)
        return [row_id for row_id in ids if row_id in self.marks]


class LongList(PagedRows, can_focus=True, inherit_bindings=False):
    """Rows of a source in columns, with a cursor and marks; the mouse works as in any list.

    The cursor stays on the row it is on, by its id, when rows come and go. What moves it are the methods that the
    commands of a view call (`run`). Commands mean the rows as the one before has left them, however quickly they come
    (`in_turn`), and what is chosen then (`choice`), whatever is pressed while they are done.
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

    class Chosen(PagedRows.Told):
        """The row under the cursor is meant: Enter, or a double click."""

        def __init__(self, long_list: LongList, row: Row, place: int) -> None:
            super().__init__(long_list)
            self.row = row
            self.place = place

    class MarksChanged(PagedRows.Told):
        """Rows were marked, or are no more."""

    class HeadingClicked(PagedRows.Told):
        """The title of a column was clicked."""

        def __init__(self, long_list: LongList, column: int) -> None:
            super().__init__(long_list)
            self.column = column

    def __init__(
        self,
        columns: Sequence[Column],
        *,
        id: str | None = None,  # noqa: A002
        classes: str | None = None,
        has_heading: bool = True,
        empty: str = "",
    ) -> None:
        super().__init__(id=id, classes=classes, heading_lines=_HEADING_LINES if has_heading else 0)
        self._columns = tuple(columns)
        self._empty = empty
        self._playing: int | None = None
        self._marks: set[int] = set()
        # What was pressed for rows that are still to come, or still to be changed.
        self._held: deque[Callable[[], object]] = deque(maxlen=_MOST_HELD)
        self._holds = 0
        self._is_marking = False
        # Where a range of marks begins.
        self._anchor: int | None = None

    @property
    def marked(self) -> frozenset[int]:
        """The ids of the rows that are marked."""
        return frozenset(self._marks)

    def set_playing(self, row_id: int | None) -> None:
        """Shows which row plays, wherever it is."""
        if row_id != self._playing:
            self._playing = row_id
            self.refresh()

    def set_columns(self, columns: Sequence[Column]) -> None:
        """Shows other columns, or other titles of them; the source gives cells for them."""
        self._columns = tuple(columns)
        self.refresh()

    def set_empty(self, text: str) -> None:
        """What is said where there are no rows."""
        self._empty = text
        self.refresh()

    # Marks, and what is meant

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

    def choice(self) -> RowChoice:
        """What is chosen now: ask where it is a command's turn (`in_turn`)."""
        row, marks = self.row, self.marked
        known: tuple[int, ...] | None = None
        if not marks:
            known = () if row is None else (row.id,)
        elif isinstance(self._source, RowsInMemory):
            known = tuple(row_id for row_id in self._source.ids(0, self._source.count()) if row_id in marks)
        return RowChoice(self, None if row is None else row.id, marks, self._shown_lists, known)

    def unmark(self, rows: Collection[int]) -> None:
        """Takes the marks of these rows away: what was meant with them is done."""
        if not self._marks.isdisjoint(rows):
            self._marks.difference_update(rows)
            self._marks_changed()

    def in_turn(self, act: Callable[[], object]) -> None:
        """Does it now, or once the rows are there and what was pressed before is done."""
        self._held.append(act)
        self._go_on()

    def hold(self) -> Callable[[], None]:
        """What is pressed from now on waits until the function it gives is called, once."""
        self._holds += 1
        return self._let_go

    def _let_go(self) -> None:
        self._holds -= 1
        self._go_on()

    def _go_on(self) -> None:
        while self._held and self._has_begun.is_set() and not self._holds and not self._is_marking:
            self._held.popleft()()

    def run(self, command: str) -> bool:
        """Does one of the commands that mean the same in every list; False for any other.

        `back` is taken only where there are marks to be taken away.
        """
        if command == "back":
            if self._is_marking:
                self.in_turn(self.clear_marks)
            return self._is_marking or self.clear_marks()
        done = _COMMANDS.get(command)
        if done is None:
            return False
        self.in_turn(partial(done, self))
        return True

    def _mark_places(self, first: int, number: int) -> None:
        self._is_marking = True
        self._begin(partial(self._mark, first, number), "marks")

    async def _mark(self, first: int, number: int) -> None:
        try:
            self._marks.update(await self.ids(first, number))
            self._marks_changed()
        except CancelledError:
            pass
        except AuralisError as error:
            self.post_message(self.Failed(self, error))
        finally:
            self._is_marking = False
        self._go_on()

    def _marks_changed(self) -> None:
        self.refresh()
        self.post_message(self.MarksChanged(self))

    def _began_anew(self) -> None:
        """Marks are of rows that were shown before."""
        self._marks.clear()
        self._anchor = None

    def _begun(self) -> None:
        super()._begun()
        self._go_on()

    def _ask(self, *, keep: bool, at: int | None = None) -> None:
        if not keep:
            self._held.clear()
        super()._ask(keep=keep, at=at)

    # The mouse

    def on_click(self, event: events.Click) -> None:
        """Puts the cursor where the mouse is; with control it marks, twice it chooses."""
        line = event.y - self._heading_lines
        if line < 0:
            self._click_heading(event.x)
            return
        place = round(self.scroll_y) + line
        if place >= self._count:
            return
        self.in_turn(partial(self._clicked, place, event))

    def _clicked(self, place: int, event: events.Click) -> None:
        first, last = sorted((place, self._cursor))
        self.move_to(place)
        if event.shift:
            self._mark_places(first, last - first + 1)
        elif event.ctrl and (row := self.row) is not None:
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
    def _width(self) -> int:
        return max(self.scrollable_content_region.width - _MARK_WIDTH, 1)

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
        text = fitted(line_of(cells, self._columns, column_widths(self._columns, width)), width)
        # Pictures of the screen drop blanks that a piece begins with.
        begins = len(text) - len(text.lstrip(" "))
        return Strip([Segment(mark, style), Segment(text[:begins], style), Segment(text[begins:], style)])

    def _style_of(self, kind: RowStyle, place: int, row: Row | None = None) -> Style:
        if row is not None and row.id == self._playing:
            kind = RowStyle.PLAYING
        style = self.get_component_rich_style(f"long-list--{kind}")
        if row is not None and row.id in self._marks:
            style += self.get_component_rich_style("long-list--marked", partial=True)
        if place == self._cursor:
            # With the keys it has a colour of its own, which can be read on its background, whatever the theme.
            style += self.get_component_rich_style("long-list--cursor", partial=not self.has_focus)
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
