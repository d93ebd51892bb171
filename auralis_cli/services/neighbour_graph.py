"""The stored graph: the ten nearest of every fingerprint, so that most questions need no search.

It is put in order after fingerprints came, changed or went, and only used while it is in order. What a change leaves
as it was is not computed again; where the scale is another, everything is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import NDArray

from auralis_cli.analysis.neighbour_lists import neighbour_lists, reached
from auralis_cli.db.similarity import Neighbours
from auralis_cli.db.store import Store
from auralis_cli.model.progress import CancelToken
from auralis_cli.services.sound_matrix import SoundMatrix, load_matrix
from auralis_cli.services.stored_scale import NEIGHBOURS_KEPT, scale_of_graph, scale_text

# Each track more takes longer by all that are there; beyond, the search is what is quicker.
MOST_KEPT = 100_000

_ROWS_OF_STEP = 1000

Rows = NDArray[np.intp]


def update_graph(store: Store, cancel: CancelToken, step: Callable[[float], None] = lambda _done: None) -> bool:
    """Puts the normalisation and the neighbours of all fingerprints in order; whether they are.

    They are not where there are too many, or where another program changed fingerprints meanwhile: the next one will.
    `step` is told the share that is done, of what takes long. Raises CancelledError when asked to stop; what was in
    order before then stays.
    """
    state = store.similarity.state()
    if scale_of_graph(state) is not None:
        return True
    matrix = load_matrix(store)
    scale = scale_text(matrix.normalisation)
    is_kept = len(matrix.ids) <= MOST_KEPT
    is_whole = state.graph_revision is None or scale != state.normalisation
    rows = _all(matrix) if is_whole else _touched(store, matrix)
    lists = list(_lists(matrix, rows, cancel, step)) if is_kept else []
    with store.database.write():
        now = store.similarity.state()
        if now.revision != matrix.revision or now.graph_revision != state.graph_revision:
            return False
        store.similarity.put_normalisation(scale)
        if is_whole or not is_kept:
            store.similarity.forget_neighbours()
        if is_kept:
            gone = store.similarity.changed() - set(matrix.ids.tolist())
            store.similarity.replace_neighbours([*((one, ()) for one in sorted(gone)), *lists])
            store.similarity.set_graph_revision(matrix.revision)
    return is_kept


def _all(matrix: SoundMatrix) -> Rows:
    return np.arange(len(matrix.ids))


def _touched(store: Store, matrix: SoundMatrix) -> Rows:
    """The rows whose lists a change of fingerprints touches: its own, those it left, and those it comes into."""
    changed = store.similarity.changed()
    newcomers = np.array(sorted(matrix.rows_of(sorted(changed))), np.intp)
    if 4 * len(newcomers) > len(matrix.ids):
        return _all(matrix)
    # Lists that are not full take in whoever comes.
    limits = np.full(len(matrix.ids), np.inf)
    full = [(one, distance) for one, count, distance in store.similarity.farthest() if count == NEIGHBOURS_KEPT]
    known = {one: distance for one, distance in full if one not in changed}
    rows = matrix.rows_of(sorted(known))
    limits[rows] = [known[int(matrix.ids[row])] for row in rows]
    left = matrix.rows_of(sorted(store.similarity.near_to(changed)))
    entered = reached(matrix.points, matrix.squared, newcomers, limits)
    return np.unique(np.concatenate([newcomers, np.array(left, np.intp), entered]))


def _lists(
    matrix: SoundMatrix, rows: Rows, cancel: CancelToken, step: Callable[[float], None]
) -> Iterator[tuple[int, Neighbours]]:
    done = 0
    for some, lists in neighbour_lists(matrix.points, matrix.squared, rows, NEIGHBOURS_KEPT):
        cancel.raise_if_cancelled()
        for row, one in zip(some, lists, strict=True):
            others = matrix.ids[one.rows].tolist()
            yield int(matrix.ids[row]), list(zip(others, one.distances.tolist(), strict=True))
        done += len(some)
        if done % _ROWS_OF_STEP < len(some):
            step(done / len(rows))
