"""What may be asked of servers, and of which, as the user has set it."""

from __future__ import annotations

from pathlib import Path

from auralis_cli.quick_dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class OnlineSettings:
    """Where covers are looked up."""

    # Whether anything is asked at all.
    is_allowed: bool
    musicbrainz: str
    cover_art: str
    # Further hosts to which those may send on.
    hosts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ScrobbleSettings:
    """Who is told of plays."""

    # Whether plays are queued to be told.
    is_enabled: bool
    # Whether they are told by the player itself, as soon as they are there.
    is_online: bool
    server: str
    token_file: Path | None
