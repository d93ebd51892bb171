"""How an album's plan keeps its tracks as they are to each other.

Whatever would draw them together is left out. What is left still moves some more than others (tone, a limiter that
works harder on what is loud): that is undone by one slow gain over the whole album, level within each track.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from auralis_cli.dsp.limited_loudness import LimitedLoudnessMeter
from auralis_cli.mastering.control import ColumnCursor, ControlTrack
from auralis_cli.mastering.slow_gain import nodes_of
from auralis_cli.mastering.solve import solve_gain
from auralis_cli.model.mastering import LevellerCurve, LimiterPlan, MasteringPlan, Reason
from auralis_cli.quick_dataclasses import dataclass

Values = NDArray[np.float64]
_LEFT_OUT = ("sections", "leveller", "compressor")
# A track this near to where it belongs is there.
_NEAR_LU = 0.1
# More than tone and limiter draw tracks apart.
_MOST_DB = 6.0
_ROUNDS = 8
# Rounds that bring nothing before it is as good as it gets.
_ROUNDS_IN_VAIN = 2
# What a track gains per dB: less where it is limited, or so short that its neighbours' gains reach into it.
_SLOPES = (0.4, 1.2)
_HOP_S = 0.5
# How long a gain takes from one track's to the next one's: shorter between short tracks, which it would fill, and
# longer where it would move faster than this.
_CROSSING_S = 4.0
_CROSSING_SHARE = 0.5
_MOST_DB_PER_S = 1.0
_WIDER = 1.25


@dataclass(frozen=True, slots=True)
class AlbumLevels:
    """How long the tracks are, and how loud they were to each other."""

    frames: tuple[int, ...]
    integrated_lufs: tuple[float, ...]
    # Of all as one programme.
    album_lufs: float


def keeping_relations(plan: MasteringPlan) -> MasteringPlan:
    """The plan for all tracks as one stream, without the stages that make what is loud quieter than the rest."""
    dropped = [name for name in _LEFT_OUT if getattr(plan, name) is not None]
    reasons = tuple(reason for reason in plan.reasons if reason.stage not in dropped)
    if plan.goal is not None:
        dropped.append("dynamics of the reference")
    if dropped:
        why = f"no {' and no '.join(dropped)}: tracks keep their levels to each other"
        reasons = (*reasons, Reason("album", why))
    return replace(plan, sections=None, leveller=None, compressor=None, goal=None, reasons=reasons)


def draw_levels(
    plan: MasteringPlan, track: ControlTrack, before_trial: Callable[[], None], levels: AlbumLevels
) -> MasteringPlan:
    """The plan with the slow gain that puts every track where it was to the others, by the signal before the limiter.

    It stays as it is where they are there already.
    """
    if plan.limiter is None or not math.isfinite(levels.album_lufs):
        return plan
    gains, slopes = np.zeros(len(levels.frames)), np.ones(len(levels.frames))
    astray = nearest = _astray_lu(plan, track, before_trial, levels)
    curve: LevellerCurve | None = None
    in_vain = 0
    for _ in range(_ROUNDS):
        if np.abs(nearest).max() <= _NEAR_LU or in_vain == _ROUNDS_IN_VAIN:
            break
        following = np.clip(gains - astray / slopes, -_MOST_DB, _MOST_DB)
        tried = _curve(following, levels.frames, track.sample_rate_hz)
        with closing(track.times(nodes_of(tried, track))) as moved:
            found = _astray_lu(plan, moved, before_trial, levels)
        slopes = _slopes(following - gains, found - astray, slopes)
        gains, astray = following, found
        in_vain += 1
        if np.abs(found).max() < np.abs(nearest).max():
            curve, nearest, in_vain = tried, found, 0
    if curve is None:
        return plan
    low, high = min(curve.gains_db), max(curve.gains_db)
    why = f"tracks {low:+.1f}…{high:+.1f} dB, so that they are as loud to each other as they were"
    return replace(plan, levels=curve, reasons=(*plan.reasons, Reason("levels", why)))


def _astray_lu(
    plan: MasteringPlan, track: ControlTrack, before_trial: Callable[[], None], levels: AlbumLevels
) -> Values:
    """How much louder than the album each track has become, behind the limiter; 0 for one that is silent."""
    assert plan.limiter is not None
    solved = solve_gain(plan, track, before_trial)
    whole = solved.expected_lufs - levels.album_lufs
    meters = _limited_meters(track, plan.limiter, solved.gain_db, levels.frames)
    astray = []
    for meter, before in zip(meters, levels.integrated_lufs, strict=True):
        after = meter.result().integrated_lufs
        both = math.isfinite(after) and math.isfinite(before)
        astray.append(after - before - whole if both else 0.0)
    return np.array(astray)


def _limited_meters(
    track: ControlTrack, limiter: LimiterPlan, gain_db: float, frames: Sequence[int]
) -> list[LimitedLoudnessMeter]:
    """A meter for each of the tracks that are one stream; each begins where its track does.

    Where a loud track is heard to fade into a quiet one, a tenth of a second of it is half of what the latter has.
    """
    size = track.block_frames
    meters = [LimitedLoudnessMeter(track.sample_rate_hz, size, gain_db, length) for length in frames]
    ends = [round(end / size) for end in np.cumsum(frames).tolist()]
    ends[-1] = track.blocks
    energies = ColumnCursor(track.energies())
    done = number = 0
    for nodes in track.limiter_nodes(limiter, gain_db):
        taken = 0
        while taken < len(nodes) - 1:
            while ends[number] <= done:
                number += 1
            count = min(ends[number] - done, len(nodes) - 1 - taken)
            meters[number].add(nodes[taken : taken + count + 1], energies.take(count))
            taken += count
            done += count
    return meters


def _slopes(moved_db: Values, won_lu: Values, before: Values) -> Values:
    """What each track won per dB, where it was moved by enough to tell."""
    told = np.abs(moved_db) > _NEAR_LU
    return np.where(told, np.clip(won_lu / np.where(told, moved_db, 1.0), *_SLOPES), before)


def _curve(gains_db: Values, frames: Sequence[int], sample_rate_hz: int) -> LevellerCurve:
    """Each track's gain over its length, with smooth crossings about the borders."""
    lengths_s = np.array(frames) / sample_rate_hz
    ends_s = np.cumsum(lengths_s)
    places_s = np.arange(math.ceil(ends_s[-1] / _HOP_S) + 1) * _HOP_S
    steps_db = np.diff(gains_db)
    crossings_s = np.minimum(_CROSSING_S, _CROSSING_SHARE * np.minimum(lengths_s[:-1], lengths_s[1:]))
    # In its middle a crossing moves at twice its mean.
    crossings_s = np.maximum(crossings_s, np.maximum(2.0 * np.abs(steps_db) / _MOST_DB_PER_S, 2.0 * _HOP_S))
    while True:
        shares = np.clip((places_s[:, None] - ends_s[None, :-1]) / crossings_s + 0.5, 0.0, 1.0)
        risen = shares - np.sin(2.0 * np.pi * shares) / (2.0 * np.pi)
        curve = np.round(gains_db[0] + risen @ steps_db, 3)
        if np.abs(np.diff(curve)).max(initial=0.0) <= _MOST_DB_PER_S * _HOP_S:
            return LevellerCurve(_HOP_S, tuple(curve.tolist()))
        # Where crossings of short tracks overlap, one comes on top of the other.
        crossings_s *= _WIDER
