"""`master --report FILE`: as a document, or as one page that needs nothing else, of one master or of many."""

from __future__ import annotations

import html
import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from auralis_cli.commands.items import Tally
from auralis_cli.commands.master_display import Result
from auralis_cli.commands.mastering_text import change, encoding_in_words, held_back_in_words, limit_in_words
from auralis_cli.errors import AuralisError
from auralis_cli.json_form import json_file
from auralis_cli.model.master_reports import MasterReport, MasterSkipped
from auralis_cli.model.mastering import ReferenceFigures
from auralis_cli.model.measurements import Measurements
from auralis_cli.model.published_file import PublishedFile
from auralis_cli.terminal_text import number, printable
from auralis_cli.units import count_in_words, seconds_to_clock
from auralis_cli.version import VERSION

# A page that is opened may fetch nothing, run nothing and send nothing, whatever stands in it.
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"


def is_page(path: Path) -> bool:
    """Whether a report of that name is a page."""
    return path.suffix.lower() == ".html"


def write_report(path: Path, tally: Tally[Result]) -> PublishedFile:
    """Writes the page, or else the document, whole or not at all; what is there goes to the trash.

    Raises OutputError where it cannot be written.
    """
    from auralis_cli.services.publishing import publish_document

    data = html_report(tally).encode("utf-8", "replace") if is_page(path) else json_file(tally.document)
    return publish_document(path, data)


def html_report(tally: Tally[Result]) -> str:
    """The page."""
    from auralis_cli.services.report_style import STYLE

    masters = [report for report in tally.reports if isinstance(report, MasterReport)]
    alone = len(masters) == 1 and len(tally.reports) == 1 and not tally.failures
    title = Path(masters[0].destination.name).name if alone else f"{count_in_words(len(masters), 'master')}"
    body = _track(masters[0], "h1") + _album(masters[0], 1) if alone else "".join(_many(tally, masters))
    return (
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<meta name="generator" content="Auralis {VERSION}"><title>{_text(title)}</title>'
        f"<style>{STYLE}</style></head><body><main>{body}"
        f"<footer>Made by Auralis {_text(VERSION)}. Loudness by ITU-R BS.1770-4 and EBU R 128, "
        "true peaks oversampled.</footer></main></body></html>\n"
    )


def _many(tally: Tally[Result], masters: Sequence[MasterReport]) -> Iterator[str]:
    skipped = [report for report in tally.reports if isinstance(report, MasterSkipped)]
    counts = [count_in_words(len(masters), "file") + " mastered"]
    counts += [f"{len(skipped)} done already"] if skipped else []
    counts += [f"{len(tally.failures)} failed"] if tally.failures else []
    yield f'<div class="kicker">Auralis</div><h1>Mastered</h1><p class="sub">{_text(", ".join(counts))}</p>'
    head = "".join(f'<th class="n">{name}</th>' for name in ("LUFS", "after", "dBTP", "gain"))
    rows = [_index_row(place, report) for place, report in enumerate(masters, 1)]
    rows += [
        f'<tr><td class="name" colspan="6">{_name(one.destination.name)}: done already</td></tr>' for one in skipped
    ]
    head = f"<tr><th>File</th>{head}<th>Held back by</th></tr>"
    yield f'<div class="card scroll"><table>{head}{"".join(rows)}</table></div>'
    if tally.failures:
        yield f'<h3 style="margin:24px 0 8px">Failed</h3>{_says(_failure(one) for one in tally.failures)}'
    for place, report in enumerate(masters, 1):
        yield _album(report, place)
        yield f'<section class="track" id="t{place}">{_track(report, "h2")}</section>'


