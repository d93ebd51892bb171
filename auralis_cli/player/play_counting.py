"""What is heard of the current track, and when that counts as a play: once, past half of it or four minutes of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Self

from auralis_cli.model.playback import COUNTS_AFTER_S, PlayableTrack
from auralis_cli.model.plays import PlayOutcome
from auralis_cli.player.ports import PlayerMemory
from auralis_cli.quick_dataclasses import dataclass

_ENOUGH_SHARE = 0.5


@dataclass(frozen=True, slots=True)
class Hearing:
    """One time a track is played: when it began, and how much of it was really heard.

    Told of every position it plays at, and of every jump: what a seek leaps over was not heard.
    """

    started_at: int
    position_s: float = 0.0
    heard_s: float = 0.0

    def played_to(self, position_s: float) -> Self:
        """Played on to a position; one further back than the last adds nothing."""
        heard_s = self.heard_s + max(0.0, position_s - self.position_s)
        return replace(self, position_s=max(self.position_s, position_s), heard_s=heard_s)

    def sought(self, position_s: float) -> Self:
        """Goes on at another position."""
        return replace(self, position_s=position_s)

    def counts(self, duration_s: float | None) -> bool:
        """Whether that was a play: past half of the track, or of four minutes where that is less."""
        if duration_s is None:
            return self.heard_s >= COUNTS_AFTER_S
        return self.heard_s >= min(duration_s * _ENOUGH_SHARE, COUNTS_AFTER_S) and self.heard_s > 0.0

    def outcome(self, duration_s: float | None, *, ended: bool, stopped: bool) -> PlayOutcome:
        """How it came to its end: FINISHED where it counts, however that was, else STOPPED or SKIPPED.

        Without a known duration the track's own end counts as well, as all of it was heard that there was.
        """
        if self.counts(duration_s) or (ended and duration_s is None and self.heard_s > 0.0):
            return PlayOutcome.FINISHED
        return PlayOutcome.STOPPED if stopped else PlayOutcome.SKIPPED


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
