"""Front covers of albums, from MusicBrainz, which knows releases, and the Cover Art Archive, which has their covers.

A release is known by its id in the tags; else it is searched by album and artist, and only what has the same names is
taken. What servers answer is data from anywhere: an id is one only if it looks like one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from enum import StrEnum
from typing import Any

from auralis_cli.errors import OnlineError
from auralis_cli.model.album_grouping import fold, is_various
from auralis_cli.model.listens import is_mbid
from auralis_cli.model.online import OnlineSettings
from auralis_cli.model.progress import CancelToken
from auralis_cli.quick_dataclasses import dataclass
from auralis_cli.services.request_pace import RequestPace
from auralis_cli.services.web_client import WebAnswer, WebBounds, WebClient
from auralis_cli.services.web_hosts import AllowedHosts, host_of

# Where the Cover Art Archive sends on to: its pictures lie there.
_ARCHIVE = ("archive.org", ".archive.org")
# As MusicBrainz asks of everybody.
_INTERVAL_S = 1.0
_ATTEMPTS = 3
_BUSY_WAIT_S = 2.0
_LONGEST_BUSY_WAIT_S = 20.0
_LEAST_SCORE = 90
_MOST_FOUND = 10
# So many releases of that name are asked for their cover.
_MOST_ASKED = 3
_PICTURE = WebBounds(total_s=90.0, max_bytes=20 << 20)


class CoverSize(StrEnum):
    """How large a picture is wanted, by its longer side."""

    SMALL = "250"
    MEDIUM = "500"
    LARGE = "1200"
    FULL = "full"


@dataclass(frozen=True, slots=True)
class AlbumNames:
    """By what an album is looked up."""

    album: str | None
    # Of the album, else of its one artist; None where there are several, or none.
    artist: str | None
    release_id: str | None = None
    release_group_id: str | None = None


@dataclass(frozen=True, slots=True)
class OnlineCover:
    """A picture that a server had, as it came: nobody has looked at it yet."""

    data: bytes
    # Where it came from.
    place: str
    # None where the release group's was taken.
    release_id: str | None
    # How well the search says that it fits, 0 to 100; None where the tags have the id.
    score: int | None = None


@dataclass(frozen=True, slots=True)
class _Release:
    id: str
    group_id: str | None
    score: int


def open_lookup(settings: OnlineSettings, said: Callable[[str], None], cancel: CancelToken) -> CoverLookup:
    """Looks up where the settings say. Raises UsageError where httpx is missing."""
    hosts = AllowedHosts([host_of(settings.musicbrainz), host_of(settings.cover_art), *_ARCHIVE, *settings.hosts])
    return CoverLookup(WebClient(hosts, said, cancel), settings.musicbrainz, settings.cover_art, cancel)


class CoverLookup:
    """Looks covers up, one after the other, as fast as the servers want to be asked."""

    def __init__(
        self, web: WebClient, musicbrainz: str, cover_art: str, cancel: CancelToken, pace: RequestPace | None = None
    ) -> None:
        self._web, self._musicbrainz, self._cover_art = web, musicbrainz, cover_art
        self._cancel = cancel
        self._pace = pace or RequestPace(_INTERVAL_S)

    def find(self, names: AlbumNames, size: CoverSize) -> OnlineCover | None:
        """The front cover; None where the servers know none. Raises OnlineError where they cannot be asked."""
        release, group = _mbid(names.release_id), _mbid(names.release_group_id)
        if release is None and group is None:
            return self._searched(names, size)
        if release is not None and (found := self._picture("release", release, size)) is not None:
            return OnlineCover(found.body, found.place, release)
        if group is not None and (found := self._picture("release-group", group, size)) is not None:
            return OnlineCover(found.body, found.place, None)
        return None

    def _searched(self, names: AlbumNames, size: CoverSize) -> OnlineCover | None:
        if not names.album:
            return None
        releases = list(self._releases(names))
        for one in releases[:_MOST_ASKED]:
            if (found := self._picture("release", one.id, size)) is not None:
                return OnlineCover(found.body, found.place, one.id, one.score)
        for group in dict.fromkeys(one.group_id for one in releases if one.group_id is not None):
            if (found := self._picture("release-group", group, size)) is not None:
                return OnlineCover(found.body, found.place, None, releases[0].score)
            break
        return None

    def _releases(self, names: AlbumNames) -> Iterator[_Release]:
        """Releases of exactly these names, the likeliest first."""
        asked = f"release:{_phrase(names.album or '')}"
        if names.artist and not is_various(names.artist):
            asked += f" AND artist:{_phrase(names.artist)}"
        answer = self._patiently(
            f"{self._musicbrainz}/ws/2/release/", {"query": asked, "fmt": "json", "limit": str(_MOST_FOUND)}
        )
        if not answer.is_good:
            raise OnlineError(answer.place, answer.problem())
        told = answer.document()
        for one in _listed(told, "releases"):
            release, score = _mbid(one.get("id")), one.get("score")
            if release is None or not isinstance(score, int) or score < _LEAST_SCORE or not _is_named(one, names):
                continue
            group = one.get("release-group")
            yield _Release(release, _mbid(group.get("id")) if isinstance(group, dict) else None, score)

    def _patiently(self, url: str, asked: dict[str, str]) -> WebAnswer:
        """At the pace that MusicBrainz wants; where it says that it is too much, a little later."""
        for attempt in range(1, _ATTEMPTS + 1):
            self._pace.take_turn(self._cancel)
            answer = self._web.get(url, asked)
            if answer.status not in (429, 503) or attempt == _ATTEMPTS:
                break
            self._pace.hold(min(answer.wait_s or _BUSY_WAIT_S, _LONGEST_BUSY_WAIT_S))
        return answer

    def _picture(self, kind: str, mbid: str, size: CoverSize) -> WebAnswer | None:
        name = "front" if size is CoverSize.FULL else f"front-{size}"
        answer = self._web.get(f"{self._cover_art}/{kind}/{mbid}/{name}", accept="image/*", bounds=_PICTURE)
        if answer.is_good:
            return answer
        # There is none, or no such release; of what is no id a server says that it is a bad request.
        if answer.status in (400, 404):
            return None
        raise OnlineError(answer.place, answer.problem())


def _mbid(word: object) -> str | None:
    return word.lower() if isinstance(word, str) and is_mbid(word.lower()) else None


def _phrase(text: str) -> str:
    """Text that is searched as it is, whatever signs are in it."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _listed(told: object, name: str) -> Iterator[dict[str, Any]]:
    found = told.get(name) if isinstance(told, dict) else None
    yield from (one for one in (found if isinstance(found, list) else ())[:_MOST_FOUND] if isinstance(one, dict))


def _is_named(release: dict[str, Any], names: AlbumNames) -> bool:
    if fold(str(release.get("title", ""))) != fold(names.album or ""):
        return False
    if not names.artist:
        return True
    credits_ = release.get("artist-credit")
    parts = [one for one in (credits_ if isinstance(credits_, list) else ()) if isinstance(one, dict)]
    artist = "".join(f"{one.get('name', '')}{one.get('joinphrase', '')}" for one in parts)
    return fold(artist) == fold(names.artist) or (is_various(artist) and is_various(names.artist))
