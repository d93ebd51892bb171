"""What the app itself does for commands that no view takes."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from types import MappingProxyType
from typing import TYPE_CHECKING

from auralis_cli.errors import UsageError
from auralis_cli.tui.dialogs import Answer, Ask, Choose
from auralis_cli.tui.help_screen import HelpScreen, key_lines
from auralis_cli.tui.letters import LetterScreen, targets_in
from auralis_cli.tui.render_heard import render_heard
from auralis_cli.tui.themes import ThemePreview
from auralis_cli.tui.view import begin_work
from auralis_cli.tui.view_table import VIEWS

if TYPE_CHECKING:
    from auralis_cli.tui.app import AuralisApp

Words = Sequence[str]
_LEAVE, _QUIT = "leave", "quit"


def quit_(app: AuralisApp, _words: Words) -> None:
    """Closes the screen. A player that was started with it ends as well, unless the user wants it to play on."""
    owned = app.own_player
    if owned is None or not owned.is_running:
        app.exit(0)
        return
    at_quit = app.context.config.value("play.at_quit")
    status = app.state.status
    if at_quit == "ask" and status is not None and status.state == "playing":
        answers = (Answer("l", "leave it playing", _LEAVE), Answer("q", "quit: it ends as well", _QUIT))
        app.push_screen(Ask("The player is playing.", answers), lambda value: _quit_so(app, value))
    else:
        _quit_so(app, _LEAVE if at_quit == _LEAVE else _QUIT)


def told_to_end(app: AuralisApp) -> None:
    """A signal, or a terminal that is lost: nobody can be asked, and the music stops only for who wants that always."""
    owned = app.own_player
    is_to_end = owned is not None and owned.is_running and app.context.config.value("play.at_quit") == "end"
    _quit_so(app, _QUIT if is_to_end else _LEAVE)


def _quit_so(app: AuralisApp, how: str | None) -> None:
    if how == _QUIT:
        app.link.do("quit")
    if how is not None:
        app.exit(0)


def end_player(app: AuralisApp, _words: Words) -> None:
    """Ends the player, whoever started it."""
    _quit_so(app, _QUIT)


def start_player(app: AuralisApp, _words: Words) -> None:
    """A player again, which goes on where the last one stopped."""
    if app.state.is_connected or app.own_player is None:
        raise UsageError("start-player", "a player runs" if app.state.is_connected else "start auralis play again")
    app.own_player.begin_again()


def cycle_repeat(app: AuralisApp, _words: Words) -> None:
    """Off, all, one, and off again."""
    following = {"off": "all", "all": "one"}
    app.link.do_next("repeat", lambda status: {"mode": following.get(status.repeat, "off")})


def intensity(app: AuralisApp, words: Words) -> None:
    """A step from what it is, or what is said."""
    word = words[0] if words else ""
    if word[:1] not in ("+", "-"):
        app.act("intensity", (word,) if word else ())
        return
    try:
        step = float(word)
    except ValueError:
        step = math.nan
    if not math.isfinite(step):
        raise UsageError("intensity", f"{word!r} is no step such as +0.1")
    app.link.do_next("intensity", lambda status: {"amount": min(max(status.intensity + step, 0.0), 1.0)})


def choose_preset(app: AuralisApp, _words: Words) -> None:
    """A list of the presets, the user's own among them."""
    current = "" if app.state.status is None else app.state.status.preset
    names = [(name, name) for name in app.context.config.presets]

    def chosen(name: str | None) -> None:
        if name is not None:
            app.link.do("preset", name=name)

    app.push_screen(Choose("Character of the mastering", names, current=current), chosen)


def theme(app: AuralisApp, words: Words) -> None:
    """The theme of that name; a list where none is named, which shows each one as the cursor rests on it."""
    if words and words[0] not in app.available_themes:
        raise UsageError(words[0][:80], "no such theme", f"there are {', '.join(app.available_themes)}")
    if words:
        app.theme = words[0]
        return

    preview = ThemePreview(app)
    names = [(name, name) for name in app.available_themes]
    dialog = Choose("Theme, seen where the cursor rests", names, current=app.theme, passed=preview.look_at)
    dialog.add_class("see-through")
    app.push_screen(dialog, preview.end)


def help_(app: AuralisApp, _words: Words) -> None:
    """The keys, those of the view that is seen first."""
    row, view = VIEWS[app.state.view], app.view
    lines = key_lines(app.keymap, row.title, () if view is None else view.FOOTER, row.name)
    app.push_screen(HelpScreen(tuple(lines)))


def letters(app: AuralisApp, _words: Words) -> None:
    """Letters over what the view shows; the one that is pressed goes there."""
    targets = targets_in(app.frame, app.focused)
    if not targets:
        raise UsageError("letters", "there is nothing here to go to")
    app.push_screen(LetterScreen(targets))


def palette(app: AuralisApp, _words: Words) -> None:
    """Textual's palette over the table of commands; imported now, for it is much to import."""
    from auralis_cli.tui.palette import Palette

    app.push_screen(Palette())


def _with_playing(command: str) -> Callable[[AuralisApp, Words], None]:
    """Does it with what plays; what it needs is imported when it is wanted first."""

    def do(app: AuralisApp, words: Words) -> None:
        from auralis_cli.tui.liking import do_with_playing

        begin_work(app, partial(do_with_playing, app, command, words), "liking", replaces=False)

    return do


APP_COMMANDS: Mapping[str, Callable[[AuralisApp, tuple[str, ...]], None]] = MappingProxyType(
    {
        "view": lambda app, words: app.look_at(words[0]),
        "command-line": lambda app, words: app.open_command_line(" ".join(words)),
        "palette": palette,
        "letters": letters,
        "help": help_,
        "theme": theme,
        "lyrics": lambda app, _words: app.look_at("lyrics"),
        "choose-preset": choose_preset,
        "cycle-repeat": cycle_repeat,
        "intensity": intensity,
        "render": render_heard,
        **{name: _with_playing(name) for name in ("rate", "favourite", "info")},
        "rescan": lambda app, _words: app.begin_scan(),
        "start-player": start_player,
        "jump-to-playing": lambda app, _words: app.look_at("queue"),
        "leave": lambda app, _words: app.exit(0),
        "quit": quit_,
        "end-player": end_player,
        "suspend": lambda app, _words: app.action_suspend_process(),
    }
)
