"""The scale on which fingerprints are compared, value by value: transforms, weights, and what parts two tracks.

Without NumPy, which stored neighbours do without; `analysis/similarity.py` does the same with whole matrices.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from auralis_cli.model.fingerprint import DIMENSIONS, FINGERPRINT_VERSION, Dimension, Transform
from auralis_cli.model.similarity import DimensionShare, Normalisation, Weighting

# Below it there is no logarithm: no tempo, no centroid.
LEAST_HZ = 20.0
# What is added to a share before its logarithm is taken: below it differences hardly count.
SHARE_FLOOR, SMALL_SHARE_FLOOR = 0.01, 0.001
# A spread that is less than this share of the typical one is rounding, not difference.
_NO_SPREAD = 1e-6
_BANDS = frozenset({"sub_bass_pct", "bass_pct", "low_mid_pct", "mid_pct", "upper_mid_pct", "presence_pct", "air_pct"})
_TONE = _BANDS | {"bass_mid_ratio", "spectral_centroid", "spectral_rolloff", "spectral_flatness"}
_RHYTHM = frozenset({"tempo_bpm", "rhythm_stability", "transient_density"})
_LEVEL = frozenset({"lufs", "crest_db", "silence_ratio"})
_DYNAMICS = _LEVEL | {"dynamic_range_variation", "loudness_variation_std", "peak_consistency"}
_TWICE = {Weighting.TONE: _TONE, Weighting.RHYTHM: _RHYTHM, Weighting.DYNAMICS: _DYNAMICS}


def transformed(value: float, transform: Transform) -> float:
    """What of a value is compared."""
    match transform:
        case Transform.AS_IS:
            return value
        case Transform.LOG2:
            return math.log2(max(value, LEAST_HZ))
        case Transform.ROOT:
            return math.sqrt(value)
        case Transform.SHARE_DB:
            return 10.0 * math.log10(value + SHARE_FLOOR)
        case Transform.SMALL_SHARE_DB:
            return 10.0 * math.log10(value + SMALL_SHARE_FLOOR)


def restored(value: float, transform: Transform) -> float:
    """The value of which that was made."""
    match transform:
        case Transform.AS_IS:
            return value
        case Transform.LOG2:
            return math.exp2(value) if value > math.log2(LEAST_HZ) else 0.0
        case Transform.ROOT:
            return value * value
        case Transform.SHARE_DB:
            return max(0.0, math.pow(10.0, value / 10.0) - SHARE_FLOOR)
        case Transform.SMALL_SHARE_DB:
            return max(0.0, math.pow(10.0, value / 10.0) - SMALL_SHARE_FLOOR)


def typical() -> Normalisation:
    """The scale on which much music lies."""
    lowest, highest = (tuple(transformed(one.typical[end], one.transform) for one in DIMENSIONS) for end in (0, 1))
    return Normalisation(lowest, highest, 0, FINGERPRINT_VERSION)


def widths(normalisation: Normalisation) -> tuple[float, ...]:
    """How wide the scale of each dimension is; 0 where all tracks are the same but for rounding."""
    usual = typical()
    return tuple(
        high - low if high - low > _NO_SPREAD * (usual.highest[column] - usual.lowest[column]) else 0.0
        for column, (low, high) in enumerate(zip(normalisation.lowest, normalisation.highest, strict=True))
    )


def weights_of(weighting: Weighting) -> tuple[float, ...]:
    """The share of each dimension in a distance, all together 1."""
    weights = [_weight(dimension, weighting) for dimension in DIMENSIONS]
    total = math.fsum(weights)
    return tuple(weight / total for weight in weights)


def explained(
    a: Sequence[float], b: Sequence[float], normalisation: Normalisation, weighting: Weighting = Weighting.BALANCED
) -> tuple[DimensionShare, ...]:
    """What each dimension adds to the squared distance, the widest first; not those that add nothing."""
    weights = weights_of(weighting)
    ends = zip(_placed(a, normalisation), _placed(b, normalisation), strict=True)
    parts = [weight * (one - other) ** 2 for weight, (one, other) in zip(weights, ends, strict=True)]
    total = math.fsum(parts)
    shares = (
        DimensionShare(dimension.name, part / total, a[column], b[column])
        for column, (dimension, part) in enumerate(zip(DIMENSIONS, parts, strict=True))
        if part > 0.0
    )
    return tuple(sorted(shares, key=lambda share: -share.share))


def _weight(dimension: Dimension, weighting: Weighting) -> float:
    if weighting is Weighting.EQUAL:
        return 1.0
    return dimension.weight * (2.0 if dimension.name in _TWICE.get(weighting, ()) else 1.0)


def _placed(vector: Sequence[float], normalisation: Normalisation) -> Iterator[float]:
    rows = zip(vector, DIMENSIONS, normalisation.lowest, widths(normalisation), strict=True)
    for value, dimension, low, width in rows:
        place = (transformed(value, dimension.transform) - low) / width if width else 0.5
        yield min(max(place, 0.0), 1.0)
