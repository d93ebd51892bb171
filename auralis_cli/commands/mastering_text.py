"""What a master, or the plan of one, looks like: as a document for programs and as lines for people."""

from __future__ import annotations

import math
import re
import textwrap
from collections.abc import Iterator, Mapping
from dataclasses import fields

from auralis_cli.json_form import json_text
from auralis_cli.model.degraded import degradations
from auralis_cli.model.master_reports import MOST_ASTRAY_LU, Encoding, MasterPreview, MasterReport
from auralis_cli.model.mastering import LimitedBy, MasteringPlan, Reason, SolvedPlan
from auralis_cli.model.measurements import Measurements
from auralis_cli.model.preferences import AppliedTaste, Aspect
from auralis_cli.output import Output
from auralis_cli.terminal_text import align, display_width, number, printable
from auralis_cli.units import seconds_to_clock

_WHAT_LIMITED = {
    LimitedBy.NONE: "nothing",
    LimitedBy.TOO_SHORT: "the length: under 0.4 s there is no loudness",
    LimitedBy.SILENCE: "silence",
    LimitedBy.GAIN_REDUCTION: "the limiter's average work, {value:.1f} dB of at most {bound:.1f}",
    LimitedBy.PEAK_REDUCTION: "the limiter's work on peaks, {value:.1f} dB of at most {bound:.1f}",
    LimitedBy.PLR: "the dynamics: peak to loudness {value:.1f} dB, gain stops below {bound:.1f}",
    LimitedBy.SATURATION: "saturation: more gain would win {value:.2f} dB per dB, {bound:.2f} is the least",
    LimitedBy.MAX_GAIN: "the gain, {value:.1f} dB of at most {bound:.1f}",
    LimitedBy.ENCODING: "the encoding, which brought peaks to {value:.1f} dBTP of at most {bound:.1f}",
}
_STORED = Reason("analysis", "from the library, which has measured these very samples")


def report_document(report: MasterReport) -> Mapping[str, object]:
    """The JSON of a finished master."""
    solved = report.solved
    return {
        "path": report.source.name,
        "destination": report.destination.name,
        "dry_run": False,
        "source_info": report.source_info,
        "output_subtype": report.output_format.subtype,
        "output_format": report.output_format,
        "encoding": report.encoding,
        "analysis": analysis_origin(is_stored=report.is_stored),
        "album": report.album,
        "input": report.analysis.measurements,
        "output": report.output,
        "plan": solved.plan,
        "match": _match(solved.plan, report.analysis.measurements, report.output),
        "limited_by": solved.limited_by,
        "limit": {"value": solved.value, "bound": solved.bound},
        "gain_db": solved.gain_db,
        "gain_reduction_db": {"max": solved.max_reduction_db, "mean": solved.mean_reduction_db},
        "repairs": solved.plan.repairs,
        "preferences": preferences_of(solved.plan.taste),
        "preview": preview_of(report),
        "seconds": round(report.seconds, 3),
        "realtime_factor": round(report.realtime_factor, 1),
        "warnings": report.warnings,
        "degraded": degradations(report.warnings),
    }


def preview_document(preview: MasterPreview) -> Mapping[str, object]:
    """The JSON of a dry run: the keys of a report, what is not known yet being null."""
    loudness_lufs, true_peak_dbtp = predicted_levels(preview)
    return {
        "path": preview.source.name,
        "destination": preview.destination.name,
        "dry_run": True,
        "source_info": preview.source_info,
        "output_subtype": preview.output_format.subtype,
        "output_format": preview.output_format,
        "encoding": None,
        "analysis": analysis_origin(is_stored=preview.is_stored),
        "album": preview.album,
        "input": preview.input,
        "output": {"predicted": True, "integrated_lufs": loudness_lufs, "true_peak_dbtp": true_peak_dbtp},
        "plan": preview.plan,
        "match": _match(preview.plan, preview.input, None),
        "limited_by": None,
        "limit": None,
        "gain_db": preview.plan.predicted_gain_db,
        "gain_reduction_db": None,
        "repairs": preview.plan.repairs,
        "preferences": preferences_of(preview.plan.taste),
        "preview": None,
        "seconds": None,
        "realtime_factor": None,
        "warnings": preview.warnings,
        "degraded": degradations(preview.warnings),
    }