def _album(report: MasterReport, place: int) -> str:
    """The pictures of the album that begins with a track; nothing where none does."""
    from auralis_cli.services.report_pictures import pictures

    album, share = report.album_curves, report.album
    if album is None or share is None:
        return ""
    analysis = replace(report.analysis, measurements=album.before)
    whole = replace(report, analysis=analysis, output=album.after, curves=album.curves)
    about = f"{count_in_words(share.tracks, 'track')} as one, {seconds_to_clock(album.before.duration_s)}"
    return (
        f'<section class="track" id="a{place}"><div class="kicker">Album</div><h2>{_name(share.title)}</h2>'
        f'<p class="sub">{_text(about)}</p>{_tiles(album.before, album.after)}'
        f'<div class="cards">{"".join(pictures(whole, album.joins_s))}</div></section>'
    )


def _index_row(place: int, report: MasterReport) -> str:
    levels = (
        report.analysis.measurements.integrated_lufs, report.output.integrated_lufs, report.output.true_peak_dbtp,
        report.solved.gain_db,
    )  # fmt: skip
    cells = "".join(f'<td class="n">{_number(level)}</td>' for level in levels)
    held = held_back_in_words(report)
    link = f'<a href="#t{place}">{_name(Path(report.destination.name).name)}</a>'
    return f'<tr><td class="name">{link}</td>{cells}<td>{_text(held)}</td></tr>'


def _failure(error: AuralisError) -> str:
    return f"{error.what}: {error.why}" if error.what else error.why


def _track(report: MasterReport, heading: str) -> str:
    from auralis_cli.services.report_pictures import pictures

    before = report.analysis.measurements
    figures = _figures(before, report.output, report.solved.plan.reference)
    rate = f"{before.sample_rate_hz / 1e3:g} kHz"
    channels = {1: "mono", 2: "stereo"}.get(before.channels, f"{before.channels} channels")
    about = f"{seconds_to_clock(before.duration_s)}, {rate}, {channels}, from {printable(report.source.name)}"
    warned = _says((printable(warning) for warning in report.warnings), bad=True) if report.warnings else ""
    return (
        f'<div class="kicker">Mastered</div><{heading}>{_name(Path(report.destination.name).name)}</{heading}>'
        f'<p class="sub">{_text(about)}</p>{warned}{_tiles(before, report.output)}'
        f'<div class="cards">{"".join(pictures(report))}{figures}{_asked(report)}{_done(report)}</div>'
    )


def _tiles(before: Measurements, after: Measurements) -> str:
    tiles = (
        ("Loudness", before.integrated_lufs, after.integrated_lufs, "LUFS"),
        ("True peak", before.true_peak_dbtp, after.true_peak_dbtp, "dBTP"),
        ("Loudness range", before.lra_lu, after.lra_lu, "LU"),
        ("Peak to loudness", before.plr_db, after.plr_db, "dB"),
    )
    return f'<div class="tiles">{"".join(_tile(*tile) for tile in tiles)}</div>'


def _tile(name: str, old: float, new: float, unit: str) -> str:
    return (
        f'<div class="tile"><div class="name">{name}</div><div class="value">{_number(new)}<small>{unit}</small></div>'
        f'<div class="was">before {_number(old)}</div></div>'
    )


def _figures(before: Measurements, after: Measurements, reference: ReferenceFigures | None) -> str:
    rows = (
        ("Integrated loudness, LUFS", before.integrated_lufs, after.integrated_lufs, "integrated_lufs"),
        ("Loudest 3 s, LUFS", before.short_term_max_lufs, after.short_term_max_lufs, ""),
        ("Loudest 400 ms, LUFS", before.momentary_max_lufs, after.momentary_max_lufs, ""),
        ("Loudness range, LU", before.lra_lu, after.lra_lu, "lra_lu"),
        ("True peak, dBTP", before.true_peak_dbtp, after.true_peak_dbtp, "true_peak_dbtp"),
        ("Peak to loudness, dB", before.plr_db, after.plr_db, "plr_db"),
        ("Crest factor, dB", before.crest_db, after.crest_db, ""),
        ("Width, % of energy", 100.0 * before.width, 100.0 * after.width, ""),
        ("Balance, LU", before.balance_lu, after.balance_lu, ""),
    )
    lines = "".join(
        f'<tr><td>{name}</td><td class="n">{_number(old)}</td><td class="n">{_number(new)}</td>'
        f'<td class="n">{_text(_minus(change(old, new)))}</td>{_of_reference(reference, figure)}</tr>'
        for name, old, new, figure in rows
    )
    names = ("before", "after", "change", *(("reference",) if reference is not None else ()))
    head = "".join(f'<th class="n">{name}</th>' for name in names)
    return f'<div class="card scroll"><h3>Figures</h3><table><tr><th></th>{head}</tr>{lines}</table></div>'


