"""Plans that can be played before a track is solved: with a gain that is only predicted, or with its level set."""

from __future__ import annotations

import math

from auralis_cli.analysis.track_kind import kind_of
from auralis_cli.dsp.limiter import DETECTOR_GUARD_DB
from auralis_cli.mastering import dynamics
from auralis_cli.mastering.delivery import choose_delivery
from auralis_cli.mastering.plan import make_plan
from auralis_cli.mastering.taste import told_of_taste, with_taste
from auralis_cli.model.live_mastering import LivePlan, MasteringWish, PlanStage
from auralis_cli.model.mastering import Delivery, LimitedBy, MasteringPlan, Reason, SolvedPlan
from auralis_cli.model.measurements import TrackAnalysis
from auralis_cli.model.playback import TrackLevels
from auralis_cli.model.presets import Preset
from auralis_cli.model.sound_wishes import SoundWishes

_UNKNOWN = dynamics.Character(percussiveness=0.0, density=0.0, robustness=0.0, asked_db=0.0)


def live_delivery(sound: SoundWishes, loudness_lu: float = 0.0) -> Delivery:
    """What live mastering is made for: the preset's or reference's loudness, as `auralis master` without a target."""
    return choose_delivery(
        sound, loudness_lufs=None, level_off=False, target=None, ceiling_dbtp=None, loudness_lu=loudness_lu
    )


def can_plan(analysis: TrackAnalysis, wish: MasteringWish) -> bool:
    """Whether the analysis tells enough: a reference is compared with a profile, which is not kept on disk."""
    return wish.reference is None or analysis.profile is not None


def predicted_plan(analysis: TrackAnalysis, wish: MasteringWish, preset: Preset) -> LivePlan:
    """All that was decided for the track, at the gain that is expected; the limiter holds what that misses."""
    wished = with_taste(analysis, wish.sound(preset), own_loudness=True)
    plan = make_plan(analysis, live_delivery(wished.sound, wished.loudness_lu), wished.sound)
    if wished.applied is not None:
        plan = told_of_taste(plan, wished.applied)
    measured = analysis.measurements
    gain_db = plan.predicted_gain_db
    if plan.limiter is not None and plan.goal_lufs is not None:
        # The bounds that measurements alone tell of, as solving keeps them.
        bounds = plan.bounds
        free_db = plan.limiter.ceiling_dbtp - measured.true_peak_dbtp + bounds.free_db
        dense_db = plan.limiter.ceiling_dbtp - bounds.min_plr_db - measured.integrated_lufs
        if math.isfinite(dense_db) and math.isfinite(free_db):
            gain_db = min(gain_db, max(free_db, dense_db))
    loudness = _known(measured.integrated_lufs)
    return LivePlan(
        wish=wish,
        stage=PlanStage.PREDICTED,
        solved=_unsolved(plan, gain_db),
        input_lufs=loudness,
        input_true_peak_dbtp=_known(measured.true_peak_dbtp),
        output_lufs=None if loudness is None else loudness + gain_db,
        kind=kind_of(analysis),
    )


def level_plan(levels: TrackLevels, wish: MasteringWish, preset: Preset) -> LivePlan:
    """The original times one gain: to the wish's loudness, as far as the ceiling lets it."""
    loudness, peak, delivery = levels.integrated_lufs, levels.true_peak_dbtp, live_delivery(wish.sound(preset))
    wanted, gain_db = delivery.loudness_lufs, 0.0
    if loudness is not None and wanted is not None and wish.intensity > 0.0:
        # A peak that nobody measured may be at full scale; the limiter, which has nothing to do then, is wary.
        room_db = delivery.ceiling_dbtp - DETECTOR_GUARD_DB - (peak or 0.0)
        gain_db = min(wish.intensity * (wanted - loudness), room_db)
    # At intensity 0 nothing is changed, not even what is beyond the ceiling.
    limiter = dynamics.decide_limiter(delivery.ceiling_dbtp, preset) if wish.intensity > 0.0 else None
    plan = MasteringPlan(
        preset=preset.name,
        intensity=wish.intensity,
        delivery=delivery,
        goal_lufs=None if loudness is None else loudness + gain_db,
        character=0.0,
        polarity_repair=None,
        offset_removal=None,
        tone=None,
        leveller=None,
        compressor=None,
        transient=None,
        soft_clip=None,
        limiter=limiter,
        bounds=dynamics.decide_bounds(_UNKNOWN, preset),
        predicted_gain_db=gain_db,
        reasons=(Reason("level", "the track was not analysed yet: only its level is set"),),
    )
    return LivePlan(wish, PlanStage.LEVEL, _unsolved(plan, gain_db), loudness, peak, plan.goal_lufs)


def _unsolved(plan: MasteringPlan, gain_db: float) -> SolvedPlan:
    expected = -math.inf if plan.goal_lufs is None else plan.goal_lufs
    return SolvedPlan(plan, gain_db, LimitedBy.NONE, None, None, expected, 0.0, 0.0, 0)


def _known(level: float) -> float | None:
    return level if math.isfinite(level) else None
