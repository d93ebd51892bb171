"""A library that writers are killed over: whole, and with everything in it that was said to be in it."""

from __future__ import annotations

import random
import sqlite3
import sys
from contextlib import closing
from pathlib import Path

import pytest
from command_line import REPOSITORY
from killed_writers import kill_at_random
from libraries import integrity, opened
from library_writer import ROWS_IN_A_BATCH

WRITER: list[str | Path] = [sys.executable, REPOSITORY / "tests" / "library_writer.py"]
VARIABLES = {"PYTHONPATH": str(REPOSITORY)}
SEED = 20_261_121


def kill_again_and_again(library: Path, kills: int, seed: int) -> int:
    """Kills so many writers over one library; returns how many were inside a transaction."""
    rng = random.Random(seed)
    committed: set[int] = set()
    inside = 0
    for number in range(kills):
        killed = kill_at_random(
            [*WRITER, "--library", library, "write"], library, rng, within_s=0.15, variables=VARIABLES
        )
        assert not killed.too_late
        inside += killed.inside
        committed |= {int(line) for line in killed.lines}
        where = f"seed {seed}, kill {number} after {killed.after_s:.4f} s"
        assert integrity(library) == "ok", where
        with closing(sqlite3.connect(library)) as connection:
            batches = dict(
                connection.execute("SELECT CAST(key AS INTEGER), count(*) FROM settings GROUP BY 1").fetchall()
            )
        assert set(batches.values()) == {ROWS_IN_A_BATCH}, where
        assert committed <= batches.keys(), where
    print(f"{kills} kills with seed {seed}, {inside} of them inside a transaction, {len(committed)} commits kept")
    with opened(library) as store:
        assert store.database.one("SELECT count(*) FROM settings") == (len(batches) * ROWS_IN_A_BATCH,)
    return inside


@pytest.mark.invariant("S0-C03")
def test_a_kill_loses_at_most_the_open_transaction(tmp_path: Path) -> None:
    assert kill_again_and_again(tmp_path / "library.db", 10, SEED) >= 1


@pytest.mark.soak
@pytest.mark.timeout(1200)
def test_a_hundred_kills_lose_at_most_the_open_transaction(tmp_path: Path) -> None:
    assert kill_again_and_again(tmp_path / "library.db", 100, SEED + 1) >= 30
