from __future__ import annotations

import threading
import time
from collections.abc import Callable

import pytest
from patience import PATIENCE_S
from web_server import Told, WebServer, web_server

from auralis_cli.errors import CancelledError, OnlineError, UsageError
from auralis_cli.kinds import HostNames, WebAddress
from auralis_cli.model.progress import CancelToken
from auralis_cli.services.access_token import AccessToken
from auralis_cli.services.request_pace import RequestPace
from auralis_cli.services.web_client import USER_AGENT, WebBounds, WebClient
from auralis_cli.services.web_hosts import AllowedHosts, host_of

SMALL = WebBounds(max_bytes=10_000)
# Only all of it may be too slow.
QUICK = WebBounds(connect_s=30.0, read_s=30.0, total_s=0.6)


def client_of(*servers: WebServer, said: Callable[[str], None] = lambda _line: None) -> WebClient:
    return WebClient(AllowedHosts(server.host for server in servers), said)


def test_an_answer_comes_with_its_status_and_who_asked_is_told() -> None:
    said: list[str] = []
    with web_server(Told(404, b'{"error": "none"}')) as server:
        answer = client_of(server, said=said.append).get(f"{server.address}/a", {"query": "b c&d"})
        assert server.paths == ["/a?query=b+c%26d"]
        assert server.requests[0].headers["User-Agent"] == USER_AGENT
    assert (answer.status, answer.document()) == (404, {"error": "none"})
    assert answer.problem() == "answers 404 (none)"
    # What was asked for may be anybody's business; the address is enough.
    assert said[0].startswith(f"GET {server.address}/a: 404, 17 bytes in ")


@pytest.mark.parametrize(
    "address",
    [
        "https://example.org/x",
        "http://example.org/",
        "http://127.0.0.1:1/",
        "https://musicbrainz.org.evil.example/",
        "https://evil.example/musicbrainz.org",
        "https://musicbrainz.org:8443/",
        "http://musicbrainz.org/",
        "ftp://musicbrainz.org/",
        "file:///etc/passwd",
        "https://musicbrainz.org@evil.example/",
        "https://evil.example\\@musicbrainz.org/",
        "https://u:pw@musicbrainz.org/",
        "//musicbrainz.org/",
        "https://",
    ],
)
def test_no_other_host_is_asked_however_its_address_is_written(address: str) -> None:
    client = WebClient(AllowedHosts(["musicbrainz.org:443", ".archive.org"]))
    with pytest.raises(OnlineError) as raised:
        client.get(address)
    assert "u:pw" not in str(raised.value)


def test_a_host_is_permitted_by_its_name_its_port_or_the_name_above() -> None:
    hosts = AllowedHosts(["example.org", "own.example:8443", ".archive.org", "127.0.0.1:80", "[::1]:9"])
    assert hosts.permits("https", "Example.org", None)
    assert hosts.permits("https", "own.example", 8443)
    assert hosts.permits("https", "ia800.us.archive.org", 443)
    assert hosts.permits("http", "127.0.0.1", None)
    assert hosts.permits("http", "::1", 9)
    assert not hosts.permits("https", "archive.org.example", None)
    assert not hosts.permits("https", "notarchive.org", None)
    assert not hosts.permits("https", "own.example", None)
    assert not hosts.permits("https", "127.0.0.1", None)
    assert host_of("https://example.org/a") == "example.org:443"
    assert host_of("http://[::1]:9") == "[::1]:9"


@pytest.mark.parametrize(
    "word",
    [
        "https://u:secret@h.example",
        "https://h.example/?token=secret",
        "http://h.example",
        "https://h.example/#secret",
        "secret",
        "https://h.example:99999",
        "https://h ex",
    ],
)
def test_an_address_that_may_hold_a_password_is_refused_and_not_repeated(word: str) -> None:
    with pytest.raises(ValueError, match=r"address|http") as raised:
        WebAddress().parse(word)
    assert "secret" not in str(raised.value)


def test_addresses_and_names_of_hosts_are_kept_in_one_spelling() -> None:
    assert WebAddress().parse("https://Example.ORG:8443/a/") == "https://example.org:8443/a"
    assert WebAddress().parse("http://localhost:80") == "http://localhost:80"
    assert HostNames().parse("A.example\n.b.example:1") == "a.example\n.b.example:1"
    with pytest.raises(ValueError, match="names of hosts"):
        HostNames().parse("https://a.example")


@pytest.mark.invariant("S1-M-26")
def test_a_redirect_is_followed_to_known_hosts_only_and_without_the_token() -> None:
    token = AccessToken("s3cret", "test")
    with web_server(Told(200, b"picture")) as other, web_server() as server:
        server.answer = lambda asked: Told(307, headers={"Location": f"{other.address}/b"})
        assert client_of(server, other).get(f"{server.address}/a", token=token).body == b"picture"
        assert server.requests[0].headers["Authorization"] == "Token s3cret"
        assert "Authorization" not in other.requests[0].headers
        with pytest.raises(OnlineError, match="none of the servers"):
            client_of(server).get(f"{server.address}/a")
        assert len(other.requests) == 1


