"""What holds for every verb because it is a verb: a new one is tested by existing."""

from __future__ import annotations

import functools
import json
import os
import pty
import re
import shlex
import subprocess
import sys
import termios
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from command_line import REPOSITORY, auralis

from auralis_cli import cli
from auralis_cli.cli import MEANT, VERBS, load_verb
from auralis_cli.commands.group import VerbGroup
from auralis_cli.commands.verb import VerbCommand
from auralis_cli.errors import AuralisError, InputError, OutputError, RefusedError, StageError, UsageError

# A command line for each verb that reaches its body, without --json.
REACHES: dict[str, list[str]] = {
    "master": ["master", "in.wav", "out.wav"],
    "scan": ["scan", "music"],
    "analyze": ["analyze", "in.wav"],
    "list": ["list"],
    "verify": ["verify", "--target", "loud", "in.wav"],
    "recommend": ["recommend", "in.wav"],
    "similar": ["similar", "genre:jazz"],
    "play": ["play", "--headless", "in.wav"],
    "ctl": ["ctl", "next"],
    "keys": ["keys"],
    "queue show": ["queue", "show"],
    "queue add": ["queue", "add", "genre:jazz"],
    "queue next": ["queue", "next", "genre:jazz"],
    "queue set": ["queue", "set", "genre:jazz"],
    "queue move": ["queue", "move", "1", "2"],
    "queue remove": ["queue", "remove", "1"],
    "queue clear": ["queue", "clear"],
    "queue jump": ["queue", "jump", "1"],
    "queue shuffle": ["queue", "shuffle"],
    "queue unshuffle": ["queue", "unshuffle"],
    "queue repeat": ["queue", "repeat", "all"],
    "queue undo": ["queue", "undo"],
    "queue redo": ["queue", "redo"],
    "queue history": ["queue", "history"],
    "queue save": ["queue", "save", "Mine"],
    "queue load": ["queue", "load", "Mine"],
    "queue templates": ["queue", "templates"],
    "queue forget": ["queue", "forget", "Mine"],
    "playlist create": ["playlist", "create", "Mine"],
    "playlist list": ["playlist", "list"],
    "playlist show": ["playlist", "show", "Mine"],
    "playlist add": ["playlist", "add", "Mine", "genre:jazz"],
    "playlist remove": ["playlist", "remove", "Mine", "1"],
    "playlist move": ["playlist", "move", "Mine", "1", "2"],
    "playlist rename": ["playlist", "rename", "Mine", "Yours"],
    "playlist describe": ["playlist", "describe", "Mine", "for evenings"],
    "playlist delete": ["playlist", "delete", "Mine"],
    "playlist import": ["playlist", "import", "mine.m3u"],
    "playlist export": ["playlist", "export", "Mine", "mine.m3u"],
    "export": ["export", "genre:jazz", "--to", "stick"],
    "rate": ["rate", "5", "genre:jazz"],
    "prefs show": ["prefs", "show"],
    "prefs forget": ["prefs", "forget", "--all"],
    "prefs export": ["prefs", "export"],
    "prefs import": ["prefs", "import", "prefs.json"],
    "plays import": ["plays", "import", "tags"],
    "plays export": ["plays", "export", "plays.jsonl"],
    "lyrics": ["lyrics", "in.wav"],
    "tag show": ["tag", "show", "in.wav"],
    "tag set": ["tag", "set", "genre=Jazz", "in.wav"],
    "tag remove": ["tag", "remove", "genre", "in.wav"],
    "tag copy": ["tag", "copy", "in.wav", "out.wav"],
    "tag from-names": ["tag", "from-names", "$title", "in.wav"],
    "tag rename-files": ["tag", "rename-files", "$title", "in.wav"],
    "tag export": ["tag", "export", "in.wav"],
    "tag import": ["tag", "import", "tags.tsv"],
    "tag fields": ["tag", "fields"],
    "art show": ["art", "show", "in.wav"],
    "replaygain": ["replaygain", "in.wav"],
    "art find": ["art", "find", "in.wav"],
    "art extract": ["art", "extract", "in.wav"],
    "art embed": ["art", "embed", "--image", "in.jpg", "in.wav"],
    "art remove": ["art", "remove", "in.wav"],
    "art fetch": ["art", "fetch", "in.wav"],
    "stats": ["stats"],
    "suggest": ["suggest"],
    "duplicates": ["duplicates"],
    "cleanup": ["cleanup"],
    "fingerprint": ["fingerprint"],
    "scrobble status": ["scrobble", "status"],
    "scrobble send": ["scrobble", "send"],
    "scrobble clear": ["scrobble", "clear"],
    "history": ["history"],
    "undo": ["undo"],
    "jobs list": ["jobs", "list"],
    # Of a job that is none: one that is there would take the place of this process.
    "jobs resume": ["jobs", "resume", "999999"],
    "jobs forget": ["jobs", "forget", "--finished"],
    "presets list": ["presets", "list"],
    "presets show": ["presets", "show", "warm"],
    "presets export": ["presets", "export"],
    "presets import": ["presets", "import", "theirs.toml"],
    "config show": ["config", "show"],
    "config get": ["config", "get", "master.preset"],
    "config set": ["config", "set", "master.preset", "warm"],
    "config unset": ["config", "unset", "master.preset"],
    "config path": ["config", "path"],
    "config edit": ["config", "edit"],
    "db check": ["db", "check"],
    "db backup": ["db", "backup"],
    "db restore": ["db", "restore"],
    "db migrate": ["db", "migrate"],
    "db path": ["db", "path"],
    "doctor": ["doctor"],
    "completion": ["completion", "bash"],
}


