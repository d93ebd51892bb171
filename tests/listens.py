"""Libraries with plays that wait to be told, and what tells them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import library_of
from web_server import WebServer

from auralis_cli.db.store import Store
from auralis_cli.model.listens import ListenCounts
from auralis_cli.model.playback import PlayableTrack
from auralis_cli.model.progress import CancelToken
from auralis_cli.model.source import AudioSource
from auralis_cli.services.access_token import AccessToken
from auralis_cli.services.listenbrainz import ListenServer
from auralis_cli.services.web_client import WebClient
from auralis_cli.services.web_hosts import AllowedHosts

TOKEN = "9f0c-t0ken-of-nobody"
FIRST_AT = 1_700_000_000


def library_with(path: Path, listens: int = 0) -> Path:
    with Store.open(path, program="test", now=1) as store:
        records = [library_of.record(f"/m/{letter}.flac", artist="Ann", album="All") for letter in "abc"]
        library_of.put(store, records)
        for number in range(listens):
            store.listens.add(FIRST_AT + number, None, {"artist_name": "Ann", "track_name": f"{number}"})
    return path


def counts(library: Path) -> ListenCounts:
    with Store.open(library, program="test", now=1, read_only=True) as store:
        return store.listens.counts()


def server_at(web: WebServer, cancel: CancelToken | None = None, said: Callable[[str], None] = print) -> ListenServer:
    return ListenServer(WebClient(AllowedHosts([web.host]), said, cancel), web.address, AccessToken(TOKEN, "test"))


def names_told(web: WebServer) -> list[list[str]]:
    """What was told, request by request."""
    return [[one["track_metadata"]["track_name"] for one in asked.document["payload"]] for asked in web.requests]


def all_told(web: WebServer) -> list[str]:
    return [name for names in names_told(web) for name in names]


def playable(letter: str = "a", track_id: int | None = 1, duration_s: float | None = 60.0) -> PlayableTrack:
    source = AudioSource(Path(f"/m/{letter}.flac"))
    return PlayableTrack(source, letter, "Ann", "All", duration_s=duration_s, track_id=track_id)
