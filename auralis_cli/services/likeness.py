"""What `like:` in a query means: the one place where that becomes an order, for whatever takes a query.

Most queries have none, and nothing that it needs is imported for them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from auralis_cli.errors import UsageError
from auralis_cli.model.query import Clause, Likeness, Query
from auralis_cli.model.query_words import place_of

if TYPE_CHECKING:
    from auralis_cli.db.store import Store
    from auralis_cli.services.seeds import Seed


def ranked(store: Store, query: Query) -> Query:
    """The query with the order that its `like:` means; every other one as it is.

    Raises UsageError for one like a track that is not in the library or has no fingerprint yet.
    """
    if not query.like:
        return query
    from auralis_cli.services.seeds import heard_in_library, seed_of

    named = " ".join(map(str, query.like))
    seed = seed_of(store, named, (heard_in_library(store, _tracks_named(store, one)) for one in query.like))
    within = min(one.within for one in query.like)
    return replace(query, like=(), ranking=_ranking(store, seed, within))


def _tracks_named(store: Store, like: Likeness) -> list[int]:
    if like.track_id is not None:
        found = [track.id for track in store.tracks.by_ids([like.track_id])]
        if not found:
            raise UsageError(str(like), "no track of the library has this id", "auralis list -f '$id $title'")
        return found
    found = list(store.listings.track_ids(Query(((Clause(place_of(like.path)),),))))
    if not found:
        raise UsageError(str(like), "is no track of the library", "auralis scan adds files")
    return found


def _ranking(store: Store, seed: Seed, within: float) -> Sequence[int]:
    """The ids of all fingerprints no farther than that, the nearest first; the sound itself is nearest."""
    if seed.vector is None:
        return ()
    import numpy as np

    from auralis_cli.analysis.similarity import distances, normalised
    from auralis_cli.services.sound_matrix import load_matrix

    matrix = load_matrix(store)
    far = distances(matrix.points, normalised(seed.vector, matrix.normalisation)[0])
    order = np.argsort(far, kind="stable")
    ranking: list[int] = matrix.ids[order[: np.searchsorted(far[order], within, side="right")]].tolist()
    return ranking
