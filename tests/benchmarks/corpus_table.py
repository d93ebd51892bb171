"""Masters every open track of at least 30 s at −14 and −16 LUFS under −1 dBTP and measures what was written.

One row per track: before, after, error, true peak, gain reduction, what limited it, which stages acted.
"""

from __future__ import annotations

import argparse
from dataclasses import asdict, dataclass
from itertools import product
from pathlib import Path

from documents import BUILD, keep
from gates import Document, Gate, at_least, at_most
from open_music import OpenTrack
from rendering import STAGES, chosen_tracks, each, markdown, read, render

from auralis_cli.model.mastering import MasteringPlan

TARGETS_LUFS = (-14.0, -16.0)
CEILING_DBTP = -1.0
# Up to this much limiting the target must be hit.
MUST_REACH_DB = 6.0
# Whatever is left of them is no table of the open music.
LEAST_TRACKS = 80


@dataclass(frozen=True, slots=True)
class Row:
    track: str
    target_lufs: float
    before_lufs: float
    after_lufs: float
    error_lu: float
    # Limiting that the target asks of the source as it is.
    needed_db: float
    true_peak_dbtp: float
    ffmpeg_peak_dbtp: float
    peak_16x_dbtp: float
    reduction_max_db: float
    reduction_mean_db: float
    limited_by: str
    stages: str
    character: float
    before_lra_lu: float
    after_lra_lu: float
    seconds: float


def stages_of(plan: MasteringPlan) -> str:
    """Names of the colouring stages that act."""
    return " ".join(stage.replace("_", "-") for stage in STAGES if getattr(plan, stage) is not None) or "none"


def master_one(job: tuple[OpenTrack, float]) -> Row:
    track, target = job
    master = render(track, loudness_lufs=target)
    reading, report = read(master), master.report
    before = report.analysis.measurements
    return Row(
        track=track.name,
        target_lufs=target,
        before_lufs=before.integrated_lufs,
        after_lufs=reading.integrated_lufs,
        error_lu=reading.integrated_lufs - target,
        needed_db=max(0.0, before.true_peak_dbtp + target - before.integrated_lufs - CEILING_DBTP),
        true_peak_dbtp=reading.true_peak_dbtp,
        ffmpeg_peak_dbtp=reading.ffmpeg_peak_dbtp,
        peak_16x_dbtp=reading.peak_16x_dbtp,
        reduction_max_db=report.solved.max_reduction_db,
        reduction_mean_db=report.solved.mean_reduction_db,
        limited_by=report.solved.limited_by.value,
        stages=stages_of(report.solved.plan),
        character=report.solved.plan.character,
        before_lra_lu=before.lra_lu,
        after_lra_lu=reading.lra_lu,
        seconds=report.seconds,
    )


def summary(rows: list[Row], target: float) -> dict[str, object]:
    """The figures the promise is about."""
    rows = [row for row in rows if row.target_lufs == target]
    bound = [row for row in rows if row.needed_db <= MUST_REACH_DB]
    limited = [row for row in rows if row.limited_by != "none"]
    worst = max(bound, key=lambda row: abs(row.error_lu), default=None)
    return {
        "target_lufs": target,
        "tracks": len(rows),
        "needing_at_most_6_db": len(bound),
        "worst_error_of_these_lu": worst.error_lu if worst else None,
        "worst_track_of_these": worst.track if worst else None,
        "worst_error_not_limited_lu": max(
            (abs(row.error_lu) for row in rows if row.limited_by == "none"), default=None
        ),
        "highest_true_peak_dbtp": max((row.true_peak_dbtp for row in rows), default=None),
        "highest_ffmpeg_peak_dbtp": max((row.ffmpeg_peak_dbtp for row in rows), default=None),
        "highest_16x_peak_dbtp": max((row.peak_16x_dbtp for row in rows), default=None),
        "limited": len(limited),
        "limited_share": len(limited) / len(rows) if rows else None,
        "tracks_by_stage": {stage: sum(stage.replace("_", "-") in row.stages for row in rows) for stage in STAGES},
    }


def gates_of(document: Document) -> list[Gate]:
    found = []
    for one in document["summary"]:
        to = f"at {one['target_lufs']:g} LUFS"
        error, peak = one["worst_error_of_these_lu"], one["highest_ffmpeg_peak_dbtp"]
        found += [
            at_least(f"{to}: open tracks of at least 30 s", one["tracks"], LEAST_TRACKS),
            at_most(
                f"{to}: worst error of those asking ≤ {MUST_REACH_DB:g} dB, LU",
                None if error is None else abs(error), 0.1, "libebur128",
            ),
            at_most(f"{to}: highest true peak, dBTP", peak, CEILING_DBTP + 0.05, "ffmpeg's ebur128"),
            at_most(f"{to}: highest peak, 16 ×, dBTP", one["highest_16x_peak_dbtp"], CEILING_DBTP + 0.1),
            at_most(f"{to}: share of tracks held back", one["limited_share"], 0.05),
        ]  # fmt: skip
    return found


def table(rows: list[Row]) -> str:
    head = ["track", "to", "before", "after", "error", "needs", "true peak", "16 ×", "GR max", "GR mean"]
    cells = [
        (
            *(row.track, row.target_lufs, row.before_lufs, row.after_lufs, row.error_lu, row.needed_db),
            *(row.true_peak_dbtp, row.peak_16x_dbtp, row.reduction_max_db, row.reduction_mean_db),
            *(row.limited_by, row.stages),
        )
        for row in rows
    ]
    return markdown([*head, "limited by", "stages"], cells)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", type=Path, default=BUILD / "corpus.json")
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--only", action="append", metavar="WORD", help="tracks whose name contains this")
    asked = parser.parse_args()
    rows = list(each(master_one, product(chosen_tracks(asked.only), TARGETS_LUFS), asked.processes))
    rows.sort(key=lambda row: (-row.target_lufs, row.track))
    sums = [summary(rows, target) for target in TARGETS_LUFS]
    text = "\n".join("- " + ", ".join(f"{key} {value}" for key, value in one.items()) for one in sums)
    document = {"summary": sums, "rows": [asdict(row) for row in rows]}
    keep(f"{table(rows)}\n\n{text}", document, asked.json, gates_of, tools=("ffmpeg",))


if __name__ == "__main__":
    main()
