"""Tracks of the library in an order that is easy on the ear: smooth, or from one track to another."""

from __future__ import annotations

import os
from collections.abc import Sequence

import numpy as np

from auralis_cli.analysis.journeys import journey, nearest_to_line
from auralis_cli.analysis.same_recording import RecordingSigns
from auralis_cli.analysis.scale import weights_of
from auralis_cli.analysis.smooth_order import MAX_POINTS, Points, smooth_order
from auralis_cli.db.store import Store
from auralis_cli.errors import UsageError
from auralis_cli.model.album_grouping import fold
from auralis_cli.model.journeys import JourneyEnds, OrderedTracks
from auralis_cli.model.library import FileStatus, Track
from auralis_cli.model.query import EVERYTHING, Query
from auralis_cli.model.query_words import Surroundings, parse_query
from auralis_cli.model.similarity import Weighting
from auralis_cli.services.found_tracks import found_tracks
from auralis_cli.services.sound_matrix import SoundMatrix, load_matrix

# Of a whole library, so many fingerprints near the line are looked at.
_NEAR = 5000
_MAKE = "auralis fingerprint makes them"
# Of tracks that an end may mean, so many are named.
_MOST_NAMED = 5


def smooth_tracks(store: Store, tracks: Sequence[Track]) -> OrderedTracks:
    """The tracks so that each is near the one before; last, as given, silent ones and those without fingerprint.

    Raises UsageError where none has one, or where they are too many.
    """
    ids = [track.id for track in tracks]
    order, steps = smooth_places(store, ids)
    ordered = tuple(tracks[place] for place in order)
    others = [track.id for track in ordered[len(steps) + 1 :]]
    silent = len(store.fingerprints.of_tracks(others))
    return OrderedTracks(ordered, steps, len(others) - silent, silent)


def smooth_places(store: Store, track_ids: Sequence[int | None]) -> tuple[list[int], tuple[float, ...]]:
    """The same for tracks of which only the ids are known, some not even that: their places in that order, and the
    steps between those that have a fingerprint."""
    if not track_ids:
        return [], ()
    matrix = load_matrix(store)
    rows = rows_of_tracks(store, matrix, [number for number in track_ids if number is not None])
    known = [place for place, number in enumerate(track_ids) if number in rows]
    if not known:
        raise UsageError("--smooth", "none of these tracks has a fingerprint", _MAKE)
    if len(known) > MAX_POINTS:
        raise UsageError("--smooth", f"orders {MAX_POINTS:,} tracks at most; these are {len(known):,}", "--limit")
    points = _points(matrix, [rows[number] for number in track_ids if number in rows])
    order = smooth_order(points)
    is_known = set(known)
    others = [place for place in range(len(track_ids)) if place not in is_known]
    return [known[place] for place in order] + others, _steps(points[order])


def journey_tracks(store: Store, query: Query, ends: JourneyEnds, now: int) -> OrderedTracks:
    """From one track to another in so many songs, which are of those that the query finds and whose files are there.

    Raises UsageError for ends that are no tracks, or the same, or have no fingerprint, and for too few songs between.
    """
    if query.sort:
        raise UsageError("--from", "says itself in which order tracks come", "leave the sort keys out")
    matrix = load_matrix(store)
    start, end = _track("--from", ends.start, store, now), _track("--to", ends.end, store, now)
    first, last = _row("--from", start, store, matrix), _row("--to", end, store, matrix)
    if first == last:
        raise UsageError("--to", "is the same recording as --from")
    found = _stock(store, matrix, query, first, last, ends.songs)
    # Of several tracks of one content, the ends themselves, or else the one that the query finds first.
    by_row = {first: start, last: end}
    for row, track in found:
        by_row.setdefault(row, track)
    rows, tracks = list(by_row), list(by_row.values())
    points = _points(matrix, rows)
    way = journey(points, signs_of(tracks), 0, 1, ends.songs)
    if way is None:
        why = f"there are not {ends.songs} recordings with a fingerprint to choose from"
        raise UsageError("--songs", why, "a wider query, or fewer songs")
    return OrderedTracks(tuple(tracks[place] for place in way), _steps(points[way]))


