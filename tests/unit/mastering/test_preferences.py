"""What is learnt of choices, how certain it is, and how it goes into a plan."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace

import pytest
from tracks import track

from auralis_cli.analysis.track_kind import kind_of
from auralis_cli.mastering.preferences import learn
from auralis_cli.mastering.taste import with_taste
from auralis_cli.model.fingerprint import Content
from auralis_cli.model.preferences import (
    AppliedTaste,
    Aspect,
    KindTaste,
    LearntFigure,
    LearntPreset,
    Observation,
    SoundChoice,
    Taste,
)
from auralis_cli.model.presets import ADAPTIVE, PRESETS
from auralis_cli.model.sound_wishes import MasteringMode, SoundWishes
from auralis_cli.model.track_kinds import TrackKind
from auralis_cli.services.plain_data import as_plain, from_plain

KIND = TrackKind.OPEN_PERCUSSIVE_DARK
WARM = PRESETS["warm"]


def chosen(choices: Sequence[SoundChoice], weight: float = 1.0) -> list[Observation]:
    """The last one is the newest."""
    return [Observation(KIND, choice, 1000 + at, weight) for at, choice in enumerate(choices)]


def tilts(*values: float) -> list[Observation]:
    return chosen([SoundChoice(tilt_db=value) for value in values])


def learnt_tilt(observations: Sequence[Observation]) -> LearntFigure | None:
    tastes = learn(observations)
    return tastes[0].tilt_db if tastes else None


def test_four_choices_tell_nothing_and_five_that_agree_do() -> None:
    assert learn(tilts(-1, -1, -1, -1)) == ()
    assert learnt_tilt(tilts(-1, -1, -1, -1, -1)) == LearntFigure(-1.0, 0.48, 5)


def test_choices_that_contradict_each_other_are_not_certain_enough() -> None:
    assert learn(tilts(-3, 3, -3, 3, -3, 3, -3, 3)) == ()
    agreeing, wavering = learnt_tilt(tilts(*[-1.0] * 8)), learnt_tilt(tilts(*[-1.4, -0.6] * 4))
    assert agreeing is not None
    assert wavering is not None
    assert wavering.confidence < agreeing.confidence


def test_the_newest_choices_count_most_and_one_slip_of_the_hand_does_not() -> None:
    changed = learnt_tilt(tilts(*[1.0] * 10, *[-1.0] * 10))
    assert changed is None or changed.value == -1.0
    slipped = learnt_tilt(tilts(*[1.0] * 10, 3.0))
    assert slipped is not None
    assert slipped.value == 1.0


def test_choices_for_what_is_liked_count_more() -> None:
    liked = [replace(one, weight=1.5) for one in tilts(-1, -1, -1, -1, -1)]
    indifferent, loved = learnt_tilt(tilts(-1, -1, -1, -1, -1)), learnt_tilt(liked)
    assert indifferent is not None
    assert loved is not None
    assert loved.confidence > indifferent.confidence


def test_no_confidence_is_beyond_nine_tenths_and_no_figure_beyond_its_range() -> None:
    found = learnt_tilt([replace(one, weight=9e9) for one in tilts(*[3.0] * 500)])
    assert found is not None
    assert found.value == 3.0
    assert found.confidence <= 0.9
    assert learnt_tilt(tilts(*[99.0] * 9)) == learnt_tilt(tilts(*[3.0] * 9))


def test_presets_are_voted_for() -> None:
    names = ["warm", "warm", "bright", "warm", "warm", "warm", "warm"]
    taste = learn(chosen([SoundChoice(preset=name) for name in names]))[0]
    assert taste.preset is not None
    assert taste.preset.name == "warm"
    assert taste.preset.choices == 7
    unanimous = learn(chosen([SoundChoice(preset="warm")] * 7))[0].preset
    assert unanimous is not None
    assert taste.preset.confidence < unanimous.confidence


def test_the_order_in_which_choices_are_read_does_not_matter() -> None:
    observations = tilts(0.1, 0.5, -0.2, 0.9, 0.3, 0.4)
    assert learn(observations) == learn(observations[::-1])


def test_kinds_are_learnt_apart() -> None:
    speech = [replace(one, kind=TrackKind.SPEECH) for one in tilts(*[2.0] * 6)]
    assert [one.kind for one in learn([*tilts(*[-1.0] * 6), *speech])] == [TrackKind.SPEECH, KIND]


# What goes into a plan.

TASTE = Taste(
    (
        KindTaste(
            KIND,
            preset=LearntPreset("warm", 0.5, 9),
            intensity=LearntFigure(0.6, 0.5, 9),
            tilt_db=LearntFigure(-1.0, 0.5, 9),
            width_db=LearntFigure(1.0, 0.4, 9),
            loudness_lu=LearntFigure(2.0, 0.5, 9),
        ),
    ),
    (WARM,),
)
PLAIN = SoundWishes()


def test_a_figure_is_used_by_as_much_as_it_is_certain() -> None:
    wished = with_taste(track(), replace(PLAIN, taste=TASTE), own_loudness=True)
    assert wished.sound == SoundWishes(WARM, 0.8, tilt_db=-0.5, width_db=0.4)
    assert wished.loudness_lu == 1.0
    assert wished.applied is not None
    assert wished.applied.words == (
        "your taste for open, percussive, dark music: preset warm, confidence 0.50 of 9 choices; "
        "intensity 0.80, confidence 0.50 of 9 choices; tilt -0.5 dB, confidence 0.50 of 9 choices; "
        "width +0.4 dB, confidence 0.40 of 9 choices; loudness +1.0 LU, confidence 0.50 of 9 choices"
    )


@pytest.mark.parametrize("aspect", Aspect)
def test_what_was_said_is_not_touched(aspect: Aspect) -> None:
    left = TASTE.without([aspect])
    wished = with_taste(track(), replace(PLAIN, taste=left), own_loudness=True)
    assert wished.applied is not None
    applied = [one.aspect for one in wished.applied.figures]
    applied += [Aspect.PRESET] if wished.applied.preset is not None else []
    assert set(applied) == set(Aspect) - {aspect}


def test_a_plan_with_a_taste_is_the_same_plan_once_it_was_written_and_read() -> None:
    applied = with_taste(track(), replace(PLAIN, taste=TASTE), own_loudness=True).applied
    assert applied is not None
    assert applied.confidence == 0.4
    assert from_plain(AppliedTaste, json.loads(json.dumps(as_plain(applied)))) == applied


def test_a_loudness_that_was_asked_for_is_served() -> None:
    assert with_taste(track(), replace(PLAIN, taste=TASTE), own_loudness=False).loudness_lu == 0.0
    assert TASTE.without(list(Aspect)) is None


def test_other_kinds_references_and_silence_are_left_alone() -> None:
    wishes = replace(PLAIN, taste=TASTE)
    for other in (track(content=Content.SPEECH), track(silent=True), track(plr_db=8.0), track(onsets=0.5)):
        assert with_taste(other, wishes, own_loudness=True).sound == PLAIN
    hybrid = replace(wishes, mode=MasteringMode.HYBRID)
    assert with_taste(track(), hybrid, own_loudness=True).applied is None


def test_a_preset_that_is_gone_is_not_used() -> None:
    wished = with_taste(track(), replace(PLAIN, taste=replace(TASTE, presets=())), own_loudness=True)
    assert wished.sound.preset == ADAPTIVE


def test_there_are_at_most_a_dozen_kinds_and_every_track_that_is_heard_has_one() -> None:
    assert len(TrackKind) <= 12
    found = {
        kind_of(track(plr_db=plr_db, onsets=onsets, content=content))
        for plr_db in (6.0, 15.0)
        for onsets in (0.2, 3.0)
        for content in (Content.MUSIC, Content.SPEECH)
    }
    assert None not in found
    assert len(found) == 5
    assert kind_of(track(too_short=True)) is None
