"""What is learnt of choices: pure arithmetic.

The newest choice of a kind counts most, each before it a twentieth less, and those for tracks that are liked count
more. Nothing goes by today's date: what was learnt stays what it is until something new is chosen.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

from auralis_cli.model.preferences import (
    FIGURES,
    WEIGHT_RANGE,
    Aspect,
    KindTaste,
    LearntFigure,
    LearntPreset,
    Observation,
)
from auralis_cli.model.track_kinds import TrackKind

# What is chosen less often tells nothing, and what is less certain is not used.
LEAST_CHOICES = 5
LEAST_CONFIDENCE = 0.3
_MOST_CONFIDENCE = 0.9
_HALF_SURE_OF = 5.0
_FADING = 0.95


def learn(observations: Iterable[Observation]) -> tuple[KindTaste, ...]:
    """What may be used, by kind, in the order of their table."""
    by_kind: defaultdict[TrackKind, list[Observation]] = defaultdict(list)
    for one in sorted(observations, key=lambda one: -one.observed_at):
        by_kind[one.kind].append(one)
    tastes = (_learn_kind(kind, by_kind[kind]) for kind in TrackKind if kind in by_kind)
    return tuple(taste for taste in tastes if not taste.is_empty)


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
