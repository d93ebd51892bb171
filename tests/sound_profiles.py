"""Profiles of sound made up for tests: pink noise, and whatever differs from it; and masters planned by them."""

from __future__ import annotations

import math
from dataclasses import replace

from tracks import track

from auralis_cli.mastering.delivery import choose_delivery
from auralis_cli.mastering.plan import make_plan
from auralis_cli.model.mastering import MasteringPlan
from auralis_cli.model.measurements import TrackAnalysis
from auralis_cli.model.sound_profile import PROFILE_FREQUENCIES_HZ, Reference, SoundProfile
from auralis_cli.model.sound_wishes import MasteringMode, SoundWishes

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


def analysed(profile: SoundProfile) -> TrackAnalysis:
    """A track that measures what its profile says."""
    measured = track(
        integrated_lufs=profile.integrated_lufs,
        true_peak_dbtp=profile.true_peak_dbtp,
        plr_db=profile.plr_db,
        lra_lu=profile.lra_lu,
        channels=profile.channels,
    )
    return replace(measured, profile=profile)


def planned(
    own: SoundProfile,
    reference: SoundProfile,
    intensity: float = 1.0,
    mode: MasteringMode = MasteringMode.REFERENCE,
    ceiling_dbtp: float | None = None,
) -> MasteringPlan:
    sound = SoundWishes(intensity=intensity, mode=mode, reference=Reference("reference", 1, reference))
    delivery = choose_delivery(sound, loudness_lufs=None, level_off=False, target=None, ceiling_dbtp=ceiling_dbtp)
    return make_plan(analysed(own), delivery, sound)
