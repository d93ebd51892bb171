"""What a reference asks for: differences between two profiles, bounded, and only where there is something to move.

Nothing here knows how far it is to be gone; who asks scales all of it by the intensity.
"""

from __future__ import annotations

import math

import numpy as np

from auralis_cli.dsp.fir import MAX_CURVE_DB
from auralis_cli.dsp.k_weighting import k_weighting_gain_db
from auralis_cli.mastering.curves import Curve, log_step, smooth_octaves
from auralis_cli.mastering.reference_balance import HARD_PANNED_DB, MONO_DB, tone_gains
from auralis_cli.model.mastering import DynamicsGoal, LimitingBounds, Reason, ToneCurve
from auralis_cli.model.sound_profile import PROFILE_FREQUENCIES_HZ, SoundProfile
from auralis_cli.quick_dataclasses import dataclass

_FREQUENCIES_HZ = np.array(PROFILE_FREQUENCIES_HZ)
# The curve is drawn by every second point of a profile: twelve an octave.
_DRAWN = slice(0, None, 2)
_HEARD_HZ = (40.0, 16_000.0)
# Above this share of a cut-off, its slope and the codec's guesses are all there is.
_BELOW_CUTOFF = 0.9
_FADE_RATIO = 1.12
# Below the loudest third of an octave: what lies that deep is the floor, and boosts begin so far above it.
_FLOOR_DB, _ABOVE_FLOOR_DB = -75.0, 15.0
# Of side to mid, in a band: where its boosts begin, and where they are whole. What is raised from there by as much as
# the caps let it is still masked by mid.
_SIDE_TO_MID_DB = (-60.0, -45.0)
# Of side to mid, over all: below the first the track is mono, and its side is noise.
_MONO_DB = (MONO_DB, -40.0)
# Of what a curve spans: by so much the quiet parts, which no spectrum counts, may come out wider than the others.
_UNSEEN_SHARE = 0.1
_SUBSONIC_HZ = (20.0, 35.0)
_GATE_SMOOTHING_OCTAVES = 0.08
_MAX_WIDTH_DB, _WIDTH_ROUNDS = 12.0, 4
# What a curve may do at most. Of side the width comes on top of it; a cut brings nothing up that was masked.
_MAX_MOVE_DB = 12.0
_SIDE_RANGE_DB = (-24.0, 18.0)
# A curve flatter than this is not worth a filter.
_INAUDIBLE_DB = 0.1

_MIN_RANGE_S = 10.0
# Of what keeps peaks from standing over the loudness and over the RMS as the reference's do, what the latter gets.
_CREST_SHARE, _MAX_CREST_SHIFT_DB = 0.5, 2.0
# How much limiting a reference may ask for.
_MEAN_REDUCTION_DB, _P99_REDUCTION_DB, _MIN_SLOPE, _MIN_PLR_DB = 6.0, 12.0, 0.2, 4.0


@dataclass(frozen=True, slots=True)
class MidSideCurve:
    """A move at the points of a profile, dB."""

    mid_db: Curve
    side_db: Curve


def decide_reference_tone(own: SoundProfile, reference: SoundProfile) -> tuple[MidSideCurve, tuple[Reason, ...]]:
    """The curves that bring the average spectrum of mid and side to the reference's."""
    own_mid, own_side = np.array(own.mid_db), np.array(own.side_db)
    mid_difference = _difference(np.array(reference.mid_db), own_mid)
    heard = np.isfinite(mid_difference) & (np.clip(_FREQUENCIES_HZ, *_HEARD_HZ) == _FREQUENCIES_HZ)
    level_db = float(np.median(mid_difference[heard])) if heard.any() else 0.0
    energy = _energy_gate(own_mid, own_side)
    edge = _edge(reference)
    mid = _bounded(mid_difference - level_db, energy * _edge(own), edge)
    reasons = [Reason("tone", _described(mid_difference - level_db, mid))]
    if own.channels < 2 or own.width_db == -math.inf or abs(own.balance_db) > HARD_PANNED_DB:
        # Curves that differ would be heard on the channel that is silent.
        return MidSideCurve(mid, mid), tuple(reasons)
    side_gate = energy * _edge(own) * _side_gate(own, own_mid, own_side)
    side_difference = _difference(np.array(reference.side_db), own_side)
    # How wide, and what of it lies where, are two moves, each with its own bounds.
    known = side_difference[heard & np.isfinite(side_difference)]
    apart_db = float(np.median(known)) - level_db if len(known) else 0.0
    width_db = min(max(apart_db, -_MAX_WIDTH_DB), _MAX_WIDTH_DB)
    shape = _bounded(side_difference - level_db - width_db, side_gate, edge)
    side = _of_width(own, reference, mid, shape, side_gate * edge, width_db)
    side = _noise_held(own, mid, side)
    reasons.append(_width_reason(own, reference, mid, side))
    return MidSideCurve(mid, side), tuple(reasons)


