"""Which of what was learnt a player goes by: what nobody has said anything else of."""

from __future__ import annotations

from typing import Any, cast

import pytest

from auralis_cli.model.live_mastering import MasteringWish
from auralis_cli.model.playback import PlayerSettings
from auralis_cli.model.preferences import Aspect, KindTaste, LearntFigure, LearntPreset, Taste
from auralis_cli.model.presets import PRESETS
from auralis_cli.model.sound_profile import Reference
from auralis_cli.model.sound_wishes import MasteringMode
from auralis_cli.model.track_kinds import TrackKind
from auralis_cli.player.sound_settings import SoundSettings

KIND = TrackKind.SPEECH
LIKED = KindTaste(KIND, LearntPreset("warm", 0.6, 9), LearntFigure(0.5, 0.6, 9), LearntFigure(-2.0, 0.6, 9))
TASTE = Taste((LIKED,), (PRESETS["warm"],))


class SilentEngine:
    """Takes every setting."""

    def __getattr__(self, name: str) -> Any:
        return lambda *_words: None


def settings(wish: MasteringWish | None = None, said: tuple[Aspect, ...] = ()) -> SoundSettings:
    made = SoundSettings(cast(Any, SilentEngine()), PlayerSettings(wish=wish or MasteringWish()), said)
    made.like(TASTE)
    return made


def open_to_taste(sound: SoundSettings) -> set[str]:
    """What a taste may change."""
    liked = None if sound.wish.taste is None else sound.wish.taste.of(KIND)
    return {aspect.name for aspect in Aspect if getattr(liked, aspect.value, None) is not None}


@pytest.mark.invariant("S1-M-05")
def test_what_was_said_in_this_session_or_left_otherwise_by_the_last_is_no_matter_of_taste() -> None:
    assert open_to_taste(settings()) == {"PRESET", "INTENSITY", "TILT"}
    assert open_to_taste(settings(MasteringWish("bright"))) == {"INTENSITY", "TILT"}
    assert open_to_taste(settings(said=(Aspect.TILT,))) == {"PRESET", "INTENSITY"}
    sound = settings()
    # Also what is said to be as it was.
    assert sound.prefer(preset="adaptive")
    assert sound.prefer(tilt_db=1.0)
    assert open_to_taste(sound) == {"INTENSITY"}
    assert sound.prefer(intensity=1.0)
    assert sound.wish == MasteringWish(tilt_db=1.0)


def test_towards_a_reference_and_where_it_is_turned_off_nothing_is_a_matter_of_taste() -> None:
    sound = settings()
    assert sound.refer(Reference("one", 1, cast(Any, None)), MasteringMode.HYBRID)
    assert open_to_taste(sound) == set()
    assert sound.refer(None, MasteringMode.ADAPTIVE)
    assert open_to_taste(sound) == {"PRESET", "INTENSITY", "TILT"}
    assert sound.go_by_taste(on=False)
    assert not sound.go_by_taste(on=False)
    assert open_to_taste(sound) == set()
    assert not sound.like(TASTE)
    assert sound.go_by_taste(on=True)
    assert open_to_taste(sound) == {"PRESET", "INTENSITY", "TILT"}


def test_what_is_kept_between_runs_holds_no_taste() -> None:
    assert settings().kept(consume=False, stop_after_current=False).wish == MasteringWish()
