"""Decisions: what moves, in which direction, how far, and what is left alone."""

from __future__ import annotations

import itertools
from dataclasses import replace

import numpy as np
import pytest
from tracks import track

from auralis_cli.mastering.delivery import choose_delivery
from auralis_cli.mastering.dynamics import Character, decide_bounds
from auralis_cli.mastering.plan import make_plan
from auralis_cli.mastering.tone import decide_tone
from auralis_cli.model.fingerprint import Content
from auralis_cli.model.mastering import Delivery, MasteringPlan
from auralis_cli.model.measurements import TrackAnalysis
from auralis_cli.model.presets import ADAPTIVE, PRESETS, Preset
from auralis_cli.model.sound_wishes import SoundWishes
from auralis_cli.model.targets import TARGETS, Target


def planned(
    analysis: TrackAnalysis,
    preset: Preset = ADAPTIVE,
    intensity: float = 1.0,
    *,
    loudness_lufs: float | None = None,
    target: Target | None = None,
    level_off: bool = False,
) -> MasteringPlan:
    delivery = choose_delivery(
        SoundWishes(preset), loudness_lufs=loudness_lufs, level_off=level_off, target=target, ceiling_dbtp=None
    )
    return make_plan(analysis, delivery, SoundWishes(preset, intensity))


def mid_db(plan: MasteringPlan, low_hz: float, high_hz: float) -> float:
    if plan.tone is None:
        return 0.0
    inside = [db for f, db in zip(plan.tone.frequencies_hz, plan.tone.mid_db, strict=True) if low_hz <= f < high_hz]
    return float(np.mean(inside))


def side_db(plan: MasteringPlan, low_hz: float, high_hz: float) -> float:
    """Of the side against the mid."""
    if plan.tone is None:
        return 0.0
    rows = zip(plan.tone.frequencies_hz, plan.tone.mid_db, plan.tone.side_db, strict=True)
    return float(np.mean([side - mid for f, mid, side in rows if low_hz <= f < high_hz]))


@pytest.mark.parametrize("preset", PRESETS.values(), ids=PRESETS)
def test_intensity_0_without_an_explicit_loudness_changes_nothing(preset: Preset) -> None:
    plan = planned(track(dc_offset=0.1, lra_lu=18.0, tone_db={(500, 4000): -9}), preset, 0.0)
    assert plan.limiter is None
    assert plan.goal_lufs is None
    assert not plan.colours


def test_an_explicit_loudness_is_served_in_full_at_any_intensity() -> None:
    for intensity in (0.0, 0.3, 1.0):
        assert planned(track(), intensity=intensity, loudness_lufs=-11.5).goal_lufs == -11.5
        assert planned(track(), intensity=intensity, target=TARGETS["apple"]).goal_lufs == -16.0
    colourless = planned(track(tone_db={(2000, 8000): -10}), PRESETS["punchy"], 0.0, loudness_lufs=-11.5)
    assert not colourless.colours
    assert colourless.limiter is not None


def test_a_loudness_wins_over_a_target_and_a_target_over_the_preset() -> None:
    both = choose_delivery(
        SoundWishes(PRESETS["gentle"]),
        loudness_lufs=-13.0,
        level_off=False,
        target=TARGETS["broadcast"],
        ceiling_dbtp=None,
    )
    assert (both.loudness_lufs, both.ceiling_dbtp) == (-13.0, TARGETS["broadcast"].ceiling_dbtp)
    preset = choose_delivery(
        SoundWishes(PRESETS["gentle"]), loudness_lufs=None, level_off=False, target=None, ceiling_dbtp=-2.0
    )
    assert preset == Delivery(-16.0, -2.0, explicit=False, target=None)
    off = choose_delivery(
        SoundWishes(PRESETS["punchy"]), loudness_lufs=-9.0, level_off=True, target=None, ceiling_dbtp=None
    )
    assert off.loudness_lufs is None


def test_the_presets_own_loudness_is_approached_with_intensity() -> None:
    goals = [planned(track(), intensity=i).goal_lufs for i in (0.25, 0.5, 0.75, 1.0)]
    assert goals == pytest.approx([-17.0, -16.0, -15.0, -14.0])