def _match(plan: MasteringPlan, before: Measurements, after: Measurements | None) -> Mapping[str, object] | None:
    """How far from its reference a track was, and its master is; None where there is no reference."""
    if plan.reference is None:
        return None
    figures = ("integrated_lufs", "true_peak_dbtp", "plr_db", "lra_lu")

    def distances(measured: Measurements) -> dict[str, float]:
        return {name: round(getattr(measured, name) - getattr(plan.reference, name), 2) for name in figures}

    return {"before": distances(before), "after": None if after is None else distances(after)}


def _reference_line(output: Output, plan: MasteringPlan) -> None:
    wanted = plan.reference
    if wanted is None:
        return
    middle = "" if wanted.tracks == 1 else f", the middle of {wanted.tracks} tracks"
    figures = (
        f"{wanted.integrated_lufs:.1f} LUFS, range {wanted.lra_lu:.1f} LU, peak to loudness {wanted.plr_db:.1f} dB"
    )
    _line(output, plan.mode.value, f"{printable(wanted.name)}{middle}: {figures}")


def analysis_origin(*, is_stored: bool) -> str:
    """Where an analysis came from, for programs: `stored` in the library, or `measured` now."""
    return "stored" if is_stored else "measured"


def predicted_levels(preview: MasterPreview) -> tuple[float, float]:
    """Integrated loudness and true peak that the plan aims at; NaN where there is no loudness."""
    plan, measured = preview.plan, preview.input
    raised_dbtp = measured.true_peak_dbtp + plan.predicted_gain_db
    goal_lufs = plan.goal_lufs if plan.goal_lufs is not None else measured.integrated_lufs + plan.predicted_gain_db
    if not math.isfinite(measured.integrated_lufs):
        goal_lufs = math.nan
    return goal_lufs, min(raised_dbtp, plan.delivery.ceiling_dbtp) if plan.limiter is not None else raised_dbtp


def show_report(output: Output, report: MasterReport, *, explain: bool) -> None:
    """Before and after, the gain, and what limited it."""
    before, after, solved = report.analysis.measurements, report.output, report.solved
    _heading(output, report.source.name, report.destination.name)
    _levels(output, "after", _level_rows(before), _level_rows(after))
    output.result()
    _reference_line(output, solved.plan)
    _line(output, "gain", f"{solved.gain_db:+z.1f} dB")
    if solved.max_reduction_db >= 0.05:
        work = f"at most {solved.max_reduction_db:.1f} dB, {solved.mean_reduction_db:.1f} dB on average"
    else:
        work = "did nothing"
    _line(output, "limiter", work if solved.plan.limiter is not None else "not needed")
    _line(output, "held back by", held_back_in_words(report) or limit_in_words(solved))
    _repairs_line(output, solved.plan)
    _taste_lines(output, solved.plan)
    _preview_line(output, report)
    if report.encoding is not None:
        _line(output, "encoded", encoding_in_words(report.output_format.format, report.encoding))
    _plan_lines(output, report, explain=explain)
    length = seconds_to_clock(before.duration_s) if before.duration_s >= 10 else f"{before.duration_s:.1f} s"
    factor = f"{report.realtime_factor:.{0 if report.realtime_factor >= 10 else 1}f}"
    # Where both streams are one file or pipe, the lines stand in this order.
    output.flush()
    known = "; the library had measured it" if report.is_stored else ""
    output.note(f"{length} of music in {report.seconds:.1f} s, {factor} times real time{known}")


