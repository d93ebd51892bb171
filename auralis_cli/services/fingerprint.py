"""`auralis fingerprint`: computes what tracks of the library sound like, and tells it of every track asked for.

Worker processes do the work, and each result is stored soon after it is there; what is stored already is not computed
again. Whatever finishes first, tracks are told in the order in which they were asked for.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence, Set
from contextlib import closing
from dataclasses import replace
from typing import Self

from auralis_cli.db.store import Store
from auralis_cli.model.cluster_address import ClusterAddress
from auralis_cli.model.fingerprint import FingerprintedTrack
from auralis_cli.model.library import FileFailure, Track, TrackPlace
from auralis_cli.model.progress import BatchProgressSink, CancelToken
from auralis_cli.model.query import EVERYTHING, Query
from auralis_cli.quick_dataclasses import dataclass
from auralis_cli.services.changes import Change, changes
from auralis_cli.services.found_tracks import found_ids
from auralis_cli.services.similarity import keep_neighbours
from auralis_cli.units import count_in_words

_CHUNK = 500

Outcome = FingerprintedTrack | FileFailure


@dataclass(frozen=True, slots=True)
class FingerprintRequest:
    """Which tracks, and how."""

    query: Query = EVERYTHING
    # Whether what is known, or could not be done, is done again.
    again: bool = False
    # Whether it is only said what would be done.
    dry_run: bool = False
    # Worker processes.
    jobs: int = 1
    # Without a sign of life for so long, a file is given up.
    stall_s: float = 300.0
    # Whose workers do it instead.
    cluster: ClusterAddress | None = None


@dataclass(frozen=True, slots=True)
class TrackFingerprint:
    """A track that was asked for, and what is known of it."""

    track: Track
    # None where it is still to be computed: in a dry run, or since the file is not there.
    result: Outcome | None
    # Whether it was computed just now, or would be.
    is_new: bool


def fingerprint(
    store: Store, request: FingerprintRequest, sink: BatchProgressSink, cancel: CancelToken, *, now: int
) -> Generator[TrackFingerprint]:
    """Fingerprints the tracks of a query and gives every one of them, in its order.

    Raises LibraryError where the store cannot be used, CancelledError when asked to stop: what was done by then is
    stored, and the next run goes on from there.
    """
    asked = _Asked.of(store, request.query)
    places = _in_order(store.fingerprints.places(asked.ids, again=request.again), asked)
    new = {place.content_key for place in places}
    if request.dry_run or not places:
        yield from _told(store, asked, new, lambda _key: None)
        if not request.dry_run:
            keep_neighbours(store, cancel, sink)
        return
    with (
        changes(store, "fingerprint", "fingerprint", lambda: now) as change,
        closing(_computed(store, request, asked, places, change, sink, cancel, now)) as computed,
    ):
        yield from _told(store, asked, new, _Outcomes(store, computed).of)
    keep_neighbours(store, cancel, sink)


@dataclass(frozen=True, slots=True)
class _Asked:
    """Tracks in order, and their contents."""

    ids: Sequence[int]
    keys: Mapping[int, str]

    @classmethod
    def of(cls, store: Store, query: Query) -> Self:
        ids = list(found_ids(store, query))
        return cls(ids, store.fingerprints.keys_of(ids))


def _in_order(places: Iterable[TrackPlace], asked: _Asked) -> list[TrackPlace]:
    """As their tracks were asked for, so that these can be told while the others are computed."""
    by_key = {place.content_key: place for place in places}
    order = dict.fromkeys(asked.keys[number] for number in asked.ids)
    return [by_key[key] for key in order if key in by_key]


def _told(
    store: Store, asked: _Asked, new: Set[str], outcome: Callable[[str], Outcome | None]
) -> Iterator[TrackFingerprint]:
    """Every track with what is known of it; of what is `new`, its `outcome`."""
    for start in range(0, len(asked.ids), _CHUNK):
        ids = asked.ids[start : start + _CHUNK]
        known = store.fingerprints.of_tracks(ids)
        failures = store.fingerprints.failures_of([asked.keys[number] for number in ids])
        for track in store.tracks.by_ids(ids):
            key = asked.keys[track.id]
            if key in new:
                yield TrackFingerprint(track, outcome(key), True)
                continue
            failed = failures.get(key)
            yield TrackFingerprint(track, known.get(track.id) or (failed and _at(track.path, failed)), False)


def _at(path: str, failure: FileFailure) -> FileFailure:
    """The failure of a content, of another run, as that of one of its files."""
    return replace(failure, path=path, hint=failure.hint or "--force tries again")


def _computed(
    store: Store,
    request: FingerprintRequest,
    asked: _Asked,
    places: Sequence[TrackPlace],
    change: Change,
    sink: BatchProgressSink,
    cancel: CancelToken,
    now: int,
) -> Generator[tuple[str, FileFailure | None]]:
    """Content keys as they are stored, each with why it could not be done."""
    from auralis_cli.services.measure_places import measure_place, outcome_of, stored
    from auralis_cli.services.track_work import work_on_places

    working = work_on_places(
        places,
        measure_place,
        jobs=request.jobs,
        stall_s=request.stall_s,
        sink=sink,
        cancel=cancel,
        cluster=request.cluster,
    )
    # Of a content that is there more than once each track has it.
    done, tracks = 0, Counter(asked.keys[number] for number in asked.ids)
    with closing(working), closing(stored(store, working, change.transaction, now=now)) as results:
        for place, measured in results:
            outcome = outcome_of(measured)
            done += 0 if isinstance(outcome, FileFailure) else tracks[place.content_key]
            change.summary = f"{count_in_words(done, 'track')} fingerprinted"
            yield place.content_key, outcome if isinstance(outcome, FileFailure) else None


class _Outcomes:
    """What became of contents that are being computed."""

    def __init__(self, store: Store, computed: Iterator[tuple[str, FileFailure | None]]) -> None:
        self._store = store
        self._computed = computed
        self._through: set[str] = set()
        self._failed: dict[str, FileFailure] = {}

    def of(self, key: str) -> Outcome | None:
        """Goes on with the work until this content is through."""
        while key not in self._through and (found := next(self._computed, None)) is not None:
            self._through.add(found[0])
            if found[1] is not None:
                self._failed[found[0]] = found[1]
        return self._failed.get(key) or self._store.fingerprints.get(key)
