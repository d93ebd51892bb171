"""What the nearest tagged tracks say: each of three names its tags, and the nearer one has more to say."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from auralis_cli.analysis.same_recording import RecordingSigns
from auralis_cli.analysis.similarity import Matrix, nearest, squares
from auralis_cli.model.suggestions import TagTrial, Trial
from auralis_cli.quick_dataclasses import dataclass

NEIGHBOURS = 3
# Below that many tracks, nothing is known of a tag.
LEAST_TRACKS = 5
# So many are tried at most, evenly spread: what is said of them is within 3 % (95 %).
_TRIED = 1000
# Copies of a recording are asked for beyond the neighbours, to be left out.
_COPIES = 8
# Equals nothing but a copy: what keeps it from a weight without end.
_NEAREST = 0.01


@dataclass(frozen=True, slots=True)
class Tagged:
    """Tracks that have tags: where they are, on the scale of `similarity`, what recordings, and what tags they have."""

    matrix: Matrix
    signs: RecordingSigns
    tags: Sequence[tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Guess:
    """A tag, and the rows of those that have it among the neighbours, the nearest first."""

    tag: str
    rows: tuple[int, ...]


class NeighbourVotes:
    """Guesses the tags of tracks by those of their neighbours."""

    def __init__(self, tagged: Tagged) -> None:
        self._tagged = tagged
        self._squares = squares(tagged.matrix)
        self.counts = Counter(tag for tags in tagged.tags for tag in set(tags))

    def guess(self, point: NDArray[np.float32]) -> Guess | None:
        """What a track at `point` is guessed to be; None where its neighbours are of a tag that too few have."""
        found = nearest(self._tagged.matrix, point, NEIGHBOURS, squared=self._squares)
        return self._voted(found.rows, found.distances)

    def trial(self) -> Trial:
        """Each tagged track, or each of a sample, guessed from the others, without copies and others of that piece."""
        rows = np.unique(np.linspace(0, len(self._tagged.tags) - 1, _TRIED).astype(np.intp))
        right, of_tag = 0, defaultdict[str, list[bool]](list)
        for row in rows.tolist():
            if (guess := self._guess_of_others(row)) is not None:
                is_right = guess.tag in self._tagged.tags[row]
                of_tag[guess.tag].append(is_right)
                right += is_right
        tried = Counter(tag for row in rows.tolist() for tag in set(self._tagged.tags[row]))
        commonest = min(tried, key=lambda tag: (-tried[tag], tag))
        tags = tuple(TagTrial(tag, len(said), sum(said)) for tag, said in sorted(of_tag.items()))
        return Trial(len(rows), right, commonest, tried[commonest], tags)

    def _guess_of_others(self, row: int) -> Guess | None:
        tagged = self._tagged
        # The track itself is the first of its copies.
        found = nearest(tagged.matrix, tagged.matrix[row], NEIGHBOURS + _COPIES, squared=self._squares)
        others = ~tagged.signs.same_as(row, found.rows, found.distances)
        return self._voted(found.rows[others][:NEIGHBOURS], found.distances[others][:NEIGHBOURS])

    def _voted(self, rows: NDArray[np.intp], distances: NDArray[np.float64]) -> Guess | None:
        votes: dict[str, float] = {}
        for row, distance in zip(rows.tolist(), distances.tolist(), strict=True):
            for tag in dict.fromkeys(self._tagged.tags[row]):
                votes[tag] = votes.get(tag, 0.0) + 1.0 / (distance + _NEAREST)
        if not votes:
            return None
        # Among equals the commoner one, and then the one that sorts first.
        tag = min(votes, key=lambda one: (-votes[one], -self.counts[one], one))
        if self.counts[tag] < LEAST_TRACKS:
            return None
        return Guess(tag, tuple(row for row in rows.tolist() if tag in self._tagged.tags[row]))