def show_preview(output: Output, preview: MasterPreview, *, explain: bool) -> None:
    """Before and what is planned; nothing was written."""
    loudness_lufs, true_peak_dbtp = predicted_levels(preview)
    _heading(output, preview.source.name, preview.destination.name)
    predicted = {"loudness": (loudness_lufs, "LUFS"), "true peak": (true_peak_dbtp, "dBTP")}
    _levels(output, "predicted", _level_rows(preview.input), predicted)
    output.result()
    _reference_line(output, preview.plan)
    _line(output, "gain", f"{preview.plan.predicted_gain_db:+z.1f} dB")
    over_db = preview.input.true_peak_dbtp + preview.plan.predicted_gain_db - preview.plan.delivery.ceiling_dbtp
    if preview.plan.limiter is not None and over_db > preview.plan.bounds.free_db:
        _line(output, "limiter", f"peaks would have to give {over_db:.1f} dB: the loudness may be held back")
    _repairs_line(output, preview.plan)
    _taste_lines(output, preview.plan)
    _plan_lines(output, preview, explain=explain)
    output.flush()
    output.note("Dry run: nothing was written.")


def tell_details(output: Output, result: MasterReport | MasterPreview) -> None:
    """For -v what was found and decided, for -vv every parameter of the plan."""
    solved = result.solved if isinstance(result, MasterReport) else None
    plan = plan_of(result)
    if solved is not None:
        output.detail(f"decoded as {result.source_info.codec}")
    for reason in _reasons(result):
        output.detail(f"{reason.stage}: {reason.text}")
    if solved is not None:
        output.detail(f"{solved.expected_lufs:.2f} LUFS expected, evaluations of the gain: {solved.evaluations}")
    if output.says_everything:
        for field in fields(plan):
            if field.name != "reasons":
                output.parameter(f"plan.{field.name} = {json_text(getattr(plan, field.name))}")


def limit_in_words(solved: SolvedPlan) -> str:
    """What held the loudness back."""
    values = {"value": solved.value or 0.0, "bound": solved.bound or 0.0}
    return _WHAT_LIMITED[solved.limited_by].format(**values)


def held_back_in_words(report: MasterReport) -> str:
    """What was not had of what was asked, and why; nothing where all was."""
    said = [] if report.solved.limited_by is LimitedBy.NONE else [limit_in_words(report.solved)]
    album = report.album
    if album is not None and album.astray_lu is not None and album.is_astray:
        how = "louder" if album.astray_lu > 0.0 else "quieter"
        away = f"{abs(album.astray_lu):.2f} LU {how} than it was to the other tracks"
        said.append(f"the album, in which it is {away}, {MOST_ASTRAY_LU} at most")
    return "; ".join(said)


def encoding_in_words(key: str, encoding: Encoding) -> str:
    """E.g. `mp3 256 kbit/s, 2 encodes, rendered to -1.4 dBTP`."""
    times = f"{encoding.rounds} encode{'s' if encoding.rounds > 1 else ''}"
    rendered = "" if encoding.ceiling_dbtp is None else f", rendered to {encoding.ceiling_dbtp:.1f} dBTP"
    return f"{key} {encoding.bitrate_bps / 1000:g} kbit/s, {times}{rendered}"


def _heading(output: Output, source: str, destination: str) -> None:
    before, after = printable(source), printable(destination)
    # Long names stand below each other.
    join = " " if display_width(before + after) < output.columns() - 3 else "\n"
    output.result(f"{before}{join}{output.styled('→', 'dim')} {output.styled(after, 'bold')}")
    output.result()


def _level_rows(measured: Measurements) -> dict[str, tuple[float, str]]:
    return {
        "loudness": (measured.integrated_lufs, "LUFS"),
        "loudness range": (measured.lra_lu, "LU"),
        "true peak": (measured.true_peak_dbtp, "dBTP"),
        "peak to loudness": (measured.plr_db, "dB"),
    }


def _levels(
    output: Output, title: str, before: dict[str, tuple[float, str]], after: dict[str, tuple[float, str]]
) -> None:
    widths = (16, 8, 9, 4, 6)
    output.result("  " + output.styled(align(("", "before", title, "", ""), widths, right=(1, 2)), "dim"))
    for name, (old, unit) in before.items():
        new = after[name][0] if name in after else math.nan
        cells = (name, number(old), output.styled(number(new), "bold"), unit, change(old, new))
        output.result("  " + align(cells, widths, right=(1, 2, 4)))


