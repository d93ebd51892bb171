"""Every decision about a master, made once from measurements: pure arithmetic, no audio."""

from __future__ import annotations

import math

from auralis_cli.analysis.polarity import turned_over
from auralis_cli.mastering import dynamics
from auralis_cli.mastering.repairs import decide_repairs
from auralis_cli.mastering.tone import decide_tone
from auralis_cli.model.mastering import (
    Delivery,
    LimitingBounds,
    MasteringPlan,
    Reason,
)
from auralis_cli.model.measurements import TrackAnalysis
from auralis_cli.model.presets import Preset
from auralis_cli.model.sound_wishes import SoundWishes



def make_plan(analysis: TrackAnalysis, delivery: Delivery, wishes: SoundWishes) -> MasteringPlan:
    """Decides the whole master.

    The intensity, 0…1, scales every colouring stage and the move toward the preset's own loudness; an
    explicit loudness is served in full. At 0 without one, the plan changes nothing.
    """
    preset, intensity = wishes.preset, wishes.intensity
    goal, level_reason = _decide_goal(analysis, delivery, intensity)
    repairs = decide_repairs(analysis, wishes)
    if repairs.polarity is not None:
        # Everything else is decided for the track as it is after this.
        analysis = turned_over(analysis)
    character = dynamics.Character.of(analysis, goal, delivery.ceiling_dbtp)
    bounds = dynamics.decide_bounds(character, preset)
    measured = analysis.measurements
    if measured.silent or (intensity == 0.0 and (not delivery.explicit or goal is None)):
        why = "silence stays silence" if measured.silent else "intensity 0: the output is the input"
        return _identity(delivery, preset, intensity, bounds, Reason("plan", why))
    tone, leveller, compressor, transient, soft_clip = None, None, None, None, None
    reasons: list[Reason] = [level_reason, *repairs.reasons]
    if measured.channels <= 2 and not measured.too_short:
        tone, why_tone = decide_tone(analysis, preset, intensity, character.percussiveness)
        leveller, why_leveller = dynamics.decide_leveller(analysis, character, delivery, intensity)
        compressor, why_compressor = dynamics.decide_compressor(analysis, character, preset, intensity)
        transient, why_transient = dynamics.decide_transients(analysis, character, preset, intensity)
        soft_clip, why_clip = dynamics.decide_soft_clip(analysis, character, preset, delivery, intensity)
        reasons += [*why_tone, *why_leveller, *why_compressor, *why_transient, *why_clip]
    elif measured.channels > 2:
        reasons.append(Reason("plan", f"{measured.channels} channels: gain and linked limiter only"))
    predicted = goal - measured.integrated_lufs if goal is not None and math.isfinite(measured.integrated_lufs) else 0.0
    return MasteringPlan(
        preset=preset.name,
        intensity=intensity,
        delivery=delivery,
        goal_lufs=goal,
        character=round(character.robustness, 3),
        polarity_repair=repairs.polarity,
        offset_removal=repairs.offset,
        tone=tone,
        leveller=leveller,
        compressor=compressor,
        transient=transient,
        soft_clip=soft_clip,
        limiter=dynamics.decide_limiter(delivery.ceiling_dbtp, preset),
        bounds=bounds,
        predicted_gain_db=round(min(predicted, bounds.max_gain_db), 2),
        reasons=tuple(reasons),
        declip=repairs.declip,
    )


def _decide_goal(analysis: TrackAnalysis, delivery: Delivery, intensity: float) -> tuple[float | None, Reason]:
    wanted, source = delivery.loudness_lufs, analysis.measurements.integrated_lufs
    if wanted is None:
        return None, Reason("level", f"left alone; peaks held below {delivery.ceiling_dbtp:+.1f} dBTP")
    if not math.isfinite(source):
        why = "shorter than 0.4 s" if analysis.measurements.too_short else "nothing above -70 LUFS"
        return wanted, Reason("level", f"loudness is undefined: {why}")
    goal = wanted if delivery.explicit else source + intensity * (wanted - source)
    return goal, Reason("level", f"from {source:.1f} to {goal:.1f} LUFS, peaks below {delivery.ceiling_dbtp:+.1f} dBTP")


def _identity(
    delivery: Delivery, preset: Preset, intensity: float, bounds: LimitingBounds, reason: Reason
) -> MasteringPlan:
    return MasteringPlan(
        preset=preset.name,
        intensity=intensity,
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
    )
