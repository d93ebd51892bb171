"""The library: what there is to hear, narrowed by a filter that is a query; and what is done with what is chosen."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from types import MappingProxyType

from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Input, Static

from auralis_cli.errors import AuralisError, UsageError
from auralis_cli.model.action_kinds import RATING
from auralis_cli.model.plays import LikingWish
from auralis_cli.model.queue import QueueTrack
from auralis_cli.services.background_verbs import VerbJob
from auralis_cli.services.chosen_tracks import ChosenTracks
from auralis_cli.terminal_text import printable
from auralis_cli.tui.alike import AlikeSearch
from auralis_cli.tui.dialogs import Choose, Prompt
from auralis_cli.tui.first_screen import FirstScreen
from auralis_cli.tui.library_choice import LibraryChoice
from auralis_cli.tui.library_panes import PANES, LibraryPanes
from auralis_cli.tui.liking import wrong_rating
from auralis_cli.tui.track_card import TrackCard
from auralis_cli.tui.ui_state import UiState
from auralis_cli.tui.undoing import undo_last
from auralis_cli.tui.view import View
from auralis_cli.tui.widgets.long_list import LongList
from auralis_cli.tui.widgets.typed_line import TypedLine, give_keys
from auralis_cli.units import count_in_words

# How often is looked whether the library has changed, while it is looked at.
_LOOKS_S = 2.0
# So many tracks are queued at most when one of a list is played: from it on where the list is longer.
_MOST_QUEUED = 100_000
_HINT = "words, artist:… year:1990..1999 rating:4.. lufs:-9.. added-"
# The fields that `sort` offers.
_SORTS = ("title", "artist", "album", "year", "rating", "integrated_lufs", "duration_s", "added_at", "play_count")


class LibraryView(View):
    """Artists, albums and tracks, or all tracks in one list."""

    NAME = "library"
    FOOTER = (
        *("play-selected", "next-pane", "filter", "enqueue", "play-next", "mark", "tag", "undo"),
        *("add-to-playlist", "favourite", "info", "panes"),
    )
    DEFAULT_CSS = """
    LibraryView { layout: vertical; }
    LibraryView #library-line { height: 1; padding: 0 1; }
    LibraryView #library-told { width: 1fr; color: $text-muted; }
    LibraryView #library-told.complaint { color: $error; }
    LibraryView #library-slash { width: 2; color: $accent; display: none; }
    LibraryView #library-filter { width: 1fr; border: none; height: 1; padding: 0; background: $boost; display: none; }
    LibraryView .filtered #library-filter, LibraryView .filtered #library-slash { display: block; }
    """

    def compose(self) -> ComposeResult:
        """A line with the filter and what was found, and the panes."""
        context = self.auralis.context
        self._tracks = ChosenTracks(context.library_path, context.now_s)
        # None where there is no library; empty before it was looked at.
        self._library_state: tuple[int, ...] | None = ()
        self._alike = AlikeSearch(self.auralis.jobs)
        self._job = ""
        # Whether there is nothing to be shown.
        self._is_empty = False
        self._counts: Mapping[str, int] = {}
        with Horizontal(id="library-line"):
            yield Static("/", id="library-slash", markup=False)
            yield self._filter_line()
            yield Static(id="library-told", markup=False)
        yield LibraryPanes(context.library_path, context.now_s)
        yield FirstScreen()

    def on_mount(self) -> None:
        """Asks for what there is; until it is known whether there is anything, the panes are there and empty."""
        self.query_one(FirstScreen).display = False
        self._panes.look_at(self._panes.look)
        self._begin_to_look()
        self.set_interval(_LOOKS_S, self._begin_to_look)

    def _filter_line(self) -> TypedLine:
        line = TypedLine(id="library-filter", placeholder=_HINT)
        line.leads_to = self._to_what_was_found
        return line

    @property
    def _panes(self) -> LibraryPanes:
        return self.query_one(LibraryPanes)

    @property
    def _filter(self) -> TypedLine:
        return self.query_one("#library-filter", TypedLine)

    def focus_first(self) -> None:
        """To the pane that had the keys."""
        if self._is_empty:
            give_keys(self.query_one(FirstScreen).choices)
        else:
            self._panes.go_to(self._panes.active)

    def show(self, state: UiState) -> None:
        """Marks what plays."""
        track = None if state.status is None else state.status.track
        self._panes.pane("tracks").set_playing(None if track is None else track.track_id)

    def job_told(self, job: VerbJob) -> None:
        """Shows how far a scan is; plays what was found to sound alike."""
        if found := self._alike.found_by(job):
            self._do(partial(self._play_alike, found))
        if job.words[:1] == ("scan",):
            self.query_one(FirstScreen).job_told(job)
            if not job.is_running:
                self._begin_to_look()
            self._job = f"{job.title}: {job.task}" if job.is_running else ""
            self._tell()

    def run(self, command: str, words: Sequence[str]) -> bool:
        """What is done with what is chosen; else moves."""
        if self._is_empty:
            return self.query_one(FirstScreen).choices.run(command)
        if command in _WITH_WORDS:
            return _WITH_WORDS[command](self, words)
        if command in _ACTS and not words:
            self._in_turn(lambda meant: self._do(partial(_ACTS[command], self, meant)))
        elif command in _STEPS:
            self._panes.go(0 if self._filter.has_focus else _STEPS[command])
        elif command == "panes":
            self._toggle_panes()
        else:
            return self._panes.active_list.run(command)
        return True

    # The filter

    def ask_filter(self, words: Sequence[str]) -> bool:
        """Takes a query, or lets one be typed."""
        self.query_one("#library-line").add_class("filtered")
        if words:
            self._filter.value = " ".join(words)
        else:
            self.screen.set_focus(self._filter)
        return True

    def go_back(self, _words: Sequence[str]) -> bool:
        """Marks first, then the filter."""
        if not self._filter.has_focus and self._panes.active_list.clear_marks():
            return True
        was_filtered = self.query_one("#library-line").has_class("filtered")
        self._close_filter()
        self.focus_first()
        return was_filtered

    def _close_filter(self) -> None:
        self.query_one("#library-line").remove_class("filtered")
        self._filter.value = ""

    def on_input_changed(self, event: Input.Changed) -> None:
        """Finds what is typed, as far as it is typed; what means nothing yet leaves the list as it is."""
        event.stop()
        self._tell()
        self._find()

    def _find(self) -> None:
        text = self._filter.value
        if text == self._panes.look.text:
            return
        try:
            look = self._panes.look.filtered(text, self.auralis.context.now_s())
        except UsageError as error:
            self._tell(error)
            return
        self._panes.look_at(look)

    def _to_what_was_found(self) -> Widget:
        """What is pressed next means tracks that fit all that was typed."""
        self._find()
        self._panes.go_to("tracks")
        return self._panes.active_list

    def on_library_panes_found(self, message: LibraryPanes.Found) -> None:
        """Says how much there is."""
        self._counts = message.counts
        self._tell(message.error)

    def on_long_list_marks_changed(self) -> None:
        """Says how many are marked."""
        self._tell()

    def _tell(self, error: AuralisError | None = None) -> None:
        names = ("tracks",) if self._panes.look.is_flat else reversed(PANES)
        said = [count_in_words(self._counts[name], name.removesuffix("s")) for name in names if name in self._counts]
        marked = len(self._panes.active_list.marked)
        said += [f"{marked:,} marked", self._job] if marked else [self._job]
        text = str(error) if error is not None else " · ".join(filter(None, said))
        told = self.query_one("#library-told", Static)
        told.set_class(error is not None, "complaint")
        told.update(Content(printable(text)))

    # What is chosen

    def _in_turn(self, act: Callable[[LibraryChoice], object]) -> None:
        """What is meant is what is chosen when it is the command's turn, wherever the cursor goes then."""
        panes = self._panes
        pane, chosen = panes.active, panes.active_list
        chosen.in_turn(lambda: act(LibraryChoice(pane, panes.look, chosen.choice())))

    async def _tracks_of(self, meant: LibraryChoice) -> Sequence[QueueTrack]:
        if not (ids := list(await meant.ids(self._tracks))[:_MOST_QUEUED]):
            self.auralis.say("nothing is selected")
        return await asyncio.to_thread(self._tracks.for_queue, ids)

    def on_long_list_chosen(self, message: LongList.Chosen) -> None:
        """Plays it: marked tracks alone, else the whole list from the chosen one on."""
        chosen = message.long_list
        choice = chosen.choice()
        if not choice.marks:
            # The cursor may have gone on since.
            choice = replace(choice, row_id=message.row.id, known=(message.row.id,))
        self._do(partial(self._play, LibraryChoice(chosen.id or "", self._panes.look, choice), message.row.id))

    async def _play(self, meant: LibraryChoice, row_id: int) -> None:
        chosen = meant.choice.long_list
        if meant.pane != "tracks" or meant.choice.marks:
            ids, start = (await meant.ids(self._tracks))[:_MOST_QUEUED], 0
        else:
            if (place := await chosen.place_of(row_id)) is None:
                return
            first = place if chosen.count > _MOST_QUEUED else 0
            ids, start = await chosen.ids(first, _MOST_QUEUED), place - first
        tracks = await asyncio.to_thread(self._tracks.for_queue, ids)
        if tracks:
            self.auralis.link.edit("set-queue", tracks, start=start + 1, play=True)
            meant.unmark()

    async def queue(self, action: str, meant: LibraryChoice) -> None:
        """Gives what is chosen to the queue."""
        if tracks := await self._tracks_of(meant):
            self.auralis.link.edit(action, tracks)
            meant.unmark()
            where = "at the end of the queue" if action == "add" else "behind what plays"
            self.auralis.say(f"{count_in_words(len(tracks), 'track')} {where}; u takes that back")

    async def like(self, wish: LikingWish, meant: LibraryChoice) -> None:
        """Has it liked as is wished."""
        ids = await meant.ids(self._tracks)
        if ids:
            self.auralis.say(await asyncio.to_thread(self._tracks.like, ids, wish))
            self._panes.renew()

    def rate(self, words: Sequence[str]) -> bool:
        """Gives it a rating, which is asked for where none is named."""
        self._in_turn(lambda meant: self._rate(words, meant))
        return True

    def _rate(self, words: Sequence[str], meant: LibraryChoice) -> None:
        rate = partial(self._rate_with, meant)
        if words:
            rate(words[0])
        else:
            self.app.push_screen(Prompt("Rating, 0 to 5, or none", check=wrong_rating), rate)

    def _rate_with(self, meant: LibraryChoice, value: str | None) -> None:
        if value is None:
            return
        try:
            self._do(partial(self.like, LikingWish(rates=True, rating=RATING.parse(value)), meant))
        except ValueError as error:
            self.auralis.say(f"rate: {error}", error=True)

    async def add_to_playlist(self, meant: LibraryChoice) -> None:
        """Puts it into a playlist that is chosen."""
        from auralis_cli.tui.path_tracks import entries_for
        from auralis_cli.tui.playlist_choice import into_playlist

        if tracks := await self._tracks_of(meant):
            await into_playlist(self.auralis, entries_for(tracks))

    async def edit_tags(self, meant: LibraryChoice) -> None:
        """Opens the form of its tags."""
        from auralis_cli.tui.tag_dialog import edit_tags_of

        if paths := list(dict.fromkeys(one.path for one in await self._tracks_of(meant) if not one.cue_number)):
            await edit_tags_of(self.auralis, paths)

    async def info(self, meant: LibraryChoice) -> None:
        """Shows all that is known of the first of them."""
        if ids := await meant.ids(self._tracks):
            self.app.push_screen(TrackCard(await asyncio.to_thread(self._tracks.track, ids[0])))

    async def undo(self) -> None:
        """Takes back what was changed last."""
        await undo_last(self.auralis)

    async def more_like_this(self, meant: LibraryChoice) -> None:
        """Has what sounds like it looked for beside the screen, and played."""
        if ids := await meant.ids(self._tracks):
            self._alike.begin(ids[0])

    async def _play_alike(self, ids: Sequence[int]) -> None:
        tracks = await asyncio.to_thread(self._tracks.for_queue, ids)
        if tracks:
            self.auralis.link.edit("set-queue", tracks, start=1, play=True)

    async def jump_to_playing(self) -> None:
        """Puts the cursor on what plays."""
        status = self.auralis.state.status
        track = None if status is None else status.track
        if track is None or track.track_id is None or not await self._panes.seek(track.track_id):
            self.auralis.say("what plays is not in the library" if track else "nothing plays")
        elif not self._panes.look.text:
            self._close_filter()

    # How it is shown

    def sort(self, words: Sequence[str]) -> bool:
        """Sorts by a field, which is asked for where none is named."""
        if not words:
            choices = [(name, name.split("_")[0]) for name in _SORTS]
            self.app.push_screen(Choose("Sort by", choices), self._sort_by)
            return True
        self._sort_by(words[0])
        return True

    def _sort_by(self, name: str | None) -> None:
        try:
            if name:
                self._panes.sort_by(name)
        except UsageError as error:
            self.auralis.say(str(error), error=True)

    def _toggle_panes(self) -> None:
        look = self._panes.look
        self._panes.look_at(replace(look, is_flat=not look.is_flat, artist_id=None, album_id=None))
        self._panes.go_to("tracks" if not look.is_flat else "artists")

    def _begin_to_look(self) -> None:
        """Beside the view: the list whose thread is asked may be at something that takes its time."""
        self.begin(self._look_for_changes, "changes")

    async def _look_for_changes(self) -> None:
        if self.auralis.state.view != self.NAME:
            return
        try:
            state = await self._panes.state()
        except AuralisError:
            return
        if state == self._library_state:
            return
        self._library_state = state
        self._show_emptiness(is_empty=state is None or not state[0])
        self._panes.renew()

    def _show_emptiness(self, *, is_empty: bool) -> None:
        """The first screen while nothing is there, the panes as soon as something is."""
        if is_empty == self._is_empty:
            return
        had_focus = self.has_focus_within
        self._is_empty = is_empty
        self.query_one(FirstScreen).display = is_empty
        self._panes.display = self.query_one("#library-line").display = not is_empty
        if had_focus or self.screen.focused is None:
            self.focus_first()

    def _do(self, work: Callable[[], Awaitable[None]]) -> None:
        """Begins what takes its time."""
        self.attempt(work, "library acts", replaces=False)


# What takes words, or does something of its own without.
_WITH_WORDS: Mapping[str, Callable[[LibraryView, Sequence[str]], bool]] = MappingProxyType(
    {
        "filter": LibraryView.ask_filter,
        "back": LibraryView.go_back,
        "rate": LibraryView.rate,
        "sort": LibraryView.sort,
    }
)
# What takes its time, on what is chosen.
_ACTS: Mapping[str, Callable[[LibraryView, LibraryChoice], Awaitable[None]]] = MappingProxyType(
    {
        "enqueue": lambda view, meant: view.queue("add", meant),
        "play-next": lambda view, meant: view.queue("play-next", meant),
        "favourite": lambda view, meant: view.like(LikingWish(toggles_favourite=True), meant),
        "add-to-playlist": LibraryView.add_to_playlist,
        "info": LibraryView.info,
        "tag": LibraryView.edit_tags,
        "undo": lambda view, _meant: view.undo(),
        "more-like-this": LibraryView.more_like_this,
        "jump-to-playing": lambda view, _meant: view.jump_to_playing(),
    }
)
_STEPS: Mapping[str, int] = MappingProxyType({"left": -1, "previous-pane": -1, "right": 1, "next-pane": 1})
