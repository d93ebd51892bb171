"""The unit of systemd starts the player that runs without a screen."""

from __future__ import annotations

import configparser
import os
import shlex
import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest
from command_line import REPOSITORY

from auralis_cli.cli import VERBS, load_verb

UNIT = REPOSITORY / "auralis_cli" / "systemd" / "auralis.service"


def test_the_unit_starts_a_command_line_that_there_is() -> None:
    unit = configparser.ConfigParser(interpolation=None)
    unit.optionxform = str  # type: ignore[assignment,method-assign]
    unit.read(UNIT)
    env, program, verb, *options = shlex.split(unit["Service"]["ExecStart"])
    assert (env, program) == ("/usr/bin/env", "auralis")
    assert verb in VERBS
    known = {spelling for param in load_verb(verb).params for spelling in param.opts}
    assert options == ["--headless"]
    assert set(options) <= known


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="needs systemd-analyze")
@pytest.mark.parametrize(("line", "is_taken"), [("Restart=on-failure", True), ("Restart=now-and-then", False)])
def test_systemd_takes_the_unit_and_would_say_what_is_wrong_with_it(line: str, is_taken: bool, tmp_path: Path) -> None:
    unit = tmp_path / UNIT.name
    unit.write_text(UNIT.read_text().replace("Restart=on-failure", line))
    # A short path: it reads the units of all programs, whose sockets would lie there.
    with tempfile.TemporaryDirectory(prefix="auralis-") as running:
        done = subprocess.run(
            ["systemd-analyze", "--user", "--man=no", "verify", str(unit)],
            env={**os.environ, "XDG_RUNTIME_DIR": running},
            capture_output=True, text=True, timeout=60, check=False,
        )  # fmt: skip
    assert ((done.returncode, done.stderr) == (0, "")) is is_taken


def test_the_manual_says_how_it_is_enabled() -> None:
    page = " ".join((REPOSITORY / "man" / "man1" / "auralis-play.1").read_text().replace("\\-", "-").split())
    assert "systemctl --user enable --now auralis" in page
    assert "share/systemd/user/auralis.service" in page
