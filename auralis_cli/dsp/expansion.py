"""Peaks given back: what stands out is raised, the more the further it stands out; the limiter turned round.

Ruled, as the limiter is, by one true peak per control block. The boost rises over the look-ahead, is whole at the peak
and falls with the release, so that no two neighbouring samples differ by a step.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from auralis_cli.dsp._jit import kernel
from auralis_cli.dsp.limiter import ControlledGain
from auralis_cli.dsp.processor import MAX_LEVEL_DB, check_range, check_stream
from auralis_cli.dsp.truepeak import control_block_frames
from auralis_cli.quick_dataclasses import dataclass

_BOXES = 3
_LOOK_AHEAD_MS = 3.0
_RELEASE_MS = 30.0
# A boost that has come down to 0.0003 dB is over.
_NOTHING = 3e-5
# What running sums may leave behind of a boost that has passed.
_ROUNDING = 1e-12


@dataclass(frozen=True, slots=True)
class PeakExpansionSettings:
    """A peak at `threshold_dbtp` is left, one at `full_dbtp` and above raised by `gain_db`, others in proportion.

    Raises ValueError for a gain outside 0…12 dB and for a threshold that does not lie below `full_dbtp`.
    """

    threshold_dbtp: float
    full_dbtp: float
    gain_db: float

    def __post_init__(self) -> None:
        check_range("gain_db", self.gain_db, 0.0, 12.0)
        check_range("full_dbtp", self.full_dbtp, -MAX_LEVEL_DB, MAX_LEVEL_DB)
        check_range("threshold_dbtp", self.threshold_dbtp, -MAX_LEVEL_DB, self.full_dbtp - 0.1)


class BoostCurve:
    """Turns true-peak values into gain nodes of 1 and more; as `limiter.GainCurve` otherwise."""

    def __init__(self, settings: PeakExpansionSettings, sample_rate_hz: int) -> None:
        block_s = control_block_frames(sample_rate_hz) / sample_rate_hz
        self._box = max(1, round(_LOOK_AHEAD_MS / 1e3 / block_s / _BOXES))
        self.delay_blocks = _BOXES * (self._box - 1)
        keep = math.exp(-block_s / (_RELEASE_MS / 1e3))
        slope = settings.gain_db / (settings.full_dbtp - settings.threshold_dbtp)
        threshold = 10.0 ** (settings.threshold_dbtp / 20.0)
        self._parameters = np.array([threshold, slope, 10.0 ** (settings.gain_db / 20.0) - 1.0, keep])
        self.reset()

    def reset(self) -> None:
        """Forgets everything heard so far."""
        self._levels = np.zeros(1 + _BOXES)  # boost, running sums
        self._counters = np.zeros(2, np.int64)  # block number, box position
        self._lines = np.zeros((_BOXES, self._box))

    def nodes(self, envelope: NDArray[np.float32]) -> NDArray[np.float64]:
        """Gain nodes that have become known by `envelope` (true peak per control block, linear)."""
        before = int(self._counters[0])
        out = np.empty(len(envelope))
        _expand(envelope, out, self._parameters, self._levels, self._counters, self._lines)
        return out[max(0, self.delay_blocks - before) :]

    def flush(self) -> NDArray[np.float64]:
        """The remaining nodes, including the one after the last control block."""
        return self.nodes(np.zeros(self.delay_blocks + 1, np.float32))


class PeakExpansion(ControlledGain):
    """A `Processor`: float32 `(frames, channels)`, one gain for all channels; what has no peaks stays bit for bit."""

    def __init__(self, settings: PeakExpansionSettings, sample_rate_hz: int, channels: int) -> None:
        check_stream(sample_rate_hz, channels)
        super().__init__(BoostCurve(settings, sample_rate_hz), sample_rate_hz, channels)


@kernel
def _expand(envelope, out, parameters, levels, counters, lines):  # type: ignore[no-untyped-def]  # pragma: no cover
    threshold, slope, most, keep = parameters
    boost, sum0, sum1, sum2 = levels
    number, position = counters
    box = lines.shape[1]
    share = 1.0 / box
    line0, line1, line2 = lines[0], lines[1], lines[2]
    for i in range(len(envelope)):
        level = np.float64(envelope[i])
        asked = 0.0
        if level > threshold:
            # x dB over the threshold are raised by slope · x dB.
            asked = min(most, (level / threshold) ** slope - 1.0)
        number += 1
        boost = max(asked, boost * keep)
        if asked == 0.0 and boost < _NOTHING:
            boost = 0.0
        sum0 += boost - line0[position]
        line0[position] = boost
        mean = sum0 * share
        sum1 += mean - line1[position]
        line1[position] = mean
        mean = sum1 * share
        sum2 += mean - line2[position]
        line2[position] = mean
        position = position + 1 if position + 1 < box else 0
        raised = sum2 * share
        out[i] = 1.0 + raised if raised > _ROUNDING else 1.0
    levels[0], levels[1], levels[2], levels[3] = boost, sum0, sum1, sum2
    counters[0], counters[1] = number, position
