"""Rounds off flat tops: where a clipper cut peaks off, they are put back as their surroundings foretell them.

Around every run of samples at the level of clipping an autoregressive model is fitted, and the run takes the values
that fit it best (Janssen's method, twice), but none below what was there, nor more than 6 dB above it. All other
samples stay what they are. Every hop is worked on for itself, with some context to both sides; so the result depends
neither on blocks nor on where a stream begins, but for its first hop.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from auralis_cli.dsp._jit import kernel
from auralis_cli.dsp.clipping import CORNER, CORNER_STEPS, FLAT_RUN, SAME, STEP_16_BIT
from auralis_cli.dsp.processor import check_block, check_range, check_stream

_HOP_FRAMES = 1024
_CONTEXT_FRAMES = 512
_ORDER = 128
# What is longer cannot be foretold, and would only be smeared.
_LONGEST_RUN = 256
_FITS = 2
_ROUNDS = 3
# Where both flanks are such jumps, the flat top is the waveform: a square or a pulse.
_JUMP = 0.5
_KNOWN, _UNKNOWN, _HELD = 0, 1, 2


class Declipper:
    """A `Processor` for float32 `(frames, channels)`.

    `levels` has for each channel the level of its flat tops (linear), 0 for one that is left alone; `max_rise_db` is
    how far a top may rise above it.
    """

    def __init__(self, levels: Sequence[float], max_rise_db: float, sample_rate_hz: int, channels: int) -> None:
        check_stream(sample_rate_hz, channels)
        check_range("max_rise_db", max_rise_db, 0.0, 12.0)
        if len(levels) != channels:
            raise ValueError(f"levels must be {channels}, one for each channel, not {len(levels)}")
        for level in levels:
            check_range("levels", level, 0.0, 1e3)
        self._levels = np.array(levels, np.float64)
        self._max_rise = 10.0 ** (max_rise_db / 20.0)
        self._channels = channels
        self._window = np.hanning(_HOP_FRAMES + 2 * _CONTEXT_FRAMES)
        self.reset()

    @property
    def latency_frames(self) -> int:
        """A hop and the context after it."""
        return _HOP_FRAMES + _CONTEXT_FRAMES

    def reset(self) -> None:
        """The state of a fresh processor."""
        self.begin_at(0)

    def begin_at(self, frame: int) -> None:
        """The stream begins at this frame of the track: hops lie where they lie in the whole of it."""
        if frame < 0:
            raise ValueError(f"frame must not be negative, not {frame}")
        before = frame % _HOP_FRAMES
        # From the context before the next hop on: what came, and the same with what is mended.
        self._line = np.zeros((_CONTEXT_FRAMES + before, self._channels), np.float32)
        self._mended = self._line.copy()
        # Of the first hop, what lies before the stream.
        self._dropped = before
        self._ready = np.zeros((self.latency_frames, self._channels), np.float32)

    def process(self, block: NDArray[np.float32]) -> NDArray[np.float32]:
        """As many frames as went in, `latency_frames` late."""
        check_block(block, self._channels)
        line, mended = np.concatenate((self._line, block)), np.concatenate((self._mended, block))
        done = 0
        while done + len(self._window) <= len(line):
            around = slice(done, done + len(self._window))
            _mend_hop(line[around], self._levels, self._max_rise, self._window, mended[around])
            done += _HOP_FRAMES
        if done:
            ready = mended[_CONTEXT_FRAMES + self._dropped : _CONTEXT_FRAMES + done]
            self._ready = np.concatenate((self._ready, ready))
            self._dropped = 0
        self._line, self._mended = line[done:], mended[done:]
        out = self._ready[: len(block)].copy()
        self._ready = self._ready[len(block) :]
        return out

    def flush(self) -> NDArray[np.float32]:
        """The last `latency_frames` frames."""
        return self.process(np.zeros((self.latency_frames, self._channels), np.float32))


@kernel
def _mend_hop(line, levels, max_rise, window, mended):  # type: ignore[no-untyped-def]  # pragma: no cover
    """Mends the runs that begin in the hop, the middle of `line`, in `mended`."""
    frames = line.shape[0]
    hop_end = _CONTEXT_FRAMES + _HOP_FRAMES
    for channel in range(line.shape[1]):
        level = levels[channel]
        if level == 0.0 or not _touches(line, channel, level):
            continue
        state = np.zeros(frames, np.int8)
        if _mark_runs(line, channel, level, state) == 0:
            continue
        wave = line[:, channel].astype(np.float64)
        _foretell(wave, state, level * max_rise, window)
        start = _CONTEXT_FRAMES
        # A run that began before belongs to the hop before.
        while start < hop_end and state[start] != _KNOWN and state[start - 1] != _KNOWN:
            start += 1
        for i in range(start, frames):
            if state[i] != _KNOWN:
                mended[i, channel] = np.float32(wave[i])
            elif i >= hop_end:
                break


@kernel
def _touches(line, channel, level):  # type: ignore[no-untyped-def]  # pragma: no cover
    """Whether any sample of the hop lies at the level."""
    least = level - SAME * level - STEP_16_BIT
    found = False
    for i in range(_CONTEXT_FRAMES, _CONTEXT_FRAMES + _HOP_FRAMES):
        found = found or abs(line[i, channel]) >= least
    return found


@kernel
def _mark_runs(line, channel, level, state):  # type: ignore[no-untyped-def]  # pragma: no cover
    """Marks whole runs at the level that a clipper made; returns how many samples they have."""
    frames = line.shape[0]
    slack = SAME * level + STEP_16_BIT
    marked = 0
    start = 0
    while start < frames:
        first = np.float64(line[start, channel])
        if not level - slack <= abs(first) <= level + slack:
            start += 1
            continue
        end = start + 1
        while end < frames and first * line[end, channel] > 0.0:
            if not level - slack <= abs(np.float64(line[end, channel])) <= level + slack:
                break
            end += 1
        if start > 0 and end < frames and FLAT_RUN <= end - start <= _LONGEST_RUN:
            way_in = abs(first - line[start - 1, channel])
            way_out = abs(np.float64(line[end, channel]) - line[end - 1, channel])
            gentle = way_in + way_out < CORNER * level + CORNER_STEPS
            if not gentle and min(way_in, way_out) <= _JUMP * level:
                state[start:end] = _UNKNOWN
                marked += end - start
        start = end
    return marked


@kernel
def _foretell(wave, state, highest, window):  # type: ignore[no-untyped-def]  # pragma: no cover
    """Gives the marked samples of `wave` the values that fit the rest, each between what it was and `highest`."""
    floor = np.abs(wave)
    sign = np.sign(wave)
    kinds = np.empty_like(state)
    for _ in range(_FITS):
        model = _fit_model(wave * window)
        kinds[:] = state
        for _ in range(_ROUNDS):
            _solve(wave, kinds, model)
            # What would fall below the level is held at it, and the rest is found once more.
            held = 0
            for i in range(wave.shape[0]):
                if kinds[i] == _UNKNOWN:
                    height = sign[i] * wave[i]
                    if not height >= floor[i]:
                        wave[i] = sign[i] * floor[i]
                        kinds[i] = _HELD
                        held += 1
                    elif height > highest:
                        wave[i] = sign[i] * max(highest, floor[i])
            if held == 0:
                break


@kernel
def _fit_model(wave):  # type: ignore[no-untyped-def]  # pragma: no cover
    """The prediction error filter of `wave` by its autocorrelation (Levinson and Durbin)."""
    frames = wave.shape[0]
    products = np.zeros(_ORDER + 1)
    for i in range(frames - _ORDER):  # in this order it is vectorised
        value = wave[i]
        for lag in range(_ORDER + 1):
            products[lag] += value * wave[i + lag]
    for i in range(max(0, frames - _ORDER), frames):
        for lag in range(frames - i):
            products[lag] += wave[i] * wave[i + lag]
    model = np.zeros(_ORDER + 1)
    model[0] = 1.0
    error = products[0] * (1.0 + 1e-9) + 1e-12
    for k in range(1, _ORDER + 1):
        missed = products[k]
        for j in range(1, k):
            missed += model[j] * products[k - j]
        reflection = -missed / error
        for j in range(1, k // 2 + 1):
            near, far = model[j], model[k - j]
            model[j] = near + reflection * far
            model[k - j] = far + reflection * near
        model[k] = reflection
        error *= 1.0 - reflection * reflection
        if not error > 0.0:
            break
    return model


@kernel
def _solve(wave, kinds, model):  # type: ignore[no-untyped-def]  # pragma: no cover
    """Puts the unknown samples where the model's errors are least: a symmetric system, far off its diagonal empty."""
    frames = wave.shape[0]
    places = np.flatnonzero(kinds == _UNKNOWN)
    count = places.shape[0]
    if count == 0:
        return
    # The model's autocorrelation, both ways.
    weights = np.zeros(2 * _ORDER + 1)
    for lag in range(_ORDER + 1):
        for k in range(_ORDER + 1 - lag):
            weights[_ORDER + lag] += model[k] * model[k + lag]
        weights[_ORDER - lag] = weights[_ORDER + lag]
    known = np.zeros(frames + 2 * _ORDER)
    for i in range(frames):
        if kinds[i] != _UNKNOWN:
            known[_ORDER + i] = wave[i]
    wanted = np.empty(count)
    # Per unknown: how many of it and those after it lie within the model's reach.
    reach = np.empty(count, np.int64)
    last = 0
    for q in range(count):
        wanted[q] = -_dot(weights, known, places[q])
        while last < count and places[last] - places[q] <= _ORDER:
            last += 1
        reach[q] = last - q
    lower = np.zeros((count, reach.max()))
    for q in range(count):
        for j in range(reach[q]):
            lower[q, j] = weights[_ORDER + places[q + j] - places[q]]
    _cholesky(lower, reach, wanted, weights[_ORDER])
    for q in range(count):
        wave[places[q]] = wanted[q]


