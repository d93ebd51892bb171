"""Which pictures a report shows of a master, and what they show."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

import numpy as np

from auralis_cli.dsp.k_weighting import k_weighting_gain_db
from auralis_cli.model.master_reports import MasterReport
from auralis_cli.model.picture import SpectrumLine
from auralis_cli.model.report_curves import ReportCurves, SoundCurves
from auralis_cli.model.sound_profile import PROFILE_FREQUENCIES_HZ
from auralis_cli.services.plot_scales import frequency_ticks, time_ticks
from auralis_cli.services.report_charts import Axis, Chart, Values, fewer, fewer_times, steps
from auralis_cli.units import db_to_gain

_TIME_TICKS = 9
_SPAN_LU = 40.0
_WAVE_COLUMNS = 400
# Of the 24 in an octave, so many are one point of the spectrum: a curve, not a comb.
_SMOOTHED = 7
# Where spectra are laid together.
_LOWEST_COMPARED_HZ, _HIGHEST_COMPARED_HZ = 20.0, 20_000.0


def pictures(report: MasterReport, joins_s: Sequence[float] = ()) -> Iterator[str]:
    """The cards, in their order; none where nothing was measured for them. What begins at a join is marked."""
    curves = report.curves
    if curves is None or report.analysis.measurements.duration_s <= 0.0:
        return
    time = _time_axis(report)
    over_all = [_loudness(report, curves, time)]
    if curves.reduction is not None:
        over_all.append(_reduction(report, curves, time))
    for chart in over_all:
        chart.marks(joins_s, "join", "joins")
        yield chart.markup(wide=True)
    yield _waveform(report, curves.before, time, "Before", "fill-before").markup()
    yield _waveform(report, curves.after, time, "After", "fill-after").markup()
    yield _spectrum(report, curves).markup()
    if report.solved.plan.tone is not None:
        yield _tone(report).markup()
    if curves.before.stereo is not None and curves.after.stereo is not None:
        yield _stereo("Width", "width", curves, time, 0.0, 1.0).markup()
        yield _stereo("Correlation", "correlation", curves, time, -1.0, 1.0).markup()


def _time_axis(report: MasterReport) -> Axis:
    duration_s = report.analysis.measurements.duration_s
    return Axis(0.0, duration_s, time_ticks(duration_s, _TIME_TICKS))


def _loudness(report: MasterReport, curves: ReportCurves, time: Axis) -> Chart:
    before, after = curves.before.picture, curves.after.picture
    heard = np.concatenate([line.lufs[np.isfinite(line.lufs)] for line in (before.short_term, after.momentary)])
    top = 5.0 * math.ceil((float(heard.max(initial=-30.0)) + 1.0) / 5.0)
    lowest = float(np.percentile(heard, 3)) if len(heard) else top - 20.0
    low = max(top - _SPAN_LU, min(top - 15.0, 5.0 * math.floor((lowest - 1.0) / 5.0)))
    chart = Chart("Loudness", time, Axis(low, top, steps(low, top, 5.0), "LUFS"), 260)
    times, moments = fewer_times(after.momentary.times_s), fewer(after.momentary.lufs)
    chart.band(times, np.full(len(times), low), np.maximum(moments, low), "fill-moment", "momentary, after")
    for line, kind, name in (
        (before.short_term, "before", "short-term, before"),
        (after.short_term, "after", "short-term, after"),
    ):
        levels = fewer(line.lufs)
        chart.line(fewer_times(line.times_s), np.where(levels < low, np.nan, levels), kind, name)
    goal = report.solved.plan.goal_lufs
    if goal is not None:
        chart.level(goal, "goal", f"goal {_minus(goal)} LUFS")
    return chart


def _reduction(report: MasterReport, curves: ReportCurves, time: Axis) -> Chart:
    line = curves.reduction
    if line is None:
        raise ValueError("no limiter ran")
    deepest = max(3.0, math.ceil(float(line.reduction_db.max(initial=0.0))))
    step = 1.0 if deepest <= 4.0 else 2.0 if deepest <= 8.0 else 5.0
    values = -fewer(line.reduction_db)
    together = max(1, -(-len(line.reduction_db) // max(1, len(values))))
    times = (np.arange(len(values)) + 0.5) * together * line.column_s
    solved = report.solved
    mean = f"at most {solved.max_reduction_db:.1f} dB, {solved.mean_reduction_db:.1f} dB on average"
    note = "The limiter had nothing to do." if solved.max_reduction_db < 0.05 else f"The limiter: {mean}."
    chart = Chart("Gain reduction", time, Axis(-deepest, 0.0, steps(-deepest, 0.0, step), "dB"), 120, note)
    chart.band(times, values, np.zeros(len(values)), "fill-limit")
    return chart


def _waveform(report: MasterReport, sound: SoundCurves, time: Axis, title: str, kind: str) -> Chart:
    wave = sound.picture.waveform
    lows, highs = wave.lowest.min(axis=1), wave.highest.max(axis=1)
    together = max(1, -(-len(lows) // _WAVE_COLUMNS))
    lows, highs = fewer(lows, np.minimum, _WAVE_COLUMNS), fewer(highs, np.maximum, _WAVE_COLUMNS)
    times = (np.arange(len(lows)) + 0.5) * together * wave.bin_s
    ceiling = db_to_gain(report.solved.plan.delivery.ceiling_dbtp)
    reach = 1.04
    over = float(max(np.abs(lows).max(initial=0.0), np.abs(highs).max(initial=0.0)))
    note = f"Samples reach {over:.2f} of full scale." if over > reach else ""
    chart = Chart(title, time, Axis(-reach, reach, [(-1.0, "\N{MINUS SIGN}1"), (0.0, "0"), (1.0, "1")]), 150, note)
    chart.band(times, lows, highs, kind)
    chart.level(ceiling, "ceiling")
    chart.level(-ceiling, "ceiling", f"ceiling {_minus(report.solved.plan.delivery.ceiling_dbtp)} dBTP")
    return chart


def _smooth(levels_db: Values) -> Values:
    powers = np.pad(10.0 ** (levels_db / 10.0), _SMOOTHED // 2, mode="edge")
    return 10.0 * np.log10(np.convolve(powers, np.full(_SMOOTHED, 1.0 / _SMOOTHED), "valid"))


def _spectrum(report: MasterReport, curves: ReportCurves) -> Chart:
    raised_lu = report.output.integrated_lufs - report.analysis.measurements.integrated_lufs
    raised_lu = raised_lu if math.isfinite(raised_lu) else 0.0
    before, after = curves.before.picture.spectrum, curves.after.picture.spectrum
    old, new = _smooth(before.levels_db) + raised_lu, _smooth(after.levels_db)
    wanted = None if curves.reference_db is None else reference_line(curves.reference_db, after)
    drawn = [old, new] if wanted is None else [old, new, wanted.levels_db[np.isfinite(wanted.levels_db)]]
    top = 10.0 * math.ceil((max(float(levels.max(initial=-200.0)) for levels in drawn) + 2.0) / 10.0)
    low = max(top - 90.0, 10.0 * math.floor(min(float(levels.min(initial=top)) for levels in drawn) / 10.0))
    low = min(low, top - 40.0)
    highest_hz = float(after.frequencies_hz.max(initial=20_000.0))
    x = Axis(20.0, highest_hz, frequency_ticks(highest_hz), "Hz", is_log=True)
    others = "before is" if wanted is None else "before and the reference are"
    note = f"Averaged over the track; {others} drawn at the loudness of after."
    chart = Chart("Spectrum", x, Axis(low, top, steps(low, top, 20.0), "dB"), 230, note)
    chart.band(after.frequencies_hz, np.full(len(new), low), np.maximum(new, low), "fill-under")
    chart.line(before.frequencies_hz, old, "before", "before")
    if wanted is not None:
        chart.line(wanted.frequencies_hz, wanted.levels_db, "goal", "reference")
    chart.line(after.frequencies_hz, new, "after", "after")
    return chart


def reference_line(levels_db: Sequence[float], after: SpectrumLine) -> SpectrumLine | None:
    """The spectrum of a profile as loud as that of the master, where both are; None where one is silent.

    A profile leaves quiet passages out, and its levels are per Hz: as they are, the two could not be laid together.
    """
    frequencies_hz, levels = np.array(PROFILE_FREQUENCIES_HZ), np.array(levels_db)
    highest_hz = min(float(after.frequencies_hz.max(initial=0.0)), _HIGHEST_COMPARED_HZ)
    inside = (frequencies_hz >= _LOWEST_COMPARED_HZ) & (frequencies_hz <= highest_hz)
    frequencies_hz, levels = frequencies_hz[inside], np.where(np.isfinite(levels), levels, np.nan)[inside]
    both = after.frequencies_hz <= highest_hz
    wanted = _power_heard(frequencies_hz, levels)
    heard = _power_heard(after.frequencies_hz[both], after.levels_db[both])
    if not (wanted > 0.0 and heard > 0.0):
        return None
    return SpectrumLine(frequencies_hz, levels + 10.0 * math.log10(heard / wanted))


def _power_heard(frequencies_hz: Values, levels_db: Values) -> float:
    """K-weighted, of densities at points that are equally far from each other in octaves."""
    weighted = 10.0 ** ((levels_db + k_weighting_gain_db(frequencies_hz)) / 10.0) * frequencies_hz
    return float(np.nansum(weighted))


def _tone(report: MasterReport) -> Chart:
    tone = report.solved.plan.tone
    if tone is None:
        raise ValueError("the tone was left alone")
    frequencies = np.array(tone.frequencies_hz)
    reach = max(2.0, math.ceil(max(abs(value) for value in (*tone.mid_db, *tone.side_db)) + 0.2))
    highest_hz = report.output.sample_rate_hz / 2.0
    x = Axis(20.0, highest_hz, frequency_ticks(highest_hz), "Hz", is_log=True)
    y = Axis(-reach, reach, steps(-reach, reach, 1.0 if reach <= 3.0 else 2.0 if reach <= 8.0 else 4.0), "dB")
    chart = Chart("Tone curve", x, y, 230, "One linear-phase filter each for middle and side.")
    inside = (frequencies >= 20.0) & (frequencies <= highest_hz)
    if tone.side_db != tone.mid_db and report.output.channels == 2:
        chart.line(frequencies[inside], np.array(tone.side_db)[inside], "side", "side")
    chart.line(frequencies[inside], np.array(tone.mid_db)[inside], "after", "middle")
    return chart


def _stereo(title: str, name: str, curves: ReportCurves, time: Axis, low: float, high: float) -> Chart:
    ends = {"width": [(0.0, "mono"), (0.5, "0.5"), (1.0, "side")], "correlation": steps(-1.0, 1.0, 1.0)}
    chart = Chart(title, time, Axis(low, high, ends[name]), 150)
    for sound, kind in ((curves.before, "before"), (curves.after, "after")):
        if sound.stereo is not None:
            chart.line(sound.stereo.times_s, getattr(sound.stereo, name), kind, kind)
    return chart


def _minus(level: float) -> str:
    return f"{level:z.1f}".replace("-", "\N{MINUS SIGN}")
