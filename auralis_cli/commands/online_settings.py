"""What the user allows of the network, read from the settings for whoever asks servers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from auralis_cli.errors import UsageError
from auralis_cli.model.online import OnlineSettings, ScrobbleSettings

if TYPE_CHECKING:
    from auralis_cli.config import Config

Online = Annotated[bool, typer.Option("--online", help="Ask servers this once, also where online.enabled is false.")]


def online_settings(config: Config, *, asked: bool) -> OnlineSettings:
    """Where covers are looked up; `asked` is --online."""
    hosts = config.value("online.hosts") or ""
    return OnlineSettings(
        asked or config.value("online.enabled"),
        config.value("online.musicbrainz"),
        config.value("online.cover_art"),
        tuple(hosts.split("\n")) if hosts else (),
    )


def scrobble_settings(config: Config, *, asked: bool = False) -> ScrobbleSettings:
    """Who is told of plays; `asked` is --online."""
    return ScrobbleSettings(
        config.value("scrobble.enabled"),
        asked or config.value("online.enabled"),
        config.value("scrobble.server"),
        config.value("scrobble.token_file"),
    )


def check_allowed(*, is_allowed: bool) -> None:
    """Raises UsageError where no server may be asked."""
    if not is_allowed:
        raise UsageError("online", "asking servers is off", "--online allows it once, online.enabled = true always")
