"""Scans that are killed: what was committed stays, the next scan goes on, and undo takes back what a killed one did."""

from __future__ import annotations

import os
import random
import sqlite3
import sys
from contextlib import closing
from pathlib import Path

import pytest
from command_line import auralis
from killed_writers import kill_at_random
from libraries import integrity, opened
from scanned_folders import song

from auralis_cli.paths import library_file

SEED = 20_261_123


def rows(library: Path) -> tuple[set[tuple[int, bytes]], dict[int, float]]:
    """Files by id, and ratings by track."""
    with closing(sqlite3.connect(library)) as connection:
        files = set(connection.execute("SELECT id, path FROM files"))
        return files, dict(connection.execute("SELECT track_id, rating FROM track_stats"))


def rate_some(library: Path, rng: random.Random) -> None:
    """What the user did meanwhile, which no scan may lose."""
    with closing(sqlite3.connect(library)) as connection, connection:
        tracks = [row[0] for row in connection.execute("SELECT id FROM tracks")]
        for track in rng.sample(tracks, min(5, len(tracks))):
            connection.execute(
                "INSERT INTO track_stats (track_id, rating) VALUES (?, ?) "
                "ON CONFLICT (track_id) DO UPDATE SET rating = excluded.rating",
                (track, rng.randint(0, 5)),
            )


def kill_scans(folder: Path, files: int, kills: int, seed: int, *, least_inside: int) -> None:
    """Kills so many scans of one folder at random moments, and more until as many were inside a transaction."""
    rng = random.Random(seed)
    music = folder / "music"
    paths = [song(music / f"{number // 50:03d}" / f"{number:05d}.wav", number) for number in range(files)]
    home = folder / "home"
    library = library_file({"AURALIS_HOME": str(home)})
    variables = {"AURALIS_HOME": str(home)}
    scan = [sys.executable, "-m", "auralis_cli", "--progress", "never", "scan", "-j", "2", str(music)]
    # The transaction that a library is made in is another test's.
    library.parent.mkdir(parents=True)
    opened(library).close()
    inside = too_late = number = 0
    while number < kills or inside < least_inside:
        before, ratings = rows(library)
        # A batch takes some 0.03 s, and reading more than that: both are to be met.
        within_s = rng.choice((0.03, 0.1, 0.5))
        killed = kill_at_random(scan, library, rng, within_s=within_s, variables=variables, starts_with_output=False)
        where = f"seed {seed}, kill {number} after {killed.after_s:.4f} s"
        inside += killed.inside
        too_late += killed.too_late
        assert integrity(library) == "ok", where
        after, ratings_after = rows(library)
        assert before <= after, where
        assert ratings_after == ratings, where
        rate_some(library, rng)
        # The next scan has something to write: new times, and a few files under new names.
        for path in rng.sample(paths, files // 3):
            os.utime(path, (1_700_000_000 + number, 1_700_000_000 + number))
        number += 1
    print(f"{number} kills with seed {seed}: {inside} inside a transaction, {too_late} after the end")
    done = auralis("scan", music, "--json", variables=variables)
    assert done.code == 0, done.err
    again = auralis("scan", music, "--json", variables=variables)
    assert again.document["unchanged"] == files
    assert auralis("db", "check", variables=variables).code == 0
    known, _ = rows(library)
    assert {path for _, path in known} == {os.fsencode(path) for path in paths}


@pytest.mark.invariant("S0-C03")
def test_a_killed_scan_loses_at_most_its_open_batch(tmp_path: Path) -> None:
    kill_scans(tmp_path, files=1500, kills=10, seed=SEED, least_inside=1)


@pytest.mark.soak
@pytest.mark.timeout(3600)
def test_a_hundred_killed_scans_lose_at_most_their_open_batches(tmp_path: Path) -> None:
    kill_scans(tmp_path, files=3000, kills=100, seed=SEED + 1, least_inside=30)
