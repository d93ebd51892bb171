"""Ranges and ticks that the plots in files and in the terminal share."""

from __future__ import annotations

import math

import numpy as np

from auralis_cli.model.defects import DefectKind
from auralis_cli.model.measurements import Measurements
from auralis_cli.model.picture import SpectrumLine, TrackPicture
from auralis_cli.model.reports import AnalysisReport
from auralis_cli.units import db_to_gain

_TIME_STEPS_S = (0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14_400, 28_800)
_SPECTRUM_SPAN_DB = 110.0
_LOUDNESS_SPAN_LU = 50.0
_NEAR_CLIPPED = 1.0 - 2e-4


def time_ticks(duration_s: float, at_most: int) -> list[tuple[float, str]]:
    """Round times from 0 to the end with their labels, `0:30` or `1:02:30` or, below 10 s, `0.5`."""
    step_s = next((step for step in _TIME_STEPS_S if duration_s / step <= at_most - 1), _TIME_STEPS_S[-1])
    times_s = [index * step_s for index in range(int(duration_s / step_s) + 1)]
    return [(time_s, _clock(time_s, step_s)) for time_s in times_s]


def _clock(seconds: float, step_s: float) -> str:
    if step_s < 1.0:
        return f"{seconds:.1f} s"
    hours, rest = divmod(round(seconds), 3600)
    minutes, left = divmod(rest, 60)
    return f"{hours}:{minutes:02d}:{left:02d}" if hours else f"{minutes}:{left:02d}"


def frequency_ticks(nyquist_hz: float) -> list[tuple[float, str]]:
    """1, 2, 5 per decade from 20 Hz up."""
    frequencies = [mantissa * 10.0**decade for decade in range(1, 6) for mantissa in (1.0, 2.0, 5.0)]
    inside = [hz for hz in frequencies if 20.0 <= hz <= nyquist_hz]
    return [(hz, f"{hz / 1e3:g}k" if hz >= 1e3 else f"{hz:g}") for hz in inside]


def spectrum_range(line: SpectrumLine) -> tuple[float, float]:
    """From the bottom of what is there, at most 110 dB below the top, in steps of 10 dB."""
    top = math.ceil((float(line.levels_db.max(initial=-200.0)) + 3.0) / 10.0) * 10.0
    lowest = float(line.levels_db.min(initial=top))
    return max(top - _SPECTRUM_SPAN_DB, min(top - 40.0, math.floor((lowest - 1.0) / 10.0) * 10.0)), top


def loudness_range(measured: Measurements, picture: TrackPicture) -> tuple[float, float]:
    """From the quieter passages, at most 50 LU down, to above the true peak, in steps of 5 LU."""
    lufs = picture.momentary.lufs[np.isfinite(picture.momentary.lufs)]
    peak_dbtp = measured.true_peak_dbtp if math.isfinite(measured.true_peak_dbtp) else -60.0
    highest = max(float(lufs.max()) if len(lufs) else -60.0, peak_dbtp, -60.0)
    top = math.ceil((highest + 1.0) / 5.0) * 5.0
    lowest = float(np.percentile(lufs, 2)) if len(lufs) else top - 20.0
    return max(top - _LOUDNESS_SPAN_LU, min(top - 20.0, math.floor((lowest - 2.0) / 5.0) * 5.0)), top


def clip_level(report: AnalysisReport, channel: int) -> float | None:
    """The level (linear) at which the channel of that index is clipped; None where nothing is."""
    if all(defect.kind is not DefectKind.CLIPPING for defect in report.defects):
        return None
    top = report.analysis.evidence.flat_tops[channel]
    return db_to_gain(top.level_dbfs) * _NEAR_CLIPPED if top.runs else None
