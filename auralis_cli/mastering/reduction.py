"""What the limiter does to a track over time, for who looks at it."""

from __future__ import annotations

import numpy as np

from auralis_cli.mastering.control import ControlTrack
from auralis_cli.model.mastering import SolvedPlan
from auralis_cli.model.report_curves import ReductionLine


def reduction_line(track: ControlTrack, solved: SolvedPlan, columns: int) -> ReductionLine | None:
    """The most reduction in each of at most `columns` columns, by the nodes that rendering goes by; None without."""
    limiter = solved.plan.limiter
    if limiter is None or track.blocks == 0:
        return None
    together = -(-track.blocks // columns)
    least = np.full(-(-track.blocks // together), np.inf)
    done = 0
    for nodes in track.limiter_nodes(limiter, solved.gain_db):
        lower = np.minimum(nodes[:-1], nodes[1:])
        np.minimum.at(least, (done + np.arange(len(lower))) // together, lower)
        done += len(lower)
    reduction_db = solved.gain_db - 20.0 * np.log10(np.maximum(least, 1e-9))
    return ReductionLine(together * track.block_frames / track.sample_rate_hz, np.maximum(reduction_db, 0.0))
