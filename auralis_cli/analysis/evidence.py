"""Gathers, in the pass over a track, what its defects are judged by (`analysis/defects.py`)."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from auralis_cli.dsp.channels import ChannelDifference
from auralis_cli.dsp.clipping import FlatTopMeter
from auralis_cli.dsp.levels import FRAMES_PER_SECOND
from auralis_cli.dsp.truepeak import TruePeak
from auralis_cli.model.defects import DefectEvidence, FlatTop, Silence
from auralis_cli.units import gain_to_db, power_to_db

# Largest difference of two channels that are one: independent dither of 16 bit.
SAME_CHANNEL = 4.0 / 32_768
# Nothing is heard below −60 dBFS, in a quiet track 40 dB below its peak, and in any below −80 dBFS.
_SILENT_PEAKS = (1e-4, 1e-3)
_SILENT_SHARE = 1e-2
_EDGE_SILENCE_S = 2.0
_INNER_SILENCE_S = 5.0
_END_S = 0.010
_BEFORE_END_S = 2


class EvidencePart:
    """Looks at blocks; what else it needs, other meters have."""

    def __init__(self, sample_rate_hz: int, channels: int) -> None:
        self._flat_tops = FlatTopMeter(channels)
        self._difference = ChannelDifference(channels, SAME_CHANNEL) if channels > 1 else None
        self._tail = np.zeros((0, channels), np.float32)
        self._tail_frames = round(_END_S * sample_rate_hz)

    def add(self, block: NDArray[np.float32]) -> None:
        """Looks at the next block."""
        self._flat_tops.process(block)
        if self._difference is not None:
            self._difference.process(block)
        if len(block) >= self._tail_frames:
            self._tail = block[-self._tail_frames :].copy()
        else:
            self._tail = np.concatenate((self._tail, block))[-self._tail_frames :]

    def result(self, frames_50ms: NDArray[np.float64], peak: TruePeak) -> DefectEvidence:
        """The evidence; `frames_50ms` as `dsp.levels.LevelMeter` returns them."""
        leading, within, trailing = _silences(frames_50ms)
        channels = self._tail.shape[1]
        last = frames_50ms[-_BEFORE_END_S * FRAMES_PER_SECOND :]
        powers = last[:, 3] / np.maximum(last[:, 5], 1.0) / channels
        end = float(np.mean(np.square(self._tail, dtype=np.float64))) if self._tail.size else 0.0
        return DefectEvidence(
            flat_tops=tuple(
                FlatTop(gain_to_db(top.level), top.runs, top.samples, top.longest_frames, top.longest_frame)
                for top in self._flat_tops.result()
            ),
            channel_difference=math.inf if self._difference is None else self._difference.result(),
            leading_silence=leading,
            trailing_silence=trailing,
            longest_silence=max(within, key=lambda silence: silence.length_s, default=None),
            silences_within=len(within),
            true_peak_frame=peak.frame,
            true_peak_overs=peak.overs,
            end_dbfs=power_to_db(end),
            before_end_dbfs=power_to_db(float(powers.max(initial=0.0))),
        )


def _silences(frames_50ms: NDArray[np.float64]) -> tuple[Silence | None, list[Silence], Silence | None]:
    """Long silences at the start, within, and at the end; a track that is silent throughout has one at its start."""
    peaks = frames_50ms[:, 4]
    lowest, highest = _SILENT_PEAKS
    bound = min(highest, max(lowest, _SILENT_SHARE * float(peaks.max(initial=0.0))))
    edges = np.flatnonzero(np.diff(np.concatenate(([0], (peaks <= bound).astype(np.int8), [0]))))
    leading, within, trailing = None, [], None
    for start, end in edges.reshape(-1, 2).tolist():
        silence = _silence(peaks, start, end)
        if start == 0:
            leading = silence if silence.length_s >= _EDGE_SILENCE_S else None
        elif end == len(peaks):
            trailing = silence if silence.length_s >= _EDGE_SILENCE_S else None
        elif silence.length_s >= _INNER_SILENCE_S:
            within.append(silence)
    return leading, within, trailing


def _silence(peaks: NDArray[np.float64], start: int, end: int) -> Silence:
    """Digital where all but its edges is zero: sound begins and ends between the borders of 50 ms."""
    inner = peaks[start + (start > 0) : end - (end < len(peaks))]
    return Silence(start / FRAMES_PER_SECOND, (end - start) / FRAMES_PER_SECOND, not inner.any())
