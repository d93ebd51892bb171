"""Analyses of tracks that were never recorded: a plain base, changed where a test wants it."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np

from auralis_cli.mastering.tone import target_db
from auralis_cli.model.defects import DefectEvidence
from auralis_cli.model.fingerprint import DIMENSIONS, Content, Fingerprint
from auralis_cli.model.measurements import Measurements, ToneProfile, TrackAnalysis

THIRD_OCTAVES_HZ = tuple(1000.0 * 2.0 ** (step / 3.0) for step in range(-15, 14))

_MEASUREMENTS = Measurements(
    duration_s=200.0,
    frames=8_820_000,
    sample_rate_hz=44_100,
    channels=2,
    integrated_lufs=-18.0,
    momentary_max_lufs=-12.0,
    short_term_max_lufs=-14.0,
    lra_lu=7.0,
    true_peak_dbtp=-3.0,
    sample_peak_dbfs=-3.1,
    plr_db=15.0,
    crest_db=16.0,
    dc_offset=0.0,
    dc_offsets=(0.0, 0.0),
    clipping_runs=0,
    clipped_samples=0,
    correlation=0.5,
    width=0.2,
    balance_lu=0.0,
    noise_floor_lufs=-24.0,
    first_non_finite_frame=None,
    on_grid_bits=16,
    too_short=False,
    silent=False,
)

SOUND_EVIDENCE = DefectEvidence(
    flat_tops=(),
    channel_difference=math.inf,
    leading_silence=None,
    trailing_silence=None,
    longest_silence=None,
    silences_within=0,
    true_peak_frame=0,
    true_peak_overs=0,
    end_dbfs=-80.0,
    before_end_dbfs=-60.0,
)


def track(
    *,
    tone_db: dict[tuple[float, float], float] | None = None,
    side_to_mid_db: float = -6.0,
    bass_side_to_mid_db: float = -14.0,
    spread_db: float = 20.0,
    cutoff_hz: float | None = None,
    onsets: float = 2.0,
    content: Content = Content.MUSIC,
    short_term_lufs: tuple[float, ...] | None = None,
    **measured: Any,
) -> TrackAnalysis:
    """A track whose spectrum lies on its target, but for `tone_db` in the bands (low, high) Hz."""
    frequencies = np.array(THIRD_OCTAVES_HZ)
    percussiveness = min(1.0, max(0.0, (onsets - 0.3) / 3.4))
    mid = target_db(frequencies, percussiveness) - 30.0
    for (low, high), change in (tone_db or {}).items():
        mid = mid + change * ((frequencies >= low) & (frequencies < high))
    side = mid + np.where(frequencies < 150.0, bass_side_to_mid_db, side_to_mid_db)
    measurements = replace(_MEASUREMENTS, **measured)
    fingerprint = {dimension.name: 0.0 for dimension in DIMENSIONS}
    fingerprint.update(transient_density=onsets, lufs=measurements.integrated_lufs)
    return TrackAnalysis(
        measurements=measurements,
        fingerprint=Fingerprint(**fingerprint),
        flags=(),
        tempo_confidence=0.0,
        content=content,
        tone=ToneProfile(
            frequencies_hz=THIRD_OCTAVES_HZ,
            mid_db=tuple(mid.tolist()),
            side_db=tuple(side.tolist()),
            spread_db=(spread_db,) * len(frequencies),
            cutoff_hz=cutoff_hz,
        ),
        short_term_lufs=short_term_lufs or (measurements.integrated_lufs,) * 1970,
        evidence=SOUND_EVIDENCE,
    )
