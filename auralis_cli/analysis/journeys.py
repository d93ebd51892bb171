"""From one track to another in so many songs: steps as small and as even as the tracks along the way allow.

Tracks are points whose Euclidean distance says how alike they are. Those near the straight line between the two ends
are considered, as many by each part of it, in the order in which they lie along it: whoever only goes forward meets
nothing twice. Of all such ways with the right number of songs, those whose longest step is shortest are kept, and of
these the one whose squared steps are least: for a given length that is the most even one.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from auralis_cli.analysis.same_recording import RecordingSigns

# So many tracks near the line are considered.
_CONSIDERED = 1000

Points = NDArray[np.float32]
Matrix = NDArray[np.float64]


def journey(points: Points, signs: RecordingSigns, start: int, end: int, songs: int) -> list[int] | None:
    """The rows of `points` on the way from row `start` to row `end`, `songs` of them with these two.

    Of what is taken for one recording, one is on the way. None where there are not enough others.
    """
    ends = points[[start, end]].astype(np.float64)
    between = _between(points, signs, start, end, songs)
    if len(between) < songs - 2:
        return None
    rows = np.array([start, *between, end])
    steps = _steps(np.concatenate([ends[:1], points[between].astype(np.float64), ends[1:]]))
    return [int(row) for row in rows[_evenest(steps, songs)]]


def nearest_to_line(points: Points, start: int, end: int, parts: int) -> NDArray[np.intp]:
    """All rows: the nearest to each part of the line, then the second nearest to each, and so on."""
    along, squared = _along(points, points[start], points[end])
    on_line = np.clip(along, 0.0, 1.0)
    offsets = points - points[start]
    # |o − s·l|² is |o|² − 2s·(o·l) + s²·|l|², and o·l is along·|l|².
    aside = np.einsum("rd,rd->r", offsets, offsets) + (on_line * on_line - 2.0 * on_line * along) * squared
    part = (on_line * parts).astype(np.intp)
    by_part = np.lexsort((aside, part))
    begins = np.searchsorted(part[by_part], part[by_part])
    place = np.empty(len(points), np.intp)
    place[by_part] = np.arange(len(points)) - begins
    return np.lexsort((aside, place))


def _between(points: Points, signs: RecordingSigns, start: int, end: int, songs: int) -> NDArray[np.intp]:
    """The rows nearest to the line, in their order along it; one of each recording, and none of the ends."""
    taken = [start, end]
    for row in nearest_to_line(points, start, end, songs):
        if len(taken) - 2 >= max(_CONSIDERED, songs):
            break
        apart = np.sqrt(np.square(points[taken].astype(np.float64) - points[row]).sum(axis=1))
        if row not in (start, end) and not signs.same_as(row, np.array(taken), apart).any():
            taken.append(int(row))
    between = np.array(taken[2:], np.intp)
    along, _ = _along(points[between], points[start], points[end])
    return between[np.argsort(along, kind="stable")]


def _along(points: Points, first: Points, last: Points) -> tuple[NDArray[np.float64], float]:
    """How far along the line from `first` to `last` points are: 0…1, less or more beyond; and its squared length."""
    line = last.astype(np.float64) - first
    squared = float(line @ line)
    along = np.einsum("rd,d->r", points, line) - float(first @ line)
    return along / max(squared, np.finfo(np.float64).tiny), squared


def _steps(points: Matrix) -> Matrix:
    """The distance of each two points."""
    squares = np.square(points).sum(axis=1)
    steps: Matrix = np.sqrt(np.maximum(squares[:, None] + squares - 2.0 * (points @ points.T), 0.0))
    return steps


def _evenest(steps: Matrix, songs: int) -> list[int]:
    """The way from the first point to the last, always forward, of so many points."""
    steps = np.where(np.tri(len(steps), dtype=bool), np.inf, steps)
    longest = _best(steps, songs, np.maximum)[0]
    return _best(np.where(steps <= longest, np.square(steps), np.inf), songs, np.add)[1]


def _best(costs: Matrix, songs: int, joined: np.ufunc) -> tuple[float, list[int]]:
    """The way whose costs, joined, are least; and these."""
    # Of the best ways of so many songs to each point.
    least = np.full(len(costs), np.inf)
    least[0] = 0.0
    before = []
    for _ in range(songs - 1):
        ways = joined(least[:, None], costs)
        before.append(ways.argmin(axis=0))
        least = ways.min(axis=0)
    way = [len(costs) - 1]
    for back in reversed(before):
        way.append(int(back[way[-1]]))
    return float(least[-1]), way[::-1]
