"""The tonal and stereo decision: one static curve for mid and one for side.

The target is the mean spectrum of 12 345 records (Elowsson & Friberg 2017, AES 142, paper 9762),
bent at both ends by how percussive the music is, as that paper finds. The move toward it has dead
zones and caps, boosts nothing that is not there, and leaves the predicted loudness as it was.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from auralis_cli.dsp.k_weighting import k_weighting_gain_db
from auralis_cli.mastering.curves import Curve, log_step, ramp, smooth_octaves
from auralis_cli.model.fingerprint import Content
from auralis_cli.model.mastering import Reason, ToneCurve
from auralis_cli.model.measurements import TrackAnalysis
from auralis_cli.model.presets import Preset
from auralis_cli.quick_dataclasses import dataclass

# Share of the distance to the target that is moved, before caps.
_PULL = 0.4
_SMOOTHING_OCTAVES = 0.5
# Upper edge in Hz, dead zone, largest boost, largest cut in dB.
_LIMITS: tuple[tuple[float, float, float, float], ...] = (
    (40.0, 3.0, 0.0, 3.0),
    (120.0, 3.5, 2.5, 3.0),
    (500.0, 1.5, 1.5, 2.5),
    (2_000.0, 1.5, 1.5, 1.5),
    (5_000.0, 2.5, 2.0, 2.0),
    (12_000.0, 3.5, 2.5, 2.0),
    (float("inf"), 4.0, 1.5, 1.5),
)
# A preset may go this far beyond the caps of the adaptive move, dB.
_PRESET_ALLOWANCE_DB = 1.0
# Boosts fade out while the source lies this far below the target, dB: nothing is there to boost.
_NO_ENERGY_DB = (9.0, 18.0)
# Boosts fade in while the level of a band varies this much over time, dB: steady and low is hiss or hum.
_STEADY_DB = (3.0, 9.0)
_MAX_CURVE_DB = 12.0
# A curve flatter than this is not worth a filter.
_INAUDIBLE_DB = 0.3

_BASS_MONO_HZ = (120.0, 250.0)
_BASS_SIDE_TO_MID_DB = -10.0
_MAX_BASS_SIDE_CUT_DB = 6.0
_WIDTH_HZ = (300.0, 16_000.0)
_MAX_WIDTH_MOVE_DB = 1.5
# Below this side-to-mid ratio a track is mono, and its side is noise.
_MONO_DB = -30.0
# How much quieter, relative to stereo, the mono sum may become.
_MAX_MONO_LOSS_LU = 0.3
_TILT_HZ = (100.0, 10_000.0)


@dataclass(frozen=True, slots=True)
class Lean:
    """What was wished of tone and width beyond what the music asks for."""

    # Between 100 Hz and 10 kHz; positive is brighter.
    tilt_db: float = 0.0
    # Of side against mid.
    width_db: float = 0.0

    @property
    def reasons(self) -> tuple[Reason, ...]:
        """In words; empty for none."""
        reasons = []
        if self.tilt_db:
            way = "brighter" if self.tilt_db > 0.0 else "darker"
            reasons.append(Reason("tilt", f"{self.tilt_db:+.1f} dB from 100 Hz to 10 kHz, as wished: {way}"))
        if self.width_db:
            safe = ", or as far as the mono sum bears it" if self.width_db > 0.0 else ""
            reasons.append(Reason("width", f"side {self.width_db:+.1f} dB as wished{safe}"))
        return tuple(reasons)


NO_LEAN = Lean()


@dataclass(frozen=True, slots=True)
class _Spectrum:
    frequencies_hz: Curve
    mid_power: Curve
    side_power: Curve

    @property
    def power(self) -> Curve:
        return self.mid_power + self.side_power

    def side_to_mid_db(self, low_hz: float, high_hz: float) -> float:
        inside = (self.frequencies_hz >= low_hz) & (self.frequencies_hz <= high_hz)
        mid, side = float(self.mid_power[inside].sum()), float(self.side_power[inside].sum())
        return 10.0 * float(np.log10(max(side, 1e-30) / max(mid, 1e-30)))


def target_db(frequencies_hz: Curve, percussiveness: float) -> Curve:
    """Third-octave band power of well-mastered music, dB with an arbitrary offset; percussiveness 0…1."""
    x = 1.0 + 60.0 * np.log2(frequencies_hz / 30.0)
    bass = -0.000907 * x**2 + 0.256 * x - 32.942
    above = -0.000183 * x**2 + 0.0213 * x - 16.735
    density = np.where(x < 100.0, bass, above)
    low = 1.0 - log_step(frequencies_hz, 100.0, 250.0)
    high = log_step(frequencies_hz, 2_500.0, 8_000.0)
    ends = (-3.0 + 10.0 * percussiveness) * low + (-4.0 + 8.0 * percussiveness) * high
    return np.asarray(density + 10.0 * np.log10(frequencies_hz) + ends)


def decide_tone(
    analysis: TrackAnalysis, preset: Preset, intensity: float, percussiveness: float, lean: Lean = NO_LEAN
) -> tuple[ToneCurve | None, tuple[Reason, ...]]:
    """The curve pair for a mono or stereo track, None where nothing would be heard; the lean is served in full."""
    profile = analysis.tone
    spectrum = _spectrum_of(analysis)
    if len(spectrum.frequencies_hz) < 3 or not spectrum.power.any():
        return None, (Reason("tone", "left alone: no spectrum to judge"),)
    move, move_reason = _tonal_move(analysis, spectrum, preset, percussiveness)
    mid = move * intensity + tilt_curve_db(spectrum.frequencies_hz, lean.tilt_db)
    mid -= _loudness_change_db(spectrum, mid, mid)
    side = mid
    side_reasons: tuple[Reason, ...] = ()
    is_stereo = analysis.measurements.channels == 2 and spectrum.side_to_mid_db(*_WIDTH_HZ) >= _MONO_DB
    unserved: tuple[Reason, ...] = ()
    if lean.width_db and not is_stereo:
        unserved = (Reason("width", "left alone: the track is mono"),)
        lean = replace(lean, width_db=0.0)
    if analysis.measurements.channels == 2:
        extra, side_reasons = _side_move(analysis, spectrum, preset)
        extra = extra * intensity + lean.width_db * _width_shape(spectrum.frequencies_hz)
        side = mid + _mono_safe(spectrum, mid, extra)
        change = _loudness_change_db(spectrum, mid, side)
        mid, side = mid - change, side - change
    # Strange spectra, not music, ask for more.
    mid, side = np.clip(mid, -_MAX_CURVE_DB, _MAX_CURVE_DB), np.clip(side, -_MAX_CURVE_DB, _MAX_CURVE_DB)
    if lean == NO_LEAN and max(np.ptp(mid), np.ptp(side), float(np.abs(side - mid).max())) < _INAUDIBLE_DB:
        return None, (Reason("tone", "left alone: within the dead zones of its target"), *unserved)
    curve = ToneCurve(profile.frequencies_hz, tuple(np.round(mid, 3).tolist()), tuple(np.round(side, 3).tolist()))
    return curve, (move_reason, *side_reasons, *unserved, *lean.reasons)


def tilt_curve_db(frequencies_hz: Curve, tilt_db: float) -> Curve:
    """A straight line over log frequency that rises by `tilt_db` from 100 Hz to 10 kHz, level beyond; 0 at 1 kHz."""
    low, high = np.log10(_TILT_HZ)
    place = (np.log10(frequencies_hz) - low) / (high - low)
    return np.asarray(tilt_db * (np.clip(place, 0.0, 1.0) - 0.5))


def section_move_db(
    analysis: TrackAnalysis, preset: Preset, percussiveness: float, apart_db: Curve, most_db: float
) -> Curve:
    """What a part of the track that lies `apart_db` from the whole asks for beyond what the whole does.

    One value for each band of the tone profile, `most_db` at most; the part's loudness stays as it is.
    """
    whole = _spectrum_of(analysis)
    ratio = 10.0 ** (apart_db / 10.0)
    part = replace(whole, mid_power=whole.mid_power * ratio, side_power=whole.side_power * ratio)
    of_whole, _ = _tonal_move(analysis, whole, preset, percussiveness)
    of_part, _ = _tonal_move(analysis, part, preset, percussiveness)
    move = np.clip(of_part - of_whole, -most_db, most_db)
    return np.clip(move - _loudness_change_db(part, move, move), -most_db, most_db)


def _spectrum_of(analysis: TrackAnalysis) -> _Spectrum:
    profile = analysis.tone
    return _Spectrum(
        np.array(profile.frequencies_hz),
        10.0 ** (np.array(profile.mid_db) / 10.0),
        10.0 ** (np.array(profile.side_db) / 10.0),
    )


def _tonal_move(
    analysis: TrackAnalysis, spectrum: _Spectrum, preset: Preset, percussiveness: float
) -> tuple[Curve, Reason]:
    frequencies = spectrum.frequencies_hz
    source = 10.0 * np.log10(np.maximum(spectrum.power, 1e-30))
    raw = target_db(frequencies, percussiveness) - source
    middle = (frequencies >= 200.0) & (frequencies <= 2_000.0)
    distance = smooth_octaves(frequencies, raw - np.median(raw[middle]), _SMOOTHING_OCTAVES)
    dead, boost, cut = _limits(frequencies)
    wanted = _PULL * np.sign(distance) * np.maximum(np.abs(distance) - dead, 0.0)
    move = np.where(wanted > 0.0, _soft_cap(wanted, boost), -_soft_cap(-wanted, cut))
    gate = _boost_gate(analysis, frequencies, distance)
    speech = analysis.content is Content.SPEECH
    if speech:
        gate = gate * (frequencies >= 120.0)
    solo = analysis.measurements.plr_db > 17.0 and percussiveness < 0.2
    move *= preset.tone_factor * (0.5 if solo else 1.0)
    taste = _preset_curve(frequencies, preset)
    total = move + taste
    total = np.where(total > 0.0, total * gate, total)
    total = np.clip(total, -(cut + _PRESET_ALLOWANCE_DB), boost + _PRESET_ALLOWANCE_DB)
    text = _describe(frequencies, distance, total, speech=speech, solo=solo)
    return total, Reason("tone", f"{text}; the preset's taste is in it" if taste.any() else text)


def _limits(frequencies_hz: Curve) -> tuple[Curve, Curve, Curve]:
    edges = np.array([row[0] for row in _LIMITS])
    rows = np.array([row[1:] for row in _LIMITS])[np.searchsorted(edges, frequencies_hz, side="right")]
    return rows[:, 0], rows[:, 1], rows[:, 2]


def _soft_cap(value: Curve, cap: Curve) -> Curve:
    safe = np.maximum(cap, 1e-9)
    return np.asarray(safe * np.tanh(np.maximum(value, 0.0) / safe))


def _boost_gate(analysis: TrackAnalysis, frequencies_hz: Curve, distance_db: Curve) -> Curve:
    start, end = _NO_ENERGY_DB
    energy = 1.0 - np.clip((distance_db - start) / (end - start), 0.0, 1.0)
    start, end = _STEADY_DB
    spread = np.array(analysis.tone.spread_db)
    alive = np.clip((np.where(np.isfinite(spread), spread, 0.0) - start) / (end - start), 0.0, 1.0)
    # Only low-lying steadiness is noise: a steady band at its target level is an instrument.
    alive = np.maximum(alive, 1.0 - np.clip((distance_db - 3.0) / 6.0, 0.0, 1.0))
    cutoff = analysis.tone.cutoff_hz
    below_cutoff = frequencies_hz <= 0.9 * cutoff if cutoff is not None else np.ones_like(frequencies_hz)
    return np.asarray(energy * alive * below_cutoff)


def _preset_curve(frequencies_hz: Curve, preset: Preset) -> Curve:
    def band(low_start: float, low_end: float, high_start: float, high_end: float) -> Curve:
        rise = log_step(frequencies_hz, low_start, low_end)
        return rise * (1.0 - log_step(frequencies_hz, high_start, high_end))

    return (
        preset.low_db * (1.0 - log_step(frequencies_hz, 100.0, 200.0))
        + preset.low_mid_db * band(140.0, 230.0, 450.0, 750.0)
        + preset.presence_db * band(1_300.0, 2_300.0, 4_500.0, 6_500.0)
        + preset.air_db * log_step(frequencies_hz, 5_500.0, 9_000.0)
    )


def _side_move(analysis: TrackAnalysis, spectrum: _Spectrum, preset: Preset) -> tuple[Curve, tuple[Reason, ...]]:
    frequencies = spectrum.frequencies_hz
    width_db = spectrum.side_to_mid_db(*_WIDTH_HZ)
    if width_db < _MONO_DB:
        return np.zeros_like(frequencies), (Reason("width", "left alone: the track is mono"),)
    reasons = []
    curve = np.zeros_like(frequencies)
    bass_db = spectrum.side_to_mid_db(30.0, _BASS_MONO_HZ[0])
    if bass_db > _BASS_SIDE_TO_MID_DB:
        cut = min(_MAX_BASS_SIDE_CUT_DB, bass_db - _BASS_SIDE_TO_MID_DB)
        where = "above" if bass_db > 0.0 else "below"
        curve -= cut * (1.0 - log_step(frequencies, *_BASS_MONO_HZ))
        reasons.append(
            Reason("bass mono", f"side cut by {cut:.1f} dB below 120 Hz: it lies {abs(bass_db):.1f} dB {where} mid")
        )
    correlation = analysis.measurements.correlation
    move = 0.0
    if width_db < -12.0 and correlation > 0.3:
        move = _MAX_WIDTH_MOVE_DB * min(ramp(width_db, -12.0, -18.0), ramp(width_db, _MONO_DB, -24.0))
        reasons.append(Reason("width", f"side raised by {move:.1f} dB: narrow, it lies {-width_db:.1f} dB below mid"))
    elif width_db > 0.0 or correlation < 0.0:
        move = -_MAX_WIDTH_MOVE_DB * max(ramp(width_db, 0.0, 4.0), ramp(correlation, 0.0, -0.3))
        why = "it is louder than mid" if width_db > 0.0 else "left and right cancel each other in mono"
        reasons.append(Reason("width", f"side lowered by {-move:.1f} dB: {why}"))
    if preset.side_db:
        reasons.append(Reason("width", f"side {preset.side_db:+.1f} dB by the preset"))
    return curve + (move + preset.side_db) * _width_shape(frequencies), tuple(reasons)


def _width_shape(frequencies_hz: Curve) -> Curve:
    return log_step(frequencies_hz, 200.0, 400.0) * (1.0 - log_step(frequencies_hz, 15_000.0, 19_000.0))


def _mono_safe(spectrum: _Spectrum, mid_db: Curve, extra_side_db: Curve) -> Curve:
    """The side curve, its boosts scaled back until the mono sum keeps its loudness relative to stereo."""
    cuts = np.minimum(extra_side_db, 0.0)
    boosts = np.maximum(extra_side_db, 0.0)
    before = _mono_share_db(spectrum, mid_db, mid_db)
    for scale in (1.0, 0.75, 0.5, 0.25):
        curve = cuts + scale * boosts
        if before - _mono_share_db(spectrum, mid_db, mid_db + curve) <= _MAX_MONO_LOSS_LU:
            return curve
    return cuts


def _mono_share_db(spectrum: _Spectrum, mid_db: Curve, side_db: Curve) -> float:
    weight = 10.0 ** (k_weighting_gain_db(spectrum.frequencies_hz) / 10.0)
    mid = float((spectrum.mid_power * weight * 10.0 ** (mid_db / 10.0)).sum())
    side = float((spectrum.side_power * weight * 10.0 ** (side_db / 10.0)).sum())
    return 10.0 * float(np.log10(max(mid, 1e-30) / max(mid + side, 1e-30)))


def _loudness_change_db(spectrum: _Spectrum, mid_db: Curve, side_db: Curve) -> float:
    weight = 10.0 ** (k_weighting_gain_db(spectrum.frequencies_hz) / 10.0)
    before = float((spectrum.power * weight).sum())
    after = spectrum.mid_power * 10.0 ** (mid_db / 10.0) + spectrum.side_power * 10.0 ** (side_db / 10.0)
    return 10.0 * float(np.log10(max(float((after * weight).sum()), 1e-30) / max(before, 1e-30)))


def _describe(frequencies_hz: Curve, distance_db: Curve, move_db: Curve, *, speech: bool, solo: bool) -> str:
    parts = []
    for name, low, high in (("bass", 40, 120), ("low mids", 120, 500), ("mids", 500, 2_000),
                            ("presence", 2_000, 5_000), ("treble", 5_000, 12_000)):  # fmt: skip
        inside = (frequencies_hz >= low) & (frequencies_hz < high)
        if inside.any() and abs(move := float(move_db[inside].mean())) >= 0.1:
            above = -float(distance_db[inside].mean())
            side = "above" if above > 0.0 else "below"
            parts.append(f"{name} {move:+.1f} dB ({abs(above):.1f} dB {side} its target)")
    text = ", ".join(parts) if parts else "no broad band moves by more than 0.1 dB"
    if speech:
        text += "; speech: nothing boosted below 120 Hz"
    if solo:
        text += "; sparse and dynamic: half the move"
    return text
