"""Which preset and which intensity suit a track: pure arithmetic over the rules (`model/recommendation_rules.py`).

A preset is worth what its weakest sign says; `adaptive`, which leans to no side, is worth what the best of the others
lacks. Intensity is 1, less what speaks against doing much.
"""

from __future__ import annotations

import math
from collections.abc import Iterable

from auralis_cli.mastering.curves import ramp
from auralis_cli.model.fingerprint import Content
from auralis_cli.model.measurements import TrackAnalysis
from auralis_cli.model.presets import ADAPTIVE
from auralis_cli.model.recommendation import PresetScore, Recommendation, RecommendationReason, Recommended
from auralis_cli.model.recommendation_rules import (
    INTENSITY_STEP,
    LEAST_INTENSITY,
    RESTRAINTS,
    SIGNS,
    SPEECH_LESS,
    SURE_S,
    TellingSign,
)

# What is less than this is not worth a word.
_LEAST_SAID = 0.05


def recommend(analysis: TrackAnalysis) -> Recommendation:
    """The preset with the best score and the intensity, each with its reasons."""
    measured = analysis.measurements
    if measured.silent or measured.too_short:
        why = "nothing is heard" if measured.silent else "shorter than 0.4 s: there is no loudness to judge by"
        return _left_alone(why)
    scores = _scores(analysis)
    best = scores[0]
    intensity, restrained = _intensity(analysis)
    surety = 0.5 + 0.5 * ramp(measured.duration_s, *SURE_S)
    confidence = max(0.0, best.score - scores[1].score / 2.0) * surety
    reasons = (*_why(analysis, scores), *restrained)
    return Recommendation(best.preset, intensity, round(confidence, 2), reasons, scores)


def _left_alone(why: str) -> Recommendation:
    scores = (PresetScore(ADAPTIVE.name, 1.0), *(PresetScore(preset, 0.0) for preset in SIGNS))
    return Recommendation(ADAPTIVE.name, 0.0, 1.0, (RecommendationReason(Recommended.PRESET, None, None, why),), scores)


def _scores(analysis: TrackAnalysis) -> tuple[PresetScore, ...]:
    """Every preset, the best first; in doubt it is `adaptive`."""
    worth = {preset: min(_plainness(sign, analysis) for sign in signs) for preset, signs in SIGNS.items()}
    if _has_no_lean(analysis) is not None:
        worth = dict.fromkeys(worth, 0.0)
    worth = {ADAPTIVE.name: 1.0 - max(worth.values()), **worth}
    # Sorting keeps the order of equals.
    ordered = sorted(worth.items(), key=lambda item: -item[1])
    return tuple(PresetScore(preset, round(score, 3)) for preset, score in ordered)


def _has_no_lean(analysis: TrackAnalysis) -> str | None:
    """Why no preset but `adaptive` comes into question, None where one may."""
    if analysis.content is Content.SPEECH:
        return "it seems to be speech, which a preset's lean does not help"
    if analysis.measurements.channels > 2:
        return f"{analysis.measurements.channels} channels: only level and peaks are set"
    return None


def _why(analysis: TrackAnalysis, scores: tuple[PresetScore, ...]) -> tuple[RecommendationReason, ...]:
    best, second = scores[0], scores[1]
    if best.preset != ADAPTIVE.name:
        return tuple(_told(sign, analysis, Recommended.PRESET) for sign in _by_weight(analysis, SIGNS[best.preset]))
    if (why := _has_no_lean(analysis)) is not None:
        return (RecommendationReason(Recommended.PRESET, None, None, why),)
    plain = "no side of it stands out"
    if second.score < _LEAST_SAID:
        return (RecommendationReason(Recommended.PRESET, None, None, plain),)
    plainest = _told(_by_weight(analysis, SIGNS[second.preset])[0], analysis, Recommended.PRESET)
    nearest = f"{plain}; nearest is {second.preset} ({plainest.text})"
    return (RecommendationReason(Recommended.PRESET, plainest.measured, plainest.value, nearest),)


def _by_weight(analysis: TrackAnalysis, signs: Iterable[TellingSign]) -> list[TellingSign]:
    """The plainest first; what is not measured says nothing."""
    telling = (sign for sign in signs if math.isfinite(_value(analysis, sign.measured)))
    return sorted(telling, key=lambda sign: -_plainness(sign, analysis))


def _intensity(analysis: TrackAnalysis) -> tuple[float, tuple[RecommendationReason, ...]]:
    """How much is to be done, in steps of 0.05, and what speaks against more."""
    intensity, reasons = 1.0, list[RecommendationReason]()
    if analysis.content is Content.SPEECH:
        intensity -= SPEECH_LESS
        reasons.append(RecommendationReason(Recommended.INTENSITY, None, None, "in speech, much is soon too much"))
    for restraint in RESTRAINTS:
        less = restraint.less * min(_plainness(sign, analysis) for sign in restraint.signs)
        intensity -= less
        if less >= _LEAST_SAID:
            reasons += [_told(sign, analysis, Recommended.INTENSITY) for sign in restraint.signs]
    steps = round(max(LEAST_INTENSITY, intensity) / INTENSITY_STEP)
    return round(steps * INTENSITY_STEP, 2), tuple(reasons)


def _plainness(sign: TellingSign, analysis: TrackAnalysis) -> float:
    return ramp(_value(analysis, sign.measured), sign.begins, sign.plain)


def _told(sign: TellingSign, analysis: TrackAnalysis, about: Recommended) -> RecommendationReason:
    value = _value(analysis, sign.measured)
    return RecommendationReason(
        about, sign.measured, value if math.isfinite(value) else None, sign.text.format(value * sign.factor)
    )


def _value(analysis: TrackAnalysis, name: str) -> float:
    """What is called `name`: of the fingerprint, the measurements, or made of them."""
    measured = analysis.measurements
    if name == "cutoff_hz":
        return math.inf if analysis.tone.cutoff_hz is None else analysis.tone.cutoff_hz
    if name == "clipped_per_minute":
        return measured.clipping_runs * 60.0 / max(measured.duration_s, 1.0)
    found = analysis.fingerprint if hasattr(analysis.fingerprint, name) else measured
    return float(getattr(found, name))
