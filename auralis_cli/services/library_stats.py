"""What `auralis stats` tells: the counts of the library, gathered into what bars are drawn of."""

from __future__ import annotations

import math
from collections import Counter

from auralis_cli.db.store import Store
from auralis_cli.model.library_stats import LibraryStats
from auralis_cli.model.query import Query
from auralis_cli.quick_dataclasses import dataclass
from auralis_cli.services.found_tracks import found_ids

# Loudness is drawn in steps of 2 LU; what is beyond is drawn at the ends.
_STEP_LU, _QUIETEST_LUFS, _LOUDEST_LUFS = 2, -32, -4
_FIRST_DECADE = 1900


@dataclass(frozen=True, slots=True)
class Bar:
    """How many of something there are."""

    name: str
    count: int


def library_stats(store: Store, query: Query, *, top: int) -> LibraryStats:
    """The library in numbers, or what the query finds of it, with the `top` artists and genres."""
    chosen = found_ids(store, query) if query.alternatives or query.like else None
    return store.stats.library(top=top, chosen=chosen)


def decade_bars(stats: LibraryStats) -> tuple[Bar, ...]:
    """Tracks by decade, every decade from the first to the last, then those without a year."""
    tracks: Counter[int] = Counter()
    for share in stats.years:
        if share.year is not None:
            tracks[max(_FIRST_DECADE - 10, share.year // 10 * 10)] += share.tracks
    unknown = sum(share.tracks for share in stats.years if share.year is None)
    bars = []
    if tracks:
        for decade in range(min(tracks), max(tracks) + 1, 10):
            early = decade < _FIRST_DECADE
            bars.append(Bar(f"before {_FIRST_DECADE}" if early else f"{decade}s", tracks[decade]))
    return (*bars, Bar("no year", unknown)) if unknown else tuple(bars)


def loudness_bars(stats: LibraryStats) -> tuple[Bar, ...]:
    """Recordings by loudness, every step from the quietest to the loudest."""
    recordings: Counter[int] = Counter()
    for one in stats.loudness:
        step = math.floor(one.integrated_lufs / _STEP_LU) * _STEP_LU
        recordings[min(_LOUDEST_LUFS, max(_QUIETEST_LUFS - _STEP_LU, step))] += one.recordings
    if not recordings:
        return ()
    steps = range(min(recordings), max(recordings) + 1, _STEP_LU)
    return tuple(Bar(_loudness_name(step), recordings[step]) for step in steps)


def _loudness_name(step: int) -> str:
    if step < _QUIETEST_LUFS:
        return f"below {_QUIETEST_LUFS}"
    if step >= _LOUDEST_LUFS:
        return f"{_LOUDEST_LUFS} and above"
    return f"{step} to {step + _STEP_LU}"
