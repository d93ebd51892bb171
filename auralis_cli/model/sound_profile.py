"""How a track sounds, as it is compared with another: tone, loudness, dynamics and stereo image in plain numbers.

The same measured value is taken of a track that is to be mastered and of the one it is to be like: what is done to it
are differences between the two, so that a track that is its own reference is left as it is.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import fields
from typing import Any

from auralis_cli.quick_dataclasses import dataclass

POINTS_PER_OCTAVE = 24
_LOWEST_HZ = 16.0
_POINTS = 250
_LARGEST_WHOLE = 1 << 40

# The points of every profile's spectrum, whatever the track's rate: 24 an octave, from 16 Hz to 21 kHz.
PROFILE_FREQUENCIES_HZ = tuple(_LOWEST_HZ * 2.0 ** (point / POINTS_PER_OCTAVE) for point in range(_POINTS))


@dataclass(frozen=True, slots=True)
class SoundProfile:
    """What one track, or the middle of several, sounds like. −inf stands for "there is none", never NaN."""

    duration_s: float
    # The lowest of several, as what lies above half of it says nothing.
    sample_rate_hz: int
    channels: int
    # Power density of mid (L + R)/2 and side (L − R)/2 at PROFILE_FREQUENCIES_HZ, dB (mean square per Hz), over
    # windows within 10 dB of the mean, smoothed; −inf where there is nothing, as above half the rate.
    mid_db: tuple[float, ...]
    side_db: tuple[float, ...]
    # At the same points, how mid and side go together: 1 where all is left, 0 where both are alike, −1 where all is
    # right.
    leaning: tuple[float, ...]
    # Where a codec's or a resampler's low-pass seems to lie.
    cutoff_hz: float | None
    integrated_lufs: float
    true_peak_dbtp: float
    # True peak − integrated loudness.
    plr_db: float
    # Sample peak − RMS, of what lies in the spectrum: an offset is no sound, here and in what follows.
    crest_db: float
    lra_lu: float
    # Energy of side against mid over the whole track and spectrum.
    width_db: float
    # Energy of left against right; ±inf where one is silent, 0 where both are.
    balance_db: float

    @property
    def together_db(self) -> tuple[float, ...]:
        """Power density of mid and side together, at the same points."""
        powers = (
            10.0 ** (mid / 10.0) + 10.0 ** (side / 10.0) for mid, side in zip(self.mid_db, self.side_db, strict=True)
        )
        return tuple(10.0 * math.log10(power) if power > 0.0 else -math.inf for power in powers)


@dataclass(frozen=True, slots=True)
class Reference:
    """What a master is to sound like, under the name by which it was asked for."""

    name: str
    # How many tracks the profile is the middle of.
    tracks: int
    profile: SoundProfile


def reference_of_json(told: object) -> Reference:
    """The reference of its JSON, in which levels that are not there are null; ValueError for what is none."""
    if not isinstance(told, dict) or told.keys() != {"name", "tracks", "profile"}:
        raise ValueError("a reference has a name, tracks and a profile")
    name, tracks, profile = told["name"], told["tracks"], told["profile"]
    kinds = {field.name: str(field.type) for field in fields(SoundProfile)}
    if (
        type(name) is not str
        or type(tracks) is not int
        or not isinstance(profile, dict)
        or profile.keys() != kinds.keys()
    ):
        raise ValueError("this is no reference with its profile")
    return Reference(name, tracks, SoundProfile(**{key: _figure(kinds[key], value) for key, value in profile.items()}))


def _figure(kind: str, value: object) -> Any:
    if kind.startswith("tuple"):
        if not isinstance(value, (list, tuple)) or len(value) != _POINTS:
            raise ValueError(f"a curve of a profile has {_POINTS} points")
        return tuple(_figure("float", one) for one in value)
    if value is None and kind != "int":
        return None if "None" in kind else -math.inf
    if type(value) is not int and (kind == "int" or type(value) is not float or math.isnan(value)):
        raise ValueError(f"{str(value)[:80]} is no figure of a profile")
    # Whole numbers of JSON may be longer than any float.
    if type(value) is int and abs(value) > _LARGEST_WHOLE:
        raise ValueError(f"{str(value)[:80]} is no figure of a profile")
    return value if kind == "int" else float(value)


def median_profile(profiles: Sequence[SoundProfile]) -> SoundProfile:
    """The middle of several tracks, figure by figure; their spectra are compared at equal loudness.

    ValueError where there is none.
    """
    if not profiles:
        raise ValueError("there is no profile to take the middle of")
    if len(profiles) == 1:
        return profiles[0]
    loudness = _middle([profile.integrated_lufs for profile in profiles])
    cutoffs = [profile.cutoff_hz for profile in profiles if profile.cutoff_hz is not None]
    return SoundProfile(
        duration_s=_middle([profile.duration_s for profile in profiles]),
        sample_rate_hz=min(profile.sample_rate_hz for profile in profiles),
        channels=max(profile.channels for profile in profiles),
        mid_db=_middles([_at_loudness(profile, profile.mid_db, loudness) for profile in profiles]),
        side_db=_middles([_at_loudness(profile, profile.side_db, loudness) for profile in profiles]),
        leaning=_middles([profile.leaning for profile in profiles]),
        cutoff_hz=min(cutoffs) if 2 * len(cutoffs) > len(profiles) else None,
        integrated_lufs=loudness,
        true_peak_dbtp=_middle([profile.true_peak_dbtp for profile in profiles]),
        plr_db=_middle([profile.plr_db for profile in profiles]),
        crest_db=_middle([profile.crest_db for profile in profiles]),
        lra_lu=_middle([profile.lra_lu for profile in profiles]),
        width_db=_middle([profile.width_db for profile in profiles]),
        balance_db=_middle([profile.balance_db for profile in profiles]),
    )


def _at_loudness(profile: SoundProfile, levels_db: tuple[float, ...], loudness_lufs: float) -> list[float]:
    shift_db = loudness_lufs - profile.integrated_lufs
    return [level + shift_db for level in levels_db] if math.isfinite(shift_db) else list(levels_db)


def _middles(rows: Sequence[Sequence[float]]) -> tuple[float, ...]:
    return tuple(_middle(column) for column in zip(*rows, strict=True))


def _middle(values: Sequence[float]) -> float:
    """The median; of two infinities on either side of the middle the lower one, as there is no mean of them."""
    by_size = sorted(values)
    # Without `statistics`, whose import takes longer than all else that `ctl` does.
    low, high = by_size[(len(by_size) - 1) // 2], by_size[len(by_size) // 2]
    found = low if low == high else 0.5 * (low + high)
    return low if math.isnan(found) else found
