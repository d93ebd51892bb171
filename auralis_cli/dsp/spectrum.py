"""Long-term spectra of mid and side: windows of some 93 ms without overlap.

The powers of mid and side (`mid_side`) add up to the mean power of left and right, whatever the phase between
them, and nothing changes when left and right are swapped.
"""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from auralis_cli.dsp._jit import kernel
from auralis_cli.dsp.fourier import Fourier
from auralis_cli.dsp.mid_side import fill_mid_side
from auralis_cli.dsp.processor import check_block
from auralis_cli.dsp.segments import Series
from auralis_cli.dsp.windows import hann, hann_power_scale
from auralis_cli.quick_dataclasses import dataclass

_WINDOW_S = 0.0929
_BATCH = 8
_LOWEST_HZ = 20.0
# Nothing above says anything that outlives a codec, except the highest of the bands.
_HIGHEST_SHAPE_HZ = 10_000.0
_ROLLOFF_SHARE = 0.85
# Tonality is judged octave by octave, so that a tilt is none; the floor keeps a codec's holes from ruling.
_OCTAVES_HZ = (250.0, 500.0, 1_000.0, 2_000.0, 4_000.0, 8_000.0)
_FLATNESS_FLOOR = 1e-3
_FEWEST_BINS = 4
_LOWEST_CUTOFF_HZ = 3_000.0
# What a low-pass takes away within 700 Hz, and what is enough where nothing but a level floor is left.
_FALL_DB = 20.0
_FALL_ONTO_FLOOR_DB = 10.0
_FLOOR_RIPPLE_DB = 2.0


def window_frames(sample_rate_hz: int) -> int:
    """Length of a window: the power of two nearest 93 ms, 4096 at 44.1 and 48 kHz."""
    if sample_rate_hz < 1000:
        raise ValueError(f"sample_rate_hz must be at least 1000, not {sample_rate_hz}")
    return int(2 ** round(math.log2(_WINDOW_S * sample_rate_hz)))


def third_octave_centres(sample_rate_hz: int) -> tuple[float, ...]:
    """Exact 1/3-octave centres (base 2, 1000 Hz among them) from 31 Hz to the last band below Nyquist."""
    centres = (1000.0 * 2.0 ** (step / 3.0) for step in range(-15, 30))
    return tuple(centre for centre in centres if centre * 2.0 ** (1.0 / 6.0) <= sample_rate_hz / 2.0)


@dataclass(frozen=True, slots=True)
class Shape:
    """Amplitude-weighted means over windows; 0 for silence."""

    centroid_hz: float
    rolloff_hz: float
    # 0 for a tone, 1 for a flat spectrum.
    flatness: float