def test_redirects_in_a_circle_and_those_of_what_is_told_come_to_an_end() -> None:
    with web_server(Told(302, headers={"Location": "/again"})) as server:
        with pytest.raises(OnlineError, match="from address to address"):
            client_of(server).get(server.address)
        assert len(server.requests) == 6
        with pytest.raises(OnlineError, match="what is told stays here"):
            client_of(server).post(server.address, {})
        assert len(server.requests) == 7


@pytest.mark.parametrize("told", [Told(200, b"x" * 20_000), Told(200, b"", announced=20_000)])
def test_an_answer_that_is_too_large_is_not_read_to_its_end(told: Told) -> None:
    with web_server(told) as server, pytest.raises(OnlineError, match=r"more than 9\.77 KiB"):
        client_of(server).get(server.address, bounds=SMALL)


def test_an_answer_without_an_announced_length_is_bounded_as_well() -> None:
    endless = Told(200, b"x" * 20_000, headers={"Content-Length": ""})
    with web_server(endless) as server, pytest.raises(OnlineError, match="more than"):
        client_of(server).get(server.address, bounds=SMALL)


def test_a_packed_answer_is_refused_so_that_none_bursts() -> None:
    with web_server(Told(200, b"x", headers={"Content-Encoding": "gzip"})) as server:
        with pytest.raises(OnlineError, match="packs"):
            client_of(server).get(server.address)
        assert server.requests[0].headers["Accept-Encoding"] == "identity"


@pytest.mark.parametrize("slow_head", [True, False])
def test_a_server_that_sends_a_byte_now_and_then_is_left_in_time(slow_head: bool) -> None:
    with web_server(Told(200, b"x" * 500, pause_s=1.0, slow_head=slow_head)) as server:
        begun = time.monotonic()
        with pytest.raises(OnlineError, match=r"no whole answer within 0\.6 s"):
            client_of(server).get(server.address, bounds=QUICK)
        # The head alone would take about a minute.
        assert time.monotonic() - begun < PATIENCE_S


def test_a_request_ends_at_once_where_the_work_is_to_stop() -> None:
    cancel = CancelToken()
    with web_server(Told(200, b"x" * 500, pause_s=0.1)) as server:
        client = WebClient(AllowedHosts([server.host]), cancel=cancel)
        begun = time.monotonic()
        threading.Timer(0.15, cancel.cancel).start()
        with pytest.raises(CancelledError):
            client.get(server.address)
        # All of it would take fifty seconds, and half a minute is allowed for it.
        assert time.monotonic() - begun < 15.0


def test_a_server_that_is_gone_or_breaks_off_is_one_line() -> None:
    with web_server(Told(200, b"x", announced=100)) as server:
        client = client_of(server)
        with pytest.raises(OnlineError, match="breaks off"):
            client.get(server.address)
    with pytest.raises(OnlineError, match="cannot be reached"):
        client.get(server.address)


def test_what_is_no_json_is_said() -> None:
    with web_server(Told(500, b"<html>")) as server:
        answer = client_of(server).get(server.address)
    assert answer.problem() == "answers 500"
    with pytest.raises(OnlineError, match="no JSON"):
        answer.document()


def test_a_server_says_how_long_it_wants_to_be_left_alone() -> None:
    for name, value, expected in (
        ("Retry-After", "7", 7.0),
        ("X-RateLimit-Reset-In", "3", 3.0),
        ("Retry-After", "soon", None),
        ("Retry-After", "999999999", 86_400.0),
    ):
        with web_server(Told(429, headers={name: value})) as server:
            assert client_of(server).get(server.address).wait_s == expected


def test_without_httpx_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "httpx", None)
    with pytest.raises(UsageError, match=r"auralis-cli\[online\]"):
        WebClient(AllowedHosts([]))


def test_requests_keep_their_pace_and_wait_longer_where_they_are_asked_to() -> None:
    now, waited = [0.0], []

    def wait(seconds: float) -> None:
        waited.append(seconds)
        now[0] += seconds

    pace = RequestPace(1.0, lambda: now[0], wait)
    turns = []
    for hold in (0.0, 0.0, 5.0, 0.0):
        pace.take_turn(CancelToken())
        turns.append(round(now[0], 3))
        pace.hold(hold)
    assert turns == [0.0, 1.0, 2.0, 7.0]
    stopped = CancelToken()
    stopped.cancel()
    with pytest.raises(CancelledError):
        pace.take_turn(stopped)
