"""A batch of sixty tracks, three of them poisoned: killed once and gone on with, and the same for any number of jobs.

Fifty-seven open tracks, and one each that crashes its decoder, hangs it, and holds NaN.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import soundfile
from documents import BUILD, REPOSITORY, keep
from gates import Document, Gate, at_least, at_most, none_of
from open_music import open_tracks

TRACKS, POISONED = 57, 3
STALL_TIMEOUT = "20s"
ENVIRONMENT = {
    **os.environ,
    "PYTHONPATH": os.pathsep.join((str(REPOSITORY / "tests" / "poison"), str(REPOSITORY))),
}


def make_music(folder: Path, root: Path) -> float:
    """The tracks in three folders and the poisoned ones among them; returns seconds of music."""
    tracks = sorted(open_tracks(root), key=lambda track: track.duration_s)[:TRACKS]
    for number, track in enumerate(tracks):
        place = folder / "abc"[number % 3] / f"{number:02d}{track.path.suffix}"
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(track.path, place)
    audio, rate = soundfile.read(tracks[0].path, dtype="float32", always_2d=True)
    for name in ("a/crash.wav", "b/hang.wav"):
        soundfile.write(folder / name, audio, rate)
    audio[len(audio) // 2] = np.nan
    soundfile.write(folder / "c/nan.wav", audio, rate, subtype="FLOAT")
    return sum(track.duration_s for track in tracks)


def command(music: Path, out: Path, jobs: int) -> list[str]:
    words = ["master", str(music), "--out-dir", str(out), "-j", str(jobs), "--stall-timeout", STALL_TIMEOUT]
    return [sys.executable, "-m", "auralis_cli", *words, "--jsonl"]


def run(words: list[str]) -> tuple[int, list[dict[str, Any]], float]:
    started_s = time.perf_counter()
    done = subprocess.run(words, capture_output=True, env=ENVIRONMENT, check=False)
    seconds = time.perf_counter() - started_s
    return done.returncode, [json.loads(line) for line in done.stdout.splitlines()], seconds


def killed_after(words: list[str], items: int) -> int:
    """Runs until `items` are through, then kills the program; returns how many it had done."""
    process = subprocess.Popen(
        [*words, "--progress", "json"], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, env=ENVIRONMENT
    )
    assert process.stderr is not None
    done = 0
    for line in process.stderr:
        if line.startswith(b"{"):
            done = json.loads(line).get("items_done", done)
        if done >= items:
            process.kill()
            break
    process.stderr.close()
    process.wait()
    # Its workers notice and end; each is given time to tidy up.
    time.sleep(3.0)
    return done


def digests(folder: Path) -> dict[str, str]:
    files = (path for path in sorted(folder.rglob("*")) if path.is_file())
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def gates_of(document: Document) -> list[Gate]:
    again = document["killed_after"] - document["skipped_when_resumed"]
    return [
        at_least("tracks, poisoned ones included", document["tracks"], TRACKS + POISONED),
        none_of("good tracks that were not finished", TRACKS - document["finished_files"]),
        none_of("runs that did not end with 3", sum(code != 3 for code in document["exit_codes"])),
        none_of("files left behind by a kill", len(document["left_by_the_kill"])),
        at_most("done before a kill, and done again (what is poisoned is)", again, POISONED),
        none_of("resumed and whole runs that differ in a byte", int(not document["resumed_equals_whole"])),
        none_of("-j 1 and -j 2 that differ in a byte", int(not document["one_job_equals_two"])),
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", type=Path, default=BUILD / "batch.json")
    arguments = parser.parse_args()
    place = BUILD / "batch"
    shutil.rmtree(place, ignore_errors=True)
    seconds_of_music = make_music(place / "music", Path(os.environ["AURALIS_CORPUS"]))
    killed = killed_after(command(place / "music", place / "two", 2), TRACKS // 2)
    left = [str(path) for path in (place / "two").rglob(".*")]
    code, resumed, seconds_resumed = run(command(place / "music", place / "two", 2))
    one_code, one, seconds_one = run(command(place / "music", place / "one", 1))
    two_code, two, seconds_two = run(command(place / "music", place / "again", 2))
    figures = {
        "tracks": len(one),
        "minutes_of_music": round(seconds_of_music / 60.0, 1),
        "killed_after": killed,
        "left_by_the_kill": left,
        "exit_codes": [code, one_code, two_code],
        "skipped_when_resumed": sum("skipped" in item for item in resumed),
        "seconds_resumed": round(seconds_resumed, 1),
        "failures": {Path(item["path"]).name: item["error"]["message"] for item in two if "error" in item},
        "finished_files": len(digests(place / "one")),
        "resumed_equals_whole": digests(place / "two") == digests(place / "again"),
        "one_job_equals_two": digests(place / "one") == digests(place / "again"),
        "seconds_one_job": round(seconds_one, 1),
        "seconds_two_jobs": round(seconds_two, 1),
        # Both wait for the file that hangs.
        "speed_up": round(seconds_one / seconds_two, 2),
        "times_real_time": round(seconds_of_music / seconds_two, 1),
    }
    shutil.rmtree(place)
    text = "\n".join(
        ["| | |", "|---|---|", *(f"| {name.replace('_', ' ')} | {value} |" for name, value in figures.items())]
    )
    keep(text, figures, arguments.json, gates_of)


if __name__ == "__main__":
    main()
