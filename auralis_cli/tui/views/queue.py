"""The queue: what plays, what was played, what comes; edits are shown at once and taken back where they are refused."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from itertools import starmap

from textual.app import ComposeResult
from textual.content import Content
from textual.message import Message
from textual.widgets import Static

from auralis_cli.errors import CancelledError
from auralis_cli.model.player_status import PlayerStatus
from auralis_cli.services.queue_pages import block_moves, move_items, play_item, remove_items
from auralis_cli.tui.link import Port
from auralis_cli.tui.pending_edits import Moved, Removed
from auralis_cli.tui.queue_rows import Playing, QueueRows
from auralis_cli.tui.ui_state import UiState
from auralis_cli.tui.view import View
from auralis_cli.tui.widgets.long_list import LongList
from auralis_cli.tui.widgets.rows import Column
from auralis_cli.units import count_in_words

_COLUMNS = (
    Column("", width=6, is_right=True),
    Column("Title", share=3),
    Column("Artist", share=2),
    Column("Album", share=2, from_width=90),
    Column("", width=7, is_right=True),
)
_EMPTY = "The queue is empty: 2 shows the library, 5 the folders; enter plays, e puts at the end."
# Each is an edit of its own that can be taken back.
_MOST_MOVED = 100
_SHOWN_WITHIN_S = 1.0
_TRIES = 10


class QueueView(View):
    """What the player plays, in its order."""

    NAME = "queue"
    FOOTER = ("play-selected", "remove", "move-down", "move-up", "undo", "shuffle", "clear")
    DEFAULT_CSS = "QueueView #queue-heading { height: 1; color: $text-muted; padding: 0 1; }"

    class Answered(Message):
        """The player has done an edit, or refused it."""

        def __init__(self, number: int) -> None:
            super().__init__()
            self.number = number

    def compose(self) -> ComposeResult:
        """A line about all of it, and the list."""
        self._rows = QueueRows(self.auralis.link.connect, self.auralis.context.library_path)
        # What was shown last: the run of the player, the revision of its queue, what plays.
        self._shown: tuple[object, ...] = ()
        self._one_by_one, self._is_shown = asyncio.Lock(), asyncio.Event()
        yield Static(id="queue-heading", markup=False)
        yield LongList(_COLUMNS, id="queue-list", empty=_EMPTY)

    @property
    def _list(self) -> LongList:
        return self.query_one("#queue-list", LongList)

    def show(self, state: UiState) -> None:
        """The queue as it is now."""
        status = state.status
        if status is None or not state.is_connected:
            return
        self.query_one("#queue-heading", Static).update(Content(_heading(status)))
        ticket = None if status.track is None else status.track.ticket
        shown = (state.run, status.queue_revision, ticket, status.queue_index)
        if shown == self._shown:
            return
        is_first = not self._shown
        # What is not answered yet is laid over what was told before it.
        if shown[:2] != self._shown[:2] and not self._rows.pending.sent:
            self._rows.outdate()
        self._shown = shown
        self._rows.playing = Playing(ticket, status.queue_index)
        self._list.set_source(self._rows, keep=not is_first)

    def run(self, command: str, words: Sequence[str]) -> bool:
        """Edits of the queue; moves of the cursor."""
        if command in _EDITS:
            self.run_worker(self._edit_in_turn(_EDITS[command]), group="edits")
        elif command == "jump-to-playing":
            if (place := self._rows.playing.place) is not None:
                self._list.move_to(self._rows.pending.shown_place(place) or 0)
        else:
            return self._list.run(command)
        return True

    def on_long_list_chosen(self, message: LongList.Chosen) -> None:
        """Plays it."""
        ticket, place = message.row.id, self._rows.told_place(message.row.id)
        self._tell(lambda port: play_item(port, ticket, place))

    def on_queue_view_answered(self, message: Answered) -> None:
        """What was shown ahead is now what the player says, done or refused."""
        self._rows.pending = self._rows.pending.settle(message.number)
        if not self._rows.pending.sent:
            self._rows.outdate()
            self._list.reload()

    def on_long_list_counted(self, _message: LongList.Counted) -> None:
        """The list shows what was edited last."""
        self._is_shown.set()

    async def _edit_in_turn(self, edit: Callable[[QueueView], Awaitable[None]]) -> None:
        """Each edit means the rows as the one before has left them, however quickly they come."""
        async with self._one_by_one:
            await edit(self)
            with suppress(TimeoutError):
                await asyncio.wait_for(self._is_shown.wait(), _SHOWN_WITHIN_S)

    async def _remove(self) -> None:
        wanted = await self._chosen()
        places = [self._rows.pending.shown_place(place) for place in wanted.values() if place is not None]
        shown = sorted(place for place in places if place is not None)
        if wanted:
            self._list.clear_marks()
            self._edit([Removed(tuple(shown))], lambda port: remove_items(port, wanted))

    async def _move(self, by: int) -> None:
        wanted = await self._chosen()
        if len(wanted) > _MOST_MOVED:
            self.auralis.say(f"more than {_MOST_MOVED} are not moved at a time", error=True)
            return
        places = [self._rows.pending.shown_place(place) for place in wanted.values() if place is not None]
        shown = sorted(place for place in places if place is not None)
        moves = list(starmap(Moved, block_moves(shown, by, self._list.count)))
        if moves:
            self._edit(moves, lambda port: move_items(port, wanted, by))

    async def _chosen(self) -> Mapping[int, int | None]:
        """The marked items, or that under the cursor: tickets, and where the player had them."""
        for _ in range(_TRIES):
            # A list that is asked anew meanwhile gives no answer.
            with suppress(CancelledError):
                return {ticket: self._rows.told_place(ticket) for ticket in await self._list.chosen_ids()}
        return {}

    def _edit(self, shown: Sequence[Removed | Moved], work: Callable[[Port], object]) -> None:
        """Shows an edit and has the player make it."""
        self._rows.pending = self._rows.pending.send(shown)
        self._is_shown.clear()
        self._list.reload()
        self._tell(work, self._rows.pending.last)

    def _tell(self, work: Callable[[Port], object], number: int | None = None) -> None:
        def run(port: Port) -> None:
            try:
                work(port)
            finally:
                if number is not None:
                    self.post_message(self.Answered(number))

        self.auralis.link.ask(run)


def _heading(status: PlayerStatus) -> str:
    """`120 tracks, at 7 · shuffled · repeat all · consume`."""
    words = [count_in_words(status.queue_length, "track")]
    if status.queue_index is not None:
        words[0] += f", at {status.queue_index + 1:,}"
    if status.shuffle:
        words.append("shuffled")
    if status.repeat != "off":
        words.append(f"repeat {status.repeat}")
    if status.consume:
        words.append("what was played goes")
    if status.stop_after_current:
        words.append("stops after this track")
    return " · ".join(words)


_EDITS: Mapping[str, Callable[[QueueView], Awaitable[None]]] = {
    "remove": QueueView._remove,
    "move-up": lambda view: view._move(-1),
    "move-down": lambda view: view._move(1),
}
