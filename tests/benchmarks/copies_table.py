"""Whether a copy is known again: nearest by its fingerprint, and told by its landmarks to be the same recording.

The open music of at least 20 s, each piece copied in nine ways. Of each copy the nearest of all originals is looked
for; then all originals and copies are searched for duplicates at once, and as many pairs that are none (of one artist
and album where there are, stems and their songs) as pairs of an original and its copy are counted.
"""

from __future__ import annotations

import argparse
import random
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from itertools import combinations, product
from pathlib import Path

import numpy as np
from copies import COPYINGS, Copying, copy_of, held_out, is_stem, music
from copies import SEED as HALVES_SEED
from documents import BUILD, keep
from gates import Document, Gate, at_least
from hearing import hear
from intervals import wilson
from open_music import OpenTrack
from rendering import each, markdown

from auralis_cli.analysis.duplicates import Recordings
from auralis_cli.analysis.landmarks import signs_of
from auralis_cli.analysis.similarity import distances, fitted, normalised
from auralis_cli.dsp.landmark_matching import LEAST_WORDS
from auralis_cli.model.duplicates import DuplicateKind
from auralis_cli.model.landmarks import Landmarks

ORIGINAL = "original"
SEED = 5
NEAREST, RECALL, PRECISION = "nearest is the original, full length", "recall of pairs", "precision of pairs"
NEAREST_GATE, PAIRS_GATE = 0.98, 0.99
LEAST_ORIGINALS, LEAST_PAIRS = 60, 300


@dataclass(frozen=True, slots=True)
class Heard:
    """What the extractor says of a file."""

    track: str
    # The name of a way of copying, or "original".
    copying: str
    values: tuple[float, ...]
    landmarks: Landmarks

    @property
    def key(self) -> str:
        return f"{self.track}|{self.copying}"

    @property
    def is_heard(self) -> bool:
        """Whether there are 6 s of sound: less is not compared. A cut may leave nothing of a short piece."""
        return int(np.count_nonzero(signs_of(self.landmarks).masks)) >= LEAST_WORDS


def _heard(track: OpenTrack, copying: str, path: Path) -> Heard:
    analysis = hear(path)
    assert analysis.landmarks is not None
    return Heard(track.name, copying, analysis.fingerprint.values(), analysis.landmarks)


def heard(job: tuple[OpenTrack, Copying | None]) -> Heard:
    track, copying = job
    if copying is None:
        return _heard(track, ORIGINAL, track.path)
    with copy_of(track, copying) as path:
        return _heard(track, copying.name, path)


@dataclass(frozen=True, slots=True)
class Known:
    """A copy, and which of the originals its fingerprint is nearest to."""

    track: str
    copying: str
    nearest: str
    distance: float
    # How far the nearest of the other originals is.
    next_distance: float

    @property
    def right(self) -> bool:
        return self.nearest == self.track


def nearest_originals(originals: list[Heard], copies: Iterable[Heard]) -> list[Known]:
    """By the scale of the originals alone, as a library that holds them has it."""
    scale = fitted([one.values for one in originals])
    matrix = normalised([one.values for one in originals], scale)
    found = []
    for copy in copies:
        far = distances(matrix, normalised([copy.values], scale)[0])
        first = int(np.argmin(far))
        others = [distance for one, distance in zip(originals, far, strict=True) if one.track != copy.track]
        found.append(Known(copy.track, copy.copying, originals[first].track, float(far[first]), float(min(others))))
    return found


class Groups:
    """What a search through everything puts together, as `duplicates` does: also over a third one."""

    def __init__(self, everything: list[Heard]) -> None:
        self.recordings = Recordings((one.key, one.landmarks) for one in everything)
        self._head = {one.key: one.key for one in everything}
        self.possible: list[tuple[str, str]] = []
        for match in self.recordings.matches():
            if match.kind is DuplicateKind.POSSIBLE:
                self.possible.append((match.first_key, match.second_key))
            else:
                self._head[self._of(match.first_key)] = self._of(match.second_key)

    def _of(self, key: str) -> str:
        while self._head[key] != key:
            key = self._head[key]
        return key

    def together(self, one: Heard, other: Heard) -> bool:
        return self._of(one.key) == self._of(other.key)


