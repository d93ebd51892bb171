"""Plants every known fault, one at a time, in a copy of the tree, and requires that its tests fail (`make mutants`).

A fault that no test notices survived; one whose text is no longer in the source is stale. Either exits 1.
"""

from __future__ import annotations

import argparse
import os
import queue
import shutil
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "tests"))

from planted_faults import PlantedFault, planted_faults  # noqa: E402

# pytest's exit codes: 0 all passed, 1 some failed; the rest means that the tests did not run.
PASSED, FAILED = 0, 1
TIMED_OUT = -1
VERDICTS = {PASSED: "SURVIVED", FAILED: "killed", TIMED_OUT: "timed out"}


@dataclass(frozen=True, slots=True)
class Outcome:
    fault: PlantedFault
    verdict: str
    seconds: float
    output: str

    @property
    def good(self) -> bool:
        return self.verdict == "killed"


def copy_tree(destination: Path) -> None:
    """The files git knows or would add: what a clone would hold, with the changes not yet committed."""
    command = ["git", "-C", str(ROOT), "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    for name in subprocess.run(command, capture_output=True, check=True).stdout.split(b"\0"):
        source = ROOT / os.fsdecode(name)
        if name and source.is_file():
            target = destination / os.fsdecode(name)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source, target)


def shared_out(tests: set[str], shares: int) -> list[list[str]]:
    """Tests in so many lists, those of one file together; no list is empty while there are files enough."""
    files = sorted({test.partition("::")[0] for test in tests})
    return [
        sorted(test for test in tests if test.partition("::")[0] in files[number::shares])
        or sorted(tests)  # fewer files than trees
        for number in range(shares)
    ]


def run_tests(tree: Path, tests: list[str], limit_s: float, *, exit_first: bool = True) -> tuple[int, str]:
    """Runs tests in a copy of the tree; its compiled kernels stay in it, keyed by their sources."""
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--no-header", *tests]
    command += ["-x"] if exit_first else []
    environment = {**os.environ, "PYTHONPATH": str(tree), "PYTHONDONTWRITEBYTECODE": "1"}
    environment["AURALIS_TEST_KERNELS"] = str(tree / "build" / "test-kernels")
    try:
        done = subprocess.run(
            command, cwd=tree, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=limit_s
        )
    except subprocess.TimeoutExpired as expired:
        return TIMED_OUT, (expired.stdout or b"").decode(errors="replace")
    return done.returncode, done.stdout.decode(errors="replace")


def replay(fault: PlantedFault, tree: Path, limit_s: float) -> Outcome:
    """Plants one fault, runs its tests one by one, and mends the tree."""
    started = time.monotonic()
    if fault.occurrences(tree) != 1:
        return Outcome(fault, "stale", 0.0, f"`find` occurs {fault.occurrences(tree)} times in {fault.file}")
    source = tree / fault.file
    sound = source.read_bytes()
    try:
        fault.plant(tree)
        for test in fault.tests:
            code, output = run_tests(tree, [test], limit_s)
            verdict = VERDICTS.get(code, f"did not run ({code})")
            if verdict != "killed":
                break
    finally:
        source.write_bytes(sound)
    return Outcome(fault, verdict, time.monotonic() - started, output)


def replay_all(faults: list[PlantedFault], trees: list[Path], limit_s: float) -> list[Outcome]:
    """Replays the faults, as many at a time as there are trees; prints each as it ends."""
    free: queue.SimpleQueue[Path] = queue.SimpleQueue()
    for tree in trees:
        free.put(tree)

    def one(fault: PlantedFault) -> Outcome:
        tree = free.get()
        try:
            outcome = replay(fault, tree, limit_s)
        finally:
            free.put(tree)
        row = f"{outcome.verdict:10} {fault.name:32} {outcome.seconds:6.1f} s  {fault.fault}"
        print(row, flush=True)
        return outcome

    with ThreadPoolExecutor(len(trees)) as pool:
        return list(pool.map(one, faults))


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", action="append", metavar="ID", help="invariant id or name of the fault; repeatable")
    parser.add_argument("-j", "--jobs", type=int, default=min(2, os.cpu_count() or 1), help="faults at a time")
    parser.add_argument("--limit", type=float, default=300.0, metavar="S", help="seconds a test may take")
    return parser.parse_args()


def main() -> int:
    asked = arguments()
    faults = [fault for fault in planted_faults() if not asked.only or {fault.invariant, fault.name} & set(asked.only)]
    if not faults:
        print("no such fault", file=sys.stderr)
        return 2
    with tempfile.TemporaryDirectory(prefix="auralis-mutants-") as folder:
        trees = [Path(folder) / f"tree-{number}" for number in range(min(asked.jobs, len(faults)))]
        for tree in trees:
            copy_tree(tree)
        # Without faults everything must pass; this also compiles kernels each tree starts from.
        with ThreadPoolExecutor(len(trees)) as pool:
            shares = shared_out({test for fault in faults for test in fault.tests}, len(trees))
            sound = list(pool.map(lambda tree, tests: run_tests(tree, tests, 4 * asked.limit), trees, shares))
        for code, output in sound:
            if code != PASSED:
                print(output, "The tests of the faults do not pass without a fault.", sep="\n", file=sys.stderr)
                return 1
        outcomes = replay_all(faults, trees, asked.limit)
    bad = [outcome for outcome in outcomes if not outcome.good]
    for outcome in bad:
        print(f"\n{outcome.verdict}: {outcome.fault.name}: {outcome.fault.fault}\n{outcome.output[-2000:]}")
    print(f"\n{len(outcomes) - len(bad)} of {len(outcomes)} planted faults killed.")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
