"""The line in which commands are typed: completes them, remembers them, Esc closes it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, cast

from textual import events
from textual.suggester import Suggester

from auralis_cli.tui.commands import COMMANDS
from auralis_cli.tui.widgets.typed_line import TypedLine

if TYPE_CHECKING:
    from auralis_cli.tui.app import AuralisApp

_KEPT_LINES = 100


def completed(typed: str, names: dict[str, tuple[str, ...]]) -> str | None:
    """The first command line that goes on as what was typed; `names` has what follows a command."""
    return next((line for line in _lines(names) if typed and line.startswith(typed) and line != typed), None)


def _lines(names: dict[str, tuple[str, ...]]) -> Iterator[str]:
    yield from COMMANDS
    for command in COMMANDS.values():
        yield from (f"{command.id} {word}" for word in names.get(command.id, command.choices))


class CommandLine(TypedLine):
    """Hidden until it is asked for; Enter says the line to the app."""

    DEFAULT_CSS = "CommandLine { padding: 0 1; background: $boost; }"

    def __init__(self, names: dict[str, tuple[str, ...]]) -> None:
        super().__init__(placeholder="command", compact=True, suggester=_Completion(names), select_on_focus=False)
        self.display = False
        self._lines: list[str] = []
        # Where in them the arrows are; their number for the line being typed.
        self._place = 0

    def open(self, line: str = "") -> None:
        """Takes the keys, with the beginning of a line."""
        self.display = True
        self.value = line
        self.cursor_position = len(line)
        self._place = len(self._lines)
        self.screen.set_focus(self)

    def close(self) -> None:
        """Gives the keys back to the view."""
        self.display = False
        cast("AuralisApp", self.app).frame.focus_first()

    def entered(self) -> None:
        """Says the line."""
        line = self.value.strip()
        self.close()
        if line:
            self._lines = [*(one for one in self._lines if one != line), line][-_KEPT_LINES:]
            cast("AuralisApp", self.app).run_line(line)

    def left(self, _event: events.Key) -> None:
        """Says nothing."""
        self.close()

    def on_key(self, event: events.Key) -> None:
        """Tab takes what is suggested, the arrows bring lines back."""
        moves: dict[str, Callable[[], None]] = {"tab": self.action_cursor_right}
        moves |= {"up": lambda: self._recall(-1), "down": lambda: self._recall(1)}
        if event.key in moves and self.screen.focused is self:
            event.stop()
            event.prevent_default()
            moves[event.key]()

    def _recall(self, step: int) -> None:
        self._place = min(max(self._place + step, 0), len(self._lines))
        self.value = self._lines[self._place] if self._place < len(self._lines) else ""
        self.cursor_position = len(self.value)


class _Completion(Suggester):
    def __init__(self, names: dict[str, tuple[str, ...]]) -> None:
        super().__init__(case_sensitive=True)
        self._names = names

    async def get_suggestion(self, value: str) -> str | None:
        return completed(value, self._names)
