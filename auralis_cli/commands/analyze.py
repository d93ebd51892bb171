"""`auralis analyze PATH…`: measures files and shows the figures."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from functools import partial

import typer

from auralis_cli.commands.defects_text import MEANINGS, defects_document, defects_in_words, show_defects
from auralis_cli.commands.dimensions import FINGERPRINT_SECTION, FLAG_MEANINGS
from auralis_cli.commands.inputs import Asked, Inputs, inputs_of
from auralis_cli.commands.items import Display, Manner, Task, run_items
from auralis_cli.commands.options import (
    DEFAULT_MAX_BYTES,
    DEFAULT_MAX_DURATION_S,
    DEFAULT_STALL_TIMEOUT_S,
    AsJson,
    AsJsonLines,
    AudioSources,
    FilesFrom,
    Jobs,
    MaxDuration,
    MaxSize,
    NamesEndInNul,
    Raw,
    RawChannels,
    RawRate,
    StallTimeout,
    raw_of,
)
from auralis_cli.commands.plotting import Plot, ReplacePlot, check_plot, draw_plot, figures_of
from auralis_cli.commands.verb import Page, Session, session_of
from auralis_cli.errors import InputError
from auralis_cli.json_form import to_json
from auralis_cli.model.audio import StreamInfo, Subtype
from auralis_cli.model.defects import DefectKind
from auralis_cli.model.degraded import degradations
from auralis_cli.model.measurements import Measurements
from auralis_cli.model.reports import AnalysisReport
from auralis_cli.model.source import DecodeLimits
from auralis_cli.output import Output
from auralis_cli.terminal_text import align, number, printable
from auralis_cli.units import seconds_to_clock

_FLAGS = ", ".join(f"{flag} ({meaning})" for flag, meaning in FLAG_MEANINGS.items())

PAGE = Page(
    examples=(
        ("auralis analyze song.flac", "Show what one file measures."),
        ("auralis analyze *.flac", "One line for each file."),
        ("auralis analyze --jsonl album/*.flac | jq .integrated_lufs", "Hand the figures to a program."),
        ("sox in.aiff -t wav - | auralis analyze --json -", "Measure what comes through a pipe."),
        ("auralis analyze --plot song.png song.flac", "Draw waveform, spectrum and loudness."),
    ),
    exit_status=(
        (0, "Every file was measured; a truncated one as far as it goes, with a warning."),
        (1, "The plot cannot be written."),
        (2, "Usage; or the --plot FILE exists (see --force)."),
        (3, "Some files could not be read."),
        (4, "No file could be read."),
        (130, "Interrupted."),
    ),
    details=(
        "Loudness follows ITU-R BS.1770-4 and EBU R 128, the loudness range EBU Tech 3342. The true peak is "
        "estimated by oversampling, as BS.1770 describes, so that two good meters may differ by some tenths of a dB "
        "on single peaks. Mono is measured as one loudspeaker.",
        "PLR is the true peak less the integrated loudness, crest the sample peak less the RMS of the whole track.",
        "Defects are named with where they begin or are worst, and how often they occur; in JSON each is an object "
        "with its kind, its severity (fault: the audio is not all there; warning; note: may be meant) and a message.",
        *(f"{kind}: {meaning}" for kind, meaning in MEANINGS.items()),
        "--plot needs one input. PNG and SVG are the same, byte for byte, for the same input.",
        "The fingerprint of JSON says in 25 numbers how a track sounds (below). All of the track counts; nothing but "
        "lufs changes with gain, and nothing when left and right are swapped. fingerprint_flags says what has to be "
        f"known to read it: {_FLAGS}. tempo_confidence, 0 to 1, says how much better the tempo fits than others.",
    ),
    tables=(FINGERPRINT_SECTION,),
)

_WIDTHS = (6, 5, 6, 5, 8)
# Of 94 renderings of known tempo, 88 % above had the beat, its half or its double, and 73 % below.
_SURE_TEMPO = 0.1


def analyze(
    context: typer.Context,
    paths: AudioSources = None,
    files_from: FilesFrom = None,
    null: NamesEndInNul = False,
    jobs: Jobs = None,
    stall_timeout: StallTimeout = DEFAULT_STALL_TIMEOUT_S,
    max_duration: MaxDuration = DEFAULT_MAX_DURATION_S,
    max_size: MaxSize = DEFAULT_MAX_BYTES,
    raw: Raw = None,
    raw_rate: RawRate = None,
    raw_channels: RawChannels = None,
    plot: Plot = None,
    force: ReplacePlot = False,
    json: AsJson = False,
    jsonl: AsJsonLines = False,
) -> int:
    """Measure files: loudness, peaks, dynamics, stereo, defects.

    One file is shown in full, several as one line each. With --json or --jsonl everything measured is printed,
    including the fingerprint.
    """
    session = session_of(context)
    limits, layout = DecodeLimits(max_duration, max_size), raw_of(raw, raw_rate, raw_channels)
    inputs = inputs_of(session, Asked(paths or (), files_from, null, limits, layout))
    check_plot(plot, inputs, force=force, as_json=json or jsonl)
    output = session.output
    display = Display(document_of, partial(show, output), partial(show_row, output), partial(_show_head, output))
    work = _work(session, inputs, with_picture=plot is not None)
    tasks = [one if isinstance(one, InputError) else Task(one, work, (one,)) for one in inputs.found]
    manner = Manner(json, jsonl, jobs, stall_timeout)
    tally = run_items(session, tasks, display.for_(len(tasks)), manner, alone=inputs.alone)
    if plot is not None:
        for report in tally.reports:
            subtitle = f"{describe(report.info, report.analysis.measurements)}   ·   {figures_of(report)}"
            draw_plot(session, report, plot, subtitle)
    return tally.exit_code


def _work(session: Session, inputs: Inputs, *, with_picture: bool) -> Callable[..., AnalysisReport]:
    from auralis_cli.services.analyze import analyze_file

    # Streams stay with this process, and so does the work on them.
    if inputs.alone:
        return partial(analyze_file, streams=session.streams, with_picture=with_picture)
    return partial(analyze_file, with_picture=with_picture) if with_picture else analyze_file


def document_of(report: AnalysisReport) -> Mapping[str, object]:
    """The JSON of one file."""
    measured = to_json(report.analysis.measurements)
    assert isinstance(measured, dict)
    described = {"format": report.info.format, "codec": report.info.codec, "subtype": report.info.subtype}
    return {
        "path": report.source.name,
        **described,
        **measured,
        "content": report.analysis.content,
        "fingerprint": report.analysis.fingerprint,
        "fingerprint_flags": report.analysis.flags,
        "tempo_confidence": report.analysis.tempo_confidence,
        "defects": defects_document(report.defects),
        "warnings": report.warnings,
        "degraded": degradations(report.warnings),
    }


def show(output: Output, report: AnalysisReport) -> None:
    """All that people ask about one file."""
    output.detail(f"{report.source}: decoded as {report.info.codec} in {report.seconds:.2f} s")
    measured = report.analysis.measurements
    output.result(output.styled(printable(report.source.name), "bold"))
    output.result(output.styled(describe(report.info, measured), "dim"))
    rows = (
        ("loudness", measured.integrated_lufs, "LUFS", ""),
        ("short-term max", measured.short_term_max_lufs, "LUFS", ""),
        ("momentary max", measured.momentary_max_lufs, "LUFS", ""),
        ("loudness range", measured.lra_lu, "LU", ""),
        ("true peak", measured.true_peak_dbtp, "dBTP", "over full scale" if measured.true_peak_dbtp > 0.0 else ""),
        ("sample peak", measured.sample_peak_dbfs, "dBFS", "clipped" if is_clipped(report) else ""),
        ("peak to loudness", measured.plr_db, "dB", ""),
        ("crest", measured.crest_db, "dB", ""),
    )
    output.result()
    for name, value, unit, remark in rows:
        cells = (name, number(value), unit, output.styled(remark, "yellow"))
        output.result("  " + align(cells, (16, 7, 4, 0), right=(1,)))
    output.result()
    for name, text in _words(report):
        output.result("  " + align((name, text), (16, 0)))
    show_defects(output, report.defects)


def _show_head(output: Output) -> None:
    head = align(("LUFS", "LRA", "dBTP", "PLR", "length"), _WIDTHS, right=range(5))
    output.result(output.styled(f"{head}  file", "dim"))


def show_row(output: Output, report: AnalysisReport) -> None:
    """One line of several."""
    measured = report.analysis.measurements
    levels = (measured.integrated_lufs, measured.lra_lu, measured.true_peak_dbtp, measured.plr_db)
    cells = (*(number(level) for level in levels), seconds_to_clock(measured.duration_s))
    defects = defects_in_words(report.defects)
    remark = f"  {output.styled(defects, 'yellow')}" if defects else ""
    output.result(f"{align(cells, _WIDTHS, right=range(5))}  {printable(report.source.name)}{remark}")


def describe(info: StreamInfo, measured: Measurements) -> str:
    """`flac, 16 bit, 44.1 kHz, stereo, 4:41`."""
    bits = info.subtype.bits
    kind = "" if bits is None else f"{bits} bit{' float' if info.subtype in (Subtype.FLOAT, Subtype.DOUBLE) else ''}, "
    channels = {1: "mono", 2: "stereo"}.get(measured.channels, f"{measured.channels} channels")
    codec = "" if info.codec.startswith("pcm") or info.codec == info.format else f" ({info.codec})"
    length = seconds_to_clock(measured.duration_s) if measured.duration_s >= 10 else f"{measured.duration_s:.2f} s"
    return f"{info.format}{codec}, {kind}{measured.sample_rate_hz / 1000:g} kHz, {channels}, {length}"


def is_clipped(report: AnalysisReport) -> bool:
    """Whether flat tops were found."""
    return any(defect.kind is DefectKind.CLIPPING for defect in report.defects)


def _words(report: AnalysisReport) -> list[tuple[str, str]]:
    measured = report.analysis.measurements
    rows = [("content", str(report.analysis.content))]
    if report.analysis.tempo_confidence >= _SURE_TEMPO:
        rows.append(("tempo", f"{report.analysis.fingerprint.tempo_bpm:.1f} BPM"))
    if measured.channels == 2:
        rows.append(
            ("stereo", f"correlation {measured.correlation:+.2f}, width {measured.width:.2f}{_balance(measured)}")
        )
    if abs(measured.dc_offset) >= 1e-4:
        rows.append(("DC offset", f"{measured.dc_offset * 100:+.2f} % of full scale"))
    return rows


def _balance(measured: Measurements) -> str:
    balance = measured.balance_lu
    if not math.isfinite(balance):
        return f", {'right' if balance > 0 else 'left'} is silent"
    if abs(balance) < 0.5:
        return ""
    return f", {'left' if balance > 0 else 'right'} louder by {abs(balance):.1f} LU"
