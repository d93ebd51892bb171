"""Mid, (L + R)/2, and side, (L − R)/2, of the first two channels; mid of a single channel is that channel."""

from __future__ import annotations

import numpy as np

from auralis_cli.dsp._jit import kernel


@kernel
def fill_mid_side(block, mid, side):  # type: ignore[no-untyped-def]
    """Writes mid and side of as many frames as there is room for; how many these are. One channel has no side."""
    taken = min(block.shape[0], mid.shape[0])
    half = np.float32(0.5)
    samples = block[:taken].reshape(-1)
    channels = block.shape[1]
    if channels == 2:
        # Frames of a length that is known become vectors.
        for i in range(taken):
            left, right = samples[2 * i], samples[2 * i + 1]
            mid[i] = half * (left + right)
            side[i] = half * (left - right)
    elif channels == 1:
        for i in range(taken):
            mid[i] = samples[i]
    else:
        for i in range(taken):
            left, right = block[i, 0], block[i, 1]
            mid[i] = half * (left + right)
            side[i] = half * (left - right)
    return taken
