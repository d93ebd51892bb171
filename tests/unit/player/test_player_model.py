"""The player against the simplest model of one, by rules in any order."""

from __future__ import annotations

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from player_fakes import TRACK_S, PlayerRig, tracks
from queue_model import PAUSED, PLAYING, STOPPED, ModelPlayer

from auralis_cli.model.playback import PlayerState
from auralis_cli.model.player_choices import RepeatMode

STATES = {STOPPED: PlayerState.STOPPED, PLAYING: PlayerState.PLAYING, PAUSED: PlayerState.PAUSED}
SETTLES_S = 0.1


class PlayerMachine(RuleBasedStateMachine):
    """After each wish time goes on a little; then player, sound and model have to agree."""

    def __init__(self) -> None:
        super().__init__()
        self.rig, self.model = PlayerRig(), ModelPlayer()
        self.player = self.rig.player

    # Wishes

    @rule(count=st.integers(0, 6), start=st.integers(0, 5), play=st.booleans())
    def set_queue(self, count: int, start: int, play: bool) -> None:
        start = min(start, max(0, count - 1))
        self.player.set_queue(tracks(count), start=start, play=play)
        self.model.set(count, start, play=play)
        self.settle()

    @rule(count=st.integers(0, 3))
    def add(self, count: int) -> None:
        self.player.add(tracks(count))
        self.model.insert(len(self.model.items), count)
        self.settle()

    @rule(count=st.integers(1, 2))
    def play_next(self, count: int) -> None:
        self.player.play_next(tracks(count))
        self.model.insert(self.model.index + 1, count)
        self.settle()

    @rule(data=st.data())
    def insert(self, data: st.DataObject) -> None:
        position = data.draw(st.integers(0, len(self.model.items)))
        self.player.insert(position, tracks(1))
        self.model.insert(position, 1)
        self.settle()

    @precondition(lambda self: self.model.items)
    @rule(data=st.data())
    def remove(self, data: st.DataObject) -> None:
        positions = data.draw(st.sets(st.integers(0, len(self.model.items) - 1), min_size=1, max_size=3))
        self.player.remove(positions)
        self.model.remove(sorted(positions))
        self.settle()

    @precondition(lambda self: self.model.items)
    @rule(data=st.data())
    def move(self, data: st.DataObject) -> None:
        places = st.integers(0, len(self.model.items) - 1)
        origin, target = data.draw(places), data.draw(places)
        self.player.move(origin, target)
        self.model.move(origin, target)
        self.settle()

    @rule()
    def clear(self) -> None:
        self.player.clear()
        self.model.clear()
        self.settle()

    @rule()
    def shuffle(self) -> None:
        self.player.shuffle()
        self.rig.turn()
        self.model.shuffle()
        self.settle()

    @rule()
    def unshuffle(self) -> None:
        self.player.unshuffle()
        self.model.unshuffle()
        self.settle()

    @rule()
    def undo(self) -> None:
        self.player.undo()
        self.model.undo()
        self.settle()

    @rule()
    def redo(self) -> None:
        self.player.redo()
        self.model.redo()
        self.settle()

    @precondition(lambda self: self.model.items)
    @rule(data=st.data())
    def jump(self, data: st.DataObject) -> None:
        position = data.draw(st.integers(0, len(self.model.items) - 1))
        self.player.jump(position)
        self.model.jump(position)
        self.settle()

    @rule()
    def play(self) -> None:
        self.player.play()
        self.model.play()
        self.settle()

    @rule()
    def pause(self) -> None:
        self.player.pause()
        self.model.pause()
        self.settle()

    @rule()
    def stop(self) -> None:
        self.player.stop()
        self.model.stop()
        self.settle()

    @rule()
    def next(self) -> None:
        self.player.next()
        self.model.next()
        self.settle()

    @rule()
    def previous(self) -> None:
        self.player.previous()
        self.model.previous(restarts=False)
        self.settle()

    @rule(mode=st.sampled_from(RepeatMode))
    def repeat(self, mode: RepeatMode) -> None:
        self.player.repeat(mode)
        self.model.repeat = mode
        self.settle()

    @rule()
    def consume(self) -> None:
        self.player.consume()
        self.model.consume = not self.model.consume
        self.settle()

    @rule()
    def stop_after_current(self) -> None:
        self.player.stop_after_current()
        self.model.stop_after = not self.model.stop_after
        self.settle()

    @rule()
    def several_wishes_at_once(self) -> None:
        for _ in range(3):
            self.player.next()
            self.model.next()
        self.player.previous()
        self.model.previous(restarts=False)
        self.settle()

    # Time

    @precondition(lambda self: self.model.state == PLAYING)
    @rule()
    def plays_to_the_end(self) -> None:
        left_s = TRACK_S - self.rig.snapshot.position_s
        self.rig.play_for(left_s + SETTLES_S)
        self.model.ends()
        self.model.begins = False

    @precondition(lambda self: self.model.state == PLAYING)
    @rule()
    def plays_almost_to_the_end(self) -> None:
        """What follows lies in the ring by now."""
        self.rig.play_for(max(0.0, TRACK_S - self.rig.snapshot.position_s - 4 * SETTLES_S))
        self.model.begins = False

    @precondition(lambda self: self.model.state == PLAYING)
    @rule()
    def seeks_to_the_end(self) -> None:
        self.player.seek(TRACK_S)
        self.model.ends()
        self.settle()

    @precondition(lambda self: self.model.state == PLAYING)
    @rule(position_s=st.floats(0.0, TRACK_S / 2))
    def seeks(self, position_s: float) -> None:
        self.player.seek(position_s)
        self.settle()
        self.model.begins = False
        assert self.rig.snapshot.position_s == pytest.approx(position_s + SETTLES_S, abs=SETTLES_S)

    def settle(self) -> None:
        """A moment passes, in which no track ends by itself."""
        self.rig.play_for(SETTLES_S)
        if self.model.state == PLAYING and TRACK_S - self.rig.snapshot.position_s < 2 * SETTLES_S:
            self.player.seek(1.0)
            self.rig.play_for(SETTLES_S)

    @invariant()
    def agrees(self) -> None:
        snapshot, model = self.rig.snapshot, self.model
        queue = self.player.queue
        assert [item.ticket for item in queue.items] == model.items
        assert queue.index == model.index == snapshot.queue_index
        assert list(queue.unshuffled or ()) == (model.back or [])
        if snapshot.state is not PlayerState.LOADING:
            assert snapshot.state is STATES[model.state]
            assert self.rig.sounds() == (model.current if model.state == PLAYING else 0)
        else:
            assert model.state == PLAYING
        assert 0.0 <= snapshot.position_s <= (snapshot.duration_s or 0.0) or not model.items
        if model.state == STOPPED:
            assert snapshot.position_s == 0.0
        assert len([feeder for feeder in self.rig.feeders if not feeder.feed.is_cancelled]) <= 2


TestPlayerMachine = PlayerMachine.TestCase
TestPlayerMachine.settings = settings(max_examples=40, stateful_step_count=25)
