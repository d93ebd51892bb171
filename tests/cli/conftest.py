"""What tests of verbs start from: a library of their own, and the command that asks it."""

from __future__ import annotations

from pathlib import Path

import pytest
from command_line import Run, auralis


@pytest.fixture
def library(tmp_path: Path) -> Path:
    """Where there is no library yet."""
    return tmp_path / "library.db"


@pytest.fixture
def run(library: Path) -> Run:
    """`auralis --library …` with the words and settings of `auralis`."""
    return lambda *words, **how: auralis("--library", library, *words, **how)