# Verbs that show, play, or open what the user then changes.
CHANGE_NOTHING = {
    *("list", "analyze", "verify", "recommend", "similar", "suggest", "stats", "history", "lyrics", "keys"),
    *("play", "ctl", "doctor", "completion", "presets list", "presets show", "queue show", "queue history"),
    *("queue templates", "playlist list", "playlist show", "prefs show", "tag show", "tag export", "tag fields"),
    *("art show", "art find", "scrobble status", "jobs list", "config show", "config get", "config path"),
    *("config edit", "db check", "db path"),
}


def leaf(path: str) -> VerbCommand:
    """The command of `master`, or of `config set`."""
    verb, _, below = path.partition(" ")
    command = load_verb(verb)
    found = command.verbs[below] if isinstance(command, VerbGroup) else command
    assert isinstance(found, VerbCommand)
    return found


def leaves() -> list[str]:
    """Every command that does something, `config set` for one below a verb."""
    found: list[str] = []
    for verb in VERBS:
        try:
            command = load_verb(verb)
        except AttributeError:  # nothing stands behind the name: the test of verbs says so
            continue
        found += [f"{verb} {below}" for below in command.verbs] if isinstance(command, VerbGroup) else [verb]
    return found


LEAVES = leaves()
GROUPS = [verb for verb in VERBS if verb not in LEAVES]


def has_json(path: str) -> bool:
    return any("--json" in param.opts for param in leaf(path).params)


@functools.cache
def built(verb: str) -> VerbCommand | VerbGroup:
    """A verb whose body nobody minds: built once, which takes longer than to run it."""
    return load_verb(verb)


