"""`auralis play --web`: the terminal player in a browser of this machine."""

from __future__ import annotations

import secrets
import socket
import subprocess
from collections.abc import Sequence
from contextlib import suppress
from importlib.util import find_spec

from auralis_cli.commands.verb import Session
from auralis_cli.errors import AuralisError, NoPlayerError, UsageError
from auralis_cli.paths import state_dir
from auralis_cli.services.remedies import how_to_get_extra

_KEY_BYTES = 16


def serve_screen(session: Session, words: Sequence[str], log_file: str) -> int:
    """Serves it until Ctrl-C; a player that was started for it ends with it."""
    if find_spec("textual_serve") is None:
        raise UsageError("--web", "needs textual-serve, which is not installed", how_to_get_extra("web"))
    from auralis_cli.player.control_place import DEFAULT_NAME
    from auralis_cli.services.background_verbs import own_command
    from auralis_cli.services.player_process import PlayerProcess
    from auralis_cli.services.remote_player import RemotePlayer, is_running
    from auralis_cli.tui.web_screen import LOOPBACK, WebScreen

    variables, command = session.output.variables, own_command(session.library_path, session.config_file)
    listening = socket.socket()
    try:
        listening.bind((LOOPBACK, 0))
    except OSError as error:
        raise AuralisError("--web", f"cannot be served: {error.strerror or error}") from error
    player = PlayerProcess(command, variables, state_dir(variables) / log_file, lambda code, line: None)
    if words or not is_running(DEFAULT_NAME, variables):
        player.begin(words, stdin=subprocess.DEVNULL)
    try:
        WebScreen((*command, "play"), secrets.token_urlsafe(_KEY_BYTES), listening, session.output.result).serve()
    finally:
        if player.is_running:
            with suppress(NoPlayerError), RemotePlayer(DEFAULT_NAME, variables) as remote:
                remote.quit()
    session.cancel.raise_if_cancelled()
    return 0
