"""`auralis keys`: prints which key of the terminal player says which command."""

from __future__ import annotations

from typing import Annotated

import typer

from auralis_cli.commands.options import AsJson
from auralis_cli.commands.parsers import Suggestion
from auralis_cli.commands.verb import Page, session_of
from auralis_cli.errors import UsageError
from auralis_cli.json_form import FORMAT_VERSION
from auralis_cli.settings import KEY_PRESETS
from auralis_cli.terminal_text import align, display_width, printable
from auralis_cli.tui.commands import COMMANDS, read_line
from auralis_cli.tui.key_names import shown_key
from auralis_cli.tui.keymap import Keymap, own_keymap

PAGE = Page(
    examples=(
        ("auralis keys", "The keys there are, with your own among them."),
        ("auralis keys --preset cmus", "Where the hands of cmus find things."),
        ("auralis keys --json | jq -r '.items[] | select(.line == \"undo\").keys[]'", "The keys of one command."),
    ),
    exit_status=(
        (0, "The keys were printed."),
        (
            2,
            "Usage; or [keys] of the settings file names a command or a key that is none, or one key for two commands.",
        ),
    ),
    details=(
        "A key says a command line, in the same words as auralis ctl and the command line of the terminal player (:).",
        "play.keys (see auralis-config(5)) chooses whose keys these are. The section [keys] of the settings file gives "
        'a command line other keys, such as "seek +5" = "right, l", and "" none; they win over the keys of others, '
        "which is said when the terminal player starts. Keys are written space, x, X, >, comma, ctrl+d, shift+left, "
        'alt+1, f1, enter, escape, tab, pageup; "g g" is one after the other.',
    ),
    tables=(("Commands", tuple((command.usage, command.help) for command in COMMANDS.values())),),
    needs_settings=True,
)


def keys(
    context: typer.Context,
    preset: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            parser=Suggestion(KEY_PRESETS),
            help=f"Show those of NAME: {', '.join(KEY_PRESETS)}.",
            show_default="play.keys",
        ),
    ] = None,
    json: AsJson = False,
) -> int:
    """Show the keys of the terminal player.

    Each with the command line it says.
    """
    session = session_of(context)
    if preset is not None and preset not in KEY_PRESETS:
        raise UsageError(preset, "there are no such keys", f"there are {', '.join(KEY_PRESETS)}")
    keymap = own_keymap(session.config, preset)
    for note in keymap.notes:
        session.output.note(note)
    if json:
        session.output.document({"auralis": FORMAT_VERSION, "items": _items(keymap)})
        return 0
    rows = [(" ".join(map(shown_key, keymap.keys_of(line))), line, _help(line)) for line in _lines(keymap)]
    widths = [max(display_width(row[column]) for row in rows) for column in range(2)]
    for row in rows:
        session.output.result(printable(align(row, (*widths, 0))))
    return 0


def _lines(keymap: Keymap) -> list[str]:
    return list(dict.fromkeys(one.line for one in keymap.bindings))


def _help(line: str) -> str:
    return read_line(line)[0].help


def _items(keymap: Keymap) -> list[dict[str, object]]:
    return [{"line": line, "keys": keymap.keys_of(line), "help": _help(line)} for line in _lines(keymap)]
