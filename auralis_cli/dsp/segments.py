"""Cutting a stream into segments of a rational length, and keeping a few numbers of each."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from auralis_cli.dsp._jit import kernel

_ROWS = 1024


def segment_ratio(segment_frames: tuple[int, int]) -> NDArray[np.int64]:
    """The length n/d in frames as kernels take it; ValueError unless it is at least one frame."""
    numerator, denominator = segment_frames
    if denominator < 1 or numerator < denominator:
        raise ValueError(f"segment_frames must be a ratio of at least one frame, not {segment_frames}")
    return np.array([numerator, denominator], np.int64)


def first_segment(ratio: NDArray[np.int64]) -> NDArray[np.int64]:
    """Where a stream begins: frames in the open segment, frames still missing, remainder."""
    place = np.array([0, 0, ratio[1]], np.int64)
    open_segment(ratio, place)
    return place


@kernel
def open_segment(ratio, place):  # type: ignore[no-untyped-def]
    """Goes to the next segment: number k ends before frame ⌊(k + 1) · n/d + ½⌋ (Bresenham)."""
    numerator, denominator = ratio[0], ratio[1]
    length = numerator // denominator
    remainder = place[2] + 2 * (numerator - length * denominator)
    if remainder >= 2 * denominator:
        remainder -= 2 * denominator
        length += 1
    place[0] = 0
    place[1] = length
    place[2] = remainder


class Series:
    """Rows of a few numbers each, growing by fixed chunks, so that hours cost no copies."""

    def __init__(self, columns: int, dtype: type[np.float32] | type[np.float64]) -> None:
        self._columns = columns
        self._dtype = dtype
        self._chunks: list[NDArray[np.floating[Any]]] = []
        self._length = 0

    def __len__(self) -> int:
        return self._length

    def append(self, rows: NDArray[np.floating[Any]]) -> None:
        """Copies `rows`, `(n, columns)`, to the end."""
        taken = 0
        while taken < len(rows):
            place = self._length % _ROWS
            if place == 0:
                self._chunks.append(np.empty((_ROWS, self._columns), self._dtype))
            count = min(_ROWS - place, len(rows) - taken)
            self._chunks[-1][place : place + count] = rows[taken : taken + count]
            self._length += count
            taken += count

    def chunks(self) -> Iterator[NDArray[np.floating[Any]]]:
        """The rows in order, piece by piece; views, not to be written."""
        for index, chunk in enumerate(self._chunks):
            yield chunk[: min(_ROWS, self._length - index * _ROWS)]

    def column(self, index: int) -> NDArray[np.float64]:
        """One column of all rows, as a float64 copy."""
        if not self._chunks:
            return np.empty(0)
        found = np.empty(self._length)
        np.concatenate([chunk[:, index] for chunk in self.chunks()], out=found)
        return found