@pytest.mark.parametrize("preset", PRESETS.values(), ids=PRESETS)
def test_every_colouring_stage_grows_with_intensity(preset: Preset) -> None:
    quiet = tuple(-30.0 + 20.0 * (i % 600 > 300) for i in range(1970))
    analysis = track(
        tone_db={(2000, 8000): -8, (60, 200): 7}, lra_lu=17.0, onsets=3.5, plr_db=18.0, true_peak_dbtp=0.0,
        bass_side_to_mid_db=-4.0, short_term_lufs=quiet,
    )  # fmt: skip
    plans = [planned(analysis, preset, i, loudness_lufs=-14.0) for i in (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)]
    for low, high in ((40, 120), (200, 500), (2000, 5000), (5000, 12000)):
        # Against the middle: the offset that keeps the loudness belongs to no band.
        moves = [mid_db(plan, low, high) - mid_db(plan, 500, 2000) for plan in plans]
        assert all(abs(b) >= abs(a) - 0.02 for a, b in itertools.pairwise(moves)), (low, moves)
    ratios = [plan.compressor.ratio if plan.compressor else 1.0 for plan in plans]
    spans = [np.ptp(plan.leveller.gains_db) if plan.leveller else 0.0 for plan in plans]
    onsets = [abs(plan.transient.gain_db) if plan.transient else 0.0 for plan in plans]
    sides = [abs(side_db(plan, 30, 120)) for plan in plans]
    for values in (ratios, spans, onsets, sides):
        assert all(b >= a - 0.02 for a, b in itertools.pairwise(values)), values
    assert ratios[-1] > 1.05
    assert spans[-1] > 1.0


@pytest.mark.parametrize(
    ("preset", "band", "sign"),
    [
        (PRESETS["warm"], (40, 120), +1), (PRESETS["warm"], (8000, 14000), -1),
        (PRESETS["bright"], (8000, 14000), +1), (PRESETS["bright"], (40, 120), -1),
        (PRESETS["punchy"], (40, 120), +1), (PRESETS["punchy"], (250, 500), -1),
        (PRESETS["live"], (250, 500), -1), (PRESETS["live"], (2000, 5000), +1),
        (PRESETS["gentle"], (8000, 14000), -1), (PRESETS["gentle"], (2000, 5000), -1),
    ],
)  # fmt: skip
def test_a_preset_leans_the_way_of_its_name(preset: Preset, band: tuple[int, int], sign: int) -> None:
    neutral = planned(track(), loudness_lufs=-16.0)
    leaning = planned(track(), preset, loudness_lufs=-16.0)
    assert sign * (mid_db(leaning, *band) - mid_db(neutral, *band)) > 0.3


def test_any_two_presets_differ_by_1_db_in_some_band_or_in_how_they_treat_peaks() -> None:
    bands = ((40, 120), (200, 500), (500, 2000), (2000, 5000), (8000, 14000))
    plans = {name: planned(track(), preset) for name, preset in PRESETS.items()}
    for a, b in itertools.combinations(PRESETS, 2):
        tone = max(abs(mid_db(plans[a], *band) - mid_db(plans[b], *band)) for band in bands)
        assert tone >= 1.0, (a, b, tone)


def test_a_balanced_track_is_left_alone_and_a_dull_one_brightened() -> None:
    assert planned(track()).tone is None
    dull = planned(track(tone_db={(3000, 12000): -8.0}))
    assert 0.8 < mid_db(dull, 4000, 10000) - mid_db(dull, 300, 1500) < 3.0
    boomy = planned(track(tone_db={(40, 120): +10.0}))
    assert -3.5 < mid_db(boomy, 50, 100) - mid_db(boomy, 300, 1500) < -1.0


def test_nothing_is_boosted_where_the_source_has_no_energy() -> None:
    gone = planned(track(tone_db={(5000, 20000): -30.0}))
    assert mid_db(gone, 7000, 16000) - mid_db(gone, 500, 2000) < 0.3
    codec = planned(track(tone_db={(3000, 20000): -8.0}, cutoff_hz=8000.0), PRESETS["bright"])
    assert max(db for f, db in zip(codec.tone.frequencies_hz, codec.tone.mid_db, strict=True) if f > 7500) < 0.3  # type: ignore[union-attr]
    hiss = planned(track(tone_db={(5000, 20000): -8.5}, spread_db=1.0))
    alive = planned(track(tone_db={(5000, 20000): -8.5}))
    assert mid_db(hiss, 6000, 12000) < mid_db(alive, 6000, 12000) - 0.3