def _of_reference(reference: ReferenceFigures | None, figure: str) -> str:
    """The cell with what the reference has; empty where that is measured otherwise."""
    if reference is None:
        return ""
    return f'<td class="n">{_number(getattr(reference, figure)) if figure else ""}</td>'


def _asked(report: MasterReport) -> str:
    solved = report.solved
    plan, output = solved.plan, report.output_format
    wanted = plan.delivery
    loudness = "left alone" if wanted.loudness_lufs is None else f"{_number(wanted.loudness_lufs)} LUFS"
    rows = [
        ("Mode", plan.mode.value),
        ("Preset", f"{plan.preset}, intensity {plan.intensity:g}"),
        ("Loudness", f"{loudness}{f' ({wanted.target})' if wanted.target else ''}"),
        ("Ceiling", f"{_number(wanted.ceiling_dbtp)} dBTP"),
    ]
    if plan.taste is not None:
        rows.append(("Your taste", f"for {plan.taste.kind.words}: {'; '.join(plan.taste.parts)}"))
    if plan.reference is not None:
        rows.append(("Reference", f"{plan.reference.name}, {_number(plan.reference.integrated_lufs)} LUFS"))
    bits = "" if output.subtype.bits is None else f", {output.subtype.bits} bits"
    stored = f"{output.format}, {output.sample_rate_hz / 1e3:g} kHz{bits}"
    rows.append(("Written as", encoding_in_words(output.format, report.encoding) if report.encoding else stored))
    if report.preview is not None:
        part = f"{seconds_to_clock(report.preview.start_s)}, {report.preview.duration_s:g} s long"
        rows.append(("Preview", f"only the part from {part}; pictures and figures are of the whole"))
    if report.album is not None:
        rows.append(("Album", f"{report.album.title}, track {report.album.number} of {report.album.tracks}"))
    return f'<div class="card"><h3>Asked for</h3>{_terms(rows)}<h3>Came to</h3>{_terms(_came_to(report))}</div>'


def _came_to(report: MasterReport) -> Iterator[tuple[str, str]]:
    solved = report.solved
    yield "Gain", f"{_minus(f'{solved.gain_db:+z.1f}')} dB"
    yield "Held back by", held_back_in_words(report) or limit_in_words(solved)
    if solved.plan.repairs:
        yield "Repaired", ", ".join(solved.plan.repairs)
    yield "Time", f"{report.seconds:.1f} s, {report.realtime_factor:.3g} times real time"


def _done(report: MasterReport) -> str:
    rows = [(reason.stage.capitalize(), reason.text) for reason in report.solved.plan.reasons]
    return f'<div class="card wide"><h3>What was done, and why</h3>{_terms(rows)}</div>'


def _terms(rows: Iterable[tuple[str, str]]) -> str:
    return f"<dl>{''.join(f'<dt>{_text(name)}</dt><dd>{_text(value)}</dd>' for name, value in rows)}</dl>"


def _says(lines: Iterable[str], *, bad: bool = False) -> str:
    items = "".join(f"<li>{_text(printable(line))}</li>" for line in lines)
    return f'<ul class="card says{" bad" if bad else ""}">{items}</ul>'


def _number(value: float) -> str:
    return _minus(number(value)) if math.isfinite(value) else "\N{EN DASH}"


def _minus(figure: str) -> str:
    return figure.replace("-", "\N{MINUS SIGN}")


def _name(name: str) -> str:
    return _text(printable(name))


def _text(text: str) -> str:
    return html.escape(text, quote=True)
