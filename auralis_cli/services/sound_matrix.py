"""All fingerprints of a library as one matrix, kept in a file beside it so that no question waits for their reading.

The file is only a copy: it is used while it says the same revision and the same version and is as it was written, and
else made anew.
"""

from __future__ import annotations

import json
import os
import zlib
from collections.abc import Sequence
from contextlib import suppress
from itertools import islice
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from auralis_cli.analysis.similarity import Matrix, fits, fitted, normalised, squares
from auralis_cli.db.similarity import SimilarityState
from auralis_cli.db.store import Store
from auralis_cli.errors import OutputError
from auralis_cli.model.fingerprint import DIMENSIONS, FINGERPRINT_VERSION
from auralis_cli.model.similarity import Normalisation
from auralis_cli.quick_dataclasses import dataclass
from auralis_cli.services.stored_scale import scale_text, stored_scale
from auralis_cli.whole_file import write_whole_file

# Of the file: another one is none of ours, or one of another layout.
_MAGIC = "auralis-sounds-2"
_HEAD_BYTES = 4096
_ROWS = 20_000
_ROW_BYTES = 8 + 4 * len(DIMENSIONS) + 4


@dataclass(frozen=True, slots=True)
class SoundMatrix:
    """Fingerprints that can be compared, a row each, in the order of their ids."""

    ids: NDArray[np.int64]
    points: Matrix
    # What `nearest` needs of them, in the balanced weighting.
    squared: NDArray[np.float32]
    normalisation: Normalisation
    # Of the store's state.
    revision: int

    def rows_of(self, ids: Sequence[int]) -> list[int]:
        """The rows of fingerprints, of those that are there."""
        if not len(self.ids):
            return []
        wanted = np.asarray(ids, np.int64)
        places = np.minimum(np.searchsorted(self.ids, wanted), len(self.ids) - 1)
        return [int(place) for place, number in zip(places, wanted, strict=True) if self.ids[place] == number]


def load_matrix(store: Store) -> SoundMatrix:
    """The matrix of all that the store knows now: from the file, or else from the store, and then kept."""
    path = cache_path(store)
    state = store.similarity.state()
    kept = None if path is None else _read(path, state)
    if kept is not None:
        return kept
    with store.database.snapshot():
        state = store.similarity.state()
        ids, values = _vectors(store)
    scale = _scale_for(state.normalisation, values)
    points = normalised(values, scale)
    made = SoundMatrix(ids, points, squares(points), scale, state.revision)
    if path is not None:
        # A library may lie where nothing can be written: then it is made anew each time.
        with suppress(OutputError):
            write_whole_file(path, _bytes_of(made, state), mode=0o600)
    return made


def cache_path(store: Store) -> Path | None:
    """Where the matrix of a library is kept; None for one that is kept nowhere itself."""
    path = store.database.path
    return path.with_name(f"{path.name}-sounds") if path.is_absolute() else None


def _scale_for(stored: str | None, vectors: NDArray[np.float64]) -> Normalisation:
    """The one that is stored while it serves, else one fitted on these."""
    kept = stored_scale(stored)
    return kept if kept is not None and fits(kept, len(vectors)) else fitted(vectors)


def _vectors(store: Store) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    rows = store.similarity.vectors()
    parts = [np.empty((0, 1 + len(DIMENSIONS)))]
    while some := list(islice(rows, _ROWS)):
        parts.append(np.array(some, np.float64))
    whole = np.concatenate(parts)
    return whole[:, 0].astype(np.int64), whole[:, 1:]


def _head(state: SimilarityState, normalisation: Normalisation, rows: int, checksum: int) -> dict[str, object]:
    return {
        "magic": _MAGIC,
        "revision": state.revision,
        "version": FINGERPRINT_VERSION,
        # The matrix is made with it while it serves: another one, another matrix.
        "stored": state.normalisation,
        "used": scale_text(normalisation),
        "rows": rows,
        "crc32": checksum,
    }


def _bytes_of(made: SoundMatrix, state: SimilarityState) -> bytes:
    body = b"".join((made.ids.tobytes(), made.points.tobytes(), made.squared.tobytes()))
    head = _head(state, made.normalisation, len(made.ids), zlib.crc32(body))
    return json.dumps(head).encode().ljust(_HEAD_BYTES) + body


def _read(path: Path, state: SimilarityState) -> SoundMatrix | None:
    """What the file holds, mapped, where it is of this state."""
    try:
        with path.open("rb") as file:
            head = json.loads(file.read(_HEAD_BYTES))
            size_bytes = os.fstat(file.fileno()).st_size
            used = stored_scale(head["used"])
            rows, checksum = int(head["rows"]), int(head["crc32"])
            wanted = None if used is None else _head(state, used, rows, checksum)
            if used is None or head != wanted or size_bytes != _HEAD_BYTES + rows * _ROW_BYTES:
                return None
            if rows == 0:
                return None
            mapped = np.memmap(file, np.uint8, "r", _HEAD_BYTES).view(np.ndarray)
    except (OSError, ValueError, TypeError, KeyError, OverflowError, RecursionError):
        return None
    if zlib.crc32(mapped.data) != checksum:
        return None
    ids = mapped[: rows * 8].view(np.int64)
    points = mapped[rows * 8 : -rows * 4].view(np.float32).reshape(rows, len(DIMENSIONS))
    return SoundMatrix(ids, points, mapped[-rows * 4 :].view(np.float32), used, state.revision)
