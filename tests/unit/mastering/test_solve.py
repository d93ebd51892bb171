"""Solving for the loudness: it is met, or missed downwards with the true reason."""

from __future__ import annotations

import itertools
import math
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
from auralis_cli.mastering.render import limited_blocks, measure_control
from auralis_cli.mastering.solve import solve_gain
from auralis_cli.model.mastering import (
    Delivery,
    LimitedBy,
    LimitingBounds,
    MasteringPlan,
    SolvedPlan,
)
from auralis_cli.model.measurements import Measurements
from auralis_cli.model.presets import ADAPTIVE

RATE = 44_100
Audio = NDArray[np.float32]

LENIENT = LimitingBounds(
    free_db=6.0, mean_reduction_db=40.0, p99_reduction_db=60.0, min_plr_db=-60.0, min_slope=-1.0, max_gain_db=60.0
)


def plan(goal_lufs: float | None, bounds: LimitingBounds = LENIENT, ceiling_dbtp: float = -1.0) -> MasteringPlan:
    return MasteringPlan(
        preset="adaptive",
        intensity=1.0,
        delivery=Delivery(goal_lufs, ceiling_dbtp, explicit=True, target=None),
        goal_lufs=goal_lufs,
        character=0.5,
        polarity_repair=None,
        offset_removal=None,
        tone=None,
        leveller=None,
        compressor=None,
        transient=None,
        soft_clip=None,
        limiter=decide_limiter(ceiling_dbtp, ADAPTIVE),
        bounds=bounds,
        predicted_gain_db=0.0,
        reasons=(),
    )


