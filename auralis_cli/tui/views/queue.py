"""The queue: what plays, what was played, what comes; edits are shown at once and taken back where they are refused."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import closing, suppress
from functools import partial
from itertools import starmap

from textual.app import ComposeResult
from textual.content import Content
from textual.message import Message
from textual.widgets import Input, Static

from auralis_cli.errors import AuralisError, CancelledError
from auralis_cli.model.player_status import PlayerStatus
from auralis_cli.model.playlists import NewEntry
from auralis_cli.model.progress import CancelToken
from auralis_cli.model.queue import Queue
from auralis_cli.services.playlist_shelf import PlaylistShelf
from auralis_cli.services.queue_pages import (
    block_moves,
    found_items,
    move_items,
    play_item,
    remove_items,
    whole_queue,
)
from auralis_cli.services.remote_player import QueuedItem
from auralis_cli.tui.dialogs import choose, confirm, prompt
from auralis_cli.tui.link import Port
from auralis_cli.tui.pending_edits import Moved, Removed
from auralis_cli.tui.playlist_choice import into_playlist
from auralis_cli.tui.queue_rows import PlayingPlace, QueueRows
from auralis_cli.tui.tag_dialog import edit_tags_of
from auralis_cli.tui.ui_state import UiState
from auralis_cli.tui.view import View
from auralis_cli.tui.widgets.filter_line import FilterLine
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
    FOOTER = ("play-selected", "remove", "move-down", "move-up", "undo", "shuffle", "save-queue", "clear")
    DEFAULT_CSS = "QueueView #queue-heading { height: 1; color: $text-muted; padding: 0 1; }"

    class Answered(Message):
        """The player has done an edit, or refused it."""

        def __init__(self, number: int) -> None:
            super().__init__()
            self.number = number

    def compose(self) -> ComposeResult:
        """A line about all of it, and the list."""
        self._rows = QueueRows(self.auralis.link.connect, self.auralis.context.library_path)
        self._shelf = PlaylistShelf(self.auralis.context.library_path, self.auralis.context.now_s)
        # What was shown last: the run of the player, the revision of its queue, what plays.
        self._shown: tuple[object, ...] = ()
        self._has_begun = False
        self._finding = CancelToken()
        self._one_by_one, self._is_shown = asyncio.Lock(), asyncio.Event()
        yield Static(id="queue-heading", markup=False)
        yield LongList(_COLUMNS, id="queue-list", empty=_EMPTY)
        yield FilterLine("words to go to; enter keeps them for n and N", id="queue-words")

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
            self._rows.outdate(texts=shown[:1] != self._shown[:1])
        self._shown = shown
        self._rows.playing = PlayingPlace(ticket, status.queue_index)
        self._list.set_source(self._rows, keep=not is_first)

    def run(self, command: str, words: Sequence[str]) -> bool:
        """Edits of the queue; moves of the cursor."""
        if command in _EDITS:
            self.begin(partial(self._edit_in_turn, _EDITS[command]), "edits", replaces=False)
        elif command in _WORK:
            self.begin(partial(self._guarded, partial(_WORK[command], self, words)), "work")
        elif command == "filter":
            self.query_one(FilterLine).open(" ".join(words))
        elif command in _MATCHES:
            self._find(self._list.cursor + _MATCHES[command], forwards=_MATCHES[command] > 0)
        elif command == "back" and self.query_one(FilterLine).clear_filter():
            self._list.focus()
        elif command == "jump-to-playing":
            self._to_playing()
        else:
            return self._list.run(command)
        return True

    def on_long_list_chosen(self, message: LongList.Chosen) -> None:
        """Plays it."""
        ticket, place = message.row.id, self._rows.told_place(message.row.id)
        self._tell(lambda port: play_item(port, ticket, place))

    def _to_playing(self) -> None:
        if (place := self._rows.playing.place) is not None:
            self._list.move_to(self._rows.pending.shown_place(place) or 0)

    def on_input_changed(self, event: Input.Changed) -> None:
        """Goes to the first row from here on that has these words."""
        if event.value:
            self._find(self._list.cursor, forwards=True)

    def on_input_submitted(self, _event: Input.Submitted) -> None:
        """Goes on in the list."""
        self._list.focus()

    def _find(self, place: int, *, forwards: bool) -> None:
        self._finding.cancel()
        self._finding = CancelToken()
        self.begin(partial(self._guarded, partial(self._go_to_words, place, self._finding, forwards=forwards)), "find")

    async def _go_to_words(self, place: int, cancel: CancelToken, *, forwards: bool) -> None:
        """A reader of its own looks through the queue, so that the list is not kept waiting."""
        text = self.query_one(FilterLine).value
        if not text:
            return
        reader = QueueRows(self.auralis.link.connect, self.auralis.context.library_path)
        try:
            found = await asyncio.to_thread(reader.find, text, place, forwards=forwards, cancel=cancel)
        except CancelledError:
            return
        finally:
            reader.leave()
        if found is None:
            self.auralis.say(f"nothing {'further on' if forwards else 'before'} has {text}")
        else:
            self._list.move_to(found)

    def on_queue_view_answered(self, message: Answered) -> None:
        """What was shown ahead is now what the player says, done or refused."""
        self._rows.pending = self._rows.pending.settle(message.number)
        if not self._rows.pending.sent:
            self._rows.outdate()
            self._list.reload()

    def on_long_list_counted(self, _message: LongList.Counted) -> None:
        """The list shows what was edited last."""
        self._is_shown.set()
        if not self._has_begun and self._list.count:
            # Where the music is, unless somebody has moved already.
            self._has_begun = True
            if self._list.cursor == 0:
                self._to_playing()
        self.begin(self._ask_files, "files")

    async def _ask_files(self) -> None:
        """What tags say where no library does comes later: names of files are there at once."""
        if await asyncio.to_thread(self._rows.read_tags):
            self._list.reload()

    async def _edit_in_turn(self, edit: Callable[[QueueView], Awaitable[None]]) -> None:
        """Each edit means the rows as the one before has left them, however quickly they come."""
        async with self._one_by_one:
            await edit(self)
            with suppress(TimeoutError):
                await asyncio.wait_for(self._is_shown.wait(), _SHOWN_WITHIN_S)

    # What is done with what is in it

    async def _guarded(self, work: Callable[[], Awaitable[None]]) -> None:
        try:
            await work()
        except AuralisError as error:
            self.auralis.say(str(error), error=True)

    async def _items(self) -> list[QueuedItem]:
        """The chosen items as the player has them."""
        wanted = await self._chosen()

        def find() -> list[QueuedItem]:
            with closing(self.auralis.link.connect()) as port:
                return list(found_items(port, wanted).values())

        return await asyncio.to_thread(find) if wanted else []

    async def _tag(self, words: Sequence[str]) -> None:
        paths = list(dict.fromkeys(one.track.path for one in await self._items() if not one.track.cue_number))
        if paths:
            await edit_tags_of(self.auralis, paths)
            self._rows.outdate(texts=True)
            self._list.reload()

    async def _into_playlist(self, words: Sequence[str]) -> None:
        if items := await self._items():
            await into_playlist(self.auralis, list(map(self._entry_for, items)), " ".join(words))
            self._list.clear_marks()

    def _entry_for(self, item: QueuedItem) -> NewEntry:
        """A playlist keeps what it is called, should the library not have it."""
        text = self._rows.text_of(item.ticket)
        return NewEntry(item.track.path, item.track.cue_number, text.title, text.artist, text.duration_s)

    async def _save(self, words: Sequence[str]) -> None:
        """Keeps the queue under a name; one that is taken is asked about."""
        name = " ".join(words) or (await prompt(self.auralis, "Keep this queue under which name?") or "").strip()
        if not name:
            return

        def read() -> Queue:
            with closing(self.auralis.link.connect()) as port:
                return whole_queue(port)

        queue = await asyncio.to_thread(read)
        is_taken = name in await asyncio.to_thread(self._shelf.kept_queues)
        if not is_taken or await confirm(self.auralis, f"There is a queue called {name}.", "put this one in its place"):
            self.auralis.say(await asyncio.to_thread(partial(self._shelf.keep_queue, name, queue, replace=is_taken)))

    async def _load(self, words: Sequence[str]) -> None:
        """Puts a queue that was kept in the place of this one, which an undo brings back."""
        name: str | None = " ".join(words)
        if not name:
            names = await asyncio.to_thread(self._shelf.kept_queues)
            if not names:
                self.auralis.say("no queue is kept under a name yet: save-queue does that")
                return
            name = await choose(self.auralis, "Which queue?", names)
        if name:
            kept = await asyncio.to_thread(self._shelf.kept_queue, name)
            tracks = [item.track for item in kept.items]
            status = self.auralis.state.status
            plays = status is not None and status.state in ("playing", "loading")
            self.auralis.link.edit("set-queue", tracks, start=max(0, kept.index) + 1, play=plays)
            self.auralis.say(f"{name}: {count_in_words(len(tracks), 'track')}")

    # Edits

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


_MATCHES: Mapping[str, int] = {"next-match": 1, "previous-match": -1}
_EDITS: Mapping[str, Callable[[QueueView], Awaitable[None]]] = {
    "remove": QueueView._remove,
    "move-up": lambda view: view._move(-1),
    "move-down": lambda view: view._move(1),
}
_WORK: Mapping[str, Callable[[QueueView, Sequence[str]], Awaitable[None]]] = {
    "tag": QueueView._tag,
    "add-to-playlist": QueueView._into_playlist,
    "save-queue": QueueView._save,
    "load-queue": QueueView._load,
}
