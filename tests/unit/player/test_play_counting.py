"""When a track that was heard counts as played: once, past half of it or four minutes of it."""

from __future__ import annotations

import pytest

from auralis_cli.model.plays import PlayOutcome
from auralis_cli.player.play_counting import Hearing


@pytest.mark.parametrize(
    ("duration_s", "heard_s", "counts"),
    [
        (100.0, 49.9, False),
        (100.0, 50.0, True),
        (3600.0, 239.9, False),
        (3600.0, 240.0, True),
        (480.0, 240.0, True),
        (None, 239.9, False),
        (None, 240.0, True),
        (0.0, 0.0, False),
    ],
)
def test_half_of_a_track_or_four_minutes_of_it_are_a_play(
    duration_s: float | None, heard_s: float, counts: bool
) -> None:
    assert Hearing(1).played_to(heard_s).counts(duration_s) is counts


def test_what_a_seek_leaps_over_was_not_heard() -> None:
    hearing = Hearing(1).played_to(10.0).sought(90.0).played_to(95.0)
    assert hearing.heard_s == 15.0
    assert not hearing.counts(100.0)
    assert hearing.sought(0.0).played_to(35.0).counts(100.0)


def test_a_position_that_seems_to_go_back_adds_nothing() -> None:
    hearing = Hearing(1).played_to(10.0).played_to(9.0).played_to(10.5)
    assert hearing.heard_s == 10.5


def test_how_a_play_ended_is_told_by_what_was_heard_first() -> None:
    little, enough = Hearing(1).played_to(3.0), Hearing(1).played_to(60.0)
    assert enough.outcome(100.0, ended=False, stopped=True) is PlayOutcome.FINISHED
    assert enough.outcome(100.0, ended=False, stopped=False) is PlayOutcome.FINISHED
    assert little.outcome(100.0, ended=False, stopped=True) is PlayOutcome.STOPPED
    assert little.outcome(100.0, ended=False, stopped=False) is PlayOutcome.SKIPPED
    # Sought to its end: what was heard was little of it.
    assert little.outcome(100.0, ended=True, stopped=False) is PlayOutcome.SKIPPED
    assert little.outcome(None, ended=True, stopped=False) is PlayOutcome.FINISHED
