"""Which preset and intensity are recommended: every rule of the table, and what holds whatever is measured."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import pytest
import tracks
from hypothesis import given
from hypothesis import strategies as st

from auralis_cli.mastering.recommend import recommend
from auralis_cli.model.fingerprint import Content
from auralis_cli.model.measurements import TrackAnalysis
from auralis_cli.model.presets import PRESETS
from auralis_cli.model.recommendation import Recommended
from auralis_cli.model.recommendation_rules import (
    INTENSITY_STEP,
    LEAST_INTENSITY,
    RESTRAINTS,
    SIGNS,
    Restraint,
    TellingSign,
)

# Where no sign of any preset begins, and nothing restrains.
NEUTRAL = {
    "transient_density": 1.5,
    "rhythm_stability": 0.1,
    "harmonic_ratio": 0.55,
    "spectral_centroid": 1_150.0,
    "bass_mid_ratio": 3.0,
    "presence_pct": 0.03,
    "low_mid_pct": 0.15,
    "stereo_width": 0.35,
    "plr_db": 13.0,
    "lra_lu": 5.0,
    "integrated_lufs": -18.0,
    "cutoff_hz": math.inf,
    "clipped_per_minute": 0.0,
}


def track(content: Content = Content.MUSIC, **values: Any) -> TrackAnalysis:
    """Neutral but for `values`."""
    given_ = {**NEUTRAL, **values}
    cutoff_hz, clipped = given_.pop("cutoff_hz"), given_.pop("clipped_per_minute")
    made = tracks.track(content=content, cutoff_hz=cutoff_hz if math.isfinite(cutoff_hz) else None)
    heard = {name: value for name, value in given_.items() if hasattr(made.fingerprint, name)}
    measured = {name: value for name, value in given_.items() if name not in heard}
    runs = round(clipped * made.measurements.duration_s / 60.0)
    return replace(
        made,
        fingerprint=replace(made.fingerprint, **heard),
        measurements=replace(made.measurements, clipping_runs=runs, **measured),
    )


def plain(signs: tuple[TellingSign, ...]) -> dict[str, Any]:
    return {sign.measured: sign.plain for sign in signs}


def test_what_leans_to_no_side_is_left_to_adaptive_in_full() -> None:
    found = recommend(track())
    assert (found.preset, found.intensity, found.confidence) == ("adaptive", 1.0, 1.0)
    assert [reason.text for reason in found.reasons] == ["no side of it stands out"]
    assert {one.preset for one in found.scores} == set(PRESETS)


@pytest.mark.parametrize("preset", SIGNS)
def test_a_preset_is_recommended_where_all_its_signs_are_plain(preset: str) -> None:
    found = recommend(track(**plain(SIGNS[preset])))
    assert found.preset == preset
    assert found.scores[0].score == 1.0
    said = {reason.measured: reason.value for reason in found.reasons if reason.about is Recommended.PRESET}
    assert said == plain(SIGNS[preset])
    assert found.confidence > 0.6


@pytest.mark.parametrize(("preset", "sign"), [(preset, sign) for preset, signs in SIGNS.items() for sign in signs])
def test_each_sign_alone_can_speak_against_its_preset(preset: str, sign: TellingSign) -> None:
    whole = plain(SIGNS[preset])
    for share, score in ((0.0, 0.0), (0.25, 0.25), (0.75, 0.75)):
        weaker: dict[str, Any] = {**whole, sign.measured: sign.begins + share * (sign.plain - sign.begins)}
        scores = {one.preset: one.score for one in recommend(track(**weaker)).scores}
        assert scores[preset] == pytest.approx(score, abs=1e-3)
    beyond = {**whole, sign.measured: sign.begins - (sign.plain - sign.begins)}
    assert recommend(track(**beyond)).preset != preset


@pytest.mark.parametrize("restraint", RESTRAINTS)
def test_what_speaks_against_doing_much_lessens_the_intensity_and_says_so(restraint: Restraint) -> None:
    found = recommend(track(**plain(restraint.signs)))
    assert found.intensity == pytest.approx(1.0 - restraint.less)
    held = [reason.measured for reason in found.reasons if reason.about is Recommended.INTENSITY]
    assert held == [sign.measured for sign in restraint.signs]
    for sign in restraint.signs:
        assert recommend(track(**{**plain(restraint.signs), sign.measured: sign.begins})).intensity == 1.0


def test_what_has_everything_against_it_is_still_mastered_a_little() -> None:
    worst: dict[str, Any] = {sign.measured: sign.plain for restraint in RESTRAINTS[::-1] for sign in restraint.signs}
    assert recommend(track(**worst)).intensity == LEAST_INTENSITY


def test_treble_that_is_not_there_is_not_to_be_raised() -> None:
    dull = plain(SIGNS["bright"])
    assert recommend(track(**{**dull, "cutoff_hz": math.inf})).preset == "bright"
    assert recommend(track(**{**dull, "cutoff_hz": 9_000.0})).preset == "adaptive"


def test_a_squashed_track_gets_no_punch() -> None:
    assert recommend(track(**{**plain(SIGNS["punchy"]), "plr_db": 8.0})).preset == "adaptive"


@pytest.mark.parametrize("preset", SIGNS)
def test_speech_and_many_channels_lean_to_no_side(preset: str) -> None:
    speech = recommend(track(Content.SPEECH, **plain(SIGNS[preset])))
    assert speech.preset == "adaptive"
    assert speech.intensity <= 0.8
    assert "speech" in speech.reasons[0].text
    surround = recommend(track(channels=6, **plain(SIGNS[preset])))
    assert surround.preset == "adaptive"
    assert surround.reasons[0].text.startswith("6 channels")


@pytest.mark.parametrize("what", [{"silent": True}, {"too_short": True}])
def test_of_what_cannot_be_judged_nothing_is_asked(what: dict[str, Any]) -> None:
    undefined: dict[str, Any] = dict.fromkeys(("integrated_lufs", "plr_db"), -math.inf)
    found = recommend(track(**what, **undefined))
    assert (found.preset, found.intensity) == ("adaptive", 0.0)
    assert len(found.reasons) == 1


def test_of_two_that_suit_and_of_a_short_track_one_is_less_sure() -> None:
    sure = recommend(track(**plain(SIGNS["gentle"])))
    torn = recommend(track(**plain(SIGNS["bright"]), **plain(SIGNS["gentle"])))
    brief = recommend(track(**plain(SIGNS["gentle"]), duration_s=5.0))
    assert torn.confidence < sure.confidence
    assert brief.confidence == pytest.approx(sure.confidence / 2, abs=0.01)


def test_the_nearest_preset_is_named_where_none_is_near_enough() -> None:
    sign = SIGNS["warm"][0]
    half: dict[str, Any] = {one.measured: one.begins + 0.4 * (one.plain - one.begins) for one in SIGNS["warm"]}
    found = recommend(track(**half))
    assert found.preset == "adaptive"
    assert "nearest is warm" in found.reasons[0].text
    assert sign.measured == "spectral_centroid"


def any_value(name: str) -> st.SearchStrategy[float]:
    bounds = [
        edge
        for signs in (*SIGNS.values(), *(one.signs for one in RESTRAINTS))
        for sign in signs
        if sign.measured == name
        for edge in (sign.begins, sign.plain)
    ]
    low, high = min(bounds), max(bounds)
    wide = st.floats(low - abs(high - low), high + abs(high - low))
    return wide.map(lambda value: max(value, 0.0)) if low >= 0.0 else wide


@given(st.fixed_dictionaries({name: any_value(name) for name in NEUTRAL}), st.floats(0.4, 4_000.0))
def test_whatever_is_measured_gives_one_of_the_presets_within_bounds(values: dict[str, Any], duration_s: float) -> None:
    found = recommend(track(duration_s=duration_s, **values))
    assert found.preset in PRESETS
    assert LEAST_INTENSITY <= found.intensity <= 1.0
    assert round(found.intensity / INTENSITY_STEP, 6) % 1 == 0
    assert 0.0 <= found.confidence <= 1.0
    assert [one.score for one in found.scores] == sorted((one.score for one in found.scores), reverse=True)
    assert found.preset == found.scores[0].preset
    assert found.reasons
    for reason in found.reasons:
        assert "inf" not in reason.text
        assert "nan" not in reason.text
        assert reason.value is None or math.isfinite(reason.value)
    assert recommend(track(duration_s=duration_s, **values)) == found