def rows_of_tracks(store: Store, matrix: SoundMatrix, track_ids: Sequence[int]) -> dict[int, int]:
    """The row of each track that has a fingerprint which is not silence."""
    keys = store.fingerprints.keys_of(track_ids)
    numbers = store.similarity.ids_of(set(keys.values()))
    rows = {int(matrix.ids[row]): row for row in matrix.rows_of(list(numbers.values()))}
    found = {number: rows.get(numbers.get(key, 0)) for number, key in keys.items()}
    return {number: row for number, row in found.items() if row is not None}


def signs_of(tracks: Sequence[Track]) -> RecordingSigns:
    """What tells which of the tracks are one recording, or one piece by its name."""
    lengths = np.array([track.duration_s for track in tracks], np.float64)
    numbers: dict[tuple[str, str] | int, int] = {}
    # One without artist is no other by its name: it may be called after its number.
    names = [(fold(track.title), fold(track.artist)) if track.artist else track.id for track in tracks]
    pieces = np.array([numbers.setdefault(name, len(numbers)) for name in names], np.intp)
    return RecordingSigns(lengths, pieces)


def _stock(
    store: Store, matrix: SoundMatrix, query: Query, first: int, last: int, songs: int
) -> list[tuple[int, Track]]:
    """The tracks that may be on the way, with their rows."""
    if query != EVERYTHING:
        tracks = list(found_tracks(store, query))
    else:
        near = nearest_to_line(_points(matrix, slice(None)), first, last, songs)[:_NEAR]
        ids = store.similarity.first_tracks(matrix.ids[near].tolist())
        tracks = list(store.tracks.by_ids(sorted(ids.values())))
    present = [track for track in tracks if track.status is FileStatus.PRESENT]
    rows = rows_of_tracks(store, matrix, [track.id for track in present])
    return [(rows[track.id], track) for track in present if track.id in rows]


def _track(option: str, word: str, store: Store, now: int) -> Track:
    """The track of the library that has this id or this path, or is the only one that this query finds."""
    if word.isascii() and word.isdigit():
        track = store.tracks.get(min(int(word), 2**63 - 1))
        if track is None:
            raise UsageError(f"{option} {word}", "no track has this id", "auralis list -f '$id $title' shows them")
        return track
    found = store.tracks.by_path(os.path.abspath(word))
    if not found:
        found = tuple(found_tracks(store, parse_query([word], Surroundings(now)), limit=_MOST_NAMED + 1))
    if len(found) > 1:
        ids = ", ".join(str(track.id) for track in found[:_MOST_NAMED])
        raise UsageError(f"{option} {word}", "is more than one track", f"name one by its id: {ids}…")
    if not found:
        why = "an id, a path, or a query that finds one track; auralis list shows them"
        raise UsageError(f"{option} {word}", "is no track of the library", why)
    return found[0]


def _row(option: str, track: Track, store: Store, matrix: SoundMatrix) -> int:
    row = rows_of_tracks(store, matrix, [track.id]).get(track.id)
    if row is None:
        is_silent = bool(store.fingerprints.of_tracks([track.id]))
        why = "is silence, which is like nothing" if is_silent else "has no fingerprint yet"
        raise UsageError(f"{option} {track.id}", why, None if is_silent else _MAKE)
    return row


def _points(matrix: SoundMatrix, rows: Sequence[int] | slice) -> Points:
    """Points whose Euclidean distance is the balanced distance."""
    points: Points = matrix.points[rows] * np.sqrt(weights_of(Weighting.BALANCED)).astype(np.float32)
    return points


def _steps(points: Points) -> tuple[float, ...]:
    apart = np.diff(points.astype(np.float64), axis=0)
    return tuple(np.sqrt(np.square(apart).sum(axis=1)).tolist())
