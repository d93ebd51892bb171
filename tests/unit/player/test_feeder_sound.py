"""By what a feeder decides how a track sounds: neighbours in the album, levels measured meanwhile, plans."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from feeding import Feeding, Plans, Shelf, Tape

from auralis_cli.errors import InputError
from auralis_cli.mastering.early_plans import level_plan
from auralis_cli.model.live_mastering import MasteringWish, PlanStage
from auralis_cli.model.playback import PlayableTrack, TrackLevels
from auralis_cli.model.player_choices import NormalizeMode
from auralis_cli.model.presets import ADAPTIVE
from auralis_cli.model.queue import QueueItem, QueueTrack
from auralis_cli.model.source import AudioSource
from auralis_cli.player.feed_request import FeedSettings, Following, ReportKind

ALBUM = TrackLevels(-14.0, -3.0)
SMART = FeedSettings(normalize=NormalizeMode.SMART)


def shelf() -> Shelf:
    """Three tracks of an album, each with a loudness of its own, and a stranger."""
    filled = Shelf({name: Tape(500) for name in ("1", "2", "3", "stranger")})
    for number in (1, 2, 3):
        filled.tracks[str(number)] = PlayableTrack(
            AudioSource(Path(str(number))),
            str(number),
            album_key="album",
            track=number,
            levels=TrackLevels(-20.0 - number, -10.0),
            album_levels=ALBUM,
        )
    filled.tracks["stranger"] = PlayableTrack(AudioSource(Path("stranger")), "?", levels=TrackLevels(-9.0, -1.0))
    return filled


def gains(*names: str, **asked: object) -> list[float]:
    playing = Feeding(shelf(), names, settings=SMART, **asked)  # type: ignore[arg-type]
    playing.all()
    return [round(mark.normalize_db, 3) for mark in playing.feed.marks]


def test_smart_takes_the_gain_of_the_album_where_that_plays_in_order_from_its_first_track_on() -> None:
    assert gains("1", "2", "3") == [-4.0, -4.0, -4.0]
    assert gains("3", "1", "stranger") == [5.0, 3.0, -9.0]
    assert gains("stranger", "2", "3", "1") == [-9.0, -4.0, -4.0, 3.0]


def test_a_feed_that_begins_with_the_last_track_goes_by_what_was_heard_before() -> None:
    assert gains("3") == [5.0]
    assert gains("3", before=shelf().tracks["2"]) == [-4.0]
    assert gains("3", before=shelf().tracks["1"]) == [5.0]


def test_a_neighbour_that_cannot_be_found_is_none() -> None:
    books = shelf()
    found = books.look_up

    def look_up(track: QueueTrack) -> PlayableTrack:
        if track.path == "2":
            raise InputError("2", "does not exist")
        return found(track)

    books.look_up = look_up  # type: ignore[method-assign]
    playing = Feeding(books, ["1", "2", "3"], settings=SMART)
    playing.all()
    assert [round(mark.normalize_db, 3) for mark in playing.feed.marks] == [3.0, 5.0]
    assert len(playing.told(ReportKind.FAILED)) == 1


def test_what_is_known_of_a_track_by_now_counts_and_not_what_was_known_when_it_was_opened() -> None:
    books = shelf()
    unknown = replace(books.tracks["stranger"], levels=None)
    books.tracks["stranger"] = unknown
    asked: list[QueueItem] = []

    def follow(item: QueueItem) -> Following | None:
        asked.append(item)
        if item.track.path != "1":
            return None
        known = replace(unknown, levels=TrackLevels(-9.0, -1.0)) if len(asked) > 2 else None
        return Following(QueueItem(9, replace(item.track, path="stranger")), known)

    settings = FeedSettings(normalize=NormalizeMode.TRACK)
    books.tapes["1"] = Tape(4_000)
    playing = Feeding(books, ["1"], settings=settings, follow=follow)
    playing.all()
    assert playing.feed.marks[1].normalize_db == pytest.approx(-9.0)
    assert playing.feed.marks[1].track.levels is not None
    assert books.opened == ["1", "stranger"]


def test_a_track_without_a_plan_is_heard_as_it_is_and_one_that_has_one_by_it() -> None:
    wish = MasteringWish()
    plans = Plans({"2": level_plan(TrackLevels(-30.0, -20.0), wish, ADAPTIVE)})
    playing = Feeding(shelf(), ["1", "2"], settings=FeedSettings(wish), plans=plans)
    playing.all()
    assert [mark.plan_stage for mark in playing.feed.marks] == [None, PlanStage.LEVEL]