def mixed_tone(music: ToneCurve | None, asked: MidSideCurve, share: float, own: SoundProfile) -> ToneCurve | None:
    """What the music asks for with `share` of what its reference does; None where nothing would be heard.

    The loudness stays what it was.
    """
    mid, side = share * asked.mid_db, share * asked.side_db
    if max(float(np.abs(mid).max()), float(np.abs(side).max())) < _INAUDIBLE_DB:
        return music
    if music is not None:
        at = np.log(np.array(music.frequencies_hz))
        mid = mid + np.interp(np.log(_FREQUENCIES_HZ), at, music.mid_db)
        side = side + np.interp(np.log(_FREQUENCIES_HZ), at, music.side_db)
    change_db = _loudness_change_db(own, mid, side)
    mid, side = (np.clip(lane - change_db, -MAX_CURVE_DB, MAX_CURVE_DB)[_DRAWN] for lane in (mid, side))
    return ToneCurve(
        PROFILE_FREQUENCIES_HZ[_DRAWN],
        tuple(np.round(mid, 3).tolist()),
        tuple(np.round(side, 3).tolist()),
        taps_doublings=1,
    )


def decide_dynamics_goal(
    own: SoundProfile, reference: SoundProfile, tone: ToneCurve | None, share: float
) -> DynamicsGoal | None:
    """The loudness range and the height of the peaks to reach, `share` of the way to the reference's.

    Peaks stand over the loudness and over the RMS. Where the spectra still differ behind the tone, both cannot be the
    reference's: the goal lies between the two.
    """
    if not (math.isfinite(own.plr_db) and math.isfinite(reference.plr_db)):
        return None
    is_long = min(own.duration_s, reference.duration_s) >= _MIN_RANGE_S
    rms_change_db = 0.0 if tone is None else _rms_change_db(own, tone)
    between_db = _CREST_SHARE * ((reference.crest_db - reference.plr_db) - (own.crest_db - own.plr_db - rms_change_db))
    between_db = min(max(between_db, -_MAX_CREST_SHIFT_DB), _MAX_CREST_SHIFT_DB)
    return DynamicsGoal(
        lra_lu=round(own.lra_lu + share * (reference.lra_lu - own.lra_lu), 2) if is_long else None,
        plr_db=round(own.plr_db + share * (reference.plr_db + between_db - own.plr_db), 2),
    )


def reference_bounds(own: LimitingBounds, share: float) -> LimitingBounds:
    """What is borne where a reference, not the music, says how dense it is to be; `share` of the way there."""

    def towards(value: float, goal: float) -> float:
        return round(value + share * (goal - value), 3)

    return LimitingBounds(
        free_db=own.free_db,
        mean_reduction_db=towards(own.mean_reduction_db, max(own.mean_reduction_db, _MEAN_REDUCTION_DB)),
        p99_reduction_db=towards(own.p99_reduction_db, max(own.p99_reduction_db, _P99_REDUCTION_DB)),
        min_plr_db=towards(own.min_plr_db, min(own.min_plr_db, _MIN_PLR_DB)),
        min_slope=towards(own.min_slope, min(own.min_slope, _MIN_SLOPE)),
        max_gain_db=own.max_gain_db,
    )


def _difference(wanted_db: Curve, own_db: Curve) -> Curve:
    """What is missing; NaN where the reference says nothing, −inf where it has nothing but should."""
    with np.errstate(invalid="ignore"):
        return np.asarray(np.where(np.isfinite(own_db), wanted_db - own_db, np.nan))


def _bounded(wanted_db: Curve, boost_gate: Curve, edge: Curve) -> Curve:
    """`wanted_db` within the caps, its boosts only where there is something to boost, smooth again after that."""
    wanted = np.clip(np.where(np.isnan(wanted_db), 0.0, wanted_db), -_MAX_MOVE_DB, _MAX_MOVE_DB)
    gated = np.where(wanted > 0.0, wanted * boost_gate, wanted) * edge
    return smooth_octaves(_FREQUENCIES_HZ, gated, _GATE_SMOOTHING_OCTAVES)


def _edge(profile: SoundProfile) -> Curve:
    """1 below what a profile's cut-off leaves sure, 0 above."""
    end_hz = _BELOW_CUTOFF * min(profile.cutoff_hz or math.inf, profile.sample_rate_hz / 2.0)
    return 1.0 - log_step(_FREQUENCIES_HZ, end_hz, end_hz * _FADE_RATIO)


def _energy_gate(mid_db: Curve, side_db: Curve) -> Curve:
    """0 where the track has nothing but its floor, 1 where it sounds."""
    power = 10.0 ** (mid_db / 10.0) + 10.0 ** (side_db / 10.0)
    with np.errstate(divide="ignore"):
        band_db = 10.0 * np.log10(power * _FREQUENCIES_HZ)
    above = band_db - (band_db.max() + _FLOOR_DB)
    return np.asarray(np.clip(above / _ABOVE_FLOOR_DB, 0.0, 1.0) * log_step(_FREQUENCIES_HZ, *_SUBSONIC_HZ))


