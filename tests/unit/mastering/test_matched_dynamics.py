"""Dynamics drawn towards a goal: reached where it can be, bounded where not, nothing where nothing is asked."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from auralis_cli.analysis.measure import LoudnessMeter
from auralis_cli.errors import CancelledError
from auralis_cli.mastering.control import ControlTrack
from auralis_cli.mastering.dynamics import decide_limiter
from auralis_cli.mastering.matched_dynamics import match_dynamics
from auralis_cli.mastering.render import measure_control
from auralis_cli.mastering.stages import drawn_stages
from auralis_cli.model.mastering import Delivery, DynamicsGoal, LimitingBounds, MasteringPlan
from auralis_cli.model.measurements import Measurements
from auralis_cli.model.presets import ADAPTIVE

RATE_HZ = 22_050
Audio = NDArray[np.float32]


def music(seconds: float = 40.0) -> Audio:
    """Noise with beats on it, loud and quiet by turns of ten seconds: a range of some 10 LU."""
    rng = np.random.default_rng(4)
    at = np.arange(round(seconds * RATE_HZ))
    beats = 1.0 + 2.0 * np.exp(-((at % (RATE_HZ // 2)) / (0.02 * RATE_HZ)))
    turns = np.where(at // (10 * RATE_HZ) % 2 == 0, 1.0, 0.3)
    audio: Audio = (0.02 * rng.standard_normal((len(at), 2)) * (beats * turns)[:, None]).astype(np.float32)
    return audio


def measured(audio: Audio) -> Measurements:
    meter = LoudnessMeter(RATE_HZ, audio.shape[1])
    meter.add(audio)
    return meter.result()


def plan(goal: DynamicsGoal | None, goal_lufs: float | None) -> MasteringPlan:
    return MasteringPlan(
        preset="adaptive", intensity=1.0, delivery=Delivery(goal_lufs, -1.0, explicit=True, target=None),
        goal_lufs=goal_lufs, character=0.5, polarity_repair=None, offset_removal=None, tone=None, leveller=None,
        compressor=None, transient=None, soft_clip=None, limiter=decide_limiter(-1.0, ADAPTIVE),
        bounds=LimitingBounds(6.0, 6.0, 12.0, 4.0, 0.2, 30.0), predicted_gain_db=0.0, reasons=(), goal=goal,
    )  # fmt: skip


def drawn(audio: Audio, wanted: MasteringPlan, folder: Path, cut: int = 1 << 16) -> MasteringPlan:
    def blocks() -> Iterator[Audio]:
        return (audio[start : start + cut] for start in range(0, len(audio), cut))

    with closing(ControlTrack(RATE_HZ, audio.shape[1], folder)) as track:
        measure_control(blocks(), track)
        return match_dynamics(wanted, track, lambda: None)


def shaped(audio: Audio, by: MasteringPlan) -> Audio:
    for stage in drawn_stages(by, RATE_HZ, audio.shape[1]):
        out = np.concatenate((stage.processor.process(audio), stage.processor.flush()))
        audio = out[stage.processor.latency_frames :][: len(audio)]
    return audio


@pytest.fixture(scope="module")
def song() -> Audio:
    return music()


@pytest.fixture(scope="module")
def own(song: Audio) -> Measurements:
    return measured(song)


@pytest.mark.parametrize("apart_lu", [-3.5, 3.0])
def test_the_loudness_range_comes_to_its_goal_by_slow_gain(
    song: Audio, own: Measurements, tmp_path: Path, apart_lu: float
) -> None:
    goal = DynamicsGoal(lra_lu=own.lra_lu + apart_lu, plr_db=own.plr_db)
    made = drawn(song, plan(goal, None), tmp_path)
    assert made.range is not None
    assert measured(shaped(song, made)).lra_lu == pytest.approx(goal.lra_lu, abs=0.5)
    gains = np.array(made.range.gains_db)
    assert np.abs(gains).max() <= 6.0
    assert np.abs(np.diff(gains)).max() < 1.0
    assert [reason.stage for reason in made.reasons] == ["range"]


def test_peaks_come_to_their_goal_and_no_further_than_the_bound(song: Audio, own: Measurements, tmp_path: Path) -> None:
    reached = drawn(song, plan(DynamicsGoal(None, own.plr_db + 2.0), own.integrated_lufs), tmp_path)
    assert reached.peaks is not None
    assert measured(shaped(song, reached)).plr_db == pytest.approx(own.plr_db + 2.0, abs=0.4)
    bounded = drawn(song, plan(DynamicsGoal(None, own.plr_db + 20.0), own.integrated_lufs), tmp_path)
    assert bounded.peaks is not None
    assert bounded.peaks.gain_db == 4.0


def test_where_a_track_is_at_its_goal_or_has_none_nothing_is_drawn(
    song: Audio, own: Measurements, tmp_path: Path
) -> None:
    there = plan(DynamicsGoal(round(own.lra_lu, 2), round(own.plr_db, 2)), own.integrated_lufs)
    lower = plan(DynamicsGoal(None, own.plr_db - 3.0), own.integrated_lufs)
    for wanted in (there, lower, plan(None, own.integrated_lufs), replace(there, limiter=None)):
        made = drawn(song, wanted, tmp_path)
        assert not made.is_drawn
        assert made.reasons == ()
    silence = np.zeros_like(song)
    assert drawn(silence, plan(DynamicsGoal(3.0, 12.0), -14.0), tmp_path).is_drawn is False


def test_what_is_drawn_is_the_same_however_the_signal_is_cut(song: Audio, own: Measurements, tmp_path: Path) -> None:
    wanted = plan(DynamicsGoal(own.lra_lu - 3.0, own.plr_db + 1.5), own.integrated_lufs)
    assert drawn(song, wanted, tmp_path) == drawn(song, wanted, tmp_path, cut=4_999)


def test_it_can_be_given_up_between_two_trials(song: Audio, own: Measurements, tmp_path: Path) -> None:
    def given_up() -> None:
        raise CancelledError

    with closing(ControlTrack(RATE_HZ, 2, tmp_path)) as track:
        measure_control(iter((song,)), track)
        with pytest.raises(CancelledError):
            match_dynamics(plan(DynamicsGoal(own.lra_lu - 3.0, own.plr_db), None), track, given_up)
