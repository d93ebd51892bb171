"""Finding a command by its words: Textual's palette over the one table of commands."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING, cast

from textual.command import CommandPalette, DiscoveryHit, Hit, Hits, Provider

from auralis_cli.tui.box import KeysFromOpening
from auralis_cli.tui.commands import COMMANDS, Command

if TYPE_CHECKING:
    from auralis_cli.tui.app import AuralisApp


class Palette(CommandPalette, KeysFromOpening):
    """What is typed finds a command."""

    def __init__(self) -> None:
        super().__init__(providers=[CommandProvider], placeholder="find a command")


class CommandProvider(Provider):
    """All commands; one that wants a word is offered with each it may have, or opens the command line."""

    async def discover(self) -> Hits:
        """All of them, before anything is typed."""
        for line, command in self._lines():
            yield DiscoveryHit(line, partial(self._say, line), help=self._help(line, command))

    async def search(self, query: str) -> Hits:
        """Those whose name or description fits."""
        matcher = self.matcher(query)
        for line, command in self._lines():
            score = max(matcher.match(line), 0.8 * matcher.match(command.help))
            if score > 0:
                yield Hit(score, matcher.highlight(line), partial(self._say, line), help=self._help(line, command))

    @property
    def _auralis(self) -> AuralisApp:
        return cast("AuralisApp", self.app)

    def _lines(self) -> Iterator[tuple[str, Command]]:
        for command in COMMANDS.values():
            words = self._auralis.words_of(command)
            if command.stands_alone or not words:
                yield command.id, command
            yield from ((f"{command.id} {word}", command) for word in words)

    def _help(self, line: str, command: Command) -> str:
        keys = self._auralis.keymap.first_keys.get(line)
        return f"{command.help}  ({keys})" if keys else command.help

    def _say(self, line: str) -> None:
        command = COMMANDS.get(line)
        if command is not None and not command.stands_alone:
            self._auralis.open_command_line(f"{line} ")
        else:
            self._auralis.run_line(line)
