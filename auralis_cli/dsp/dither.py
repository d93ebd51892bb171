"""From float samples to whole numbers, with or without TPDF dither.

The noise of a sample is a hash of (seed, frame, channel), not a running generator: it is the same
however the stream is cut, and any part of a stream can be written on its own.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from auralis_cli.dsp._jit import kernel
from auralis_cli.dsp.processor import check_range

_SEED = 0x41757261
_CONTAINER_BITS = 32


def quantize(
    block: NDArray[np.float32], bits: int, *, dither: bool, first_frame: int = 0, seed: int = _SEED
) -> NDArray[np.int32]:
    """Samples on the grid k / 2^(bits−1), as k · 2^(32−bits), the way codecs take them.

    `block` is float32, C-ordered `(frames, channels)`, finite; 8 ≤ bits ≤ 24. Values are rounded to
    the nearest (halves up) and clamped to the range of `bits`. `dither` adds triangular noise of
    ±1 LSB first, which makes mean and power of the error independent of the signal (Lipshitz,
    Wannamaker, Vanderkooy 1992); frames that are 0 in all channels stay 0, so that silence remains
    silence. `first_frame` is the position of the block in its stream. Raises ValueError otherwise.
    """
    if not isinstance(block, np.ndarray) or block.dtype != np.float32:
        raise ValueError(f"a block must be a float32 array, not {getattr(block, 'dtype', type(block).__name__)}")
    if block.ndim != 2 or block.shape[1] == 0 or not block.flags.c_contiguous:
        raise ValueError(f"a block must be C-ordered (frames, channels), not {block.shape}")
    check_range("bits", bits, 8, 24)
    check_range("first_frame", first_frame, 0, 2**62)
    check_range("seed", seed, 0, 2**32 - 1)
    out = np.empty(block.shape, np.int32)
    scale, shift = float(2 ** (bits - 1)), _CONTAINER_BITS - bits
    if not dither:
        _round(block.reshape(-1), scale, shift, out.reshape(-1))
        return out
    first = first_frame * block.shape[1]
    flat, flat_out, end = block.reshape(-1), out.reshape(-1), 0
    while end < len(flat):  # up to where the low half of the sample's number runs over
        start, low = end, (first + end) % 2**32
        end = min(len(flat), start + 2**32 - low)
        key = _mixed(seed ^ _mixed((first + start) >> 32))
        _dither(flat[start:end], scale, shift, np.uint32(low), np.uint32(key), flat_out[start:end])
    _keep_silence(block, out)
    return out


def _mixed(number: int) -> int:
    """Any whole number to 32 bits that look random; a multiple of 2^32 more makes no difference."""
    number &= 0xFFFFFFFF
    for shift, factor in ((16, 0x7FEB352D), (15, 0x846CA68B)):
        number = ((number ^ (number >> shift)) * factor) & 0xFFFFFFFF
    return number ^ (number >> 16)


@kernel
def _round(samples, scale, shift, out):  # type: ignore[no-untyped-def]  # pragma: no cover
    for i in range(len(samples)):
        value = np.floor(scale * samples[i] + 0.5)
        out[i] = np.int32(min(max(value, -scale), scale - 1.0)) << shift


@kernel
def _dither(samples, scale, shift, first, key, out):  # type: ignore[no-untyped-def]  # pragma: no cover
    """Hash: Wellons' lowbias32. Its halves are two uniform numbers; their difference is triangular."""
    for i in range(len(samples)):
        h = np.uint32(np.uint32(first + np.uint32(i)) ^ key)
        h = np.uint32(np.uint32(h ^ (h >> np.uint32(16))) * np.uint32(0x7FEB352D))
        h = np.uint32(np.uint32(h ^ (h >> np.uint32(15))) * np.uint32(0x846CA68B))
        h = np.uint32(h ^ (h >> np.uint32(16)))
        noise = np.int32(h >> np.uint32(16)) - np.int32(h & np.uint32(0xFFFF))
        value = np.floor(scale * samples[i] + noise * (1.0 / 65536.0) + 0.5)
        out[i] = np.int32(min(max(value, -scale), scale - 1.0)) << shift


@kernel
def _keep_silence(block, out):  # type: ignore[no-untyped-def]  # pragma: no cover
    for i in range(len(block)):
        silent = True
        for channel in range(block.shape[1]):
            silent = silent and block[i, channel] == 0.0
        if silent:
            out[i] = 0