@kernel
def _dot(weights, values, first):  # type: ignore[no-untyped-def]  # pragma: no cover
    """Four sums side by side: one alone waits for itself."""
    sum0 = sum1 = sum2 = sum3 = 0.0
    whole = weights.shape[0] - weights.shape[0] % 4
    for i in range(0, whole, 4):
        sum0 += weights[i] * values[first + i]
        sum1 += weights[i + 1] * values[first + i + 1]
        sum2 += weights[i + 2] * values[first + i + 2]
        sum3 += weights[i + 3] * values[first + i + 3]
    for i in range(whole, weights.shape[0]):
        sum0 += weights[i] * values[first + i]
    return sum0 + sum1 + sum2 + sum3


@kernel
def _cholesky(lower, reach, values, scale):  # type: ignore[no-untyped-def]  # pragma: no cover
    """Solves in place; row q of `lower` has column q of the matrix, from its diagonal downwards."""
    count = values.shape[0]
    for q in range(count):
        row = lower[q]
        root = np.sqrt(max(row[0] + 1e-9 * scale, 1e-12 * scale))
        for j in range(reach[q]):
            row[j] /= root
        row[0] = root
        values[q] /= root
        for j in range(1, reach[q]):
            factor = row[j]
            values[q + j] -= factor * values[q]
            target = lower[q + j]
            for k in range(reach[q] - j):
                target[k] -= factor * row[j + k]
    for q in range(count - 1, -1, -1):
        rest = values[q]
        for j in range(1, reach[q]):
            rest -= lower[q, j] * values[q + j]
        values[q] = rest / lower[q, 0]
