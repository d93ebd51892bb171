"""Where a track is loudest for so long."""

from __future__ import annotations

import numpy as np

from auralis_cli.model.measurements import TrackAnalysis
from auralis_cli.model.passages import Passage

_WINDOW_S = 3.0
_PER_SECOND = 10


def loudest_passage(analysis: TrackAnalysis, length_s: float) -> Passage:
    """The passage of that length with the most energy by short-term loudness, the first of these; at most the track."""
    measured = analysis.measurements
    frames = min(round(length_s * measured.sample_rate_hz), measured.frames)
    levels = np.array(analysis.short_term_lufs)
    energies = np.where(np.isfinite(levels), 10.0 ** (levels / 10.0), 0.0)
    together = max(1, round((length_s - _WINDOW_S) * _PER_SECOND) + 1)
    if len(energies) <= together or not energies.any():
        return Passage(0, frames)
    sums = np.convolve(energies, np.ones(together), "valid")
    # Of what differs by rounding alone, the first.
    first = int(np.flatnonzero(sums >= sums.max() * (1.0 - 1e-9))[0])
    start_s = first / _PER_SECOND
    if length_s < _WINDOW_S:
        start_s += (_WINDOW_S - length_s) / 2.0
    return Passage(min(round(start_s * measured.sample_rate_hz), measured.frames - frames), frames)