@pytest.fixture
def raising(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Makes the body of every verb raise."""

    def arrange(error: BaseException) -> None:
        def load(name: str) -> VerbCommand | VerbGroup:
            command = built(name)

            def body(**_: object) -> int:
                raise error

            for one in command.verbs.values() if isinstance(command, VerbGroup) else [command]:
                one.callback = body
            return command

        monkeypatch.setattr(cli, "load_verb", load)

    return arrange


def test_every_verb_has_a_line_that_reaches_it() -> None:
    assert set(REACHES) == set(LEAVES)


def test_every_verb_that_changes_something_can_be_tried() -> None:
    """Kills: a verb that changes something and has no dry run. What is named here changes nothing by itself."""
    tried = {verb for verb in LEAVES if any("--dry-run" in param.opts for param in leaf(verb).params)}
    assert set(LEAVES) - tried == CHANGE_NOTHING


@pytest.mark.parametrize(
    ("verb", "option"),
    [
        *product([["plays", "export", "-"], ["prefs", "export"], ["presets", "export"]], ["--force", "-n", "--json"]),
        # Lines of JSON are what is printed.
        *product([["fingerprint", "--export", "-"]], ["--force", "-n"]),
        # What would be printed, and what was, is told beside it.
        (["playlist", "export", "List", "-"], "--force"),
    ],
)
def test_what_is_printed_takes_no_option_of_a_file(verb: list[str], option: str) -> None:
    """Kills: an option that does nothing."""
    done = auralis(*verb, option)
    assert (done.code, "is for an export into a file" in done.err) == (2, True)


def test_every_verb_takes_json_but_those_that_the_readme_names() -> None:
    told = re.search(r"takes `--json` \((.*?) have\s", (REPOSITORY / "README.md").read_text(), re.DOTALL)
    assert told is not None
    assert {verb for verb in LEAVES if not has_json(verb)} == set(re.findall("`([^`]+)`", told[1]))


@pytest.mark.invariant("S2-NEW-17")
@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_has_its_tests_its_page_and_its_help(verb: str) -> None:
    assert (REPOSITORY / "tests" / "cli" / f"test_{verb}.py").is_file()
    assert (REPOSITORY / "man" / "man1" / f"auralis-{verb}.1").is_file()
    shown = auralis(verb, "--help")
    assert (shown.code, shown.err) == (0, "")
    assert shown.out.startswith(f"Usage: auralis {verb} [OPTIONS]")
    assert "Examples:" in shown.out


@pytest.mark.parametrize("verb", LEAVES)
def test_every_verb_and_option_is_described(verb: str) -> None:
    command = leaf(verb)
    assert command.help
    assert command.page.examples
    assert {code for code, _ in command.page.exit_status} >= {0}
    params: list[Any] = list(command.params)
    for param in params:
        assert param.help.endswith((".", ")")), param.name
        assert param.param_type_name == "option" or param.metavar
        if not getattr(param, "is_flag", False) and not getattr(param, "count", False):
            assert param.metavar, param.name


@pytest.mark.parametrize("verb", [*LEAVES, *GROUPS])
def test_the_examples_of_the_page_are_command_lines_that_parse(verb: str, raising: Any) -> None:
    raising(StageError("body", "reached"))
    for line, _ in (load_verb(verb) if verb in GROUPS else leaf(verb)).page.examples:
        if inner := re.search(r"\$\((.*)\)", line):
            line = inner[1]
        ours = next(part for part in line.split("|") if "auralis " in part)
        words = shlex.split(ours.split(">")[0].split("&&")[0])
        words = words[[word.partition("=")[1] for word in words].index("") :]
        assert words[0] == "auralis"
        assert "body: reached" in auralis(*words[1:]).err, line


def test_help_lists_the_verbs_and_bare_auralis_is_help() -> None:
    shown = auralis("--help")
    assert shown.code == 0
    assert all(f"  {verb} " in shown.out for verb in VERBS)
    assert auralis() == shown
    assert auralis("-q").out == shown.out


def test_the_version_is_shown() -> None:
    assert auralis("--version").out.startswith("auralis 0.")


@pytest.mark.parametrize("verb", LEAVES)
@pytest.mark.parametrize("words", [["--no-such-option"], ["--progress", "loud"], ["--progress"]])
def test_every_verb_refuses_a_bad_option(verb: str, words: list[str]) -> None:
    refused = auralis(*REACHES[verb], *words)
    assert (refused.code, refused.out) == (2, "")
    assert refused.err.startswith("auralis: error: --")
    assert refused.err.endswith("--help)\n")
    assert refused.err.count("\n") == 1


@pytest.mark.parametrize("verb", LEAVES)
@pytest.mark.parametrize("word", ["-q", "-v", "-vv", "--progress=never", "--color=never", "--log-file=/dev/null"])
def test_global_options_are_taken_before_and_after_the_verb(verb: str, word: str, raising: Any) -> None:
    raising(StageError("body", "reached"))
    first, *rest = REACHES[verb]
    for words in ([word, first, *rest], [first, word, *rest], [first, *rest, word]):
        assert "body: reached" in auralis(*words).err


@pytest.mark.parametrize("verb", GROUPS)
def test_a_verb_with_verbs_of_its_own_alone_is_its_help(verb: str) -> None:
    shown = auralis(verb, "--help")
    # What shows something else alone is tried in its own tests.
    assert load_verb(verb).page.alone is not None or shown == auralis(verb)
    assert shown.code == 0
    for path in LEAVES:
        if path.startswith(f"{verb} "):
            assert f"  {path.split()[1]} " in shown.out
            below = auralis(*path.split(), "--help")
            assert (below.code, below.err) == (0, "")
            assert below.out.startswith(f"Usage: auralis {path} [OPTIONS]")
            assert "Examples:" in below.out
    refused = auralis(verb, "no-such-verb")
    assert refused.code == 2
    assert refused.err == f"auralis: error: no-such-verb: no such command (see: auralis {verb} --help)\n"


def test_an_unknown_verb_is_answered_with_the_nearest() -> None:
    assert auralis("mastr").err == "auralis: error: mastr: no such command (did you mean master?)\n"
    assert auralis("xyz").err == "auralis: error: xyz: no such command (see: auralis --help)\n"
    assert auralis("mastr").code == 2
    assert auralis("help", "list").err == "auralis: error: help: no such command (see: auralis list --help)\n"
    assert auralis("tag", "help", "set").err == "auralis: error: help: no such command (see: auralis tag set --help)\n"
    assert auralis("help", "xyz").err == "auralis: error: help: no such command (see: auralis --help)\n"


@pytest.mark.parametrize("word", MEANT)
def test_what_other_programs_call_a_verb_is_answered_with_ours(word: str) -> None:
    assert word not in VERBS
    assert auralis(word).err == f"auralis: error: {word}: no such command (did you mean {MEANT[word]}?)\n"
    assert auralis(*MEANT[word].split(), "--help").code == 0
    assert auralis("a\x1b[31m\n").err.count("\n") == 1


FAILURES: list[tuple[BaseException, int, str]] = [
    (AuralisError("x", "went wrong"), 1, "failed"),
    (OutputError("x", "cannot be written"), 1, "output"),
    (StageError("limiter", "gave another shape"), 1, "stage"),
    (UsageError("x", "is odd"), 2, "usage"),
    (RefusedError("x", "exists already", "--force"), 2, "refused"),
    (InputError("x", "is damaged"), 4, "unreadable"),
    (KeyboardInterrupt(), 130, "interrupted"),
    (ValueError("first line\nsecond"), 1, "failed"),
    (RuntimeError("in /usr/lib/python3/site-packages/numba/core.py"), 1, "failed"),
    (MemoryError(), 1, "failed"),
    (RecursionError("maximum depth"), 1, "failed"),
    (OSError(5, "Input/output error"), 1, "failed"),
]


KINDS = (ValueError, KeyError, OSError, RuntimeError, TypeError, LookupError, AssertionError, MemoryError)
WORDS = (
    "{numpy}: bad", "in {ours} line 3", "'{numpy}', '{ours}'", "{stdlib}:7: gone", "no such thing\n  File {numpy}",
)  # fmt: skip


@pytest.mark.invariant("S2-NEW-4")
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("words", WORDS)
def test_forty_defects_tell_nothing_of_the_installation(
    kind: type[Exception], words: str, raising: Any, tmp_path: Path
) -> None:
    places = {"numpy": np.__file__, "ours": cli.__file__, "stdlib": os.__file__}
    assert len(KINDS) * len(WORDS) == 40
    raising(kind(words.format(**places)))
    log = tmp_path / "log"
    done = auralis("--log-file", log, *REACHES["analyze"], "--json")
    assert done.code == 1
    for place in ("/site-packages/", "/auralis_cli/", "/lib/python"):
        assert place not in done.out + done.err
    assert "Traceback" not in done.out + done.err
    assert "Traceback" in log.read_text()


@pytest.mark.invariant("S0-L04")
@pytest.mark.invariant("S2-NEW-14")
@pytest.mark.parametrize(("error", "code", "word"), FAILURES)
@pytest.mark.parametrize("verb", LEAVES)
def test_whatever_a_verb_raises_ends_in_one_line_one_shape_and_its_code(
    verb: str, error: BaseException, code: int, word: str, raising: Any
) -> None:
    raising(error)
    plain = auralis(*REACHES[verb])
    assert (plain.code, plain.out) == (code, "")
    assert plain.err.startswith("auralis: error: ")
    assert plain.err.count("\n") == 1
    assert "Traceback" not in plain.err
    assert "site-packages/" not in plain.err
    if has_json(verb):
        told = auralis(*REACHES[verb], "--json")
        assert (told.code, told.err) == (plain.code, plain.err)
        check_schema(told.document, word)


def check_schema(document: Any, code: str) -> None:
    """`{"path", "error": {"code", "message", "hint"?}}` and nothing else."""
    assert set(document) == {"path", "error"}
    assert document["path"] is None or isinstance(document["path"], str)
    described = document["error"]
    assert {"code", "message"} <= set(described) <= {"code", "message", "hint"}
    assert described["code"] == code
    assert all(isinstance(text, str) and text for text in described.values())


@pytest.mark.parametrize("verb", LEAVES)
def test_usage_errors_have_the_same_shape(verb: str) -> None:
    told = auralis(*verb.split(), "--no-such-option", "--json")
    assert told.code == 2
    check_schema(told.document, "usage")


def test_a_traceback_is_shown_only_under_auralis_debug(raising: Any) -> None:
    raising(ValueError("boom"))
    shown = auralis("doctor", variables={"AURALIS_DEBUG": "1"})
    assert shown.code == 1
    assert "Traceback" in shown.err
    assert shown.err.startswith(
        "auralis: error: unforeseen: ValueError: boom (a defect; AURALIS_DEBUG=1 shows where)\n"
    )


@pytest.mark.parametrize("word", ["--help", "--version"])
def test_a_full_disk_under_stdout_is_a_failure_and_no_crash(word: str) -> None:
    with open("/dev/full", "w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "auralis_cli", word],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": str(REPOSITORY)},
            timeout=60,
            check=False,
        )
    assert done.returncode == 1
    assert done.stderr == "auralis: error: standard output: No space left on device\n"


def test_a_closed_stdout_or_stderr_is_survived() -> None:
    for redirection in (">&-", "2>&-", ">&- 2>&-"):
        line = f"{shlex.quote(sys.executable)} -m auralis_cli --help {redirection}"
        done = subprocess.run(
            ["bash", "-c", line],
            capture_output=True,
            text=True,
            env={**os.environ, "PYTHONPATH": str(REPOSITORY)},
            timeout=60,
            check=False,
        )
        assert (done.returncode, done.stderr) == (0, ""), redirection


CRASH = """
import sys
from auralis_cli import __main__, cli
def load(name):
    raise ValueError("boom")
cli.load_verb = load
sys.argv[1:] = ["doctor"]
__main__.main()
"""


@pytest.mark.invariant("S2-NEW-14")
def test_an_unforeseen_error_leaves_the_terminal_as_it_was() -> None:
    leader, follower = pty.openpty()
    try:
        before = termios.tcgetattr(follower)
        done = subprocess.run(
            [sys.executable, "-c", CRASH],
            stdin=follower,
            stdout=follower,
            stderr=follower,
            env={**os.environ, "PYTHONPATH": str(REPOSITORY), "TERM": "xterm"},
            timeout=60,
            check=False,
        )
        assert done.returncode == 1
        assert termios.tcgetattr(follower) == before
        shown = os.read(leader, 4096).decode()
    finally:
        os.close(leader)
        os.close(follower)
    assert "unforeseen: ValueError: boom" in shown
    assert len(shown.splitlines()) == 1


def test_layers_of_failures_are_all_in_the_exit_code_table() -> None:
    from auralis_cli import errors, manual

    named = [getattr(errors, name) for name in errors.__all__]
    codes = {one.exit_code for one in named if hasattr(one, "exit_code")} | {0, errors.EXIT_PARTIAL}
    assert codes == {code for code, _ in manual.EXIT_STATUS}


def test_json_of_failures_keeps_a_name_that_is_not_utf8(raising: Any) -> None:
    name = b"caf\xe9.wav".decode("utf-8", "surrogateescape")
    raising(InputError(name, "is damaged"))
    told = auralis("analyze", Path(name), "--json")
    assert "caf\\xe9.wav: is damaged" in told.err
    assert json.loads(told.out)["error"]["message"].encode("utf-8", "surrogateescape").startswith(b"caf\xe9.wav")
