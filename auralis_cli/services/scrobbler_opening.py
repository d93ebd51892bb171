"""Puts a server of plays together from what is set: address, token, and the hosts that may be asked."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from auralis_cli.model.online import ScrobbleSettings
from auralis_cli.settings import TOKEN_VARIABLE

if TYPE_CHECKING:
    from auralis_cli.model.progress import CancelToken
    from auralis_cli.services.listenbrainz import ListenServer
    from auralis_cli.services.scrobbler import Scrobbler

Said = Callable[[str], None]


def open_listen_server(
    settings: ScrobbleSettings, variables: Mapping[str, str], warn: Said, said: Said, cancel: CancelToken
) -> ListenServer:
    """The server that is told of plays. Raises UsageError where there is no token, or httpx is missing."""
    from auralis_cli.services.access_token import find_token
    from auralis_cli.services.listenbrainz import ListenServer
    from auralis_cli.services.web_client import WebClient
    from auralis_cli.services.web_hosts import AllowedHosts, host_of

    token = find_token(settings.token_file, TOKEN_VARIABLE, variables, warn)
    web = WebClient(AllowedHosts([host_of(settings.server)]), said, cancel)
    return ListenServer(web, settings.server, token)


def open_scrobbler(
    settings: ScrobbleSettings | None, library: Path, variables: Mapping[str, str], complain: Said
) -> Scrobbler | None:
    """Tells plays beside the player until it is closed; None where they are not to be told now."""
    if settings is None or not (settings.is_enabled and settings.is_online):
        return None
    from auralis_cli.services.listen_queue import ListenQueue
    from auralis_cli.services.scrobbler import Scrobbler

    opened = partial(open_listen_server, settings, variables, complain, lambda _line: None)
    return Scrobbler(ListenQueue(library), opened, complain)


def listen_queued(settings: ScrobbleSettings | None, scrobbler: Scrobbler | None) -> Callable[[], None] | None:
    """What is to be called when a play is queued; None where none are to be queued."""
    if scrobbler is not None:
        return scrobbler.wake
    return (lambda: None) if settings is not None and settings.is_enabled else None
