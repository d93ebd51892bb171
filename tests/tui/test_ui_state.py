"""What the screen shows is a pure function of what happened: late news change nothing, time is handed in."""

from __future__ import annotations

import random
from dataclasses import replace
from functools import reduce

import pytest
from fake_player import snapshot

from auralis_cli.model.player_status import PlayerStatus
from auralis_cli.tui.ui_state import Event, Gone, Noticed, Ticked, Told, UiState, Viewed, after

START = UiState("now")


def status(revision: int, **changed: object) -> PlayerStatus:
    return replace(PlayerStatus.of(snapshot(revision=revision)), **changed)  # type: ignore[arg-type]


@pytest.mark.invariant("S4-D5.1")
def test_news_in_any_order_come_to_the_same() -> None:
    """Kills: the last that arrives wins."""
    told: list[Event] = [
        Told(status(revision, volume=float(revision)), 100.0 + revision, run)
        for run in (0, 1)
        for revision in (1, 2, 3)
    ]
    newest = reduce(after, told, START)
    assert newest.status is not None
    assert (newest.run, newest.status.volume) == (1, 3.0)
    for seed in range(30):
        shuffled = random.Random(seed).sample(told, len(told))
        assert reduce(after, shuffled, START) == newest


@pytest.mark.invariant("S1-L-07")
def test_the_same_log_makes_the_same_state() -> None:
    """Kills: a reducer that asks a clock."""
    log: list[Event] = [
        Viewed("queue"), Told(status(1), 5.0, 0), Noticed("done", 6.0), Ticked(8.0), Gone("ended"),
        Told(status(1, state="playing"), 20.0, 1), Noticed("no", 21.0, is_error=True), Ticked(22.0), Viewed("now"),
    ]  # fmt: skip
    first = reduce(after, log, START)
    assert first == reduce(after, log, START)
    assert first.notice is not None
    assert first.notice.until_s == 26.0
    assert (first.view, first.is_connected, first.told_at_s) == ("now", True, 20.0)


def test_what_changes_nothing_is_the_same_state() -> None:
    state = after(START, Told(status(5), 1.0, 0))
    assert after(state, Told(status(4), 2.0, 0)) is state
    assert after(state, Viewed("now")) is state
    assert after(state, Ticked(9.0)) is state


def test_a_notice_goes_after_a_while() -> None:
    state = after(START, Noticed("done", 10.0))
    assert after(state, Ticked(14.9)) is state
    assert after(state, Ticked(15.0)).notice is None


def test_between_two_news_the_position_goes_on_while_it_plays() -> None:
    playing = after(START, Told(status(1, state="playing", position_s=10.0, duration_s=12.0), 100.0, 0))
    assert playing.position_s(101.5) == 11.5
    assert playing.position_s(200.0) == 12.0
    assert playing.position_s(99.0) == 10.0
    assert after(playing, Gone("ended")).position_s(101.5) == 10.0
    paused = after(playing, Told(status(2, state="paused", position_s=11.0, duration_s=12.0), 101.0, 0))
    assert paused.position_s(150.0) == 11.0
