"""`auralis scrobble`, as the command line has it, and where the token does not go."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from command_line import Finished, auralis, auralis_process
from listens import TOKEN, counts, library_with, names_told
from web_server import Told, WebServer, web_server

from auralis_cli.cli import load_verb
from auralis_cli.commands.group import VerbGroup
from auralis_cli.services.listen_queue import ListenQueue


@pytest.fixture
def library(tmp_path: Path) -> Path:
    return library_with(tmp_path / "library.db", 3)


def scrobble(library: Path, web: WebServer | None, *words: str, **more: str) -> Finished:
    variables = {"AURALIS_SCROBBLE_TOKEN": TOKEN, **more}
    if web is not None:
        variables["AURALIS_SCROBBLE_SERVER"] = web.address
    return auralis("--library", library, "scrobble", *words, variables={k: v for k, v in variables.items() if v})


def test_nothing_is_told_unless_servers_may_be_asked(library: Path) -> None:
    with web_server() as web:
        for words in (["send"], ["status", "--check"]):
            refused = scrobble(library, web, *words)
            assert (refused.code, refused.out) == (2, "")
            assert "asking servers is off" in refused.err
        assert scrobble(library, web, "send", "-n").code == 0
        assert scrobble(library, web).code == 0
        assert web.requests == []
        assert scrobble(library, web, "send", AURALIS_ONLINE_ENABLED="true").out == "3 plays told\n"
        assert len(web.requests) == 1


def test_what_waits_is_told_once(library: Path) -> None:
    with web_server() as web:
        before = scrobble(library, web, "send", "-n", "--json").document
        assert (before["sent"], before["dry_run"], len(before["items"])) == (3, True, 3)
        assert scrobble(library, web, "send", "--online", "--json").document == {
            "sent": 3, "refused": 0, "dry_run": False,
        }  # fmt: skip
        assert scrobble(library, web, "send", "--online").out == "nothing waits\n"
        assert names_told(web) == [["0", "1", "2"]]


def test_while_another_process_tells_it_is_not_said_that_nothing_waits(library: Path) -> None:
    with web_server() as web, ListenQueue(library).telling() as is_ours:
        assert is_ours
        done = scrobble(library, web, "send", "--online")
        assert (done.code, done.out) == (0, "")
        assert "another process tells them now" in done.err
        assert web.requests == []


@pytest.mark.parametrize(
    ("told", "code", "said"),
    [
        (Told(401), 2, "answers 401 (scrobble.token_file names the token)"),
        (Told(503), 1, "answers 503 (what was not told waits)"),
        (Told(400), 3, ""),
    ],
)
def test_how_it_ended_is_the_exit_code(told: Told, code: int, said: str, library: Path) -> None:
    with web_server(told) as web:
        done = scrobble(library, web, "send", "--online")
    assert done.code == code
    assert said in done.err
    assert counts(library).waiting + counts(library).refused == 3


def test_what_stopped_it_is_the_one_document(library: Path) -> None:
    with web_server(Told(503)) as web:
        done = scrobble(library, web, "send", "--online", "--json")
    assert done.document["error"]["message"].endswith("answers 503")


def test_status_says_what_waits_and_why_and_whose_the_token_is(library: Path) -> None:
    with web_server(Told(400, b'{"error": "too \\u001b[31mold"}')) as web:
        scrobble(library, web, "send", "--online")
        shown = scrobble(library, web, "status")
        assert re.search(r"^waiting +0, since 2023-11-14", shown.out, re.MULTILINE)
        assert re.search(r"^refused +3$", shown.out, re.MULTILINE)
        assert "too \\x1b[31mold" in shown.out
        assert "the variable AURALIS_SCROBBLE_TOKEN" in shown.out
    with web_server(Told(200, b'{"valid": true, "user_name": "ann"}')) as web:
        found = scrobble(library, web, "status", "--check", "--online", "--json").document
    assert (found["user"], found["refused"], found["waiting"], found["enabled"]) == ("ann", 3, 0, False)


def test_dropping_asks_first(library: Path) -> None:
    assert scrobble(library, None, "clear").code == 2
    assert scrobble(library, None, "clear", "-n").out == "dry run: 3 plays dropped\n"
    assert scrobble(library, None, "clear", "--refused", "-y").out == "nothing waits\n"
    assert counts(library).waiting == 3
    assert scrobble(library, None, "clear", "-y", "--json").document == {"dropped": 3, "dry_run": False}
    assert counts(library).waiting == 0


def test_without_a_token_nothing_is_asked(library: Path) -> None:
    with web_server() as web:
        refused = scrobble(library, web, "send", "--online", AURALIS_SCROBBLE_TOKEN="")
        assert refused.code == 2
        assert "there is no token" in refused.err
        assert web.requests == []


def test_a_token_file_that_others_may_read_is_warned_of(library: Path, tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text(TOKEN)
    file.chmod(0o640)
    with web_server() as web:
        done = scrobble(library, web, "send", "--online", AURALIS_SCROBBLE_TOKEN_FILE=str(file))
    assert done.code == 0
    assert "others may read this token" in done.err
    assert TOKEN not in done.err


ANSWERS = {
    "taken": Told(),
    "denied": Told(401, json.dumps({"error": f"Invalid token {TOKEN}"}).encode()),
    "bad": Told(400, json.dumps({"error": f"Bad request by Token {TOKEN}"}).encode()),
    "down": Told(500, json.dumps({"message": TOKEN}).encode()),
    "elsewhere": Told(302, headers={"Location": f"https://evil.example/?token={TOKEN}"}),
    "broken": Told(200, TOKEN.encode(), announced=9999),
}


@pytest.mark.invariant("S0-M02")
@pytest.mark.invariant("S1-M-26")
@pytest.mark.parametrize(("kind", "from_file"), [*((kind, False) for kind in ANSWERS), ("taken", True), ("down", True)])
def test_the_token_goes_into_one_header_and_nowhere_else(kind: str, from_file: bool, tmp_path: Path) -> None:
    """Kills a token in the query, and one that is shown where the server repeats it."""
    library, log, file = library_with(tmp_path / "library.db", 3), tmp_path / "log", tmp_path / "token"
    file.write_text(TOKEN)
    file.chmod(0o600)
    own = {"AURALIS_SCROBBLE_TOKEN_FILE": str(file)} if from_file else {"AURALIS_SCROBBLE_TOKEN": TOKEN}
    with web_server(ANSWERS[kind]) as web:
        variables = {"AURALIS_SCROBBLE_SERVER": web.address, "AURALIS_ONLINE_ENABLED": "true", **own}
        before = ("--library", library, "--log-file", log)
        lines = ["scrobble send -vv", "scrobble status --check", "scrobble status --json"]
        if kind == "denied":
            lines += ["config show --origin", "config show --json", "history", "history --json"]
        said = [auralis(*before, *line.split(), variables={**variables, "AURALIS_DEBUG": "1"}) for line in lines]
        if kind == "down":
            # All that a process of its own says, whoever says it there.
            said.append(auralis_process(*before, "scrobble", "send", "-vv", cwd=None, **variables, AURALIS_DEBUG="1"))
    assert len(web.requests) >= 2
    for asked in web.requests:
        assert asked.headers["Authorization"] == f"Token {TOKEN}"
        elsewhere = {name: value for name, value in asked.headers.items() if name != "Authorization"}
        assert TOKEN not in asked.line + str(elsewhere) + asked.body.decode()
    assert "/1/submit-listens" in said[0].err
    assert all(TOKEN not in one.out + one.err for one in said)
    kept = [path for path in tmp_path.rglob("*") if path.is_file() and path != file]
    assert log in kept
    assert [path for path in kept if TOKEN.encode() in path.read_bytes()] == []


@pytest.mark.invariant("S1-M-26")
def test_no_option_takes_a_token_as_others_see_the_words_of_a_process() -> None:
    verbs = load_verb("scrobble")
    assert isinstance(verbs, VerbGroup)
    names = {name for verb in verbs.verbs.values() for param in verb.params for name in param.opts}
    assert not [name for name in names if "token" in name or "password" in name]
