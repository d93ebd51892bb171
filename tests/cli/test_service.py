"""The unit of systemd starts the player that runs without a screen."""

from __future__ import annotations

import configparser
import shlex
import shutil
import subprocess

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
def test_systemd_takes_the_unit() -> None:
    done = subprocess.run(
        ["systemd-analyze", "--user", "verify", str(UNIT)], capture_output=True, text=True, timeout=60, check=False
    )
    assert "auralis.service:" not in done.stderr
