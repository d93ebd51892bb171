"""What people say of the track that plays is kept of that track, and of no other."""

from __future__ import annotations

import pytest
from player_fakes import TRACK_S, PlayerRig

from auralis_cli.errors import UsageError
from auralis_cli.model.plays import LikingWish
from auralis_cli.model.queue import QueueTrack
from auralis_cli.player.actions import PlayerActions

FIVE = LikingWish(rates=True, rating=5.0)


def rig_of(*ids: int | None) -> PlayerRig:
    rig = PlayerRig()
    rig.player.set_queue([QueueTrack(f"/music/{place}.flac", 0, number) for place, number in enumerate(ids, 1)])
    return rig


def test_it_is_the_track_that_is_heard_when_it_is_said() -> None:
    """✗ the track that is current when it is written."""
    rig = rig_of(11, 12)
    rig.play_for(0.1)
    PlayerActions(rig.player, lambda: None).perform("rate", {"rating": "5"})
    rig.player.next()
    PlayerActions(rig.player, lambda: None).perform("favourite", {"favourite": True})
    rig.turn()
    assert rig.memory.likings == [(11, FIVE), (12, LikingWish(favourite=True))]
    rig.play_for(TRACK_S + 0.2)


def test_what_cannot_be_kept_is_refused_at_once() -> None:
    """✗ it is taken, and silently lost."""
    rig = rig_of(None)
    rig.play_for(0.1)
    with pytest.raises(UsageError, match="is not in the library"):
        rig.player.like(FIVE)
    rig.player.clear()
    with pytest.raises(UsageError, match="nothing is queued"):
        rig.player.like(FIVE)
    rig = rig_of(11)
    rig.memory.keeps = False
    with pytest.raises(UsageError, match="keeps nothing"):
        rig.player.like(FIVE)
    assert rig.memory.likings == []


def test_a_track_is_rated_before_it_was_looked_up() -> None:
    rig = rig_of(11)
    rig.player.like(FIVE)
    rig.turn()
    assert rig.memory.likings == [(11, FIVE)]
