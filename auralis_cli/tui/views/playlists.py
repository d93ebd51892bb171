"""Playlists beside what is in them: played, filled, put in order; every change can be taken back."""

from __future__ import annotations

import asyncio
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
    """What is in the playlist that is looked at."""

    playlist: Playlist
    entries: tuple[PlaylistEntry, ...]


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
        self._one_by_one = asyncio.Lock()
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
        if command in _WORK:
            self.attempt(partial(_WORK[command], self, words), "work", replaces=False)
        elif command in OF_TRACKS:
            self.attempt(partial(self._like, command, words), "work", replaces=False)
        elif command in ("next-pane", "previous-pane", "left", "right"):
            self._to_pane(self._lists if command == "left" else self._entries if command == "right" else None)
        elif command == "filter":
            self.query_one(FilterLine).open(" ".join(words))
        elif command == "back" and self.query_one(FilterLine).clear_filter():
            give_keys(self._entries)
        else:
            return self._focused.run(command)
        return True

    # What the lists say

    def on_long_list_moved(self, message: LongList.Moved) -> None:
        """Opens the playlist that is selected now."""
        if message.control is self._lists and (selected := self._selected) is not None:
            self._wanted = selected.name
            if self._opening != selected.id:
                self._open(selected)

    def on_long_list_chosen(self, message: LongList.Chosen) -> None:
        """Plays the playlist, from the entry that was chosen on."""
        start = message.row.id if message.control is self._entries else 0
        self.attempt(partial(self._play, start), "play")

    def on_input_changed(self, event: Input.Changed) -> None:
        """Shows the entries with these words."""
        if self._opened is not None:
            self._entries.set_source(_entry_rows(self._opened.entries).filtered(event.value), keep=True)

    # Reading

    def _read_lists(self, wanted: str = "") -> None:
        self._wanted = wanted or self._wanted
        self.attempt(self._load_lists, "lists")

    async def _load_lists(self) -> None:
        """All there are; the one that is wanted is selected, and opened anew."""
        self._known = await asyncio.to_thread(self._shelf.all)
        selected = next((one for one in self._known if one.name == self._wanted), next(iter(self._known), None))
        rows = RowsInMemory([_list_row(one) for one in self._known])
        self._lists.set_source(rows, keep=True, at=None if selected is None else selected.id)
        if selected is None:
            self._show_entries(None)
        else:
            self._open(selected)

    def _open(self, playlist: Playlist) -> None:
        self._opening = playlist.id
        self.attempt(partial(self._load_entries, playlist), "entries")

    async def _load_entries(self, playlist: Playlist) -> None:
        entries = await asyncio.to_thread(self._shelf.entries, playlist.name)
        self._show_entries(_Opened(playlist, tuple(entries)))

    def _show_entries(self, opened: _Opened | None) -> None:
        is_same = opened is not None and self._opened is not None and opened.playlist.id == self._opened.playlist.id
        self._opened = opened
        rows = _entry_rows(() if opened is None else opened.entries)
        if not is_same:
            self.query_one(FilterLine).clear_filter()
        self._entries.set_source(rows.filtered(self.query_one(FilterLine).value), keep=is_same)
        self._entries.set_playing(self._playing_row())
        told = "" if opened is None else _in_words(opened.playlist)
        self.query_one("#playlist-told", Static).update(Content(printable(told)))

    def _playing_row(self) -> int | None:
        entries = () if self._opened is None or not self._playing_path else self._opened.entries
        return next((place for place, one in enumerate(entries) if one.path == self._playing_path), None)

    # Doing

    async def _changed(self, change: Callable[[], str], then: str = "") -> None:
        """Makes a change, one after the other, says what it was, and shows what there is now."""
        async with self._one_by_one:
            self.auralis.say(await asyncio.to_thread(change))
            self._read_lists(then)

    async def _chosen(self) -> list[PlaylistEntry]:
        """The chosen entries, or all of the playlist where playlists are looked at."""
        playlist = self._selected
        if playlist is None:
            return []
        if self._focused is self._lists or self._opened is None:
            return await asyncio.to_thread(self._shelf.entries, playlist.name)
        places = await self._entries.chosen_ids()
        return [self._opened.entries[place] for place in places if place < len(self._opened.entries)]

    async def _play(self, start: int) -> None:
        playlist = self._selected
        if playlist is None:
            return
        entries = await asyncio.to_thread(self._shelf.entries, playlist.name)
        if entries:
            start = min(start, len(entries) - 1)
            self.auralis.link.edit("set-queue", [one.queued for one in entries], start=start + 1, play=True)

    async def _queue(self, action: str, words: Sequence[str]) -> None:
        if chosen := await self._chosen():
            self.auralis.link.edit(action, [one.queued for one in chosen])
            where = "at the end of the queue" if action == "add" else "behind the one that plays"
            self.auralis.say(f"{count_in_words(len(chosen), 'track')} put {where}")
            self._focused.clear_marks()

    async def _into_playlist(self, words: Sequence[str]) -> None:
        if chosen := await self._chosen():
            entries = [NewEntry(one.path, one.cue_number, one.title, one.artist, one.duration_s) for one in chosen]
            await into_playlist(self.auralis, entries, " ".join(words))
            self._read_lists()

    async def _like(self, command: str, words: Sequence[str]) -> None:
        await do_with_tracks(self.auralis, command, words, [one.queued for one in await self._chosen()])

    async def _tag(self, words: Sequence[str]) -> None:
        if paths := list(dict.fromkeys(one.path for one in await self._chosen() if not one.cue_number)):
            await edit_tags_of(self.auralis, paths)
            self._read_lists()

    async def _create(self, words: Sequence[str]) -> None:
        name, query = (words[0], text_of(words[1:])) if words else ("", "")
        if not name:
            name = (await prompt(self.auralis, "Name of the new playlist") or "").strip()
            query = (await prompt(self.auralis, f"What is in {name}?", hint=_QUERY_HINT) or "") if name else ""
        if name:
            await self._changed(lambda: self._shelf.create(name, query.strip() or None), name)

    async def _rename(self, words: Sequence[str]) -> None:
        playlist = self._selected
        if playlist is not None:
            new = " ".join(words) or (await prompt(self.auralis, f"Another name for {playlist.name}", playlist.name))
            if new:
                await self._changed(lambda: self._shelf.rename(playlist.name, new.strip()), new.strip())

    async def _remove(self, words: Sequence[str]) -> None:
        """Entries out of the playlist, or a whole playlist."""
        playlist = self._selected
        if playlist is None:
            return
        if self._focused is self._lists:
            await self._changed(lambda: self._shelf.delete(playlist.name))
            return
        positions = [place + 1 for place in await self._entries.chosen_ids()]
        if positions:
            self._entries.clear_marks()
            await self._changed(lambda: self._shelf.remove(playlist.name, positions))

    async def _move(self, by: int, words: Sequence[str]) -> None:
        """Moves the entry under the cursor; shown once it is done, the cursor goes with it."""
        async with self._one_by_one:
            opened, row = self._opened, self._entries.row
            if opened is None or row is None or self._focused is not self._entries:
                return
            place, target = row.id, row.id + by
            if not 0 <= target < len(opened.entries):
                return
            await asyncio.to_thread(self._shelf.move, opened.playlist.name, place + 1, target + 1)
            entries = list(opened.entries)
            entries.insert(target, entries.pop(place))
            self._show_entries(_Opened(opened.playlist, tuple(entries)))
            self._entries.move_to(target)

    async def _undo(self, words: Sequence[str]) -> None:
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

    async def _import(self, words: Sequence[str]) -> None:
        text = " ".join(words) or await prompt(self.auralis, "Playlist file to read (m3u, m3u8, pls, xspf)")
        if text:
            await self._changed(lambda: self._shelf.import_file(playlist_path(text)))

    async def _export(self, words: Sequence[str]) -> None:
        playlist = self._selected
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


