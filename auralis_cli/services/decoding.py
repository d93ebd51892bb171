"""Decoding that begins before anything else is ready for it."""

from __future__ import annotations

from collections.abc import Generator, Iterable

import numpy as np
from numpy.typing import NDArray

from auralis_cli.audio.readahead import read_ahead
from auralis_cli.audio.replay import BLOCK_FRAMES

# A minute and a half of stereo: as much as is decoded while the kernels are loaded.
_AHEAD_BYTES = 32 << 20


def decode_ahead(blocks: Iterable[NDArray[np.float32]], channels: int) -> Generator[NDArray[np.float32]]:
    """`blocks` of `BLOCK_FRAMES`, decoded by a thread that is at most 32 MiB (and two blocks) ahead."""
    return read_ahead(blocks, max(2, _AHEAD_BYTES // (4 * channels * BLOCK_FRAMES)))
