"""Polarity repair: what cancels in mono is put right exactly, what is only wide is left alone."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import demo_piece
import numpy as np
import pytest
import soundfile
from numpy.typing import NDArray
from tracks import track

from auralis_cli.analysis.polarity import is_inverted, turned_over
from auralis_cli.dsp.polarity import PolarityFlip
from auralis_cli.mastering.delivery import choose_delivery
from auralis_cli.mastering.plan import make_plan
from auralis_cli.model.master_reports import MasterReport
from auralis_cli.model.mastering import MasteringPlan, MasterRequest
from auralis_cli.model.measurements import TrackAnalysis
from auralis_cli.model.presets import PRESETS
from auralis_cli.model.progress import CancelToken, SilentProgress
from auralis_cli.model.repair_plans import PolarityRepairPlan
from auralis_cli.model.sound_wishes import SoundWishes
from auralis_cli.model.source import AudioSource, Destination
from auralis_cli.services.master import master_file

RATE = 44_100


def planned(analysis: TrackAnalysis, intensity: float = 1.0, loudness_lufs: float | None = None) -> MasteringPlan:
    preset = PRESETS["adaptive"]
    delivery = choose_delivery(
        SoundWishes(preset), loudness_lufs=loudness_lufs, level_off=False, target=None, ceiling_dbtp=None
    )  # fmt: skip
    return make_plan(analysis, delivery, SoundWishes(preset, intensity))


def upright() -> TrackAnalysis:
    return track(correlation=0.8, width=0.1, side_to_mid_db=-9.0, tone_db={(2000, 8000): -8.0})


def test_an_inverted_track_is_turned_over_and_then_mastered_like_the_upright_one() -> None:
    inverted = turned_over(upright())
    assert inverted.measurements.correlation == -0.8
    plan, wanted = planned(inverted), planned(upright())
    assert plan.polarity_repair == PolarityRepairPlan(channel=2)
    assert wanted.polarity_repair is None
    assert plan.colours
    assert plan.reasons[1].stage == "polarity repair"
    assert "-0.80" in plan.reasons[1].text
    assert plan.tone is not None
    repaired = dataclasses.replace(plan, polarity_repair=None, reasons=wanted.reasons)
    assert repaired == wanted


@pytest.mark.parametrize(("intensity", "repaired"), [(0.0, False), (0.01, True), (1.0, True)])
def test_a_fault_is_mended_whole_and_not_at_all_at_intensity_0(intensity: float, repaired: bool) -> None:
    plan = planned(turned_over(upright()), intensity, loudness_lufs=-16.0)
    assert (plan.polarity_repair is not None) == repaired


@pytest.mark.parametrize(
    "changes",
    [
        {"correlation": -0.4, "side_to_mid_db": 9.0, "bass_side_to_mid_db": 9.0},
        # Wide effects above a low end in the middle.
        {"correlation": -0.7, "side_to_mid_db": 6.0, "bass_side_to_mid_db": -14.0, "tone_db": {(0, 300): 20.0}},
        {"correlation": -0.9, "side_to_mid_db": 9.0, "bass_side_to_mid_db": 9.0, "balance_lu": 6.0},
        {"correlation": -0.9, "side_to_mid_db": 9.0, "bass_side_to_mid_db": 9.0, "channels": 6},
        {"correlation": -0.9, "side_to_mid_db": 9.0, "bass_side_to_mid_db": 9.0, "too_short": True},
    ],
)
def test_what_is_only_wide_or_leans_to_one_side_is_left_alone(changes: dict[str, object]) -> None:
    assert not is_inverted(track(**changes))  # type: ignore[arg-type]
    assert planned(track(**changes)).polarity_repair is None  # type: ignore[arg-type]


def test_the_flip_negates_every_sample_of_one_channel_and_nothing_else() -> None:
    audio = np.random.default_rng(0).standard_normal((1_000, 3)).astype(np.float32)
    out = PolarityFlip(1, RATE, 3).process(audio)
    np.testing.assert_array_equal(out, audio * np.array([1, -1, 1], np.float32))
    with pytest.raises(ValueError, match="channel"):
        PolarityFlip(2, RATE, 2)


def mastered(audio: NDArray[np.float32], path: Path) -> tuple[MasterReport, NDArray[np.float64]]:
    soundfile.write(path.with_suffix(".wav"), audio, RATE, subtype="FLOAT")
    request = MasterRequest(AudioSource(path.with_suffix(".wav")), Destination(path), loudness_lufs=-16.0)
    report = master_file(request, SilentProgress(), CancelToken())
    return report, soundfile.read(path, always_2d=True)[0]


@pytest.mark.parametrize("wide", [0.0, 1.0])
def test_after_mastering_the_mono_sum_no_longer_cancels(wide: float, tmp_path: Path) -> None:
    piece = demo_piece.compose()[5 * RATE : 11 * RATE] * np.float32(0.5)
    middle = piece.mean(axis=1, keepdims=True)
    upright_piece = np.asarray(middle + wide * (piece - middle), np.float32)
    inverted = upright_piece * np.array([1, -1], np.float32)
    report, out = mastered(inverted, tmp_path / "inverted.flac")
    _, wanted = mastered(upright_piece, tmp_path / "upright.flac")
    assert report.solved.plan.polarity_repair is not None

    def mono_db(wave: NDArray[np.float64]) -> float:
        return 10.0 * float(np.log10(np.mean(wave.mean(axis=1) ** 2) / np.mean(wave**2) + 1e-12))

    assert mono_db(inverted.astype(np.float64)) < -5.0
    assert mono_db(out) == pytest.approx(mono_db(wanted), abs=0.3)
    assert mono_db(out) > -2.0
    # What is not wide is analysed alike either way round; else onsets are looked for in the other half.
    assert wide or float(np.abs(out - wanted).max()) < 1e-3
