from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import library_of
import pytest
from listens import FIRST_AT, TOKEN, all_told, counts, library_with, playable, server_at
from web_server import Asked, Told, web_server

from auralis_cli.db.store import Store
from auralis_cli.errors import UsageError
from auralis_cli.model.listens import metadata_of
from auralis_cli.services.access_token import AccessToken, find_token
from auralis_cli.services.listen_queue import ListenQueue
from auralis_cli.services.listenbrainz import MOST_AT_ONCE, Verdict
from auralis_cli.services.scrobbling import SendReport, send_listens
from auralis_cli.version import VERSION


def test_all_that_waits_is_told_in_parts_the_oldest_first_and_forgotten(tmp_path: Path) -> None:
    library = library_with(tmp_path / "library.db", 2 * MOST_AT_ONCE + 1)
    with web_server() as web:
        assert send_listens(ListenQueue(library), server_at(web)) == SendReport(sent=2 * MOST_AT_ONCE + 1)
        assert all_told(web) == [str(number) for number in range(2 * MOST_AT_ONCE + 1)]
        assert [asked.document["listen_type"] for asked in web.requests] == ["import", "import", "single"]
        assert {asked.line for asked in web.requests} == {"POST /1/submit-listens HTTP/1.1"}
        assert web.requests[-1].document["payload"][0]["listened_at"] == FIRST_AT + 2 * MOST_AT_ONCE
        assert {asked.headers["Authorization"] for asked in web.requests} == {f"Token {TOKEN}"}
        assert send_listens(ListenQueue(library), server_at(web)) == SendReport()
        assert len(web.requests) == 3
    assert counts(library).waiting == 0


def test_one_that_the_server_never_takes_does_not_hold_up_the_others(tmp_path: Path) -> None:
    library = library_with(tmp_path / "library.db", 9)

    def answer(asked: Asked) -> Told:
        spoilt = any(one["track_metadata"]["track_name"] == "4" for one in asked.document["payload"])
        return Told(400, b'{"code": 400, "error": "no such year"}') if spoilt else Told()

    with web_server(answer) as web:
        assert send_listens(ListenQueue(library), server_at(web)) == SendReport(sent=8, refused=1)
        told = len(web.requests)
        assert send_listens(ListenQueue(library), server_at(web)) == SendReport()
        assert len(web.requests) == told
        assert send_listens(ListenQueue(library), server_at(web), refused_too=True) == SendReport(refused=1)
    found = counts(library)
    assert (found.waiting, found.refused) == (0, 1)
    assert str(found.last_error).endswith("answers 400 (no such year)")


@pytest.mark.parametrize(
    ("told", "verdict", "wait_s"),
    [
        (Told(429, headers={"X-RateLimit-Reset-In": "9"}), Verdict.LATER, 9.0),
        (Told(503, headers={"Retry-After": "120"}), Verdict.LATER, 120.0),
        (Told(500, b"<html>"), Verdict.LATER, None),
        (Told(302, headers={"Location": "/elsewhere"}), Verdict.LATER, None),
        (Told(200, b"x", announced=2), Verdict.LATER, None),
        (Told(200, b"x" * 2_000_000), Verdict.LATER, None),
        (Told(200, b"<html>Log in to this network</html>"), Verdict.LATER, None),
        (Told(200, b"[]"), Verdict.LATER, None),
        (Told(401, f'{{"error": "no user has {TOKEN}"}}'.encode()), Verdict.DENIED, None),
        (Told(403), Verdict.DENIED, None),
    ],
)
def test_what_a_server_does_not_take_now_waits(
    told: Told, verdict: Verdict, wait_s: float | None, tmp_path: Path
) -> None:
    library = library_with(tmp_path / "library.db", 150)
    with web_server(told) as web:
        report = send_listens(ListenQueue(library), server_at(web))
        # It is asked once: what is wrong with one batch is wrong with the next.
        assert len(web.requests) == 1
    assert report.stopped is not None
    assert (report.sent, report.stopped.verdict, report.stopped.wait_s) == (0, verdict, wait_s)
    assert TOKEN not in report.stopped.why
    assert (counts(library).waiting, counts(library).refused) == (150, 0)


def test_of_two_processes_one_tells(tmp_path: Path) -> None:
    library = library_with(tmp_path / "library.db", 3)
    other = SendReport()

    def answer(_asked: Asked) -> Told:
        nonlocal other
        other = send_listens(ListenQueue(library), server_at(web))
        return Told()

    with web_server(answer) as web:
        assert send_listens(ListenQueue(library), server_at(web)).sent == 3
        assert other == SendReport(is_elsewhere=True)
        assert len(web.requests) == 1


