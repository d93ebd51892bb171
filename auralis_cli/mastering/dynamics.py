"""What happens to dynamics: how much limiting the music bears, and which stages even it out.

Compression and clipping are not how loudness is won (at equal bounds they gain 0.1–0.9 LU): the
compressor is for evenness, the clip for presets and targets that want an edge.
"""

from __future__ import annotations

import math
from dataclasses import asdict

import numpy as np

from auralis_cli.dsp.limiter import LimiterSettings
from auralis_cli.mastering.curves import ramp, smooth_neighbours, smoothstep
from auralis_cli.model.fingerprint import Content
from auralis_cli.model.mastering import (
    CompressorPlan,
    Delivery,
    LevellerCurve,
    LimiterPlan,
    LimitingBounds,
    Reason,
    SoftClipPlan,
    TransientPlan,
)
from auralis_cli.model.measurements import TrackAnalysis
from auralis_cli.model.presets import Preset
from auralis_cli.quick_dataclasses import dataclass

# Onsets per second at the 10th and 90th percentile of the open music.
_PERCUSSIVE_ONSETS = (0.3, 3.7)
# What the source's peaks are asked to give up to here is always granted, with what the stages add to it.
_FREE_PEAK_REDUCTION_DB = 6.0
_STAGES_ALLOWANCE_DB = 6.0
_MAX_GAIN_DB = 24.0
_MIN_LOUDNESS_SLOPE = 0.5

_LEVELLER_RANGE_DB = 4.0
_LEVELLER_HOP_S = 0.1
_LEVELLER_SMOOTH_S = 2.0
# Passages this far below the integrated loudness are pauses, not music to raise.
_LEVELLER_FLOOR_LU = 20.0

# The gain moves too slowly to catch every change: what is aimed at lies this far inside the target's range.
_RANGE_MARGIN_LU = 1.0
_LEAST_RANGE_RATIO = 0.45
# A range changed by less than 3 % is not worth a moving gain.
_LEAST_LEVELLING = 0.97

_SQUASHED_PLR_DB = 10.0
_MAX_REVIVAL_DB = 3.0
_LEAST_DB = 0.1


@dataclass(frozen=True, slots=True)
class Character:
    """Where a track stands, once, for every decision about dynamics."""

    # 0 strings … 1 drums throughout.
    percussiveness: float
    # 0 open … 1 already dense.
    density: float
    # 0 classical, ambient, speech … 1 bears limiting well.
    robustness: float
    # Peak reduction the loudness asks for, dB; negative when there is room to spare.
    asked_db: float

    @staticmethod
    def of(analysis: TrackAnalysis, goal_lufs: float | None, ceiling_dbtp: float) -> Character:
        """Reads the character from measurements; a goal of None asks for no reduction."""
        measured = analysis.measurements
        percussiveness = ramp(analysis.fingerprint.transient_density, *_PERCUSSIVE_ONSETS)
        density = ramp(measured.plr_db, 17.0, 9.0) if math.isfinite(measured.plr_db) else 0.0
        robustness = smoothstep(0.6 * percussiveness + 0.4 * density, 0.0, 1.0)
        if analysis.content is Content.SPEECH:
            robustness = 0.0
        asked = 0.0
        if goal_lufs is not None and math.isfinite(measured.plr_db):
            asked = goal_lufs + measured.plr_db - ceiling_dbtp
        return Character(percussiveness, density, robustness, asked)


def decide_bounds(character: Character, preset: Preset) -> LimitingBounds:
    """How much limiting this character bears (ViSQOL falls below 4.5 beyond these on orchestral music)."""
    c, factor = character.robustness, preset.limiting_factor
    modest = character.asked_db <= _FREE_PEAK_REDUCTION_DB
    return LimitingBounds(
        free_db=_FREE_PEAK_REDUCTION_DB + (_STAGES_ALLOWANCE_DB if modest else 0.0),
        mean_reduction_db=(1.0 + 2.0 * c) * factor,
        p99_reduction_db=(4.5 + 3.0 * c) * factor,
        min_plr_db=13.0 - 5.0 * c,
        min_slope=_MIN_LOUDNESS_SLOPE,
        max_gain_db=_MAX_GAIN_DB,
    )


def decide_limiter(ceiling_dbtp: float, preset: Preset) -> LimiterPlan:
    """The limiter's own times; only the fast release is a matter of taste."""
    return LimiterPlan(**asdict(LimiterSettings(ceiling_dbtp, fast_release_ms=preset.fast_release_ms)))


