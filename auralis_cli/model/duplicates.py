"""Tracks that are one recording: what two contents have in common, and which copies of it a library holds."""

from __future__ import annotations

from enum import StrEnum

from auralis_cli.errors import AuralisError
from auralis_cli.model.cleanup import CleanupAction
from auralis_cli.model.library import Track
from auralis_cli.quick_dataclasses import dataclass

# Of the signs compared, what may differ where it is the same recording, and where it may be.
MOST_ERRORS = 0.20
MOST_ERRORS_POSSIBLE = 0.30
# Of what is heard in the longer one, what has to be in both: with less, one of them is cut.
WHOLE_SHARE = 0.90


class DuplicateKind(StrEnum):
    """How alike two tracks are, the closest first."""

    # Sample for sample, under other tags or in another container.
    IDENTICAL = "identical"
    # Encoded otherwise, or at another level.
    SAME = "same"
    # One holds a part of the other.
    CUT = "cut"
    # Only shown: somebody has to listen.
    POSSIBLE = "possible"


@dataclass(frozen=True, slots=True)
class RecordingMatch:
    """What the landmarks of two contents say of them. The keys are in order."""

    first_key: str
    second_key: str
    # Of the signs compared: 0 for the same, ½ for strangers.
    error_rate: float
    # Where in the first one the second one begins; below 0 it begins before.
    offset_s: float
    # Of what is heard in the one of which more is heard, the share that lies beside the other.
    shared: float

    @property
    def kind(self) -> DuplicateKind:
        """What that makes them."""
        if self.error_rate > MOST_ERRORS:
            return DuplicateKind.POSSIBLE
        return DuplicateKind.SAME if self.shared >= WHOLE_SHARE else DuplicateKind.CUT

    def offset_in(self, key: str) -> float:
        """Where in the recording of content `key` the other one begins."""
        return self.offset_s if key == self.first_key else -self.offset_s


@dataclass(frozen=True, slots=True)
class TrackCopy:
    """A track that another is kept for, or would be."""

    track: Track
    # The rest is as against the copy to keep.
    kind: DuplicateKind
    # None where nothing had to be compared: the contents are the same.
    error_rate: float | None
    # Above 0 where it is louder; None where one of them is not measured, or one is cut.
    level_difference_lu: float | None
    # The stretch of the copy to keep that this one holds, where it is cut.
    start_s: float | None
    end_s: float | None
    action: CleanupAction
    # "same recording: mp3, 2.1 LU louder, 3.1 % of the landmarks differ".
    detail: str
    # Why it stays where it is.
    stays: str | None = None
    # Why it could not go where it should have gone.
    error: AuralisError | None = None


@dataclass(frozen=True, slots=True)
class DuplicateGroup:
    """A recording that the library has more than once."""

    # The least close of its copies.
    kind: DuplicateKind
    keep: Track
    # Why that one, in words: "lossless", "complete".
    reasons: tuple[str, ...]
    copies: tuple[TrackCopy, ...]

    @property
    def going(self) -> tuple[TrackCopy, ...]:
        """The copies that go to the trash, or went."""
        return tuple(copy for copy in self.copies if copy.action is CleanupAction.TRASH)


@dataclass(frozen=True, slots=True)
class DuplicateReport:
    """What a search found."""

    groups: tuple[DuplicateGroup, ...]
    # Pairs of tracks that were left out, since the user said that they are no duplicates.
    ignored: int
    # Tracks that have no landmarks yet: of those only equal contents were found.
    unknown: int