def hard_non_pairs(tracks: list[OpenTrack], everything: list[Heard]) -> list[tuple[Heard, Heard]]:
    """An original and a recording that is another: stems with their songs, then of the same soundtrack, by lot."""
    folder = {track.name: track.path.parent for track in tracks}
    stems = {track.name for track in tracks if is_stem(track)}
    alike = [
        (one, other)
        for one, other in product(everything, everything)
        if one.copying == ORIGINAL and one.track != other.track and folder[one.track] == folder[other.track]
    ]
    random.Random(SEED).shuffle(alike)
    return sorted(alike, key=lambda pair: not stems & {pair[0].track, pair[1].track})


@dataclass(frozen=True, slots=True)
class Counted:
    """Right ones of a number."""

    right: int
    number: int

    @property
    def share(self) -> float:
        return self.right / self.number if self.number else float("nan")

    def __str__(self) -> str:
        low, high = wilson(self.right, self.number)
        return f"{self.right} of {self.number}: {self.share:.4f} ({low:.4f}–{high:.4f})"


def counted(flags: Iterable[bool]) -> Counted:
    seen = list(flags)
    return Counted(sum(seen), len(seen))


def error_rate(groups: Groups, one: Heard, other: Heard) -> float:
    """Of the landmarks of two; 0.5 where they are told to be nothing alike."""
    match = groups.recordings.match(one.key, other.key)
    return 0.5 if match is None else match.error_rate


@dataclass(frozen=True, slots=True)
class Proof:
    """Everything that is counted of one run."""

    tracks: list[OpenTrack]
    everything: list[Heard]
    known: list[Known]
    groups: Groups

    def copies(self, of: set[str]) -> list[tuple[Heard, Heard]]:
        """Originals among `of`, each with each of its copies that can be heard."""
        original = {one.track: one for one in self.everything if one.copying == ORIGINAL}
        copies = [one for one in self.everything if one.copying != ORIGINAL and one.track in of]
        return [(original[one.track], one) for one in copies if one.is_heard]

    def counts(self, of: set[str]) -> dict[str, Counted]:
        """What is right, of copies of some tracks and of pairs one of which is of them."""
        full = {one.name for one in COPYINGS if one.full_length}
        pairs = self.copies(of)
        non_pairs = [pair for pair in hard_non_pairs(self.tracks, self.everything) if pair[0].track in of]
        told = counted(self.groups.together(*pair) for pair in pairs)
        wrong = counted(self.groups.together(*pair) for pair in non_pairs[: len(pairs)])
        known = [one for one in self.known if one.track in of]
        return {
            NEAREST: counted(one.right for one in known if one.copying in full),
            "nearest is the original, first 10 s cut": counted(one.right for one in known if one.copying not in full),
            RECALL: told,
            PRECISION: Counted(told.right, told.right + wrong.right),
            "pairs that are none told so": Counted(wrong.number - wrong.right, wrong.number),
        }

    def every_pair(self) -> dict[str, Counted]:
        """Of all files with all others, copies with copies too."""
        pairs = list(combinations([one for one in self.everything if one.is_heard], 2))
        together = [one.track == other.track for one, other in pairs if self.groups.together(one, other)]
        same = sum(one.track == other.track for one, other in pairs)
        return {
            "recall, every file with every other": Counted(sum(together), same),
            "precision, every file with every other": Counted(sum(together), len(together)),
        }

    def document(self) -> dict[str, object]:
        wrongly = {
            tuple(sorted((one.track, other.track)))
            for one, other in combinations(self.everything, 2)
            if one.track != other.track and self.groups.together(one, other)
        }
        pairs = self.copies({track.name for track in self.tracks})
        return {
            "known": [asdict(one) for one in self.known],
            "put_together_wrongly": sorted(wrongly),
            "not_put_together": [copy.key for one, copy in pairs if not self.groups.together(one, copy)],
            "not_heard": [one.key for one in self.everything if not one.is_heard],
            "possible": self.groups.possible,
            "vectors": {one.key: one.values for one in self.everything},
        }


