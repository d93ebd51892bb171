"""Artists, albums and tracks side by side, each narrowing the next; or all tracks in one list."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.message import Message
from textual.timer import Timer

from auralis_cli.errors import AuralisError, CancelledError
from auralis_cli.services.library_pages import LibraryPages, LibraryReader
from auralis_cli.services.likeness_beside import LikenessBeside
from auralis_cli.tui.library_look import LibraryLook
from auralis_cli.tui.library_rows import (
    ALBUM_COLUMNS,
    ALL_ID,
    ARTIST_COLUMNS,
    FLAT_TRACKS,
    TRACKS_OF_ALBUM,
    LibraryRows,
    TrackColumns,
    group_cells,
    track_cells,
)
from auralis_cli.tui.widgets.long_list import LongList
from auralis_cli.tui.widgets.rows import Column
from auralis_cli.tui.widgets.typed_line import give_keys

PANES = ("artists", "albums", "tracks")
# So long the cursor rests on an artist before their albums are asked for: holding a key down asks once.
_RESTS_S = 0.06
# Narrower than that, only two panes stand side by side.
_NARROW = 84
_EMPTY = "Nothing here fits; esc shows all."
_UP, _DOWN = "▲", "▼"


class LibraryPanes(Horizontal):
    """Shows one look at the library, and moves it along with the cursors."""

    DEFAULT_CSS: ClassVar[str] = """
    LibraryPanes { height: 1fr; }
    LibraryPanes #artists, LibraryPanes #albums { width: 1fr; margin: 0 1 0 0; }
    LibraryPanes #tracks { width: 2fr; }
    LibraryPanes.flat #artists, LibraryPanes.flat #albums { display: none; }
    LibraryPanes.narrow #tracks { width: 1fr; }
    LibraryPanes.narrow.first #tracks { display: none; }
    LibraryPanes.narrow.later #artists { display: none; }
    """

    class Found(Message):
        """How much there is of what is looked at, or why nothing can be said of it."""

        def __init__(self, counts: Mapping[str, int], error: AuralisError | None = None) -> None:
            super().__init__()
            self.counts = counts
            self.error = error

    def __init__(self, library: Path, now_s: Callable[[], float]) -> None:
        super().__init__(id="panes")
        self.look = LibraryLook()
        self.active = "artists"
        likeness = LikenessBeside(library)
        self._readers = {pane: LibraryReader(library, now_s, likeness) for pane in PANES}
        self._counts: dict[str, int] = {}
        # Of each pane, what follows once its cursor rests.
        self._resting: dict[str, Timer] = {}

    def compose(self) -> ComposeResult:
        """The three lists."""
        for pane in PANES:
            made = LongList(self._columns_of(pane), id=pane, empty=_EMPTY if pane == "tracks" else "")
            made.at_end = self._readers[pane].close
            yield made

    def pane(self, name: str) -> LongList:
        """One of the lists."""
        return self.query_one(f"#{name}", LongList)

    @property
    def active_list(self) -> LongList:
        """The list that commands mean."""
        return self.pane(self.active)

    def look_at(self, look: LibraryLook, *, since: str = "artists", keep: bool = False, at: int | None = None) -> None:
        """Shows another look: what stands in the panes from `since` on is asked for, the cursor `at` a track."""
        self.look = look
        self.set_class(look.is_flat, "flat")
        if look.is_flat and self.active != "tracks":
            self.go_to("tracks")
        self.pane("tracks").set_columns(self._columns_of("tracks"))
        for pane in PANES[PANES.index(since) :]:
            if pane == "tracks" or not look.is_flat:
                self.pane(pane).set_source(self._source_of(pane), keep=keep, at=at if pane == "tracks" else None)

    def go_to(self, pane: str) -> None:
        """Gives the keys to a pane."""
        self.active = pane
        self._arrange()
        give_keys(self.pane(pane))

    def go(self, step: int) -> None:
        """To the pane at the right or at the left, where there is one."""
        if not self.look.is_flat:
            place = PANES.index(self.active) + step
            self.go_to(PANES[max(min(place, len(PANES) - 1), 0)])

    def renew(self) -> None:
        """Asks for everything again: the library has changed. Cursors stay on their rows."""
        self.look_at(self.look, keep=True)

    async def state(self) -> tuple[int, ...] | None:
        """What tells whether the library has changed since it was asked for last; None where there is none."""
        return await self.pane("tracks").ask(self._readers["tracks"].state)

    async def seek(self, track_id: int) -> bool:
        """Puts the cursor on a track, for which everything is shown where need be; whether it is in the library."""
        tracks = self.pane("tracks")
        if await tracks.seek(track_id):
            self.go_to("tracks")
            return True
        pages = LibraryPages(self._readers["tracks"], LibraryLook(is_flat=True).tracks)
        if await tracks.ask_list(lambda _source: pages.place_of(track_id)) is None:
            return False
        self.look_at(LibraryLook(is_flat=self.look.is_flat), at=track_id)
        self.go_to("tracks")
        return True

    def _source_of(self, pane: str) -> LibraryRows:
        reader, look = self._readers[pane], self.look
        if pane == "artists":
            return LibraryRows(LibraryPages(reader, look.artists), group_cells, "All artists")
        if pane == "albums":
            return LibraryRows(LibraryPages(reader, look.albums), group_cells, "All albums")
        return LibraryRows(LibraryPages(reader, look.tracks), track_cells(self._track_columns))

    @property
    def _track_columns(self) -> TrackColumns:
        return FLAT_TRACKS if self.look.is_flat else TRACKS_OF_ALBUM

    def _columns_of(self, pane: str) -> tuple[Column, ...]:
        if pane != "tracks":
            return ARTIST_COLUMNS if pane == "artists" else ALBUM_COLUMNS
        order = (self.look.sort,) if self.look.sort else self.look.query.sort
        arrows = {key.field.name: _DOWN if key.descending else _UP for key in order[:1]}
        return tuple(_with_arrow(column, arrows.get(name, "")) for name, column in self._track_columns)

    def on_resize(self, event: events.Resize) -> None:
        """Shows as many panes as can be read."""
        self.set_class(event.size.width < _NARROW, "narrow")
        self._arrange()

    def _arrange(self) -> None:
        is_first = self.active == "artists"
        self.set_class(is_first, "first")
        self.set_class(not is_first, "later")

    def on_descendant_focus(self, _event: events.DescendantFocus) -> None:
        """Commands mean the list that has the focus by now: the events of several come in any order."""
        focused = self.screen.focused
        if isinstance(focused, LongList) and focused.id in PANES:
            self.active = focused.id
            self._arrange()

    def on_long_list_moved(self, message: LongList.Moved) -> None:
        """What stands at the right follows, once the cursor rests."""
        pane = message.long_list.id or ""
        if pane == "tracks" or message.row is None:
            return
        chosen = None if message.row.id == ALL_ID else message.row.id
        self._stop_resting(pane)
        self._resting[pane] = self.set_timer(_RESTS_S, lambda: self._narrow(pane, chosen))

    def _narrow(self, pane: str, chosen: int | None) -> None:
        look = self.look
        if pane == "artists" and chosen != look.artist_id:
            # The cursor among the albums was on one of another artist.
            self._stop_resting("albums")
            self.look_at(look.of_artist(chosen), since="albums")
        elif pane == "albums" and chosen != look.album_id:
            self.look_at(look.of_album(chosen), since="tracks")

    def _stop_resting(self, pane: str) -> None:
        if (timer := self._resting.pop(pane, None)) is not None:
            timer.stop()

    def on_long_list_counted(self, message: LongList.Counted) -> None:
        """Tells how much there is."""
        pane = message.long_list.id or ""
        self._counts[pane] = message.count - (0 if pane == "tracks" else 1)
        self.post_message(self.Found(dict(self._counts)))

    def on_long_list_failed(self, message: LongList.Failed) -> None:
        """Tells why there is nothing."""
        if not isinstance(message.error, CancelledError):
            self.post_message(self.Found(dict(self._counts), message.error))

    def on_long_list_heading_clicked(self, message: LongList.HeadingClicked) -> None:
        """Sorts by the column."""
        if message.long_list.id == "tracks":
            self.sort_by(self._track_columns[message.column][0])

    def sort_by(self, name: str) -> None:
        """Sorts the tracks by a field, or the other way round; UsageError for one that is none."""
        self.look_at(self.look.sorted_by(name), since="tracks")


def _with_arrow(column: Column, arrow: str) -> Column:
    """The column with which way it is sorted, as wide as that takes."""
    title = column.title + arrow
    return replace(column, title=title, width=max(column.width, len(title)) if column.width else 0)
