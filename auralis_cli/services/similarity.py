"""What `auralis similar` does: the tracks nearest to a sound.

NumPy is imported only where the stored neighbours do not have the answer.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from auralis_cli.analysis.scale import explained
from auralis_cli.db.store import Store
from auralis_cli.model.progress import BatchProgressSink, CancelToken
from auralis_cli.model.similarity import Neighbour, Normalisation, Weighting
from auralis_cli.quick_dataclasses import dataclass
from auralis_cli.services.seeds import Seed
from auralis_cli.services.stored_scale import NEIGHBOURS_KEPT, scale_of_graph

# Some contents have no track any more: so many more are looked at than are wanted, and each time so many times more.
_SPARE, _MORE = 10, 8


@dataclass(frozen=True, slots=True)
class SimilarRequest:
    """What is to be found."""

    limit: int = 10
    weighting: Weighting = Weighting.BALANCED
    # Whether it is said what parts the tracks.
    explain: bool = False


@dataclass(frozen=True, slots=True)
class _Near:
    """The first tracks that have the nearest contents, with their distances, and the scale of these."""

    distances: Mapping[int, float]
    scale: Normalisation


def keep_neighbours(store: Store, cancel: CancelToken, sink: BatchProgressSink) -> None:
    """Puts the stored neighbours in order where fingerprints have changed, so that most questions need no search."""
    if scale_of_graph(store.similarity.state()) is not None:
        return
    from auralis_cli.services.neighbour_graph import update_graph

    update_graph(store, cancel, lambda done: sink.item("tracks", "comparing", done))
    sink.overall(0, 0, None)


def similar(store: Store, seed: Seed, request: SimilarRequest) -> tuple[Neighbour, ...]:
    """The tracks nearest to a sound, each content once; without what is that sound itself. Silence is near nothing."""
    if seed.vector is None or request.limit == 0:
        return ()
    near = _stored(store, seed, request) or _searched(store, seed, seed.vector, request)
    ids = list(near.distances)[: request.limit]
    known = store.fingerprints.of_tracks(ids) if request.explain else {}
    return tuple(
        Neighbour(
            track,
            near.distances[track.id],
            1.0 - near.distances[track.id],
            explained(seed.vector, known[track.id].fingerprint.values(), near.scale, request.weighting)
            if track.id in known
            else (),
        )
        for track in store.tracks.by_ids(ids)
    )


def _stored(store: Store, seed: Seed, request: SimilarRequest) -> _Near | None:
    """What the graph says; None where it is not in order or has not enough."""
    if not seed.is_stored or request.weighting is not Weighting.BALANCED or request.limit > NEIGHBOURS_KEPT:
        return None
    scale = scale_of_graph(store.similarity.state())
    if scale is None:
        return None
    lists = store.similarity.neighbours(seed.fingerprint_ids[0])
    # A list that is not full has all there are, but for itself.
    is_full = len(lists) >= NEIGHBOURS_KEPT
    if not is_full and store.similarity.are_more_than(len(lists) + 1):
        return None
    found = _with_tracks(store, [other for other, _ in lists], [distance for _, distance in lists])
    return _Near(found, scale) if len(found) >= request.limit or not is_full else None


def _searched(store: Store, seed: Seed, vector: Sequence[float], request: SimilarRequest) -> _Near:
    """What a search among all finds."""
    from auralis_cli.analysis.similarity import nearest, normalised
    from auralis_cli.services.sound_matrix import load_matrix

    matrix = load_matrix(store)
    point = normalised(vector, matrix.normalisation)[0]
    without = matrix.rows_of(seed.fingerprint_ids)
    squared = matrix.squared if request.weighting is Weighting.BALANCED else None
    wanted = request.limit + _SPARE
    while True:
        near = nearest(matrix.points, point, wanted, request.weighting, without=without, squared=squared)
        found = _with_tracks(store, matrix.ids[near.rows].tolist(), near.distances.tolist())
        if len(found) >= request.limit or len(near.rows) < wanted:
            return _Near(found, matrix.normalisation)
        wanted *= _MORE


def _with_tracks(store: Store, ids: Sequence[int], distances: Sequence[float]) -> dict[int, float]:
    tracks = store.similarity.first_tracks(ids)
    return {tracks[one]: distance for one, distance in zip(ids, distances, strict=True) if one in tracks}
