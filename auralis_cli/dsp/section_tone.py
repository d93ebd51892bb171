"""Equalising that differs from section to section of a track: linear-phase filters that cross over smoothly.

At every instant the sound is a weighted sum of what symmetric filters of one length make of it, with weights that sum
to 1: so it is itself linear-phase, and a filter without change takes nothing from what passes straight through.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from auralis_cli.dsp.processor import check_stream
from auralis_cli.dsp.segment_filter import SegmentFilter


class SectionTone(SegmentFilter):
    """A `Processor`: section k, from border k − 1 to border k, is filtered by `taps[kinds[k]]`, every channel alike.

    About each border the filters cross over by half a cosine that lasts `crossings_s`. Taps are float64, symmetric,
    of one odd length. Borders are in seconds from the start of the track and rise.
    """

    def __init__(
        self,
        taps: Sequence[NDArray[np.float64]],
        kinds: Sequence[int],
        borders_s: Sequence[float],
        crossings_s: Sequence[float],
        sample_rate_hz: int,
        channels: int,
    ) -> None:
        check_stream(sample_rate_hz, channels)
        if len(kinds) != len(borders_s) + 1 or len(borders_s) != len(crossings_s):
            raise ValueError("every section but the last ends at a border, and every border has a crossing")
        if len({len(one) for one in taps}) != 1 or not all(0 <= kind < len(taps) for kind in kinds):
            raise ValueError("all sections need taps, of one length")
        starts = np.array(borders_s) - 0.5 * np.array(crossings_s)
        ends = starts + np.array(crossings_s)
        if np.any(np.array(crossings_s) <= 0.0) or np.any(starts[1:] < ends[:-1]) or np.any(starts < 0.0):
            raise ValueError("crossings must last, and none may begin before the track does or the last one has ended")
        self._kinds = tuple(kinds)
        self._starts, self._lengths = starts * sample_rate_hz, (ends - starts) * sample_rate_hz
        self._first_frame = 0
        super().__init__(len(taps[0]), channels)
        self._responses = [self._response_of_change(one) for one in taps]
        self._line = np.empty(self._size)
        self._product = np.empty_like(self._spectrum)

    def reset(self) -> None:
        """The state of a fresh filter, at the frame where the stream begins."""
        super().reset()
        self._segment_frame = self._first_frame

    def begin_at(self, frame: int) -> None:
        """The stream begins at frame number `frame` of the track."""
        if frame < 0:
            raise ValueError(f"frame must not be negative, not {frame}")
        self._first_frame = frame
        self.reset()

    def weights(self, first_frame: int, frames: int) -> dict[int, NDArray[np.float64] | float]:
        """How much of each kind's filter sounds in these frames of the track; kinds without any are left out."""
        last = first_frame + frames - 1
        # Sections that have begun by the last frame, less those that have ended before the first.
        begun = int(np.searchsorted(self._starts, last, side="right"))
        ended = int(np.searchsorted(self._starts + self._lengths, first_frame, side="right"))
        if begun == ended:
            return {self._kinds[ended]: 1.0}
        places = np.arange(first_frame, last + 1, dtype=np.float64)
        found: dict[int, NDArray[np.float64] | float] = {}
        arrived: NDArray[np.float64] | float = 1.0
        for section in range(ended, begun + 1):
            following: NDArray[np.float64] | float = 0.0
            if section < begun:
                part = np.clip((places - self._starts[section]) / self._lengths[section], 0.0, 1.0)
                following = 0.5 - 0.5 * np.cos(math.pi * part)
            kind = self._kinds[section]
            found[kind] = found.get(kind, 0.0) + (arrived - following)
            arrived = following
        return found

    def _filter_segment(self) -> None:
        # Taps are symmetric, so the straight-through sample lies half the taps back.
        first = self._segment_frame - self._centre
        weights = self.weights(first, self._hop)
        straight = self._history[self._centre : self._centre + self._hop]
        if all(self._responses[kind] is None for kind in weights):
            self._ready[:] = straight
        else:
            for channel in range(self._channels):
                self._ready[:, channel] = straight[:, channel] + self._change(channel, weights)
        self._segment_frame += self._hop

    def _change(self, channel: int, weights: dict[int, NDArray[np.float64] | float]) -> NDArray[np.float64]:
        self._line[:] = self._history[:, channel]
        np.fft.rfft(self._line, out=self._spectrum)
        total = np.zeros(self._hop)
        for kind, weight in weights.items():
            response = self._responses[kind]
            if response is not None:
                np.multiply(self._spectrum, response, out=self._product)
                np.fft.irfft(self._product, n=self._size, out=self._line)
                total += weight * self._line[2 * self._centre :]
        return total
