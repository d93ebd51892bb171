"""Shows the player to the desktop where there is one; imports D-Bus only then."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from auralis_cli.player.mpris import FindCover, Mpris, Perform, Seen


def show_on_desktop(
    player: Seen, perform: Perform, environ: Mapping[str, str] = os.environ, find_cover: FindCover | None = None
) -> Mpris | None:
    """Media keys and `playerctl` drive the player until the result is closed; None without a session's D-Bus.

    `perform` does an action of the registry by its id, `find_cover` finds pictures to show.
    """
    address = session_bus_address(environ)
    if address is None:
        return None
    try:
        from auralis_cli.player.mpris import Mpris, no_cover
    except ImportError:
        # The extra `mpris` is not installed.
        return None
    return Mpris(player, perform, address, find_cover or no_cover)


def session_bus_address(environ: Mapping[str, str]) -> str | None:
    """Where the session's bus is; none is started."""
    if named := environ.get("DBUS_SESSION_BUS_ADDRESS"):
        return named
    socket = Path(environ.get("XDG_RUNTIME_DIR") or "/nonexistent", "bus")
    return f"unix:path={socket}" if socket.is_socket() else None
