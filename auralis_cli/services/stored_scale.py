"""The normalisation that a library keeps, and whether the neighbours beside it are in order. Imports no NumPy."""

from __future__ import annotations

import json
import math
from dataclasses import asdict

from auralis_cli.db.similarity import SimilarityState
from auralis_cli.model.fingerprint import DIMENSIONS, FINGERPRINT_VERSION
from auralis_cli.model.similarity import Normalisation

# Of each track, in the stored graph.
NEIGHBOURS_KEPT = 10


def scale_text(scale: Normalisation) -> str:
    """A normalisation as it is stored."""
    return json.dumps(asdict(scale))


def stored_scale(text: str | None) -> Normalisation | None:
    """The normalisation that was stored; None where that is nothing of which distances could be told."""
    if text is None:
        return None
    try:
        stored = json.loads(text)
        lowest, highest = (tuple(map(float, stored[end])) for end in ("lowest", "highest"))
        kept = Normalisation(lowest, highest, int(stored["tracks"]), int(stored["version"]))
    except (ValueError, TypeError, KeyError, OverflowError, RecursionError):
        return None
    is_whole = len(lowest) == len(highest) == len(DIMENSIONS) and all(map(math.isfinite, lowest + highest))
    return kept if is_whole else None


def scale_of_graph(state: SimilarityState) -> Normalisation | None:
    """The scale on which the stored neighbours are near; None where fingerprints have changed since."""
    if state.graph_revision != state.revision:
        return None
    scale = stored_scale(state.normalisation)
    return scale if scale is not None and scale.version == FINGERPRINT_VERSION else None
