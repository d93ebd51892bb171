"""Every decision about a master, made once from measurements: pure arithmetic, no audio."""

from __future__ import annotations

import math
from dataclasses import replace

from auralis_cli.analysis.polarity import turned_over
from auralis_cli.mastering import dynamics
from auralis_cli.mastering.reference import (
    decide_dynamics_goal,
    decide_reference_tone,
    mixed_tone,
    reference_bounds,
)
from auralis_cli.mastering.reference_balance import balanced, decide_balance
from auralis_cli.mastering.repairs import decide_repairs
from auralis_cli.mastering.sections import decide_sections
from auralis_cli.mastering.tone import Lean, decide_tone
from auralis_cli.model.mastering import (
    BalancePlan,
    CompressorPlan,
    Delivery,
    DynamicsGoal,
    LevellerCurve,
    LimitingBounds,
    MasteringPlan,
    Reason,
    ReferenceFigures,
    SectionPlan,
    SoftClipPlan,
    ToneCurve,
    TransientPlan,
)
from auralis_cli.model.measurements import TrackAnalysis
from auralis_cli.model.sound_profile import Reference, SoundProfile
from auralis_cli.model.sound_wishes import SoundWishes
from auralis_cli.quick_dataclasses import dataclass

# Nearer than this a loudness is met, and no sample need change for it.
_SAME_LU = 0.001
# Above the reference's true peak: what the limiter's detector is wary of.
_PEAK_ALLOWANCE_DB = 0.1
_LOWEST_CEILING = -40.0


def make_plan(analysis: TrackAnalysis, delivery: Delivery, wishes: SoundWishes) -> MasteringPlan:
    """Decides the whole master.

    The intensity, 0…1, scales every colouring stage and the move toward the preset's or the reference's own loudness;
    an explicit loudness is served in full. At 0 without one, the plan changes nothing. Where there is a reference,
    the analysis has a profile.
    """
    preset, intensity = wishes.preset, wishes.intensity
    goal, level_reason = _decide_goal(analysis, delivery, intensity)
    repairs = decide_repairs(analysis, wishes)
    if repairs.polarity is not None:
        # Everything else is decided for the track as it is after this.
        analysis = turned_over(analysis)
    character = dynamics.Character.of(analysis, goal, delivery.ceiling_dbtp)
    bounds = reference_bounds(dynamics.decide_bounds(character, preset), wishes.reference_share)
    measured = analysis.measurements
    leans = wishes.tilt_db != 0.0 or wishes.width_db != 0.0
    if measured.silent or (intensity == 0.0 and not leans and (not delivery.explicit or goal is None)):
        why = "silence stays silence" if measured.silent else "intensity 0: the output is the input"
        return _identity(delivery, wishes, bounds, Reason("plan", why))
    reasons: list[Reason] = [level_reason, *repairs.reasons]
    shape = _Shape()
    if measured.channels <= 2 and not measured.too_short:
        shape, why_shape = _decide_shape(analysis, delivery, wishes, character)
        reasons += why_shape
    elif measured.channels > 2:
        reasons.append(Reason("plan", f"{measured.channels} channels: gain and linked limiter only"))
    elif leans:
        reasons.append(Reason("tone", "left alone: shorter than 0.4 s"))
    ceiling_dbtp = delivery.ceiling_dbtp
    if shape.goal is not None and goal is not None:
        # No higher than the reference lets its peaks stand; what is there already is not touched.
        ceiling_dbtp = min(ceiling_dbtp, max(round(goal + shape.goal.plr_db + _PEAK_ALLOWANCE_DB, 2), _LOWEST_CEILING))
    predicted = goal - measured.integrated_lufs if goal is not None and math.isfinite(measured.integrated_lufs) else 0.0
    return MasteringPlan(
        preset=preset.name,
        intensity=intensity,
        delivery=delivery,
        goal_lufs=goal,
        character=round(character.robustness, 3),
        polarity_repair=repairs.polarity,
        offset_removal=repairs.offset,
        tone=shape.tone,
        leveller=shape.leveller,
        compressor=shape.compressor,
        transient=shape.transient,
        soft_clip=shape.soft_clip,
        limiter=dynamics.decide_limiter(ceiling_dbtp, preset),
        bounds=bounds,
        predicted_gain_db=round(min(predicted, bounds.max_gain_db), 2),
        reasons=tuple(reasons),
        declip=repairs.declip,
        mode=wishes.mode,
        reference=_figures(wishes.reference),
        sections=shape.sections,
        balance=shape.balance,
        goal=shape.goal,
    )


@dataclass(frozen=True, slots=True)
class _Shape:
    """The stages that colour."""

    tone: ToneCurve | None = None
    balance: BalancePlan | None = None
    leveller: LevellerCurve | None = None
    compressor: CompressorPlan | None = None
    transient: TransientPlan | None = None
    soft_clip: SoftClipPlan | None = None
    sections: SectionPlan | None = None
    goal: DynamicsGoal | None = None


