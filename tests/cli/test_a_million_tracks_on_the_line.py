"""Whole commands on a library of a million tracks: how soon a listing is there, how much a cleanup holds."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path

import big_library
import pytest
from libraries import opened
from process_figures import peak_mib_to_the_end

from auralis_cli.paths import library_file

pytestmark = [pytest.mark.soak, pytest.mark.timeout(1800)]

LISTED_WITHIN_S = 0.25
PEAK_MIB = 120


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A million tracks below a folder that is there, with one file in it that is known."""
    home = tmp_path_factory.mktemp("million")
    library = library_file({"AURALIS_HOME": str(home)})
    library.parent.mkdir(parents=True)
    big_library.build(library)
    music = home / "music"
    with opened(library) as store, store.database.write():
        store.roots.relocate(big_library.ROOT, str(music))
        music.mkdir()
        # Files of another device would be those of a volume that is not mounted.
        store.database.run(
            "UPDATE files SET device = ?, status = 'present', missing_since = NULL", (music.stat().st_dev,)
        )
        row = store.database.one("SELECT path FROM files ORDER BY path LIMIT 1")
        assert row is not None
    there = Path(os.fsdecode(row[0]))
    there.parent.mkdir(parents=True)
    there.write_bytes(b"")
    return home


def variables(home: Path) -> dict[str, str]:
    # Bytecode is kept, as it is in every installation.
    kept = {"PYTHONDONTWRITEBYTECODE": "", "PYTHONPYCACHEPREFIX": str(home / "bytecode")}
    return {**os.environ, **kept, "AURALIS_HOME": str(home)}


def test_a_listing_is_there_in_a_quarter_of_a_second(home: Path) -> None:
    taken_s = []
    for _ in range(11):
        began_s = time.perf_counter()
        command = [sys.executable, "-m", "auralis_cli", "list", "--limit", "50"]
        done = subprocess.run(command, env=variables(home), capture_output=True, check=True)
        taken_s.append(time.perf_counter() - began_s)
        assert len(done.stdout.splitlines()) == 50
    print(f"list --limit 50 of a million: median {statistics.median(taken_s):.3f} s, most {max(taken_s):.3f} s")
    assert statistics.median(taken_s) < LISTED_WITHIN_S


@pytest.mark.invariant("S0-C02")
def test_a_cleanup_holds_no_more_for_a_million_tracks(home: Path) -> None:
    command = [sys.executable, "-m", "auralis_cli", "--progress", "never", "cleanup", "--missing", "--jsonl"]
    with (home / "findings").open("wb") as findings:
        process = subprocess.Popen(command, env=variables(home), stdout=findings, stderr=subprocess.DEVNULL)
        peak_mib = peak_mib_to_the_end(process)
    assert process.returncode == 0
    with (home / "findings").open("rb") as findings:
        count = sum(1 for line in findings if json.loads(line)["kind"] == "missing")
    print(f"cleanup --missing: {count} findings, {peak_mib:.0f} MiB at most")
    assert count > 900_000
    assert peak_mib < PEAK_MIB
