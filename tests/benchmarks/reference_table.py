"""Reference mastering against matchering on pairs that were written down before the first run (`make bench`).

Mean distance from the reference in each figure, by how much ours is smaller (with the 95 % interval of that, drawn
again by pairs) and in how many pairs; then the same with our limiter put after matchering's matching.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from documents import BUILD, keep
from gates import Document, Gate, above, at_least, at_most, none_of
from intervals import SEED, bootstrap
from master_metrics import FIGURES, Distance, Features, distance
from reference_contestants import CEILING_DBTP, OURS, THEIRS, THEIRS_LIMITED, Outcome, measured, outcome
from reference_inputs import inputs_of
from reference_pairs import DEVELOPMENT, HALVES_SEED, HELD_OUT, Pair, pairs
from rendering import each, markdown

WORDS = {
    "loudness_lu": "loudness, LU",
    "lra_lu": "loudness range, LU",
    "plr_lu": "peak to loudness, dB",
    "crest_db": "crest, dB",
    "width_db": "width, dB",
    "imbalance": "imbalance",
    "heard_crest_db": "crest above 20 Hz, dB",
    "heard_width_db": "width above 20 Hz, dB",
    "heard_imbalance": "imbalance above 20 Hz",
    "bark_mid_db": "spectrum of the middle, dB",
    "bark_side_db": "spectrum of the side, dB",
}
# What is asked of the held-out half: beside matchering, and beside its matching at our loudness under our limiter.
ASKED = {
    THEIRS: ("loudness_lu", "bark_mid_db", "bark_side_db", "crest_db", "plr_lu", "lra_lu", "width_db"),
    THEIRS_LIMITED: ("bark_mid_db", "bark_side_db", "crest_db", "plr_lu", "lra_lu", "width_db"),
}
KINDS = {"songs": "another song", "degraded": "spoilt"}
LEAST_PAIRS = 20
# Smaller differences are the 24 bits they are written in.
_EQUAL = 1e-3


@dataclass(frozen=True, slots=True)
class Result:
    """A pair: how far each contestant, and the target as it was, lies from the reference; and from the original."""

    pair: Pair
    before: Distance
    outcomes: dict[str, Outcome]
    reference: Features
    original: Features

    def away(self, contestant: str, figure: str, wanted: str) -> float:
        made = self.outcomes[contestant].features
        if made is None:
            raise ValueError(f"{contestant} made nothing of {self.pair.name}: {self.outcomes[contestant].problem}")
        value: float = getattr(distance(made, self.reference if wanted == "reference" else self.original), figure)
        return value


def run(job: tuple[Pair, tuple[str, ...]]) -> Result:
    pair, contestants = job
    inputs = inputs_of(pair)
    reference, original = measured(inputs.reference), measured(inputs.original)
    outcomes = {name: outcome(name, inputs) for name in contestants}
    return Result(pair, distance(measured(inputs.target), reference), outcomes, reference, original)


def rows(results: Sequence[Result], other: str, wanted: str = "reference") -> list[list[object]]:
    """A row for each figure, of the pairs that both made something of."""
    both = [one for one in results if all(one.outcomes[name].features for name in (OURS, other))]
    made: list[list[object]] = []
    for figure in FIGURES:
        ours, theirs = (np.array([one.away(name, figure, wanted) for one in both]) for name in (OURS, other))
        ahead = theirs - ours
        low, high = bootstrap(ahead)
        won = int(np.sum(ahead > _EQUAL)) + int(np.sum(np.abs(ahead) <= _EQUAL)) / 2
        before = float(np.mean([getattr(one.before, figure) for one in both])) if wanted == "reference" else None
        first: list[object] = [WORDS[figure]] if before is None else [WORDS[figure], before]
        interval = f"{ahead.mean():+.2f} ({low:+.2f}…{high:+.2f})"
        made.append([*first, float(ours.mean()), float(theirs.mean()), interval, f"{won:g} of {len(both)}"])
    return made


def table(results: Sequence[Result], other: str, wanted: str = "reference") -> str:
    before = ["as it was"] if wanted == "reference" else []
    return markdown(
        ["mean distance in", *before, OURS, other, "ahead by (95 %)", "closer"], rows(results, other, wanted)
    )


def peaks(results: Sequence[Result], contestants: Iterable[str]) -> str:
    """How high true peaks rise, by contestant."""
    made: list[list[object]] = []
    for name in contestants:
        found = [one.outcomes[name].features for one in results]
        heights = [features.true_peak_dbtp for features in found if features is not None]
        over = sum(height > CEILING_DBTP for height in heights)
        made.append([name, max(heights), f"{over} of {len(heights)}", f"{sum(height > 0 for height in heights)}"])
    return markdown(["", "highest true peak, dBTP", f"above {CEILING_DBTP:g}", "above 0"], made)


def problems(results: Sequence[Result]) -> list[str]:
    return [
        f"{name} made nothing of {one.pair.name}: {made.problem}"
        for one in results
        for name, made in one.outcomes.items()
        if made.problem is not None
    ]


def text_of(results: Sequence[Result], contestants: tuple[str, ...]) -> str:
    parts = []
    for half in (DEVELOPMENT, HELD_OUT):
        for kind in ("songs", "degraded"):
            some = [one for one in results if (one.pair.half, one.pair.kind) == (half, kind)]
            if not some:
                continue
            for other in contestants[1:]:
                parts += [f"{half}, {kind}, against {other}:", table(some, other)]
                if kind == "degraded":
                    parts += [f"{half}, {kind}, against {other}, from what it was before it was spoilt:"]
                    parts += [table(some, other, "original")]
            parts.append(peaks(some, contestants))
    return "\n\n".join([*parts, *problems(results)])


def by_pair(results: Sequence[Result], contestant: str) -> str:
    """Each pair on a line, for those who look for what to mend."""
    made = [
        [one.pair.name, *(one.away(contestant, figure, "reference") for figure in FIGURES)]
        for one in results
        if one.outcomes[contestant].features is not None
    ]
    return markdown(["pair", *(WORDS[figure] for figure in FIGURES)], made)


def document(results: Sequence[Result]) -> dict[str, object]:
    rows = [
        {
            "pair": {**asdict(one.pair), "kind": one.pair.kind, "name": one.pair.name},
            "before": asdict(one.before),
            "reference": asdict(one.reference),
            "original": asdict(one.original),
            "outcomes": {name: asdict(made) for name, made in one.outcomes.items()},
        }
        for one in results
    ]
    return {"rows": rows}


def gates_of(document: Document) -> list[Gate]:
    """How much nearer ours is at least (95 %), of the half that nothing was chosen by."""
    held = [row for row in document["rows"] if row["pair"]["half"] == HELD_OUT]
    nothing = sum(row["outcomes"][OURS]["features"] is None for row in held)
    judged = [at_least("held-out pairs", len(held), LEAST_PAIRS), none_of("pairs of which nothing was made", nothing)]
    for other, figures in ASKED.items():
        for kind, title in KINDS.items():
            some = [row for row in held if row["pair"]["kind"] == kind]
            for figure in figures:
                name = f"{title}, nearer by at least (95 %): {WORDS[figure]}"
                judged.append(above(name, _ahead_at_least(some, other, figure), 0, other))
    made = [row["outcomes"][OURS]["features"] for row in held]
    peaks = [features["true_peak_dbtp"] for features in made if features is not None]
    judged.append(at_most("highest true peak, dBTP", max(peaks, default=None), 0))
    return judged


def _ahead_at_least(rows: Sequence[Document], other: str, figure: str) -> float | None:
    """The lower end of how much nearer the reference ours is than another; None where there is nothing to compare."""
    ahead = []
    for row in rows:
        ours, theirs = (row["outcomes"][name]["features"] for name in (OURS, other))
        if ours is not None and theirs is not None:
            wanted = Features(**row["reference"])
            near, far = (getattr(distance(Features(**made), wanted), figure) for made in (ours, theirs))
            ahead.append(far - near)
    return bootstrap(np.array(ahead))[0] if ahead else None


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", type=Path, default=BUILD / "reference.json")
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--half", choices=(DEVELOPMENT, HELD_OUT), help="only this half of the pairs")
    parser.add_argument("--by-pair", action="store_true", help="also every pair on a line")
    parser.add_argument("--only", action="append", metavar="WORD", help="pairs whose name contains this")
    asked = parser.parse_args()
    chosen = [pair for pair in pairs() if asked.half in (None, pair.half)]
    if asked.only:
        chosen = [pair for pair in chosen if any(word in pair.name for word in asked.only)]
    contestants = (OURS, THEIRS, THEIRS_LIMITED)
    results = []
    for one in each(run, [(pair, contestants) for pair in chosen], asked.processes):
        print(f"  {one.pair.name}", file=sys.stderr, flush=True)
        results.append(one)
    text = text_of(results, contestants)
    if asked.by_pair:
        text += "".join(f"\n\n{name}:\n\n{by_pair(results, name)}" for name in contestants)
    seeds = {"bootstrap": SEED, "halves": HALVES_SEED}
    keep(text, document(results), asked.json, gates_of, tools=("matchering", "ffmpeg"), seeds=seeds)


if __name__ == "__main__":
    main()
