"""Masters open tracks to mp3, opus and m4a and reads the files with ffmpeg's own decoders and meter.

One row per track and encoding: true peak after decoding against the ceiling, loudness error, how often it was encoded.
"""

from __future__ import annotations

import argparse
import tempfile
from dataclasses import asdict, dataclass
from itertools import product
from pathlib import Path

from documents import BUILD, keep
from encoders import decoded_by_ffmpeg
from gates import Document, Gate, at_least, at_most, none_of
from open_music import OpenTrack
from rendering import chosen_tracks, each, markdown
from second_opinion import by_ffmpeg

from auralis_cli.model.mastering import MasterRequest
from auralis_cli.model.progress import CancelToken, SilentProgress
from auralis_cli.model.source import AudioSource, Destination
from auralis_cli.services.master import master_file

CEILING_DBTP = -1.0
TOLERANCE_DB = 0.1
LOUDNESS_LUFS = -14.0
ENCODINGS = (("mp3", 128_000), ("mp3", 320_000), ("opus", 96_000), ("m4a", 192_000))
# Tracks taken of each package, the shortest first: twenty in all.
SHARES = {
    "wesnoth-1.16-music": 8,
    "singularity-music": 5,
    "hyperrogue-music": 5,
    "fretsonfire-songs-sectoid": 2,
}


@dataclass(frozen=True, slots=True)
class Row:
    track: str
    encoding: str
    duration_s: float
    frames_off: int
    true_peak_dbtp: float
    # Above the ceiling; negative: below.
    over_db: float
    own_true_peak_dbtp: float
    loudness_lufs: float
    error_lu: float
    limited_by: str
    rounds: int
    rendered_to_dbtp: float | None
    seconds: float


def master_one(job: tuple[OpenTrack, tuple[str, int]]) -> Row:
    track, (key, bitrate_bps) = job
    with tempfile.TemporaryDirectory(dir=BUILD) as folder:
        path = Path(folder) / f"master.{key}"
        request = MasterRequest(
            AudioSource(track.path),
            Destination(path),
            loudness_lufs=LOUDNESS_LUFS,
            ceiling_dbtp=CEILING_DBTP,
            bitrate_bps=bitrate_bps,
        )
        report = master_file(request, SilentProgress(), CancelToken())
        heard = decoded_by_ffmpeg(path, report.source_info.channels)
    opinion = by_ffmpeg(heard, report.source_info.sample_rate_hz)
    assert report.encoding is not None
    return Row(
        track=track.name,
        encoding=f"{key} {bitrate_bps // 1000}",
        duration_s=track.duration_s,
        frames_off=len(heard) - round(report.output.duration_s * report.source_info.sample_rate_hz),
        true_peak_dbtp=opinion.true_peak_dbtp,
        over_db=opinion.true_peak_dbtp - CEILING_DBTP,
        own_true_peak_dbtp=report.output.true_peak_dbtp,
        loudness_lufs=opinion.integrated_lufs,
        error_lu=opinion.integrated_lufs - LOUDNESS_LUFS,
        limited_by=report.solved.limited_by.value,
        rounds=report.encoding.rounds,
        rendered_to_dbtp=report.encoding.ceiling_dbtp,
        seconds=report.seconds,
    )


def varied(tracks: list[OpenTrack]) -> list[OpenTrack]:
    """Each package's share."""
    chosen = []
    for package, share in SHARES.items():
        of_package = [track for track in tracks if track.name.startswith(f"{package}/")]
        chosen += sorted(of_package, key=lambda track: track.duration_s)[:share]
    return chosen


def summary(rows: list[Row]) -> dict[str, object]:
    """The figures the promise is about."""
    reached = [row for row in rows if row.limited_by == "none"]
    return {
        "rows": len(rows),
        "highest_over_db": max(row.over_db for row in rows),
        "all_hold": all(row.over_db <= TOLERANCE_DB for row in rows),
        "lengths_exact": all(row.frames_off == 0 for row in rows),
        "limited": len(rows) - len(reached),
        "worst_error_not_limited_lu": max((abs(row.error_lu) for row in reached), default=None),
        "mean_rounds": sum(row.rounds for row in rows) / len(rows),
        "most_rounds": max(row.rounds for row in rows),
    }


def gates_of(document: Document) -> list[Gate]:
    found = []
    for encoding in (f"{key} {bitrate_bps // 1000}" for key, bitrate_bps in ENCODINGS):
        rows = [row for row in document["rows"] if row["encoding"] == encoding]
        errors = [abs(row["error_lu"]) for row in rows if row["limited_by"] == "none"]
        highest = max((row["true_peak_dbtp"] for row in rows), default=None)
        found += [
            at_least(f"{encoding}: open tracks", len(rows), sum(SHARES.values())),
            at_most(f"{encoding}: highest true peak, decoded, dBTP", highest, CEILING_DBTP + TOLERANCE_DB, "ffmpeg"),
            at_most(f"{encoding}: worst error where not held back, LU", max(errors, default=None), 0.1, "ffmpeg"),
            none_of(f"{encoding}: files of another length", sum(row["frames_off"] != 0 for row in rows), "ffmpeg"),
        ]
    return found


def table(rows: list[Row]) -> str:
    head = ["track", "encoding", "true peak", "over", "loudness", "error", "limited by", "rounds", "rendered to"]
    cells = [
        (
            *(row.track, row.encoding, row.true_peak_dbtp, row.over_db, row.loudness_lufs, row.error_lu),
            *(row.limited_by, row.rounds, row.rendered_to_dbtp),
        )
        for row in rows
    ]
    return markdown(head, cells)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", type=Path, default=BUILD / "lossy.json")
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--only", action="append", metavar="WORD", help="tracks whose name contains this")
    parser.add_argument("--encoding", action="append", metavar="KEY", help="formats to try, instead of all")
    asked = parser.parse_args()
    tracks = chosen_tracks(asked.only)
    encodings = [one for one in ENCODINGS if not asked.encoding or one[0] in asked.encoding]
    rows = list(each(master_one, product(tracks if asked.only else varied(tracks), encodings), asked.processes))
    figures = summary(rows)
    lines = ", ".join(f"{key} {value}" for key, value in figures.items())
    document = {"summary": figures, "rows": [asdict(row) for row in rows]}
    keep(f"{table(rows)}\n\n- {lines}", document, asked.json, gates_of, tools=("ffmpeg",))


if __name__ == "__main__":
    main()
