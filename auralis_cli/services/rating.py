"""How people like tracks: ratings and favourites given, changed and taken away, each change an entry of the journal."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from auralis_cli.db.store import Store
from auralis_cli.model.library import Track
from auralis_cli.model.plays import Liking, LikingWish
from auralis_cli.quick_dataclasses import dataclass
from auralis_cli.services.changes import changes


@dataclass(frozen=True, slots=True)
class RatedTrack:
    """A track, and how it was liked before and is now."""

    track: Track
    before: Liking
    after: Liking

    @property
    def is_changed(self) -> bool:
        """Whether it is liked otherwise than before."""
        return self.after != self.before


def rate_tracks(
    store: Store, tracks: Sequence[Track], wish: LikingWish, clock: Callable[[], int], *, dry_run: bool = False
) -> list[RatedTrack]:
    """Gives all tracks what is wished, in one change, or says what that would do. Raises UsageError."""
    known = store.plays.likings([track.id for track in tracks])
    rated = [_rated(track, known.get(track.id, Liking()), wish) for track in tracks]
    changed = [one for one in rated if one.is_changed]
    if changed and not dry_run:
        store.plays.make_room(one.track.id for one in changed)
        name = changed[0].track.title if len(changed) == 1 else f"{len(changed):,} tracks"
        with changes(store, "rate", f"{name}: {wish.words}", clock) as change, change.transaction():
            store.plays.like({one.track.id: (one.before, one.after) for one in changed})
    return rated


def _rated(track: Track, before: Liking, wish: LikingWish) -> RatedTrack:
    return RatedTrack(track, before, wish.applied_to(before))
