"""Checking a finished file against what a delivery target asks for."""

from __future__ import annotations

from auralis_cli.model.measurements import Measurements
from auralis_cli.model.progress import CancelToken, ProgressSink
from auralis_cli.model.reports import LimitCheck, VerifyReport
from auralis_cli.model.source import NO_STREAMS, AudioSource, StandardStreams
from auralis_cli.model.targets import Target
from auralis_cli.services.analyze import analyze_file

# What two good meters may differ by on the same file; the last digit people read is 0.1.
_METER_TOLERANCE = 0.05


def verify_file(
    source: AudioSource,
    target: Target,
    progress: ProgressSink,
    cancel: CancelToken,
    streams: StandardStreams = NO_STREAMS,
) -> VerifyReport:
    """Measures `source` and compares; raises what `analyze_file` raises."""
    report = analyze_file(source, progress, cancel, streams)
    levels = check_against(target, report.analysis.measurements)
    # A file that is damaged may not be delivered, whatever its level.
    faults = _check("faults", float(len(report.faults)), None, 0.0)
    return VerifyReport(source, target, (*levels, faults), report.warnings)


def check_against(target: Target, measured: Measurements) -> tuple[LimitCheck, ...]:
    """One check for every limit that the target names."""
    lowest, highest = target.loudness_lufs - target.tolerance_lu, target.loudness_lufs + target.tolerance_lu
    checks = [
        _check("integrated_lufs", measured.integrated_lufs, lowest, highest),
        _check("true_peak_dbtp", measured.true_peak_dbtp, None, target.ceiling_dbtp),
    ]
    if target.max_lra_lu is not None:
        checks.append(_check("lra_lu", measured.lra_lu, None, target.max_lra_lu))
    if target.max_short_term_lufs is not None:
        checks.append(_check("short_term_max_lufs", measured.short_term_max_lufs, None, target.max_short_term_lufs))
    return tuple(checks)


def _check(name: str, value: float, minimum: float | None, maximum: float | None) -> LimitCheck:
    # Comparisons that NaN fails.
    above = minimum is None or value >= minimum - _METER_TOLERANCE
    below = maximum is None or value <= maximum + _METER_TOLERANCE
    return LimitCheck(name, value, minimum, maximum, ok=above and below)
