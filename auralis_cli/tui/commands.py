"""The one table of what can be said to the terminal player: all actions of the player, and what only a screen can do.

A command line is a command with its words, `seek +5`, `view queue`: what keys are bound to, what `:` and the palette
take. What a view does not take for itself, the app does, or the player.
"""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from difflib import get_close_matches
from types import MappingProxyType

from auralis_cli.errors import UsageError
from auralis_cli.model.actions import ACTIONS
from auralis_cli.quick_dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Command:
    """One thing that can be said."""

    id: str
    help: str
    # How its words are written: `NAME`, `[N]`.
    words: str = ""
    # The views it is for; empty for everywhere.
    views: tuple[str, ...] = ()
    # What it may be given, for completion; empty where that is no short list.
    choices: tuple[str, ...] = ()
    # Whether it may stand without words: on what is selected, or as a toggle.
    stands_alone: bool = True
    # Whether the player knows it as well.
    is_action: bool = False

    @property
    def usage(self) -> str:
        """As it is written: `view NAME`."""
        return f"{self.id} {self.words}".strip()


# On what is selected or marked in the view that is looked at.
_ON_ROWS = (
    Command("play-selected", "Play what is selected; the rest of the list follows."),
    Command("enqueue", "Put what is selected at the end of the queue."),
    Command("play-next", "Put what is selected behind the track that plays; or what a query finds.", "[QUERY...]"),
    Command("remove", "Take what is selected out of this list, never from the disk."),
    Command("move-up", "Move what is selected one up."),
    Command("move-down", "Move what is selected one down."),
    Command("mark", "Mark the row, or unmark it."),
    Command("mark-range", "Mark all rows from the last mark to here."),
    Command("mark-all", "Mark all rows, or none."),
    Command("add-to-playlist", "Put what is selected into a playlist."),
    Command("more-like-this", "Play what sounds like the selected track."),
    Command("info", "Show all that is known of the selected track."),
    Command("tag", "Edit the tags of what is selected."),
    Command("rate", "Rate what is selected, else what plays, 0 to 5; none takes the rating away.", "[VALUE]"),
    Command("favourite", "Make what is selected a favourite, or none any more; in views without a list what plays."),
    Command("apply", "Mend what was found, after a question.", views=("cleanup",)),
    Command("undo", "Take the last change of this list back."),
    Command("redo", "Do again what was taken back."),
)
_MOVES = (
    Command("up", "One row up."),
    Command("down", "One row down."),
    Command("page-up", "One page up."),
    Command("page-down", "One page down."),
    Command("top", "To the first row."),
    Command("bottom", "To the last row."),
    Command("left", "To the pane at the left, or the folder above."),
    Command("right", "To the pane at the right, or into the folder."),
    Command("next-pane", "To the next pane."),
    Command("previous-pane", "To the pane before."),
    Command("filter", "Show only rows that fit; a query in the library.", "[QUERY...]"),
    Command("next-match", "To the next row that fits."),
    Command("previous-match", "To the row before that fits."),
    Command("back", "Close, clear the filter, unmark: whatever was opened last."),
    Command("sort", "Sort by another column.", "[FIELD]"),
    Command("panes", "All tracks in one list, or artists and albums beside them.", views=("library",)),
    Command("jump-to-playing", "To the track that plays."),
    Command("hidden", "Show hidden folders and files as well, or not.", views=("files",)),
    Command("letters", "Show letters over rows and panes; a letter goes there."),
)
_LISTS = (
    Command("save-queue", "Keep the queue under a name.", "[NAME]", views=("queue",)),
    Command("load-queue", "Put a queue that was kept in the place of this one.", "[NAME]", views=("queue",)),
    Command(
        "new-playlist", "Make a playlist; a query makes one that fills itself.", "[NAME [QUERY...]]",
        views=("playlists",),
    ),
    Command("rename-playlist", "Give the playlist another name.", "[NAME]", views=("playlists",)),
    Command("import-playlist", "Make a playlist of a playlist file.", "[FILE]", views=("playlists",)),
    Command("export-playlist", "Write the playlist into a file.", "[FILE]", views=("playlists",)),
)  # fmt: skip
_SCREEN = (
    Command("view", "Look at another view.", "NAME", stands_alone=False),
    Command("command-line", "Type a command."),
    Command("palette", "Find a command by its words."),
    Command("help", "Show the keys of what is focused."),
    Command("theme", "Show it in other colours.", "[NAME]"),
    Command("lyrics", "Show the words of the track that plays."),
    Command("choose-preset", "Choose the character of the mastering."),
    Command("render", "Render the track as it is heard, mastered, into a file.", "[FILE]", views=("studio",)),
    Command("cycle-repeat", "Repeat all, then one, then off."),
    Command("start-player", "Start the player again after it has ended."),
    Command("rescan", "Look for what has changed in the music folders."),
    Command("leave", "Leave the player playing and close this screen."),
    Command("quit", "Close this screen, and end the player that was started with it."),
    Command("end-player", "End the player, whoever started it, and close this screen."),
    Command("suspend", "Put this screen to sleep; fg in the shell wakes it up."),
)


