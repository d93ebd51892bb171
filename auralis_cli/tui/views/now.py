"""What plays now."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.content import Content
from textual.widgets import Static

from auralis_cli.terminal_text import printable
from auralis_cli.tui.ui_state import UiState
from auralis_cli.tui.view import View


class NowView(View):
    """The track that plays."""

    NAME = "now"
    FOOTER = ("toggle", "next", "previous", "enhance")

    def compose(self) -> ComposeResult:
        """One text."""
        yield Static(id="playing", markup=False)

    def show(self, state: UiState) -> None:
        """Title, artist and album."""
        track = None if state.status is None else state.status.track
        lines = [] if track is None else [track.title or track.path, track.artist or "", track.album or ""]
        self.query_one("#playing", Static).update(Content("\n".join(printable(line) for line in lines)))
