"""The queue as a list beside something else: what plays and what comes; Enter plays an item."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

from auralis_cli.services.queue_pages import play_item
from auralis_cli.tui.link import Port
from auralis_cli.tui.queue_rows import PlayingPlace, QueueRows
from auralis_cli.tui.ui_state import UiState
from auralis_cli.tui.widgets.long_list import LongList
from auralis_cli.tui.widgets.rows import Column

# Cells are those of the queue's rows, of which some are not shown here.
_COLUMNS = (
    Column("", width=5, is_right=True),
    Column("Queue", share=3),
    Column("", share=2, from_width=44),
    Column("", from_width=10_000),
    Column("", width=6, is_right=True),
)
_EMPTY = "The queue is empty: 2 shows the library, 5 the folders."


class QueueBeside(LongList):
    """Follows the player's queue; edits are the queue view's."""

    def __init__(self, connect: Callable[[], Port], library: Path, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(_COLUMNS, id=id, empty=_EMPTY)
        self._queue_rows = QueueRows(connect, library)
        self._shown_state: tuple[object, ...] = ()
        self._goes_to: int | None = None

    def show_queue(self, state: UiState) -> None:
        """The queue as it is now, the cursor on what plays when that changes."""
        status = state.status
        if status is None or not state.is_connected:
            return
        ticket = None if status.track is None else status.track.ticket
        shown = (state.run, status.queue_revision, ticket, status.queue_index)
        if shown == self._shown_state:
            return
        before, self._shown_state = self._shown_state, shown
        is_same = shown[:1] == before[:1]
        if not is_same:
            self._queue_rows.follow_another()
        elif shown[:2] != before[:2]:
            self._queue_rows.outdate()
        self._queue_rows.playing = PlayingPlace(ticket, status.queue_index)
        self.set_source(self._queue_rows, keep=is_same)
        if shown[2:] != before[2:]:
            self._goes_to = status.queue_index

    def on_long_list_counted(self) -> None:
        """Goes to what has begun to play, once it is among the rows."""
        place, self._goes_to = self._goes_to, None
        if place is not None:
            self.move_to(place)
        self._begin(self._ask_files, "files")

    async def _ask_files(self) -> None:
        """What tags say where no library does comes later: names of files are there at once."""
        if await asyncio.to_thread(self._queue_rows.read_tags):
            self.reload()

    def play_row(self, ticket: int) -> Callable[[Port], None]:
        """What has the player play the item of that ticket."""
        place = self._queue_rows.told_place(ticket)

        def play(port: Port) -> None:
            play_item(port, ticket, place)

        return play