def decide_leveller(
    analysis: TrackAnalysis, character: Character, delivery: Delivery, intensity: float
) -> tuple[LevellerCurve | None, tuple[Reason, ...]]:
    """Slow gain that draws loud and quiet passages together, where their distance asks for it."""
    measured = analysis.measurements
    lra = measured.lra_lu
    if not math.isfinite(lra) or not math.isfinite(measured.integrated_lufs):
        return None, ()
    ratio = 1.0 - 0.25 * smoothstep(lra, 10.0, 18.0) * character.robustness
    why = f"loudness range {lra:.1f} LU of robust music"
    if delivery.max_lra_lu is not None and lra > delivery.max_lra_lu - _RANGE_MARGIN_LU:
        ratio = min(ratio, max(_LEAST_RANGE_RATIO, (delivery.max_lra_lu - _RANGE_MARGIN_LU) / lra))
        why = f"loudness range {lra:.1f} LU, the target allows {delivery.max_lra_lu:.0f}"
    ratio = 1.0 - (1.0 - ratio) * intensity
    if ratio > _LEAST_LEVELLING:
        return None, ()
    gains = _levelling_gains(analysis, ratio)
    reason = Reason("leveller", f"range scaled by {ratio:.2f}, {min(gains):+.1f}…{max(gains):+.1f} dB: {why}")
    return LevellerCurve(_LEVELLER_HOP_S, gains), (reason,)


def _levelling_gains(analysis: TrackAnalysis, ratio: float) -> tuple[float, ...]:
    """(ratio − 1) × distance of the centred short-term loudness from integrated, smoothed over 2 s."""
    measured = analysis.measurements
    short_term = np.array(analysis.short_term_lufs)
    distance = short_term - measured.integrated_lufs
    active = distance > -_LEVELLER_FLOOR_LU
    wanted = np.where(active, (ratio - 1.0) * np.where(active, distance, 0.0), 0.0)
    wanted = np.clip(wanted, -_LEVELLER_RANGE_DB, _LEVELLER_RANGE_DB)
    # Value k is centred 1.5 s after its window starts; both ends hold.
    lead = round(1.5 / _LEVELLER_HOP_S)
    hops = math.ceil(measured.duration_s / _LEVELLER_HOP_S) + 1
    index = np.clip(np.arange(hops) - lead, 0, len(wanted) - 1)
    smoothed = smooth_neighbours(wanted[index], round(_LEVELLER_SMOOTH_S / _LEVELLER_HOP_S / 2))
    return tuple(np.round(smoothed, 3).tolist())


def decide_compressor(
    analysis: TrackAnalysis, character: Character, preset: Preset, intensity: float
) -> tuple[CompressorPlan | None, tuple[Reason, ...]]:
    """Gentle wideband evenness before music is raised into the limiter; none for what is dense already."""
    c = character.robustness
    weight = smoothstep(character.asked_db, 1.0, 6.0) * (0.3 + 0.7 * c)
    weight *= 1.0 - smoothstep(character.density, 0.6, 1.0)
    ratio = 1.0 + 0.6 * weight * preset.compression_factor * intensity
    if ratio < 1.02:
        return None, ()
    plan = CompressorPlan(
        threshold_lufs=round(analysis.measurements.integrated_lufs - 1.0, 2),
        ratio=round(ratio, 3),
        knee_db=8.0,
        attack_ms=round(20.0 + 20.0 * (1.0 - c), 1),
        release_ms=round(150.0 + 100.0 * (1.0 - c), 1),
        max_reduction_db=3.0,
    )
    text = (
        f"{plan.ratio:.2f}:1 above {plan.threshold_lufs:.1f} LUFS: peaks must give way by {character.asked_db:.1f} dB"
    )
    return plan, (Reason("compressor", text),)


def decide_transients(
    analysis: TrackAnalysis, character: Character, preset: Preset, intensity: float
) -> tuple[TransientPlan | None, tuple[Reason, ...]]:
    """Onsets revived where they were squashed and there is room for them, or as the preset likes."""
    plr = analysis.measurements.plr_db
    # A revived peak that the limiter takes away again is pointless: it needs 1 dB of room.
    room = ramp(-character.asked_db, 0.0, 1.0)
    revival = 0.0
    if math.isfinite(plr) and plr < _SQUASHED_PLR_DB:
        revival = _MAX_REVIVAL_DB * (1.0 - plr / _SQUASHED_PLR_DB) * room
    taste = preset.transient_db if preset.transient_db < 0.0 else preset.transient_db * (0.5 + 0.5 * room)
    if analysis.content is Content.SPEECH:
        taste = 0.0
    gain = round((revival + taste) * intensity, 2)
    if abs(gain) < _LEAST_DB:
        return None, ()
    why = f"squashed (PLR {plr:.1f} dB)" if revival > abs(taste) else "the preset's taste"
    return TransientPlan(gain), (Reason("transients", f"onsets {gain:+.1f} dB at 60–500 Hz: {why}"),)


def decide_soft_clip(
    analysis: TrackAnalysis, character: Character, preset: Preset, delivery: Delivery, intensity: float
) -> tuple[SoftClipPlan | None, tuple[Reason, ...]]:
    """Rounds the very tips before the limiter, only where they would be limited anyway."""
    depth = max(preset.clip_db, delivery.clip_db) * intensity * ramp(character.asked_db, 1.0, 3.0)
    depth *= character.robustness
    if depth < _LEAST_DB:
        return None, ()
    peak = analysis.measurements.true_peak_dbtp
    plan = SoftClipPlan(threshold_dbfs=round(peak - depth - 3.0, 2), ceiling_dbfs=round(peak - depth, 2))
    return plan, (Reason("soft clip", f"{depth:.1f} dB off the tips above {plan.threshold_dbfs:.1f} dBFS"),)
