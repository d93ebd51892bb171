from __future__ import annotations

import ast
import random
from collections.abc import Callable
from pathlib import Path

import pytest
from player_fakes import PlayerRig, tracks

from auralis_cli.model.playback import PlayerState, Snapshot
from auralis_cli.player.states import TRANSITIONS, StateEvent, next_state

PLAYER = Path(__file__).resolve().parents[3] / "auralis_cli" / "player"
S, E = PlayerState, StateEvent


@pytest.mark.parametrize("state", PlayerState)
@pytest.mark.parametrize("event", StateEvent)
def test_a_pair_leads_where_the_table_says_or_nowhere(state: PlayerState, event: StateEvent) -> None:
    after = next_state(state, event)
    assert after is TRANSITIONS.get((state, event))
    if event is E.LOAD:
        assert after is S.LOADING
    if event is E.STOP:
        assert after is (None if state is S.STOPPED else S.STOPPED)
    if event is E.READY:
        assert after is (S.PLAYING if state is S.LOADING else None)


def test_every_state_is_reached_and_left() -> None:
    assert set(TRANSITIONS.values()) == set(PlayerState)
    assert {before for before, _ in TRANSITIONS} == set(PlayerState)


def test_the_table_cannot_be_changed() -> None:
    with pytest.raises(TypeError):
        TRANSITIONS[S.STOPPED, E.READY] = S.PLAYING  # type: ignore[index]


@pytest.mark.invariant("S1-H-02")
def test_nobody_can_set_the_state_from_outside() -> None:
    """✗ the state has a setter."""
    rig = PlayerRig()
    with pytest.raises(AttributeError):
        rig.player.state = PlayerState.PLAYING  # type: ignore[misc]
    with pytest.raises(AttributeError):
        rig.player._transport.state = PlayerState.PLAYING  # type: ignore[misc]


@pytest.mark.invariant("S1-H-02")
def test_the_state_is_assigned_in_one_place_by_the_table() -> None:
    """✗ a verb sets the state it likes."""
    assigned = []
    for module in sorted(PLAYER.glob("*.py")):
        for function in ast.walk(ast.parse(module.read_text())):
            if not isinstance(function, ast.FunctionDef):
                continue
            for node in ast.walk(function):
                targets = node.targets if isinstance(node, ast.Assign) else []
                if any(isinstance(target, ast.Attribute) and target.attr == "_state" for target in targets):
                    assigned.append((module.name, function.name))
    assert assigned == [("transport.py", "__init__"), ("transport.py", "move")]


@pytest.mark.invariant("S1-L-07")
def test_the_same_wishes_at_the_same_times_make_the_same_player() -> None:
    """✗ the time is asked of the machine."""

    def played() -> list[Snapshot]:
        rig, chance, seen = PlayerRig(), random.Random(7), list[Snapshot]()
        rig.player.subscribe(seen.append)
        rig.player.set_queue(tracks(6))
        wishes: list[Callable[[], None]] = [
            rig.player.next, rig.player.previous, rig.player.toggle, rig.player.stop, rig.player.play,
            lambda: rig.player.seek(chance.uniform(0, 3)), rig.player.shuffle,
        ]  # fmt: skip
        for _ in range(40):
            chance.choice(wishes)()
            rig.play_for(0.1)
        seen.append(rig.snapshot)
        assert [play[1] for play in rig.memory.plays] == sorted(play[1] for play in rig.memory.plays)
        assert all(1_000 <= play[1] < 1_010 for play in rig.memory.plays)
        return seen

    assert played() == played()