def music(seconds: float = 12.0, level: float = 0.05, seed: int = 0, rate: int = RATE) -> Audio:
    """Dull noise with beats on it: a crest factor like music's."""
    rng = np.random.default_rng(seed)
    frames = round(seconds * rate)
    noise = rng.standard_normal((frames + 16, 2))
    noise = np.sum([noise[k : k + frames] for k in range(16)], axis=0)
    beats = 1.0 + 6.0 * np.exp(-((np.arange(frames) % (rate // 2)) / (0.02 * rate)))
    audio = noise / np.abs(noise).max() * beats[:, None]
    return np.ascontiguousarray(audio * level, np.float32)


def solve_and_render(
    audio: Audio, wanted: MasteringPlan, folder: Path, cut: int = 1 << 16
) -> tuple[SolvedPlan, Measurements]:
    def blocks() -> Iterator[Audio]:
        return (audio[start : start + cut] for start in range(0, len(audio), cut))

    with closing(ControlTrack(RATE, audio.shape[1], folder)) as track:
        measure_control(blocks(), track)
        solved = solve_gain(wanted, track)
        meter = LoudnessMeter(RATE, audio.shape[1])
        for block in limited_blocks(blocks(), track, solved):
            meter.add(block)
    return solved, meter.result()


def test_the_search_can_be_followed_and_ended_before_every_trial(tmp_path: Path) -> None:
    audio, trials = music(), 0

    def count() -> None:
        nonlocal trials
        trials += 1
        if trials > 2:
            raise CancelledError

    with closing(ControlTrack(RATE, audio.shape[1], tmp_path)) as track:
        measure_control(iter([audio]), track)
        with pytest.raises(CancelledError):
            solve_gain(plan(-9.0), track, count)
    assert trials == 3


@pytest.mark.parametrize("goal_lufs", [-30.0, -20.0, -16.0, -14.0, -12.0, -9.0])
@pytest.mark.parametrize("level", [0.003, 0.05, 0.6])
def test_the_rendered_loudness_is_the_one_asked_for(goal_lufs: float, level: float, tmp_path: Path) -> None:
    solved, measured = solve_and_render(music(level=level), plan(goal_lufs), tmp_path)
    assert solved.limited_by is LimitedBy.NONE
    assert measured.true_peak_dbtp <= -0.98
    assert measured.integrated_lufs == pytest.approx(goal_lufs, abs=0.02)
    assert solved.expected_lufs == pytest.approx(measured.integrated_lufs, abs=0.02)


@pytest.mark.parametrize(
    ("bounds", "by"),
    [
        (replace(LENIENT, mean_reduction_db=1.0), LimitedBy.GAIN_REDUCTION),
        (replace(LENIENT, p99_reduction_db=4.0), LimitedBy.PEAK_REDUCTION),
        (replace(LENIENT, min_plr_db=13.0), LimitedBy.PLR),
        (replace(LENIENT, min_slope=0.97), LimitedBy.SATURATION),
        (replace(LENIENT, max_gain_db=3.0), LimitedBy.MAX_GAIN),
    ],
)
def test_each_bound_holds_the_loudness_back_and_is_named(bounds: LimitingBounds, by: LimitedBy, tmp_path: Path) -> None:
    free, _ = solve_and_render(music(), plan(-8.0), tmp_path)
    held, measured = solve_and_render(music(), plan(-8.0, replace(bounds, free_db=1.0)), tmp_path)
    assert held.limited_by is by
    assert held.gain_db < free.gain_db - 0.5
    assert measured.integrated_lufs < -8.5
    assert held.bound is not None
    if by is LimitedBy.GAIN_REDUCTION:
        assert held.mean_reduction_db == pytest.approx(1.0, abs=0.02)
    if by is LimitedBy.PLR:
        assert measured.true_peak_dbtp - measured.integrated_lufs >= 12.9


def test_what_peaks_ask_up_to_6_db_is_always_granted(tmp_path: Path) -> None:
    strict = replace(LENIENT, mean_reduction_db=0.0, p99_reduction_db=0.0, min_plr_db=40.0)
    solved, _ = solve_and_render(music(), plan(-8.0, strict), tmp_path)
    peak_after_gain_dbtp = _true_peak_dbtp(music()) + solved.gain_db
    assert peak_after_gain_dbtp == pytest.approx(-1.0 + 6.0, abs=0.1)
    modest = -1.0 + 5.0 - _true_peak_dbtp(music()) + _loudness(music())
    reached, measured = solve_and_render(music(), plan(modest - 1.0, strict), tmp_path)
    assert reached.limited_by is LimitedBy.NONE
    assert measured.integrated_lufs == pytest.approx(modest - 1.0, abs=0.02)


def _measured(audio: Audio) -> Measurements:
    meter = LoudnessMeter(RATE, 2)
    meter.add(audio)
    return meter.result()


def _true_peak_dbtp(audio: Audio) -> float:
    return _measured(audio).true_peak_dbtp


def _loudness(audio: Audio) -> float:
    return _measured(audio).integrated_lufs


def test_a_louder_goal_never_gives_a_quieter_master(tmp_path: Path) -> None:
    strict = replace(LENIENT, mean_reduction_db=1.5, p99_reduction_db=5.0)
    reached = [solve_and_render(music(), plan(goal, strict), tmp_path)[1].integrated_lufs for goal in range(-20, -6, 2)]
    assert all(after >= before - 0.03 for before, after in itertools.pairwise(reached))


def test_silence_and_what_is_shorter_than_a_gating_block_are_left_at_gain_0(tmp_path: Path) -> None:
    silent, _ = solve_and_render(np.zeros((RATE, 2), np.float32), plan(-14.0), tmp_path)
    assert (silent.limited_by, silent.gain_db) == (LimitedBy.SILENCE, 0.0)
    short, measured = solve_and_render(music(0.39), plan(-14.0), tmp_path)
    assert (short.limited_by, short.gain_db) == (LimitedBy.TOO_SHORT, 0.0)
    assert not math.isfinite(measured.integrated_lufs)


def test_a_loudness_that_no_gain_reaches_is_not_called_reached(tmp_path: Path) -> None:
    """A tone under a ceiling of -1 has -1.05 LUFS at most, however hard it is driven."""
    tone = 0.5 * np.sin(2.0 * np.pi * 997.0 * np.arange(5 * RATE) / RATE)
    wanted = plan(-0.9, replace(LENIENT, free_db=60.0))
    solved, measured = solve_and_render(np.stack([tone, tone], axis=1).astype(np.float32), wanted, tmp_path)
    assert measured.integrated_lufs == pytest.approx(-1.05, abs=0.05)
    assert solved.limited_by is LimitedBy.SATURATION
    assert solved.value == pytest.approx(0.0, abs=0.05)


def test_what_has_no_loudness_is_still_held_below_the_ceiling_and_reported(tmp_path: Path) -> None:
    swing = np.sin(np.linspace(0.0, np.pi, 6 * RATE)) ** 2
    inaudible = np.ascontiguousarray(np.stack([swing, swing], axis=1) * 1.2, np.float32)
    for audio, by in ((music(0.39, level=0.3), LimitedBy.TOO_SHORT), (inaudible, LimitedBy.SILENCE)):
        solved, measured = solve_and_render(audio, plan(-14.0), tmp_path)
        assert (solved.limited_by, solved.gain_db) == (by, 0.0)
        assert solved.max_reduction_db > 1.0
        assert not solved.leaves_samples
        assert measured.true_peak_dbtp <= -0.98


def test_a_gating_block_that_lacks_three_frames_does_not_count(tmp_path: Path) -> None:
    audio = music(0.8)[:-3].copy()
    audio[RATE * 7 // 10 :] *= 4.0
    solved, measured = solve_and_render(audio, plan(-25.0), tmp_path)
    assert measured.integrated_lufs == pytest.approx(-25.0, abs=0.05)
    assert solved.expected_lufs == pytest.approx(measured.integrated_lufs, abs=0.05)


def test_without_a_goal_only_the_overs_are_taken_off(tmp_path: Path) -> None:
    solved, measured = solve_and_render(music(level=0.3), plan(None), tmp_path)
    assert solved.gain_db == 0.0
    assert measured.true_peak_dbtp <= -0.98


def test_the_level_of_the_source_makes_no_difference(tmp_path: Path) -> None:
    first, loud = solve_and_render(music(level=0.05), plan(-12.0), tmp_path)
    second, quiet = solve_and_render(music(level=0.025), plan(-12.0), tmp_path)
    assert second.gain_db - first.gain_db == pytest.approx(6.02, abs=0.02)
    assert quiet.integrated_lufs == pytest.approx(loud.integrated_lufs, abs=0.02)


@pytest.mark.invariant("S2-NEW-6")
def test_a_spooled_control_track_gives_the_same_plan_as_one_in_memory(tmp_path: Path) -> None:
    audio = music(20.0)
    results = []
    for memory_bytes in (1 << 30, 4096):
        with closing(ControlTrack(RATE, 2, tmp_path, memory_bytes)) as track:
            measure_control((audio[start : start + 5000] for start in range(0, len(audio), 5000)), track)
            results.append(solve_gain(plan(-10.0), track))
    assert results[0] == results[1]
    assert list(tmp_path.iterdir()) == []
