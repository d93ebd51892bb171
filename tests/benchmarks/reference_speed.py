"""Speed and memory of reference mastering against matchering, in one run, as ratios (`make bench`).

Whole processes on the four minutes and the reference that peers.py takes, in interleaved rounds. The reference's
profile is measured each time, as if it had never been heard.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from pathlib import Path

from documents import BUILD, keep
from gates import Document, Gate, at_least, below
from peers import CEILING_DBTP, MATCHERING, Bench, Contestant, compete, median_of, runs_of, table, times
from processes import Run

OURS = "auralis master --reference"


class ReferenceBench(Bench):
    """The inputs and contestants of reference mastering."""

    def master_like(self, *more: str) -> Run:
        destination = Path(self.out("like"))
        destination.unlink(missing_ok=True)
        options = ["--reference", str(self.reference), "--ceiling", str(CEILING_DBTP), "--bits", "24", *more]
        command = [*self.auralis, "--progress", "never", "master", *options, str(self.track), str(destination)]
        # A home of its own each time would compile the kernels anew; what was analysed is forgotten instead.
        return self.run(command)

    def contestants(self) -> list[Contestant]:
        return [
            Contestant(OURS, self.master_like),
            Contestant(MATCHERING, self.run_matchering),
        ]


def gates_of(document: Document) -> list[Gate]:
    ours, theirs = (
        max((run["peak_mib"] for run in document["runs"][name]), default=None) for name in (OURS, MATCHERING)
    )
    share = None if ours is None or theirs is None else ours / theirs
    by_clock, by_processor = (times(document, MATCHERING, OURS, figure) for figure in ("seconds", "processor_s"))
    return [
        at_least("matchering ÷ auralis, by the clock (hoped for: 4)", by_clock, 2, "matchering"),
        at_least("matchering ÷ auralis, processor time", by_processor, 2, "matchering"),
        below("auralis ÷ matchering, most memory", share, 0.2, "matchering"),
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", type=Path, default=BUILD / "reference-speed.json")
    parser.add_argument("--rounds", type=int, default=5)
    asked = parser.parse_args()
    BUILD.mkdir(exist_ok=True)
    corpus = Path(os.environ.get("AURALIS_CORPUS", ""))
    with tempfile.TemporaryDirectory(prefix="bench-", dir=BUILD) as scratch:
        bench = ReferenceBench(Path(scratch), corpus)
        if not bench.matchering:
            sys.exit("needs matchering: set MATCHERING_PYTHON to the Python of an environment that has it")
        contestants = bench.contestants()
        compete(contestants, asked.rounds)
    document = {"runs": runs_of(contestants)}
    processor = ", ".join(f"{name} {median_of(document, name, 'processor_s'):.2f}" for name in (OURS, MATCHERING))
    head = f"{asked.rounds} interleaved rounds. Processor time, s: {processor}."
    text = "\n".join([head, "", *table(contestants, contestants[0])])
    keep(text, document, asked.json, gates_of, tools=("matchering",))


if __name__ == "__main__":
    main()
