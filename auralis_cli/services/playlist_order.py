"""What goes into a playlist, in an order that is easy on the ear. Imports NumPy: only where that is asked for."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import replace

from auralis_cli.db.store import Store
from auralis_cli.model.journeys import JourneyEnds
from auralis_cli.model.playlists import NewEntry
from auralis_cli.model.query_words import Surroundings, parse_query
from auralis_cli.services.journeys import journey_tracks, smooth_places


def smooth_entries(store: Store, entries: Sequence[NewEntry]) -> list[NewEntry]:
    """The entries so that each sounds like the one before; what has no fingerprint comes last."""
    single = [one for entry in entries for one in _single(store, entry)]
    order, _ = smooth_places(store, [number for _, number in single])
    return [single[place][0] for place in order]


def journey_entries(store: Store, words: Sequence[str], ends: JourneyEnds, now: int) -> list[NewEntry]:
    """The way from one track to another, through what the words find."""
    query = parse_query(words, Surroundings(now, os.path.exists))
    return [NewEntry(track.path, track.cue_number) for track in journey_tracks(store, query, ends, now).tracks]


def _single(store: Store, entry: NewEntry) -> list[tuple[NewEntry, int | None]]:
    """An entry for each track that it means, with the track's id; itself where the library does not know it."""
    meant = [track for track in store.tracks.by_path(entry.path) if entry.cue_number in (None, track.cue_number)]
    return [(replace(entry, cue_number=track.cue_number), track.id) for track in meant] or [(entry, None)]
