"""Folders, gone through as they are on the disk: whatever is in them plays, in the library or not."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from functools import partial
from types import MappingProxyType

from textual.app import ComposeResult
from textual.content import Content
from textual.widgets import Input, Static

from auralis_cli.errors import AuralisError, LibraryError
from auralis_cli.services.chosen_tracks import ChosenTracks
from auralis_cli.services.folder_contents import EntryKind, FolderEntry, folder_contents
from auralis_cli.terminal_text import printable
from auralis_cli.tui.liking import OF_TRACKS, do_with_tracks
from auralis_cli.tui.path_tracks import PathTracks, entries_for, tracks_at
from auralis_cli.tui.playlist_choice import into_playlist
from auralis_cli.tui.tag_dialog import edit_tags_of
from auralis_cli.tui.ui_state import UiState
from auralis_cli.tui.undoing import undo_last
from auralis_cli.tui.view import View
from auralis_cli.tui.widgets.filter_line import FilterLine
from auralis_cli.tui.widgets.long_list import LongList, RowChoice
from auralis_cli.tui.widgets.rows import Column, Row, RowsInMemory, RowStyle
from auralis_cli.tui.widgets.typed_line import give_keys
from auralis_cli.units import bytes_in_words, count_in_words, seconds_to_clock

_COLUMNS = (
    Column("Name"),
    Column("Time", width=8, is_right=True, from_width=60),
    Column("Size", width=9, is_right=True, from_width=50),
)
_EMPTY = "No music in this folder; left goes to the one above."
# Shows what cannot be had of a folder, not all of thousands.
_SAID_FAILURES = 1


class FilesView(View):
    """The folders of this machine; hidden ones are left out until they are asked for, and what is no music always."""

    NAME = "files"
    FOOTER = ("play-selected", "left", "right", "enqueue", "play-next", "add-to-playlist", "tag", "filter", "hidden")
    LABELS = MappingProxyType({"left": "up", "right": "into"})
    DEFAULT_CSS = "FilesView #folder { height: 1; padding: 0 1; color: $text-muted; }"

    def compose(self) -> ComposeResult:
        """Where it is, what is there, what is looked for."""
        self._folder = os.getcwd()
        self._entries: tuple[FolderEntry, ...] = ()
        # Ids of rows are those of one look at one folder: a row of another means nothing here.
        self._first_id = 0
        self._rows = RowsInMemory(())
        self._playing_path = ""
        self._shows_hidden = False
        yield Static(id="folder", markup=False)
        yield LongList(_COLUMNS, id="files", empty=_EMPTY)
        yield FilterLine(lambda: self._list, id="files-filter")

    def on_mount(self) -> None:
        """Shows the folder that the player was started in."""
        self._go(self._folder)

    @property
    def _list(self) -> LongList:
        return self.query_one("#files", LongList)

    def show(self, state: UiState) -> None:
        """Which of the files plays."""
        track = None if state.status is None else state.status.track
        self._playing_path = "" if track is None else track.path
        self._list.set_playing(self._row_of(self._playing_path))

    def run(self, command: str, words: Sequence[str]) -> bool:
        """Goes into folders and out of them; plays and queues what is chosen."""
        if command in _ON_CHOSEN or command in OF_TRACKS:
            like = partial(FilesView._like, command=command, words=words)
            what = like if command in OF_TRACKS else _ON_CHOSEN[command]
            self._list.in_turn(lambda: self._begin_with_chosen(what))
        elif command == "undo":
            self.begin(partial(undo_last, self.auralis), "undo")
        elif command == "hidden":
            self._shows_hidden = not self._shows_hidden
            entry = self._entry_of(self._list.row)
            self._go(self._folder, back_to="" if entry is None else entry.path)
        elif command == "right":
            self._list.in_turn(lambda: self._enter(self._list.row))
        elif command == "left":
            self._go(os.path.dirname(self._folder), back_to=self._folder)
        elif command == "filter":
            self.query_one(FilterLine).open(" ".join(words))
        elif command == "back" and self.query_one(FilterLine).clear_filter():
            give_keys(self._list)
        elif command == "jump-to-playing" and self._playing_path:
            self._go(os.path.dirname(self._playing_path), back_to=self._playing_path)
        else:
            return self._list.run(command)
        return True

    def on_long_list_chosen(self, message: LongList.Chosen) -> None:
        """Goes into a folder; plays a playlist, or a file, which the rest of the folder follows."""
        chosen = self._entry_of(message.row)
        if chosen is not None and not self._enter(message.row):
            follows = [one.path for one in self._entries if one.kind in (EntryKind.FILE, EntryKind.SHEET)]
            paths = [chosen.path] if chosen.kind is EntryKind.PLAYLIST else follows
            self.begin(partial(self._play, paths, chosen.path), "play")

    def on_input_changed(self, event: Input.Changed) -> None:
        """Shows the rows with these words."""
        self._list.set_source(self._rows.filtered(event.value), keep=True)

    def _entry_of(self, row: Row | None) -> FolderEntry | None:
        number = -1 if row is None else row.id - self._first_id
        return self._entries[number] if 0 <= number < len(self._entries) else None

    def _enter(self, row: Row | None) -> bool:
        entry = self._entry_of(row)
        if entry is None or entry.kind is not EntryKind.FOLDER:
            return False
        self._go(entry.path)
        return True

    def _go(self, folder: str, back_to: str = "") -> None:
        self.begin(partial(self._read, folder, back_to), "folder")

    async def _read(self, folder: str, back_to: str) -> None:
        """Shows a folder; one that cannot be read is said, and the one before stays."""
        try:
            entries = await asyncio.to_thread(folder_contents, folder, hidden=self._shows_hidden)
        except AuralisError as error:
            self.auralis.say(str(error), error=True)
            return
        self.query_one(FilterLine).clear_filter()
        self._first_id += len(self._entries)
        self._folder, self._entries = folder, entries
        self._rows = RowsInMemory([_row(number, one) for number, one in enumerate(entries, self._first_id)])
        count = count_in_words(len(entries), "entry", "entries")
        more = " · with hidden ones" if self._shows_hidden else ""
        self.query_one("#folder", Static).update(Content(printable(f"{folder} · {count}{more}")))
        # The cursor goes on what was come from.
        self._list.set_source(self._rows, at=self._row_of(back_to))
        self._list.set_playing(self._row_of(self._playing_path))
        await self._show_times(entries)

    async def _show_times(self, entries: tuple[FolderEntry, ...]) -> None:
        """How long files last that the library knows; the others are not opened for that."""
        files = [one.path for one in entries if one.kind is EntryKind.FILE]
        context = self.auralis.context
        if not files or not context.library_path.exists():
            return
        library = ChosenTracks(context.library_path, context.now_s)
        with suppress(LibraryError):
            known = await asyncio.to_thread(library.durations_at, files)
            if known and entries is self._entries:
                numbered = enumerate(entries, self._first_id)
                rows = [_row(number, one, known.get(one.path)) for number, one in numbered]
                self._rows = RowsInMemory(rows)
                self._list.set_source(self._rows.filtered(self.query_one(FilterLine).value), keep=True)

    def _row_of(self, path: str) -> int | None:
        numbered = enumerate(self._entries, self._first_id)
        return next((number for number, one in numbered if one.path == path), None) if path else None

    async def _play(self, paths: Sequence[str], chosen: str) -> None:
        found = await asyncio.to_thread(tracks_at, paths, chosen)
        if found.tracks:
            self.auralis.link.edit("set-queue", found.tracks, start=found.start + 1, play=True)
        self._say_failures(found)

    def _begin_with_chosen(self, what: Callable[[FilesView, PathTracks], None]) -> None:
        choice = self._list.choice()
        paths = [self._entries[row_id - self._first_id].path for row_id in choice.known or ()]
        self.attempt(partial(self._with_chosen, what, paths, choice), "chosen", replaces=False)

    async def _with_chosen(
        self, what: Callable[[FilesView, PathTracks], None], paths: Sequence[str], choice: RowChoice
    ) -> None:
        found = await asyncio.to_thread(tracks_at, paths)
        self._list.unmark(choice.marks)
        if found.tracks:
            what(self, found)
        self._say_failures(found)

    def _say_failures(self, found: PathTracks) -> None:
        for failure in found.failures[:_SAID_FAILURES]:
            self.auralis.say(str(failure), error=True)

    def _enqueue(self, found: PathTracks) -> None:
        self.auralis.link.edit("add", found.tracks)
        self.auralis.say(f"{count_in_words(len(found.tracks), 'track')} put at the end of the queue")

    def _play_next(self, found: PathTracks) -> None:
        self.auralis.link.edit("play-next", found.tracks)
        self.auralis.say(f"{count_in_words(len(found.tracks), 'track')} put behind the one that plays")

    def _into_playlist(self, found: PathTracks) -> None:
        self.begin(partial(into_playlist, self.auralis, entries_for(found.tracks)), "dialog")

    def _like(self, found: PathTracks, *, command: str, words: Sequence[str]) -> None:
        self.attempt(partial(do_with_tracks, self.auralis, command, words, found.tracks), "like")

    def _edit_tags(self, found: PathTracks) -> None:
        paths = list(dict.fromkeys(one.path for one in found.tracks if not one.cue_number))
        if paths:
            self.begin(partial(edit_tags_of, self.auralis, paths), "dialog")
        else:
            self.auralis.say("tracks of a cue sheet have no tags of their own", error=True)


def _row(number: int, entry: FolderEntry, duration_s: float | None = None) -> Row:
    if entry.kind is EntryKind.FOLDER:
        return Row(number, (f"{entry.name}/", "", ""), RowStyle.TITLE)
    duration = "" if duration_s is None else seconds_to_clock(duration_s)
    size = "" if entry.size_bytes is None else bytes_in_words(entry.size_bytes)
    return Row(number, (entry.name, duration, size), RowStyle.PLAIN if entry.kind is EntryKind.FILE else RowStyle.DIM)


_ON_CHOSEN: Mapping[str, Callable[[FilesView, PathTracks], None]] = {
    "enqueue": FilesView._enqueue,
    "play-next": FilesView._play_next,
    "add-to-playlist": FilesView._into_playlist,
    "tag": FilesView._edit_tags,
}
