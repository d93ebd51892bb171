"""Which state follows which: one pure table. A pair that is not in it changes nothing, which is said by None."""

from __future__ import annotations

from enum import StrEnum
from types import MappingProxyType

from auralis_cli.model.playback import PlayerState


class StateEvent(StrEnum):
    """What can happen to the player: what is wished, and what comes of it."""

    # Wishes
    PLAY = "play"
    PAUSE = "pause"
    STOP = "stop"
    # Another track is to be played, at once.
    LOAD = "load"
    # Outcomes
    # What was wanted can be heard.
    READY = "ready"
    # Nothing follows.
    END = "end"
    # No device, or nothing but broken tracks.
    FAIL = "fail"


_S = PlayerState
_E = StateEvent
TRANSITIONS = MappingProxyType(
    {
        (_S.STOPPED, _E.PLAY): _S.LOADING,
        (_S.STOPPED, _E.LOAD): _S.LOADING,
        (_S.STOPPED, _E.FAIL): _S.ERROR,
        (_S.LOADING, _E.PAUSE): _S.PAUSED,
        (_S.LOADING, _E.STOP): _S.STOPPED,
        (_S.LOADING, _E.LOAD): _S.LOADING,
        (_S.LOADING, _E.READY): _S.PLAYING,
        (_S.LOADING, _E.END): _S.STOPPED,
        (_S.LOADING, _E.FAIL): _S.ERROR,
        (_S.PLAYING, _E.PAUSE): _S.PAUSED,
        (_S.PLAYING, _E.STOP): _S.STOPPED,
        (_S.PLAYING, _E.LOAD): _S.LOADING,
        (_S.PLAYING, _E.END): _S.STOPPED,
        (_S.PLAYING, _E.FAIL): _S.ERROR,
        # It is loaded while it pauses; READY makes a pause no playing.
        (_S.PAUSED, _E.PLAY): _S.LOADING,
        (_S.PAUSED, _E.STOP): _S.STOPPED,
        (_S.PAUSED, _E.LOAD): _S.LOADING,
        (_S.PAUSED, _E.END): _S.STOPPED,
        (_S.PAUSED, _E.FAIL): _S.ERROR,
        (_S.ERROR, _E.PLAY): _S.LOADING,
        (_S.ERROR, _E.PAUSE): _S.PAUSED,
        (_S.ERROR, _E.STOP): _S.STOPPED,
        (_S.ERROR, _E.LOAD): _S.LOADING,
        (_S.ERROR, _E.END): _S.STOPPED,
        (_S.ERROR, _E.FAIL): _S.ERROR,
    }
)


def next_state(state: PlayerState, event: StateEvent) -> PlayerState | None:
    """The state that `event` leads to; None where it means nothing in `state`."""
    return TRANSITIONS.get((state, event))