def test_speech_gets_no_bass_and_no_onsets_and_is_not_crushed() -> None:
    voice = track(content=Content.SPEECH, onsets=4.0, tone_db={(30, 120): -9.0}, plr_db=20.0)
    plan = planned(voice, PRESETS["punchy"], loudness_lufs=-16.0)
    assert mid_db(plan, 30, 110) - mid_db(plan, 300, 1500) < 0.5
    assert plan.transient is None
    assert plan.bounds.mean_reduction_db <= 1.2
    assert plan.soft_clip is None


def test_orchestral_music_bears_less_limiting_than_drums() -> None:
    strings = Character.of(track(onsets=0.2, plr_db=18.0), -14.0, -1.0)
    drums = Character.of(track(onsets=4.0, plr_db=12.0), -14.0, -1.0)
    bias = ADAPTIVE
    calm, robust = decide_bounds(strings, bias), decide_bounds(drums, bias)
    assert calm.mean_reduction_db < 1.1 < 2.0 < robust.mean_reduction_db
    assert calm.min_plr_db > 12.5 > 10.0 > robust.min_plr_db


def test_what_a_source_gives_up_to_6_db_is_granted_with_what_the_stages_add() -> None:
    modest = planned(track(plr_db=19.0), loudness_lufs=-14.0).bounds
    greedy = planned(track(plr_db=19.5), loudness_lufs=-14.0).bounds
    assert (modest.free_db, greedy.free_db) == (12.0, 6.0)


def test_a_loud_track_is_turned_down_and_not_compressed() -> None:
    plan = planned(track(integrated_lufs=-8.0, plr_db=8.5, true_peak_dbtp=0.5))
    assert plan.predicted_gain_db == pytest.approx(-6.0)
    assert plan.compressor is None
    assert plan.soft_clip is None
    # Squashed and with room again: its onsets are revived.
    assert plan.transient is not None
    assert plan.transient.gain_db > 0.2


def test_a_wide_bass_is_drawn_in_and_a_narrow_mix_opened() -> None:
    wide_bass = planned(track(bass_side_to_mid_db=-3.0))
    assert side_db(wide_bass, 30, 100) < -4.0
    assert abs(side_db(wide_bass, 1000, 8000)) < 0.3
    narrow = planned(track(side_to_mid_db=-18.0, bass_side_to_mid_db=-30.0, correlation=0.95))
    assert 0.5 < side_db(narrow, 500, 8000) <= 1.6
    vast = planned(track(side_to_mid_db=4.0, correlation=-0.3))
    assert side_db(vast, 500, 8000) < -0.8
    mono = planned(track(side_to_mid_db=-45.0, bass_side_to_mid_db=-45.0, correlation=1.0), PRESETS["live"])
    assert abs(side_db(mono, 500, 8000)) < 0.01


def test_opening_a_mix_costs_its_mono_sum_less_than_a_third_of_a_db() -> None:
    analysis = track(side_to_mid_db=-1.0, correlation=0.05)
    plan = planned(analysis, PRESETS["live"])
    assert plan.tone is not None
    mid = 10 ** ((np.array(analysis.tone.mid_db) + np.array(plan.tone.mid_db)) / 10)
    side = 10 ** ((np.array(analysis.tone.side_db) + np.array(plan.tone.side_db)) / 10)
    before_mid, before_side = 10 ** (np.array(analysis.tone.mid_db) / 10), 10 ** (np.array(analysis.tone.side_db) / 10)
    loss = 10 * np.log10(before_mid.sum() / (before_mid + before_side).sum() / (mid.sum() / (mid + side).sum()))
    assert loss < 0.45


def test_the_leveller_draws_loud_and_quiet_passages_together() -> None:
    passages = tuple(-28.0 if i % 800 < 400 else -15.0 for i in range(1970))
    plan = planned(track(lra_lu=14.0, onsets=3.5, plr_db=16.0, integrated_lufs=-17.0, short_term_lufs=passages))
    assert plan.leveller is not None
    gains = np.array(plan.leveller.gains_db)
    assert gains.max() > 0.8
    assert gains.min() < -0.1
    # 2 dB a second at most: a hand on the fader.
    assert np.abs(np.diff(gains)).max() <= 0.2
    assert len(gains) * plan.leveller.hop_s >= 200.0
    assert planned(track(lra_lu=14.0, onsets=0.2, plr_db=19.0)).leveller is None