def _of_actions() -> dict[str, Command]:
    """The player's actions, but for the one that would end it where a screen is to be closed."""
    return {
        action.id: Command(
            action.id,
            action.help,
            action.usage.removeprefix(action.id).strip(),
            choices=tuple(action.arguments[0].kind.choices) if action.arguments else (),
            stands_alone=all(one.default is not None for one in action.arguments),
            is_action=True,
        )
        for action in ACTIONS.values()
    }


def _table() -> dict[str, Command]:
    """Both together; where a view does on its rows what the player does as well, there is one command for both."""
    table = _of_actions()
    for one in (*_ON_ROWS, *_MOVES, *_LISTS, *_SCREEN):
        known = table.get(one.id)
        table[one.id] = one if known is None or one.id == "quit" else _both(one, known)
    return table


def _both(screen: Command, action: Command) -> Command:
    return Command(screen.id, screen.help, screen.words or action.words, screen.views, action.choices, is_action=True)


COMMANDS: dict[str, Command] = _table()


# What the footer calls commands whose id is too long for it, or says too little.
_LABELS: Mapping[str, str] = MappingProxyType(
    {
        "toggle": "pause", "play-selected": "play", "play-next": "play next", "add-to-playlist": "to playlist",
        "more-like-this": "alike", "tag": "tags", "help": "keys", "next-pane": "pane", "choose-preset": "preset",
        "cycle-repeat": "repeat", "command-line": "command", "jump-to-playing": "to playing", "compare": "A/B",
        "mark-range": "mark to here", "move-up": "up", "move-down": "down", "new-playlist": "new",
    }
)  # fmt: skip


def label_of(line: str) -> str:
    """What the footer calls a command line: `play` for `play-selected`."""
    name, _, words = line.partition(" ")
    return _LABELS.get(line) or (words if name == "view" else f"{_LABELS.get(name, name)} {words}".strip())


def command_named(name: str) -> Command:
    """The command of that name; UsageError for one that is none, with the nearest."""
    found = COMMANDS.get(name)
    if found is None:
        close = get_close_matches(name[:80], COMMANDS, n=1)
        raise UsageError(
            name[:80], "no such command", f"did you mean {close[0]}?" if close else "F1 shows what there is"
        )
    return found


def read_line(line: str) -> tuple[Command, tuple[str, ...]]:
    """The command of a line and its words; UsageError for a line that is none."""
    try:
        words = shlex.split(line)
    except ValueError as error:
        raise UsageError(line[:80], "a quote is not closed") from error
    if not words:
        raise UsageError("command", "is empty")
    command = command_named(words[0])
    if len(words) == 1 and not command.stands_alone:
        raise UsageError(command.id, f"{command.words} is missing", command.usage)
    return command, tuple(words[1:])
