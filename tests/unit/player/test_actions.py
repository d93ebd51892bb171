"""Actions by their ids: each does what it says, and what is wrong with it changes nothing."""

from __future__ import annotations

import pytest
from fake_player import DURATION_S, FakePlayer

from auralis_cli.errors import UsageError
from auralis_cli.model.actions import ACTIONS
from auralis_cli.model.playback import PlayerState, Side
from auralis_cli.model.queue import QueueTrack
from auralis_cli.player.actions import _DO, PlayerActions


@pytest.fixture
def player() -> FakePlayer:
    one = FakePlayer()
    one.set_queue([QueueTrack(f"/m/{name}") for name in "abc"])
    one.told.clear()
    return one


@pytest.fixture
def actions(player: FakePlayer) -> PlayerActions:
    return PlayerActions(player.as_player, lambda: player.told.append("quit"))


def test_every_action_of_the_registry_is_done() -> None:
    assert set(_DO) | {"quit"} == set(ACTIONS)


def test_seeking_in_shares_and_steps(player: FakePlayer, actions: PlayerActions) -> None:
    for to, position_s in (
        ("25%", DURATION_S / 4),
        ("+10", DURATION_S / 4 + 10),
        (-20, DURATION_S / 4 - 10),
        ("0:07", 7),
    ):
        actions.perform("seek", {"to": to})
        assert player.snapshot().position_s == position_s
    player.clear()
    player.change(duration_s=None)
    player.told.clear()
    actions.perform("seek", {"to": "50%"})
    assert player.told == []


def test_steps_of_volume_end_at_the_ends(player: FakePlayer, actions: PlayerActions) -> None:
    for level, volume in (("95", 95.0), ("+10", 100.0), ("-100", 0.0), ("-1", 0.0), (30, 30.0)):
        actions.perform("volume", {"level": level})
        assert player.snapshot().volume == volume


def test_toggles_are_the_other_way_round(player: FakePlayer, actions: PlayerActions) -> None:
    actions.perform("enhance")
    assert player.snapshot().is_enhanced
    actions.perform("enhance", {"enhance": True})
    assert player.snapshot().is_enhanced
    actions.perform("compare")
    assert player.snapshot().compared is Side.MASTERED
    actions.perform("compare")
    assert player.snapshot().compared is Side.ORIGINAL
    for told in ("shuffle tracks", "unshuffle"):
        actions.perform("shuffle")
        assert player.told[-1] == told


def test_tracks_that_are_added_may_be_played_at_once(player: FakePlayer, actions: PlayerActions) -> None:
    player.stop()
    actions.perform("add", {"tracks": ["/m/x"]})
    assert player.snapshot().state is PlayerState.STOPPED
    actions.perform("add", {"tracks": ["/m/y", "/m/z"], "play": True})
    assert (player.queue.index, player.snapshot().state) == (4, PlayerState.PLAYING)
    player.told.clear()
    actions.perform("add", {"tracks": [], "play": "on"})
    assert player.told == ["add"]
    actions.perform("set-queue", {"tracks": ["/m/p", "/m/q"], "start": 2, "play": False})
    assert (player.queue.index, player.snapshot().state) == (1, PlayerState.STOPPED)


@pytest.mark.parametrize(
    ("action", "arguments", "position"),
    [
        ("jump", {"position": 4}, 4),
        ("remove", {"positions": "2 9"}, 9),
        ("move", {"origin": 1, "target": 4}, 4),
        ("move", {"origin": 5, "target": 1}, 5),
        ("insert", {"position": 5, "tracks": ["/m/x"]}, 5),
    ],
)
def test_a_position_that_is_not_there_is_said_as_people_count(
    player: FakePlayer, actions: PlayerActions, action: str, arguments: dict[str, object], position: int
) -> None:
    with pytest.raises(UsageError, match=f"^{position}: is no position of the queue .it has 3.$"):
        actions.perform(action, arguments)
    assert player.told == []


def test_tracks_may_be_put_behind_the_last(player: FakePlayer, actions: PlayerActions) -> None:
    actions.perform("insert", {"position": 4, "tracks": ["/m/x"]})
    assert [item.track.path for item in player.queue.items] == ["/m/a", "/m/b", "/m/c", "/m/x"]


def test_quitting_is_the_programs(player: FakePlayer, actions: PlayerActions) -> None:
    actions.perform("quit")
    assert player.told == ["quit"]


@pytest.mark.parametrize("arguments", [{}, {"level": "101"}, {"level": "50", "loud": 1}, {"volume": 50}])
def test_what_is_wrong_changes_nothing(
    player: FakePlayer, actions: PlayerActions, arguments: dict[str, object]
) -> None:
    before = player.snapshot()
    with pytest.raises(UsageError):
        actions.perform("volume", arguments)
    assert player.snapshot() is before
