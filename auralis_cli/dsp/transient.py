"""Onsets of the low mids, made stronger or softer.

A band (60–500 Hz by default) is added to the sound, or taken from it, while a fast envelope of that
band stands well above a slow one. The measure is a ratio, so it does not depend on level; where
nothing starts, the gain is exactly 1 and samples pass unchanged.
"""

from __future__ import annotations

import cmath
import math

import numpy as np
from numpy.typing import NDArray

from auralis_cli.dsp._jit import kernel
from auralis_cli.dsp.processor import check_block, check_range, check_stream
from auralis_cli.quick_dataclasses import dataclass

_CHUNK_FRAMES = 1024
# Fast over slow: the ripple of a steady 60 Hz tone stays below the first, a hit out of silence is
# beyond the second.
_RATIO_NO_ONSET = 1.5
_RATIO_FULL_ONSET = 2.5
_BUTTERWORTH_4_Q = (0.5411961001461969, 1.3065629648763766)
# −400 dBFS of DC, which the band takes out again, keeps its filters out of slow denormals. The floor of
# the envelopes lies well above it: what goes on below −300 dBFS is no onset, and silence stays silence.
_ANTI_DENORMAL = 1e-20
_FLOOR = 1e-15
_NOTHING = 1e-9
_MAX_GAIN_DB = 12.0


@dataclass(frozen=True, slots=True)
class TransientSettings:
    """`gain_db` at an onset (negative softens), the band it acts on, and the two envelopes' times.

    Raises ValueError for a gain of 0, which would do nothing, and for an empty band.
    """

    gain_db: float
    low_hz: float = 60.0
    high_hz: float = 500.0
    fast_ms: float = 1.0
    slow_ms: float = 30.0

    def __post_init__(self) -> None:
        check_range("gain_db", self.gain_db, -_MAX_GAIN_DB, _MAX_GAIN_DB)
        if self.gain_db == 0.0:
            raise ValueError("gain_db of 0 would do nothing")
        check_range("low_hz", self.low_hz, 20.0, 2_000.0)
        check_range("high_hz", self.high_hz, 1.5 * self.low_hz, 20_000.0)
        check_range("fast_ms", self.fast_ms, 0.2, 20.0)
        check_range("slow_ms", self.slow_ms, 5.0 * self.fast_ms, 500.0)


class TransientEnhancer:
    """A `Processor`: float32 `(frames, channels)`, one gain for all channels, state float64.

    The sound is delayed by as much as makes the band's phase zero at its centre.
    """

    def __init__(self, settings: TransientSettings, sample_rate_hz: int, channels: int) -> None:
        check_stream(sample_rate_hz, channels)
        if settings.high_hz > 0.4 * sample_rate_hz:
            raise ValueError(f"high_hz must lie below 0.4 of the rate {sample_rate_hz}, not at {settings.high_hz:g}")
        self._channels = channels
        self._sections, self._latency_frames = _band(settings.low_hz, settings.high_hz, sample_rate_hz)
        fast, slow = (-math.expm1(-1.0 / (1e-3 * ms * sample_rate_hz)) for ms in (settings.fast_ms, settings.slow_ms))
        self._parameters = np.array([10.0 ** (settings.gain_db / 20.0) - 1.0, fast, slow])
        self.reset()

    @property
    def latency_frames(self) -> int:
        """The delay of the band at its centre."""
        return self._latency_frames

    def reset(self) -> None:
        """The state of a fresh enhancer."""
        self._filters = np.zeros((self._channels, len(self._sections), 2))
        self._delayed = np.zeros((self._latency_frames, self._channels), np.float32)
        self._envelopes = np.array([_FLOOR, _FLOOR, 0.0])  # fast, slow, onset 0…1
        self._position = np.zeros(1, np.int64)

    def process(self, block: NDArray[np.float32]) -> NDArray[np.float32]:
        """As many frames as went in, `latency_frames` late."""
        check_block(block, self._channels)
        out = np.empty_like(block)
        count = min(len(block), _CHUNK_FRAMES)
        band, boost = np.empty((self._channels, count)), np.empty(count)
        for start in range(0, len(block), _CHUNK_FRAMES):
            piece = block[start : start + _CHUNK_FRAMES]
            count = len(piece)
            _filter(piece, self._sections, self._filters, band)
            _follow_onsets(band, self._parameters, self._envelopes, boost[:count])
            _add_band(piece, band, boost[:count], self._delayed, self._position, out[start : start + count])
        return out

    def flush(self) -> NDArray[np.float32]:
        """The last `latency_frames` frames."""
        return self.process(np.zeros((self._latency_frames, self._channels), np.float32))


