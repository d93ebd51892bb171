"""How soon after TAB the word is there, in real shells over a library of 10,000 tracks (`make bench`).

Beside each a Python that does nothing, in between. What the scripts know starts no Python; what the library holds does.
"""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

# Its import names where everything of a run is, as tests have it.
os.environ.setdefault("AURALIS_HOME", tempfile.gettempdir())

import big_library
import library_of
from documents import BUILD, keep
from gates import Document, Gate, below
from shells import SHELLS, shell

from auralis_cli.db.store import Store

_TRACKS = 10_000
_BOUND_S = 0.15
_LINES = (
    ("an option's value", "auralis master --preset wa", "rm"),
    ("a field", "auralis list compos", "er:"),
    ("an artist of the library", "auralis list artist:zzy", "zx"),
    ("a playlist", "auralis playlist show lat", "evening"),
)


def python_s() -> float:
    """What a Python that does nothing takes."""
    begun_s = time.perf_counter()
    subprocess.run([sys.executable, "-c", "pass"], check=True)
    return time.perf_counter() - begun_s


def measured(name: str, folder: Path, rounds: int) -> list[dict[str, Any]]:
    """Rows of one shell; the first TAB, which loads, is not counted."""
    rows = []
    # Byte code is kept, as an installation has it.
    places = {"AURALIS_HOME": str(folder / "home"), "AURALIS_LIBRARY": str(folder / "library.db")}
    places |= {"PYTHONDONTWRITEBYTECODE": "", "PYTHONPYCACHEPREFIX": str(folder / "byte-code")}
    with shell(name, folder, places) as sitting:
        for what, line, last in _LINES:
            sitting.seconds_to(line, last)
            taken, idle = [], []
            for _ in range(rounds):
                taken.append(sitting.seconds_to(line, last))
                idle.append(python_s())
            rows.append({"shell": name, "what": what, "seconds": taken, "python_seconds": idle})
    return rows


def table(rows: list[dict[str, Any]]) -> list[str]:
    """For people."""
    lines = ["| shell | word | ms after TAB, median (least–most) | × python -c pass |", "|---|---|---:|---:|"]
    for row in rows:
        spread, median_s = [1000 * one for one in row["seconds"]], statistics.median(row["seconds"])
        ratio = median_s / statistics.median(row["python_seconds"])
        told = f"{1000 * median_s:.0f} ({min(spread):.0f}–{max(spread):.0f})"
        lines.append(f"| {row['shell']} | {row['what']} | {told} | {ratio:.1f} |")
    return lines


def gates_of(document: Document) -> list[Gate]:
    """Nobody waits for a word."""
    return [
        below(f"s after TAB, {row['what']}, {row['shell']}", statistics.median(row["seconds"]), _BOUND_S)
        for row in document["rows"]
    ]


def main() -> int:
    """Makes a library, asks each shell there is, and keeps the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", type=Path, default=BUILD / "completion.json")
    parser.add_argument("--rounds", type=int, default=11)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="auralis-completion-") as name:
        folder = Path(name)
        big_library.build(folder / "library.db", tracks=_TRACKS)
        with Store.open(folder / "library.db", program="completion_table", now=1) as store:
            library_of.put(store, [library_of.record("/zz/1.flac", artists=("Zzyzx",))], root="/zz")
            store.playlists.create("late evening", now=1)
        there = [one for one in SHELLS if shutil.which(one)]
        rows = [row for one in there for row in measured(one, folder, asked.rounds)]
    text = "\n".join([f"{asked.rounds} rounds, {_TRACKS:,} tracks.", "", *table(rows)])
    return 0 if keep(text, {"tracks": _TRACKS, "rows": rows}, asked.json, gates_of, tools=there) else 1


if __name__ == "__main__":
    sys.exit(main())
