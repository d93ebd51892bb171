"""What a reference asks for: differences, bounded, scaled, and only where there is something to move."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from sound_profiles import analysed, planned, sound_profile

from auralis_cli.mastering.delivery import choose_delivery
from auralis_cli.mastering.plan import make_plan
from auralis_cli.mastering.reference import decide_reference_tone
from auralis_cli.model.mastering import MasteringPlan
from auralis_cli.model.presets import PRESETS
from auralis_cli.model.sound_profile import PROFILE_FREQUENCIES_HZ, Reference, SoundProfile, median_profile
from auralis_cli.model.sound_wishes import MasteringMode, SoundWishes

F_HZ = np.array(PROFILE_FREQUENCIES_HZ)


def tilted(profile: SoundProfile, db_per_octave: float, **figures: object) -> SoundProfile:
    """The profile with more treble, and less bass, round 1 kHz."""
    tilt = db_per_octave * np.log2(F_HZ / 1000.0)
    return replace(
        profile,
        mid_db=tuple((np.array(profile.mid_db) + tilt).tolist()),
        side_db=tuple((np.array(profile.side_db) + tilt).tolist()),
        **figures,  # type: ignore[arg-type]
    )


def lane_db(plan: MasteringPlan, low_hz: float, high_hz: float, lane: str = "mid") -> float:
    assert plan.tone is not None
    values = plan.tone.mid_db if lane == "mid" else plan.tone.side_db
    inside = [db for f, db in zip(plan.tone.frequencies_hz, values, strict=True) if low_hz <= f < high_hz]
    return float(np.mean(inside))


def tilt_db(plan: MasteringPlan, lane: str = "mid") -> float:
    """Treble against low mids, whatever the level."""
    return lane_db(plan, 4000.0, 8000.0, lane) - lane_db(plan, 250.0, 500.0, lane)


def test_a_track_that_is_its_own_reference_is_left_as_it_is() -> None:
    own = tilted(sound_profile(balance_db=1.0, true_peak_dbtp=-1.5), 1.0)
    plan = planned(own, own)
    assert not plan.colours
    assert plan.goal_lufs is None
    assert plan.goal is not None
    assert (plan.goal.lra_lu, plan.goal.plr_db) == (own.lra_lu, own.plr_db)
    assert plan.limiter is not None
    assert plan.limiter.ceiling_dbtp == -1.0


def test_tone_level_and_dynamics_go_to_the_reference_and_no_peak_above_it_or_the_ceiling() -> None:
    own = sound_profile(integrated_lufs=-18.0, true_peak_dbtp=-4.0, plr_db=14.0)
    reference = tilted(sound_profile(integrated_lufs=-12.0, true_peak_dbtp=-2.0, plr_db=10.0, crest_db=11.0), 1.5)
    plan = planned(own, reference)
    assert plan.goal_lufs == pytest.approx(-12.0)
    assert tilt_db(plan) == pytest.approx(6.0, abs=0.4)
    assert plan.limiter is not None
    assert -2.7 <= plan.limiter.ceiling_dbtp <= -1.4
    assert planned(own, replace(reference, true_peak_dbtp=3.0, plr_db=15.0, crest_db=16.0)).limiter.ceiling_dbtp == -1.0  # type: ignore[union-attr]
    assert (plan.mode, plan.reference and plan.reference.integrated_lufs) == (MasteringMode.REFERENCE, -12.0)


@pytest.mark.invariant("S2-NEW-3")
def test_the_intensity_scales_every_move() -> None:
    own = sound_profile(integrated_lufs=-18.0, balance_db=-2.0)
    reference = tilted(sound_profile(integrated_lufs=-12.0, lra_lu=12.0, plr_db=9.0), 1.0)
    plans = [planned(own, reference, intensity) for intensity in (0.25, 0.5, 1.0)]
    for figures in (
        [tilt_db(plan) for plan in plans],
        [plan.goal_lufs + 18.0 for plan in plans if plan.goal_lufs is not None],
        [plan.balance.left_db for plan in plans if plan.balance is not None],
        [plan.goal.lra_lu - 7.0 for plan in plans if plan.goal is not None and plan.goal.lra_lu is not None],
    ):
        assert figures[1] == pytest.approx(2.0 * figures[0], rel=0.1)
        assert figures[2] == pytest.approx(4.0 * figures[0], rel=0.1)
    assert not planned(own, reference, 0.0).colours
    assert planned(own, reference, 0.0).limiter is None


@pytest.mark.invariant("S3-ENG-02")
def test_nothing_is_raised_where_the_track_has_no_sound() -> None:
    pink = np.array(sound_profile().mid_db)
    dull = replace(
        sound_profile(),
        mid_db=tuple(np.where(F_HZ > 5000.0, pink - 80.0, pink).tolist()),
        side_db=tuple(np.where(F_HZ > 5000.0, pink - 90.0, pink - 10.0).tolist()),
    )
    assert planned(dull, sound_profile()).tone is None
    fainter = replace(dull, mid_db=tuple((np.array(dull.mid_db) + 60.0 * (F_HZ > 5000.0)).tolist()))
    assert lane_db(planned(fainter, sound_profile()), 7000.0, 15_000.0) > 5.0


@pytest.mark.invariant("S3-ENG-02")
def test_the_side_of_what_is_mono_is_noise_and_is_not_raised() -> None:
    noise = tuple(level - 75.0 for level in sound_profile().mid_db)
    other = tilted(sound_profile(width_db=-6.0, balance_db=2.0), 0.5)
    plan = planned(sound_profile(side_db=noise, width_db=-75.0), other)
    assert plan.balance is None
    assert plan.tone is not None
    raised = np.array(plan.tone.side_db) - np.array(plan.tone.mid_db)
    assert raised.max() < 0.01
    wide = planned(sound_profile(), sound_profile(side_db=sound_profile().mid_db, width_db=0.0))
    assert lane_db(wide, 100.0, 10_000.0, "side") - lane_db(wide, 100.0, 10_000.0) == pytest.approx(10.0, abs=0.5)


def test_above_the_cut_off_of_either_nothing_is_moved() -> None:
    lively = tilted(sound_profile(), 1.5)
    plan = planned(sound_profile(), replace(lively, cutoff_hz=12_000.0))
    level = lane_db(plan, 14_000.0, 20_000.0)
    assert all(
        db == pytest.approx(level, abs=0.3)
        for f, db in zip(plan.tone.frequencies_hz, plan.tone.mid_db, strict=True)  # type: ignore[union-attr]
        if f > 13_500.0
    )
    speech = planned(sound_profile(sample_rate_hz=8_000), lively)
    assert lane_db(speech, 5_000.0, 20_000.0) == pytest.approx(lane_db(speech, 10_000.0, 20_000.0), abs=0.1)


def test_curves_and_balance_are_bounded() -> None:
    plan = planned(sound_profile(balance_db=-9.0), tilted(sound_profile(balance_db=9.0), 8.0))
    assert plan.tone is not None
    assert np.ptp(plan.tone.mid_db) <= 24.0 + 0.1
    assert max(map(abs, (*plan.tone.mid_db, *plan.tone.side_db))) <= 24.0
    assert plan.balance is not None
    assert plan.balance.left_db - plan.balance.right_db == pytest.approx(3.0)


@pytest.mark.parametrize("balance_db", [math.inf, -math.inf, 20.0])
def test_what_stands_on_one_side_stays_there(balance_db: float) -> None:
    plan = planned(sound_profile(balance_db=balance_db), tilted(sound_profile(width_db=-6.0), 0.5))
    assert plan.balance is None
    assert plan.tone is not None
    assert plan.tone.side_db == plan.tone.mid_db
    assert planned(sound_profile(), sound_profile(balance_db=balance_db)).balance is None


@pytest.mark.invariant("S3-ENG-02")
@pytest.mark.parametrize(("sign", "bound_db"), [(1.0, 18.0), (-1.0, 24.0)])
def test_shape_and_width_of_side_are_bounded_together(sign: float, bound_db: float) -> None:
    """Each by itself would be within its own bounds; together, and upwards, they do not go as far as both may."""
    own = sound_profile()
    tilt = sign * 4.0 * np.log2(F_HZ / 1_000.0)
    side_db = tuple((np.array(own.side_db) + tilt + sign * 15.0).tolist())
    reference = replace(own, side_db=side_db, width_db=own.width_db + sign * 15.0)
    asked, _ = decide_reference_tone(own, reference)
    assert bound_db - 1.0 < float(np.abs(asked.side_db).max()) <= bound_db


def test_hybrid_is_halfway_between_the_music_and_the_reference() -> None:
    own, reference = sound_profile(integrated_lufs=-18.0), tilted(sound_profile(integrated_lufs=-8.0), 1.5)
    by_reference = planned(own, reference)
    sound = SoundWishes()
    delivery = choose_delivery(sound, loudness_lufs=None, level_off=False, target=None, ceiling_dbtp=None)
    adaptive = make_plan(analysed(own), delivery, sound)
    hybrid = planned(own, reference, mode=MasteringMode.HYBRID)
    assert hybrid.goal_lufs == pytest.approx(0.5 * (-14.0 - 8.0))
    music_db = tilt_db(adaptive) if adaptive.tone is not None else 0.0
    assert tilt_db(hybrid) == pytest.approx(0.5 * (tilt_db(by_reference) + music_db), abs=0.3)
    assert hybrid.preset == "adaptive"
    warm = make_plan(
        analysed(own),
        delivery,
        SoundWishes(PRESETS["warm"], mode=MasteringMode.HYBRID, reference=Reference("r", 1, reference)),
    )
    assert tilt_db(warm) < tilt_db(hybrid)


def test_mono_and_stereo_go_together_either_way() -> None:
    mono = sound_profile(channels=1, side_db=(-math.inf,) * len(F_HZ), width_db=-math.inf)
    to_stereo = planned(mono, tilted(sound_profile(), 1.0))
    assert to_stereo.tone is not None
    assert to_stereo.tone.mid_db == to_stereo.tone.side_db
    assert to_stereo.balance is None
    to_mono = planned(sound_profile(), mono)
    assert lane_db(to_mono, 100.0, 10_000.0, "side") < -10.0
    assert lane_db(to_mono, 100.0, 10_000.0) == pytest.approx(lane_db(to_mono, 1000.0, 2000.0), abs=0.5)


def test_the_middle_of_several_is_taken_figure_by_figure_at_equal_loudness() -> None:
    profiles = [tilted(sound_profile(integrated_lufs=-14.0 + step, lra_lu=float(step)), step) for step in (1, 2, 9)]
    quieter = replace(profiles[0], mid_db=tuple(level - 10.0 for level in profiles[0].mid_db), integrated_lufs=-23.0)
    middle = median_profile([quieter, *profiles[1:]])
    assert (middle.integrated_lufs, middle.lra_lu) == (-12.0, 2.0)
    at_1_khz = int(np.argmin(np.abs(F_HZ - 1000.0)))
    assert middle.mid_db[at_1_khz] == pytest.approx(sound_profile().mid_db[at_1_khz], abs=0.2)
    assert median_profile(profiles[:1]) is profiles[0]
    with pytest.raises(ValueError, match="no profile"):
        median_profile([])
