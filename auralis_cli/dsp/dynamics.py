"""A wideband compressor: one gain for all channels, ruled by K-weighted loudness.

Feed-forward: level → soft knee → reduction in dB, smoothed sample by sample. The level is what
BS.1770 would read over some 2 ms, so thresholds are in LUFS. The reduction rises with the attack
constant and falls with the release constant: 63 % of a step after the stated time.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from auralis_cli.dsp._jit import kernel
from auralis_cli.dsp.k_weighting import k_weighting_sos
from auralis_cli.dsp.loudness import OFFSET_DB, channel_weights
from auralis_cli.dsp.processor import MAX_LEVEL_DB, check_block, check_range, check_stream
from auralis_cli.quick_dataclasses import dataclass

_LEVEL_WINDOW_S = 0.002
_DB_PER_LN = 10.0 / math.log(10.0)
_NEPER_PER_DB = math.log(10.0) / 20.0
_CHUNK_FRAMES = 8192  # the detector's scratch stays in the second-level cache
# −400 dBFS of DC, which the K-weighting takes out again, keeps its filters out of slow denormals.
_ANTI_DENORMAL = 1e-20
# A smaller reduction does not change a float32 sample.
_NOTHING_DB = 1e-7


@dataclass(frozen=True, slots=True)
class CompressorSettings:
    """What the compressor does; ValueError where it would do nothing or cannot.

    `threshold_db` is in LUFS, the middle of a knee `knee_db` wide. Above it `ratio` dB in make one dB
    out until `max_reduction_db` is reached, again round a soft corner.
    """

    threshold_db: float
    ratio: float
    knee_db: float
    attack_ms: float
    release_ms: float
    max_reduction_db: float

    def __post_init__(self) -> None:
        check_range("threshold_db", self.threshold_db, -100.0, MAX_LEVEL_DB)
        check_range("ratio", self.ratio, 1.001, 100.0)
        check_range("knee_db", self.knee_db, 0.0, 40.0)
        check_range("attack_ms", self.attack_ms, 5.0, 1000.0)
        check_range("release_ms", self.release_ms, 20.0, 10_000.0)
        check_range("max_reduction_db", self.max_reduction_db, 0.1, 60.0)


class Compressor:
    """A `Processor`: float32 `(frames, channels)`, state float64.

    Where the level stays below the knee, output equals input bit for bit. The audio is delayed by
    a quarter of the level's window: that is how late, in dB, the level follows a step up, so that the
    attack begins with what it answers.
    """

    def __init__(self, settings: CompressorSettings, sample_rate_hz: int, channels: int) -> None:
        check_stream(sample_rate_hz, channels)
        self._channels = channels
        self._sos = k_weighting_sos(sample_rate_hz)
        self._weights = np.array(channel_weights(channels))
        self._window = max(4, round(_LEVEL_WINDOW_S * sample_rate_hz))
        slope = 1.0 - 1.0 / settings.ratio
        self._curve = np.array(
            [settings.threshold_db, slope, settings.knee_db, settings.max_reduction_db / slope], np.float64
        )
        self._attack, self._release = (
            -math.expm1(-1.0 / (1e-3 * ms * sample_rate_hz)) for ms in (settings.attack_ms, settings.release_ms)
        )
        self.reset()

    @property
    def latency_frames(self) -> int:
        """A quarter of the window of the level."""
        return self._window // 4

    def reset(self) -> None:
        """The state of a fresh compressor."""
        self._filters = np.zeros((self._channels, 4))
        self._powers = np.zeros(self._window)
        self._delayed = np.zeros((self.latency_frames, self._channels), np.float32)
        self._sums = np.zeros(3)  # of the window, of its part since the ring began anew, reduction in dB
        self._positions = np.zeros(2, np.int64)  # in the ring of powers, in the delay

    def process(self, block: NDArray[np.float32]) -> NDArray[np.float32]:
        """As many frames as went in, `latency_frames` late."""
        check_block(block, self._channels)
        out = np.empty_like(block)
        power = np.empty(min(len(block), _CHUNK_FRAMES))
        gain = np.empty(len(power), np.float32)
        for start in range(0, len(block), _CHUNK_FRAMES):
            piece = block[start : start + _CHUNK_FRAMES]
            count = len(piece)
            k_power = _stereo_k_power if self._channels == 2 else _k_power
            k_power(piece, self._sos, self._weights, self._filters, power[:count])
            _smooth_reduction(
                power[:count],
                self._curve,
                self._attack,
                self._release,
                self._powers,
                self._sums,
                self._positions,
                gain[:count],
            )
            # In one go for the chunk: exp of a row of numbers is several times faster than one by one.
            np.exp(gain[:count], out=gain[:count])
            _apply(piece, gain[:count], self._delayed, self._positions, out[start : start + count])
        return out

    def flush(self) -> NDArray[np.float32]:
        """The last `latency_frames` frames."""
        return self.process(np.zeros((self.latency_frames, self._channels), np.float32))


@kernel
def _k_power(block, sos, weights, filters, power):  # type: ignore[no-untyped-def]  # pragma: no cover
    """K-weighted power per frame, summed over channels; two transposed biquads per channel."""
    power[:] = 0.0
    b0, b1, b2, a1, a2 = sos[0]
    c0, c1, c2, d1, d2 = sos[1]
    for channel in range(block.shape[1]):
        s1, s2, t1, t2 = filters[channel]
        weight = weights[channel]
        for i in range(len(block)):
            x = block[i, channel] + _ANTI_DENORMAL
            y = b0 * x + s1
            s1 = b1 * x - a1 * y + s2
            s2 = b2 * x - a2 * y
            z = c0 * y + t1
            t1 = c1 * y - d1 * z + t2
            t2 = c2 * y - d2 * z
            power[i] += weight * z * z
        filters[channel, 0] = s1
        filters[channel, 1] = s2
        filters[channel, 2] = t1
        filters[channel, 3] = t2


@kernel
def _stereo_k_power(block, sos, weights, filters, power):  # type: ignore[no-untyped-def]  # pragma: no cover
    """`_k_power` of two channels side by side, which hides the filters' latency."""
    b0, b1, b2, a1, a2 = sos[0]
    c0, c1, c2, d1, d2 = sos[1]
    p1, p2, q1, q2 = filters[0]
    s1, s2, t1, t2 = filters[1]
    for i in range(len(block)):
        left, right = block[i, 0] + _ANTI_DENORMAL, block[i, 1] + _ANTI_DENORMAL
        shelved_left, shelved_right = b0 * left + p1, b0 * right + s1
        p1, s1 = b1 * left - a1 * shelved_left + p2, b1 * right - a1 * shelved_right + s2
        p2, s2 = b2 * left - a2 * shelved_left, b2 * right - a2 * shelved_right
        weighted_left, weighted_right = c0 * shelved_left + q1, c0 * shelved_right + t1
        q1 = c1 * shelved_left - d1 * weighted_left + q2
        t1 = c1 * shelved_right - d1 * weighted_right + t2
        q2 = c2 * shelved_left - d2 * weighted_left
        t2 = c2 * shelved_right - d2 * weighted_right
        power[i] = weights[0] * weighted_left * weighted_left + weights[1] * weighted_right * weighted_right
    filters[0, 0], filters[0, 1], filters[0, 2], filters[0, 3] = p1, p2, q1, q2
    filters[1, 0], filters[1, 1], filters[1, 2], filters[1, 3] = s1, s2, t1, t2


