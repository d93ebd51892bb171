"""Plain figures of the samples themselves: peaks, powers, clipping, offset, faults, bit depth."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from auralis_cli.dsp._jit import kernel
from auralis_cli.dsp.processor import check_block
from auralis_cli.dsp.segments import Series, first_segment, open_segment, segment_ratio
from auralis_cli.quick_dataclasses import dataclass

FRAMES_PER_SECOND = 20
CLIPPED_LEVEL = 0.9999
CLIPPED_RUN = 3
_CLIPPED_BITS = int(np.array([CLIPPED_LEVEL], np.float32).view(np.int32)[0])


@dataclass(frozen=True, slots=True)
class Levels:
    """Totals of a stream; the tuples have one value per channel."""

    frames: int
    sums: tuple[float, ...]
    square_sums: tuple[float, ...]
    # Σ left · right of the first two channels; of one channel with itself for mono.
    product_sum: float
    sample_peaks: tuple[float, ...]
    # A run is ≥ 3 neighbouring samples of one channel at |x| ≥ 0.9999.
    clipping_runs: int
    clipped_samples: int
    first_non_finite_frame: int | None
    # The coarser of the grids 16 and 24 bit on which all samples lie, None if they lie on neither.
    on_grid_bits: int | None


class LevelMeter:
    """Measures a stream, whole and per 50 ms.

    `frames_50ms` holds one row per 50 ms, the last one unfinished perhaps: Σ left², Σ right²,
    Σ left · right, Σ squares of all channels, sample peak, number of frames. With one channel, left
    and right are the same; with more than two they are the first two.
    """

    def __init__(self, sample_rate_hz: int, channels: int) -> None:
        if channels < 1:
            raise ValueError(f"channels must be at least 1, not {channels}")
        self._channels = channels
        self._ratio = segment_ratio((sample_rate_hz, FRAMES_PER_SECOND))
        self.reset()

    def reset(self) -> None:
        """Forgets everything heard so far."""
        self._place = first_segment(self._ratio)
        # Rows: Σ x, Σ x², peak of what is finished; the same of the open 50 ms.
        self._sums = np.zeros((6, self._channels))
        self._products = np.zeros(2)
        self._runs = np.zeros(self._channels, np.int64)
        # Frames; first non-finite frame; off the 16-bit grid; off the 24-bit grid; clipping runs; clipped samples.
        self._counts = np.array([0, -1, 0, 0, 0, 0], np.int64)
        self._series = Series(6, np.float64)

    def process(self, block: NDArray[np.float32]) -> None:
        """Looks at `block`, float32 `(frames, channels)`."""
        check_block(block, self._channels)
        rows = np.empty((len(block) * FRAMES_PER_SECOND // int(self._ratio[0]) + 2, 6))
        count = _levels(block, self._ratio, self._place, self._sums, self._products, self._runs, self._counts, rows)
        self._series.append(rows[:count])

    def frames_50ms(self) -> NDArray[np.float64]:
        """The rows described above, (n, 6)."""
        is_begun = bool(self._place[0])
        rows = np.empty((len(self._series) + is_begun, 6))
        start = 0
        for chunk in self._series.chunks():
            rows[start : start + len(chunk)] = chunk
            start += len(chunk)
        if is_begun:
            sums, _, products = self._ended()
            _row(sums, products, self._place[0], rows[-1])
        return rows

    def result(self) -> Levels:
        """The totals, as if the stream ended here."""
        sums, counts, products = self._ended()
        _book(sums, products)
        off_16, off_24 = counts[2], counts[3]
        empty = counts[0] == 0
        return Levels(
            frames=int(counts[0]),
            sums=tuple(sums[0].tolist()),
            square_sums=tuple(sums[1].tolist()),
            product_sum=float(products[0]),
            sample_peaks=tuple(sums[2].tolist()),
            clipping_runs=int(counts[4]),
            clipped_samples=int(counts[5]),
            first_non_finite_frame=int(counts[1]) if counts[1] >= 0 else None,
            on_grid_bits=None if empty or off_24 else 24 if off_16 else 16,
        )

    def _ended(self) -> tuple[NDArray[np.float64], NDArray[np.int64], NDArray[np.float64]]:
        """Copies of the state with open runs of clipping counted."""
        counts = self._counts.copy()
        for run in self._runs.tolist():
            if run >= CLIPPED_RUN:
                counts[4] += 1
                counts[5] += run
        return self._sums.copy(), counts, self._products.copy()


@kernel
def _row(sums, products, frames, row):  # type: ignore[no-untyped-def]
    row[0] = sums[4, 0]
    row[1] = sums[4, min(1, sums.shape[1] - 1)]
    row[2] = products[1]
    row[3] = sums[4].sum()
    row[4] = sums[5].max()
    row[5] = frames


@kernel
def _book(sums, products):  # type: ignore[no-untyped-def]
    """Adds the open 50 ms to the totals and empties them."""
    for channel in range(sums.shape[1]):
        sums[0, channel] += sums[3, channel]
        sums[1, channel] += sums[4, channel]
        sums[2, channel] = max(sums[2, channel], sums[5, channel])
        sums[3, channel] = sums[4, channel] = sums[5, channel] = 0.0
    products[0] += products[1]
    products[1] = 0.0


@kernel
def _add_sums(segment, sums, products):  # type: ignore[no-untyped-def]
    """Sums of a piece of the open 50 ms, in the order of time whatever the cut."""
    frames, channels = segment.shape
    if channels == 2:
        left_sum, right_sum = sums[3]
        left_square, right_square = sums[4]
        product = products[1]
        for i in range(frames):
            left, right = np.float64(segment[i, 0]), np.float64(segment[i, 1])
            left_sum += left
            right_sum += right
            left_square += left * left
            right_square += right * right
            product += left * right
        sums[3, 0], sums[3, 1], sums[4, 0], sums[4, 1] = left_sum, right_sum, left_square, right_square
        products[1] = product
        return
    for channel in range(channels):
        total, square = sums[3, channel], sums[4, channel]
        for i in range(frames):
            value = np.float64(segment[i, channel])
            total += value
            square += value * value
        sums[3, channel], sums[4, channel] = total, square
    if channels == 1:
        products[1] = sums[4, 0]
        return
    product = products[1]
    for i in range(frames):
        product += np.float64(segment[i, 0]) * np.float64(segment[i, 1])
    products[1] = product


@kernel
def _peak_bits(segment, tops):  # type: ignore[no-untyped-def]
    """Largest |x| of every channel as the integer with the same bits (see truepeak); NaN is above all."""
    bits = segment.reshape(-1).view(np.int32)
    if tops.shape[0] == 2:
        # Frames of a length that is known become vectors.
        left, right = np.int32(0), np.int32(0)
        for i in range(segment.shape[0]):
            one, other = bits[2 * i] & np.int32(0x7FFFFFFF), bits[2 * i + 1] & np.int32(0x7FFFFFFF)
            left = one if one > left else left
            right = other if other > right else right
        tops[0], tops[1] = left, right
        return
    for channel in range(tops.shape[0]):
        top = np.int32(0)
        for i in range(channel, bits.shape[0], tops.shape[0]):
            size = bits[i] & np.int32(0x7FFFFFFF)
            top = size if size > top else top
        tops[channel] = top


@kernel
def _off_grid(segment, steps):  # type: ignore[no-untyped-def]
    """Whether a sample is no multiple of 1/steps."""
    values = segment.reshape(-1)
    off = 0
    for i in range(values.shape[0]):  # by index: iterating is not vectorised
        scaled = values[i] * steps
        off += 1 if scaled != np.floor(scaled) else 0
    return off > 0


@kernel
def _count_runs(segment, channel, runs, counts):  # type: ignore[no-untyped-def]
    """Clipping runs of a channel, and its first sample that is no number."""
    run = runs[channel]
    for i in range(segment.shape[0]):
        value = segment[i, channel]
        if abs(value) >= CLIPPED_LEVEL:
            run += 1
        else:
            if run >= CLIPPED_RUN:
                counts[4] += 1
                counts[5] += run
            run = 0
        if not np.isfinite(value):
            frame = counts[0] + i
            if counts[1] < 0 or frame < counts[1]:
                counts[1] = frame
    runs[channel] = run


@kernel
def _levels(block, ratio, place, sums, products, runs, counts, rows):  # type: ignore[no-untyped-def]
    peaks = np.zeros(block.shape[1], np.int32)
    sizes = peaks.view(np.float32)
    done, count = 0, 0
    while done < block.shape[0]:
        take = min(place[1], block.shape[0] - done)
        segment = block[done : done + take]
        _add_sums(segment, sums, products)
        _peak_bits(segment, peaks)
        for channel in range(block.shape[1]):
            if peaks[channel] >= _CLIPPED_BITS or runs[channel] > 0:
                _count_runs(segment, channel, runs, counts)
            sums[5, channel] = max(sums[5, channel], np.float64(sizes[channel]))
        if counts[2] == 0:
            counts[2] = _off_grid(segment, np.float32(32768.0))
        if counts[2] != 0 and counts[3] == 0:
            counts[3] = _off_grid(segment, np.float32(8388608.0))
        counts[0] += take
        done += take
        place[0] += take
        place[1] -= take
        if place[1] == 0:
            _row(sums, products, place[0], rows[count])
            count += 1
            _book(sums, products)
            open_segment(ratio, place)
    return count
