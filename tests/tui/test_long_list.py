"""Lists of any length: what is fetched, what is shown, and what happens when answers come late."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, ClassVar

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from textual.app import App, ComposeResult
from tui.watching import until

from auralis_cli.errors import CancelledError, LibraryError
from auralis_cli.tui.widgets.long_list import LongList, RowChoice
from auralis_cli.tui.widgets.row_line import GAP, column_widths, fitted
from auralis_cli.tui.widgets.row_pages import MOST_PAGES, PAGE_ROWS
from auralis_cli.tui.widgets.rows import Column, Row, RowsInMemory

COLUMNS = (Column("#", width=8, is_right=True), Column("Title", share=3), Column("Artist", share=2, from_width=50))


class Numbers:
    """So many rows, told by their numbers; each question is noted, and waits for what it is made to wait for."""

    def __init__(self, count: int, name: str = "row", first_id: int = 0) -> None:
        self._count, self._name, self._first_id = count, name, first_id
        self.asked: list[tuple[int, int]] = []
        self.gate = threading.Event()
        self.gate.set()
        self.has_left = False
        self.threads: set[int] = set()

    def count(self) -> int:
        return self._count

    def rows(self, first: int, number: int) -> Sequence[Row]:
        self.asked.append((first, number))
        self.threads.add(threading.get_ident())
        self.gate.wait(30)
        places = range(first, min(first + number, self._count))
        return [Row(self._first_id + place, (str(place), f"{self._name} {place}", "by")) for place in places]

    def ids(self, first: int, number: int) -> Sequence[int]:
        self.gate.wait(30)
        return [self._first_id + place for place in range(first, min(first + number, self._count))]

    def place_of(self, row_id: int) -> int | None:
        place = row_id - self._first_id
        return place if 0 <= place < self._count else None

    def leave(self) -> None:
        self.has_left = True


class ListApp(App[None]):
    """One list, and what it told."""

    ENABLE_COMMAND_PALETTE: ClassVar[bool] = False

    def __init__(self, source: Any) -> None:
        super().__init__()
        self._source = source
        self.told: list[LongList.Told] = []

    def compose(self) -> ComposeResult:
        yield LongList(COLUMNS, empty="Nothing.")

    def on_mount(self) -> None:
        self.rows.set_source(self._source)
        self.rows.focus()

    @property
    def rows(self) -> LongList:
        return self.query_one(LongList)

    def on_long_list_chosen(self, message: LongList.Chosen) -> None:
        self.told.append(message)

    def on_long_list_heading_clicked(self, message: LongList.HeadingClicked) -> None:
        self.told.append(message)

    def on_long_list_failed(self, message: LongList.Failed) -> None:
        self.told.append(message)

    def lines(self) -> list[str]:
        return ["".join(segment.text for segment in line) for line in self.screen._compositor.render_strips()]


def used(source: Any, use: Callable[[ListApp, Any], Awaitable[None]], size: tuple[int, int] = (60, 12)) -> None:
    async def run() -> None:
        app = ListApp(source)
        async with app.run_test(size=size) as pilot:
            await use(app, pilot)

    asyncio.run(run())


@pytest.mark.invariant("S1-M-17")
def test_scrolling_through_a_hundred_thousand_rows_keeps_a_few_pages() -> None:
    source = Numbers(100_000)

    async def use(app: ListApp, pilot: Any) -> None:
        await until(lambda: app.rows.count == 100_000)
        for place in range(0, 100_000, 2_500):
            app.rows.move_to(place)
            await until(lambda: app.rows.row is not None)
        assert app.rows.row is not None
        assert app.rows.row.cells[1] == "row 97500"
        assert len(app.rows._pages) <= MOST_PAGES
        # Where nobody looked nothing was fetched.
        assert len(source.asked) < 100
        assert max(number for _, number in source.asked) == PAGE_ROWS

    used(source, use)


def test_a_million_rows_are_there_at_once_and_a_jump_to_the_end_fetches_one_page() -> None:
    source = Numbers(1_000_000)

    async def use(app: ListApp, pilot: Any) -> None:
        await until(lambda: app.rows.count == 1_000_000)
        await until(lambda: "row 0 " in app.lines()[1])
        before = len(source.asked)
        app.rows.run("bottom")
        await until(lambda: "row 999999" in app.lines()[11])
        assert len(source.asked) - before <= 2

    used(source, use)


@pytest.mark.invariant("S2-NEW-12")
def test_a_source_that_takes_its_time_does_not_hold_the_loop_up() -> None:
    """The planted fault asks the source on the loop."""
    source = Numbers(10_000)

    async def use(app: ListApp, pilot: Any) -> None:
        await until(lambda: app.rows.count == 10_000)
        source.gate.clear()
        before = len(source.asked)
        app.rows.move_to(9_000)
        # It is being asked, and the loop is here.
        await until(lambda: len(source.asked) > before)
        assert not source.gate.is_set()
        assert app.rows.row is None
        source.gate.set()
        await until(lambda: app.rows.row is not None)
        assert threading.get_ident() not in source.threads

    used(source, use)


@pytest.mark.invariant("S4-D5.2")
def test_what_was_asked_of_a_source_that_is_no_longer_shown_is_not_answered() -> None:
    """The planted fault hands late answers on: what is meant by rows that are gone would be done to others."""
    old, new = Numbers(500, "old"), Numbers(500, "new", first_id=10_000)

    async def use(app: ListApp, pilot: Any) -> None:
        await until(lambda: app.rows.count == 500)
        old.gate.clear()
        asked = asyncio.ensure_future(app.rows.ids_of_all())
        await asyncio.sleep(0.02)
        app.rows.set_source(new)
        assert old.has_left
        old.gate.set()
        with pytest.raises(CancelledError):
            await asked
        await until(lambda: app.rows.row is not None and app.rows.row.cells[1] == "new 0")

    used(old, use)


@pytest.mark.invariant("S4-D5.5")
@pytest.mark.parametrize("is_another_source", [False, True])
def test_what_is_pressed_while_the_list_is_read_anew_is_done(is_another_source: bool) -> None:
    """Kills: while a library grows, every now and then a key does nothing."""
    old = Numbers(500)
    new = Numbers(500) if is_another_source else old

    async def use(app: ListApp, pilot: Any) -> None:
        await until(lambda: app.rows.count == 500)
        app.rows.run("mark")
        app.rows.run("mark")
        old.gate.clear()
        asked = asyncio.ensure_future(app.rows.choice().ids())
        app.rows.move_to(3)
        app.rows.run("mark-range")
        app.rows.move_to(5)
        app.rows.run("mark-range")
        await asyncio.sleep(0.02)
        app.rows.set_source(new, keep=True)
        old.gate.set()
        assert list(await asked)[:2] == [0, 1]
        await until(lambda: app.rows.marked == {0, 1, 3, 4, 5})

    used(old, use)


@pytest.mark.invariant("S4-D5.2")
def test_rows_of_a_source_that_was_replaced_while_it_was_asked_are_never_shown() -> None:
    slow, quick = Numbers(500, "slow"), Numbers(400, "quick")
    slow.gate.clear()

    async def use(app: ListApp, pilot: Any) -> None:
        app.rows.set_source(quick)
        slow.gate.set()
        await until(lambda: app.rows.count == 400)
        await app.rows.answered()
        await until(lambda: "quick 0" in app.lines()[1])
        assert app.rows.count == 400

    used(slow, use)


@pytest.mark.invariant("S4-D5.5")
def test_a_newer_state_of_a_list_that_has_not_come_yet_is_another_list() -> None:
    """Kills: marks and the cursor of the list before, as only the newer state was loaded."""
    old, new = Numbers(500, "old"), Numbers(500, "new")

    async def use(app: ListApp, pilot: Any) -> None:
        await until(lambda: app.rows.row is not None)
        app.rows.run("mark")
        app.rows.move_to(7)
        app.rows.set_source(new)
        app.rows.set_source(new, keep=True)
        await until(lambda: app.rows.row is not None and app.rows.row.cells[1].startswith("new"))
        assert not app.rows.marked
        assert app.rows.cursor == 0
        app.rows.set_source(old, at=40)
        app.rows.set_source(old, keep=True)
        await until(lambda: app.rows.row is not None and app.rows.row.cells[1] == "old 40")

    used(old, use)


@pytest.mark.invariant("S4-D5.5")
def test_what_is_pressed_for_rows_that_are_still_to_come_is_done_on_those() -> None:
    old, new = Numbers(500, "old"), Numbers(500, "new", first_id=10_000)
    new.gate.clear()

    async def use(app: ListApp, pilot: Any) -> None:
        await until(lambda: app.rows.row is not None)
        app.rows.set_source(new)
        for command in ("down", "down", "play-selected"):
            assert app.rows.run(command)
        meant: list[RowChoice] = []
        app.rows.in_turn(lambda: meant.append(app.rows.choice()))
        await pilot.pause(0.05)
        assert not app.told
        assert not meant
        new.gate.set()
        await until(lambda: bool(app.told))
        (chosen,) = app.told
        assert isinstance(chosen, LongList.Chosen)
        assert chosen.row.cells[1] == "new 2"
        assert await meant[0].ids() == (10_002,)

    used(old, use)


@pytest.mark.invariant("S4-D5.2")
def test_a_list_that_is_closed_while_it_is_asked_lets_go_of_its_source() -> None:
    source = Numbers(500)
    ended: list[int] = []

    async def use(app: ListApp, pilot: Any) -> None:
        await until(lambda: app.rows.count == 500)
        app.rows.at_end = lambda: ended.append(threading.get_ident())
        app.rows.move_to(400)
        await app.rows.remove()
        assert source.has_left
        # On the thread of the rows, behind what that was at.
        await until(lambda: bool(ended))

    used(source, use)
    assert [threading.get_ident() != one for one in ended] == [True]


def test_the_cursor_stays_on_its_row_when_rows_come_in_front_of_it() -> None:
    async def use(app: ListApp, pilot: Any) -> None:
        await until(lambda: app.rows.count == 1_000)
        app.rows.move_to(700)
        await until(lambda: app.rows.row is not None)
        # Ids go on where they were, 50 places later.
        app.rows.set_source(Numbers(1_050, first_id=-50), keep=True)
        await until(lambda: app.rows.count == 1_050)
        await until(lambda: app.rows.cursor == 750)
        assert app.rows.row is not None
        assert app.rows.row.id == 700

    used(Numbers(1_000), use)


def test_marks_are_of_rows_and_come_in_the_order_of_the_list() -> None:
    async def use(app: ListApp, pilot: Any) -> None:
        await until(lambda: app.rows.count == 1_000)
        for place in (900, 3):
            app.rows.move_to(place)
            await until(lambda: app.rows.row is not None)
            app.rows.run("mark")
        app.rows.move_to(300)
        await until(lambda: app.rows.row is not None)
        app.rows.run("mark-range")
        app.rows.move_to(303)
        app.rows.run("mark-range")
        await until(lambda: len(app.rows.marked) == 6)
        assert await app.rows.choice().ids() == [3, 300, 301, 302, 303, 900]
        assert app.rows.run("back")
        assert not app.rows.run("back")
        assert await app.rows.choice().ids() == (303,)

    used(Numbers(1_000), use)


def test_the_mouse_chooses_marks_and_sorts() -> None:
    async def use(app: ListApp, pilot: Any) -> None:
        await until(lambda: app.rows.count == 1_000)
        await pilot.click(LongList, offset=(20, 5))
        await until(lambda: app.rows.cursor == 4)
        await pilot.click(LongList, offset=(20, 7), control=True)
        await until(lambda: app.rows.marked == {6})
        await pilot.click(LongList, offset=(20, 8), times=2)
        await pilot.click(LongList, offset=(14, 0))
        await until(lambda: len(app.told) == 2)
        chosen = [one.row.id for one in app.told if isinstance(one, LongList.Chosen)]
        headings = [one.column for one in app.told if isinstance(one, LongList.HeadingClicked)]
        assert (chosen, headings) == ([7], [1])

    used(Numbers(1_000), use)


def test_an_empty_list_says_so_and_a_source_that_fails_is_told() -> None:
    class Broken(RowsInMemory):
        def rows(self, first: int, number: int) -> Sequence[Row]:
            raise LibraryError("library", "is damaged")

    async def use(app: ListApp, pilot: Any) -> None:
        await until(lambda: "Nothing." in app.lines()[1])
        app.rows.set_source(Broken(()))
        await until(lambda: bool(app.told))
        assert isinstance(app.told[0], LongList.Failed)
        assert "damaged" in str(app.told[0].error)

    used(RowsInMemory(()), use)


@pytest.mark.invariant("S0-L06")
def test_hostile_wide_and_combining_texts_fill_their_cells_and_are_not_obeyed() -> None:
    texts = (
        "\x1b]0;owned\x07\x1b[31m",
        "[red]markup[/red]",
        "日本語の歌" * 9,
        "e\u0301a\u0308" * 40,
        "שלום \u202eעולם",
        "\udcff",
    )
    rows = [Row(number, (str(number), text, text)) for number, text in enumerate(texts)]

    async def use(app: ListApp, pilot: Any) -> None:
        await until(lambda: any("[red]markup" in line for line in app.lines()))
        lines = app.lines()
        assert all(cell_len(line) == 60 for line in lines)
        shown = "\n".join(lines)
        assert "\x1b" not in shown
        assert "\u202e" not in shown
        assert "\\x1b]0;owned\\x07" in shown
        assert "[red]markup[/red]" in shown
        assert "\\xff" in shown

    used(RowsInMemory(rows), use)


@given(st.text(max_size=40), st.integers(min_value=1, max_value=30), st.booleans())
def test_a_text_takes_exactly_the_cells_it_is_given(text: str, width: int, is_right: bool) -> None:
    assert cell_len(fitted(text, width, is_right=is_right)) == width


@given(st.integers(min_value=30, max_value=300))
def test_columns_use_all_there_is(width: int) -> None:
    widths = [one for one in column_widths(COLUMNS, width) if one]
    assert sum(widths) + GAP * (len(widths) - 1) == width


def test_words_find_rows_in_memory_whatever_their_case_and_accents() -> None:
    rows = RowsInMemory([Row(1, ("Björk", "Jóga")), Row(2, ("Air", "Alpha"))])
    assert rows.filtered("BJORK jog").ids(0, 9) == [1]
    assert rows.filtered("").ids(0, 9) == [1, 2]