class LongTermSpectrum:
    """Spectra of a stream, summed over time and per window in 1/3-octave bands.

    Powers are mean squares: a full-scale sine in both channels has 0.5 in mid. What the last
    unfinished window holds is left out, unless it is the only one: then it is padded with zeros.
    """

    def __init__(self, sample_rate_hz: int, channels: int) -> None:
        if channels < 1:
            raise ValueError(f"channels must be at least 1, not {channels}")
        length = window_frames(sample_rate_hz)
        self.sample_rate_hz = sample_rate_hz
        self.centres_hz = third_octave_centres(sample_rate_hz)
        self._channels = channels
        self._window = hann(length)
        self._fourier = Fourier(length)
        self._spectra = np.empty((2, _BATCH, length // 2 + 1), np.complex64)
        self._power_scale = hann_power_scale(length)
        bin_hz = sample_rate_hz / length
        half = 2.0 ** (1.0 / 6.0)
        edges = [self.centres_hz[0] / half] + [centre * half for centre in self.centres_hz]
        # In bins, bin k reaching from k − ½ to k + ½.
        self._band_edges = np.array(edges) / bin_hz + 0.5
        top_hz = min(_HIGHEST_SHAPE_HZ, 0.95 * sample_rate_hz / 2.0)
        self._shape_bins = (math.ceil(_LOWEST_HZ / bin_hz), int(top_hz / bin_hz) + 1)
        self._bin_hz = bin_hz
        octaves = [round(min(edge_hz, top_hz) / bin_hz) for edge_hz in _OCTAVES_HZ]
        self._octaves = np.array([pair for pair in pairwise(octaves) if pair[1] - pair[0] >= _FEWEST_BINS], np.int64)
        self.reset()

    def reset(self) -> None:
        """Forgets everything heard so far."""
        length = len(self._window)
        self._mid = np.zeros(_BATCH * length, np.float32)
        self._side = np.zeros(_BATCH * length, np.float32)
        self._filled = 0
        self._bins = np.zeros((2, length // 2 + 1))
        # Σ w·log2 centroid, Σ w·log2 rolloff, Σ w·flatness, Σ w.
        self._shape = np.zeros(4)
        # Mid bands, side bands, whole power of the window.
        self._bands = Series(2 * len(self.centres_hz) + 1, np.float32)

    def process(self, block: NDArray[np.float32]) -> None:
        """Looks at `block`, float32 `(frames, channels)`."""
        check_block(block, self._channels)
        done = 0
        while done < len(block):
            taken = fill_mid_side(block[done:], self._mid[self._filled :], self._side[self._filled :])
            self._filled += taken
            done += taken
            if self._filled == len(self._mid):
                self._analyse(_BATCH)

    def flush(self) -> None:
        """Ends the stream: looks at what is left of it."""
        length = len(self._window)
        windows = self._filled // length
        if windows == 0 and len(self._bands) == 0 and self._filled:
            self._mid[self._filled : length] = 0.0
            self._side[self._filled : length] = 0.0
            windows = 1
        if windows:
            self._analyse(windows)
        self._filled = 0

    def _analyse(self, windows: int) -> None:
        self._filled = 0
        sides = windows if self._has_side(windows) else 0
        mid, side = self._spectra[0, :windows], self._spectra[1, :sides]
        length = len(self._window)
        self._fourier.spectra(self._mid, length, self._window, mid)
        self._fourier.spectra(self._side, length, self._window, side)
        rows = np.empty((windows, 2 * len(self.centres_hz) + 1), np.float32)
        _add_windows(
            mid.view(np.float32), side.view(np.float32), self._power_scale, self._band_edges,
            self._shape_bins, self._octaves, self._bin_hz, self._bins, self._shape, rows,
        )  # fmt: skip
        self._bands.append(rows)

    def _has_side(self, windows: int) -> bool:
        return self._channels > 1 and bool(_sounds(self._side[: windows * len(self._window)]))

    @property
    def window_s(self) -> float:
        """How long a window lasts."""
        return len(self._window) / self.sample_rate_hz

    @property
    def windows(self) -> int:
        """How many windows were looked at."""
        return len(self._bands)

    def bin_powers(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Powers of mid and side per bin, summed over all windows; bin k lies at k · rate / window."""
        return self._bins[0].copy(), self._bins[1].copy()

    def band_power(self, low_hz: float, high_hz: float) -> float:
        """Power of mid and side together between two frequencies, summed over all windows."""
        if not 0.0 <= low_hz < high_hz:
            raise ValueError(f"a band must have a width above 0, not {low_hz}…{high_hz}")
        return float(_between(self._bins.sum(axis=0), low_hz / self._bin_hz + 0.5, high_hz / self._bin_hz + 0.5))

    def window_powers(self) -> NDArray[np.float64]:
        """Power of mid and side together, per window."""
        return self._bands.column(2 * len(self.centres_hz))

    def window_bands(self, band: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Powers of mid and side in one 1/3-octave band, per window."""
        return self._bands.column(band), self._bands.column(band + len(self.centres_hz))

    def shape(self) -> Shape:
        """Where the spectrum has its weight, below 10 kHz; windows count by their amplitude."""
        centroid, rolloff, flatness, weight = self._shape.tolist()
        if weight <= 0.0:
            return Shape(0.0, 0.0, 0.0)
        return Shape(2.0 ** (centroid / weight), 2.0 ** (rolloff / weight), flatness / weight)

    def cutoff_hz(self) -> float | None:
        """Where a codec's low-pass ends the spectrum; None where it thins out by itself or not at all."""
        return cutoff_of(self._bins.sum(axis=0), self._bin_hz)


def cutoff_of(powers: NDArray[np.float64], bin_hz: float) -> float | None:
    """The edge at which the last steep fall within 700 Hz begins, from 3 kHz up, in steps of 100 Hz.

    Steep are 20 dB where above the fall everything stays that low, and 10 dB where it is a level floor
    (rounding, and nothing else); an instrument's own decay is an order of magnitude less steep.
    """
    step = max(1, round(100.0 / bin_hz))
    count = len(powers) // step
    levels = powers[: count * step].reshape(count, step).mean(axis=1)
    if not 0.0 < levels.max(initial=0.0) < np.inf:
        return None
    levels_db = 10.0 * np.log10(np.maximum(levels, levels.max() * 1e-14))
    step_hz = step * bin_hz
    fall, before, floor = (max(1, round(width_hz / step_hz)) for width_hz in (700.0, 500.0, 1_000.0))
    loudest_above = np.maximum.accumulate(levels_db[::-1])[::-1]
    lowest = round(_LOWEST_CUTOFF_HZ / step_hz)
    if count <= before:
        return None
    # Of the steps before each edge, the first edge being `before`.
    medians_db = np.median(np.lib.stride_tricks.sliding_window_view(levels_db, before), axis=1)
    for edge in range(count - fall - 1, lowest, -1):
        drop_db = medians_db[edge - before] - loudest_above[edge + fall]
        if drop_db < _FALL_ONTO_FLOOR_DB:
            continue
        above = levels_db[edge + fall :]
        is_floor = len(above) >= floor and loudest_above[edge + fall] - np.median(above) <= _FLOOR_RIPPLE_DB
        if is_floor or drop_db >= _FALL_DB:
            edges = np.arange(max(before, edge - 4 * fall), edge + 1)
            drops = medians_db[edges - before] - levels_db[edges + fall]
            # The highest edge within 1 dB of the largest drop.
            return float(edges[drops >= drops.max() - 1.0].max() * step_hz)
    return None


@kernel
def _sum(values):  # type: ignore[no-untyped-def]
    """Eight sums side by side: one alone waits for itself."""
    a, b, c, d, e, f, g, h = 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0
    whole = values.shape[0] // 8 * 8
    for k in range(0, whole, 8):
        a += values[k]
        b += values[k + 1]
        c += values[k + 2]
        d += values[k + 3]
        e += values[k + 4]
        f += values[k + 5]
        g += values[k + 6]
        h += values[k + 7]
    for k in range(whole, values.shape[0]):
        a += values[k]
    return ((a + b) + (c + d)) + ((e + f) + (g + h))


@kernel
def _between(powers, low, high):  # type: ignore[no-untyped-def]
    """Power between two edges given in bins from the lower edge of bin 0, parts of bins in proportion."""
    top = np.float64(powers.shape[0])
    low, high = min(low, top), min(high, top)
    first, last = int(low), int(high)
    if first == last:
        return np.float64(powers[first]) * (high - low) if first < powers.shape[0] else 0.0
    total = np.float64(powers[first]) * (first + 1 - low) + _sum(powers[first + 1 : last])
    if last < powers.shape[0]:
        total += np.float64(powers[last]) * (high - last)
    return total


@kernel
def _sounds(values):  # type: ignore[no-untyped-def]
    """Whether any value is not zero."""
    bits = values.view(np.int32)
    any_bits = np.int32(0)
    for i in range(bits.shape[0]):  # by index: iterating is not vectorised
        any_bits |= bits[i] & np.int32(0x7FFFFFFF)
    return any_bits != 0


@kernel
def _add_windows(mid, side, scale, edges, shape_bins, octaves, bin_hz, bins, shape, rows):  # type: ignore[no-untyped-def]
    """Adds the windows of a batch to the sums; `mid` and `side` are spectra as (re, im) pairs."""
    count = bins.shape[1]
    bands = edges.shape[0] - 1
    powers = np.zeros((2, count), np.float64)
    for index in range(mid.shape[0]):
        _powers(mid[index], scale, powers[0])
        if side.shape[0]:
            _powers(side[index], scale, powers[1])
        row = rows[index]
        for band in range(bands):
            row[band] = _between(powers[0], edges[band], edges[band + 1])
            row[bands + band] = _between(powers[1], edges[band], edges[band + 1]) if side.shape[0] else 0.0
        _add_to(bins[0], powers[0])
        if side.shape[0]:
            _add_to(bins[1], powers[1])
            _add_to(powers[0], powers[1])
        row[2 * bands] = _sum(powers[0])
        _add_shape(powers[0], shape_bins, octaves, bin_hz, shape)


@kernel
def _powers(spectrum, scale, into):  # type: ignore[no-untyped-def]
    for k in range(into.shape[0]):
        re, im = np.float64(spectrum[2 * k]), np.float64(spectrum[2 * k + 1])
        into[k] = (re * re + im * im) * scale


@kernel
def _add_to(total, values):  # type: ignore[no-untyped-def]
    for k in range(total.shape[0]):
        total[k] += values[k]


@kernel
def _add_shape(powers, shape_bins, octaves, bin_hz, shape):  # type: ignore[no-untyped-def]
    first, last = shape_bins
    amplitudes = np.sqrt(powers[first:last])
    total, power = _sum(amplitudes), _sum(powers[first:last])
    weighted = 0.0
    for i in range(amplitudes.shape[0]):
        weighted += amplitudes[i] * (first + i)
    if not power > 0.0:
        return
    wanted, so_far = _ROLLOFF_SHARE * power, 0.0
    rolloff = np.float64(first)
    for i in range(amplitudes.shape[0]):
        if so_far + powers[first + i] >= wanted:
            rolloff = first + i - 0.5 + (wanted - so_far) / powers[first + i]
            break
        so_far += powers[first + i]
    weight = np.sqrt(power)
    shape[0] += weight * np.log2(weighted / total * bin_hz)
    shape[1] += weight * np.log2(rolloff * bin_hz)
    shape[2] += weight * _flatness(powers, octaves)
    shape[3] += weight


@kernel
def _flatness(powers, octaves):  # type: ignore[no-untyped-def]
    """Geometric ÷ arithmetic mean of each octave, the louder ones counting a little more."""
    total, weights = 0.0, 0.0
    for octave in range(octaves.shape[0]):
        values = powers[octaves[octave, 0] : octaves[octave, 1]]
        power = _sum(values)
        if not power > 0.0:
            continue
        weight = np.sqrt(np.sqrt(power))
        total += weight * _geometric_over_mean(values, power / values.shape[0])
        weights += weight
    return total / weights if weights > 0.0 else 0.0


@kernel
def _geometric_over_mean(values, mean):  # type: ignore[no-untyped-def]
    """Sixty-four factors to a logarithm; four products side by side, for speed."""
    count = values.shape[0]
    scale = 1.0 / (mean * (1.0 + _FLATNESS_FLOOR))
    floor = mean * _FLATNESS_FLOOR
    logarithm = 0.0
    for start in range(0, count, 64):
        part = values[start : min(count, start + 64)]
        a, b, c, d = 1.0, 1.0, 1.0, 1.0
        fours = part.shape[0] // 4 * 4
        for k in range(0, fours, 4):
            a *= (part[k] + floor) * scale
            b *= (part[k + 1] + floor) * scale
            c *= (part[k + 2] + floor) * scale
            d *= (part[k + 3] + floor) * scale
        for k in range(fours, part.shape[0]):
            a *= (part[k] + floor) * scale
        logarithm += np.log(a * b * (c * d))
    return np.exp(logarithm / count)
