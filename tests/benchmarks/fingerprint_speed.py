"""What the fingerprint of a file costs against decoding it alone: batches of 50 files, warm workers, one and two.

Rounds are interleaved, so that a busy moment hits all alike. Ratios are of processor time per file, taken in the
worker itself: it does not grow when the machine is busy with other things, as seconds do. How well two workers share
the work is told by seconds, and means something on an idle machine only.
"""

from __future__ import annotations

import argparse
import os
import random
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

import fingerprint_jobs
import soundfile
from documents import BUILD, keep
from gates import Document, Gate, at_least, at_most
from open_music import open_tracks
from peer_runs import told_by

from auralis_cli.services.workers import WorkerExecutor

FILES = 50
EXCERPT_S = 60
SEED = 5
# Suffix and what ffmpeg is told; as music is commonly kept.
FORMATS = {
    "flac": (".flac", ["-c:a", "flac", "-sample_fmt", "s16"]),
    "mp3": (".mp3", ["-c:a", "libmp3lame", "-b:a", "192k"]),
    "vorbis": (".ogg", ["-c:a", "libvorbis", "-q:a", "5"]),
}
GATES = {"flac": 2.7, "mp3": 2.7, "vorbis": 2.0}
LEAST_GAIN = 1.8
NOT_SLOWER_THAN_BLISS = ("flac", "mp3")
STALL_S = 600.0
JOBS: dict[str, Callable[..., float]] = {
    "decode": fingerprint_jobs.decode,
    "libsndfile": fingerprint_jobs.decode_by_libsndfile,
    "fingerprint": fingerprint_jobs.fingerprint,
}


@dataclass(slots=True)
class Figures:
    """Per round: processor time and seconds for the whole batch."""

    processor_s: list[float] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)

    @property
    def median_s(self) -> float:
        return statistics.median(self.processor_s)


@dataclass(frozen=True, slots=True)
class Row:
    """One format: how many times faster than it plays, and the ratios."""

    format: str
    decode_speed: float
    fingerprint_speed: float
    ratio: float
    ratio_to_libsndfile: float
    two_workers: float
    # Of the processor, as often as ours; None where bliss is not there.
    bliss_ratio: float | None


def make_batch(corpus: Path, name: str, files: int) -> list[Path]:
    """The same excerpts in every format, stereo at 44.1 kHz; kept in `build` for the next run."""
    suffix, options = FORMATS[name]
    folder = BUILD / "bench-inputs" / "fingerprint" / name
    folder.mkdir(parents=True, exist_ok=True)
    tracks = open_tracks(corpus, min_duration_s=EXCERPT_S)
    random.Random(SEED).shuffle(tracks)
    made: list[Path] = []
    for track in tracks:
        if len(made) == files:
            break
        path = folder / f"{len(made):02d}{suffix}"
        if not path.exists() and not _encoded(track.path, path, options):
            continue
        made.append(path)
    if len(made) < files:
        sys.exit(f"only {len(made)} of {files} tracks of {EXCERPT_S} s in {corpus}: run `make corpus` first")
    return made


def _encoded(source: Path, path: Path, options: Sequence[str]) -> bool:
    """False for what ffmpeg does not read: libsndfile alone reads three of the open tracks."""
    part = path.with_name(f"part{path.suffix}")
    shape = ["-t", str(EXCERPT_S), "-ar", "44100", "-ac", "2"]
    command = ["ffmpeg", "-v", "quiet", "-nostdin", "-y", "-i", str(source), *shape, "-vn", *options, str(part)]
    done = subprocess.run(command, check=False).returncode == 0
    if done and soundfile.info(str(part)).frames > 0.9 * EXCERPT_S * 44_100:
        part.replace(path)
        return True
    part.unlink(missing_ok=True)
    return False


def run_batch(executor: WorkerExecutor, job: str, files: Sequence[Path]) -> tuple[float, float]:
    """Processor time of the workers for all files, and seconds."""
    started = time.perf_counter()
    futures = [executor.submit(JOBS[job], str(path)) for path in files]
    spent = sum(future.result() for future in futures)
    return spent, time.perf_counter() - started


def warmed(workers: int, file: Path) -> WorkerExecutor:
    """Workers that have done each job before."""
    executor = WorkerExecutor(workers, stall_s=STALL_S)
    for job in JOBS:
        for future in [executor.submit(JOBS[job], str(file)) for _ in range(2 * workers)]:
            future.result()
    return executor


