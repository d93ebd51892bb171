"""How an album's plan keeps its tracks as they are to each other.

Whatever would draw them together is left out. What is left still moves some more than others (tone, a limiter that
works harder on what is loud): that is undone by one slow gain over the whole album, level within each track.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from auralis_cli.dsp.loudness import gated_loudness
from auralis_cli.mastering.control import ControlTrack
from auralis_cli.mastering.curves import smooth_neighbours
from auralis_cli.mastering.slow_gain import nodes_of
from auralis_cli.mastering.solve import limited_meter, solve_gain
from auralis_cli.model.mastering import LevellerCurve, MasteringPlan, Reason

_LEFT_OUT = ("sections", "leveller", "compressor")
# A track this near to where it belongs is there.
_NEAR_LU = 0.1
_MOST_DB = 2.0
_ROUNDS = 3
_HOP_S = 0.5
# How long a gain takes from one track's to the next one's; longer where it would move faster than this.
_CROSSING_S = 4.0
_MOST_DB_PER_S = 1.0


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
    gains = np.zeros(len(levels.frames))
    curve: LevellerCurve | None = None
    for _ in range(_ROUNDS):
        moved = track if curve is None else track.times(nodes_of(curve, track))
        try:
            astray = _astray_lu(plan, moved, before_trial, levels)
        finally:
            if moved is not track:
                moved.close()
        if np.abs(astray).max() <= _NEAR_LU:
            break
        gains = np.clip(gains - astray, -_MOST_DB, _MOST_DB)
        curve = _curve(gains, levels.frames, track.sample_rate_hz)
    if curve is None:
        return plan
    why = f"tracks {gains.min():+.1f}…{gains.max():+.1f} dB, so that they are as loud to each other as they were"
    return replace(plan, levels=curve, reasons=(*plan.reasons, Reason("levels", why)))


def _astray_lu(
    plan: MasteringPlan, track: ControlTrack, before_trial: Callable[[], None], levels: AlbumLevels
) -> NDArray[np.float64]:
    """How much louder than the album each track has become, behind the limiter; 0 for one that is silent."""
    assert plan.limiter is not None
    solved = solve_gain(plan, track, before_trial)
    hops, hop_frames = limited_meter(track, plan.limiter, solved.gain_db).hop_energies()
    whole = gated_loudness(hops, hop_frames) - levels.album_lufs
    ends = np.cumsum(levels.frames)
    astray = []
    for end, frames, before in zip(ends.tolist(), levels.frames, levels.integrated_lufs, strict=True):
        own = hops[math.ceil((end - frames) / hop_frames) : int(end / hop_frames)]
        after = gated_loudness(own, hop_frames) if len(own) else -math.inf
        both = math.isfinite(after) and math.isfinite(before)
        astray.append(after - before - whole if both else 0.0)
    return np.array(astray)


def _curve(gains_db: NDArray[np.float64], frames: Sequence[int], sample_rate_hz: int) -> LevellerCurve:
    """Each track's gain over its length, with smooth crossings about the borders."""
    ends_s = np.cumsum(frames) / sample_rate_hz
    places_s = np.arange(math.ceil(ends_s[-1] / _HOP_S) + 1) * _HOP_S
    steps = gains_db[np.minimum(np.searchsorted(ends_s, places_s, side="right"), len(gains_db) - 1)]
    highest = float(np.abs(np.diff(gains_db)).max(initial=0.0))
    half = math.ceil(max(_CROSSING_S, 2.0 * highest / _MOST_DB_PER_S) / _HOP_S / 2.0)
    return LevellerCurve(_HOP_S, tuple(np.round(smooth_neighbours(steps, half), 3).tolist()))