def test_the_server_says_whose_the_token_is(tmp_path: Path) -> None:
    answers: list[tuple[Told, Verdict, str]] = [
        (Told(200, b'{"valid": true, "user_name": "ann"}'), Verdict.TAKEN, "ann"),
        (Told(200, b'{"valid": false}'), Verdict.DENIED, "does not know the token"),
        (Told(401), Verdict.DENIED, "answers 401"),
        (Told(200, b"[]"), Verdict.LATER, "does not answer as such servers do"),
        (Told(500), Verdict.LATER, "answers 500"),
    ]
    for told, verdict, why in answers:
        with web_server(told) as web:
            found = server_at(web).check()
            assert web.paths == ["/1/validate-token"]
        assert found.verdict is verdict
        assert why in found.why


def test_what_is_told_of_a_track_is_what_the_library_knows_of_it(tmp_path: Path) -> None:
    assert metadata_of(playable()) == {
        "artist_name": "Ann",
        "track_name": "a",
        "release_name": "All",
        "additional_info": {
            "media_player": "Auralis",
            "submission_client": "auralis-cli",
            "submission_client_version": VERSION,
            "duration_ms": 60_000,
        },
    }
    recording = "ABCDEF00-1234-5678-9abc-def012345678"
    with Store.open(tmp_path / "library.db", program="test", now=1) as store:
        record = library_of.record(
            "/m/a.flac",
            title="Ä" * 900,
            artist="Ann",
            mb_recording_id=recording,
            mb_album_id="../../x",
            isrc="us-abc-12-34567",
        )
        library_of.put(store, [record])
        told = metadata_of(playable(), store.tracks.get(1))
    assert told is not None
    assert told["track_name"] == "Ä" * 500
    info = told["additional_info"]
    assert isinstance(info, dict)
    assert (info["recording_mbid"], info["isrc"]) == (recording.lower(), "USABC1234567")
    assert "release_mbid" not in info


def test_what_has_no_artist_or_is_too_short_is_not_told() -> None:
    assert metadata_of(replace(playable(), artist=None)) is None
    assert metadata_of(playable(duration_s=29.9)) is None
    assert metadata_of(playable(duration_s=30.0)) is not None
    assert metadata_of(playable(duration_s=None)) is not None
    odd = metadata_of(replace(playable(), title=b"caf\xe9\0".decode("utf-8", "surrogateescape")))
    assert odd is not None
    assert odd["track_name"] == "caf? "


def test_a_token_is_read_from_its_file_or_the_variable_and_others_should_not(tmp_path: Path) -> None:
    warned: list[str] = []
    file = tmp_path / "token"
    file.write_text(f"  {TOKEN}\n")
    file.chmod(0o644)
    variables = {"T": "of-the-variable"}
    assert find_token(file, "T", variables, warned.append).header() == {"Authorization": f"Token {TOKEN}"}
    assert warned == [f"{file}: others may read this token (chmod 600 keeps it to yourself)"]
    file.chmod(0o600)
    find_token(file, "T", variables, warned.append)
    assert len(warned) == 1
    assert find_token(None, "T", variables, warned.append).header() == {"Authorization": "Token of-the-variable"}


@pytest.mark.parametrize("make", [
    lambda path: path.write_text(f"{TOKEN}\nX-Other: 1"),
    lambda path: path.write_text(""),
    lambda path: path.write_bytes(b"\xff\xfe" + TOKEN.encode()),
    lambda path: path.write_text(TOKEN + "x" * 5000),
    lambda path: path.mkdir(),
    lambda path: None,
])  # fmt: skip
def test_what_is_no_token_is_refused_and_not_repeated(make: Callable[[Path], object], tmp_path: Path) -> None:
    make(tmp_path / "token")
    with pytest.raises(UsageError) as raised:
        find_token(tmp_path / "token", "T", {}, print)
    assert TOKEN not in str(raised.value)
    with pytest.raises(UsageError, match="there is no token"):
        find_token(None, "T", {}, print)


@pytest.mark.invariant("S1-M-26")
def test_a_token_shows_itself_nowhere() -> None:
    token = AccessToken(TOKEN, "test")
    assert TOKEN not in f"{token} {token!r} {[token]}"
    assert token.hidden_in(f"bad {TOKEN}!") == "bad ***!"
