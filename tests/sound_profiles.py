"""Profiles of sound made up for tests: pink noise, and whatever differs from it."""

from __future__ import annotations

import math
from dataclasses import replace

from auralis_cli.model.sound_profile import PROFILE_FREQUENCIES_HZ, SoundProfile

_PINK_DB = tuple(-30.0 - 10.0 * math.log10(frequency_hz) for frequency_hz in PROFILE_FREQUENCIES_HZ)

_PINK = SoundProfile(
    duration_s=60.0,
    sample_rate_hz=44_100,
    channels=2,
    mid_db=_PINK_DB,
    side_db=tuple(level - 10.0 for level in _PINK_DB),
    leaning=tuple(0.0 for _ in _PINK_DB),
    cutoff_hz=None,
    integrated_lufs=-14.0,
    true_peak_dbtp=-1.0,
    plr_db=13.0,
    crest_db=14.0,
    lra_lu=7.0,
    width_db=-10.0,
    balance_db=0.0,
)


def sound_profile(**figures: object) -> SoundProfile:
    """Pink noise of -14 LUFS, its side 10 dB below its mid, with other `figures` where they are given."""
    return replace(_PINK, **figures)  # type: ignore[arg-type]
