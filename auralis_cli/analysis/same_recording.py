"""Which tracks are taken for one recording where only fingerprints, lengths and names are at hand.

That is enough to leave one out of a choice, not to call it a duplicate: `analysis/duplicates.py` compares sounds.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from auralis_cli.quick_dataclasses import dataclass

# Measured: copies as mp3 of 128 kbit/s are up to .02 apart, as Opus of 64 mostly below .06; other music of the same
# length .09 and more.
COPY_DISTANCE = 0.06
_COPY_LENGTH = 0.01


@dataclass(frozen=True, slots=True)
class RecordingSigns:
    """What is known of each of many tracks: how long it lasts, NaN where that is unknown, and which piece it is."""

    lengths: NDArray[np.float64]
    # The same number for the same name by the same artist.
    pieces: NDArray[np.intp]

    def same_as(self, row: int, others: NDArray[np.intp], apart: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Which of the rows `others`, so far apart from `row`, are taken for its recording or are of its piece."""
        length = self.lengths[row]
        is_long = np.abs(self.lengths[others] - length) > _COPY_LENGTH * length
        same: NDArray[np.bool_] = ((apart < COPY_DISTANCE) & ~is_long) | (self.pieces[others] == self.pieces[row])
        return same
