"""The first run on a machine: it waits for the compiler, which is to do everything once."""

from __future__ import annotations

import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

import demo_piece
import pytest
from command_line import REPOSITORY


@pytest.mark.soak
def test_a_first_master_compiles_no_kernel_twice(tmp_path: Path) -> None:
    """Kills: a literal handed to a kernel, or a row of a strided slice, and all that it calls is compiled again."""
    piece = tmp_path / "piece.wav"
    subprocess.run([sys.executable, str(Path(demo_piece.__file__)), str(piece)], check=True)
    kept = {name: value for name, value in os.environ.items() if name != "NUMBA_CACHE_DIR"}
    command = [sys.executable, "-m", "auralis_cli", "master", str(piece), str(tmp_path / "made.flac")]
    subprocess.run(
        command, env={**kept, "AURALIS_HOME": str(tmp_path / "home")}, cwd=REPOSITORY, capture_output=True, check=True
    )
    # Numba writes one such file for each kind of arguments that a kernel was compiled for.
    compiled = Counter(one.name.rsplit(".py", 1)[0] for one in (tmp_path / "home").rglob("*.nbc"))
    assert len(compiled) > 50
    assert [name for name, times in compiled.items() if times > 1] == []
