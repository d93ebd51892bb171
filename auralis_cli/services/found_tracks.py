"""The tracks that a query finds, in its order: whoever takes one asks here, so that none forgets its likeness."""

from __future__ import annotations

from collections.abc import Iterator

from auralis_cli.db.store import Store
from auralis_cli.model.library import Track
from auralis_cli.model.query import Query
from auralis_cli.services.likeness import ranked


def found_tracks(store: Store, query: Query, *, limit: int | None = None, offset: int = 0) -> Iterator[Track]:
    """One by one, while the store is open. Raises UsageError for a likeness that cannot be served."""
    return store.listings.tracks(ranked(store, query), limit=limit, offset=offset)


def found_ids(store: Store, query: Query) -> Iterator[int]:
    """Only their ids."""
    return store.listings.track_ids(ranked(store, query))
