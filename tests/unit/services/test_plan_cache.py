"""What was found out of tracks is kept on disk: whole, bounded, and what nobody asked for longest goes first."""

from __future__ import annotations

import os
import random
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from auralis_cli.services import plan_cache
from auralis_cli.services.plan_cache import PlanCache


def test_what_was_kept_is_there_for_the_next_run(tmp_path: Path) -> None:
    PlanCache(tmp_path / "plans").put("a", b"one")
    PlanCache(tmp_path / "plans").put("a", b"two")
    assert PlanCache(tmp_path / "plans").get("a") == b"two"
    assert PlanCache(tmp_path / "plans").get("b") is None


@pytest.mark.invariant("S2-u5")
def test_what_was_asked_for_lately_outlives_what_was_only_written_lately(tmp_path: Path) -> None:
    cache = PlanCache(tmp_path, most_entries=20)
    for number in range(20):
        cache.put(f"old{number}", b"x")
        _age(tmp_path / f"old{number}.plan", 1_000 - number)
    assert cache.get("old0") == b"x"
    cache.put("new", b"x")
    assert cache.get("old0") == b"x"
    assert cache.get("new") == b"x"
    assert cache.get("old1") is None
    for number in range(100):
        cache.put(f"more{number}", b"x")
    assert len(list(tmp_path.iterdir())) <= 20


def test_a_large_one_is_not_gone_through_for_every_entry(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    looks: list[Path] = []
    scandir = os.scandir

    def look(folder: Path) -> Any:
        looks.append(folder)
        return scandir(folder)

    monkeypatch.setattr(plan_cache, "write_whole_file", lambda path, data: path.write_bytes(data))
    monkeypatch.setattr(os, "scandir", look)
    cache = PlanCache(tmp_path, most_entries=1000)
    for number in range(1500):
        cache.put(f"{number}", b"x")
    assert len(looks) <= 150
    assert len(os.listdir(tmp_path)) <= 1010


def test_a_cache_that_cannot_be_written_keeps_nothing_and_says_nothing(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    cache = PlanCache(tmp_path / "file")
    cache.put("a", b"one")
    assert cache.get("a") is None


@pytest.mark.invariant("S1-M-06")
def test_who_reads_an_entry_reads_all_of_one(tmp_path: Path) -> None:
    """Kills writing in place: what is open stays what it was, also once another is put in its place."""
    cache = PlanCache(tmp_path)
    cache.put("shared", b"one")
    (place,) = (path for path in tmp_path.rglob("*") if path.is_file())
    with place.open("rb") as reader:
        cache.put("shared", b"another")
        assert reader.read() == b"one"
    assert cache.get("shared") == b"another"


_PUT_FOR_EVER = """
import sys
from pathlib import Path
from auralis_cli.services import plan_cache
from auralis_cli.services.plan_cache import PlanCache
number = int(sys.argv[2])
cache = PlanCache(Path(sys.argv[1]), most_entries=50)
print("at work", flush=True)
for turn in range(1_000):
    cache.put("shared", bytes([number, turn % 251]) * 1_000_000)
    cache.put(f"own{number}-{turn % 7}", b"x")
"""


@pytest.mark.invariant("S1-M-06")
def test_an_entry_is_whole_however_its_writers_are_killed(tmp_path: Path) -> None:
    """Kills one temporary name for all."""
    rng = random.Random(6)
    cache = PlanCache(tmp_path)
    cache.put("shared", b"\0\0" * 1_000_000)
    for _ in range(2):
        writers = [
            subprocess.Popen(
                [sys.executable, "-c", _PUT_FOR_EVER, str(tmp_path), str(number)], stdout=subprocess.PIPE, text=True
            )
            for number in range(1, 6)
        ]
        try:
            for writer in writers:
                assert writer.stdout is not None
                writer.stdout.readline()
            for writer in writers:
                for _ in range(rng.randrange(5, 60)):
                    data = cache.get("shared")
                    assert data is not None
                    assert data == data[:2] * 1_000_000
                writer.kill()
        finally:
            for writer in writers:
                writer.kill()
                writer.communicate()


def _age(path: Path, seconds: float) -> None:
    status = path.stat()
    os.utime(path, (status.st_atime - seconds, status.st_mtime - seconds))
