"""What is heard of the current track, until it is left: then that was a play."""

from __future__ import annotations

from collections.abc import Callable

from auralis_cli.model.playback import PlayableTrack
from auralis_cli.player.play_counting import Hearing
from auralis_cli.player.ports import PlayerMemory


class Hearings:
    """The play that is under way, where one is. Guarded by the player's lock."""

    def __init__(self, now: Callable[[], int]) -> None:
        self._now = now
        self._hearing: Hearing | None = None
        self._track: PlayableTrack | None = None
        self._duration_s: float | None = None

    def heard(self, track: PlayableTrack, begun_s: float, position_s: float, duration_s: float | None) -> None:
        """That track has played on to that position; where it is another one, from `begun_s` on."""
        if self._hearing is None or self._track is None or self._track.source != track.source:
            self._hearing = Hearing(self._now(), begun_s)
        self._track, self._duration_s = track, duration_s
        self._hearing = self._hearing.played_to(position_s)

    def heard_out(self) -> None:
        """It was heard from there to its end."""
        if self._hearing is not None and self._duration_s is not None:
            self._hearing = self._hearing.played_to(self._duration_s)

    def sought(self, position_s: float) -> None:
        """It goes on elsewhere in the same track."""
        if self._hearing is not None:
            self._hearing = self._hearing.sought(position_s)

    def left(self, *, ended: bool, stopped: bool) -> Callable[[PlayerMemory], None] | None:
        """The track is left: how its play is kept; None where nothing of it was heard."""
        hearing, track, duration_s = self._hearing, self._track, self._duration_s
        self._hearing = self._track = self._duration_s = None
        if hearing is None or track is None:
            return None
        if hearing.heard_s <= 0.0:
            return None
        outcome = hearing.outcome(duration_s, ended=ended, stopped=stopped)
        return lambda memory: memory.record_play(track, hearing.started_at, hearing.heard_s, outcome)