def _decide_shape(
    analysis: TrackAnalysis, delivery: Delivery, wishes: SoundWishes, character: dynamics.Character
) -> tuple[_Shape, tuple[Reason, ...]]:
    """What the music asks for and what its reference does, each in full, times their shares and the intensity."""
    of_reference = wishes.intensity * wishes.reference_share
    of_music = wishes.intensity - of_reference
    shape = _Shape()
    reasons: tuple[Reason, ...] = ()
    if wishes.reference_share < 1.0:
        shape, reasons = _as_the_music_asks(analysis, delivery, wishes, of_music, character)
    if wishes.reference is None:
        return shape, reasons
    own, profile = analysis.profile, wishes.reference.profile
    if own is None:
        raise ValueError("a track that is compared with a reference needs a profile of its own")
    tone, balance, why_image = _decide_image(own, profile, shape.tone, of_reference)
    goal = decide_dynamics_goal(own, profile, tone, of_reference)
    if goal is not None and goal.lra_lu is not None and delivery.max_lra_lu is not None:
        goal = replace(goal, lra_lu=min(goal.lra_lu, delivery.max_lra_lu - 1.0))
    return replace(shape, tone=tone, balance=balance, goal=goal), (*reasons, *why_image)


def _decide_image(
    own: SoundProfile, reference: SoundProfile, music: ToneCurve | None, share: float
) -> tuple[ToneCurve | None, BalancePlan | None, tuple[Reason, ...]]:
    """The balance, and the tone behind it; what is not in the middle shows up in side until it is balanced."""

    def tone_behind(heard: SoundProfile) -> tuple[ToneCurve | None, tuple[Reason, ...]]:
        asked, why = decide_reference_tone(heard, reference)
        return mixed_tone(music, asked, share, heard), why

    balance, why_balance = decide_balance(own, reference, share, lambda heard: tone_behind(heard)[0])
    tone, why_tone = tone_behind(balanced(own, balance))
    return tone, balance, (*why_tone, why_balance)


def _as_the_music_asks(
    analysis: TrackAnalysis, delivery: Delivery, wishes: SoundWishes, intensity: float, character: dynamics.Character
) -> tuple[_Shape, tuple[Reason, ...]]:
    preset, lean = wishes.preset, Lean(wishes.tilt_db, wishes.width_db)
    tone, why_tone = decide_tone(analysis, preset, intensity, character.percussiveness, lean)
    leveller, why_leveller = dynamics.decide_leveller(analysis, character, delivery, intensity)
    compressor, why_compressor = dynamics.decide_compressor(analysis, character, preset, intensity)
    transient, why_transient = dynamics.decide_transients(analysis, character, preset, intensity)
    soft_clip, why_clip = dynamics.decide_soft_clip(analysis, character, preset, delivery, intensity)
    sections, why_sections = decide_sections(analysis, preset, intensity, character, is_levelled=leveller is not None)
    shape = _Shape(tone, None, leveller, compressor, transient, soft_clip, sections)
    return shape, (*why_tone, *why_sections, *why_leveller, *why_compressor, *why_transient, *why_clip)


def _figures(reference: Reference | None) -> ReferenceFigures | None:
    if reference is None:
        return None
    profile = reference.profile
    return ReferenceFigures(
        name=reference.name,
        tracks=reference.tracks,
        integrated_lufs=profile.integrated_lufs,
        true_peak_dbtp=profile.true_peak_dbtp,
        plr_db=profile.plr_db,
        crest_db=profile.crest_db,
        lra_lu=profile.lra_lu,
        width_db=profile.width_db,
        balance_db=profile.balance_db,
    )


def _decide_goal(analysis: TrackAnalysis, delivery: Delivery, intensity: float) -> tuple[float | None, Reason]:
    wanted, source = delivery.loudness_lufs, analysis.measurements.integrated_lufs
    if wanted is None:
        return None, Reason("level", f"left alone; peaks held below {delivery.ceiling_dbtp:+.1f} dBTP")
    if not math.isfinite(source):
        why = "shorter than 0.4 s" if analysis.measurements.too_short else "nothing above -70 LUFS"
        return wanted, Reason("level", f"loudness is undefined: {why}")
    goal = wanted if delivery.explicit else source + intensity * (wanted - source)
    if abs(goal - source) < _SAME_LU:
        return None, Reason("level", f"left alone at {source:.1f} LUFS; peaks below {delivery.ceiling_dbtp:+.1f} dBTP")
    return goal, Reason("level", f"from {source:.1f} to {goal:.1f} LUFS, peaks below {delivery.ceiling_dbtp:+.1f} dBTP")


def _identity(delivery: Delivery, wishes: SoundWishes, bounds: LimitingBounds, reason: Reason) -> MasteringPlan:
    return MasteringPlan(
        preset=wishes.preset.name,
        intensity=wishes.intensity,
        delivery=delivery,
        goal_lufs=None,
        character=0.0,
        polarity_repair=None,
        offset_removal=None,
        tone=None,
        leveller=None,
        compressor=None,
        transient=None,
        soft_clip=None,
        limiter=None,
        bounds=bounds,
        predicted_gain_db=0.0,
        reasons=(reason,),
        mode=wishes.mode,
        reference=_figures(wishes.reference),
    )
