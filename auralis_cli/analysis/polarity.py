"""Is one channel upside down? Decided from measurements, and what they would be were it put right."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from auralis_cli.model.measurements import TrackAnalysis

# Music is recorded with its low end in the middle; effects that widen turn the phase of what lies above.
_LOW_END_HZ = 500.0
_LOW_SIDE_OVER_MID_DB = 3.0
_CORRELATION = -0.5
# Both channels as good as mirror images: no look at the low end is needed.
_MIRRORED = -0.95
_BALANCE_LU = 3.0


def is_inverted(analysis: TrackAnalysis) -> bool:
    """Whether left is about −right, so that their sum cancels."""
    measured = analysis.measurements
    if measured.channels != 2 or measured.too_short or abs(measured.balance_lu) > _BALANCE_LU:
        return False
    if measured.correlation > _CORRELATION:
        return False
    return measured.correlation <= _MIRRORED or _low_side_over_mid_db(analysis) >= _LOW_SIDE_OVER_MID_DB


def _low_side_over_mid_db(analysis: TrackAnalysis) -> float:
    low = np.array(analysis.tone.frequencies_hz) <= _LOW_END_HZ
    mid, side = (
        float((10.0 ** (np.array(levels_db)[low] / 10.0)).sum())
        for levels_db in (analysis.tone.mid_db, analysis.tone.side_db)
    )
    return 10.0 * float(np.log10(max(side, 1e-30) / max(mid, 1e-30)))


def turned_over(analysis: TrackAnalysis) -> TrackAnalysis:
    """The analysis of the same track with one channel negated: mid and side change places."""
    measured, tone, profile = analysis.measurements, analysis.tone, analysis.profile
    return replace(
        analysis,
        measurements=replace(measured, correlation=-measured.correlation, width=1.0 - measured.width),
        fingerprint=replace(
            analysis.fingerprint,
            stereo_width=1.0 - analysis.fingerprint.stereo_width,
            phase_correlation=-analysis.fingerprint.phase_correlation,
        ),
        tone=replace(tone, mid_db=tone.side_db, side_db=tone.mid_db),
        profile=None
        if profile is None
        else replace(profile, mid_db=profile.side_db, side_db=profile.mid_db, width_db=-profile.width_db),
    )
