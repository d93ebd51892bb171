"""Which channels were clipped, judged by the flat tops that one pass found."""

from __future__ import annotations

from auralis_cli.model.defects import FlatTop
from auralis_cli.model.measurements import TrackAnalysis

FULL_SCALE_DBFS = -0.01
# Below full scale one flat top may be chance; below this level rounding makes them.
_MIN_TURNED_DOWN_RUNS = 3
_MIN_CLIPPED_DBFS = -26.0
# Where so much of a channel lies at its maximum, that is its waveform: a square, a pulse.
_WAVEFORM_SHARE = 0.2


def clipped_channels(analysis: TrackAnalysis) -> list[tuple[int, FlatTop]]:
    """The channels, from 1, that a clipper seems to have cut, each with its flat tops."""
    frames = analysis.measurements.frames
    return [
        (channel, top)
        for channel, top in enumerate(analysis.evidence.flat_tops, start=1)
        if top.level_dbfs >= _MIN_CLIPPED_DBFS
        and top.runs >= (1 if top.level_dbfs >= FULL_SCALE_DBFS else _MIN_TURNED_DOWN_RUNS)
        and (top.level_dbfs >= FULL_SCALE_DBFS or top.samples <= _WAVEFORM_SHARE * frames)
    ]