def _side_gate(own: SoundProfile, mid_db: Curve, side_db: Curve) -> Curve:
    """0 where side is the noise of what is mono, band by band and over all."""
    with np.errstate(invalid="ignore"):
        ratio = np.where(np.isfinite(side_db) & np.isfinite(mid_db), side_db - mid_db, -math.inf)
    start, end = _SIDE_TO_MID_DB
    bands = np.clip((ratio - start) / (end - start), 0.0, 1.0)
    return np.asarray(bands * _stereo_share(own))


def _stereo_share(own: SoundProfile) -> float:
    """0 where the track is mono and its side noise, 1 where it is stereo."""
    start, end = _MONO_DB
    return min(1.0, max(0.0, (own.width_db - start) / (end - start)))


def _noise_held(own: SoundProfile, mid: Curve, side: Curve) -> Curve:
    """`side`, as far as it is noise no louder against mid than it was, in any band and over all."""
    share = _stereo_share(own)
    if share == 1.0:
        return side
    held = np.minimum(side, mid)
    unseen_db = _UNSEEN_SHARE * float(np.ptp(mid))
    held = held - max(0.0, _width_change_db(own, mid, held) + unseen_db)
    return np.asarray(share * side + (1.0 - share) * held)


def _of_width(
    own: SoundProfile, reference: SoundProfile, mid: Curve, shape: Curve, gate: Curve, width_db: float
) -> Curve:
    """Side of that shape and, over all, as wide as the reference: gates and caps refuse some of what is asked for."""

    def of(width_db: float) -> Curve:
        moved = shape + width_db * (gate if width_db > 0.0 else 1.0)
        return np.asarray(np.clip(moved, *_SIDE_RANGE_DB))

    side = of(width_db)
    for _ in range(_WIDTH_ROUNDS if math.isfinite(reference.width_db) else 0):
        missing_db = reference.width_db - (own.width_db + _width_change_db(own, mid, side))
        width_db = min(max(width_db + missing_db, -_MAX_WIDTH_DB), _MAX_WIDTH_DB)
        side = of(width_db)
    return side


def _width_change_db(own: SoundProfile, mid: Curve, side: Curve) -> float:
    gains = (_power_change_db(own.side_db, side), _power_change_db(own.mid_db, mid))
    return gains[0] - gains[1]


def _power_change_db(levels_db: tuple[float, ...], move_db: Curve) -> float:
    power = 10.0 ** (np.array(levels_db) / 10.0) * _FREQUENCIES_HZ
    before, after = float(power.sum()), float((power * 10.0 ** (move_db / 10.0)).sum())
    return 10.0 * math.log10(after / before) if before > 0.0 and after > 0.0 else 0.0


def _rms_change_db(own: SoundProfile, tone: ToneCurve) -> float:
    powers = [10.0 ** (np.array(levels) / 10.0) * _FREQUENCIES_HZ for levels in (own.mid_db, own.side_db)]
    after = sum(float((power * gain**2).sum()) for power, gain in zip(powers, tone_gains(tone), strict=True))
    before = sum(float(power.sum()) for power in powers)
    return 10.0 * math.log10(after / before) if before > 0.0 and after > 0.0 else 0.0


def _loudness_change_db(own: SoundProfile, mid: Curve, side: Curve) -> float:
    weight = 10.0 ** (k_weighting_gain_db(_FREQUENCIES_HZ) / 10.0) * _FREQUENCIES_HZ
    mid_power, side_power = (weight * 10.0 ** (np.array(levels) / 10.0) for levels in (own.mid_db, own.side_db))
    before = float((mid_power + side_power).sum())
    after = float((mid_power * 10.0 ** (mid / 10.0) + side_power * 10.0 ** (side / 10.0)).sum())
    return 10.0 * math.log10(after / before) if before > 0.0 and after > 0.0 else 0.0


def _described(difference_db: Curve, move_db: Curve) -> str:
    parts = []
    for name, low, high in (("bass", 40, 120), ("low mids", 120, 500), ("mids", 500, 2_000),
                            ("presence", 2_000, 5_000), ("treble", 5_000, 16_000)):  # fmt: skip
        inside = (np.clip(_FREQUENCIES_HZ, low, high) == _FREQUENCIES_HZ) & np.isfinite(difference_db)
        if not inside.any():
            continue
        move, apart = float(move_db[inside].mean()), -float(difference_db[inside].mean())
        if abs(move) >= 0.1 or abs(apart) >= 1.0:
            where = "above" if apart > 0.0 else "below"
            parts.append(f"{name} {move:+.1f} dB ({abs(apart):.1f} dB {where} the reference)")
    return ", ".join(parts) if parts else "left alone: as the reference's"


def _width_reason(own: SoundProfile, reference: SoundProfile, mid: Curve, side: Curve) -> Reason:
    if own.width_db < _MONO_DB[0]:
        return Reason("width", "side is not raised: the track is mono, and what differs is noise")
    change = _width_change_db(own, mid, side)
    said = f"side {change:+.1f} dB against mid: it lies at {own.width_db:.1f} dB, the reference's at "
    return Reason("width", said + (f"{reference.width_db:.1f} dB" if math.isfinite(reference.width_db) else "nothing"))
