"""The order in which each of many tracks is near the one before: a short way through all of them.

Tracks are points whose Euclidean distance says how alike they are. The way always goes on to the nearest point not yet
visited; then pieces of it are turned round (2-opt) or moved elsewhere (or-opt) for as long as that makes it shorter.
Nothing is left to chance or to the clock: the same points always give the same order.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from math import dist

import numpy as np
from numpy.typing import NDArray

# How many points may be ordered: what it takes grows with their square.
MAX_POINTS = 20_000
# Which points may come to stand beside a point: so many, the nearest.
_NEIGHBOURS = 10
# The longest piece that is moved.
_PIECE = 3
# A way is shorter where it is so by more than what rounding makes.
_LEAST_GAIN = 1e-9
# For each point, so many changes of the way at most: a bound for what never needs it.
_CHANGES = 30
_ROWS = 256

Points = NDArray[np.float32]


def smooth_order(points: Points) -> list[int]:
    """The rows of `points` in an order whose steps together are short, and never longer than as they are given.

    Of the two ends, the one that is given first comes first.
    """
    given = list(range(len(points)))
    if len(points) < 3:
        return given
    most = way_length(points, given)
    for start in (_by_nearest(points), given):
        way = _Way(points, start)
        way.shorten(_CHANGES * len(points))
        # From the order given it cannot become longer.
        if start is given or way_length(points, way.order) <= most:
            break
    return way.order if way.order[0] < way.order[-1] else way.order[::-1]


def way_length(points: Points, order: Sequence[int]) -> float:
    """The sum of the steps of an order."""
    steps = np.diff(points[list(order)].astype(np.float64), axis=0)
    return float(np.sqrt((steps * steps).sum(axis=1)).sum())


def _by_nearest(points: Points) -> list[int]:
    """From the first point on, always to the nearest that is left."""
    left, squares = points.copy(), (points * points).sum(axis=1)
    rows = np.arange(len(points))
    order, at, count = [0], 0, len(points)
    while count > 1:
        here = left[at].copy()
        count -= 1
        # What was visited gives its place to the last.
        for values in (left, squares, rows):
            values[at] = values[count]
        at = int(np.argmin(squares[:count] - 2.0 * (left[:count] @ here)))
        order.append(int(rows[at]))
    return order


def _neighbours(points: Points) -> list[list[int]]:
    """The nearest points of each point, the nearest first."""
    count = min(_NEIGHBOURS, len(points) - 1)
    squares = (points * points).sum(axis=1)
    found: list[list[int]] = []
    for start in range(0, len(points), _ROWS):
        some = points[start : start + _ROWS]
        apart = squares - 2.0 * (some @ points.T)
        apart[np.arange(len(some)), np.arange(start, start + len(some))] = np.inf
        near = np.argpartition(apart, count - 1, axis=1)[:, :count]
        order = np.lexsort((near, np.take_along_axis(apart, near, axis=1)), axis=1)
        found.extend(np.take_along_axis(near, order, axis=1).tolist())
    return found


class _Way:
    """A way through all points that is made shorter, change by change."""

    def __init__(self, points: Points, order: Sequence[int]) -> None:
        self.order = list(order)
        self._points: list[list[float]] = points.astype(np.float64).tolist()
        self._near = _neighbours(points)
        self._places = [0] * len(order)
        self._place(0, len(order))

    def shorten(self, most_changes: int) -> None:
        """Turns and moves pieces until none is left whose turning or moving would help."""
        waiting = deque(self.order)
        is_waiting = [True] * len(self.order)
        while waiting and most_changes:
            point = waiting.popleft()
            is_waiting[point] = False
            touched = self._turn(point) or self._move(point)
            if touched:
                most_changes -= 1
                for one in (point, *touched):
                    if not is_waiting[one]:
                        is_waiting[one] = True
                        waiting.append(one)

    def _turn(self, point: int) -> list[int]:
        """Turns a piece round so that `point` comes to stand beside a near one; what stood at the cuts."""
        for step in (1, -1):
            beside = self._beside(point, step)
            apart = self._step(point, beside)
            for near in self._near[point]:
                closer = self._step(point, near)
                if closer >= apart:
                    break
                other = self._beside(near, step)
                if closer + self._step(beside, other) < apart + self._step(near, other) - _LEAST_GAIN:
                    first, last = sorted((self._places[point], self._places[near]))
                    self._reverse(first + (step > 0), last + (step > 0))
                    return [one for one in (beside, near, other) if one is not None]
        return []

    def _move(self, point: int) -> list[int]:
        """Moves a short piece that ends with `point` so that this comes to stand beside a near one."""
        for step in (1, -1):
            for piece in self._pieces(point, step):
                end, behind, before = piece[-1], self._beside(piece[-1], step), self._beside(point, -step)
                saved = self._step(before, point) + self._step(end, behind) - self._step(before, behind)
                for near in self._near[point]:
                    closer = self._step(point, near)
                    if closer >= saved:
                        break
                    if near in piece:
                        continue
                    for side in (1, -1):
                        other = self._beside(near, side)
                        gain = saved - closer - self._step(end, other) + self._step(near, other)
                        if other not in piece and gain > _LEAST_GAIN:
                            self._put(piece, near, side)
                            return [one for one in (before, behind, end, near, other) if one is not None]
        return []

    def _pieces(self, point: int, step: int) -> Iterator[list[int]]:
        """The pieces that begin with `point` and go on in one direction, the shortest first."""
        piece: list[int] = []
        one: int | None = point
        while one is not None and len(piece) < _PIECE:
            piece.append(one)
            yield list(piece)
            one = self._beside(one, step)

    def _put(self, piece: list[int], near: int, side: int) -> None:
        """Takes a piece out and puts it in beside `near`, its first point next to that."""
        places = [self._places[one] for one in (*piece, near)]
        first, behind = max(min(places) - 1, 0), max(places) + 2
        left = [one for one in self.order[first:behind] if one not in piece]
        at = left.index(near) + (side > 0)
        left[at:at] = piece if side > 0 else piece[::-1]
        self.order[first:behind] = left
        self._place(first, first + len(left))

    def _reverse(self, first: int, behind: int) -> None:
        self.order[first:behind] = self.order[first:behind][::-1]
        self._place(first, behind)

    def _place(self, first: int, behind: int) -> None:
        for place, point in enumerate(self.order[first:behind], first):
            self._places[point] = place

    def _beside(self, point: int, step: int) -> int | None:
        """What comes after a point, or before it; None at the ends."""
        place = self._places[point] + step
        return self.order[place] if 0 <= place < len(self.order) else None

    def _step(self, one: int | None, other: int | None) -> float:
        """How long a step is; none leads over the ends."""
        return 0.0 if one is None or other is None else dist(self._points[one], self._points[other])
