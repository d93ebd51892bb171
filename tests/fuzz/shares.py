"""What came of cases, one share of them after the other."""

from __future__ import annotations

import random
import time
import traceback
from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import dataclass, field
from pathlib import Path

from fuzz.reach import Lines, noted_lines

SHARE = 1_000
# So many cases in one are looked at for the lines they reach.
_LOOKED_AT = 200
_LOOKED_AT_LONGEST_S = 20.0


@dataclass(slots=True)
class Tally:
    """What came of some cases of one target."""

    target: str
    cases: int = 0
    # Making the cases included, looking at some of them left out.
    cpu_s: float = 0.0
    slowest_s: float = 0.0
    # The number of the slowest case.
    slowest: int = -1
    # Of the package: reached by the seeds, and by cases.
    seed_lines: Lines = field(default_factory=set)
    lines: Lines = field(default_factory=set)
    crashes: list[str] = field(default_factory=list)

    def add(self, other: Tally) -> None:
        """Puts the two together."""
        self.cases += other.cases
        self.cpu_s += other.cpu_s
        if other.slowest_s > self.slowest_s:
            self.slowest_s, self.slowest = other.slowest_s, other.slowest
        self.seed_lines |= other.seed_lines
        self.lines |= other.lines
        self.crashes += other.crashes

    def figures(self) -> dict[str, object]:
        """For JSON."""
        return {
            "target": self.target,
            "cases": self.cases,
            "cpu_s": round(self.cpu_s, 3),
            "slowest_s": round(self.slowest_s, 3),
            "slowest": f"{self.target}:{self.slowest}",
            "lines_by_seeds": len(self.seed_lines),
            "lines_beyond_seeds": len(self.lines - self.seed_lines),
            "crashes": self.crashes,
        }


def shares(names: list[str], cases: int, seed: int) -> Iterator[tuple[str, int, int]]:
    """All cases shared out by the weight of targets: a name, the first number, how many; round by round."""
    from fuzz.targets import TARGETS

    whole = sum(TARGETS[name].weight for name in names)
    left = {name: -(-cases * TARGETS[name].weight // whole) for name in names}
    first = dict.fromkeys(names, seed << 32)
    while any(left.values()):
        for name in names:
            if count := min(SHARE, left[name]):
                yield name, first[name], count
            left[name] -= count
            first[name] += count


def run_share(share: tuple[str, int, int]) -> Tally:
    """The cases of one target from one number on."""
    from fuzz.cases import case_of
    from fuzz.judging import LONGEST_S, judge
    from fuzz.targets import TARGETS

    name, first, count = share
    target, tally = TARGETS[name], Tally(name)
    known: set[str] = set()
    with noted_lines(tally.seed_lines):
        for seed in target.seeds:
            judge(target, seed)
    began_s, looked_at_s = time.process_time(), 0.0
    for number in range(first, first + count):
        data = case_of(target, random.Random(f"{name}:{number}"))
        is_looked_at = number % _LOOKED_AT == 0
        try:
            with noted_lines(tally.lines) if is_looked_at else nullcontext():
                took_s = judge(target, data, _LOOKED_AT_LONGEST_S if is_looked_at else LONGEST_S)
        except Exception as error:  # all that must not come out is what is looked for
            where = traceback.extract_tb(error.__traceback__)[-1]
            kind = f"{type(error).__name__} at {Path(where.filename).name}:{where.lineno}"
            if kind not in known:
                known.add(kind)
                tally.crashes.append(f"{name}:{number} {kind}: {str(error)[:160]!r} for {data[:160]!r}")
            continue
        tally.cases += 1
        if is_looked_at:
            looked_at_s += took_s
        elif took_s > tally.slowest_s:
            tally.slowest_s, tally.slowest = took_s, number
    tally.cpu_s = time.process_time() - began_s - looked_at_s
    return tally
