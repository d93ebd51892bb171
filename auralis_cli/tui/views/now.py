"""What plays now: cover, title, figures, the track as a bar to seek in, and the queue beside."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from importlib import import_module
from typing import TYPE_CHECKING

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.message import Message
from textual.widgets import Static

from auralis_cli.errors import AuralisError
from auralis_cli.model.queue import QueueTrack
from auralis_cli.model.waveform import Waveform
from auralis_cli.services.waveforms import Waveforms
from auralis_cli.terminal_text import printable
from auralis_cli.tui.now_text import figure_lines, title_lines
from auralis_cli.tui.ui_state import UiState
from auralis_cli.tui.view import View
from auralis_cli.tui.widgets.cover_box import CoverBox
from auralis_cli.tui.widgets.long_list import LongList
from auralis_cli.tui.widgets.seek_bar import SeekBar

if TYPE_CHECKING:
    from auralis_cli.tui.widgets.queue_beside import QueueBeside

_QUEUE_BESIDE = "auralis_cli.tui.widgets.queue_beside"
# Of narrower and lower screens all goes to the track.
_QUEUE_FROM_COLUMNS = 56
_HIGH_BAR_FROM_ROWS = 18


class NowView(View):
    """The track that plays."""

    NAME = "now"
    FOOTER = ("toggle", "next", "previous", "enhance", "compare", "shuffle", "favourite", "lyrics")
    DEFAULT_CSS = """
    NowView { layout: vertical; }
    NowView #now-upper { height: 1fr; }
    NowView #now-track { width: 1fr; padding: 0 1; }
    NowView #now-title { height: auto; text-style: bold; }
    NowView #now-by { height: auto; }
    NowView #now-figures { height: auto; color: $text-muted; }
    NowView #now-queue { width: 46%; }
    NowView #now-bar { margin: 0 1; }
    """

    class Drawn(Message):
        """The shape of a track is there, or cannot be had."""

        def __init__(self, track: QueueTrack, waveform: Waveform | None) -> None:
            super().__init__()
            self.track, self.waveform = track, waveform

    def compose(self) -> ComposeResult:
        """The track at the left, the queue at the right, the bar below both."""
        context = self.auralis.context
        self._waveforms = Waveforms(context.library_path, context.variables)
        self._track: QueueTrack | None = None
        self._written: dict[str, Sequence[str]] = {}
        self._queue: QueueBeside | None = None
        with Horizontal(id="now-upper"), Vertical(id="now-track"):
            yield CoverBox(id="now-cover")
            yield Static(id="now-title", markup=False)
            yield Static(id="now-by", markup=False)
            yield Static(id="now-figures", markup=False)
        yield SeekBar(id="now-bar")

    def on_mount(self) -> None:
        """The track is seen at once; the queue brings the library along."""
        self.begin(self._bring_queue, "queue beside")

    def on_unmount(self) -> None:
        """What is being drawn is not waited for."""
        self._waveforms.withdraw()

    def on_resize(self) -> None:
        """What has no room is left out."""
        if self._queue is not None:
            self._queue.display = self.size.width >= _QUEUE_FROM_COLUMNS
        self.query_one(SeekBar).styles.height = 4 if self.size.height >= _HIGH_BAR_FROM_ROWS else 2

    def show(self, state: UiState) -> None:
        """The track, its place, and the queue."""
        self._show_track(state)
        if self._queue is not None:
            self._queue.show_queue(state)
        status = state.status
        for name, lines in (
            ("#now-title", title_lines(status)[:1]),
            ("#now-by", title_lines(status)[1:]),
            ("#now-figures", figure_lines(status)),
        ):
            self._write(name, lines)
        share = None
        if status is not None and status.track is not None and status.duration_s:
            share = state.position_s(self.auralis.context.clock_s()) / status.duration_s
        self.query_one(SeekBar).set_place(share)

    def run(self, command: str, words: Sequence[str]) -> bool:
        """Moves of the cursor in the queue."""
        rows = self._queue
        return rows is not None and rows.display and command != "jump-to-playing" and rows.run(command)

    def on_long_list_chosen(self, message: LongList.Chosen) -> None:
        """Plays it."""
        if self._queue is not None:
            link, play = self.auralis.link, self._queue.play_row(message.row.id)
            link.ask(link.meant_for(self.auralis.state.run, play))

    def on_now_view_drawn(self, message: Drawn) -> None:
        """Shows the shape, where it is of what plays by now."""
        if message.track == self._track:
            self.query_one(SeekBar).set_waveform(message.waveform)

    async def _bring_queue(self) -> None:
        made = await asyncio.to_thread(import_module, _QUEUE_BESIDE)
        context = self.auralis.context
        queue: QueueBeside = made.QueueBeside(self.auralis.link.connect, context.library_path, id="now-queue")
        await self.query_one("#now-upper").mount(queue)
        self._queue = queue
        # How wide it is may have come to be known meanwhile.
        queue.display = self.size.width >= _QUEUE_FROM_COLUMNS
        queue.show_queue(self.auralis.state)
        if self.auralis.focused is None and self.auralis.view is self:
            queue.focus()

    def _show_track(self, state: UiState) -> None:
        told = None if state.status is None else state.status.track
        track = None if told is None else QueueTrack(told.path, told.cue_number, told.track_id)
        if track == self._track:
            return
        self._track = track
        self._waveforms.withdraw()
        self.query_one(SeekBar).set_waveform(None)
        self.query_one(CoverBox).show_track(None if track is None else track.path)
        if track is not None:
            self._waveforms.ask(track, self._telling(track))

    def _telling(self, track: QueueTrack) -> Callable[[Waveform | AuralisError], None]:
        def tell(found: Waveform | AuralisError) -> None:
            # A track that cannot be drawn is told of by the player, which cannot play it either.
            self.post_message(self.Drawn(track, found if isinstance(found, Waveform) else None))

        return tell

    def _write(self, name: str, lines: Sequence[str]) -> None:
        if self._written.get(name) != lines:
            self._written[name] = lines
            text = self.query_one(name, Static)
            text.update(Content("\n".join(printable(line) for line in lines)))
            text.display = bool(lines)