def test_a_target_with_a_range_brings_the_range_down() -> None:
    passages = tuple(-26.0 if i % 800 < 400 else -14.0 for i in range(1970))
    wide = track(lra_lu=14.0, onsets=0.2, short_term_lufs=passages, content=Content.SPEECH)
    plan = planned(wide, target=TARGETS["podcast"])
    assert plan.leveller is not None
    assert np.ptp(plan.leveller.gains_db) > 3.0


def test_more_than_two_channels_get_gain_and_limiter_only() -> None:
    surround = track(channels=6, tone_db={(3000, 12000): -9.0}, lra_lu=18.0, onsets=4.0)
    plan = planned(surround, PRESETS["punchy"])
    assert not plan.colours
    assert plan.limiter is not None
    assert plan.goal_lufs == -13.0


def test_a_drifting_offset_is_taken_out_of_any_number_of_channels() -> None:
    assert planned(track(dc_offset=-0.03)).offset_removal is not None
    assert planned(track(dc_offset=0.0005)).offset_removal is None


def test_silence_and_clips_without_loudness_are_not_coloured() -> None:
    nothing = float("-inf")
    silent = track(silent=True, integrated_lufs=nothing, plr_db=nothing, true_peak_dbtp=nothing)
    plan = planned(silent, loudness_lufs=-14.0)
    assert plan.limiter is None
    assert plan.goal_lufs is None
    assert not plan.colours
    blip = track(too_short=True, integrated_lufs=nothing, plr_db=nothing, duration_s=0.2)
    plan = planned(blip, loudness_lufs=-14.0)
    assert not plan.colours
    assert plan.predicted_gain_db == 0.0


def test_every_running_stage_says_why() -> None:
    rich = track(
        tone_db={(2000, 8000): -8}, lra_lu=17.0, onsets=3.5, plr_db=18.0, true_peak_dbtp=0.0, dc_offset=0.1,
        bass_side_to_mid_db=-4.0, short_term_lufs=tuple(-30.0 + 20.0 * (i % 600 > 300) for i in range(1970)),
    )  # fmt: skip
    plan = planned(rich, PRESETS["punchy"])
    named = {reason.stage for reason in plan.reasons}
    running = {
        "offset removal": plan.offset_removal, "tone": plan.tone, "leveller": plan.leveller,
        "compressor": plan.compressor, "transients": plan.transient, "soft clip": plan.soft_clip,
    }  # fmt: skip
    assert all(stage is not None for stage in running.values()), running
    assert set(running) <= named
    assert "level" in named


def test_a_plan_does_not_depend_on_the_level_of_the_source() -> None:
    base = track(tone_db={(2000, 8000): -8}, plr_db=17.0)
    measured = base.measurements
    quieter = replace(
        base,
        measurements=replace(measured, integrated_lufs=measured.integrated_lufs - 6, true_peak_dbtp=-9.0),
        tone=replace(
            base.tone,
            mid_db=tuple(db - 6 for db in base.tone.mid_db),
            side_db=tuple(db - 6 for db in base.tone.side_db),
        ),
        short_term_lufs=tuple(lufs - 6 for lufs in base.short_term_lufs),
    )
    a, b = planned(base, loudness_lufs=-14.0), planned(quieter, loudness_lufs=-14.0)
    assert a.tone == b.tone
    assert a.bounds == b.bounds
    assert a.compressor is not None
    assert b.compressor is not None
    assert a.compressor.threshold_lufs - b.compressor.threshold_lufs == pytest.approx(6.0)


@pytest.mark.parametrize("side_db", [-30.0, 30.0])
def test_no_curve_goes_beyond_what_a_filter_is_designed_for(side_db: float) -> None:
    curve, _ = decide_tone(track(side_to_mid_db=-28.0), Preset("wide", side_db=side_db), 1.0, 0.5)
    assert curve is not None
    assert np.abs([curve.mid_db, curve.side_db]).max() <= 12.0
