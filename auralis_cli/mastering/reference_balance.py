"""Left and right against each other, as a reference has them, and what that does to mid and side."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

import numpy as np

from auralis_cli.mastering.curves import Curve
from auralis_cli.model.mastering import BalancePlan, Reason, ToneCurve
from auralis_cli.model.sound_profile import PROFILE_FREQUENCIES_HZ, SoundProfile
from auralis_cli.units import db_to_gain

_FREQUENCIES_HZ = np.array(PROFILE_FREQUENCIES_HZ)
_MAX_BALANCE_DB = 3.0
_LEAST_BALANCE_DB = 0.1
# Beyond it one channel is as good as silent: that is how it was meant.
HARD_PANNED_DB = 15.0
# Side below mid by more than this is noise: the track is mono.
MONO_DB = -50.0
_NOTHING = 1e-30
# Of the range of moves, until it is narrower than a hundredth of a dB.
_HALVINGS = 9


def decide_balance(
    own: SoundProfile, reference: SoundProfile, share: float, tone_behind: Callable[[SoundProfile], ToneCurve | None]
) -> tuple[BalancePlan | None, Reason]:
    """Left against right so that they stand as the reference's behind the tone, which moves them too.

    `tone_behind` decides the tone of what was balanced: where it raises side, the balance counts for more.
    """
    if own.channels != 2 or reference.channels != 2:
        return None, Reason("balance", "left alone: one of the two has no left and right")
    if own.width_db < MONO_DB:
        return None, Reason("balance", "left alone: the track is mono, and what is on both sides stays alike")
    if max(abs(own.balance_db), abs(reference.balance_db)) > HARD_PANNED_DB:
        return None, Reason("balance", "left alone: one of the two stands on one side")
    goal_db = own.balance_db + share * (reference.balance_db - own.balance_db)

    def missing_db(move_db: float) -> float:
        heard = balanced(own, _plan(move_db))
        return goal_db - heard.balance_db - _change_db(heard, tone_behind(heard))

    asked_db = missing_db(0.0)
    move_db = _move_db(missing_db, math.copysign(_MAX_BALANCE_DB, asked_db))
    if abs(move_db) < _LEAST_BALANCE_DB:
        return None, Reason("balance", f"left alone: within {abs(asked_db):.1f} dB of the reference's")
    louder = "left" if move_db > 0.0 else "right"
    why = f"{louder} raised against the other by {abs(move_db):.1f} dB, before the tone: "
    return _plan(move_db), Reason("balance", why + f"behind it they would be {abs(asked_db):.1f} dB apart")


def _move_db(missing_db: Callable[[float], float], most_db: float) -> float:
    """The move, between none and the most, after which nothing is missing; the most where that does not do."""
    if missing_db(most_db) * most_db > 0.0:
        return most_db
    least_db = 0.0
    for _ in range(_HALVINGS):
        middle_db = 0.5 * (least_db + most_db)
        if missing_db(middle_db) * most_db > 0.0:
            least_db = middle_db
        else:
            most_db = middle_db
    return 0.5 * (least_db + most_db)


def _plan(move_db: float) -> BalancePlan:
    return BalancePlan(round(0.5 * move_db, 3), round(-0.5 * move_db, 3))


def balanced(profile: SoundProfile, balance: BalancePlan | None) -> SoundProfile:
    """The tone and the image of a track whose channels are moved so: what is on one side of mid shows up in side.

    Its levels and dynamics stay as they are told.
    """
    if balance is None:
        return profile
    # left = mid + side, right = mid - side
    left, right = db_to_gain(balance.left_db), db_to_gain(balance.right_db)
    kept, crossed = 0.5 * (left + right), 0.5 * (left - right)
    mid, side = (10.0 ** (np.array(levels) / 20.0) for levels in (profile.mid_db, profile.side_db))
    common = np.array(profile.leaning) * mid * side
    # Rounding may leave less than nothing of what cancels.
    new_mid = np.maximum(kept**2 * mid**2 + crossed**2 * side**2 + 2.0 * kept * crossed * common, 0.0)
    new_side = np.maximum(crossed**2 * mid**2 + kept**2 * side**2 + 2.0 * kept * crossed * common, 0.0)
    new_common = kept * crossed * (mid**2 + side**2) + (kept**2 + crossed**2) * common
    leaning = np.clip(new_common / np.sqrt(np.maximum(new_mid * new_side, _NOTHING)), -1.0, 1.0)
    return replace(
        profile,
        mid_db=_levels_db(new_mid),
        side_db=_levels_db(new_side),
        leaning=tuple(leaning.tolist()),
        width_db=profile.width_db + _width_db(new_mid, new_side) - _width_db(mid**2, side**2),
        balance_db=profile.balance_db + balance.left_db - balance.right_db,
    )


def tone_gains(tone: ToneCurve) -> tuple[Curve, Curve]:
    """The linear gains of mid and side at the points of a profile."""
    at, drawn = np.log(_FREQUENCIES_HZ), np.log(np.array(tone.frequencies_hz))
    mid, side = (10.0 ** (np.interp(at, drawn, lane) / 20.0) for lane in (tone.mid_db, tone.side_db))
    return mid, side


def _change_db(own: SoundProfile, tone: ToneCurve | None) -> float:
    """What the curves do to left against right: where side falls, they come together."""
    if tone is None:
        return 0.0
    mid_gain, side_gain = tone_gains(tone)
    mid, side = (10.0 ** (np.array(levels) / 20.0) * np.sqrt(_FREQUENCIES_HZ) for levels in (own.mid_db, own.side_db))
    common = np.array(own.leaning)

    def left_over_right_db(mid_lane: Curve, side_lane: Curve) -> float:
        both, apart = mid_lane**2 + side_lane**2, 2.0 * common * mid_lane * side_lane
        left, right = float((both + apart).sum()), float((both - apart).sum())
        return 10.0 * math.log10(max(left, _NOTHING) / max(right, _NOTHING))

    return left_over_right_db(mid * mid_gain, side * side_gain) - left_over_right_db(mid, side)


def _levels_db(power: Curve) -> tuple[float, ...]:
    with np.errstate(divide="ignore"):
        return tuple((10.0 * np.log10(power)).tolist())


def _width_db(mid_power: Curve, side_power: Curve) -> float:
    mid, side = (float((power * _FREQUENCIES_HZ).sum()) for power in (mid_power, side_power))
    return 10.0 * math.log10(max(side, _NOTHING) / max(mid, _NOTHING))
