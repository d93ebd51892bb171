"""Speed and memory of reference mastering against matchering, in one run, as ratios (`make bench`).

Whole processes on the four minutes and the reference that peers.py takes, in interleaved rounds. The reference's
profile is measured each time, as if it had never been heard.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path

from peers import BUILD, CEILING_DBTP, Bench, Contestant, Gate, compete, gate_table, machine, table
from processes import Run


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
            Contestant("auralis master --reference", self.master_like),
            Contestant("matchering 2.0.6", self.run_matchering),
        ]


def processor_s(one: Contestant) -> float:
    return statistics.median(run.processor_s for run in one.runs)


def gates(ours: Contestant, theirs: Contestant) -> list[Gate]:
    by_clock = theirs.seconds / ours.seconds
    by_processor = processor_s(theirs) / processor_s(ours)
    memory = ours.peak_mib / theirs.peak_mib
    return [
        Gate("matchering ÷ auralis, by the clock (hoped for: 4)", by_clock, "≥ 2", by_clock >= 2.0),
        Gate("matchering ÷ auralis, processor time", by_processor, "≥ 2", by_processor >= 2.0),
        Gate("auralis ÷ matchering, most memory", memory, "< 0.2", memory < 0.2),
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
    judged = gates(*contestants)
    lines = [f"{machine()}. {asked.rounds} interleaved rounds.", "", *table(contestants, contestants[0]), ""]
    lines += [f"Processor time, s: {', '.join(f'{one.name} {processor_s(one):.2f}' for one in contestants)}.", ""]
    lines += gate_table(judged)
    print("\n".join(lines))
    asked.json.with_suffix(".md").write_text("\n".join(lines) + "\n", encoding="utf-8")
    runs = {one.name: [asdict(run) | {"output": ""} for run in one.runs] for one in contestants}
    document = {"machine": machine(), "runs": runs, "gates": [asdict(gate) for gate in judged]}
    asked.json.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
