"""Loudness after ITU-R BS.1770-4 and EBU R128 (Tech 3341, Tech 3342).

The audio is K-weighted once, in a stream, and reduced to energies of short segments. Everything
else (gating, maxima, loudness range) is arithmetic on those few numbers: pure functions here.
Loudness is in LUFS, −inf where there is none (silence, or less than one window of audio). Windows
are complete ones only: an unfinished block at the end does not count (BS.1770-4 §2, note on gating).
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from auralis_cli.dsp._jit import kernel
from auralis_cli.dsp.k_weighting import lean_k_weighting
from auralis_cli.dsp.processor import check_block
from auralis_cli.dsp.segments import first_segment, open_segment, segment_ratio
from auralis_cli.dsp.window_sums import prefix_sums, sliding_sums, window_sums

ABSOLUTE_GATE_LUFS = -70.0
RELATIVE_GATE_LU = -10.0
LRA_GATE_LU = -20.0
SEGMENTS_PER_SECOND = 100
# Of hours, each array of all windows takes ten megabytes.
_WINDOWS_AT_ONCE = 1 << 16
HOPS_PER_SECOND = 10
OFFSET_DB = -0.691  # so that a 997 Hz sine of full scale in one channel reads −3.01
_SEGMENTS_PER_HOP = SEGMENTS_PER_SECOND // HOPS_PER_SECOND
_MOMENTARY_HOPS = 4
_SHORT_TERM_HOPS = 30

# BS.1770-4 table 4 for the channel orders of WAV: ear-level channels 60–120° to the side weigh 1.41,
# all others 1, the LFE nothing.
_CHANNEL_WEIGHTS: dict[int, tuple[float, ...]] = {
    4: (1.0, 1.0, 1.41, 1.41),  # L R Ls Rs
    5: (1.0, 1.0, 1.0, 1.41, 1.41),  # L R C Ls Rs
    6: (1.0, 1.0, 1.0, 0.0, 1.41, 1.41),  # 5.1: L R C LFE Ls Rs
    7: (1.0, 1.0, 1.0, 0.0, 1.0, 1.41, 1.41),  # 6.1: L R C LFE Cs Ls Rs
    8: (1.0, 1.0, 1.0, 0.0, 1.0, 1.0, 1.41, 1.41),  # 7.1: L R C LFE Lrs Rrs Ls Rs
}


def channel_weights(channels: int) -> tuple[float, ...]:
    """BS.1770-4 weights for `channels` in WAV order; layouts without a table weigh 1 everywhere.

    One channel is measured as one loudspeaker: a mono file reads 3.01 LU below the same music
    written twice into a stereo file.
    """
    if channels < 1:
        raise ValueError(f"channels must be at least 1, not {channels}")
    return _CHANNEL_WEIGHTS.get(channels, (1.0,) * channels)


class WeightedEnergy:
    """K-weighted energy per segment, in a stream.

    A segment's energy is the sum over its frames and channels of weight · (K-filtered sample)².
    Segment k covers the frames from round(k · n / d) to round((k + 1) · n / d) (halves up), where
    `segment_frames` = (n, d): (8, 1) cuts every 8 frames, (sample_rate_hz, 100) every 10 ms.
    """

    def __init__(
        self,
        sample_rate_hz: int,
        weights: tuple[float, ...],
        segment_frames: tuple[int, int],
    ) -> None:
        if not weights or not all(0.0 <= weight < math.inf for weight in weights):
            raise ValueError(f"weights must be finite and not negative, one per channel, not {weights}")
        self._filter = lean_k_weighting(sample_rate_hz)
        self._weights = np.array(weights, np.float64)
        self._ratio = segment_ratio(segment_frames)
        self.reset()

    def reset(self) -> None:
        """Forgets everything heard so far."""
        channels = len(self._weights)
        self._memory = np.zeros((channels, 4))  # two values of each section
        self._sums = np.zeros((2, channels))  # of the open segment; of the finished ones
        self._place = first_segment(self._ratio)

    def process(self, block: NDArray[np.float32]) -> NDArray[np.float64]:
        """Energies of the segments that `block` (float32, `(frames, channels)`) completes."""
        check_block(block, len(self._weights))
        energies = np.empty(len(block) * int(self._ratio[1]) // int(self._ratio[0]) + 2)
        run = _stereo_energies if len(self._weights) == 2 else _energies
        count = run(block, self._filter, self._weights, self._ratio, self._memory, self._sums, self._place, energies)
        return energies[:count]

    def flush(self) -> NDArray[np.float64]:
        """The energy of the unfinished last segment: one value, or none if it holds no frame."""
        if self._place[0] == 0:
            return np.empty(0)
        energy = np.array([_close(self._sums, self._weights, self._filter[6])])
        open_segment(self._ratio, self._place)
        return energy

    @property
    def channel_energies(self) -> tuple[float, ...]:
        """Energy of every channel over all finished segments, unweighted and ungated."""
        return tuple(self._sums[1].tolist())


@kernel
def _close(sums, weights, gain):  # type: ignore[no-untyped-def]
    """Books the open segment's sums to the total; its weighted energy."""
    energy = 0.0
    for channel in range(weights.shape[0]):
        of_channel = gain * sums[0, channel]
        energy += weights[channel] * of_channel
        sums[1, channel] += of_channel
        sums[0, channel] = 0.0
    return energy