def _line(output: Output, name: str, text: str) -> None:
    output.result(f"  {name:<16}  {text}")


def preview_of(report: MasterReport) -> Mapping[str, object] | None:
    """The passage that was written, for programs; None where it was the whole."""
    files = report.preview
    if files is None:
        return None
    return {
        "start_s": files.start_s,
        "duration_s": files.duration_s,
        "before": files.before,
        "match_gain_db": files.match_gain_db,
    }


def _preview_line(output: Output, report: MasterReport) -> None:
    files = report.preview
    if files is None:
        return
    end_s = files.start_s + files.duration_s
    _line(output, "preview", f"{seconds_to_clock(files.start_s)} to {seconds_to_clock(end_s)}, the loudest part")
    gain = "" if files.match_gain_db is None else f"; as loud with {files.match_gain_db:+z.1f} dB"
    _line(output, "before", f"{printable(str(files.before))}{gain}")


def _repairs_line(output: Output, plan: MasteringPlan) -> None:
    if plan.repairs:
        _line(output, "repaired", ", ".join(plan.repairs))


def preferences_of(taste: AppliedTaste | None) -> Mapping[str, object]:
    """What of the user's taste is in it, for programs; the confidence is that of the least certain figure."""
    return {
        "applied": taste is not None,
        "kind": None if taste is None else taste.kind,
        "confidence": None if taste is None else taste.confidence,
        "figures": () if taste is None else tuple(_used(taste)),
    }


def _used(taste: AppliedTaste) -> Iterator[object]:
    """Each as `{"aspect", "value", "confidence", "choices"}`, the preset by its name."""
    if (preset := taste.preset) is not None:
        yield {
            "aspect": Aspect.PRESET,
            "value": preset.name,
            "confidence": preset.confidence,
            "choices": preset.choices,
        }
    yield from taste.figures


def _taste_lines(output: Output, plan: MasteringPlan) -> None:
    if plan.taste is None:
        return
    _line(output, "your taste", f"for {plan.taste.kind.words}")
    for part in plan.taste.parts:
        _line(output, "", part)


def plan_of(result: MasterReport | MasterPreview) -> MasteringPlan:
    """What was, or would be, done."""
    return result.solved.plan if isinstance(result, MasterReport) else result.plan


def _reasons(result: MasterReport | MasterPreview) -> tuple[Reason, ...]:
    reasons = plan_of(result).reasons
    return (_STORED, *reasons) if result.is_stored else reasons


def show_reasons(output: Output, result: MasterReport | MasterPreview) -> None:
    """Every decision in words, and whether it rests on an analysis that was there."""
    reasons = _reasons(result)
    width = max((len(reason.stage) for reason in reasons), default=0)
    for reason in reasons:
        first, *more = _wrapped(reason.text, output.columns() - width - 4)
        output.result(f"  {output.styled(reason.stage.ljust(width), 'cyan')}  {first}")
        for line in more:
            output.result(f"  {'':{width}}  {line}")


def _plan_lines(output: Output, result: MasterReport | MasterPreview, *, explain: bool) -> None:
    if explain and plan_of(result).reasons:
        output.result()
        show_reasons(output, result)


def _wrapped(text: str, width: int) -> list[str]:
    """Lines of at most `width` columns, no number parted from its unit."""
    bound = re.sub(r"(?<=\d) (?=dB|LU|Hz|s\b)", "\N{NO-BREAK SPACE}", text)
    lines = textwrap.wrap(bound, max(width, 20)) or [""]
    return [line.replace("\N{NO-BREAK SPACE}", " ") for line in lines]


def change(old: float, new: float) -> str:
    """The signed difference of the two as shown, empty where there is none."""
    difference = round(new, 1) - round(old, 1)
    return f"{difference:+.1f}" if math.isfinite(difference) and abs(difference) >= 0.05 else ""