def run_bliss(files: Sequence[Path]) -> tuple[float, float] | None:
    """The same of bliss, one file after the other in a process of its own."""
    told = told_by(os.environ.get("PEERS_PYTHON"), ["bliss_run.py"], files)
    if told is None:
        return None
    refused = [one["path"] for one in told if one["vector"] is None]
    if refused:
        sys.exit(f"bliss refuses {refused}")
    return sum(one["processor_s"] for one in told), sum(one["seconds"] for one in told)


def measure(files: Sequence[Path], rounds: int) -> dict[str, Figures]:
    """Figures of one worker by job, of two under "two workers", and of bliss where it is there."""
    found = {name: Figures() for name in (*JOBS, "two workers")}
    bliss = Figures()
    one, two = warmed(1, files[0]), warmed(2, files[0])
    try:
        for _ in range(rounds):
            for name in found:
                pool, job = (two, "fingerprint") if name == "two workers" else (one, name)
                spent, seconds = run_batch(pool, job, files)
                found[name].processor_s.append(spent)
                found[name].seconds.append(seconds)
                print(f"  {name}: {spent:.2f} s of processor, {seconds:.2f} s", file=sys.stderr, flush=True)
            if (run := run_bliss(files)) is not None:
                bliss.processor_s.append(run[0])
                bliss.seconds.append(run[1])
                print(f"  bliss: {run[0]:.2f} s of processor, {run[1]:.2f} s", file=sys.stderr, flush=True)
    finally:
        one.shutdown()
        two.shutdown()
    return found | ({"bliss": bliss} if bliss.seconds else {})


def row_of(name: str, files: Sequence[Path], figures: dict[str, Figures]) -> Row:
    music_s = sum(soundfile.info(str(path)).duration for path in files)
    decode_s, fingerprint_s = figures["decode"].median_s, figures["fingerprint"].median_s
    pairs = zip(figures["fingerprint"].seconds, figures["two workers"].seconds, strict=True)
    return Row(
        name,
        music_s / decode_s,
        music_s / fingerprint_s,
        fingerprint_s / decode_s,
        fingerprint_s / figures["libsndfile"].median_s,
        statistics.median(alone / shared for alone, shared in pairs),
        figures["bliss"].median_s / fingerprint_s if "bliss" in figures else None,
    )


def gates_of(document: Document) -> list[Gate]:
    """What the issue asks for; against the decoder that Auralis itself reads the format with."""
    rows = {row["format"]: row for row in document["rows"]}
    found = [
        at_most(f"fingerprint ÷ decode, {name}", row["ratio"], GATES[name], "decoding") for name, row in rows.items()
    ]
    for name in NOT_SLOWER_THAN_BLISS:
        ratio = rows[name]["bliss_ratio"] if name in rows else None
        found.append(at_least(f"bliss ÷ fingerprint, processor time, {name}", ratio, 1, "bliss-audio"))
    for name, row in rows.items():
        found.append(at_least(f"two workers ÷ one, {name}", row["two_workers"], LEAST_GAIN))
    return found


def table(rows: Sequence[Row]) -> list[str]:
    lines = [
        "| format | decode only | fingerprint | ÷ decode | ÷ decode by libsndfile | bliss ÷ it | two workers |",
        "|---|---:|---:|---:|---:|---:|---:|",
    ]
    lines += [
        f"| {row.format} | {row.decode_speed:.0f} × | {row.fingerprint_speed:.0f} × | {row.ratio:.2f} | "
        f"{row.ratio_to_libsndfile:.2f} | {'–' if row.bliss_ratio is None else format(row.bliss_ratio, '.2f')} | "
        f"{row.two_workers:.2f} × |"
        for row in rows
    ]
    return lines


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", type=Path, default=BUILD / "fingerprint-speed.json")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--files", type=int, default=FILES, help="fewer for a quick look")
    asked = parser.parse_args()
    corpus = Path(os.environ.get("AURALIS_CORPUS", ""))
    if not corpus.is_dir():
        sys.exit("needs the open music: run `make corpus` and set AURALIS_CORPUS to its folder")
    rows = []
    for name in FORMATS:
        print(name, file=sys.stderr)
        files = make_batch(corpus, name, asked.files)
        rows.append(row_of(name, files, measure(files, asked.rounds)))
    head = f"{asked.files} excerpts of {EXCERPT_S} s, {asked.rounds} interleaved rounds."
    text = "\n".join([head, "", *table(rows)])
    document = {"rows": [asdict(row) for row in rows]}
    keep(text, document, asked.json, gates_of, tools=("bliss-audio", "ffmpeg"), seeds={"excerpts": SEED})


if __name__ == "__main__":
    main()
