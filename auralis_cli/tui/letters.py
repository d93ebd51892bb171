"""Letters over the rows and panes of a view: the one that is pressed goes there."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from rich.segment import Segment
from textual import events
from textual.app import ComposeResult
from textual.strip import Strip
from textual.widget import Widget

from auralis_cli.quick_dataclasses import dataclass
from auralis_cli.tui.box import Box
from auralis_cli.tui.guard import ViewFrame
from auralis_cli.tui.key_names import key_pressed
from auralis_cli.tui.widgets.long_list import LongList

# Those under the fingers first.
_LETTERS = "asdfghjklqwertyuiopzxcvbnm"


@dataclass(frozen=True, slots=True)
class LineTarget:
    """A line of the screen that one can go to."""

    x: int
    y: int
    go: Callable[[], object]


def letters_for(number: int) -> list[str]:
    """What is pressed for so many places, none the beginning of another: one letter as far as they reach, else two."""
    known = len(_LETTERS)
    firsts = min(max(0, -((known - number) // (known - 1))), known)
    pairs = [first + second for first in _LETTERS[known - firsts :] for second in _LETTERS]
    return [*_LETTERS[: known - firsts], *pairs][:number]


def targets_in(frame: ViewFrame, focused: Widget | None) -> list[LineTarget]:
    """The rows in sight of every list, those of the one that has the keys first; of what has no rows, itself."""
    panes = [one for one in frame.query("*") if one.focusable and one.is_on_screen]
    panes.sort(key=lambda one: one is not focused)
    return [target for pane in panes for target in _targets_of(pane)]


def _targets_of(pane: Widget) -> list[LineTarget]:
    x, y = pane.content_region.offset
    if isinstance(pane, LongList) and pane.in_sight:
        return [LineTarget(x, pane.line_of(place), partial(_go_to_row, pane, place)) for place in pane.in_sight]
    return [LineTarget(x, y, pane.focus)]


def _go_to_row(pane: LongList, place: int) -> None:
    pane.focus()
    pane.move_to(place)


class LetterScreen(Box):
    """The letters, with the view below; any other key takes them away."""

    DEFAULT_CSS = """
    LetterScreen { background: $background 0%; }
    LetterScreen Letters { position: absolute; background: $accent; color: $background; }
    """

    def __init__(self, targets: Sequence[LineTarget]) -> None:
        super().__init__()
        self._targets = dict(zip(letters_for(len(targets)), targets, strict=False))
        self._pressed = ""

    def compose(self) -> ComposeResult:
        """A column of letters for lines below each other."""
        columns: list[dict[str, LineTarget]] = []
        last: LineTarget | None = None
        for letters, target in self._targets.items():
            if last is None or (target.x, target.y) != (last.x, last.y + 1):
                columns.append({})
            columns[-1][letters] = last = target
        for column in columns:
            first = next(iter(column.values()))
            shown = Letters(tuple(column))
            shown.styles.offset = (first.x, first.y)
            shown.styles.width, shown.styles.height = max(map(len, column)), len(column)
            yield shown

    def on_key(self, event: events.Key) -> None:
        """Goes where the letters are that were pressed."""
        event.stop()
        self._pressed += key_pressed(event.key, event.character)
        target = self._targets.get(self._pressed)
        if target is not None:
            # Once what is below has the keys again.
            self.dismiss(None)
            self.app.call_later(target.go)
        elif any(one.startswith(self._pressed) for one in self._targets):
            for column in self.query(Letters):
                column.press(self._pressed)
        else:
            self.dismiss(None)

    def on_click(self) -> None:
        """A click takes them away."""
        self.dismiss(None)


class Letters(Widget):
    """Letters below each other; those that cannot be meant any more are taken away."""

    def __init__(self, letters: Sequence[str]) -> None:
        super().__init__()
        self._letters = tuple(letters)
        self._pressed = ""

    def press(self, pressed: str) -> None:
        """Has those go that begin otherwise."""
        self._pressed = pressed
        self.refresh()

    def render_line(self, y: int) -> Strip:
        """The letters of one line."""
        letters = self._letters[y]
        shown = letters.removeprefix(self._pressed) if letters.startswith(self._pressed) else ""
        return Strip([Segment(f"{shown:<{self.size.width}}", self.rich_style)])
