"""The average spectrum of mid and side in narrow bands, over the windows that carry the sound, in constant memory.

Windows of some 0.37 s, long enough to tell a bass from its octave. Which of them carry the sound is known only at the
end: until then they are summed apart by how loud they are, in steps of a quarter of a decibel.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from auralis_cli.dsp._jit import kernel
from auralis_cli.dsp.processor import check_block
from auralis_cli.dsp.sliding_spectra import SlidingSpectra
from auralis_cli.dsp.spectrum import cutoff_of

_WINDOW_S = 0.3715
_BATCH = 8
_STEPS_PER_DB = 4
# Windows that far below the mean power are pauses, fades and reverberation.
_GATE_DB = -10.0
# Nothing that quiet passes the gate of anything that sounds; it keeps what is summed apart within bounds.
_QUIETEST_DB, _LOUDEST_DB = -160, 320


class GatedSpectrum:
    """Band powers of mid (L + R)/2 and side (L − R)/2 between `edges_hz`, as a mean of the windows that count.

    What the last unfinished window holds is left out, unless it is the only one: then it is padded with zeros.
    """

    def __init__(self, edges_hz: NDArray[np.float64], sample_rate_hz: int, channels: int) -> None:
        if channels < 1:
            raise ValueError(f"channels must be at least 1, not {channels}")
        length = int(2 ** round(math.log2(_WINDOW_S * sample_rate_hz)))
        self._channels = channels
        self._sliding = tuple(SlidingSpectra(length, length, _BATCH) for _ in range(min(2, channels)))
        self._bin_hz = sample_rate_hz / length
        # In bins, bin k reaching from k − ½ to k + ½.
        self._edges = np.clip(edges_hz / self._bin_hz + 0.5, 0.0, length // 2 + 1.0)
        self._sums: dict[int, NDArray[np.float64]] = {}
        self._bins = np.zeros(length // 2 + 1)
        self._power, self._windows = 0.0, 0

    def process(self, block: NDArray[np.float32]) -> None:
        """Looks at `block`, float32 `(frames, channels)`."""
        check_block(block, self._channels)
        if self._channels == 1:
            for spectra in self._sliding[0].process(block):
                self._add(spectra, None)
            return
        left, right = block[:, 0:1], block[:, 1:2]
        half = np.float32(0.5)
        # Both have equally long windows: they complete together.
        mids, sides = (one.process(lane) for one, lane in zip(
            self._sliding, (half * (left + right), half * (left - right)), strict=True))  # fmt: skip
        for mid, side in zip(mids, sides, strict=True):
            self._add(mid, side)

    def flush(self) -> None:
        """Ends the stream: looks at what is left of it."""
        if self._channels == 1:
            for spectra in self._sliding[0].flush():
                self._add(spectra, None)
            return
        for mid, side in zip(*(one.flush() for one in self._sliding), strict=True):
            self._add(mid, side)

    def band_powers(self) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
        """Mean powers of mid and side per band, and of what they have in common; zeros where nothing sounds.

        Left has the power of both and twice what is common, right that of both less it.
        """
        bands = len(self._edges) - 1
        gate_db = 10.0 * math.log10(self._power / self._windows) + _GATE_DB if self._power > 0.0 else 0.0
        total = np.zeros(3 * bands + 1)
        for step in sorted(self._sums):
            if step >= math.floor(gate_db * _STEPS_PER_DB):
                total += self._sums[step]
        mean = total / max(1.0, total[-1])
        return mean[:bands], mean[bands : 2 * bands], mean[2 * bands : -1]

    def whole_powers(self) -> tuple[float, float, float]:
        """Mean powers of mid and side, and of what they have in common, in all bands over all windows."""
        bands = len(self._edges) - 1
        total = np.zeros(3 * bands + 1)
        for step in sorted(self._sums):
            total += self._sums[step]
        mid, side, common = (float(lane.sum()) / max(1, self._windows) for lane in np.split(total[:-1], 3))
        return mid, side, common

    def cutoff_hz(self) -> float | None:
        """Where a codec's low-pass ends the spectrum; None where it thins out by itself or not at all."""
        return cutoff_of(self._bins, self._bin_hz)

    def _add(self, mid: NDArray[np.complex64], side: NDArray[np.complex64] | None) -> None:
        bands = len(self._edges) - 1
        # Bands of mid, bands of side, bands of what they have in common; last, how many windows it is the sum of.
        rows = np.zeros((len(mid), 3 * bands + 1))
        scale = self._sliding[0].power_scale
        powers = np.empty(mid.shape[1])
        _add_lane(mid.view(np.float32), scale, self._edges, powers, self._bins, rows[:, :bands])
        if side is not None:
            lane = rows[:, bands : 2 * bands]
            _add_lane(side.view(np.float32), scale, self._edges, powers, self._bins, lane)
            common = rows[:, 2 * bands : -1]
            _add_common(mid.view(np.float32), side.view(np.float32), scale, self._edges, powers, common)
        for row in rows:
            # What lies below the lowest band (an offset, drift) makes nothing loud.
            power = float(row[: 2 * bands].sum())
            self._windows += 1
            if not 0.0 < power < math.inf:
                continue
            self._power += power
            step = math.floor(min(max(10.0 * math.log10(power), _QUIETEST_DB), _LOUDEST_DB) * _STEPS_PER_DB)
            row[-1] = 1.0
            self._sums[step] = self._sums[step] + row if step in self._sums else row


@kernel
def _add_lane(spectra, scale, edges, powers, bins, rows):  # type: ignore[no-untyped-def]  # pragma: no cover
    """Adds a lane's power per bin to `bins`, per window and band to `rows`."""
    for index in range(spectra.shape[0]):
        spectrum = spectra[index]
        for k in range(powers.shape[0]):
            re, im = np.float64(spectrum[2 * k]), np.float64(spectrum[2 * k + 1])
            powers[k] = (re * re + im * im) * scale
            bins[k] += powers[k]
        row = rows[index]
        for band in range(edges.shape[0] - 1):
            row[band] = _between(powers, edges[band], edges[band + 1])


@kernel
def _add_common(mid, side, scale, edges, powers, rows):  # type: ignore[no-untyped-def]  # pragma: no cover
    """Adds the real part of mid times side per window and band to `rows`."""
    for index in range(mid.shape[0]):
        one, other = mid[index], side[index]
        for k in range(powers.shape[0]):
            real = np.float64(one[2 * k]) * np.float64(other[2 * k])
            powers[k] = (real + np.float64(one[2 * k + 1]) * np.float64(other[2 * k + 1])) * scale
        row = rows[index]
        for band in range(edges.shape[0] - 1):
            row[band] = _between(powers, edges[band], edges[band + 1])


@kernel
def _between(powers, low, high):  # type: ignore[no-untyped-def]  # pragma: no cover
    """Power between two edges given in bins from the lower edge of bin 0, parts of bins in proportion."""
    top = np.float64(powers.shape[0])
    low, high = min(low, top), min(high, top)
    first, last = int(low), int(high)
    if first >= powers.shape[0]:
        return 0.0
    if first == last:
        return powers[first] * (high - low)
    total = powers[first] * (first + 1 - low)
    for k in range(first + 1, last):
        total += powers[k]
    if last < powers.shape[0]:
        total += powers[last] * (high - last)
    return total
