"""How alike tracks are: fingerprints on one scale, their distance, and the nearest of many, exactly.

A vector is the 25 values of a fingerprint, in the order of `DIMENSIONS`; `normalised` brings it to 0…1, and all that
compares takes what is normalised. A distance is √(Σ w(a − b)² ÷ Σ w), so it is 0…1 too.
"""

from __future__ import annotations

from collections.abc import Collection

import numpy as np
from numpy.typing import ArrayLike, NDArray

from auralis_cli.analysis.scale import (
    LEAST_HZ,
    SHARE_FLOOR,
    SMALL_SHARE_FLOOR,
    restored,
    typical,
    weights_of,
    widths,
)
from auralis_cli.model.fingerprint import DIMENSIONS, FINGERPRINT_VERSION, Transform
from auralis_cli.model.similarity import Normalisation, Weighting
from auralis_cli.quick_dataclasses import dataclass

# Fewer tracks than that say nothing of where music lies.
MIN_FITTED = 30
# One that is 10 % larger than the one fitted is fitted anew.
_GROWTH = 1.1
# More than what float32 may be wrong by in |x|² − 2x·q, of vectors no longer than 1.
ROUNDING = 1e-5
# Rows taken to float64 at a time.
_ROWS = 1 << 15

Matrix = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Nearest:
    """Rows of a matrix, the nearest first, equally near ones in their order; and how far each is."""

    rows: NDArray[np.intp]
    distances: NDArray[np.float64]


def fitted(vectors: ArrayLike) -> Normalisation:
    """The scale on which these vectors lie: P5 to P95 of each dimension; of too few of them, the typical one."""
    values = np.asarray(vectors, np.float64)
    if len(values) < MIN_FITTED:
        return typical()
    lowest, highest = np.percentile(_transformed(values), (5.0, 95.0), axis=0)
    return Normalisation(tuple(lowest.tolist()), tuple(highest.tolist()), len(values), FINGERPRINT_VERSION)


def fits(normalisation: Normalisation, tracks: int) -> bool:
    """Whether it still serves a library of so many."""
    if normalisation.version != FINGERPRINT_VERSION:
        return False
    if tracks < MIN_FITTED or not normalisation.tracks:
        return tracks < MIN_FITTED and not normalisation.tracks
    return tracks <= normalisation.tracks * _GROWTH


def normalised(vectors: ArrayLike, normalisation: Normalisation) -> Matrix:
    """One row a vector, each value 0…1 of the scale; .5 where the scale has no width."""
    values = np.atleast_2d(np.asarray(vectors, np.float64))
    lowest, width = np.array(normalisation.lowest), np.array(widths(normalisation))
    has_width = width > 0.0
    width[~has_width] = 1.0
    matrix = np.empty(values.shape, np.float32)
    for start in range(0, len(values), _ROWS):
        part = (_transformed(values[start : start + _ROWS]) - lowest) / width
        matrix[start : start + _ROWS] = np.where(has_width, np.clip(part, 0.0, 1.0), 0.5)
    return matrix


def middle(vectors: ArrayLike) -> tuple[float, ...]:
    """The vector in the middle of several, each dimension's mean taken after its transform."""
    mean = _transformed(np.atleast_2d(np.asarray(vectors, np.float64))).mean(axis=0)
    return tuple(restored(float(value), one.transform) for value, one in zip(mean, DIMENSIONS, strict=True))


def squares(matrix: Matrix, weighting: Weighting = Weighting.BALANCED) -> NDArray[np.float32]:
    """Σ w x² of each row, which `nearest` needs; worth keeping beside a matrix that is asked more than once."""
    weights = np.array(weights_of(weighting))
    kept = np.empty(len(matrix), np.float32)
    for start in range(0, len(matrix), _ROWS):
        part = matrix[start : start + _ROWS].astype(np.float64)
        kept[start : start + _ROWS] = (part * part) @ weights
    return kept


def distances(matrix: Matrix, point: ArrayLike, weighting: Weighting = Weighting.BALANCED) -> NDArray[np.float64]:
    """How far each row is from the normalised `point`; to the last bit the same whichever rows it is asked with."""
    asked = np.asarray(point, np.float64)[:, None]
    found = np.empty(len(matrix))
    for start in range(0, len(matrix), _ROWS):
        apart = matrix[start : start + _ROWS].T.astype(np.float64) - asked
        found[start : start + _ROWS] = _lengths(apart, weighting)
    return found


def pair_distances(matrix: Matrix, ones: NDArray[np.intp], others: NDArray[np.intp]) -> NDArray[np.float64]:
    """How far rows are from others, pair by pair, in the balanced weighting."""
    found = np.empty(len(ones))
    for start in range(0, len(ones), _ROWS):
        part = slice(start, start + _ROWS)
        apart = matrix[ones[part]].T.astype(np.float64) - matrix[others[part]].T
        found[part] = _lengths(apart, Weighting.BALANCED)
    return found


def nearest(
    matrix: Matrix,
    point: ArrayLike,
    k: int,
    weighting: Weighting = Weighting.BALANCED,
    *,
    without: Collection[int] = (),
    squared: NDArray[np.float32] | None = None,
) -> Nearest:
    """The `k` rows nearest to the normalised `point`, but for the rows `without`; fewer where there are no more.

    Exact: float32 tells which may be among them, float64 which are.
    """
    asked = np.asarray(point, np.float64)
    wanted = min(k + len(without), len(matrix))
    if wanted == 0 or k <= 0:
        return Nearest(np.empty(0, np.intp), np.empty(0))
    squared = squares(matrix, weighting) if squared is None else squared
    weighted = (-2.0 * np.array(weights_of(weighting)) * asked).astype(np.float32)
    # Not by the library beneath NumPy, whose threads wait for each other when anything else runs.
    scores = np.einsum("rd,d->r", matrix, weighted)
    scores += squared
    farthest = np.partition(scores, wanted - 1)[wanted - 1]
    rows = np.flatnonzero(scores <= farthest + ROUNDING)
    if without:
        rows = rows[~np.isin(rows, np.fromiter(without, np.intp, len(without)))]
    found = distances(matrix[rows], asked, weighting)
    order = np.argsort(found, kind="stable")[:k]
    return Nearest(rows[order], found[order])


def _lengths(apart: NDArray[np.float64], weighting: Weighting) -> NDArray[np.float64]:
    """Of differences, a column each."""
    total = np.zeros(apart.shape[1])
    # One after the other: a sum over an axis takes another order where there are other rows.
    for row, weight in zip(apart, weights_of(weighting), strict=True):
        total += weight * row * row
    return np.minimum(np.sqrt(total), 1.0)


def _transformed(values: NDArray[np.float64]) -> NDArray[np.float64]:
    out = np.empty_like(values)
    for column, dimension in enumerate(DIMENSIONS):
        value = values[:, column]
        match dimension.transform:
            case Transform.AS_IS:
                out[:, column] = value
            case Transform.LOG2:
                out[:, column] = np.log2(np.maximum(value, LEAST_HZ))
            case Transform.ROOT:
                out[:, column] = np.sqrt(value)
            case Transform.SHARE_DB:
                out[:, column] = 10.0 * np.log10(value + SHARE_FLOOR)
            case Transform.SMALL_SHARE_DB:
                out[:, column] = 10.0 * np.log10(value + SMALL_SHARE_FLOOR)
    return out
