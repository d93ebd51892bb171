"""Finds the gain at which the limited track has the loudness asked for, within what it bears.

The limiter itself is run on the control track for every trial, so what is found is what is rendered.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

import numpy as np

from auralis_cli.analysis.measurements import MIN_LOUDNESS_S
from auralis_cli.dsp.limited_loudness import LimitedLoudness, LimitedLoudnessMeter
from auralis_cli.mastering.control import ColumnCursor, ControlTrack
from auralis_cli.model.mastering import LimitedBy, LimiterPlan, MasteringPlan, SolvedPlan
from auralis_cli.quick_dataclasses import dataclass
from auralis_cli.units import gain_to_db

LOUDNESS_TOLERANCE_LU = 0.003
# Half of what counts as a miss to those who measure it.
_MISSED_LU = 0.05
_MAX_EVALUATIONS = 14
_GAIN_TOLERANCE_DB = 0.02
_SLOPES = (0.3, 1.1)
_SLOPE_STEP_DB = 0.25


@dataclass(frozen=True, slots=True)
class _Trial:
    gain_db: float
    result: LimitedLoudness


@dataclass(frozen=True, slots=True)
class _Hold:
    """A bound that a trial broke."""

    by: LimitedBy
    bound: float
    value: float


def evaluate_gain(track: ControlTrack, limiter: LimiterPlan, gain_db: float) -> LimitedLoudness:
    """Loudness and gain reduction of the whole track at this gain."""
    return limited_meter(track, limiter, gain_db).result()


def limited_meter(track: ControlTrack, limiter: LimiterPlan, gain_db: float) -> LimitedLoudnessMeter:
    """The meter that has heard the whole track at this gain."""
    meter = LimitedLoudnessMeter(track.sample_rate_hz, track.block_frames, gain_db, track.frames)
    energies = ColumnCursor(track.energies())
    for nodes in track.limiter_nodes(limiter, gain_db):
        meter.add(nodes, energies.take(len(nodes) - 1))
    return meter


def solve_gain(plan: MasteringPlan, track: ControlTrack, before_trial: Callable[[], None] = lambda: None) -> SolvedPlan:
    """The solved plan for a track whose signal before the limiter is `track`.

    The loudness may be missed only downwards, only where `limited_by` says so, and never while the
    peaks ask for no more than `plan.bounds.free_db` of reduction. A trial takes seconds for an hour of
    audio; `before_trial` is called before each, and may raise to end the search.
    """
    limiter = plan.limiter
    if limiter is None:
        return SolvedPlan(plan, 0.0, LimitedBy.NONE, None, None, -math.inf, 0.0, 0.0, 0)
    if plan.goal_lufs is None:
        return _only_held(plan, limiter, track, LimitedBy.NONE)
    if track.frames < MIN_LOUDNESS_S * track.sample_rate_hz:
        return _only_held(plan, limiter, track, LimitedBy.TOO_SHORT)
    before = _loudness_unlimited(track)
    if not math.isfinite(before):
        return _only_held(plan, limiter, track, LimitedBy.SILENCE)
    return _Search(plan, limiter, plan.goal_lufs, track, before_trial).run(before)


def _loudness_unlimited(track: ControlTrack) -> float:
    return unlimited_meter(track).result().integrated_lufs


def unlimited_meter(track: ControlTrack) -> LimitedLoudnessMeter:
    """The meter that has heard the whole track as it is."""
    meter = LimitedLoudnessMeter(track.sample_rate_hz, track.block_frames, 0.0, track.frames)
    for energies in track.energies():
        meter.add(np.ones(len(energies) + 1), energies)
    return meter


class _Search:
    def __init__(
        self,
        plan: MasteringPlan,
        limiter: LimiterPlan,
        goal_lufs: float,
        track: ControlTrack,
        before_trial: Callable[[], None],
    ) -> None:
        self._plan = plan
        self._before_trial = before_trial
        self._limiter = limiter
        self._goal = goal_lufs
        self._track = track
        self._trials: dict[float, _Trial] = {}

    def run(self, before: float) -> SolvedPlan:
        """The solved plan; `before` is the loudness at a gain of 0 without limiting."""
        start = min(self._goal - before, self._plan.bounds.max_gain_db)
        found = self._solve_loudness(start)
        free = self._limiter.ceiling_dbtp - gain_to_db(self._track.true_peak) + self._plan.bounds.free_db
        hold = self._first_bound_broken(found) if found.gain_db > free else None
        if hold is not None:
            found, hold = self._retreat(min(free, found.gain_db), found, hold)
        elif self._misses(found):
            hold = self._why_missed(found, self._goal - before)
        return _solved(self._plan, found, hold, len(self._trials))

    def _try(self, gain_db: float) -> _Trial:
        if gain_db not in self._trials:
            self._before_trial()
            self._trials[gain_db] = _Trial(gain_db, evaluate_gain(self._track, self._limiter, gain_db))
        return self._trials[gain_db]

    def _misses(self, trial: _Trial) -> bool:
        return trial.result.integrated_lufs < self._goal - _MISSED_LU

    def _why_missed(self, trial: _Trial, asked_db: float) -> _Hold:
        """What keeps the loudness down where no bound does: the most gain there is, or none of it is of use."""
        bounds = self._plan.bounds
        if trial.gain_db >= bounds.max_gain_db - 1e-9:
            return _Hold(LimitedBy.MAX_GAIN, bounds.max_gain_db, asked_db)
        return _Hold(LimitedBy.SATURATION, bounds.min_slope, self._slope(trial))

    def _solve_loudness(self, start_db: float) -> _Trial:
        """Secant steps with a bounded slope; loudness rises with gain, so they cannot run away."""
        trial = self._try(start_db)
        slope = 1.0
        while abs(missing := self._goal - trial.result.integrated_lufs) >= LOUDNESS_TOLERANCE_LU:
            if len(self._trials) >= _MAX_EVALUATIONS or trial.gain_db >= self._plan.bounds.max_gain_db:
                break
            following = min(trial.gain_db + missing / slope, self._plan.bounds.max_gain_db)
            if following == trial.gain_db:
                break
            last, trial = trial, self._try(following)
            won = trial.result.integrated_lufs - last.result.integrated_lufs
            slope = min(max(won / (trial.gain_db - last.gain_db), _SLOPES[0]), _SLOPES[1])
        return trial

    def _first_bound_broken(self, trial: _Trial) -> _Hold | None:
        bounds, result = self._plan.bounds, trial.result
        plr = self._limiter.ceiling_dbtp - result.integrated_lufs
        checks: tuple[tuple[LimitedBy, float, float, bool], ...] = (
            (LimitedBy.GAIN_REDUCTION, bounds.mean_reduction_db, result.mean_reduction_db, False),
            (LimitedBy.PEAK_REDUCTION, bounds.p99_reduction_db, result.p99_reduction_db, False),
            (LimitedBy.PLR, bounds.min_plr_db, plr, True),
        )
        for by, bound, value, at_least in checks:
            if (value < bound) if at_least else (value > bound):
                return _Hold(by, bound, value)
        slope = self._slope(trial)
        return _Hold(LimitedBy.SATURATION, bounds.min_slope, slope) if slope < bounds.min_slope else None

    def _slope(self, trial: _Trial) -> float:
        """Loudness won per dB over the last quarter of a dB."""
        below = evaluate_gain(self._track, self._limiter, trial.gain_db - _SLOPE_STEP_DB)
        return (trial.result.integrated_lufs - below.integrated_lufs) / _SLOPE_STEP_DB

    def _retreat(self, granted_db: float, broken: _Trial, hold: _Hold) -> tuple[_Trial, _Hold]:
        """The largest gain between the one always granted and the broken one that keeps every bound."""
        low, high = granted_db, broken.gain_db
        while high - low > _GAIN_TOLERANCE_DB:
            middle = self._try(0.5 * (low + high))
            if (broken_here := self._first_bound_broken(middle)) is not None:
                high, hold = middle.gain_db, broken_here
            else:
                low = middle.gain_db
        return self._try(low), hold


def _only_held(plan: MasteringPlan, limiter: LimiterPlan, track: ControlTrack, limited_by: LimitedBy) -> SolvedPlan:
    """No gain; the limiter still holds the peaks below the ceiling."""
    return replace(_solved(plan, _Trial(0.0, evaluate_gain(track, limiter, 0.0)), None, 1), limited_by=limited_by)


def _solved(plan: MasteringPlan, trial: _Trial, hold: _Hold | None, evaluations: int) -> SolvedPlan:
    return SolvedPlan(
        plan=plan,
        gain_db=trial.gain_db,
        limited_by=hold.by if hold else LimitedBy.NONE,
        bound=hold.bound if hold else None,
        value=hold.value if hold else None,
        expected_lufs=trial.result.integrated_lufs,
        max_reduction_db=trial.result.max_reduction_db,
        mean_reduction_db=trial.result.mean_reduction_db,
        evaluations=evaluations,
    )
