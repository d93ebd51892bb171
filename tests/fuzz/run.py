"""`make fuzz`: so many cases of all targets, in processes of their own; what fails is printed.

Half of them are mutations, which have numbers: `--case NAME:NUMBER` runs one again. The other half is led by what each
reaches in the package, where atheris is installed. Interrupted, it says what has come of it so far.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import random
import shutil
import signal
import sys
import tempfile
import time
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from fuzz.shares import Tally, run_share, shares


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=1_000_000, help="of all targets together")
    parser.add_argument("--only", action="append", default=[], metavar="NAME", help="of these targets only")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 2)
    parser.add_argument("--seed", type=int, default=0, help="another one gives other cases")
    parser.add_argument("--unguided", action="store_true", help="mutations only")
    parser.add_argument("--json", type=Path, default=None)
    parser.add_argument("--case", metavar="NAME:NUMBER", help="run one case again, and show it")
    given = parser.parse_args()
    home = tempfile.mkdtemp(prefix="auralis-fuzz-")
    # Nothing of the user's is read or written.
    os.environ.update(AURALIS_HOME=home, TZ="UTC", PYTHONWARNINGS="error")
    tempfile.tempdir = home
    try:
        from fuzz.targets import TARGETS

        if given.case:
            return _again(given.case)
        names = given.only or list(TARGETS)
        is_guided = not given.unguided and find_spec("atheris") is not None
        if not is_guided:
            print("atheris is not there, or not wanted: all cases are mutations, none is led by what it reaches")
        began_s = time.monotonic()
        cases = given.cases // 2 if is_guided else given.cases
        totals = _mutations(names, cases, given.jobs, given.seed)
        _print(totals)
        document = {"mutations": [one.figures() for one in totals.values()]}
        if is_guided:
            from fuzz.guided import guided_runs

            document["guided"] = guided_runs(names, given.cases - cases, given.jobs, given.seed)
        return _summed_up(document, time.monotonic() - began_s, given.json)
    finally:
        shutil.rmtree(home, ignore_errors=True)


def _mutations(names: list[str], cases: int, jobs: int, seed: int) -> dict[str, Tally]:
    totals = {name: Tally(name) for name in names}
    with multiprocessing.get_context("spawn").Pool(jobs, _leave_signals) as pool, suppress(KeyboardInterrupt):
        for tally in pool.imap_unordered(run_share, shares(names, cases, seed)):
            totals[tally.target].add(tally)
            for crash in tally.crashes:
                print(crash, flush=True)
    return totals


def _leave_signals() -> None:
    # Who is interrupted is the process that started these: it says what has come of it.
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _print(totals: dict[str, Tally]) -> None:
    for one in totals.values():
        mean_us, beyond = 1e6 * one.cpu_s / max(one.cases, 1), len(one.lines - one.seed_lines)
        print(
            f"{one.target:<18}{one.cases:>9,} cases {mean_us:>7.0f} µs, slowest {one.slowest_s:.2f} s; "
            f"{len(one.seed_lines):,} lines by seeds, {beyond:,} beyond; {len(one.crashes)} crashes"
        )


def _summed_up(document: dict[str, list[dict[str, object]]], took_s: float, place: Path | None) -> int:
    every = [one for rows in document.values() for one in rows]
    cases = sum(int(str(one["cases"])) for one in every)
    failed = [crash for one in every for crash in list(one["crashes"])]  # type: ignore[call-overload]
    print(f"{cases:,} cases in {took_s / 60.0:.1f} min, {len(failed)} crashes or hangs")
    if place is not None:
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(json.dumps({"cases": cases, "seconds": round(took_s, 1), **document}, indent=1) + "\n")
    return 1 if failed else 0


def _again(case: str) -> int:
    from fuzz.cases import case_of
    from fuzz.judging import judge
    from fuzz.targets import TARGETS

    target = TARGETS[case.rpartition(":")[0]]
    data = case_of(target, random.Random(case))
    print(repr(data))
    print(f"{judge(target, data):.3f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main())