def by_copying(proof: Proof, aside: set[str]) -> str:
    """The table by transformation."""
    rows = []
    every = proof.copies({track.name for track in proof.tracks})
    for copying in COPYINGS:
        near = [one for one in proof.known if one.copying == copying.name]
        pairs = [pair for pair in every if pair[1].copying == copying.name]
        rates = [error_rate(proof.groups, *pair) for pair in pairs]
        held = counted(one.right for one in near if one.track in aside)
        rows.append(
            (
                copying.name,
                len(near),
                f"{counted(one.right for one in near).share:.3f}",
                f"{held.share:.3f} of {held.number}",
                f"{counted(proof.groups.together(*pair) for pair in pairs).share:.3f}",
                f"{np.median(rates):.3f} / {max(rates):.3f}",
            )
        )
    head = (
        "copy",
        "number",
        "nearest is the original",
        "of the held out",
        "found a duplicate",
        "errors, median / worst",
    )
    return markdown(head, rows)


def counts_of(proof: Proof, aside: set[str]) -> dict[str, dict[str, Counted]]:
    """By what they are of."""
    everything = proof.counts({track.name for track in proof.tracks})
    return {"all": {**everything, **proof.every_pair()}, "held out": proof.counts(aside)}


def gates_of(document: Document) -> list[Gate]:
    counts = {
        title: {what: Counted(*one) for what, one in counted.items()} for title, counted in document["counts"].items()
    }
    pairs = min(counts["all"][what].number for what in (RECALL, PRECISION))
    copied = len({one["track"] for one in document["known"]})
    found = [at_least("originals copied", copied, LEAST_ORIGINALS), at_least("pairs", pairs, LEAST_PAIRS)]
    for title, of_it in counts.items():
        for what, least in ((NEAREST, NEAREST_GATE), (RECALL, PAIRS_GATE), (PRECISION, PAIRS_GATE)):
            found.append(at_least(f"{title}: {what}", of_it[what].share if of_it[what].number else None, least))
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", type=Path, default=BUILD / "copies.json")
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--longest-s", type=float, default=float("inf"), help="copy only tracks of at most that")
    parser.add_argument("--only", action="append", metavar="WORD", help="tracks whose name contains this")
    asked = parser.parse_args()
    tracks = [one for one in music() if not asked.only or any(word in one.name for word in asked.only)]
    copied = [one for one in tracks if one.duration_s <= asked.longest_s]
    jobs = [*product(tracks, [None]), *product(copied, COPYINGS)]
    everything = list(each(heard, jobs, asked.processes))
    originals = [one for one in everything if one.copying == ORIGINAL]
    known = nearest_originals(originals, [one for one in everything if one.copying != ORIGINAL])
    proof = Proof(tracks, everything, known, Groups(everything))
    aside = held_out(track.name for track in tracks)
    counts = counts_of(proof, aside)
    lines = [(title, what, str(one)) for title, of_it in counts.items() for what, one in of_it.items()]
    head = f"{len(copied)} of {len(tracks)} originals copied, all of them to be found among."
    table = markdown(("tracks", "what", "right of number: share (95 %)"), lines)
    document = {
        "counts": {
            title: {what: (one.right, one.number) for what, one in of_it.items()} for title, of_it in counts.items()
        },
        **proof.document(),
    }
    text = "\n\n".join([head, by_copying(proof, aside), table])
    seeds = {"pairs that are none": SEED, "halves": HALVES_SEED}
    keep(text, document, asked.json, gates_of, tools=("ffmpeg",), seeds=seeds)


if __name__ == "__main__":
    main()
