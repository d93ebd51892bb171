from __future__ import annotations

import pytest
from cover_servers import GROUP, OTHER_RELEASE, RELEASE, CoverServers, cover_servers, release
from web_server import Told

from auralis_cli.errors import OnlineError
from auralis_cli.model.progress import CancelToken
from auralis_cli.services.cover_lookup import AlbumNames, CoverLookup, CoverSize, OnlineCover
from auralis_cli.services.request_pace import RequestPace
from auralis_cli.services.web_client import WebClient
from auralis_cli.services.web_hosts import AllowedHosts

ALBUM = AlbumNames("Album", "Ann")


def lookup(servers: CoverServers, waited: list[float] | None = None) -> CoverLookup:
    now = [0.0]

    def wait(seconds: float) -> None:
        now[0] += seconds
        (waited if waited is not None else []).append(seconds)

    cancel, web = CancelToken(), WebClient(AllowedHosts([servers.web.host]))
    return CoverLookup(web, servers.web.address, servers.web.address, cancel, RequestPace(1.0, lambda: now[0], wait))


def found(servers: CoverServers, names: AlbumNames = ALBUM, size: CoverSize = CoverSize.LARGE) -> OnlineCover | None:
    return lookup(servers).find(names, size)


def test_a_release_that_the_tags_name_is_not_searched() -> None:
    with cover_servers(pictures={f"release/{RELEASE}": b"picture"}) as servers:
        cover = found(servers, AlbumNames("Album", "Ann", RELEASE.upper(), GROUP), CoverSize.SMALL)
        assert cover is not None
        assert (cover.data, cover.release_id, cover.score) == (b"picture", RELEASE, None)
        assert servers.web.paths == [f"/release/{RELEASE}/front-250", f"/stored/release/{RELEASE}"]


def test_where_a_release_has_none_its_group_is_asked() -> None:
    with cover_servers(pictures={f"release-group/{GROUP}": b"picture"}) as servers:
        cover = found(servers, AlbumNames("Album", "Ann", RELEASE, GROUP), CoverSize.FULL)
        assert cover is not None
        assert cover.release_id is None
        assert servers.web.paths[:2] == [f"/release/{RELEASE}/front", f"/release-group/{GROUP}/front"]


@pytest.mark.parametrize("word", ["../../etc", "1", "", f"{RELEASE}/../x", f"{RELEASE}?token=1", f"{RELEASE}\n"])
def test_what_is_no_id_is_not_put_into_an_address(word: str) -> None:
    with cover_servers() as servers:
        assert found(servers, AlbumNames("Album", "Ann", word, word)) is None
        assert [path.partition("?")[0] for path in servers.web.paths] == ["/ws/2/release/"]


def test_without_an_id_what_has_the_same_names_is_taken() -> None:
    releases = [
        release("no id"),
        release(title="Album (Tribute)"),
        release(artist="Bob"),
        release(score=89),
        release(score="100"),
        "no release",
        release(OTHER_RELEASE, title="ÁLBUM", artist="ann"),
        release(RELEASE, score=95),
    ]
    with cover_servers(releases, {f"release/{RELEASE}": b"picture"}) as servers:
        cover = found(servers)
        assert cover is not None
        assert (cover.release_id, cover.score) == (RELEASE, 95)
        assert servers.searched == ['release:"Album" AND artist:"Ann"']
        assert servers.web.paths[1].startswith(f"/release/{OTHER_RELEASE}/")


def test_names_with_signs_are_searched_as_they_are() -> None:
    with cover_servers() as servers:
        found(servers, AlbumNames('A "B" \\ AND c:(d)', None))
        found(servers, AlbumNames("Hits", "Various Artists"))
        found(servers, AlbumNames(None, "Ann"))
        assert servers.searched == ['release:"A \\"B\\" \\\\ AND c:(d)"', 'release:"Hits"']


@pytest.mark.parametrize("body", [b"[]", b'{"releases": 7}', b'{"releases": [{"id": [], "release-group": 3}]}', b"{}"])
def test_an_odd_answer_is_no_release(body: bytes) -> None:
    with cover_servers() as servers:
        servers.first = [Told(200, body)]
        assert found(servers) is None


def test_a_server_that_has_too_much_to_do_is_asked_a_little_later_and_not_for_ever() -> None:
    waited: list[float] = []
    with cover_servers([release()], {f"release/{RELEASE}": b"picture"}) as servers:
        servers.first = [Told(503, headers={"Retry-After": "5"}), Told(503)]
        assert lookup(servers, waited).find(ALBUM, CoverSize.LARGE) is not None
        assert 7.0 <= sum(waited) < 8.0
        servers.first = [Told(503)] * 3
        with pytest.raises(OnlineError, match="answers 503"):
            lookup(servers).find(ALBUM, CoverSize.LARGE)


def test_a_failure_of_the_archive_is_no_missing_cover() -> None:
    with cover_servers() as servers:
        servers.first = [Told(500)]
        with pytest.raises(OnlineError, match="answers 500"):
            found(servers, AlbumNames("Album", "Ann", RELEASE))
