"""Verse and chorus: where sections are found, where they are not, and how far and how fast they are moved."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from numpy.typing import NDArray
from tracks import track

from auralis_cli.dsp.fir import design_linear_phase
from auralis_cli.dsp.section_tone import SectionTone
from auralis_cli.mastering.delivery import choose_delivery
from auralis_cli.mastering.plan import make_plan
from auralis_cli.mastering.sections import find_sections
from auralis_cli.mastering.stages import build_stages
from auralis_cli.model.fingerprint import Content
from auralis_cli.model.mastering import MasteringPlan, SectionPlan
from auralis_cli.model.measurements import Passages, TrackAnalysis
from auralis_cli.model.sound_wishes import SoundWishes

OCTAVES_HZ = (39.4, 78.7, 157.5, 315.0, 630.0, 1_260.0, 2_520.0, 5_040.0, 10_079.0)
# In dB against the whole, from low to high.
DULL = (3.0, 3.0, 2.0, 1.0, 0.0, -2.0, -6.0, -9.0, -9.0)
PLAIN = (0.0,) * 9
BRIGHT = (-6.0, -6.0, -4.0, -2.0, 0.0, 1.0, 3.0, 5.0, 5.0)


def passages(*parts: tuple[int, tuple[float, ...], float], unrest_db: float = 1.5) -> Passages:
    """So many seconds of each tone at each level, with some unrest as in music."""
    rng = np.random.default_rng(5)
    columns = [
        np.array(tone)[:, None] + level_db - 30.0 + rng.normal(0.0, unrest_db, (9, seconds))
        for seconds, tone, level_db in parts
    ]
    halves = np.rint(2.0 * np.concatenate(columns, axis=1)).astype(int)
    return Passages(OCTAVES_HZ, tuple(tuple(row) for row in halves.tolist()))


SONG = passages((40, DULL, -2.0), (30, BRIGHT, 1.0), (40, DULL, -2.0), (30, BRIGHT, 1.0))


def song(found: Passages = SONG, **facts: object) -> TrackAnalysis:
    facts = {"onsets": 3.0, "lra_lu": 9.0, **facts}
    return replace(track(**facts), passages=found)  # type: ignore[arg-type]


def plan_of(analysis: TrackAnalysis, intensity: float = 1.0) -> MasteringPlan:
    wishes = SoundWishes(intensity=intensity)
    delivery = choose_delivery(wishes, loudness_lufs=None, level_off=False, target=None, ceiling_dbtp=None)
    return make_plan(analysis, delivery, wishes)


def sections_of(analysis: TrackAnalysis, intensity: float = 1.0) -> SectionPlan:
    plan = plan_of(analysis, intensity).sections
    assert plan is not None
    return plan


def test_verses_and_choruses_are_told_apart_and_found_again() -> None:
    found = find_sections(SONG)
    assert found is not None
    assert found.kinds == (0, 1, 0, 1)
    assert found.starts_s == pytest.approx((0, 40, 70, 110), abs=2)


@pytest.mark.parametrize(
    "one_kind",
    [
        passages((140, PLAIN, 0.0)),
        passages((140, PLAIN, 0.0), unrest_db=4.0),
        # A break of some seconds, a slow fade, a pause.
        passages((60, PLAIN, 0.0), (5, BRIGHT, 0.0), (75, PLAIN, 0.0)),
        passages(*((20, PLAIN, -float(level)) for level in range(6))),
        passages((60, PLAIN, 0.0), (15, PLAIN, -90.0), (65, PLAIN, 0.0)),
        # Too short for any.
        passages((10, DULL, 0.0), (10, BRIGHT, 0.0)),
        Passages((), ()),
    ],
)
def test_what_is_of_one_kind_has_no_sections(one_kind: Passages) -> None:
    assert find_sections(one_kind) is None
    assert plan_of(song(one_kind)).sections is None
    assert [stage.name for stage in build_stages(plan_of(song(one_kind)), 44_100, 2)].count("sections") == 0


def test_there_are_a_dozen_sections_and_three_kinds_at_most_and_none_is_shorter_than_8_s() -> None:
    tones = (DULL, BRIGHT, PLAIN, tuple(reversed(BRIGHT)))
    found = find_sections(passages(*((9, tones[k % 4], 0.0) for k in range(30))))
    assert found is not None
    assert len(found.starts_s) <= 12
    assert max(found.kinds) <= 2
    assert min(b - a for a, b in pairwise((*found.starts_s, 270))) >= 8


def test_a_dull_section_is_brightened_and_a_bright_one_darkened_by_1_db_at_most() -> None:
    plan = sections_of(song())
    dull, bright = (np.array(kind.gains_db) - kind.level_db for kind in plan.kinds)
    treble, bass = np.array(plan.frequencies_hz) > 3_000.0, np.array(plan.frequencies_hz) < 200.0
    assert dull[treble].mean() > 0.3
    assert bright[bass].mean() > 0.1
    assert max(np.abs(dull).max(), np.abs(bright).max()) <= 1.0
    assert plan.sections == (0, 1, 0, 1)


def test_levels_come_together_where_the_range_is_neither_small_nor_the_levellers_affair() -> None:
    verse, chorus = (kind.level_db for kind in sections_of(song()).kinds)
    assert 0.0 < verse <= 1.0
    assert -1.0 <= chorus < 0.0
    assert {kind.level_db for kind in sections_of(song(lra_lu=4.0)).kinds} == {0.0}
    levelled = plan_of(song(lra_lu=16.0))
    assert levelled.leveller is not None
    assert levelled.sections is not None
    assert {kind.level_db for kind in levelled.sections.kinds} == {0.0}


def test_intensity_scales_what_sections_are_given() -> None:
    full, half = sections_of(song()), sections_of(song(), 0.7)
    for one, other in zip(full.kinds, half.kinds, strict=True):
        np.testing.assert_allclose(other.gains_db, 0.7 * np.array(one.gains_db), atol=0.01)
    assert plan_of(song(), 0.0).sections is None


def test_speech_and_music_that_bears_no_shaping_are_left_alone() -> None:
    assert plan_of(song(content=Content.SPEECH)).sections is None
    assert plan_of(song(onsets=0.0, plr_db=20.0)).sections is None


def test_the_plan_says_when_which_section_begins() -> None:
    (reason,) = (one for one in plan_of(song()).reasons if one.stage == "sections")
    assert reason.text.startswith("A from 0:00, B from 0:")
    assert "treble" in reason.text


def moving_db(plan: SectionPlan, rate_hz: int) -> NDArray[np.float64]:
    """The gain of every band of the plan, ten times a second."""
    taps = [design_linear_phase(np.array(plan.frequencies_hz), np.array(kind.gains_db), rate_hz) for kind in plan.kinds]
    tone = SectionTone(taps, plan.sections, plan.borders_s, plan.crossings_s, rate_hz, 1)
    gains = 10.0 ** (np.array([kind.gains_db for kind in plan.kinds]) / 20.0)
    series = []
    for frame in range(0, 140 * rate_hz, rate_hz // 10):
        weights = tone.weights(frame, 1)
        series.append(sum(float(np.asarray(weight).reshape(-1)[0]) * gains[kind] for kind, weight in weights.items()))
    return np.asarray(20.0 * np.log10(np.array(series)))


@pytest.mark.parametrize("lra_lu", [4.0, 9.0])
def test_no_band_moves_faster_than_1_db_a_second(lra_lu: float) -> None:
    """Kills: a step in the gain of a section."""
    gains = moving_db(sections_of(song(lra_lu=lra_lu)), 8_000)
    assert np.ptp(gains, axis=0).max() > 0.5
    assert np.abs(np.diff(gains, axis=0)).max() <= 0.1
