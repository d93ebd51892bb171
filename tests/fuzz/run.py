"""`make fuzz`: so many cases of every target, in processes of their own; what fails is kept and printed.

Each process knows its cases by number: `--case NAME:NUMBER` runs one again.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import random
import shutil
import sys
import tempfile
import time
import traceback
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path

SHARE = 2_000
_FOUND = Path("build/fuzz")


@dataclass(slots=True)
class Tally:
    """What came of some cases of one target."""

    target: str
    cases: int = 0
    cpu_s: float = 0.0
    slowest_s: float = 0.0
    slowest: int = -1
    # Lines of the package: reached by the seeds, and by cases beyond those.
    lines_of_seeds: int = 0
    new_lines: int = 0
    crashes: list[str] = field(default_factory=list)


def _begin() -> None:
    home = tempfile.mkdtemp(prefix="auralis-fuzz-")
    os.environ.update(AURALIS_HOME=home, TZ="UTC")
    tempfile.tempdir = home


def run_share(share: tuple[str, int, int]) -> Tally:
    """The cases of one target from one number on."""
    from fuzz.cases import case_of
    from fuzz.judging import judge
    from fuzz.targets import TARGETS

    name, first, count = share
    target, tally = TARGETS[name], Tally(name)
    known: set[str] = set()
    for number in range(first, first + count):
        data = case_of(target, random.Random(f"{name}:{number}"))
        try:
            took_s = judge(target, data)
        except Exception as error:  # all that must not come out is what is looked for
            where = traceback.extract_tb(error.__traceback__)[-1]
            kind = f"{type(error).__name__} at {Path(where.filename).name}:{where.lineno}"
            if kind not in known:
                known.add(kind)
                tally.crashes.append(f"{name}:{number} {kind}: {str(error)[:160]!r} for {data[:160]!r}")
            continue
        tally.cases += 1
        tally.cpu_s += took_s
        if took_s > tally.slowest_s:
            tally.slowest_s, tally.slowest = took_s, number
    return tally


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=1_000_000, help="of all targets together")
    parser.add_argument("--only", action="append", default=[], metavar="NAME", help="of these targets only")
    parser.add_argument("--jobs", type=int, default=max(1, (os.cpu_count() or 2)))
    parser.add_argument("--seed", type=int, default=0, help="another one gives other cases")
    parser.add_argument("--json", type=Path, default=None)
    parser.add_argument("--case", metavar="NAME:NUMBER", help="run one case again, and show it")
    given = parser.parse_args()
    _begin()
    try:
        from fuzz.targets import TARGETS

        if given.case:
            return _again(given.case)
        names = given.only or list(TARGETS)
        return _run(names, given.cases, given.jobs, given.seed, given.json)
    finally:
        shutil.rmtree(os.environ["AURALIS_HOME"], ignore_errors=True)


def _run(names: list[str], cases: int, jobs: int, seed: int, place: Path | None) -> int:
    began_s = time.monotonic()
    each = -(-cases // len(names))
    totals = {name: Tally(name) for name in names}
    with multiprocessing.get_context("spawn").Pool(jobs, maxtasksperchild=40) as pool:
        for tally in pool.imap_unordered(run_share, _shares(names, each, seed)):
            _add(totals[tally.target], tally)
            for crash in tally.crashes:
                print(crash, flush=True)
    took_s = time.monotonic() - began_s
    for one in totals.values():
        mean_us = 1e6 * one.cpu_s / max(one.cases, 1)
        print(f"{one.target:<18} {one.cases:>9,} cases  {mean_us:>8.0f} us  slowest {one.slowest_s:.3f} s  "
              f"{len(one.crashes)} crashes")  # fmt: skip
    every = sum(one.cases for one in totals.values())
    failed = sum(len(one.crashes) for one in totals.values())
    print(f"{every:,} cases of {len(names)} targets in {took_s / 60.0:.1f} min, {failed} kinds of crashes")
    if place is not None:
        place.parent.mkdir(parents=True, exist_ok=True)
        document = {"cases": every, "seconds": round(took_s, 1), "targets": [asdict(one) for one in totals.values()]}
        place.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")
    return 1 if failed else 0


def _shares(names: list[str], each: int, seed: int) -> Iterator[tuple[str, int, int]]:
    for first in range(0, each, SHARE):
        for name in names:
            yield name, (seed << 32) + first, min(SHARE, each - first)


def _add(total: Tally, tally: Tally) -> None:
    total.cases += tally.cases
    total.cpu_s += tally.cpu_s
    if tally.slowest_s > total.slowest_s:
        total.slowest_s, total.slowest = tally.slowest_s, tally.slowest
    total.crashes += tally.crashes


def _again(case: str) -> int:
    from fuzz.cases import case_of
    from fuzz.judging import judge
    from fuzz.targets import TARGETS

    name = case.rpartition(":")[0]
    data = case_of(TARGETS[name], random.Random(case))
    print(repr(data))
    print(f"{judge(TARGETS[name], data):.3f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main())
