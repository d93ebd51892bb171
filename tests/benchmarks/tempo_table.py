"""Tempo on music of known tempo, against librosa and aubio (`make bench`; wants fluidsynth and python3-aubio).

MIDI files that keep one tempo, as fluidsynth plays them, each also slower and faster; and recorded songs whose makers
wrote down the tempo. A tempo is right within 4 %: accuracy 1 as it is, accuracy 2 also at a half, a third, twice or
three times of it. The preference among tempi was chosen on planetblupi and one half of openmsx; the other half and
the songs are held out.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
from dataclasses import asdict, dataclass
from itertools import product
from pathlib import Path

import numpy as np
from copies import INPUTS, held_out
from copies import SEED as HALVES_SEED
from documents import BUILD, keep
from gates import Document, Gate, at_least
from hearing import hear
from intervals import SEED, bootstrap
from midi_pieces import Piece, can_render, pieces, render
from peer_runs import told_by
from rendering import each, markdown

SPEEDS = (0.8, 1.0, 1.25)
TOLERANCE = 0.04
RELATED = (1.0, 1 / 3, 0.5, 2.0, 3.0)
AURALIS, PEERS = "auralis", ("librosa", "aubio")
HELD_OUT = "held out: half of openmsx"
SEEN, OPENMSX, RECORDED = "planetblupi-music-midi", "openttd-openmsx", "fretsonfire-songs-sectoid"


@dataclass(frozen=True, slots=True)
class Recording:
    """A file of known tempo."""

    path: Path
    name: str
    package: str
    speed: float
    tempo_bpm: float


@dataclass(frozen=True, slots=True)
class Found:
    """What was found in a recording, by whom, and with what confidence where that is told."""

    recording: Recording
    by: dict[str, float]
    confidence: float


def right(found_bpm: float, true_bpm: float, factors: tuple[float, ...]) -> bool:
    return any(abs(found_bpm / (true_bpm * factor) - 1.0) <= TOLERANCE for factor in factors)


def _rendered(job: tuple[Piece, float, Path]) -> Recording:
    piece, speed, soundfont = job
    made = INPUTS / "tempo" / f"{piece.package}--{piece.path.stem}-{speed}.flac"
    return Recording(render(piece, speed, soundfont, made), piece.name, piece.package, speed, piece.tempo_bpm * speed)


def recordings(root: Path, processes: int) -> list[Recording]:
    """Everything of known tempo, rendered where that was not done before."""
    found = []
    for piece in pieces(root):
        if piece.package == RECORDED:
            song = piece.path.with_name("song.ogg")
            found.append(Recording(song, f"{RECORDED}/{song.parent.name}", RECORDED, 1.0, piece.tempo_bpm))
    soundfonts = sorted(root.rglob("*.sf2"))
    if not can_render() or not soundfonts:
        print("fluidsynth or its sounds are missing: no MIDI files are rendered", file=sys.stderr)
        return found
    played = [piece for piece in pieces(root) if piece.package in (SEEN, OPENMSX)]
    jobs = [(piece, speed, soundfonts[0]) for piece, speed in product(played, SPEEDS)]
    return [*each(_rendered, jobs, processes), *found]


def heard(path: Path) -> tuple[float, float]:
    """Our own tempo and confidence."""
    analysis = hear(path)
    return analysis.fingerprint.tempo_bpm, analysis.tempo_confidence


def peers_tempi(paths: list[Path]) -> dict[str, list[float]]:
    """Of each peer that is there, in the order of the files."""
    found = {}
    peers = os.environ.get("PEERS_PYTHON")
    # Debian's module is for Debian's own interpreter.
    python = os.environ.get("AUBIO_PYTHON") or shutil.which("python3", path=os.defpath)
    for name, interpreter, script in (
        ("librosa", peers, ["librosa_run.py", "tempo"]),
        ("aubio", python, ["aubio_run.py"]),
    ):
        told = told_by(interpreter, script, paths)
        if told is None:
            print(f"{name} is missing, and left out", file=sys.stderr)
        else:
            found[name] = [float(one["tempo_bpm"]) for one in told]
    return found


def accuracy(found: list[Found], by: str, factors: tuple[float, ...]) -> float:
    return float(np.mean([right(one.by[by], one.recording.tempo_bpm, factors) for one in found]))


def interval(found: list[Found], peer: str, factors: tuple[float, ...]) -> tuple[float, float]:
    """95 % of the difference to a peer; pieces are drawn, each with all its speeds."""
    names = sorted({one.recording.name for one in found})
    of_piece = [
        [
            float(right(one.by[AURALIS], one.recording.tempo_bpm, factors))
            - float(right(one.by[peer], one.recording.tempo_bpm, factors))
            for one in found
            if one.recording.name == name
        ]
        for name in names
    ]
    counts = np.array([float(len(one)) for one in of_piece])
    return bootstrap(np.array([sum(one) for one in of_piece]), counts)


def groups_of(found: list[Found]) -> dict[str, list[Found]]:
    """What is told apart."""
    openmsx = {one.recording.name for one in found if one.recording.package == OPENMSX}
    aside = held_out(openmsx)
    return {
        "all": found,
        HELD_OUT: [one for one in found if one.recording.name in aside],
        "the rest of openmsx": [
            one for one in found if one.recording.package == OPENMSX and one.recording.name not in aside
        ],
        "planetblupi": [one for one in found if one.recording.package == SEEN],
        "recorded songs": [one for one in found if one.recording.package == RECORDED],
        "as written, not slower or faster": [one for one in found if one.recording.speed == 1.0],
        "confidence ≥ 0.1": [one for one in found if one.confidence >= 0.1],
    }


def table(found: list[Found], contestants: list[str]) -> str:
    rows = []
    for title, group in groups_of(found).items():
        if group:
            figures = [f"{accuracy(group, by, (1.0,)):.2f} / {accuracy(group, by, RELATED):.2f}" for by in contestants]
            rows.append((title, len(group), *figures))
    return markdown(("recordings", "number", *(f"{by}: accuracy 1 / 2" for by in contestants)), rows)


def gates_of(document: Document) -> list[Gate]:
    groups = groups_of([_found(row) for row in document["rows"]])
    gates = []
    for title, peer in product(("all", HELD_OUT), PEERS):
        group = groups[title]
        is_there = bool(group) and peer in group[0].by
        for number, factors in (("1", (1.0,)), ("2", RELATED)):
            ahead, spread = None, ""
            if is_there:
                low, high = interval(group, peer, factors)
                ahead = accuracy(group, AURALIS, factors) - accuracy(group, peer, factors)
                spread = f" (95 %: {low:+.2f}…{high:+.2f})"
            gates.append(at_least(f"{title}: accuracy {number}, ahead by{spread}", ahead, 0, peer))
    return gates


def _found(row: Document) -> Found:
    recording = Recording(Path(row["name"]), row["name"], row["package"], row["speed"], row["tempo_bpm"])
    return Found(recording, row["found"], row["confidence"])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", type=Path, default=BUILD / "tempo.json")
    parser.add_argument("--processes", type=int, default=2)
    asked = parser.parse_args()
    root = Path(os.environ.get("AURALIS_CORPUS", ""))
    known = recordings(root, asked.processes) if str(root) != "." and root.is_dir() else []
    if not known:
        sys.exit("needs the open music: run `make corpus` and set AURALIS_CORPUS to its folder")
    paths = [one.path for one in known]
    own = list(each(heard, paths, asked.processes))
    told = {AURALIS: [tempo for tempo, _ in own], **peers_tempi(paths)}
    found = [
        Found(one, {by: tempi[place] for by, tempi in told.items()}, own[place][1]) for place, one in enumerate(known)
    ]
    rows = [{**asdict(one.recording), "path": None, "found": one.by, "confidence": one.confidence} for one in found]
    tools, seeds = (*PEERS, "fluidsynth"), {"bootstrap": SEED, "halves": HALVES_SEED}
    keep(table(found, list(told)), {"rows": rows}, asked.json, gates_of, tools=tools, seeds=seeds)


if __name__ == "__main__":
    main()
