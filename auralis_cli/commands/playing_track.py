"""The track that a running player plays, for verbs that mean it where nothing is named."""

from __future__ import annotations

from typing import TYPE_CHECKING

from auralis_cli.commands.verb import Session
from auralis_cli.errors import NoPlayerError

if TYPE_CHECKING:
    from auralis_cli.model.player_status import TrackStatus


def playing_track(session: Session, player: str | None) -> TrackStatus:
    """What the player of that name plays; NoPlayerError where none runs, or it has nothing to play."""
    from auralis_cli.services.hand_over import reach
    from auralis_cli.services.remote_player import find_player

    variables = session.output.variables
    with reach(find_player(player, variables), variables, session.cancel.raise_if_cancelled) as remote:
        track = remote.status().track
    if track is None:
        raise NoPlayerError("player", "its queue is empty", "name tracks by a query, or queue some")
    return track
