"""What is learnt of choices, and how it goes into a plan: pure arithmetic.

The newest choice of a kind counts most, each before it a twentieth less, and those for tracks that are liked count
more. Nothing goes by today's date: what was learnt stays what it is until something new is chosen.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from auralis_cli.analysis.track_kind import kind_of
from auralis_cli.model.mastering import MasteringPlan, Reason
from auralis_cli.model.measurements import TrackAnalysis
from auralis_cli.model.preferences import (
    FIGURES,
    WEIGHT_RANGE,
    AppliedFigure,
    AppliedTaste,
    Aspect,
    KindTaste,
    LearntFigure,
    LearntPreset,
    Observation,
)
from auralis_cli.model.sound_wishes import MasteringMode, SoundWishes
from auralis_cli.model.track_kinds import TrackKind

# What is chosen less often tells nothing, and what is less certain is not used.
LEAST_CHOICES = 5
LEAST_CONFIDENCE = 0.3
_MOST_CONFIDENCE = 0.9
_HALF_SURE_OF = 5.0
_FADING = 0.95
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


def learn(observations: Iterable[Observation]) -> tuple[KindTaste, ...]:
    """What may be used, by kind, in the order of their table."""
    by_kind: defaultdict[TrackKind, list[Observation]] = defaultdict(list)
    for one in sorted(observations, key=lambda one: -one.observed_at):
        by_kind[one.kind].append(one)
    tastes = (_learn_kind(kind, by_kind[kind]) for kind in TrackKind if kind in by_kind)
    return tuple(taste for taste in tastes if not taste.is_empty)


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
    used = {figure.aspect: float(figure.value) for figure in figures}
    preset = taste.preset(liked.preset.name) if liked.preset is not None else None
    if preset is not None and liked.preset is not None and preset != plain.preset:
        chosen = AppliedFigure(Aspect.PRESET, preset.name, liked.preset.confidence, liked.preset.choices)
        figures.insert(0, chosen)
        plain = replace(plain, preset=preset)
    wishes = replace(
        plain,
        intensity=used.get(Aspect.INTENSITY, plain.intensity),
        tilt_db=used.get(Aspect.TILT, plain.tilt_db),
        width_db=used.get(Aspect.WIDTH, plain.width_db),
    )
    applied = AppliedTaste(kind, tuple(figures)) if figures else None
    return TastefulWishes(wishes, used.get(Aspect.LOUDNESS, 0.0), applied)


def told_of_taste(plan: MasteringPlan, applied: AppliedTaste) -> MasteringPlan:
    """The plan, which says what of a taste is in it."""
    return replace(plan, taste=applied, reasons=(*plan.reasons, Reason("taste", applied.words)))


def _learn_kind(kind: TrackKind, newest_first: Sequence[Observation]) -> KindTaste:
    figures = {aspect.value: _learn_figure(aspect, newest_first) for aspect in FIGURES}
    return KindTaste(kind, preset=_learn_preset(newest_first), **figures)


def _learn_preset(newest_first: Sequence[Observation]) -> LearntPreset | None:
    """A vote."""
    chosen = [(one.choice.preset, one.weight) for one in newest_first if one.choice.preset is not None]
    weights = _weights([weight for _, weight in chosen])
    votes: defaultdict[str, float] = defaultdict(float)
    for (name, _), weight in zip(chosen, weights, strict=True):
        votes[name] += weight
    if not votes:
        return None
    name, most = max(votes.items(), key=lambda item: item[1])
    sure = _confidence(weights, most / sum(weights))
    return None if sure is None else LearntPreset(name, sure, len(chosen))


def _learn_figure(aspect: Aspect, newest_first: Sequence[Observation]) -> LearntFigure | None:
    """A weighted median; the less the choices agree, the less certain it is."""
    low, high = FIGURES[aspect]
    known = [(one.choice.figure(aspect), one.weight) for one in newest_first]
    chosen = [(min(max(value, low), high), weight) for value, weight in known if value is not None]
    weights = _weights([weight for _, weight in chosen])
    if not chosen:
        return None
    values = [value for value, _ in chosen]
    middle = _weighted_median(values, weights)
    apart = sum(w * abs(value - middle) for value, w in zip(values, weights, strict=True)) / sum(weights)
    sure = _confidence(weights, max(0.0, 1.0 - 4.0 * apart / (high - low)))
    return None if sure is None else LearntFigure(round(middle, 2), sure, len(chosen))


def _weights(of_tracks: Sequence[float]) -> list[float]:
    low, high = WEIGHT_RANGE
    return [min(max(weight, low), high) * _FADING**age for age, weight in enumerate(of_tracks)]


def _confidence(weights: Sequence[float], agreement: float) -> float | None:
    """0…0.9; None where it is too little to be used."""
    enough = sum(weights)
    sure = round(min(enough / (enough + _HALF_SURE_OF), _MOST_CONFIDENCE) * agreement, 2)
    return sure if len(weights) >= LEAST_CHOICES and sure >= LEAST_CONFIDENCE else None


def _weighted_median(values: Sequence[float], weights: Sequence[float]) -> float:
    ordered = sorted(zip(values, weights, strict=True))
    half, passed = 0.5 * sum(weights), 0.0
    for value, weight in ordered:
        passed += weight
        if passed >= half:
            return value
    return ordered[-1][0]


def _used(liked: KindTaste, aspect: Aspect) -> AppliedFigure | None:
    """What of a figure is used: by how much it is certain; None where that changes nothing."""
    learnt: LearntFigure | None = getattr(liked, aspect.value)
    if learnt is None:
        return None
    step, neutral = _STEPS[aspect], _NEUTRAL[aspect]
    moved = round(round(learnt.confidence * (learnt.value - neutral) / step) * step, 2)
    return AppliedFigure(aspect, round(neutral + moved, 2), learnt.confidence, learnt.choices) if moved else None
