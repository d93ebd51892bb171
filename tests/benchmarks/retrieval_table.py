"""Whether what sounds alike is found: tracks of the same artist, against bliss and means of MFCCs (`make bench`).

Everybody hears the same files: the open music at 44.1 kHz, 16 bit, without stems. Each track asks for all others,
nearest first; the mean over tracks of the average precision (mAP) counts where those of its artist come. Differences
are paired by track. Once over all soundtracks; once within the largest alone, where neither game nor encoder helps.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import mutagen
import numpy as np
from copies import as_flac, is_stem, music
from documents import BUILD, keep
from gates import Document, Gate, above
from hearing import hear
from intervals import SEED, bootstrap
from numpy.typing import NDArray
from open_music import OpenTrack
from peer_runs import told_by
from rendering import each, markdown

from auralis_cli.analysis.similarity import distances, fitted, normalised

Vectors = NDArray[np.float64]
AURALIS = "auralis"
RATE_HZ = 44_100
LARGEST = "wesnoth-"
# Whose files name no artist, and all have one.
ARTIST_OF_PACKAGE = {"fretsonfire-songs-sectoid": "Sectoid"}


@dataclass(frozen=True, slots=True)
class Contestant:
    """Vectors of all tracks, and how those are compared."""

    name: str
    vectors: Vectors
    # Distances of each row of some vectors to each other.
    compare: Callable[[Vectors], Vectors]


def euclidean(vectors: Vectors) -> Vectors:
    found: Vectors = np.sqrt(((vectors[:, None, :] - vectors[None, :, :]) ** 2).sum(axis=2))
    return found


def standardised(vectors: Vectors) -> Vectors:
    """Euclidean too, each dimension by its own spread among these tracks."""
    return euclidean((vectors - vectors.mean(axis=0)) / (vectors.std(axis=0) + 1e-12))


def ours(vectors: Vectors) -> Vectors:
    matrix = normalised(vectors, fitted(vectors))
    return np.array([distances(matrix, row) for row in matrix])


def average_precisions(far: Vectors, artists: list[str]) -> Vectors:
    """Of each track that has a fellow; NaN of others."""
    labels = np.array(artists)
    found = np.full(len(labels), np.nan)
    for row in range(len(labels)):
        others = np.arange(len(labels)) != row
        order = np.argsort(far[row][others], kind="stable")
        places = np.flatnonzero(labels[others][order] == labels[row])
        if len(places):
            found[row] = np.mean(np.arange(1, len(places) + 1) / (places + 1))
    return found


def artist_of(track: OpenTrack) -> str | None:
    tags = mutagen.File(track.path, easy=True)
    named = (tags or {}).get("artist")
    return str(named[0]) if named else ARTIST_OF_PACKAGE.get(track.name.split("/", 1)[0])


def _flac(track: OpenTrack) -> Path:
    return as_flac(track, RATE_HZ)


def own_vector(path: Path) -> tuple[float, ...]:
    return hear(path).fingerprint.values()


def contestants(paths: list[Path], processes: int) -> list[Contestant]:
    found = [Contestant(AURALIS, np.array(list(each(own_vector, paths, processes))), ours)]
    interpreter = os.environ.get("PEERS_PYTHON")
    for script, make in ((["bliss_run.py"], _of_bliss), (["librosa_run.py", "mfcc"], _of_mfcc)):
        told = told_by(interpreter, script, paths)
        if told is None:
            print(f"{script[0]}: the peer is missing, and left out", file=sys.stderr)
        else:
            found += make(told)
    return found


def _of_bliss(told: list[dict[str, Any]]) -> list[Contestant]:
    refused = [one["path"] for one in told if one["vector"] is None]
    if refused:
        sys.exit(f"bliss refuses {refused}")
    vectors = np.array([one["vector"] for one in told])
    return [Contestant("bliss", vectors, euclidean), Contestant("bliss, standardised", vectors, standardised)]


def _of_mfcc(told: list[dict[str, Any]]) -> list[Contestant]:
    means = np.array([one["means"] for one in told])
    both = np.hstack([means, np.array([one["deviations"] for one in told])])
    return [
        Contestant("MFCC means", means, euclidean),
        Contestant("MFCC means, standardised", means, standardised),
        Contestant("MFCC means and deviations, standardised", both, standardised),
    ]


@dataclass(frozen=True, slots=True)
class Compared:
    """A contestant's mAP, and how far ours is ahead of it (95 %)."""

    found: float
    ahead: float
    low: float
    high: float


def compared(among: list[Contestant], artists: list[str], rows: list[int]) -> dict[str, Compared]:
    """Of each on some of the tracks."""
    labels = [artists[row] for row in rows]
    precisions = {one.name: average_precisions(one.compare(one.vectors[rows]), labels) for one in among}
    asking = ~np.isnan(precisions[AURALIS])
    made = {}
    for name, own in precisions.items():
        differences = precisions[AURALIS][asking] - own[asking]
        low, high = bootstrap(differences)
        made[name] = Compared(float(np.mean(own[asking])), float(np.mean(differences)), low, high)
    return made


def gates_of(document: Document) -> list[Gate]:
    return [
        above(f"{title}: mAP, ahead by at least (95 %)", one["low"], 0, name)
        for title, among in document["compared"].items()
        for name, one in among.items()
        if name != AURALIS
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", type=Path, default=BUILD / "retrieval.json")
    parser.add_argument("--processes", type=int, default=2)
    asked = parser.parse_args()
    known = [(track, artist_of(track)) for track in music() if not is_stem(track)]
    tracks = [track for track, artist in known if artist]
    artists = [artist for _, artist in known if artist]
    among = contestants(list(each(_flac, tracks, asked.processes)), asked.processes)
    largest = [row for row, track in enumerate(tracks) if track.name.startswith(LARGEST)]
    titles = {"all soundtracks": list(range(len(tracks))), "Wesnoth alone": largest}
    found = {title: compared(among, artists, rows) for title, rows in titles.items()}
    table = []
    for title, of_it in found.items():
        for name, one in of_it.items():
            ahead = ("", "") if name == AURALIS else (f"{one.ahead:+.3f}", f"{one.low:+.3f}…{one.high:+.3f}")
            table.append((title, name, f"{one.found:.3f}", *ahead))
    head = ("tracks", "by", "mAP, same artist", "auralis is ahead by", "95 %")
    counts = f"{len(tracks)} tracks of {len(set(artists))} artists; of Wesnoth {len(largest)}."
    document = {
        "compared": {title: {name: asdict(one) for name, one in of_it.items()} for title, of_it in found.items()},
        "tracks": [track.name for track in tracks],
        "artists": artists,
        "vectors": {one.name: one.vectors.tolist() for one in among},
    }
    tools = ("bliss-audio", "librosa")
    keep(
        "\n\n".join([counts, markdown(head, table)]),
        document,
        asked.json,
        gates_of,
        tools=tools,
        seeds={"bootstrap": SEED},
    )


if __name__ == "__main__":
    main()
