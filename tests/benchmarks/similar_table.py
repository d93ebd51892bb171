"""How long `auralis similar` takes in a library of 10,000 tracks, and an exact search among a million (`make bench`).

Whole commands, start-up included: of the stored neighbours; searched with other weights, where NumPy is loaded and
the matrix read; and as a query of `list`. Fingerprints are drawn from the ranges that music has.
"""

from __future__ import annotations

import argparse
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import big_library
import numpy as np
from documents import BUILD, keep
from gates import Document, Gate, below
from numpy.typing import NDArray
from peers import Contestant, compete, median_of, runs_of
from processes import Run, run
from rendering import markdown

from auralis_cli.analysis.similarity import fitted, nearest, normalised, squares
from auralis_cli.db.store import Store
from auralis_cli.model.fingerprint import DIMENSIONS, Fingerprint, FingerprintedTrack
from auralis_cli.model.progress import CancelToken
from auralis_cli.paths import library_file
from auralis_cli.services.neighbour_graph import update_graph

TRACKS, MILLION = 10_000, 1_000_000
QUERIES, NEAREST = 200, 20
BOUND_S = 0.4
VERSION = "auralis --version"
SEED = 5
_ROWS = 50_000


def drawn(rows: int, chance: np.random.Generator) -> NDArray[np.float64]:
    """Vectors as music has them: each dimension about the middle of its range, some beyond."""
    low, high = np.array([dimension.typical for dimension in DIMENSIONS]).T
    values = low + (high - low) * chance.normal(0.5, 0.25, (rows, len(DIMENSIONS)))
    low, high = np.array([(dimension.lowest, dimension.highest) for dimension in DIMENSIONS]).T
    clipped: NDArray[np.float64] = np.clip(values, low, high)
    return clipped


def make_library(home: Path, tracks: int) -> None:
    """A library whose tracks all have a fingerprint, with the graph of the nearest in order."""
    path = library_file({"AURALIS_HOME": str(home)})
    path.parent.mkdir(parents=True)
    big_library.build(path, tracks=tracks)
    chance = np.random.default_rng(SEED)
    with Store.open(path, program="bench", now=big_library.MADE_AT) as store:
        keys = [one for (one,) in store.database.all("SELECT content_key FROM tracks ORDER BY id")]
        values = drawn(len(keys), chance)
        store.fingerprints.put(
            (
                (key, FingerprintedTrack(Fingerprint(*row.tolist())), None)
                for key, row in zip(keys, values, strict=True)
            ),
            now=big_library.MADE_AT,
        )
        update_graph(store, CancelToken())


def commands(home: Path, scratch: Path) -> list[Contestant]:
    kept = {"PYTHONDONTWRITEBYTECODE": "", "PYTHONPYCACHEPREFIX": str(BUILD / "bench-home" / "bytecode")}
    tracks: Iterator[int] = iter(np.random.default_rng(SEED).permutation(TRACKS) + 1)

    def auralis(*words: str) -> Callable[[], Run]:
        def start() -> Run:
            asked = [word.format(next(tracks)) for word in words]
            command = [sys.executable, "-m", "auralis_cli", *asked]
            return run(command, scratch / "log", {"AURALIS_HOME": str(home), **kept})

        return start

    return [
        Contestant(VERSION, auralis("--version")),
        Contestant("similar id:N", auralis("similar", "id:{}")),
        Contestant("similar --explain id:N", auralis("similar", "--explain", "id:{}")),
        Contestant("similar --weights tone id:N", auralis("similar", "--weights", "tone", "id:{}")),
        Contestant("list like:N --limit 20", auralis("list", "like:{}", "--limit", "20")),
    ]


def timings(ran: list[Contestant]) -> str:
    """As seconds, as processor time, and against a program that starts and says its version."""
    rows = [
        (
            one.name,
            f"{one.seconds:.3f} ({min(each.seconds for each in one.runs):.3f})",
            f"{statistics.median(each.processor_s for each in one.runs):.3f}",
            f"{one.seconds / ran[0].seconds:.1f}",
        )
        for one in ran
    ]
    return markdown(("", "s, median (least)", "processor s", f"× {ran[0].name}"), rows)


def search_ms(rows: int) -> list[float]:
    """Milliseconds of each exact search among so many, in a process that has them."""
    chance = np.random.default_rng(SEED)
    scale = fitted(drawn(_ROWS, chance))
    matrix = np.concatenate([normalised(drawn(_ROWS, chance), scale) for _ in range(rows // _ROWS)])
    squared = squares(matrix)
    points = normalised(drawn(QUERIES, chance), scale)
    nearest(matrix, points[0], NEAREST, squared=squared)
    found = []
    for point in points:
        started = time.perf_counter()
        nearest(matrix, point, NEAREST, squared=squared)
        found.append(1000.0 * (time.perf_counter() - started))
    return found


def gates_of(document: Document) -> list[Gate]:
    names = [name for name in document["runs"] if name != VERSION]
    return [below(f"s, {name}, of {TRACKS:,} tracks", median_of(document, name), BOUND_S) for name in names]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", type=Path, default=BUILD / "similar.json")
    parser.add_argument("--rounds", type=int, default=11)
    asked = parser.parse_args()
    BUILD.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="similar-", dir=BUILD) as name:
        scratch = Path(name)
        started = time.perf_counter()
        make_library(scratch / "home", TRACKS)
        made_s = time.perf_counter() - started
        ran = commands(scratch / "home", scratch)
        compete(ran, asked.rounds)
        shutil.rmtree(scratch / "home")
    searches = {f"{rows:,} tracks": search_ms(rows) for rows in (100_000, MILLION)}
    rows = [
        (size, f"{statistics.median(each):.1f}", f"{np.percentile(each, 95):.1f}") for size, each in searches.items()
    ]
    lines = [
        f"{asked.rounds} interleaved rounds of whole commands, {TRACKS:,} tracks, each of another track.",
        *("", timings(ran), "", markdown(("exact search among", "p50 ms", "p95 ms"), rows)),
    ]
    document = {"runs": runs_of(ran), "search_ms": searches, "library_made_in_s": made_s}
    seeds = {"fingerprints": SEED, "library": big_library.SEED}
    keep("\n".join(lines), document, asked.json, gates_of, seeds=seeds)


if __name__ == "__main__":
    main()
