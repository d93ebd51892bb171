"""Exports beside what copies and encodes otherwise: 500 FLAC files by `cp -r`, and FLAC to Opus by a loop of ffmpeg.

Whoever copies says when it is on the disk: `cp` and `rsync` are timed with `sync -f` behind them, as an export syncs.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import soundfile
from documents import BUILD, REPOSITORY, keep
from gates import Document, Gate, at_least
from mutagen.flac import FLAC
from processes import Run, run

SEED = 1
RATE_HZ = 44_100
ENVIRONMENT = {"PYTHONPATH": str(REPOSITORY)}
_FFMPEG_LOOP = """
for f in "$1"/*.flac; do
    ffmpeg -v error -nostdin -y -i "$f" -c:a libopus -b:a 128k "$2/$(basename "$f" .flac).opus" || exit 1
done
"""


def make_music(folder: Path, count: int, seconds: float) -> None:
    """Tagged FLAC files that compress as music does: falling noise."""
    folder.mkdir(parents=True)
    random = np.random.default_rng(SEED)
    frames = int(RATE_HZ * seconds)
    walk = np.cumsum(random.standard_normal((frames + count, 2)), axis=0)
    walk -= np.linspace(walk[0], walk[-1], len(walk))
    walk *= 0.5 / np.abs(walk).max()
    walk += random.standard_normal(walk.shape) * 0.003
    for number in range(count):
        path = folder / f"{number:03}.flac"
        soundfile.write(path, walk[number : number + frames], RATE_HZ, subtype="PCM_16")
        tags = FLAC(path)
        tags.update({"title": f"Title {number:03}", "artist": f"Artist {number % 7}", "album": f"Album {number % 31}"})
        tags.save()


def auralis(place: Path, *words: str | Path) -> list[str]:
    return [sys.executable, "-m", "auralis_cli", "--library", str(place / "library.db"), *map(str, words)]


def timed(place: Path, contestants: Mapping[str, tuple[str, list[str]]], rounds: int) -> dict[str, Mapping[str, float]]:
    """The middle of some runs of each command, into the folder it names, empty before. Rounds are interleaved: what the
    system does with memory that was given back hits all alike.
    """
    runs: dict[str, list[Run]] = {name: [] for name in contestants}
    for _ in range(rounds):
        for name, (out, command) in contestants.items():
            shutil.rmtree(place / out, ignore_errors=True)
            if out == "loop":
                (place / out).mkdir()
            os.sync()
            runs[name].append(run(command, place / "log", ENVIRONMENT))
    return {name: middle(one) for name, one in runs.items()}


def middle(runs: Sequence[Run]) -> Mapping[str, float]:
    """Of some runs of one command."""
    return {
        "seconds": round(statistics.median(one.seconds for one in runs), 2),
        "processor_s": round(statistics.median(one.processor_s for one in runs), 2),
        "peak_mib": round(max(one.peak_mib for one in runs)),
    }


def copies(place: Path, rounds: int) -> dict[str, Mapping[str, float]]:
    def synced(command: str, out: str) -> tuple[str, list[str]]:
        return out, ["sh", "-c", f'{command} && sync -f "$2"', "sh", str(place / "music"), str(place / out)]

    contestants = {
        "export": ("ours", auralis(place, "export", "--to", place / "ours", "-q")),
        "cp -r": synced('cp -r --preserve=timestamps "$1" "$2"', "cp"),
    }
    if shutil.which("rsync"):
        contestants["rsync -a"] = synced('rsync -a "$1/" "$2"', "rsync")
    figures = timed(place, contestants, rounds)
    # Once more into the full folder: nothing is to be done.
    again = [run(auralis(place, "export", "--to", place / "ours", "-q"), place / "log", ENVIRONMENT) for _ in range(3)]
    return figures | {"export, nothing to do": middle(again)}


def encodings(place: Path, rounds: int) -> dict[str, Mapping[str, float]]:
    chosen: list[str | Path] = ["export", place / "few", "--format", "opus", "--bitrate", "128", "-q"]
    loop = ["sh", "-c", _FFMPEG_LOOP, "sh", str(place / "few"), str(place / "loop")]
    contestants = {
        "export, 1 job": ("one", auralis(place, *chosen, "--to", place / "one", "-j", "1")),
        "export": ("all", auralis(place, *chosen, "--to", place / "all")),
        "ffmpeg": ("loop", loop),
    }
    return timed(place, contestants, rounds)


def gates_of(document: Document) -> list[Gate]:
    """An export notes, syncs and names every file apart, and is held against those that do not all the same."""

    def times(figures: Document, slower: str, quicker: str) -> float | None:
        return figures[slower]["seconds"] / figures[quicker]["seconds"] if slower in figures else None

    copied, encoded = document["copied"], document["encoded"]
    found = [at_least("cp -r and sync ÷ export, seconds", times(copied, "cp -r", "export"), 1, "cp")]
    if "rsync -a" in copied:
        found.append(at_least("rsync and sync ÷ export, seconds", times(copied, "rsync -a", "export"), 1, "rsync"))
    one_job = times(encoded, "ffmpeg", "export, 1 job")
    return [*found, at_least("a loop of ffmpeg ÷ export to Opus with one job, seconds", one_job, 1, "ffmpeg")]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", type=Path, default=BUILD / "export.json")
    parser.add_argument("--files", type=int, default=500)
    parser.add_argument("--rounds", type=int, default=5)
    arguments = parser.parse_args()
    place = BUILD / "export"
    shutil.rmtree(place, ignore_errors=True)
    make_music(place / "music", arguments.files, 15.0)
    make_music(place / "few", 24, 60.0)
    run(auralis(place, "scan", place / "music", "-q"), place / "log", ENVIRONMENT)
    size = sum(path.stat().st_size for path in (place / "music").iterdir())
    figures = {
        "files": arguments.files,
        "mib": round(size / (1 << 20)),
        "copied": copies(place, arguments.rounds),
        "minutes_encoded": 24,
        "encoded": encodings(place, arguments.rounds),
    }
    shutil.rmtree(place)
    tools = ("ffmpeg", "rsync")
    keep(json.dumps(figures, indent=2), figures, arguments.json, gates_of, tools=tools, seeds={"files": SEED})


if __name__ == "__main__":
    main()
