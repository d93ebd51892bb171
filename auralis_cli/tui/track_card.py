"""All that the library knows of a track, on a card."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from auralis_cli.model.display_text import as_read
from auralis_cli.model.fields import TRACK_FIELDS
from auralis_cli.model.library import Track
from auralis_cli.terminal_text import printable
from auralis_cli.tui.dialogs import Dialog

_LABEL_CELLS = 24
# Units that the value is no longer in.
_READ_ALREADY = ("s", "at", "bytes", "bps")


class TrackCard(Dialog):
    """Tags, file, loudness, how it is liked; scrolled where there is more. `i` and `q` close it as Esc does."""

    DEFAULT_CSS = """
    TrackCard > VerticalScroll {
        width: 76; max-width: 96%; height: auto; max-height: 90%;
        padding: 0 1; border: round $accent; background: $surface;
    }
    TrackCard Static { height: auto; }
    """

    def __init__(self, track: Track) -> None:
        super().__init__()
        self._track = track

    def compose(self) -> ComposeResult:
        """A line for each field that has a value."""
        with VerticalScroll():
            yield Static(Content("\n".join(card_lines(self._track))))

    def on_mount(self) -> None:
        """The keys scroll."""
        self.query_one(VerticalScroll).focus()

    def key_i(self) -> None:
        """Closes it."""
        self.dismiss(None)

    def key_q(self) -> None:
        """Closes it."""
        self.dismiss(None)

    def key_j(self) -> None:
        """One line down."""
        self.query_one(VerticalScroll).scroll_down(animate=False)

    def key_k(self) -> None:
        """One line up."""
        self.query_one(VerticalScroll).scroll_up(animate=False)


def card_lines(track: Track) -> list[str]:
    """`title            Blue in Green`, a line for each field that has a value, made harmless."""
    values = [(field, as_read(field, getattr(track, field.name))) for field in TRACK_FIELDS.fields]
    return [f"{_label(field.name):{_LABEL_CELLS}} {printable(value)}" for field, value in values if value]


def _label(name: str) -> str:
    words = name.removeprefix("replaygain_").replace("mb_", "MusicBrainz_").split("_")
    return " ".join(word for word in words if word not in _READ_ALREADY)
