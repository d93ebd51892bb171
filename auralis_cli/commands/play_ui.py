"""`auralis play` in a terminal: the screen at once, over the player that runs, or over one that is started for it."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from typing import TYPE_CHECKING

import typer

from auralis_cli.commands.sure_end import ended_for_sure
from auralis_cli.commands.verb import Session
from auralis_cli.errors import AuralisError, UsageError, unforeseen
from auralis_cli.paths import state_dir
from auralis_cli.tui.memory_at_start import collected_later

if TYPE_CHECKING:
    from auralis_cli.tui.app import AuralisApp

# Who runs a screen for a browser says so by it.
_DRIVER = "TEXTUAL_DRIVER"
LOG_FILE = "player.log"
_TERMINAL = "/dev/tty"
_HINT = "--headless plays without"


def open_screen(context: typer.Context, session: Session, *, new: bool, reads_names: bool) -> int:
    """Shows the player until the user leaves; `reads_names` where standard input has the names of what is played."""
    # In a browser the screen is drawn by way of pipes.
    terminal = None if _DRIVER in session.output.variables else opened_terminal(reads_names=reads_names)
    words = words_behind_verb(context, session.words)
    with collected_later():
        app = _app(session, words, terminal, new=new, stdin=0 if reads_names else subprocess.DEVNULL)
        code = shown(app, terminal)
    session.cancel.raise_if_cancelled()
    return code


def shown(app: AuralisApp, terminal: int | None) -> int:
    """Shows it until it is left; raises what it failed of, the terminal as it was before."""
    streams = nullcontext() if terminal is None else standard_streams_on(terminal)
    # Textual can wait for ever for a terminal that is gone, and its reader asks that one again and again.
    with streams, ended_for_sure(app.context.cancel):
        code = app.run()
    if app.failure is not None:
        raise app.failure if isinstance(app.failure, AuralisError) else unforeseen(app.failure)
    return code or 0


def _app(session: Session, words: Sequence[str], terminal: int | None, *, new: bool, stdin: int) -> AuralisApp:
    """The screen, not shown yet, its player on the way."""
    from auralis_cli.player.control_place import DEFAULT_NAME, new_name
    from auralis_cli.services.background_verbs import own_command
    from auralis_cli.services.player_process import PlayerProcess
    from auralis_cli.services.remote_player import is_running
    from auralis_cli.services.terminal_graphics import screen_graphics
    from auralis_cli.tui.app import AuralisApp
    from auralis_cli.tui.context import UiContext
    from auralis_cli.tui.keymap import own_keymap
    from auralis_cli.tui.link import RunningPlayers
    from auralis_cli.tui.messages import PlayerEnded

    variables = session.output.variables
    ui = UiContext(
        session.library_path, session.config, variables, time.monotonic, time.time, own_keymap(session.config),
        session.config_file, session.cancel,
        screen_graphics(terminal, variables, session.config.value("play.covers")),
    )  # fmt: skip
    player = PlayerProcess(
        own_command(session.library_path, session.config_file), variables, state_dir(variables) / LOG_FILE,
        lambda code, complaint: app.post_message(PlayerEnded(code, complaint)), again=("--new",) if new else (),
    )  # fmt: skip

    def name() -> str:
        return new_name(player.pid) if new and player.pid is not None else DEFAULT_NAME

    # Where there is no music yet, the library says how it comes in.
    first_view = "now" if words or session.library_path.exists() else "library"
    app = AuralisApp(RunningPlayers(name, variables), ui, first_view, player)
    if words or new or not is_running(DEFAULT_NAME, variables):
        # Where a player runs it gets the words, and this one ends at once.
        player.begin(words, stdin=stdin)
    return app


def words_behind_verb(context: typer.Context, words: Sequence[str]) -> tuple[str, ...]:
    """What stands on the command line behind `play`: the options before it have values of their own."""
    root = context.find_root().command
    with_value = {name for one in root.params if not getattr(one, "is_flag", True) for name in one.opts}
    place = 0
    while words[place].startswith("-"):
        place += 2 if words[place] in with_value else 1
    return tuple(words[place + 1 :])


def can_show_a_screen(session: Session, *, reads_names: bool) -> bool:
    """Whether there is a terminal, or a browser behind pipes."""
    return _DRIVER in session.output.variables or _is_on_terminal(reads_names=reads_names)


def _is_on_terminal(*, reads_names: bool) -> bool:
    """Standard error may be a file, and so may be the names' input. A dumb terminal has lines, and no screen."""
    return sys.stdout.isatty() and (reads_names or os.isatty(0)) and os.environ.get("TERM") != "dumb"


def opened_terminal(*, reads_names: bool) -> int:
    """The terminal; UsageError where there is none."""
    if not _is_on_terminal(reads_names=reads_names):
        raise UsageError("play", "needs a terminal that has a screen", _HINT)
    try:
        return os.open(_TERMINAL, os.O_RDWR)
    except OSError as error:
        raise UsageError("play", "needs a terminal that has a screen", _HINT) from error


@contextmanager
def standard_streams_on(terminal: int) -> Iterator[None]:
    """Standard input and error, where the screen reads and draws, are the terminal for that long."""
    kept = {number: os.dup(number) for number in (0, 2)}
    sys.stderr.flush()
    try:
        for number in kept:
            os.dup2(terminal, number)
        yield
    finally:
        for number, own in kept.items():
            os.dup2(own, number)
            os.close(own)
        os.close(terminal)
