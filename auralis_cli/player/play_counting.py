"""When a track that is heard counts as played: once, past half of it or four minutes of it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Self

from auralis_cli.model.playback import COUNTS_AFTER_S
from auralis_cli.model.plays import PlayOutcome

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
