"""How much louder the master of a moment is than its original: what comparing them lowers the louder one by."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from auralis_cli.dsp.loudness import WeightedEnergy, channel_weights
from auralis_cli.units import db_to_gain

Block = NDArray[np.float32]

_SEGMENTS_PER_SECOND = 100
# The energies of so many segments before a moment and as many after it are compared, those nearby counting most: as
# long as keeps short-term loudness of the two sides within 0.5 LU on the open music. With 0.8 s around, all alike, the
# worst window differs by 0.7 LU; with the last 3 s, by 1.4 LU.
_SEGMENTS_AHEAD = 25
_WEIGHTS = np.hanning(2 * _SEGMENTS_AHEAD + 2)[1:-1]
# What is expected counts as much as music of −80 LUFS.
_EXPECTED_MEAN_SQUARE = 1e-8


class Matched(NamedTuple):
    """Frames of both sides and the linear ratio of their levels there, float32 `(frames,)`."""

    original: Block
    mastered: Block
    match: NDArray[np.float32]


class LevelMatch:
    """Level of the master ÷ level of the original around each frame, smooth, for one stream and one thread.

    It holds 0.25 s back. `expected_db` is what the ratio is taken for where there is nothing to be heard: the
    difference of the whole tracks.
    """

    def __init__(self, sample_rate_hz: int, channels: int, expected_db: float = 0.0) -> None:
        self._segments_per_frame = _SEGMENTS_PER_SECOND / sample_rate_hz
        weights, ratio = channel_weights(channels), (sample_rate_hz, _SEGMENTS_PER_SECOND)
        self._meters = (WeightedEnergy(sample_rate_hz, weights, ratio), WeightedEnergy(sample_rate_hz, weights, ratio))
        expected = _EXPECTED_MEAN_SQUARE * _WEIGHTS.sum() / self._segments_per_frame
        self._expected = np.array([[expected], [expected * db_to_gain(expected_db) ** 2]])
        # Of both sides: the energies still needed, the first being of segment `_first_segment`; the frames held back.
        self._energies = np.zeros((2, 0))
        self._first_segment = 0
        self._held: list[Block] = [np.zeros((0, channels), np.float32)] * 2
        self._frames = 0

    def process(self, original: Block, mastered: Block) -> Matched:
        """The frames that have become known by two blocks of one length, float32 `(frames, channels)`."""
        pair = (original, mastered)
        new = [meter.process(block) for meter, block in zip(self._meters, pair, strict=True)]
        self._energies = np.concatenate((self._energies, np.array(new)), axis=1)
        self._held = [np.concatenate(both) for both in zip(self._held, pair, strict=True)]
        known = self._first_segment + self._energies.shape[1] - _SEGMENTS_AHEAD
        return self._released(math.floor(known / self._segments_per_frame) - self._frames)

    def flush(self) -> Matched:
        """The rest, once the track has ended."""
        return self._released(len(self._held[0]))

    def _released(self, frames: int) -> Matched:
        frames = min(max(0, frames), len(self._held[0]))
        places = np.arange(self._frames, self._frames + frames, dtype=np.float64) * self._segments_per_frame
        match = self._ratios(places).astype(np.float32) if frames else np.zeros(0, np.float32)
        original, mastered = (held[:frames] for held in self._held)
        self._held = [held[frames:] for held in self._held]
        self._frames += frames
        return Matched(original, mastered, match)

    def _ratios(self, places: NDArray[np.float64]) -> NDArray[np.float64]:
        """Between the bounds of segments, the ratios there are joined by straight lines."""
        first, last = int(places[0]), int(places[-1]) + 1
        begin, end = first - _SEGMENTS_AHEAD - self._first_segment, last + _SEGMENTS_AHEAD - self._first_segment
        known = self._energies[:, max(0, begin) : end]
        # Before the start and after the end there is silence.
        padded = np.pad(known, ((0, 0), (max(0, -begin), end - max(0, begin) - known.shape[1])))
        around = self._expected + [np.convolve(side, _WEIGHTS, "valid") for side in padded]
        done = max(0, last - 1 - _SEGMENTS_AHEAD - self._first_segment)
        self._energies, self._first_segment = self._energies[:, done:], self._first_segment + done
        return np.asarray(np.interp(places, np.arange(first, last + 1), np.sqrt(around[1] / around[0])))