@kernel
def _soft_ramp(over, knee):  # type: ignore[no-untyped-def]  # pragma: no cover
    """0 below, `over` above, a parabola between that meets both with their slopes."""
    if over <= -0.5 * knee:
        return 0.0
    if over >= 0.5 * knee:
        return over
    rise = over + 0.5 * knee
    return rise * rise / (2.0 * knee)


@kernel
def _smooth_reduction(  # type: ignore[no-untyped-def]  # pragma: no cover
    power, curve, attack, release, ring, sums, positions, log_gain
):
    """Leaves the natural logarithm of the gain of every frame in `log_gain`."""
    threshold, slope, knee, range_db = curve
    window = len(ring)
    # The sum of powers at which the knee begins: below it no logarithm is needed.
    quiet = window * 10.0 ** ((threshold - 0.5 * knee - OFFSET_DB) / 10.0)
    threshold_sum = threshold - OFFSET_DB + 10.0 * math.log10(window)
    total, fresh, reduced = sums
    position = positions[0]
    for i in range(len(power)):
        total += power[i] - ring[position]
        fresh += power[i]
        ring[position] = power[i]
        position += 1
        if position == window:  # begin anew from the exact sum, so that rounding cannot pile up
            position = 0
            total = fresh
            fresh = 0.0
        target = 0.0
        if total > quiet:
            over = _DB_PER_LN * math.log(total) - threshold_sum
            target = slope * (_soft_ramp(over, knee) - _soft_ramp(over - range_db, knee))
        reduced += (attack if target > reduced else release) * (target - reduced)
        if reduced < _NOTHING_DB:
            reduced = 0.0
        log_gain[i] = -_NEPER_PER_DB * reduced
    sums[0] = total
    sums[1] = fresh
    sums[2] = reduced
    positions[0] = position


@kernel
def _apply(block, gain, delayed, positions, out):  # type: ignore[no-untyped-def]  # pragma: no cover
    position = positions[1]
    for i in range(len(block)):
        for channel in range(block.shape[1]):
            out[i, channel] = gain[i] * delayed[position, channel]
            delayed[position, channel] = block[i, channel]
        position += 1
        if position == len(delayed):
            position = 0
    positions[1] = position