def _band(low_hz: float, high_hz: float, sample_rate_hz: int) -> tuple[NDArray[np.float64], int]:
    """Sections (3, 5) of b0 b1 b2 a1 a2 with gain 1 at the centre, and their delay there in frames.

    A fourth-order Butterworth low-pass leaves nothing above 2 kHz; a first-order high-pass turns the
    phase of kick drums least. Bilinear, pre-warped (Bristow-Johnson's cookbook).
    """
    omega = 2.0 * math.pi * high_hz / sample_rate_hz
    sections = []
    for q in _BUTTERWORTH_4_Q:
        alpha, cosine = math.sin(omega) / (2.0 * q), math.cos(omega)
        side = (1.0 - cosine) / 2.0
        sections.append(np.array([side, 2.0 * side, side, -2.0 * cosine, 1.0 - alpha]) / (1.0 + alpha))
    warped = math.tan(math.pi * low_hz / sample_rate_hz)
    sections.append(np.array([1.0, -1.0, 0.0, warped - 1.0, 0.0]) / (1.0 + warped))
    centre = 2.0 * math.pi * math.sqrt(low_hz * high_hz) / sample_rate_hz
    lag, phase, gain = cmath.exp(-1j * centre), 0.0, 1.0
    for b0, b1, b2, a1, a2 in sections:
        at_centre = (b0 + b1 * lag + b2 * lag**2) / (1.0 + a1 * lag + a2 * lag**2)
        phase += cmath.phase(at_centre)
        gain *= abs(at_centre)
    sections[-1][:3] /= gain
    return np.array(sections), max(1, round(-phase / centre))


@kernel
def _filter(block, sections, filters, band):  # type: ignore[no-untyped-def]  # pragma: no cover
    b0, b1, b2, a1, a2 = sections[0]
    c0, c1, c2, d1, d2 = sections[1]
    e0, e1, _, f1, _ = sections[2]
    for channel in range(block.shape[1]):
        state = filters[channel]
        row = band[channel]
        s1, s2, t1, t2, u1 = state[0, 0], state[0, 1], state[1, 0], state[1, 1], state[2, 0]
        for i in range(len(block)):
            x = block[i, channel] + _ANTI_DENORMAL
            y = b0 * x + s1
            s1 = b1 * x - a1 * y + s2
            s2 = b2 * x - a2 * y
            z = c0 * y + t1
            t1 = c1 * y - d1 * z + t2
            t2 = c2 * y - d2 * z
            w = e0 * z + u1
            u1 = e1 * z - f1 * w
            row[i] = w
        state[0, 0], state[0, 1], state[1, 0], state[1, 1], state[2, 0] = s1, s2, t1, t2, u1


@kernel
def _follow_onsets(band, parameters, envelopes, boost):  # type: ignore[no-untyped-def]  # pragma: no cover
    """boost[i] = gain − 1. The fast envelope rises fast but falls slowly, so it follows peaks, not waves."""
    depth, fast_share, slow_share = parameters
    fast, slow, onset = envelopes
    for i in range(len(boost)):
        level = _FLOOR
        for channel in range(len(band)):
            level = max(level, abs(band[channel, i]))
        fast += (fast_share if level > fast else slow_share) * (level - fast)
        slow += slow_share * (fast - slow)
        wanted = (fast / slow - _RATIO_NO_ONSET) / (_RATIO_FULL_ONSET - _RATIO_NO_ONSET)
        onset += fast_share * (min(1.0, max(0.0, wanted)) - onset)
        if onset < _NOTHING:
            onset = 0.0
        boost[i] = depth * onset
    envelopes[0] = fast
    envelopes[1] = slow
    envelopes[2] = onset


@kernel
def _add_band(block, band, boost, delayed, position, out):  # type: ignore[no-untyped-def]  # pragma: no cover
    place = position[0]
    for i in range(len(block)):
        for channel in range(block.shape[1]):
            out[i, channel] = delayed[place, channel] + boost[i] * band[channel, i]
            delayed[place, channel] = block[i, channel]
        place += 1
        if place == len(delayed):
            place = 0
    position[0] = place
