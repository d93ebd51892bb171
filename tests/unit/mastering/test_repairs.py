"""What is put right is decided from the analysis, said, and left out where nobody wants it."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
from tracks import track

from auralis_cli.mastering.delivery import choose_delivery
from auralis_cli.mastering.plan import make_plan
from auralis_cli.mastering.stages import build_stages
from auralis_cli.model.defects import FlatTop
from auralis_cli.model.mastering import MasteringPlan
from auralis_cli.model.measurements import TrackAnalysis
from auralis_cli.model.sound_wishes import SoundWishes


def planned(analysis: TrackAnalysis, wishes: SoundWishes | None = None) -> MasteringPlan:
    wishes = wishes or SoundWishes()
    delivery = choose_delivery(wishes, loudness_lufs=-16.0, level_off=False, target=None, ceiling_dbtp=None)
    return make_plan(analysis, delivery, wishes)


def clipped_track(level_dbfs: float = 0.0, runs: int = 40, samples: int = 200, **measured: object) -> TrackAnalysis:
    top = FlatTop(level_dbfs, runs, samples, 8, 1_000)
    analysis = track(**measured)  # type: ignore[arg-type]
    return replace(analysis, evidence=replace(analysis.evidence, flat_tops=(top, replace(top, runs=0, samples=0))))


def test_flat_tops_are_rounded_at_the_level_where_they_lie_and_only_in_their_channel() -> None:
    plan = planned(clipped_track(-3.0))
    assert plan.declip is not None
    assert np.allclose(plan.declip.levels, (10 ** (-3 / 20), 0.0))
    assert plan.repairs == ("flat tops",)
    assert plan.colours
    assert any(reason.stage == "declip" and "40 flat tops at -3.0 dBFS" in reason.text for reason in plan.reasons)
    assert build_stages(plan, 44_100, 2)[0].name == "declip"


def test_a_track_that_is_flat_for_a_tenth_is_left_alone_and_that_is_said() -> None:
    plan = planned(clipped_track(samples=1_000_000))
    assert plan.declip is None
    assert any("left clipped: 11 %" in reason.text for reason in plan.reasons)


def test_nothing_is_repaired_that_is_not_broken() -> None:
    plan = planned(track())
    assert plan.repairs == ()
    assert planned(clipped_track(-3.0, runs=2, samples=6)).declip is None


def test_no_repair_leaves_everything_and_says_what() -> None:
    faulty = clipped_track(dc_offset=0.01, correlation=-0.99)
    assert planned(faulty).repairs == ("flat tops", "inverted polarity", "an offset")
    plan = planned(faulty, SoundWishes(repairs=False))
    assert plan.repairs == ()
    text = next(reason.text for reason in plan.reasons if reason.stage == "repair")
    assert all(word in text for word in ("flat tops", "inverted polarity", "an offset"))


def test_clipping_is_no_matter_of_degree() -> None:
    assert planned(clipped_track(), SoundWishes(intensity=0.0)).declip is None
    some, whole = (planned(clipped_track(), SoundWishes(intensity=share)).declip for share in (0.1, 1.0))
    assert some == whole
    assert whole is not None
    assert math.isclose(whole.levels[0], 1.0)
