"""Tilt and width: as much as is wished, whatever the intensity, and nothing else changes."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from tracks import track

from auralis_cli.dsp.k_weighting import k_weighting_gain_db
from auralis_cli.mastering.delivery import choose_delivery
from auralis_cli.mastering.plan import make_plan
from auralis_cli.model.mastering import MasteringPlan, ToneCurve
from auralis_cli.model.measurements import TrackAnalysis
from auralis_cli.model.sound_wishes import SoundWishes


def planned(analysis: TrackAnalysis, wishes: SoundWishes) -> MasteringPlan:
    delivery = choose_delivery(wishes, loudness_lufs=None, level_off=True, target=None, ceiling_dbtp=None)
    return make_plan(analysis, delivery, wishes)


def curve(analysis: TrackAnalysis, wishes: SoundWishes) -> ToneCurve:
    tone = planned(analysis, wishes).tone
    assert tone is not None
    return tone


def mid_at(tone: ToneCurve, hz: float) -> float:
    return float(np.interp(np.log(hz), np.log(tone.frequencies_hz), tone.mid_db))


@pytest.mark.parametrize("intensity", [0.0, 0.5, 1.0])
@pytest.mark.parametrize("tilt_db", [-3.0, 0.1, 2.0])
def test_a_tilt_is_served_in_full_at_any_intensity(tilt_db: float, intensity: float) -> None:
    analysis = track(tone_db={(500, 4000): -9})
    leaning = curve(analysis, SoundWishes(intensity=intensity, tilt_db=tilt_db))
    plain = planned(analysis, SoundWishes(intensity=intensity)).tone
    without = 0.0 if plain is None else mid_at(plain, 10_000.0) - mid_at(plain, 100.0)
    assert mid_at(leaning, 10_000.0) - mid_at(leaning, 100.0) - without == pytest.approx(tilt_db, abs=0.02)


@pytest.mark.parametrize("tilt_db", [-3.0, 3.0])
def test_a_tilt_leaves_the_loudness_as_it_is(tilt_db: float) -> None:
    analysis = track()
    tone = curve(analysis, SoundWishes(intensity=0.0, tilt_db=tilt_db))
    weight = 10.0 ** (k_weighting_gain_db(np.array(tone.frequencies_hz)) / 10.0)
    mid, side = (10.0 ** (np.array(lane) / 10.0) for lane in (analysis.tone.mid_db, analysis.tone.side_db))
    before = float(((mid + side) * weight).sum())
    gains = (10.0 ** (np.array(lane) / 10.0) for lane in (tone.mid_db, tone.side_db))
    after = sum(float((power * gain * weight).sum()) for power, gain in zip((mid, side), gains, strict=True))
    assert 10.0 * np.log10(after / before) == pytest.approx(0.0, abs=0.01)


def test_a_narrower_side_is_narrower_by_as_much_as_was_wished_and_the_bass_stays() -> None:
    tone = curve(track(), SoundWishes(intensity=0.0, width_db=-2.0))
    apart = np.array(tone.side_db) - np.array(tone.mid_db)
    hz = np.array(tone.frequencies_hz)
    assert apart[(hz > 500.0) & (hz < 10_000.0)] == pytest.approx(-2.0, abs=0.01)
    assert apart[hz < 150.0] == pytest.approx(0.0, abs=0.01)


def test_a_wider_side_stops_where_the_mono_sum_would_become_quiet() -> None:
    wide = track(side_to_mid_db=-1.0)
    tone = curve(wide, SoundWishes(intensity=0.0, tilt_db=0.1, width_db=3.0))
    assert max(np.array(tone.side_db) - np.array(tone.mid_db)) < 2.0


def test_a_mono_track_stays_mono_and_says_so() -> None:
    mono = track(channels=1)
    plan = planned(mono, SoundWishes(tilt_db=1.0, width_db=3.0))
    assert plan.tone is not None
    assert plan.tone.mid_db == plan.tone.side_db
    assert any(one.stage == "width" and "mono" in one.text for one in plan.reasons)


@pytest.mark.parametrize("alike", [track(channels=1), track(side_to_mid_db=-45.0)], ids=["one channel", "two alike"])
def test_a_width_that_cannot_be_served_is_answered_also_where_nothing_else_is_done(alike: TrackAnalysis) -> None:
    plan = planned(alike, SoundWishes(intensity=0.0, width_db=3.0))
    assert plan.tone is None
    assert [one.text for one in plan.reasons if one.stage == "width"] == ["left alone: the track is mono"]


def test_no_lean_is_the_plan_there_was_and_a_lean_has_its_reason() -> None:
    analysis = track(tone_db={(500, 4000): -9})
    plain = planned(analysis, SoundWishes())
    assert planned(analysis, SoundWishes(tilt_db=0.0, width_db=-0.0)) == plain
    leaning = planned(analysis, SoundWishes(tilt_db=-1.0))
    assert {one.stage for one in leaning.reasons} - {one.stage for one in plain.reasons} == {"tilt"}
    assert replace(leaning, tone=plain.tone, reasons=plain.reasons) == plain