@kernel
def _settle(memory):  # type: ignore[no-untyped-def]
    """Ends a decay before it reaches denormal numbers, which are a hundred times slower."""
    for channel in range(memory.shape[0]):
        for i in range(4):
            if abs(memory[channel, i]) < 1e-60:
                memory[channel, i] = 0.0


@kernel
def _energies(block, coefficients, weights, ratio, memory, sums, place, energies):  # type: ignore[no-untyped-def]
    b1, b2, a1, a2, c1, c2, gain = coefficients
    frames, channels = block.shape
    done, count = 0, 0
    while done < frames:
        take = min(place[1], frames - done)
        segment = block[done : done + take]
        for channel in range(channels):
            s1, s2, h1, h2 = memory[channel]
            rose = h1 - h2
            energy = sums[0, channel]
            for i in range(take):
                s0 = np.float64(segment[i, channel]) - a2 * s2 - a1 * s1
                h0 = (b2 * s2 + b1 * s1 + s0) - c2 * h2 - c1 * h1
                s2, s1 = s1, s0
                rise = h0 - h1
                out = rise - rose
                h2, h1, rose = h1, h0, rise
                energy += out * out
            memory[channel, 0], memory[channel, 1], memory[channel, 2], memory[channel, 3] = s1, s2, h1, h2
            sums[0, channel] = energy
        done += take
        place[0] += take
        place[1] -= take
        if place[1] == 0:
            energies[count] = _close(sums, weights, gain)
            count += 1
            _settle(memory)
            open_segment(ratio, place)
    return count


@kernel
def _stereo_energies(block, coefficients, weights, ratio, memory, sums, place, energies):  # type: ignore[no-untyped-def]
    """As `_energies`: both channels side by side, so that one's latency hides behind the other's."""
    b1, b2, a1, a2, c1, c2, gain = coefficients
    frames = block.shape[0]
    s1, s2, h1, h2 = memory[0]
    u1, u2, v1, v2 = memory[1]
    left, right = sums[0]
    done, count = 0, 0
    while done < frames:
        take = min(place[1], frames - done)
        segment = block[done : done + take]
        rose, risen = h1 - h2, v1 - v2
        for i in range(take):
            s0 = np.float64(segment[i, 0]) - a2 * s2 - a1 * s1
            u0 = np.float64(segment[i, 1]) - a2 * u2 - a1 * u1
            h0 = (b2 * s2 + b1 * s1 + s0) - c2 * h2 - c1 * h1
            v0 = (b2 * u2 + b1 * u1 + u0) - c2 * v2 - c1 * v1
            s2, s1, u2, u1 = s1, s0, u1, u0
            rise, rising = h0 - h1, v0 - v1
            out, opposite = rise - rose, rising - risen
            h2, h1, rose, v2, v1, risen = h1, h0, rise, v1, v0, rising
            left += out * out
            right += opposite * opposite
        done += take
        place[0] += take
        place[1] -= take
        if place[1] == 0:
            sums[0, 0], sums[0, 1] = left, right
            energies[count] = _close(sums, weights, gain)
            count += 1
            left, right = 0.0, 0.0
            # Ends decays before denormal numbers, see _settle.
            if abs(h1) < 1e-60:
                memory[0, 0], memory[0, 1], memory[0, 2], memory[0, 3] = s1, s2, h1, h2
                _settle(memory[:1])
                s1, s2, h1, h2 = memory[0]
            if abs(v1) < 1e-60:
                memory[1, 0], memory[1, 1], memory[1, 2], memory[1, 3] = u1, u2, v1, v2
                _settle(memory[1:])
                u1, u2, v1, v2 = memory[1]
            open_segment(ratio, place)
    memory[0, 0], memory[0, 1], memory[0, 2], memory[0, 3] = s1, s2, h1, h2
    memory[1, 0], memory[1, 1], memory[1, 2], memory[1, 3] = u1, u2, v1, v2
    sums[0, 0], sums[0, 1] = left, right
    return count


def mean_square_to_lufs(mean_square: float) -> float:
    """K-weighted mean square (summed over channels) to LUFS."""
    return OFFSET_DB + 10.0 * math.log10(mean_square) if mean_square > 0.0 else -math.inf


def lufs_to_mean_square(loudness_lufs: float) -> float:
    """LUFS to the K-weighted mean square summed over channels; −inf gives 0."""
    return float(10.0 ** ((loudness_lufs - OFFSET_DB) / 10.0))


def hop_energies(segments: NDArray[np.float64]) -> NDArray[np.float64]:
    """Energies per 100 ms from those per 10 ms; an unfinished last hop is left out."""
    hops = len(segments) // _SEGMENTS_PER_HOP
    return np.asarray(segments[: hops * _SEGMENTS_PER_HOP].reshape(hops, _SEGMENTS_PER_HOP).sum(axis=1))


