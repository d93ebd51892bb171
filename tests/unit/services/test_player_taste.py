"""What a player learns of somebody's choices, and when it goes by what was learnt."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import library_of
import pytest
from fake_player import snapshot
from patience import PATIENCE_S

from auralis_cli.db.content_keys import content_key
from auralis_cli.db.store import Store
from auralis_cli.errors import NoPlayerError
from auralis_cli.model.live_mastering import MasteringWish
from auralis_cli.model.playback import PlayableTrack, PlayerState, Side, Snapshot
from auralis_cli.model.plays import LikingWish
from auralis_cli.model.preferences import Observation, SoundChoice, Taste
from auralis_cli.model.presets import PRESETS
from auralis_cli.model.queue import QueueItem, QueueTrack
from auralis_cli.model.sound_wishes import MasteringMode
from auralis_cli.model.source import AudioSource
from auralis_cli.model.track_kinds import TrackKind
from auralis_cli.services.player_memory import LibraryMemory
from auralis_cli.services.player_taste import KeptChoices, PlayerTaste

pytestmark = pytest.mark.usefixtures("patient_memory")
NOW = 1_700_000_000
KIND = TrackKind.OPEN_FLOWING_DARK
SOURCE = AudioSource(Path("/m/a.flac"))


def playing(wish: MasteringWish, position_s: float, ticket: int = 1, **changed: Any) -> Snapshot:
    """A track that plays mastered."""
    plan = cast(Any, SimpleNamespace(kind=KIND))
    playing = snapshot(
        state=PlayerState.PLAYING, item=QueueItem(ticket, QueueTrack("/m/a.flac")), is_enhanced=True, plan=plan,
        track=PlayableTrack(SOURCE, "a"), wish=wish, position_s=position_s,
    )  # fmt: skip
    return replace(playing, **changed)


class Listening:
    """Somebody who hears a track, second by second."""

    def __init__(self, **changed: Any) -> None:
        self.now_s = 0.0
        self.wish = MasteringWish()
        self.choices: list[SoundChoice] = []
        self._position_s = 0.0
        self._changed = changed
        self._kept = KeptChoices(lambda: self.now_s)

    def hear(self, seconds: int, ticket: int = 1, **changed: Any) -> Listening:
        for _ in range(seconds):
            self.now_s += 1.0
            self._position_s += 1.0
            choice = self._kept.hear(playing(self.wish, self._position_s, ticket, **{**self._changed, **changed}))
            if choice is not None:
                self.choices.append(choice)
        return self

    def seek(self, position_s: float) -> None:
        self._position_s = position_s

    def choose(self, **figures: Any) -> Listening:
        self.wish = replace(self.wish, **figures)
        return self


@pytest.mark.invariant("S1-M-05")
def test_what_is_heard_for_half_a_minute_is_a_choice_once_and_what_was_only_tried_is_none() -> None:
    somebody = Listening().hear(3).choose(tilt_db=1.0).hear(29)
    assert somebody.choices == []
    # The first second was before anybody could hear it.
    assert somebody.hear(5).choices == [SoundChoice(tilt_db=1.0)]
    assert somebody.hear(120).choices == [SoundChoice(tilt_db=1.0)]


def test_the_last_of_several_tries_is_the_choice_and_each_figure_is_for_itself() -> None:
    somebody = Listening().hear(3)
    somebody.choose(tilt_db=2.0, preset="warm").hear(20).choose(tilt_db=0.5).hear(20)
    assert somebody.choices == [SoundChoice(preset="warm")]
    assert somebody.hear(20).choices == [SoundChoice(preset="warm"), SoundChoice(tilt_db=0.5)]


def test_who_goes_back_to_what_was_has_chosen_nothing() -> None:
    assert Listening().hear(3).choose(width_db=-2.0).hear(20).choose(width_db=0.0).hear(90).choices == []


@pytest.mark.parametrize(
    "changed",
    [
        {"is_enhanced": False},
        {"compared": Side.ORIGINAL},
        {"state": PlayerState.PAUSED},
        {"plan": None},
    ],
    ids=lambda changed: next(iter(changed)),
)
def test_what_nobody_hears_is_no_choice(changed: dict[str, Any]) -> None:
    somebody = Listening().hear(3).choose(intensity=0.5)
    assert somebody.hear(90, **changed).choices == []
    assert somebody.hear(32).choices == [SoundChoice(intensity=0.5)]


def test_what_was_leapt_over_was_not_heard() -> None:
    somebody = Listening().hear(3).choose(intensity=0.5).hear(10)
    somebody.seek(180.0)
    assert somebody.hear(15).choices == []


def test_another_track_or_a_reference_ends_a_try() -> None:
    assert Listening().hear(3).choose(preset="warm").hear(25).hear(90, ticket=2).choices == []
    assert Listening().hear(3).choose(preset="warm", mode=MasteringMode.REFERENCE).hear(90).choices == []


class Goes:
    """A player that is told what to go by."""

    def __init__(self) -> None:
        self.tastes: list[Taste | None] = []
        self.told = threading.Event()
        self.has_ended = False

    def use_taste(self, taste: Taste | None) -> None:
        if self.has_ended:
            raise NoPlayerError("player", "it has ended")
        self.tastes.append(taste)
        self.told.set()


@pytest.fixture
def library(tmp_path: Path) -> Path:
    path = tmp_path / "library.db"
    with Store.open(path, program="test", now=NOW) as store:
        library_of.put(store, [library_of.record("/m/a.flac")])
    return path


def kept(library: Path) -> Sequence[Observation]:
    with Store.open(library, program="test", now=NOW) as store:
        return store.preferences.all(now=NOW)


@pytest.mark.invariant("S1-M-05")
def test_a_choice_is_noted_with_the_kind_of_the_track_and_holds_from_the_next_track_on(library: Path) -> None:
    now_s, player = 0.0, Goes()
    memory = LibraryMemory(library, clock=lambda: float(NOW))
    taste = PlayerTaste(cast(Any, player), memory, library, PRESETS, clock=lambda: now_s)
    assert player.tastes == [None]
    for ticket in range(1, 8):
        for second in range(40):
            now_s += 1.0
            # As heard from another track on, each time a little after it began.
            taste.hear(playing(MasteringWish(tilt_db=-2.0 if second > 2 else 0.0), float(second), ticket))
        player.told.clear()
    memory.close()
    observations = kept(library)
    assert [(one.kind, one.choice) for one in observations] == [(KIND, SoundChoice(tilt_db=-2.0))] * 7
    assert len(player.tastes) == 8
    # Six were noted when the seventh track began.
    last = player.tastes[-1]
    assert last is not None
    liked = last.of(KIND)
    assert liked is not None
    assert liked.tilt_db is not None
    assert (liked.tilt_db.value, liked.tilt_db.choices) == (-2.0, 6)


@pytest.mark.invariant("S1-M-05")
def test_players_and_others_who_note_at_once_lose_no_choice(library: Path) -> None:
    memory = LibraryMemory(library, clock=lambda: float(NOW))

    def note(figure: float) -> None:
        with Store.open(library, program="test", now=NOW, wait_s=PATIENCE_S) as store:
            for _ in range(10):
                store.preferences.add([Observation(KIND, SoundChoice(tilt_db=figure), NOW)], now=NOW)

    others = [threading.Thread(target=note, args=(figure,)) for figure in (1.0, 2.0)]
    for other in others:
        other.start()
    for _ in range(10):
        memory.note_choice(SOURCE, KIND, SoundChoice(tilt_db=-1.0))
    for other in others:
        other.join()
    memory.close()
    found = [one.choice.tilt_db for one in kept(library)]
    assert {figure: found.count(figure) for figure in (-1.0, 1.0, 2.0)} == {-1.0: 10, 1.0: 10, 2.0: 10}


def test_a_rating_by_the_player_weighs_what_was_chosen_for_the_track(library: Path) -> None:
    key = content_key("test:a", 0)
    with Store.open(library, program="test", now=NOW) as store:
        store.preferences.add([Observation(KIND, SoundChoice(tilt_db=1.0), NOW, content_key=key)], now=NOW)
    memory = LibraryMemory(library, clock=lambda: float(NOW))
    memory.like(1, LikingWish(rates=True, rating=5.0))
    memory.close()
    assert [one.weight for one in kept(library)] == [1.5]


def test_a_player_that_has_ended_is_told_nothing_and_one_that_keeps_nothing_notes_nothing(library: Path) -> None:
    player = Goes()
    memory = LibraryMemory(library, clock=lambda: float(NOW))
    taste = PlayerTaste(cast(Any, player), memory, library, PRESETS)
    player.has_ended = True
    taste.hear(playing(MasteringWish(), 1.0))
    memory.close()
    assert player.tastes == [None]
