"""What meters show at one moment of what plays: small and frozen, for it goes from process to process as JSON."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from auralis_cli.quick_dataclasses import dataclass

# Bands of the spectrum, of equal width to the ear.
BANDS = 48
LOWEST_HZ, HIGHEST_HZ = 20.0, 20_000.0
# Nothing is shown below.
FLOOR_DB = -96.0


@dataclass(frozen=True, slots=True)
class SideFrame:
    """One side of what plays, the original or the master, as loud as it is in the file."""

    # FLOOR_DB is nothing to be heard; integrated is since the track, or the looking, began.
    momentary_lufs: float
    short_term_lufs: float
    integrated_lufs: float
    # The highest of the last moment, left and right, and of all that integrated is of.
    left_dbfs: float
    right_dbfs: float
    true_peak_dbtp: float
    # -1 against each other, 0 unrelated, 1 mono.
    correlation: float
    # Power of each band now, and in the mean of the last seconds, dB.
    bands_db: tuple[float, ...]
    mean_bands_db: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class SoundFrame:
    """Both sides at one moment."""

    original: SideFrame
    mastered: SideFrame
    # By how much the master is louder at this moment, and at most in the last seconds.
    gain_db: float
    highest_gain_db: float
    # Whether anything was heard since the frame before.
    is_sounding: bool

    @property
    def reduction_db(self) -> float:
        """How far the master is held back at this moment, from where it was held back least."""
        return max(self.highest_gain_db - self.gain_db, 0.0)

    def to_json(self) -> dict[str, Any]:
        """As it goes over a line."""
        return asdict(self)

    @staticmethod
    def of_json(told: Mapping[str, Any]) -> SoundFrame:
        """What came over a line; TypeError or KeyError for what is none."""
        sides = {name: _side_of(told[name]) for name in ("original", "mastered")}
        return SoundFrame(**{**told, **sides})


def _side_of(told: Mapping[str, Any]) -> SideFrame:
    bands = {name: tuple(told[name]) for name in ("bands_db", "mean_bands_db")}
    return SideFrame(**{**told, **bands})


def band_edges_hz() -> tuple[float, ...]:
    """Where bands begin and end: one more than there are bands."""
    step = (HIGHEST_HZ / LOWEST_HZ) ** (1.0 / BANDS)
    return tuple(LOWEST_HZ * step**number for number in range(BANDS + 1))


def floored_db(level_db: float) -> float:
    """To a tenth, and no lower than what is shown; what is no number is nothing."""
    return round(level_db, 1) if math.isfinite(level_db) and level_db > FLOOR_DB else FLOOR_DB
