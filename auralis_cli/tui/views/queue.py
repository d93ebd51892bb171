"""The queue: what plays, what was played, what comes; edits are shown at once and taken back where they are refused."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import closing, suppress
from functools import partial
from itertools import starmap
from types import MappingProxyType
from typing import ClassVar, TypeVar

from textual.app import ComposeResult
from textual.content import Content
from textual.message import Message
from textual.widgets import Input, Static

from auralis_cli.errors import CancelledError, NoPlayerError
from auralis_cli.model.playlists import NewEntry
from auralis_cli.model.progress import CancelToken
from auralis_cli.model.queue import Queue
from auralis_cli.services.playlist_shelf import PlaylistShelf
from auralis_cli.services.queue_pages import (
    behind,
    block_moves,
    found_items,
    gather_items,
    move_items,
    play_item,
    remove_items,
    to_end,
    whole_queue,
)
from auralis_cli.services.remote_player import QueuedItem
from auralis_cli.tui.dialogs import choose, confirm, prompt
from auralis_cli.tui.liking import OF_TRACKS, do_with_tracks
from auralis_cli.tui.link import Port
from auralis_cli.tui.pending_edits import Moved, Removed
from auralis_cli.tui.playlist_choice import into_playlist
from auralis_cli.tui.queue_filter import FittingQueueRows
from auralis_cli.tui.queue_lengths import QueueLengths, QueueMeasure, heading
from auralis_cli.tui.queue_rows import PlayingPlace, QueueRows
from auralis_cli.tui.tag_dialog import edit_tags_of
from auralis_cli.tui.ui_state import UiState
from auralis_cli.tui.view import View
from auralis_cli.tui.widgets.filter_line import FilterLine
from auralis_cli.tui.widgets.long_list import LongList, RowChoice
from auralis_cli.tui.widgets.rows import Column
from auralis_cli.tui.widgets.typed_line import give_keys
from auralis_cli.units import count_in_words

_COLUMNS = (
    Column("", width=6, is_right=True),
    Column("Title", share=3),
    Column("Artist", share=2),
    Column("Album", share=2, from_width=90),
    Column("", width=7, is_right=True),
)
_EMPTY = "The queue is empty: 2 shows the library, 5 the folders; enter plays, e puts at the end."
_Answer = TypeVar("_Answer")
# Each is an edit of its own that can be taken back.
_MOST_MOVED = 100


class QueueView(View):
    """What the player plays, in its order."""

    NAME = "queue"
    FOOTER = ("play-selected", "play-next", "remove", "move-down", "move-up", "undo", "filter", "save-queue", "shuffle")
    LABELS: ClassVar[Mapping[str, str]] = MappingProxyType({"enqueue": "to the end"})
    DEFAULT_CSS = "QueueView #queue-heading { height: 1; color: $text-muted; padding: 0 1; }"

    class Answered(Message):
        """The player has done an edit, or refused it."""

        def __init__(self, number: int, *, is_done: bool) -> None:
            super().__init__()
            self.number = number
            self.is_done = is_done

    def compose(self) -> ComposeResult:
        """A line about all of it, and the list."""
        self._rows = QueueRows(self.auralis.link.connect, self.auralis.context.library_path)
        self._shelf = PlaylistShelf(self.auralis.context.library_path, self.auralis.context.now_s)
        # What was shown last: the run of the player, the revision of its queue, what plays.
        self._shown: tuple[object, ...] = ()
        self._source = FittingQueueRows(self._rows)
        # What was looked for last.
        self._words = ""
        self._finding = CancelToken()
        self._measure = QueueMeasure(self.auralis.link.connect, self.auralis.context.library_path)
        self._measuring = CancelToken()
        self._lengths = QueueLengths()
        self._heading = ""
        yield Static(id="queue-heading", markup=False)
        yield LongList(_COLUMNS, id="queue-list", empty=_EMPTY)
        yield FilterLine(lambda: self._list, id="queue-words")

    def on_unmount(self) -> None:
        """Lets go of the player."""
        self._measuring.cancel()
        self._rows.close()

    @property
    def _list(self) -> LongList:
        return self.query_one("#queue-list", LongList)

    def show(self, state: UiState) -> None:
        """The queue as it is now."""
        status = state.status
        if status is None or not state.is_connected:
            return
        self._show_heading(state)
        ticket = None if status.track is None else status.track.ticket
        shown = (state.run, status.queue_revision, ticket, status.queue_index)
        if shown == self._shown:
            return
        is_other = shown[:1] != self._shown[:1]
        if is_other:
            self._rows.pending = self._rows.pending.forget()
            self._rows.follow_another()
        if shown[:2] != self._shown[:2]:
            # What is not answered yet is laid over what was told before it.
            if not self._rows.pending.sent:
                self._rows.outdate()
            self.begin(partial(self._measure_anew, is_other=is_other), "lengths")
        self._shown = shown
        self._rows.playing = PlayingPlace(ticket, status.queue_index)
        # It begins where the music is. Marks and keys mean items of one player.
        self._list.set_source(self._source, keep=not is_other, at=ticket if is_other or not self._list.count else None)

    def _show_heading(self, state: UiState) -> None:
        if state.status is None:
            return
        words = heading(state.status, self._lengths, state.position_s(self.auralis.context.clock_s()))
        if words != self._heading:
            self._heading = words
            self.query_one("#queue-heading", Static).update(Content(words))

    async def _measure_anew(self, *, is_other: bool) -> None:
        """Adds up how long it lasts, in the place of what is being added up."""
        self._measuring.cancel()
        cancel = self._measuring = CancelToken()
        if is_other:
            self._measure.forget()
        with suppress(CancelledError, NoPlayerError):
            self._lengths = await asyncio.to_thread(self._measure.measure, cancel)
            self._show_heading(self.auralis.state)

    def run(self, command: str, words: Sequence[str]) -> bool:
        """Edits of the queue; moves of the cursor."""
        if command in _EDITS and not words:
            self._list.in_turn(lambda: self._begin_edit(_EDITS[command], self._list.choice()))
        elif command in _WITH_CHOSEN or command in OF_TRACKS:
            work = partial(QueueView._like, command=command) if command in OF_TRACKS else _WITH_CHOSEN[command]
            self._list.in_turn(
                lambda: self.attempt(partial(work, self, self._list.choice(), words), "work", replaces=False)
            )
        elif command in _WITH_ALL:
            self.attempt(partial(_WITH_ALL[command], self, words), "work", replaces=False)
        elif command == "undo":
            # Not before an edit that still waits for its rows.
            self._list.in_turn(lambda: self.auralis.act("undo", ()))
        elif command == "filter":
            self.query_one(FilterLine).open(" ".join(words))
        elif command in _MATCHES:
            self._to_match(_MATCHES[command])
        elif command == "back" and self.query_one(FilterLine).clear_filter():
            give_keys(self._list)
        elif command == "jump-to-playing":
            self._to_playing()
        else:
            return self._list.run(command)
        return True

    def on_long_list_chosen(self, message: LongList.Chosen) -> None:
        """Plays it."""
        ticket, place = message.row.id, self._rows.told_place(message.row.id)
        self.auralis.link.ask(self._of_this_player(lambda port: play_item(port, ticket, place)))

    def _to_playing(self) -> None:
        self.query_one(FilterLine).clear_filter()
        if self._source.is_narrowed:
            self._narrow("")
        elif (place := self._rows.playing.place) is not None:
            self._list.move_to(self._rows.pending.shown_place(place) or 0)

    def on_input_changed(self, event: Input.Changed) -> None:
        """Shows the rows with these words."""
        self._words = event.value or self._words
        self._narrow(event.value)

    def _narrow(self, text: str) -> None:
        self._source = FittingQueueRows(self._rows, text)
        self._list.set_source(self._source, keep=True)

    def _to_match(self, by: int) -> None:
        """To the next row that has the words that were looked for last, in either direction."""
        if self._source.is_narrowed:
            self._list.move_by(by)
        elif self._words:
            self._finding.cancel()
            self._finding = CancelToken()
            find = partial(self._go_to_words, self._words, self._list.cursor + by, self._finding, forwards=by > 0)
            self.attempt(find, "find")

    async def _go_to_words(self, text: str, place: int, cancel: CancelToken, *, forwards: bool) -> None:
        """A reader of its own looks through the queue, so that the list is not kept waiting."""
        with closing(QueueRows(self.auralis.link.connect, self.auralis.context.library_path)) as reader:
            found = await asyncio.to_thread(reader.find, text, place, forwards=forwards, cancel=cancel)
        if found is None:
            self.auralis.say(f"nothing {'further on' if forwards else 'before'} has {text}")
        else:
            self._list.move_to(found)

    def on_queue_view_answered(self, message: Answered) -> None:
        """What was shown ahead is now what the player says, done or refused."""
        self._rows.pending = self._rows.pending.settle(message.number, is_done=message.is_done)
        if not self._rows.pending.sent:
            self._rows.outdate()
            self._list.reload()

    def on_long_list_counted(self, message: LongList.Counted) -> None:
        """Asks the files that no library has."""
        self.begin(self._ask_files, "files")

    async def _ask_files(self) -> None:
        """What tags say where no library does comes later: names of files are there at once."""
        if not self._source.is_narrowed and await asyncio.to_thread(self._rows.read_tags):
            self._list.reload()

    def _begin_edit(self, edit: Callable[[QueueView, RowChoice], Awaitable[None]], choice: RowChoice) -> None:
        """What is pressed meanwhile waits: it means the rows as this edit leaves them."""
        let_go = self._list.hold()

        async def done() -> None:
            try:
                await self.attempted(partial(edit, self, choice))
                await self._list.answered()
            finally:
                let_go()

        self.begin(done, "edits", replaces=False)

    # What is done with what is in it

    async def _items(self, choice: RowChoice) -> list[QueuedItem]:
        """The chosen items as the player has them."""
        wanted = await self._places(choice)
        ask = self._of_this_player(lambda port: list(found_items(port, wanted).values()))

        def find() -> list[QueuedItem]:
            with closing(self.auralis.link.connect()) as port:
                return ask(port)

        return await asyncio.to_thread(find) if wanted else []

    async def _tag(self, choice: RowChoice, words: Sequence[str]) -> None:
        paths = list(dict.fromkeys(one.track.path for one in await self._items(choice) if not one.track.cue_number))
        if paths:
            await edit_tags_of(self.auralis, paths)
            self._rows.outdate(texts=True)
            self._list.reload()

    async def _into_playlist(self, choice: RowChoice, words: Sequence[str]) -> None:
        if items := await self._items(choice):
            await into_playlist(self.auralis, list(map(self._entry_for, items)), " ".join(words))
            self._list.unmark(choice.marks)

    async def _like(self, choice: RowChoice, words: Sequence[str], *, command: str) -> None:
        await do_with_tracks(self.auralis, command, words, [one.track for one in await self._items(choice)])

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

    async def _remove(self, choice: RowChoice) -> None:
        wanted = await self._places(choice)
        if wanted:
            shown = self._shown_places(wanted)
            self._list.unmark(choice.marks)
            self._edit([Removed(tuple(shown))], lambda port: remove_items(port, wanted))

    async def _move(self, choice: RowChoice, by: int) -> None:
        if self._source.is_narrowed:
            self.auralis.say("rows are moved one up or down where all are shown: esc shows them")
            return
        wanted = await self._few_places(choice)
        moves = list(starmap(Moved, block_moves(self._shown_places(wanted), by, self._rows.shown_count)))
        if moves:
            self._edit(moves, lambda port: move_items(port, wanted, by), is_moved=True)

    async def _gather(self, choice: RowChoice, *, at_end: bool) -> None:
        """Brings what is chosen behind what plays, or to the end; the cursor goes on to the next row."""
        wanted = await self._few_places(choice)
        shown, playing = self._shown_places(wanted), self._rows.playing.place
        current = None if playing is None else self._rows.pending.shown_place(playing)
        moves = to_end(shown, self._rows.shown_count) if at_end else behind(shown, -1 if current is None else current)
        if not moves:
            return
        self._list.unmark(choice.marks)
        if not choice.marks:
            self._list.move_by(1)
        self._edit(list(starmap(Moved, moves)), lambda port: gather_items(port, wanted, at_end=at_end))
        where = "at the end of the queue" if at_end else "behind the one that plays"
        self.auralis.say(f"{count_in_words(len(wanted), 'track')} {where}")

    async def _few_places(self, choice: RowChoice) -> Mapping[int, int | None]:
        """What is chosen, where that is not too much to be moved."""
        wanted = await self._places(choice)
        if len(wanted) <= _MOST_MOVED:
            return wanted
        self.auralis.say(f"more than {_MOST_MOVED} are not moved at a time", error=True)
        return {}

    def _shown_places(self, wanted: Mapping[int, int | None]) -> list[int]:
        places = [self._rows.pending.shown_place(place) for place in wanted.values() if place is not None]
        return sorted(place for place in places if place is not None)

    async def _places(self, choice: RowChoice) -> Mapping[int, int | None]:
        """The chosen items: tickets, and where the player had them when it was asked last."""
        tickets = await choice.ids()
        # Of an edit that was just answered the player is still to tell where it has put them.
        await self._list.answered()
        if not choice.is_shown:
            raise CancelledError()
        return {ticket: self._rows.told_place(ticket) for ticket in tickets}

    def _of_this_player(self, work: Callable[[Port], _Answer]) -> Callable[[Port], _Answer]:
        """The tickets on the screen mean other items to the next one."""
        return self.auralis.link.meant_for(self.auralis.state.run, work)

    def _edit(
        self, shown: Sequence[Removed | Moved], work: Callable[[Port], object], *, is_moved: bool = False
    ) -> None:
        """Shows an edit and has the player make it."""
        self._rows.pending = self._rows.pending.send(shown)
        self._list.reload(is_moved=is_moved)
        number, work = self._rows.pending.last, self._of_this_player(work)

        def run(port: Port) -> None:
            is_done = False
            try:
                work(port)
                is_done = True
            finally:
                self.post_message(self.Answered(number, is_done=is_done))

        self.auralis.link.ask(run)


_MATCHES: Mapping[str, int] = {"next-match": 1, "previous-match": -1}
_EDITS: Mapping[str, Callable[[QueueView, RowChoice], Awaitable[None]]] = {
    "remove": QueueView._remove,
    "move-up": lambda view, choice: view._move(choice, -1),
    "move-down": lambda view, choice: view._move(choice, 1),
    "play-next": lambda view, choice: view._gather(choice, at_end=False),
    "enqueue": lambda view, choice: view._gather(choice, at_end=True),
}
_WITH_CHOSEN: Mapping[str, Callable[[QueueView, RowChoice, Sequence[str]], Awaitable[None]]] = {
    "tag": QueueView._tag,
    "add-to-playlist": QueueView._into_playlist,
}
_WITH_ALL: Mapping[str, Callable[[QueueView, Sequence[str]], Awaitable[None]]] = {
    "save-queue": QueueView._save,
    "load-queue": QueueView._load,
}
