"""Linear-phase equalising: a curve in dB becomes a symmetric FIR, applied by overlap-save.

The filter is split into "pass through" and "the change": y = x + (h − δ)∗x. A flat curve therefore
nulls exactly, and rounding scales with the size of the move. Everything static about a master (tone,
bass mono, width) is one pair of such filters on mid (L+R)/2 and side (L−R)/2.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from auralis_cli.dsp._jit import kernel
from auralis_cli.dsp.processor import check_stream
from auralis_cli.dsp.segment_filter import SegmentFilter, next_power_of_two

# A curve beyond this is a mistake upstream, not mastering.
MAX_CURVE_DB = 24.0
# Side lobes some −70 dB; a bump of one octave at 60 Hz is still met within 0.25 dB by 93 ms of taps.
_KAISER_BETA = 6.5
_BASE_RATE_HZ = 48_000
_BASE_TAPS = 4096
_GRID_PER_TAPS = 4


def default_taps(sample_rate_hz: int) -> int:
    """An odd number of taps lasting 85 ms or more: 4095 at 44.1 and 48 kHz, 8191 at 96, 16383 at 192."""
    check_stream(sample_rate_hz, 1)
    return next_power_of_two(math.ceil(sample_rate_hz * _BASE_TAPS / _BASE_RATE_HZ)) - 1


def design_linear_phase(
    frequencies_hz: NDArray[np.float64],
    gains_db: NDArray[np.float64],
    sample_rate_hz: int,
    taps: int | None = None,
) -> NDArray[np.float64]:
    """A symmetric FIR of odd length whose gain follows the curve.

    The curve is linear in dB over log frequency between the given points and flat beyond them. It is
    sampled, made zero-phase and cut by a Kaiser window. Zero gains give exactly a unit impulse.
    Raises ValueError for frequencies that do not rise from above 0, for gains beyond ±24 dB or not
    finite, and for an even or negative number of taps.
    """
    check_stream(sample_rate_hz, 1)
    if frequencies_hz.ndim != 1 or frequencies_hz.shape != gains_db.shape or len(frequencies_hz) == 0:
        raise ValueError("frequencies_hz and gains_db must be equally long, with one point at least")
    if not np.all(np.isfinite(frequencies_hz)) or frequencies_hz[0] <= 0 or np.any(np.diff(frequencies_hz) <= 0):
        raise ValueError("frequencies_hz must be finite and rise from above 0")
    if not np.all(np.abs(gains_db) <= MAX_CURVE_DB):
        raise ValueError(f"gains_db must be finite and within ±{MAX_CURVE_DB:g} dB")
    taps = default_taps(sample_rate_hz) if taps is None else taps
    if taps < 1 or taps % 2 == 0:
        raise ValueError(f"taps must be odd and positive, not {taps}")
    grid = _GRID_PER_TAPS * max(default_taps(sample_rate_hz) + 1, next_power_of_two(taps))
    bins_hz = np.arange(grid // 2 + 1) * (sample_rate_hz / grid)
    bins_hz[0] = bins_hz[1]  # log of 0 Hz does not exist; the curve is flat down there
    curve_db = np.interp(np.log(bins_hz), np.log(frequencies_hz), gains_db)
    change = np.fft.irfft(10.0 ** (curve_db / 20.0) - 1.0, n=grid)[: taps // 2 + 1]
    change *= np.kaiser(taps, _KAISER_BETA)[taps // 2 :]
    change[0] += 1.0
    return np.concatenate((change[:0:-1], change))


class LinearPhaseFir(SegmentFilter):
    """A `Processor`: symmetric FIRs on mid and side, or one on every channel.

    With two channels and `side_taps`, mid (L+R)/2 is filtered by `mid_taps` and side (L−R)/2 by
    `side_taps`; otherwise every channel by `mid_taps`. Taps are float64 of odd length, symmetric, both
    equally long. Spectra are float64: they cost a tenth more than float32 and leave only the rounding of
    the result.
    """

    def __init__(self, mid_taps: NDArray[np.float64], side_taps: NDArray[np.float64] | None, channels: int) -> None:
        check_stream(1, channels)
        lane_taps = [mid_taps] * channels
        if side_taps is not None:
            if channels != 2:
                raise ValueError(f"side_taps need 2 channels, not {channels}")
            if len(side_taps) != len(mid_taps):
                raise ValueError(f"mid_taps and side_taps differ in length: {len(mid_taps)}, {len(side_taps)}")
            lane_taps = [mid_taps, side_taps]
        for taps in lane_taps:
            _check_taps(taps)
        super().__init__(len(mid_taps), channels)
        self._mid_side = side_taps is not None
        self._responses = [self._response_of_change(taps) for taps in lane_taps]
        self._lanes = np.zeros((channels, self._size))

    def _filter_segment(self) -> None:
        for lane, response in enumerate(self._responses):
            if response is not None:
                self._filter_lane(lane, response)
        self._add_changes()

    def _filter_lane(self, lane: int, response: NDArray[np.complex128]) -> None:
        """Leaves the change of one lane (mid, side or a channel) in its row of `_lanes`."""
        row, spectrum = self._lanes[lane], self._spectrum
        if not self._mid_side:
            row[:] = self._history[:, lane]
        else:
            row[:] = self._history[:, 0]
            (np.subtract if lane else np.add)(row, self._history[:, 1], out=row)
            row *= 0.5
        np.fft.rfft(row, out=spectrum)
        spectrum *= response
        np.fft.irfft(spectrum, n=len(row), out=row)

    def _add_changes(self) -> None:
        # Taps are symmetric, so the straight-through sample lies half the taps back.
        straight = self._history[self._centre : self._centre + self._hop]
        changes = self._lanes[:, 2 * self._centre :]
        if self._mid_side:
            _add_mid_side(straight, changes[0], changes[1], self._ready)
        else:
            _add_channels(straight, changes, self._ready)


def _check_taps(taps: NDArray[np.float64]) -> None:
    if taps.dtype != np.float64 or taps.ndim != 1 or len(taps) % 2 == 0:
        raise ValueError(f"taps must be float64 of odd length, not {taps.dtype} {taps.shape}")
    if not np.all(np.isfinite(taps)) or not np.array_equal(taps, taps[::-1]):
        raise ValueError("taps must be finite and symmetric")


@kernel
def _add_mid_side(straight, mid, side, out):  # type: ignore[no-untyped-def]  # pragma: no cover
    for i in range(len(out)):
        out[i, 0] = straight[i, 0] + (mid[i] + side[i])
        out[i, 1] = straight[i, 1] + (mid[i] - side[i])


@kernel
def _add_channels(straight, changes, out):  # type: ignore[no-untyped-def]  # pragma: no cover
    for channel in range(out.shape[1]):
        change = changes[channel]
        for i in range(len(out)):
            out[i, channel] = straight[i, channel] + change[i]
