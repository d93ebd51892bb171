"""How what was learnt of somebody's choices goes into a plan: by as much as it is certain."""

from __future__ import annotations

from dataclasses import replace

from auralis_cli.analysis.track_kind import kind_of
from auralis_cli.model.mastering import MasteringPlan, Reason
from auralis_cli.model.measurements import TrackAnalysis
from auralis_cli.model.preferences import (
    FIGURES,
    AppliedFigure,
    AppliedTaste,
    Aspect,
    KindTaste,
    LearntFigure,
)
from auralis_cli.model.sound_wishes import MasteringMode, SoundWishes
from auralis_cli.quick_dataclasses import dataclass

# In what step a figure is used.
_STEPS = {Aspect.INTENSITY: 0.05, Aspect.TILT: 0.1, Aspect.WIDTH: 0.1, Aspect.LOUDNESS: 0.1}
# What is used of a figure is told from this on.
_NEUTRAL = {Aspect.INTENSITY: 1.0, Aspect.TILT: 0.0, Aspect.WIDTH: 0.0, Aspect.LOUDNESS: 0.0}


@dataclass(frozen=True, slots=True)
class TastefulWishes:
    """Wishes with a taste in them."""

    sound: SoundWishes
    # On top of the loudness that is the preset's own.
    loudness_lu: float = 0.0
    # None where nothing was changed.
    applied: AppliedTaste | None = None


def with_taste(analysis: TrackAnalysis, sound: SoundWishes, *, own_loudness: bool) -> TastefulWishes:
    """The wishes for a track with what is liked of its kind, each by as much as it is certain.

    `own_loudness` tells that nobody asked for a loudness. Towards a reference nothing is a matter of taste.
    """
    taste = sound.taste
    plain = replace(sound, taste=None)
    if taste is None or sound.mode is not MasteringMode.ADAPTIVE or sound.intensity == 0.0:
        return TastefulWishes(plain)
    kind = kind_of(analysis)
    liked = taste.of(kind)
    if kind is None or liked is None:
        return TastefulWishes(plain)
    figures = [figure for aspect in FIGURES if (figure := _used(liked, aspect)) is not None]
    if not own_loudness:
        figures = [figure for figure in figures if figure.aspect is not Aspect.LOUDNESS]
    used = {figure.aspect: figure.value for figure in figures}
    preset = taste.preset(liked.preset.name) if liked.preset is not None else None
    chosen = liked.preset if preset is not None and preset != plain.preset else None
    if preset is not None:
        plain = replace(plain, preset=preset)
    wishes = replace(
        plain,
        intensity=used.get(Aspect.INTENSITY, plain.intensity),
        tilt_db=used.get(Aspect.TILT, plain.tilt_db),
        width_db=used.get(Aspect.WIDTH, plain.width_db),
    )
    applied = AppliedTaste(kind, chosen, tuple(figures)) if chosen or figures else None
    return TastefulWishes(wishes, used.get(Aspect.LOUDNESS, 0.0), applied)


def told_of_taste(plan: MasteringPlan, applied: AppliedTaste) -> MasteringPlan:
    """The plan, which says what of a taste is in it."""
    return replace(plan, taste=applied, reasons=(*plan.reasons, Reason("taste", applied.words)))


def _used(liked: KindTaste, aspect: Aspect) -> AppliedFigure | None:
    """What of a figure is used: by how much it is certain; None where that changes nothing."""
    learnt: LearntFigure | None = getattr(liked, aspect.value)
    if learnt is None:
        return None
    step, neutral = _STEPS[aspect], _NEUTRAL[aspect]
    moved = round(round(learnt.confidence * (learnt.value - neutral) / step) * step, 2)
    return AppliedFigure(aspect, round(neutral + moved, 2), learnt.confidence, learnt.choices) if moved else None
