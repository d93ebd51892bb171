"""A slow gain as the control track takes it: at the edges of its blocks."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from auralis_cli.mastering.control import ControlTrack
from auralis_cli.model.mastering import LevellerCurve

_BLOCKS_AT_ONCE = 1 << 18


def nodes_of(curve: LevellerCurve, track: ControlTrack) -> Iterator[NDArray[np.float64]]:
    """The gain at every control block's edges, a minute or so at a time."""
    gains_db = np.array(curve.gains_db)
    hops_per_block = track.block_frames / (track.sample_rate_hz * curve.hop_s)
    for start in range(0, track.blocks, _BLOCKS_AT_ONCE):
        edges = np.arange(start, min(start + _BLOCKS_AT_ONCE, track.blocks) + 1) * hops_per_block
        yield np.exp(np.interp(edges, np.arange(len(gains_db)), gains_db) * (math.log(10.0) / 20.0))
