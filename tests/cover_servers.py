"""MusicBrainz and the Cover Art Archive, as far as covers are looked up, on this machine."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from urllib.parse import parse_qs, urlsplit

from web_server import Asked, Told, WebServer, web_server

RELEASE = "11111111-2222-3333-4444-555555555555"
OTHER_RELEASE = "11111111-2222-3333-4444-666666666666"
GROUP = "99999999-2222-3333-4444-555555555555"


def release(
    id_: object = RELEASE, title: str = "Album", artist: str = "Ann", score: object = 100
) -> Mapping[str, object]:
    return {
        "id": id_,
        "score": score,
        "title": title,
        "artist-credit": [{"name": artist, "joinphrase": ""}],
        "release-group": {"id": GROUP},
    }


@dataclass
class CoverServers:
    """What they know; `pictures` are by `release/ID` or `release-group/ID`."""

    web: WebServer
    releases: Sequence[object] = ()
    pictures: Mapping[str, bytes] = field(default_factory=dict)
    # What is answered first, whatever is asked.
    first: list[Told] = field(default_factory=list)

    def answer(self, asked: Asked) -> Told:
        if self.first:
            return self.first.pop(0)
        parts = urlsplit(asked.path)
        if parts.path == "/ws/2/release/":
            return Told(200, json.dumps({"releases": self.releases}).encode())
        # The archive sends on to where its pictures lie.
        if parts.path.startswith("/stored/"):
            return Told(200, self.pictures[parts.path.removeprefix("/stored/")])
        known = "/".join(parts.path.split("/")[1:3])
        if known in self.pictures:
            return Told(307, headers={"Location": f"{self.web.address}/stored/{known}"})
        return Told(404, b"<html>")

    @property
    def searched(self) -> list[str]:
        """What MusicBrainz was asked for."""
        return [parse_qs(urlsplit(path).query)["query"][0] for path in self.web.paths if path.startswith("/ws/")]

    @property
    def variables(self) -> dict[str, str]:
        return {"AURALIS_ONLINE_MUSICBRAINZ": self.web.address, "AURALIS_ONLINE_COVER_ART": self.web.address}


@contextmanager
def cover_servers(
    releases: Sequence[object] = (), pictures: Mapping[str, bytes] | None = None
) -> Iterator[CoverServers]:
    with web_server() as web:
        servers = CoverServers(web, releases, pictures or {})
        web.answer = servers.answer
        yield servers
