"""Left against right behind a reference: what a balance does to mid and side is known before they are matched."""

from __future__ import annotations

import math

import numpy as np
import pytest
from sound_profiles import planned, sound_profile

from auralis_cli.analysis.sound_profile import ProfileMeter
from auralis_cli.dsp.channel_gains import ChannelGains
from auralis_cli.mastering.reference_balance import balanced
from auralis_cli.model.mastering import BalancePlan
from auralis_cli.model.sound_profile import PROFILE_FREQUENCIES_HZ, SoundProfile

RATE_HZ = 44_100
HEARD = slice(*np.searchsorted(np.array(PROFILE_FREQUENCIES_HZ), (100.0, 15_000.0)).tolist())
GAINS = BalancePlan(left_db=1.5, right_db=-1.5)


@pytest.fixture(scope="module")
def music() -> np.ndarray:
    """Ten seconds, most of it in the middle, some of it more on the left."""
    mid, side = np.random.default_rng(11).standard_normal((2, 10 * RATE_HZ)) * 0.05
    side = 0.1 * side + 0.15 * mid
    return np.stack([mid + side, mid - side], axis=1).astype(np.float32)


def profile_of(audio: np.ndarray) -> SoundProfile:
    meter = ProfileMeter(RATE_HZ, 2)
    meter.add(np.ascontiguousarray(audio))
    return meter.result()[1]


def moved(audio: np.ndarray) -> np.ndarray:
    return ChannelGains((GAINS.left_db, GAINS.right_db), RATE_HZ).process(audio)


def test_what_a_balance_does_to_mid_and_side_is_what_is_measured_behind_it(music: np.ndarray) -> None:
    told, measured = balanced(profile_of(music), GAINS), profile_of(moved(music))
    for lane in ("mid_db", "side_db"):
        apart = np.array(getattr(told, lane))[HEARD] - np.array(getattr(measured, lane))[HEARD]
        assert np.abs(apart).max() < 0.1
    assert told.width_db == pytest.approx(measured.width_db, abs=0.05)
    assert told.balance_db == pytest.approx(measured.balance_db, abs=0.05)
    assert np.abs(np.array(told.leaning)[HEARD] - np.array(measured.leaning)[HEARD]).max() < 0.02


@pytest.mark.invariant("S3-ENG-07")
def test_a_track_that_was_only_pushed_aside_is_only_put_back(music: np.ndarray) -> None:
    """Kills: the tone is decided of what was not balanced, whose side holds some of its middle."""
    plan = planned(profile_of(moved(music)), profile_of(music))
    assert plan.balance is not None
    assert plan.balance.left_db - plan.balance.right_db == pytest.approx(-3.0, abs=0.1)
    assert plan.tone is None or max(np.abs(plan.tone.mid_db).max(), np.abs(plan.tone.side_db).max()) < 0.3


def test_the_balance_counts_on_what_the_tone_makes_of_it() -> None:
    """Where the tone raises side, what leans to one side leans more: less is moved, or nothing."""
    leaning = tuple(0.8 for _ in PROFILE_FREQUENCIES_HZ)
    own = sound_profile(leaning=leaning, balance_db=4.4)
    wider = sound_profile(
        leaning=leaning, balance_db=6.0, side_db=tuple(level + 6.0 for level in own.side_db), width_db=-4.0
    )
    plan = planned(own, wider)
    assert plan.tone is not None
    assert min(np.array(plan.tone.side_db)[20:100] - np.array(plan.tone.mid_db)[20:100]) > 4.0
    behind = 10.0 * math.log10((1 + 0.4 + 2 * 0.8 * math.sqrt(0.4)) / (1 + 0.4 - 2 * 0.8 * math.sqrt(0.4)))
    assert behind > 6.0
    assert plan.balance is not None
    assert plan.balance.left_db < 0.0
