"""The log: every record reaches it, with its time, whatever the terminal is told."""

from __future__ import annotations

import re
from pathlib import Path

import demo_piece
import numpy as np
import pytest
import soundfile
from command_line import auralis

from auralis_cli import cli
from auralis_cli.commands.group import VerbGroup
from auralis_cli.commands.verb import VerbCommand

RECORD = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}[+-]\d\d:\d\d \d+ (\w+): (.*)")


@pytest.fixture(scope="module")
def song(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("song") / "song.wav"
    soundfile.write(path, np.clip(demo_piece.compose()[: 3 * 44_100], -1.0, 1.0), 44_100)
    return path


def records(log: Path) -> list[tuple[str, str]]:
    """Level and text of every line, each of which must have its time."""
    found = [RECORD.fullmatch(line) for line in log.read_text().splitlines()]
    assert all(found)
    return [(one[1], one[2]) for one in found if one]


@pytest.mark.invariant("S1-L-06")
def test_the_log_receives_what_twice_verbose_would_say_whatever_the_terminal_is_told(
    song: Path, tmp_path: Path
) -> None:
    words = ("master", song, tmp_path / "out.wav", "-n")
    shown = auralis(*words).out  # the first run may say that it compiles
    said = auralis(*words, "-vv").err.splitlines()
    log = tmp_path / "run.log"
    quiet = auralis(*words, "-q", "--log-file", log)
    assert quiet.err == ""
    assert quiet.out == shown
    kept = records(log)
    assert kept[0][0] == "start"
    assert f"master {song}" in kept[0][1]
    assert [text for _, text in kept[1:]] == said
    assert {level for level, _ in kept} >= {"start", "detail", "parameter", "note"}


@pytest.mark.invariant("S1-L-06")
def test_warnings_and_errors_reach_the_log(song: Path, tmp_path: Path) -> None:
    log = tmp_path / "run.log"
    cut = tmp_path / "cut.wav"
    cut.write_bytes(song.read_bytes()[:100_000])
    told = auralis("--log-file", log, "analyze", cut)
    missing = auralis("--log-file", log, "analyze", tmp_path / "missing.wav")
    kept = records(log)
    assert [level for level, _ in kept if level == "start"] == ["start", "start"]
    warnings = [text for level, text in kept if level == "warning"]
    assert warnings
    assert all(f"auralis: warning: {text}" in told.err for text in warnings)
    errors = [text for level, text in kept if level == "error"]
    assert [f"auralis: error: {text}\n" for text in errors] == [missing.err]


@pytest.mark.invariant("S1-L-06")
def test_an_unforeseen_error_leaves_its_traceback_in_the_log_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    original = cli.load_verb

    def load(name: str) -> VerbCommand | VerbGroup:
        def body(**_: object) -> int:
            raise ValueError("boom\x1b[31m")

        command = original(name)
        command.callback = body
        return command

    monkeypatch.setattr(cli, "load_verb", load)
    log = tmp_path / "run.log"
    done = auralis("doctor", "--log-file", log)
    assert done.code == 1
    assert "Traceback" not in done.err
    text = log.read_text()
    assert "Traceback" in text
    assert "in body" in text
    assert "\x1b" not in text
    assert {level for level, _ in records(log)} == {"start", "error", "trace"}


def test_a_log_from_the_settings_is_written_and_a_flag_names_another(song: Path, tmp_path: Path) -> None:
    usual, other = tmp_path / "usual.log", tmp_path / "other.log"
    variables = {"AURALIS_LOG_FILE": str(usual)}
    assert auralis("analyze", song, variables=variables).code == 0
    lines = len(records(usual))
    assert lines > 1
    assert auralis("analyze", song, "--log-file", other, variables=variables).code == 0
    assert len(records(other)) == lines


def test_a_log_only_grows_until_it_is_moved_away(song: Path, tmp_path: Path) -> None:
    log = tmp_path / "run.log"
    before = "2026-01-02T03:04:05.678+01:00 123 note: of an earlier run\n"
    log.write_text(before)
    for _ in range(2):
        assert auralis("analyze", song, "--log-file", log).code == 0
    assert log.read_text().startswith(before)
    assert log.read_text().count(" start: ") == 2
    old = log.rename(tmp_path / "run.log.1").read_text()
    assert auralis("analyze", song, "--log-file", log).code == 0
    assert [level for level, _ in records(log)].count("start") == 1
    assert (tmp_path / "run.log.1").read_text() == old


def test_a_log_that_cannot_be_opened_is_one_line_and_nothing_is_done(song: Path, tmp_path: Path) -> None:
    for place in (tmp_path, tmp_path / "no" / "such" / "folder.log"):
        refused = auralis("master", song, tmp_path / "out.wav", "--log-file", place)
        assert (refused.code, refused.out) == (1, "")
        assert refused.err.startswith(f"auralis: error: {place}: the log cannot be opened: ")
        assert refused.err.count("\n") == 1
    assert not (tmp_path / "out.wav").exists()


@pytest.mark.invariant("S4-D2.2")
@pytest.mark.parametrize("from_settings", [False, True], ids=["flag", "settings"])
@pytest.mark.parametrize("kind", ["music", "text", "a line"])
def test_what_is_no_log_is_never_written_into(kind: str, from_settings: bool, song: Path, tmp_path: Path) -> None:
    """Kills: a file of the user's that is spoilt by a slip of the hand."""
    mine = tmp_path / "mine.flac"
    if kind == "music":
        soundfile.write(mine, *soundfile.read(song))
    else:
        mine.write_text("dear diary\n" if kind == "text" else "\n")
    before = mine.read_bytes()
    flag = [] if from_settings else ["--log-file", str(mine)]
    variables = {"AURALIS_LOG_FILE": str(mine)} if from_settings else {}
    refused = auralis("master", song, tmp_path / "out.wav", *flag, variables=variables)
    assert (refused.code, refused.out, refused.err.count("\n")) == (2, "", 1)
    assert refused.err.startswith(f"auralis: error: {mine}: is no log of auralis")
    assert mine.read_bytes() == before
    assert not (tmp_path / "out.wav").exists()


def test_a_file_that_is_empty_becomes_a_log(song: Path, tmp_path: Path) -> None:
    log = tmp_path / "run.log"
    log.touch()
    assert auralis("analyze", song, "--log-file", log).code == 0
    assert records(log)


def test_a_log_on_a_full_disk_stops_no_work(song: Path) -> None:
    assert auralis("analyze", song, "--log-file", "/dev/full").code == 0
