"""How loud the 400 ms blocks of a track are, kept so that the loudness of any album it is on can be had from it.

BS.1770 gates by the level of every block, so an album's loudness cannot be had from that of its tracks. Levels are kept
in hundredths of a LU, each with how often it occurs: 4 minutes are some 3 kB. What lies below the absolute gate never
counts and is left out. Nothing here needs NumPy.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

_RELATIVE_GATE_LU = -10.0
_STEPS_PER_LU = 100


@dataclass(frozen=True, slots=True)
class BlockLevels:
    """Levels of blocks in hundredths of a LUFS, rising, and how many blocks have each."""

    hundredths: tuple[int, ...]
    counts: tuple[int, ...]

    def __post_init__(self) -> None:
        if len(self.hundredths) != len(self.counts):
            raise ValueError(f"{len(self.hundredths)} levels have {len(self.counts)} counts")


def album_lufs(tracks: Iterable[BlockLevels]) -> float:
    """Loudness of several tracks as one programme: one gate over all their blocks; −inf where none counts."""
    blocks: Counter[int] = Counter()
    for track in tracks:
        for level, count in zip(track.hundredths, track.counts, strict=True):
            blocks[level] += count
    powers = {level: 10.0 ** (level / (10.0 * _STEPS_PER_LU)) for level in blocks}
    loudness = _mean_lufs(blocks, powers)
    gate = (loudness + _RELATIVE_GATE_LU) * _STEPS_PER_LU
    return _mean_lufs({level: count for level, count in blocks.items() if level > gate}, powers)


def _mean_lufs(blocks: dict[int, int], powers: dict[int, float]) -> float:
    """The mean of the powers, which are relative to 0 LUFS, as loudness."""
    total = sum(blocks.values())
    if not total:
        return -math.inf
    return 10.0 * math.log10(math.fsum(count * powers[level] for level, count in blocks.items()) / total)
