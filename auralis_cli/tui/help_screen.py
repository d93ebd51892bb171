"""The keys: those that matter in the view that is looked at first, then all."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from textual import events
from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from auralis_cli.terminal_text import printable
from auralis_cli.tui.box import Box
from auralis_cli.tui.commands import COMMANDS, read_line
from auralis_cli.tui.key_names import shown_key
from auralis_cli.tui.keymap import Keymap

_KEY_COLUMNS = 16
_LINE_COLUMNS = 20


def key_lines(keymap: Keymap, title: str, matters_here: Sequence[str], view: str) -> Iterator[str]:
    """What the help says: a heading and the keys of this view, then every other command that has a key."""
    here = [line for line in matters_here if keymap.keys_of(line)]
    theirs = [one.line for one in keymap.bindings if view in one.views]
    yield f"Here: {title}"
    yield from (_key_line(keymap, line) for line in dict.fromkeys((*here, *theirs)))
    yield ""
    yield "Everywhere"
    for line in dict.fromkeys(one.line for one in keymap.bindings if not one.views):
        if line not in here:
            yield _key_line(keymap, line)
    yield ""
    yield f"Without a key, by : or the palette: {', '.join(_without_key(keymap))}"
    yield "Esc closes this, and never quits. The mouse works: click, double click, wheel."


def _key_line(keymap: Keymap, line: str) -> str:
    keys = " ".join(shown_key(key) for key in keymap.keys_of(line))
    command, words = read_line(line)
    said = " ".join((command.id, *words))
    return f"  {keys:<{_KEY_COLUMNS}} {said:<{_LINE_COLUMNS}} {command.help}"


def _without_key(keymap: Keymap) -> list[str]:
    bound = {one.line.partition(" ")[0] for one in keymap.bindings}
    return [name for name in COMMANDS if name not in bound]


class HelpScreen(Box):
    """The lines over the screen; Esc, q and ? close it."""

    DEFAULT_CSS = """
    HelpScreen { align: center middle; background: $background 60%; }
    HelpScreen VerticalScroll {
        width: 96; max-width: 98%; height: auto; max-height: 96%;
        padding: 0 1; border: round $accent; background: $surface;
    }
    HelpScreen Static { height: auto; text-wrap: nowrap; text-overflow: ellipsis; }
    """

    def __init__(self, lines: Sequence[str]) -> None:
        super().__init__()
        self._lines = tuple(lines)

    def compose(self) -> ComposeResult:
        """All in one text that scrolls."""
        with VerticalScroll():
            yield Static(Content("\n".join(map(printable, self._lines))), markup=False)

    def on_key(self, event: events.Key) -> None:
        """Esc and the keys that opened it close it, the rest scroll."""
        text = self.query_one(VerticalScroll)
        if event.key in ("escape", "q", "question_mark", "f1", "enter"):
            event.stop()
            self.dismiss(None)
        elif event.key in ("j", "k"):
            event.stop()
            (text.scroll_down if event.key == "j" else text.scroll_up)(animate=False)
