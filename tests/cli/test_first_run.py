"""The first run on a machine: it waits for the compiler, which is to do everything once, on both cores."""

from __future__ import annotations

import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

import demo_piece
import pytest
from command_line import REPOSITORY

_FIRST_HALF = "from auralis_cli.services.kernel_exercises import *; exercise_rhythm_and_spectra()"
_SECOND_HALF = "from auralis_cli.services.kernel_exercises import *; exercise_levels_and_limiter()"
# Of a master, what neither half has gone through: it takes a second.
_MOST_LEFT = 15


def run(words: list[str], home: Path) -> Counter[str]:
    """Kernels there are in `home` behind a Python that was told this, by how many kinds of arguments they have."""
    kept = {name: value for name, value in os.environ.items() if name != "NUMBA_CACHE_DIR"}
    subprocess.run(
        [sys.executable, *words], env={**kept, "AURALIS_HOME": str(home)}, cwd=REPOSITORY, capture_output=True,
        check=True,
    )  # fmt: skip
    # Numba writes one such file for each kind of arguments that a kernel was compiled for.
    return Counter(one.name.rsplit(".py", 1)[0] for one in home.rglob("*.nbc"))


@pytest.mark.soak
def test_a_first_master_compiles_no_kernel_twice(tmp_path: Path) -> None:
    """Kills: a literal handed to a kernel, or a row of a strided slice, and all that it calls is compiled again."""
    piece = tmp_path / "piece.wav"
    subprocess.run([sys.executable, str(Path(demo_piece.__file__)), str(piece)], check=True)
    compiled = run(["-m", "auralis_cli", "master", str(piece), str(tmp_path / "made.flac")], tmp_path / "home")
    assert len(compiled) > 50
    assert [name for name, times in compiled.items() if times > 1] == []


@pytest.mark.soak
def test_the_halves_share_no_kernel_and_leave_little_of_a_master(tmp_path: Path) -> None:
    """Kills: a sweep of other arguments than music has, for which all is compiled again; halves that wait for one."""
    piece = tmp_path / "piece.wav"
    subprocess.run([sys.executable, str(Path(demo_piece.__file__)), str(piece)], check=True)
    first, second = run(["-c", _FIRST_HALF], tmp_path / "first"), run(["-c", _SECOND_HALF], tmp_path / "second")
    assert not set(first) & set(second)
    both = tmp_path / "both"
    for words in (["-c", _FIRST_HALF], ["-c", _SECOND_HALF]):
        halves = run(words, both)
    mastered = run(["-m", "auralis_cli", "master", str(piece), str(tmp_path / "made.flac")], both)
    assert sum((mastered - halves).values()) <= _MOST_LEFT
    assert [name for name, times in mastered.items() if times > 1] == []