def _entry_rows(entries: Sequence[PlaylistEntry]) -> RowsInMemory:
    return RowsInMemory([_entry_row(place, entry) for place, entry in enumerate(entries)])


def _entry_row(place: int, entry: PlaylistEntry) -> Row:
    cells = (f"{place + 1}", title_of(entry), entry.artist or "", length_of(entry))
    return Row(place, cells, RowStyle.BAD if entry.is_missing else RowStyle.PLAIN)


def _in_words(playlist: Playlist) -> str:
    """`Evening · 12 tracks, 48:12 · 1 missing`."""
    words = [playlist.name, f"{count_in_words(playlist.tracks, 'track')}, {seconds_to_clock(playlist.duration_s)}"]
    if playlist.missing:
        words.append(f"{playlist.missing:,} missing")
    if playlist.query is not None:
        words.append(f"finds {playlist.query}")
    return " · ".join(words)


_WORK: Mapping[str, Callable[[PlaylistsView, Sequence[str]], Awaitable[None]]] = {
    "enqueue": lambda view, words: view._queue("add", words),
    "play-next": lambda view, words: view._queue("play-next", words),
    "add-to-playlist": PlaylistsView._into_playlist,
    "tag": PlaylistsView._tag,
    "new-playlist": PlaylistsView._create,
    "rename-playlist": PlaylistsView._rename,
    "remove": PlaylistsView._remove,
    "move-up": lambda view, words: view._move(-1, words),
    "move-down": lambda view, words: view._move(1, words),
    "undo": PlaylistsView._undo,
    "import-playlist": PlaylistsView._import,
    "export-playlist": PlaylistsView._export,
}
