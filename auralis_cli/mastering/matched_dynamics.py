"""Draws what brings the dynamics of a track to a goal: slow gain for its loudness range, boosts for its peaks.

All of it is arithmetic on the control track of the signal as it comes out of the other stages, the limiter's part in
it too; nothing is rendered.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from contextlib import ExitStack, closing
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from auralis_cli.dsp.expansion import BoostCurve, PeakExpansionSettings
from auralis_cli.dsp.loudness import gated_loudness, loudness_range_lu, short_term_of_hops
from auralis_cli.mastering.control import ControlTrack
from auralis_cli.mastering.curves import smooth_neighbours
from auralis_cli.mastering.slow_gain import nodes_of
from auralis_cli.mastering.solve import limited_meter, unlimited_meter
from auralis_cli.model.mastering import DynamicsGoal, LevellerCurve, MasteringPlan, PeakExpansionPlan, Reason
from auralis_cli.units import gain_to_db

Hops = NDArray[np.float64]

_HOP_S = 0.1
_SHORT_TERM_HOPS = 30
_SMOOTH_HOPS = 20
# How far the range may be stretched or squeezed, and how far any passage moves.
_RATIOS = (0.45, 1.8)
_MOST_DB = 6.0
# Passages this far below the integrated loudness are pauses, not music to raise.
_FLOOR_LU = 20.0
_BISECTIONS = 14
# A range that is this near is there.
_NEAR_LU = 0.3

_MOST_EXPANSION_DB = 4.0
_EXPANSION_SPAN_DB = 9.0
_NEAR_PEAK_DB = 0.15
_ROUNDS = 2


def match_dynamics(plan: MasteringPlan, track: ControlTrack, before_trial: Callable[[], None]) -> MasteringPlan:
    """The plan with what its goal asks for, by the signal before the limiter; as it is where it has no goal."""
    goal, limiter = plan.goal, plan.limiter
    if goal is None or limiter is None:
        return plan
    hops, hop_frames = unlimited_meter(track).hop_energies()
    if not math.isfinite(gated_loudness(hops, hop_frames)):
        return plan
    with ExitStack() as opened:
        curve, levelled = None, track
        if goal.lra_lu is not None:
            aim_lu = goal.lra_lu
            for _ in range(_ROUNDS):
                before_trial()
                curve = _range_curve(hops, hop_frames, aim_lu)
                # One at a time: each is as large as the track it is made from.
                opened.close()
                levelled = (
                    track if curve is None else opened.enter_context(closing(track.times(nodes_of(curve, track))))
                )
                aim_lu += goal.lra_lu - _limited_range(plan, levelled)
        peaks = None
        if plan.goal_lufs is not None:
            before_trial()
            peaks = _expansion(levelled, goal)
    reasons = (*plan.reasons, *_reasons(goal, curve, peaks, loudness_range_lu(short_term_of_hops(hops, hop_frames))))
    return replace(plan, range=curve, peaks=peaks, reasons=reasons)


# ---- loudness range -------------------------------------------------------------------------------------------------


def _range_curve(hops: Hops, hop_frames: float, aim_lu: float) -> LevellerCurve | None:
    """The slow gain under which these hops have a range of `aim_lu`, or come nearest to it."""
    short_term = short_term_of_hops(hops, hop_frames)
    own_lu = loudness_range_lu(short_term)
    if len(short_term) == 0 or abs(aim_lu - own_lu) < _NEAR_LU:
        return None
    distance = short_term - gated_loudness(hops, hop_frames)
    low, high = _RATIOS
    for _ in range(_BISECTIONS):
        ratio = 0.5 * (low + high)
        gains = _gains(distance, ratio, len(hops))
        moved = hops * 10.0 ** (0.5 * (gains[:-1] + gains[1:]) / 10.0)
        if loudness_range_lu(short_term_of_hops(moved, hop_frames)) < aim_lu:
            low = ratio
        else:
            high = ratio
    gains = _gains(distance, 0.5 * (low + high), len(hops))
    return LevellerCurve(_HOP_S, tuple(np.round(gains, 3).tolist()))


def _gains(distance_lu: Hops, ratio: float, hops: int) -> Hops:
    """(ratio − 1) × distance of the centred short-term loudness from integrated, smoothed: one gain per hop's start."""
    active = distance_lu > -_FLOOR_LU
    wanted = np.clip((ratio - 1.0) * np.where(active, distance_lu, 0.0), -_MOST_DB, _MOST_DB)
    index = np.clip(np.arange(hops + 1) - _SHORT_TERM_HOPS // 2, 0, len(wanted) - 1)
    return smooth_neighbours(wanted[index], _SMOOTH_HOPS // 2)


def _limited_range(plan: MasteringPlan, track: ControlTrack) -> float:
    """The loudness range behind the limiter, at about the gain that will be found."""
    assert plan.limiter is not None
    gain_db = 0.0
    if plan.goal_lufs is not None:
        gain_db = min(plan.goal_lufs - unlimited_meter(track).result().integrated_lufs, plan.bounds.max_gain_db)
    return loudness_range_lu(short_term_of_hops(*limited_meter(track, plan.limiter, gain_db).hop_energies()))


# ---- peaks ----------------------------------------------------------------------------------------------------------


def _expansion(track: ControlTrack, goal: DynamicsGoal) -> PeakExpansionPlan | None:
    """What raises the highest peaks as far above the loudness as they are to be; bounded."""
    peak_dbtp = gain_to_db(track.true_peak)
    missing_db = goal.plr_db - _plr_db(track)
    gain_db = missing_db
    plan = None
    for _ in range(_ROUNDS):
        gain_db = min(gain_db, _MOST_EXPANSION_DB)
        if gain_db < _NEAR_PEAK_DB:
            return None
        plan = PeakExpansionPlan(
            threshold_dbtp=round(peak_dbtp - _EXPANSION_SPAN_DB, 2),
            full_dbtp=round(peak_dbtp, 2),
            gain_db=round(gain_db, 2),
        )
        curve = BoostCurve(
            PeakExpansionSettings(plan.threshold_dbtp, plan.full_dbtp, plan.gain_db), track.sample_rate_hz
        )
        with closing(track.times(track.gain_nodes(curve))) as expanded:
            gain_db += goal.plr_db - _plr_db(expanded)
    return plan


def _plr_db(track: ControlTrack) -> float:
    return gain_to_db(track.true_peak) - unlimited_meter(track).result().integrated_lufs


def _reasons(
    goal: DynamicsGoal, curve: LevellerCurve | None, peaks: PeakExpansionPlan | None, own_lu: float
) -> tuple[Reason, ...]:
    reasons = []
    if curve is not None:
        span = f"{min(curve.gains_db):+.1f}…{max(curve.gains_db):+.1f} dB"
        reasons.append(Reason("range", f"loudness range from {own_lu:.1f} towards {goal.lra_lu:.1f} LU: {span}"))
    if peaks is not None:
        why = f"peaks above {peaks.threshold_dbtp:.1f} dBTP raised by up to {peaks.gain_db:.1f} dB"
        reasons.append(Reason("peaks", f"{why}, towards {goal.plr_db:.1f} dB over the loudness"))
    return tuple(reasons)
