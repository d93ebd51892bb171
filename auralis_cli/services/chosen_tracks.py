"""What is done with tracks that were chosen in a list, by their ids: queued, rated, looked at.

Each call opens the library for itself and closes it: it is made in whatever thread is free.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from auralis_cli.errors import InputError
from auralis_cli.model.progress import CancelToken
from auralis_cli.model.query import OfAlbum, OfArtist, Query
from auralis_cli.model.queue import QueueTrack
from auralis_cli.units import count_in_words
from auralis_cli.version import VERSION

if TYPE_CHECKING:
    from auralis_cli.db.store import Store
    from auralis_cli.model.journal import JournalEntry
    from auralis_cli.model.library import Track
    from auralis_cli.model.plays import LikingWish


class ChosenTracks:
    """The library as what chosen tracks are looked up in."""

    def __init__(self, library: Path, now_s: Callable[[], float]) -> None:
        self._library = library
        self._now_s = now_s

    def for_queue(self, ids: Sequence[int]) -> list[QueueTrack]:
        """These tracks as a queue takes them, in the same order."""
        with self._opened(read_only=True) as store:
            return store.tracks.for_queue(ids)

    def ids_at(self, tracks: Sequence[QueueTrack]) -> list[int]:
        """The ids of these tracks, those that the library does not have left out, none twice."""
        with self._opened(read_only=True) as store:
            known = store.tracks.ids_at({one.path for one in tracks})
        found = (known.get((one.path, one.cue_number)) for one in tracks)
        return list(dict.fromkeys(number for number in found if number is not None))

    def durations_at(self, paths: Sequence[str]) -> dict[str, float]:
        """How long files last that the library knows, all tracks of each together."""
        found: dict[str, float] = {}
        with self._opened(read_only=True) as store:
            for one in store.tracks.by_ids(list(store.tracks.ids_at(paths).values())):
                found[one.path] = found.get(one.path, 0.0) + (one.duration_s or 0.0)
        return found

    def ids_of(self, query: Query, belonging: Sequence[OfAlbum | OfArtist] | None = None) -> list[int]:
        """The tracks that a query finds, all or of albums or artists, those of the first first, none twice."""
        from auralis_cli.services.found_tracks import found_ids
        from auralis_cli.services.likeness_beside import LikenessBeside

        # What sounds alike is found beside the screen.
        query = LikenessBeside(self._library).ranked(query, None, CancelToken())
        with self._opened(read_only=True) as store:
            queries = (query,) if belonging is None else map(query.narrowed, belonging)
            return list(dict.fromkeys(number for one in queries for number in found_ids(store, one)))

    def track(self, track_id: int) -> Track:
        """All that is known of one; InputError where it is gone."""
        with self._opened(read_only=True) as store:
            found = store.tracks.get(track_id)
        if found is None:
            raise InputError(f"track {track_id}", "is no longer in the library")
        return found

    def like(self, ids: Sequence[int], wish: LikingWish) -> str:
        """Gives them a rating, or makes them favourites or none; says what was done."""
        from auralis_cli.services.rating import rate_tracks

        with self._opened() as store:
            rated = rate_tracks(store, store.tracks.by_ids(ids), wish, lambda: int(self._now_s()))
        if len(rated) != 1:
            return f"{count_in_words(len(rated), 'track')}: {wish.words}"
        after = rated[0].after
        said = [] if after.rating is None else [f"rated {after.rating:g}"]
        said += ["a favourite"] if after.favourite else []
        return f"{rated[0].track.title}: {', '.join(said) or 'neither rated nor a favourite'}"

    def last_change(self) -> JournalEntry | None:
        """The change that would be undone; None where there is none."""
        from auralis_cli.services.undo import last_change

        with self._opened(read_only=True) as store:
            return last_change(store)

    def _opened(self, *, read_only: bool = False) -> Store:
        from auralis_cli.db.store import Store

        return Store.open(self._library, program=VERSION, now=int(self._now_s()), read_only=read_only)