def gating_blocks(hops: NDArray[np.float64], hop_frames: float) -> NDArray[np.float64]:
    """Mean squares of all complete 400 ms blocks (75 % overlap) from energies per 100 ms.

    Blocks of several tracks, one after the other, measure an album (`gate_blocks`).
    """
    if not hop_frames > 0.0:
        raise ValueError(f"hop_frames must be positive, not {hop_frames}")
    if len(hops) < _MOMENTARY_HOPS:
        return np.empty(0)
    return np.asarray((hops[:-3] + hops[1:-2] + hops[2:-1] + hops[3:]) / (_MOMENTARY_HOPS * hop_frames))


def gate_blocks(blocks: NDArray[np.float64]) -> float:
    """Integrated loudness of 400 ms blocks: gated at −70 LUFS, then 10 LU below what is left."""
    loud = blocks[blocks > lufs_to_mean_square(ABSOLUTE_GATE_LUFS)]
    if len(loud) == 0 or not np.isfinite(loud).all():
        return -math.inf
    relative = float(loud.mean()) * 10.0 ** (RELATIVE_GATE_LU / 10.0)
    return mean_square_to_lufs(float(loud[loud > relative].mean()))


def gated_loudness(hop_energy: NDArray[np.float64], hop_frames: float) -> float:
    """Integrated loudness in LUFS from K-weighted energies per 100 ms; −inf for silence.

    `hop_frames` is the length of 100 ms in frames, a fraction where the rate is not a multiple of 10.
    """
    return gate_blocks(gating_blocks(hop_energy, hop_frames))


def integrated_lufs(segments: NDArray[np.float64], segment_frames: float) -> float:
    """Integrated loudness from energies per 10 ms of `segment_frames` frames."""
    return gated_loudness(hop_energies(segments), segment_frames * _SEGMENTS_PER_HOP)


def momentary_max_lufs(segments: NDArray[np.float64], segment_frames: float) -> float:
    """The loudest 400 ms, looked for every 10 ms."""
    return _window_max(segments, _MOMENTARY_HOPS * _SEGMENTS_PER_HOP, segment_frames)


def short_term_max_lufs(segments: NDArray[np.float64], segment_frames: float) -> float:
    """The loudest 3 s, looked for every 10 ms; −inf where there are no 3 s."""
    return _window_max(segments, _SHORT_TERM_HOPS * _SEGMENTS_PER_HOP, segment_frames)


def _window_max(segments: NDArray[np.float64], length: int, segment_frames: float) -> float:
    if len(segments) < length:
        return -math.inf
    total = prefix_sums(segments)
    starts = range(0, len(total) - length, _WINDOWS_AT_ONCE)
    pieces = (window_sums(total[start : start + _WINDOWS_AT_ONCE + length], length) for start in starts)
    return mean_square_to_lufs(max(float(piece.max()) for piece in pieces) / (length * segment_frames))


def momentary_lufs(segments: NDArray[np.float64], segment_frames: float) -> NDArray[np.float64]:
    """Momentary loudness (400 ms) at 10 Hz: value i is of the window that ends 0.4 + i/10 s in."""
    blocks = gating_blocks(hop_energies(segments), segment_frames * _SEGMENTS_PER_HOP)
    with np.errstate(divide="ignore"):
        return np.asarray(OFFSET_DB + 10.0 * np.log10(blocks))


def short_term_lufs(segments: NDArray[np.float64], segment_frames: float) -> NDArray[np.float64]:
    """Short-term loudness (3 s) at 10 Hz: value i is of the window that ends 3 + i/10 s in."""
    return short_term_of_hops(hop_energies(segments), _SEGMENTS_PER_HOP * segment_frames)


def short_term_of_hops(hop_energy: NDArray[np.float64], hop_frames: float) -> NDArray[np.float64]:
    """The same from energies per 100 ms of `hop_frames` frames."""
    sums = sliding_sums(hop_energy, _SHORT_TERM_HOPS)
    with np.errstate(divide="ignore"):
        return np.asarray(OFFSET_DB + 10.0 * np.log10(sums / (_SHORT_TERM_HOPS * hop_frames)))


def loudness_range_lu(short_term: NDArray[np.float64]) -> float:
    """LRA of Tech 3342 from short-term loudness at 10 Hz: 10th to 95th percentile after gating.

    Gates: −70 LUFS, then 20 LU below the mean power of what is left. 0 where nothing is left.
    """
    loud = short_term[short_term > ABSOLUTE_GATE_LUFS]
    if len(loud) == 0:
        return 0.0
    mean_lufs = 10.0 * math.log10(float(np.mean(10.0 ** (loud / 10.0))))
    kept = np.sort(loud[loud > mean_lufs + LRA_GATE_LU])
    low, high = (kept[round((len(kept) - 1) * share)] for share in (0.10, 0.95))
    return float(high - low)
