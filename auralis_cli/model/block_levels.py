"""How loud the 400 ms blocks of a track are, kept so that the loudness of any album it is on can be had from it.

BS.1770 gates by the level of every block, so an album's loudness cannot be had from that of its tracks. Levels are kept
in hundredths of a LU, each with how often it occurs, as few bytes: thousands of tracks are under way at once, and 4
minutes are some 2 kB. What lies below the absolute gate never counts and is left out. Nothing here needs NumPy.
"""

from __future__ import annotations

import json
import math
import zlib
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Self

from auralis_cli.quick_dataclasses import dataclass

_RELATIVE_GATE_LU = -10.0
_STEPS_PER_LU = 100
# Some days have fewer different levels.
_MOST_BYTES = 4 << 20


@dataclass(frozen=True, slots=True)
class BlockLevels:
    """How many blocks have each level. Equal for the same levels."""

    packed: bytes

    @classmethod
    def of(cls, counts: Mapping[int, int]) -> Self:
        """Of levels in hundredths of a LUFS, and how many blocks have each."""
        levels = sorted(counts)
        steps = [level - before for level, before in zip(levels, [0, *levels], strict=False)]
        return cls(zlib.compress(json.dumps([steps, [counts[level] for level in levels]]).encode("ascii")))

    def counts(self) -> dict[int, int]:
        """The same again; ValueError for bytes that are damaged."""
        try:
            steps, counts = json.loads(zlib.decompressobj().decompress(self.packed, _MOST_BYTES))
            found, level = {}, 0
            for step, count in zip(steps, counts, strict=True):
                level += int(step)
                found[level] = int(count)
            return found
        except (zlib.error, TypeError) as error:
            raise ValueError(f"are no levels of blocks ({error})") from error


def album_lufs(tracks: Iterable[BlockLevels]) -> float:
    """Loudness of several tracks as one programme: one gate over all their blocks; −inf where none counts."""
    blocks: Counter[int] = Counter()
    for track in tracks:
        blocks.update(track.counts())
    powers = {level: 10.0 ** (level / (10.0 * _STEPS_PER_LU)) for level in blocks}
    loudness = _mean_lufs(blocks, powers)
    gate = (loudness + _RELATIVE_GATE_LU) * _STEPS_PER_LU
    return _mean_lufs({level: count for level, count in blocks.items() if level > gate}, powers)


def _mean_lufs(blocks: Mapping[int, int], powers: Mapping[int, float]) -> float:
    """The mean of the powers, which are relative to 0 LUFS, as loudness."""
    total = sum(blocks.values())
    if not total:
        return -math.inf
    return 10.0 * math.log10(math.fsum(count * powers[level] for level, count in blocks.items()) / total)
