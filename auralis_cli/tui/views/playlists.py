"""Playlists beside what is in them: played, filled, put in order; every change can be taken back."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial

from textual import events
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.content import Content
from textual.widgets import Input, Static

from auralis_cli.model.playlists import NewEntry, Playlist, PlaylistEntry, PlaylistKind
from auralis_cli.model.query_words import text_of
from auralis_cli.quick_dataclasses import dataclass
from auralis_cli.services.playlist_shelf import PlaylistShelf, playlist_path
from auralis_cli.terminal_text import printable
from auralis_cli.tui.dialogs import confirm, prompt
from auralis_cli.tui.liking import OF_TRACKS, do_with_tracks
from auralis_cli.tui.playlist_choice import into_playlist
from auralis_cli.tui.queue_rows import length_of, title_of
from auralis_cli.tui.tag_dialog import edit_tags_of
from auralis_cli.tui.ui_state import UiState
from auralis_cli.tui.undoing import took_queue_back
from auralis_cli.tui.view import View
from auralis_cli.tui.widgets.filter_line import FilterLine
from auralis_cli.tui.widgets.long_list import LongList
from auralis_cli.tui.widgets.rows import Column, Row, RowsInMemory, RowStyle
from auralis_cli.tui.widgets.typed_line import give_keys
from auralis_cli.units import count_in_words, seconds_to_clock

_LIST_COLUMNS = (Column("Playlist"), Column("", width=6, is_right=True, from_width=18))
_ENTRY_COLUMNS = (
    Column("", width=5, is_right=True, from_width=44),
    Column("Title", share=3),
    Column("Artist", share=2),
    Column("", width=7, is_right=True, from_width=36),
)
_NO_LISTS = "None yet: a makes one."
_NO_ENTRIES = "Nothing in it: y in any list puts tracks here."
_QUERY_HINT = "A query, such as genre:jazz year:..1970, makes a playlist that fills itself; empty: filled by hand."


@dataclass(frozen=True, slots=True)
class _Opened:
    """What is in the playlist that is looked at, by the ids of the rows."""

    playlist: Playlist
    entries: Mapping[int, PlaylistEntry]


@dataclass(frozen=True, slots=True)
class _Meant:
    """What a command is for: entries of a playlist, or a whole one where playlists are looked at."""

    pane: LongList
    playlist: Playlist | None
    # None for all there are.
    entries: tuple[PlaylistEntry, ...] | None
    rows: tuple[int, ...]


class PlaylistsView(View):
    """All playlists at the left, what is in the selected one at the right."""

    NAME = "playlists"
    FOOTER = ("play-selected", "enqueue", "new-playlist", "remove", "move-down", "undo", "next-pane", "filter")
    DEFAULT_CSS = """
    PlaylistsView #playlist-told { height: 1; padding: 0 1; color: $text-muted; }
    PlaylistsView #playlists { width: 1fr; max-width: 34; margin: 0 1 0 0; }
    PlaylistsView #entries { width: 2fr; }
    """

    def compose(self) -> ComposeResult:
        """A line about the selected one, and both lists."""
        context = self.auralis.context
        self._shelf = PlaylistShelf(context.library_path, context.now_s)
        self._known: tuple[Playlist, ...] = ()
        self._opened: _Opened | None = None
        self._wanted = ""
        # The playlist that was asked for last; an answer about another is dropped.
        self._opening = 0
        self._playing_path = ""
        self._is_in_entries = False
        # The same entry has the same row wherever it comes to stand.
        self._row_ids: dict[tuple[str, int, int], int] = {}
        yield Static(id="playlist-told", markup=False)
        with Horizontal():
            yield LongList(_LIST_COLUMNS, id="playlists", empty=_NO_LISTS)
            yield LongList(_ENTRY_COLUMNS, id="entries", empty=_NO_ENTRIES)
        yield FilterLine(lambda: self._entries, id="entries-filter")

    @property
    def _lists(self) -> LongList:
        return self.query_one("#playlists", LongList)

    @property
    def _entries(self) -> LongList:
        return self.query_one("#entries", LongList)

    @property
    def _selected(self) -> Playlist | None:
        # Before the rows are there the cursor is put on the one that is opened already.
        row = self._lists.row
        selected = self._opening if row is None else row.id
        return next((one for one in self._known if one.id == selected), None)

    def on_show(self) -> None:
        """Looks what there is: other views, and other programs, fill playlists as well."""
        self._read_lists()

    def show(self, state: UiState) -> None:
        """Which of the entries plays."""
        track = None if state.status is None else state.status.track
        path = "" if track is None else track.path
        if path != self._playing_path:
            self._playing_path = path
            self._entries.set_playing(self._playing_row())

    def run(self, command: str, words: Sequence[str]) -> bool:
        """What can be done with playlists, and with what is in them."""
        if command in _WORK or command in OF_TRACKS:
            pane = self._focused
            pane.in_turn(lambda: self._begin_to_do(command, words, self._meant(pane)))
        elif command in ("next-pane", "previous-pane", "left", "right"):
            self._to_pane(self._lists if command == "left" else self._entries if command == "right" else None)
        elif command == "filter":
            self.query_one(FilterLine).open(" ".join(words))
        elif command == "back" and self.query_one(FilterLine).clear_filter():
            give_keys(self._entries)
        else:
            return self._focused.run(command)
        return True

    def _meant(self, pane: LongList) -> _Meant:
        choice = pane.choice()
        rows = tuple(choice.marks)
        if pane is self._lists:
            return _Meant(pane, self._selected, None, rows)
        opened = self._opened
        if opened is None:
            return _Meant(pane, self._selected, (), rows)
        return _Meant(pane, opened.playlist, tuple(opened.entries[row] for row in choice.known or ()), rows)

    def _begin_to_do(self, command: str, words: Sequence[str], meant: _Meant) -> None:
        """What is pressed meanwhile for the same list waits: it means what this leaves."""
        let_go = meant.pane.hold()
        work = partial(self._like, command) if command in OF_TRACKS else partial(_WORK[command], self)

        async def done() -> None:
            try:
                await work(meant, words)
            finally:
                let_go()

        self.attempt(done, "work", replaces=False)

    # What the lists say

    def on_long_list_moved(self, message: LongList.Moved) -> None:
        """Opens the playlist that is selected now."""
        if message.control is self._lists and (selected := self._selected) is not None:
            self._wanted = selected.name
            if self._opening != selected.id:
                self._open(selected)

    def on_long_list_chosen(self, message: LongList.Chosen) -> None:
        """Plays the playlist, from the entry that was chosen on."""
        if message.control is self._lists:
            playlist, entry = next((one for one in self._known if one.id == message.row.id), None), None
        else:
            playlist = None if self._opened is None else self._opened.playlist
            entry = None if self._opened is None else self._opened.entries.get(message.row.id)
        if playlist is not None:
            self.attempt(partial(self._play, playlist, entry), "play")

    def on_input_changed(self, event: Input.Changed) -> None:
        """Shows the entries with these words."""
        if self._opened is not None:
            self._entries.set_source(_entry_rows(self._opened).filtered(event.value), keep=True)

    # Reading

    def _read_lists(self) -> None:
        self.attempt(self._load_lists, "lists")

    async def _load_lists(self, wanted: str = "") -> None:
        """All there are; the one that is wanted is selected, and opened anew."""
        self._known = await asyncio.to_thread(self._shelf.all)
        self._wanted = wanted or self._wanted
        selected = next((one for one in self._known if one.name == self._wanted), next(iter(self._known), None))
        rows = RowsInMemory([_list_row(one) for one in self._known])
        self._lists.set_source(rows, keep=True, at=None if selected is None else selected.id)
        if selected is None:
            self._show_entries(None)
        else:
            self._opening = selected.id
            await self._load_entries(selected)

    def _open(self, playlist: Playlist) -> None:
        self._opening = playlist.id
        self.attempt(partial(self._load_entries, playlist), "entries")

    async def _load_entries(self, playlist: Playlist) -> None:
        entries = await asyncio.to_thread(self._shelf.entries, playlist.name)
        if self._opening == playlist.id:
            self._show_entries(_Opened(playlist, self._by_row(entries)))

    def _by_row(self, entries: Sequence[PlaylistEntry]) -> Mapping[int, PlaylistEntry]:
        """By ids that stay: those of the same track are told apart by which of them comes first."""
        times = Counter[tuple[str, int]]()
        by_row: dict[int, PlaylistEntry] = {}
        for one in entries:
            key = (one.path, one.cue_number, times[one.path, one.cue_number])
            times[one.path, one.cue_number] += 1
            by_row[self._row_ids.setdefault(key, len(self._row_ids))] = one
        return by_row

    def _show_entries(self, opened: _Opened | None) -> None:
        is_same = opened is not None and self._opened is not None and opened.playlist.id == self._opened.playlist.id
        self._opened = opened
        rows = RowsInMemory(()) if opened is None else _entry_rows(opened)
        if not is_same:
            self.query_one(FilterLine).clear_filter()
        self._entries.set_source(rows.filtered(self.query_one(FilterLine).value), keep=is_same)
        self._entries.set_playing(self._playing_row())
        told = "" if opened is None else _in_words(opened.playlist)
        self.query_one("#playlist-told", Static).update(Content(printable(told)))

    def _playing_row(self) -> int | None:
        entries = {} if self._opened is None or not self._playing_path else self._opened.entries
        return next((row for row, one in entries.items() if one.path == self._playing_path), None)

    # Doing

    async def _changed(self, change: Callable[[], str], then: str = "") -> None:
        """Makes a change, says what it was, and shows what there is now, changed or not."""
        try:
            self.auralis.say(await asyncio.to_thread(change))
        finally:
            await self._load_lists(then)
            await self._entries.answered()
            await self._lists.answered()

    async def _entries_of(self, meant: _Meant) -> Sequence[PlaylistEntry]:
        """The chosen entries, or all of the playlist."""
        if meant.entries is not None or meant.playlist is None:
            return meant.entries or ()
        return await asyncio.to_thread(self._shelf.entries, meant.playlist.name)

    async def _play(self, playlist: Playlist, start: PlaylistEntry | None) -> None:
        entries = await asyncio.to_thread(self._shelf.entries, playlist.name)
        if entries:
            place = 0 if start is None else min(start.position, len(entries)) - 1
            self.auralis.link.edit("set-queue", [one.queued for one in entries], start=place + 1, play=True)

    async def _queue(self, action: str, meant: _Meant) -> None:
        if chosen := await self._entries_of(meant):
            self.auralis.link.edit(action, [one.queued for one in chosen])
            where = "at the end of the queue" if action == "add" else "behind the one that plays"
            self.auralis.say(f"{count_in_words(len(chosen), 'track')} put {where}")
            meant.pane.unmark(meant.rows)

    async def _into_playlist(self, meant: _Meant, words: Sequence[str]) -> None:
        if chosen := await self._entries_of(meant):
            entries = [NewEntry(one.path, one.cue_number, one.title, one.artist, one.duration_s) for one in chosen]
            await into_playlist(self.auralis, entries, " ".join(words))
            self._read_lists()

    async def _like(self, command: str, meant: _Meant, words: Sequence[str]) -> None:
        await do_with_tracks(self.auralis, command, words, [one.queued for one in await self._entries_of(meant)])

    async def _tag(self, meant: _Meant, words: Sequence[str]) -> None:
        if paths := list(dict.fromkeys(one.path for one in await self._entries_of(meant) if not one.cue_number)):
            await edit_tags_of(self.auralis, paths)
            self._read_lists()

    async def _create(self, meant: _Meant, words: Sequence[str]) -> None:
        name, query = (words[0], text_of(words[1:])) if words else ("", "")
        if not name:
            name = (await prompt(self.auralis, "Name of the new playlist") or "").strip()
            query = (await prompt(self.auralis, f"What is in {name}?", hint=_QUERY_HINT) or "") if name else ""
        if name:
            await self._changed(lambda: self._shelf.create(name, query.strip() or None), name)

    async def _rename(self, meant: _Meant, words: Sequence[str]) -> None:
        playlist = meant.playlist
        if playlist is not None:
            new = " ".join(words) or (await prompt(self.auralis, f"Another name for {playlist.name}", playlist.name))
            if new:
                await self._changed(lambda: self._shelf.rename(playlist.name, new.strip()), new.strip())

    async def _remove(self, meant: _Meant, words: Sequence[str]) -> None:
        """Entries out of the playlist, or a whole playlist."""
        playlist, entries = meant.playlist, meant.entries
        if playlist is None:
            return
        if entries is None:
            await self._changed(lambda: self._shelf.delete(playlist.name))
        elif entries:
            meant.pane.unmark(meant.rows)
            await self._changed(lambda: self._shelf.remove(playlist.name, entries))

    async def _move(self, by: int, meant: _Meant) -> None:
        """Moves the entry under the cursor, which goes with it."""
        playlist, row = meant.playlist, meant.pane.row
        entry = None if self._opened is None or row is None else self._opened.entries.get(row.id)
        if meant.pane is not self._entries or playlist is None or self._opened is None or entry is None:
            return
        target = entry.position + by
        if 1 <= target <= len(self._opened.entries):
            try:
                await asyncio.to_thread(self._shelf.move, playlist.name, entry, target)
            finally:
                await self._load_entries(playlist)
                await self._entries.answered()

    async def _undo(self, meant: _Meant, words: Sequence[str]) -> None:
        """Takes the last change of queue or library back; one that is not of playlists is asked about."""
        if await took_queue_back(self.auralis):
            return
        last = await asyncio.to_thread(self._shelf.last_change)
        if last is None:
            self.auralis.say("nothing to undo")
            return
        change, what = last
        if what.startswith("playlist:") or await confirm(self.auralis, f"Take back {what}?", "take it back"):
            await self._changed(lambda: self._shelf.undo(change))

    async def _import(self, meant: _Meant, words: Sequence[str]) -> None:
        text = " ".join(words) or await prompt(self.auralis, "Playlist file to read (m3u, m3u8, pls, xspf)")
        if text:
            await self._changed(lambda: self._shelf.import_file(playlist_path(text)))

    async def _export(self, meant: _Meant, words: Sequence[str]) -> None:
        playlist = meant.playlist
        if playlist is not None:
            text = " ".join(words) or await prompt(self.auralis, "File to write it into", f"~/{playlist.name}.m3u8")
            if text:
                await self._changed(lambda: self._shelf.export(playlist.name, playlist_path(text)))

    @property
    def _focused(self) -> LongList:
        return self._entries if self._is_in_entries else self._lists

    def _to_pane(self, pane: LongList | None) -> None:
        pane = pane or (self._lists if self._is_in_entries else self._entries)
        # The focus moves a moment later; what is said meanwhile is meant for the new pane.
        self._is_in_entries = pane is self._entries
        pane.focus()

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        """The mouse moves the focus as well."""
        if event.widget in (self._lists, self._entries):
            self._is_in_entries = event.widget is self._entries


def _list_row(playlist: Playlist) -> Row:
    style = RowStyle.TITLE if playlist.kind is PlaylistKind.SMART else RowStyle.PLAIN
    return Row(playlist.id, (playlist.name, f"{playlist.tracks:,}"), style)


def _entry_rows(opened: _Opened) -> RowsInMemory:
    return RowsInMemory([_entry_row(row_id, entry) for row_id, entry in opened.entries.items()])


def _entry_row(row_id: int, entry: PlaylistEntry) -> Row:
    cells = (f"{entry.position}", title_of(entry), entry.artist or "", length_of(entry))
    return Row(row_id, cells, RowStyle.BAD if entry.is_missing else RowStyle.PLAIN)


def _in_words(playlist: Playlist) -> str:
    """`Evening · 12 tracks, 48:12 · 1 missing`."""
    words = [playlist.name, f"{count_in_words(playlist.tracks, 'track')}, {seconds_to_clock(playlist.duration_s)}"]
    if playlist.missing:
        words.append(f"{playlist.missing:,} missing")
    if playlist.query is not None:
        words.append(f"finds {playlist.query}")
    return " · ".join(words)


_WORK: Mapping[str, Callable[[PlaylistsView, _Meant, Sequence[str]], Awaitable[None]]] = {
    "enqueue": lambda view, meant, words: view._queue("add", meant),
    "play-next": lambda view, meant, words: view._queue("play-next", meant),
    "add-to-playlist": PlaylistsView._into_playlist,
    "tag": PlaylistsView._tag,
    "new-playlist": PlaylistsView._create,
    "rename-playlist": PlaylistsView._rename,
    "remove": PlaylistsView._remove,
    "move-up": lambda view, meant, words: view._move(-1, meant),
    "move-down": lambda view, meant, words: view._move(1, meant),
    "undo": PlaylistsView._undo,
    "import-playlist": PlaylistsView._import,
    "export-playlist": PlaylistsView._export,
}
