"""The fingerprint, from what the meters have gathered. Definitions: `model/fingerprint.py`."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from auralis_cli.dsp.harmony import HarmonyMeter
from auralis_cli.dsp.levels import FRAMES_PER_SECOND
from auralis_cli.dsp.onset import HOPS_PER_SECOND, OnsetDetector
from auralis_cli.dsp.spectrum import LongTermSpectrum
from auralis_cli.dsp.tempo import Beat, find_beat
from auralis_cli.errors import StageError
from auralis_cli.model.fingerprint import DIMENSIONS, Fingerprint, FingerprintFlag
from auralis_cli.model.measurements import Measurements
from auralis_cli.quick_dataclasses import dataclass
from auralis_cli.units import power_to_db

_BAND_EDGES_HZ = (20.0, 60.0, 250.0, 500.0, 2_000.0, 4_000.0, 8_000.0, 20_000.0)
_ACTIVE_POWER = 1e-4  # 40 dB below the loudest
_P90_P10_OF_NORMAL = 2.563
_UNDEFINED_LUFS = -70.0
# Loudness takes 0.4 s, a pitch that stays or goes two windows of 0.37 s without a sample in common.
_SHORTEST_S = 0.75


@dataclass(frozen=True, slots=True)
class Heard:
    """What the meters of one pass over a track have gathered."""

    # As `dsp.levels.LevelMeter` returns them.
    frames_50ms: NDArray[np.float64]
    spectrum: LongTermSpectrum
    onsets: OnsetDetector
    harmony: HarmonyMeter
    # Rhythm and harmony are those of side.
    antiphase: bool


@dataclass(frozen=True, slots=True)
class FingerprintResult:
    """The dimensions, and what has to be known to read them."""

    fingerprint: Fingerprint
    flags: tuple[FingerprintFlag, ...]
    tempo_confidence: float


def fingerprint_of(measured: Measurements, heard: Heard) -> FingerprintResult:
    """Puts the dimensions together; StageError names one that is no number.

    Of audio that is none itself (`Measurements.meaningless`) every dimension is NaN.
    """
    if measured.meaningless is not None:
        return FingerprintResult(Fingerprint(*(math.nan for _ in DIMENSIONS)), (), 0.0)
    beat = find_beat(heard.onsets.flux(), heard.onsets.bands(), HOPS_PER_SECOND)
    fingerprint = _put_together(measured, heard, beat)
    for name in fingerprint.not_finite:
        raise StageError("fingerprint", f"{name} is {getattr(fingerprint, name)}, which is no number")
    flags = {
        FingerprintFlag.SILENT: measured.silent,
        FingerprintFlag.SHORT: measured.duration_s < _SHORTEST_S,
        FingerprintFlag.NO_TEMPO: beat.tempo_bpm == 0.0,
        FingerprintFlag.ANTIPHASE: heard.antiphase,
    }
    return FingerprintResult(
        _within_ranges(fingerprint), tuple(flag for flag, raised in flags.items() if raised), beat.confidence
    )


def _put_together(measured: Measurements, heard: Heard, beat: Beat) -> Fingerprint:
    power = powers_50ms(heard.frames_50ms, measured.channels)
    bands = _band_shares(heard.spectrum)
    crest_db, level_db, peaks = _seconds(heard.frames_50ms, measured.channels)
    steadiness = _spread(peaks) / float(np.median(peaks)) if len(peaks) else 0.0
    crest_spread_db = _spread(crest_db)
    shape = heard.spectrum.shape()
    return Fingerprint(
        sub_bass_pct=bands[0],
        bass_pct=bands[1],
        low_mid_pct=bands[2],
        mid_pct=bands[3],
        upper_mid_pct=bands[4],
        presence_pct=bands[5],
        air_pct=bands[6],
        lufs=max(measured.integrated_lufs, _UNDEFINED_LUFS),
        crest_db=float(np.median(crest_db)) if len(crest_db) else 0.0,
        bass_mid_ratio=_bass_mid_ratio_db(heard.spectrum),
        tempo_bpm=beat.tempo_bpm,
        rhythm_stability=beat.stability,
        transient_density=len(heard.onsets.onset_hops()) / measured.duration_s if measured.frames else 0.0,
        silence_ratio=float(np.mean(power <= _ACTIVE_POWER * power.max())) if power.any() else 1.0,
        spectral_centroid=shape.centroid_hz,
        spectral_rolloff=shape.rolloff_hz,
        spectral_flatness=shape.flatness,
        harmonic_ratio=heard.onsets.harmonic_ratio(),
        pitch_stability=heard.harmony.pitch_stability(),
        chroma_energy=heard.harmony.chroma_energy(),
        dynamic_range_variation=crest_spread_db / (crest_spread_db + 6.0),
        loudness_variation_std=_spread(level_db),
        peak_consistency=1.0 / (1.0 + steadiness),
        stereo_width=measured.width,
        phase_correlation=measured.correlation,
    )


def _within_ranges(fingerprint: Fingerprint) -> Fingerprint:
    """What rounding, or clicks and blips, take beyond the range of a dimension lies at its end."""
    ends = zip(fingerprint.values(), DIMENSIONS, strict=True)
    return Fingerprint(*(min(one.highest, max(one.lowest, value)) for value, one in ends))


def powers_50ms(frames_50ms: NDArray[np.float64], channels: int) -> NDArray[np.float64]:
    """Mean power of every 50 ms over all channels."""
    return np.asarray(frames_50ms[:, 3] / np.maximum(frames_50ms[:, 5], 1.0) / channels)


def _band_shares(spectrum: LongTermSpectrum) -> tuple[float, ...]:
    edges = _BAND_EDGES_HZ
    powers = [spectrum.band_power(low, high) for low, high in pairwise(edges)]
    whole = sum(powers)
    return tuple(power / whole if whole > 0.0 else 0.0 for power in powers)


def _bass_mid_ratio_db(spectrum: LongTermSpectrum) -> float:
    bass, mid = spectrum.band_power(20.0, 200.0), spectrum.band_power(200.0, 2_000.0)
    if bass <= 0.0 and mid <= 0.0:
        return 0.0
    ratio_db = power_to_db(bass / mid) if mid > 0.0 else math.inf
    return min(40.0, max(-40.0, ratio_db))


def _seconds(
    frames_50ms: NDArray[np.float64], channels: int
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Crest in dB, RMS in dB and peak of every active second; less than one counts as one."""
    whole = max(1, len(frames_50ms) // FRAMES_PER_SECOND)
    rows = frames_50ms[: whole * FRAMES_PER_SECOND].reshape(whole, -1, 6)
    power = rows[:, :, 3].sum(axis=1) / np.maximum(rows[:, :, 5].sum(axis=1), 1.0) / channels
    peaks = rows[:, :, 4].max(axis=1, initial=0.0)
    active = (power > _ACTIVE_POWER * power.max()) & (power > 0.0)
    level_db = 10.0 * np.log10(power[active])
    return 20.0 * np.log10(peaks[active]) - level_db, level_db, peaks[active]


def _spread(values: NDArray[np.float64]) -> float:
    """A standard deviation that outliers do not move: (P90 − P10) ÷ that of a normal distribution."""
    if len(values) == 0:
        return 0.0
    low, high = np.percentile(values, (10.0, 90.0))
    return float(high - low) / _P90_P10_OF_NORMAL
