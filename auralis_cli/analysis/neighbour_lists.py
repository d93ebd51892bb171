"""The nearest of many rows to each of them, exactly: what a stored graph is made of, and what a newcomer changes of it.

Products of matrices are taken in tiles so small that the library beneath NumPy keeps to one thread: with more it is
slower as soon as anything else runs.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from auralis_cli.analysis.scale import weights_of
from auralis_cli.analysis.similarity import ROUNDING, Matrix, Nearest, pair_distances
from auralis_cli.model.similarity import Weighting
from auralis_cli.quick_dataclasses import dataclass

# Rows asked together, and rows they are compared with at a time.
_ASKED, _WIDTH = 8, 1280
# Of so many tiles, what is at one place is one group: of a group first only the nearest is looked at.
_TILES_OF_GROUP = 16

Rows = NDArray[np.intp]
Scores = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class _Tile:
    """|x|² − 2x·q, which orders as distance does: a line for each row asked, a column for each compared with."""

    start: int
    scores: Scores


def neighbour_lists(matrix: Matrix, squared: Scores, rows: Rows, k: int) -> Iterator[tuple[Rows, list[Nearest]]]:
    """The `k` nearest of each of `rows`, as `nearest` finds them without the row itself; some rows at a time."""
    wanted = min(k, len(matrix) - 1)
    turned = np.ascontiguousarray(matrix.T)
    for start in range(0, len(rows), _ASKED):
        some = rows[start : start + _ASKED]
        asked, found = _candidates(turned, squared, some, wanted)
        others = some[asked] != found
        asked, found = asked[others], found[others]
        far = pair_distances(matrix, some[asked], found)
        order = np.lexsort((found, far, asked))
        begins = np.searchsorted(asked[order], np.arange(len(some)))
        kept = [order[begin : begin + wanted] for begin in begins]
        yield some, [Nearest(found[one], far[one]) for one in kept]


def reached(matrix: Matrix, squared: Scores, newcomers: Rows, limits: NDArray[np.float64]) -> Rows:
    """The rows to which a newcomer is no farther than their limit: into whose lists one may belong."""
    turned = np.ascontiguousarray(matrix.T)
    # |x − q|² ≤ d² is |x|² − 2x·q ≤ d² − |q|²; what float32 may be wrong by is on the side of looking again.
    bounds = np.minimum(limits, 2.0) ** 2 + ROUNDING
    lists = np.zeros(len(matrix), bool)
    for start in range(0, len(newcomers), _ASKED):
        some = newcomers[start : start + _ASKED]
        of_asked = squared[some][:, None]
        for tile in _tiles(turned, squared, some):
            columns = slice(tile.start, tile.start + tile.scores.shape[1])
            lists[columns] |= (tile.scores + of_asked <= bounds[columns]).any(axis=0)
    return np.flatnonzero(lists)


def _candidates(turned: Matrix, squared: Scores, some: Rows, wanted: int) -> tuple[Rows, Rows]:
    """Pairs of a line of `some` and a row, among which are the `wanted` nearest of each but itself."""
    count = turned.shape[1]
    groups = -(-count // (_WIDTH * _TILES_OF_GROUP))
    lowest = np.full((len(some), groups * _WIDTH), np.inf, np.float32)
    for number, tile in enumerate(_tiles(turned, squared, some)):
        begin = number // _TILES_OF_GROUP * _WIDTH
        part = lowest[:, begin : begin + tile.scores.shape[1]]
        np.minimum(part, tile.scores, out=part)
    # In as many groups and one more there are as many that are that near, even where one is the row itself.
    farthest = np.partition(lowest, wanted, axis=1)[:, wanted]
    asked, group = np.nonzero(lowest <= farthest[:, None] + ROUNDING)
    first = group // _WIDTH * _WIDTH * _TILES_OF_GROUP + group % _WIDTH
    rows = (first[:, None] + np.arange(_TILES_OF_GROUP) * _WIDTH).ravel()
    exists = rows < count
    return np.repeat(asked, _TILES_OF_GROUP)[exists], rows[exists]


def _tiles(turned: Matrix, squared: Scores, some: Rows) -> Iterator[_Tile]:
    weights = np.array(weights_of(Weighting.BALANCED), np.float32)[:, None]
    asked = np.ascontiguousarray((turned[:, some] * weights * np.float32(-2.0)).T)
    for start in range(0, turned.shape[1], _WIDTH):
        scores = asked @ turned[:, start : start + _WIDTH]
        scores += squared[start : start + _WIDTH]
        yield _Tile(start, scores)
