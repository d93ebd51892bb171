"""Gathers the curves of one state of a track that a report shows, in one pass, in bounded size."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from auralis_cli.analysis.picture import PicturePart
from auralis_cli.dsp import loudness
from auralis_cli.dsp.levels import FRAMES_PER_SECOND, LevelMeter
from auralis_cli.dsp.segments import Series
from auralis_cli.dsp.spectrum import LongTermSpectrum
from auralis_cli.model.report_curves import SoundCurves, StereoLine

_STEREO_POINTS = 600
_STEREO_WINDOW_S = 3.0
_SILENT_POWER = 1e-9


class SoundCurvesPart:
    """Looks at blocks, then has the `result`."""

    def __init__(self, sample_rate_hz: int, channels: int) -> None:
        weights = loudness.channel_weights(channels)
        self._energy = loudness.WeightedEnergy(sample_rate_hz, weights, (sample_rate_hz, loudness.SEGMENTS_PER_SECOND))
        self._segments = Series(1, np.float64)
        self._spectrum = LongTermSpectrum(sample_rate_hz, channels)
        self._picture = PicturePart(sample_rate_hz, channels)
        self._levels = LevelMeter(sample_rate_hz, channels) if channels == 2 else None

    def add(self, block: NDArray[np.float32]) -> None:
        """Looks at the next block, float32 `(frames, channels)`."""
        self._segments.append(self._energy.process(block)[:, None])
        self._spectrum.process(block)
        self._picture.add(block)
        if self._levels is not None:
            self._levels.process(block)

    def result(self) -> SoundCurves:
        """Ends the stream."""
        self._spectrum.flush()
        picture = self._picture.result(self._spectrum, self._segments.column(0))
        return SoundCurves(picture, None if self._levels is None else _stereo(self._levels.frames_50ms()))


def _stereo(frames_50ms: NDArray[np.float64]) -> StereoLine:
    """Over windows of 3 s; of long tracks every so many."""
    window = max(1, min(round(_STEREO_WINDOW_S * FRAMES_PER_SECOND), len(frames_50ms)))
    sums = np.concatenate((np.zeros((1, 6)), np.cumsum(frames_50ms, axis=0)))
    starts = np.arange(0, max(len(frames_50ms) - window + 1, 0), max(1, -(-len(frames_50ms) // _STEREO_POINTS)))
    left, right, product, _, _, frames = (sums[starts + window] - sums[starts]).T
    heard = (left + right) > _SILENT_POWER * np.maximum(frames, 1.0)
    total = np.where(heard, left + right, 1.0)
    both = np.sqrt(left * right)
    # Side ÷ (mid + side) energy: (L−R)² of (L+R)² + (L−R)².
    width = np.clip((left + right - 2.0 * product) / (2.0 * total), 0.0, 1.0)
    correlation = np.clip(product / np.where(both > 0.0, both, 1.0), -1.0, 1.0)
    times_s = (starts + window / 2.0) / FRAMES_PER_SECOND
    return StereoLine(times_s, np.where(heard, width, np.nan), np.where(heard, correlation, np.nan))
