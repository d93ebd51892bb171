"""What was played, and how it was liked."""

from __future__ import annotations

from dataclasses import replace
from enum import StrEnum
from typing import TYPE_CHECKING

from auralis_cli.quick_dataclasses import dataclass

if TYPE_CHECKING:
    from auralis_cli.model.library import Track


class PlayOutcome(StrEnum):
    """How a play came to its end."""

    FINISHED = "finished"
    # Something else was wanted.
    SKIPPED = "skipped"
    STOPPED = "stopped"


BEST_RATING = 5.0


@dataclass(frozen=True, slots=True)
class Liking:
    """How a track is liked, and what its plays add up to."""

    # 0 to 5; None where it was not rated.
    rating: float | None = None
    favourite: bool = False
    play_count: int = 0
    skip_count: int = 0
    last_played_at: int | None = None


@dataclass(frozen=True, slots=True)
class LikingWish:
    """What tracks are to be given; what is not wished for stays as it is."""

    # Whether `rating` is given, None of which takes it away.
    rates: bool = False
    rating: float | None = None
    favourite: bool | None = None
    # Whether favourites become none, and the others favourites.
    toggles_favourite: bool = False

    def settled(self, liking: Liking) -> LikingWish:
        """The same without a toggle, for a track that is liked so: done twice it is what it was once."""
        if not self.toggles_favourite:
            return self
        return replace(self, favourite=not liking.favourite, toggles_favourite=False)

    def applied_to(self, liking: Liking) -> Liking:
        """How a track is liked then."""
        wish = self.settled(liking)
        return replace(
            liking,
            rating=wish.rating if wish.rates else liking.rating,
            favourite=liking.favourite if wish.favourite is None else wish.favourite,
        )

    @property
    def words(self) -> str:
        """`4.5`, `no rating`, `4.5, favourite`: for the journal."""
        said = [] if not self.rates else ["no rating" if self.rating is None else f"{self.rating:g}"]
        if self.toggles_favourite:
            said.append("favourite or not")
        elif self.favourite is not None:
            said.append("favourite" if self.favourite else "no favourite")
        return ", ".join(said)


@dataclass(frozen=True, slots=True)
class PastPlay:
    """One play of a track, as it is handed on."""

    started_at: int
    played_s: float
    outcome: PlayOutcome


@dataclass(frozen=True, slots=True)
class PlayData:
    """What another program, or an export, says of one track; None where it says nothing."""

    path: str
    cue_number: int = 0
    # What the audio is, whatever the file is called.
    content_id: str | None = None
    rating: float | None = None
    favourite: bool | None = None
    play_count: int | None = None
    skip_count: int | None = None
    last_played_at: int | None = None
    plays: tuple[PastPlay, ...] = ()


@dataclass(frozen=True, slots=True)
class Play:
    """One time a track was played."""

    id: int
    track: Track
    started_at: int
    played_s: float
    outcome: PlayOutcome


@dataclass(frozen=True, slots=True)
class PlayCounts:
    """All plays together."""

    plays: int
    tracks: int
    played_s: float
    rated: int
