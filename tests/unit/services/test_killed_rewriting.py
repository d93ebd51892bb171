"""Whenever the process is killed that rewrites or renames files, each is there, old or new, and undo works."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from scanned_folders import song

PROGRAM = Path(__file__).resolve().parents[2] / "killed_rewrites.py"


def killed(work: str, folder: Path, kills: int, seed: int) -> list[str]:
    """What was found wrong after so many kills at moments chosen by `seed`."""
    for number in range(12):
        song(folder / "music" / f"{number}.wav", number, mtime_s=1_500_000_000 + number)
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(PROGRAM.parent), *sys.path])}
    done = subprocess.run(
        [sys.executable, PROGRAM, work, folder, str(kills), str(seed)], capture_output=True, text=True, env=environment
    )
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found["moments"] > 100
    assert found["moments_of_undo"] > 100
    return list(found["wrong"])


@pytest.mark.invariant("S1-M-21")
def test_a_kill_at_any_moment_leaves_old_or_new_files_and_an_undo_that_works(tmp_path: Path) -> None:
    assert killed("rewrite", tmp_path, 10, seed=7) == []


@pytest.mark.invariant("S1-M-21")
def test_a_kill_at_any_moment_of_a_renaming_loses_no_file_and_undo_works(tmp_path: Path) -> None:
    assert killed("move", tmp_path, 8, seed=5) == []


@pytest.mark.soak
@pytest.mark.parametrize("work", ["rewrite", "all", "move"])
def test_a_hundred_kills_lose_nothing_and_undo_works(tmp_path: Path, work: str) -> None:
    assert killed(work, tmp_path, 100, seed=8) == []
